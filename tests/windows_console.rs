//! The Windows program on a console: cmd.exe under wine, which a Linux terminal is the console of.
//!
//! `.ci/windows test` starts this with AWSENV_TEST_WINE, a program that runs its words with wine, and
//! AWSENV_TEST_WINDOWS_EXE, the program under test.
#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::termios::{LocalModes, tcgetattr};
use testbed::aws::Device;
use testbed::pty::DEADLINE;
use testbed::{FakeAws, Home, Spec, Terminal};

/// A start of wine with everything cold.
const COLD: Duration = Duration::from_secs(60);
const QUESTION: &str = "MFA code for dev (arn:aws:iam::123456789012:mfa/taro)";

/// A home on drive Z:, which is the machine's own `/`.
struct Windows {
    wine: PathBuf,
    exe: PathBuf,
    home: Home,
    aws: FakeAws,
    device: Device,
}

impl Windows {
    /// `dev` in aws-mfa's layout, without a session. `None`, said aloud: nothing to run it with.
    fn start() -> Option<Windows> {
        let named = |name| std::env::var_os(name).map(PathBuf::from);
        let (Some(wine), Some(exe)) = (named("AWSENV_TEST_WINE"), named("AWSENV_TEST_WINDOWS_EXE")) else {
            testbed::skipped("the Windows program on a console: .ci/windows test runs it");
            return None;
        };
        let (home, aws) = (Home::new(&exe), FakeAws::start());
        let user = aws.user("taro");
        let (key, device) = (user.key(), user.device("taro"));
        home.config("[profile dev]\nregion = eu-central-1\n");
        home.credentials(format!("[dev-long-term]\n{}aws_mfa_device = {}\n", key.lines(), device.serial()));
        Some(Windows { wine, exe, home, aws, device })
    }

    /// A cmd.exe in this home, which is ready for lines.
    fn cmd(&self) -> Terminal {
        let set = [
            ("USERPROFILE", dos(self.home.path())),
            ("APPDATA", dos(&self.home.path().join("AppData/Roaming"))),
            ("LOCALAPPDATA", dos(&self.home.path().join("AppData/Local"))),
            ("PATH", format!("{};C:\\windows\\system32", dos(self.exe.parent().expect("it is in a folder")))),
            ("AWS_ENDPOINT_URL", self.aws.url()),
        ];
        let set: String = set.iter().map(|(name, value)| format!("set {name}={value}\r\n")).collect();
        self.home.write("begin.cmd", format!("@echo off\r\n{set}prompt $G\r\necho ready.\r\n"));
        // wine does not run as root, which these tests may be.
        let owner = std::env::var("AWSENV_TEST_WINE_USER").expect("the number of wine's user");
        let given = Command::new("chown").args(["-R", &owner]).arg(self.home.outside()).status().expect("chown runs");
        assert!(given.success(), "the home can be given to user {owner}");
        let file = dos(&self.home.path().join("begin.cmd"));
        // Not with /k FILE: wine's cmd would then end at the first Ctrl-C.
        let mut spec = Spec::new(&self.wine).args(["cmd", "/d"]).cwd(self.home.path());
        spec.inherit = true;
        let mut console = Terminal::start(spec);
        Windows::expect(&mut console, ">");
        console.line(&format!("call {file}")).expect("ready.");
        console
    }

    /// Waits for text and until wine listens to the terminal: a thread does, which begins some time after a program's first
    /// read; before that the terminal echoes and keeps lines by itself.
    fn expect(console: &mut Terminal, text: &str) {
        console.expect_within(text, COLD);
        let end = Instant::now() + DEADLINE;
        let echoes =
            |console: &Terminal| tcgetattr(console.master()).is_ok_and(|t| t.local_modes.contains(LocalModes::ICANON));
        while echoes(console) {
            assert!(Instant::now() < end, "wine does not listen: {}", console.everything());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn has_session(&self) -> bool {
        self.home.text(".aws/credentials").contains("\n[dev]\n")
    }
}

/// A path of this machine on wine's drive for all of it.
fn dos(path: &Path) -> String {
    format!("Z:{}", path.to_str().expect("UTF-8").replace('/', "\\"))
}

#[test]
fn the_code_is_asked_for_shown_and_taken() {
    let Some(windows) = Windows::start() else { return };
    let mut console = windows.cmd();
    console.line("awsenv refresh dev");
    Windows::expect(&mut console, &format!("{QUESTION}, Ctrl-C to stop:"));
    let code = windows.device.code();
    let (first, last) = code.split_at(3);
    // Backspace takes a digit away again; the code is seen while it is typed.
    console.send(format!("{first} 7\x7f{last}")).expect(&format!("{first} {last}"));
    console.line("").expect("dev is good until");
    console.line("echo ended with %errorlevel%.").expect("ended with 0.");
    assert!(windows.has_session());
}

#[test]
fn a_wrong_shape_is_asked_again_and_ctrl_c_stops_with_130() {
    let Some(windows) = Windows::start() else { return };
    let mut console = windows.cmd();
    console.line("awsenv refresh dev");
    Windows::expect(&mut console, QUESTION);
    console.line("12345").expect("a code is six digits").expect(QUESTION);
    console.send("49").expect(": 49").send("\x03").expect("^C");
    console.line("echo ended with %errorlevel%.").expect("ended with 130.");
    // The console is in line mode with echo again.
    console
        .line("set /p x=then: ")
        .expect("then:")
        .line("some words")
        .line("echo typed %x%.")
        .expect("typed some words.");
    assert!(!windows.has_session() && windows.aws.calls_of("GetSessionToken").is_empty());
}

#[test]
fn enter_goes_on_without_where_the_guard_asks_and_ctrl_c_stops_the_line() {
    let Some(windows) = Windows::start() else { return };
    let mut console = windows.cmd();
    console.line("set AWS_PROFILE=dev").line("awsenv guard bash 1 4711 1 -- aws s3 ls");
    Windows::expect(&mut console, &format!("{QUESTION}, Enter to go on without, Ctrl-C to stop:"));
    console.line("").expect("__awsenv_run_ask=never").line("echo ended with %errorlevel%.").expect("ended with 0.");
    // The same line asks only once.
    console.line("awsenv guard bash 1 4711 1 -- aws s3 ls").line("echo and then with %errorlevel%.");
    console.expect("and then with 0.").mark();
    console.line("awsenv guard bash 1 4711 2 -- aws s3 ls").expect(QUESTION).send("\x03").expect("^C");
    console.line("echo at last with %errorlevel%.").expect("at last with 130.");
    assert!(!windows.has_session());
}

#[test]
fn what_was_typed_ahead_is_no_answer() {
    let Some(windows) = Windows::start() else { return };
    let mut console = windows.cmd();
    let code = windows.device.code();
    // All of it is there before the question is.
    console.send(format!("ping -n 3 127.0.0.1 >NUL & awsenv refresh dev\r{code}\r")).expect(QUESTION);
    console.send("\x03").expect("^C").line("echo ended with %errorlevel%.").expect("ended with 130.");
    assert!(windows.aws.calls_of("GetSessionToken").is_empty());
}

/// PowerShell reads a guard's stderr through a pipe and shows nobody what comes.
#[test]
fn what_the_guard_says_to_powershell_is_shown_wherever_stderr_goes() {
    let Some(windows) = Windows::start() else { return };
    windows.home.write("words.cmd", "set AWSENV_WORDS=-\x1f=aws\x1f=s3\x1f=ls\r\n");
    let mut console = windows.cmd();
    console.line("set AWS_PROFILE=dev").line("call words.cmd").line("awsenv guard powershell 1 4711 1 2>NUL");
    Windows::expect(&mut console, &format!("{QUESTION}, Enter to go on without, Ctrl-C to stop:"));
    console.line(&windows.device.code()).expect("awsenv: dev is good until");
    console.line("echo ended with %errorlevel%.").expect("ended with 0.");
    assert!(windows.has_session());
}

#[test]
fn exec_gives_its_commands_exit_code_and_leaves_ctrl_c_to_it() {
    let Some(windows) = Windows::start() else { return };
    let mut console = windows.cmd();
    console.line(&format!("awsenv refresh dev {}", windows.device.code())).expect("dev is good until");
    for (command, code) in [("cmd /d /c exit 7", "7"), ("cmd /d /c exit 256", "256"), ("no-such-program", "127")] {
        console.line(&format!("awsenv exec dev -- {command}"));
        console.line("echo ended with %errorlevel%.").expect(&format!("ended with {code}."));
    }
    console.line("awsenv exec dev -- cmd /d /c set AWS_ACCESS").expect("AWS_ACCESS_KEY_ID=ASIA");
    // A question of ours below it: Ctrl-C is that program's, whose 130 comes through.
    console.line("awsenv exec dev -- awsenv refresh --force dev").expect(QUESTION).send("\x03").expect("^C");
    console.line("echo at last %errorlevel%.").expect("at last 130.");
}
