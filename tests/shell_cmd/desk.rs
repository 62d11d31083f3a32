//! A home on wine's drive Z:, which is the machine's own `/`, and a cmd.exe in it that has loaded the hook.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::termios::{LocalModes, tcgetattr};
use testbed::aws::{Device, FakeAws, Key, User};
use testbed::sandbox::sections;
use testbed::{Home, Spec, Terminal};

/// A start of wine with everything cold.
const COLD: Duration = Duration::from_secs(60);

/// What the hook calls to set a macro, in the batch file.
const DOSKEY: &str = r#""%SystemRoot%\System32\doskey.exe""#;

pub struct Desk {
    wine: PathBuf,
    exe: PathBuf,
    pub home: Home,
    pub device: Device,
    user: User,
    key: Key,
    aws: FakeAws,
}

/// A cmd.exe that waits for lines.
pub struct Cmd {
    pub terminal: Terminal,
    macros: BTreeMap<String, String>,
    lines: u32,
}

/// What a line brought: all that was printed, and the exit code.
#[derive(Debug)]
pub struct Output {
    pub text: String,
    pub code: i64,
}

/// A path of this machine as Windows programs see it.
pub fn dos(path: &Path) -> String {
    format!("Z:{}", path.to_str().expect("UTF-8").replace('/', "\\"))
}

impl Desk {
    /// `dev` and `prod` in aws-mfa's layout with sessions that end so many seconds from now. `None`, said aloud: nothing
    /// to run Windows programs with.
    pub fn new(seconds: i64) -> Option<Desk> {
        let named = |name| std::env::var_os(name).map(PathBuf::from);
        let (Some(wine), Some(exe)) = (named("AWSENV_TEST_WINE"), named("AWSENV_TEST_WINDOWS_EXE")) else {
            testbed::skipped("the hook in cmd.exe: AWSENV_TEST_WINE and AWSENV_TEST_WINDOWS_EXE are not set");
            return None;
        };
        let (home, aws) = (Home::named(&exe, "a & home (x)"), FakeAws::start());
        let user = aws.user("taro");
        let (key, device) = (user.key(), user.device("taro"));
        home.config("[profile dev]\nregion = eu-west-1\n[profile prod]\n[profile keys]\n[profile a&b ^x]\n");
        home.script("aws.cmd", "@echo aws ran: %* profile=%AWS_PROFILE% ask=%AWSENV_ASK%\r\n@exit /b 7\r\n");
        let desk = Desk { wine, exe, home, device, user, key, aws };
        desk.session_ends_in(seconds);
        Some(desk)
    }

    pub fn session_ends_in(&self, seconds: i64) {
        let session = self.user.session(seconds);
        let mut text = String::new();
        for profile in ["keys", "a&b ^x"] {
            text += &format!("[{profile}]\naws_access_key_id = AKIAX\naws_secret_access_key = x\n");
        }
        for profile in ["dev", "prod"] {
            text += &sections(profile, &self.key, &self.device, &session);
        }
        self.home.credentials(text);
    }

    /// awsenv's settings, where Windows has them.
    pub fn settings(&self, text: &str) {
        self.home.write("AppData/Roaming/awsenv/config", text);
    }

    /// Writes `hook.cmd`, which notes its macros, and `begin.cmd`, which sets variables and loads it.
    fn prepare(&self, options: &str, before: &str) {
        let folder = dos(self.home.path());
        let path =
            [dos(&self.home.outside().join("bin")), dos(self.exe.parent().expect("it is in a folder"))].join(";");
        let set = [
            ("USERPROFILE", folder.clone()),
            ("APPDATA", format!("{folder}\\AppData\\Roaming")),
            ("LOCALAPPDATA", format!("{folder}\\AppData\\Local")),
            ("PATH", format!("{path};C:\\windows\\system32")),
            ("AWS_ENDPOINT_URL", self.aws.url()),
            ("AWS_CA_BUNDLE", String::new()),
        ];
        let set: String = set.iter().map(|(name, value)| format!("@set \"{name}={value}\"\r\n")).collect();
        self.home.write("print.cmd", format!("{set}@\"{}\" init cmd {options} >hook.cmd\r\n", dos(&self.exe)));
        self.own();
        let printed = self.wine(&["cmd", "/d", "/c", "print.cmd"]).output().expect("wine runs");
        assert!(printed.status.success() && printed.stderr.is_empty(), "{printed:?}");
        let hook = self.home.text("hook.cmd");
        assert!(hook.contains(DOSKEY) && !hook.replace("\r\n", "").contains('\n'), "{hook}");
        self.home.write("hook.cmd", hook.replace(DOSKEY, &format!(">>\"{folder}\\macros\" echo")));
        self.home.write("begin.cmd", format!("{set}{before}\r\n@call hook.cmd\r\n@echo begun\r\n"));
        self.own();
    }

    /// A cmd with the hook, at its first prompt; `options` are those of `init`, `before` are lines that run in it first.
    pub fn cmd(&self, options: &str, before: &str) -> Cmd {
        self.prepare(options, before);
        // Not with /k FILE: wine's cmd would then end at the first Ctrl-C.
        let mut spec = Spec::new(&self.wine).args(["cmd", "/d"]).cwd(self.home.path());
        spec.inherit = true;
        spec.cols = 500;
        let mut terminal = Terminal::start(spec);
        prompt(&mut terminal);
        terminal.mark().line("begin.cmd").expect_within("begun\n", COLD);
        prompt(&mut terminal);
        Cmd { terminal, macros: self.macros(), lines: 0 }
    }

    fn macros(&self) -> BTreeMap<String, String> {
        let macros = self.home.text("macros");
        let macros = macros.lines().filter_map(|l| l.trim_start().trim_end_matches('\r').split_once('='));
        macros.map(|(name, body)| (name.to_owned(), body.to_owned())).collect()
    }

    /// A program below wine, in the home.
    pub fn wine(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.wine);
        command.args(words).current_dir(self.home.path());
        command
    }

    /// wine does not run as root, which these tests may be.
    pub fn own(&self) {
        let owner = std::env::var("AWSENV_TEST_WINE_USER").expect("AWSENV_TEST_WINE_USER: the number of wine's user");
        let given = Command::new("chown").args(["-R", &owner]).arg(self.home.outside()).status().expect("chown runs");
        assert!(given.success(), "the home can be given to user {owner}");
    }
}

impl Cmd {
    pub fn has_macro(&self, name: &str) -> bool {
        self.macros.contains_key(name)
    }

    /// Types a line.
    pub fn type_line(&mut self, line: &str) -> &mut Self {
        let line = expanded(&self.macros, line);
        self.terminal.mark().line(&line);
        self
    }

    /// Types a line, waits until it is done, and says what came.
    pub fn run(&mut self, line: &str) -> Output {
        self.type_line(line);
        self.finish()
    }

    /// Waits for the question, and types an answer's keys.
    pub fn answer(&mut self, question: &str, keys: &str) -> &mut Self {
        self.terminal.expect(question);
        listening(&self.terminal);
        self.terminal.send(keys);
        self
    }

    /// Waits until the typed line is done.
    pub fn finish(&mut self) -> Output {
        self.lines += 1;
        let mark = format!("done{}:", self.lines);
        prompt(&mut self.terminal);
        self.terminal.line(&format!("echo {mark}%errorlevel%:"));
        let (text, code) = self.terminal.find("the exit code of the line", |text| {
            let (before, behind) = text.rsplit_once(&mark)?;
            let code = behind.split_once(':')?.0.parse().ok()?;
            Some((before.to_owned(), code))
        });
        prompt(&mut self.terminal);
        Output { text, code }
    }

    /// The value of a variable, as `set` prints it.
    pub fn value(&mut self, name: &str) -> Option<String> {
        let output = self.run(&format!("set {name}"));
        let line = output.text.lines().find_map(|l| l.strip_prefix(&format!("{name}=")))?;
        Some(line.to_owned())
    }
}

/// What doskey makes of a line: the macro's body in the place of its first word.
fn expanded(macros: &BTreeMap<String, String>, line: &str) -> String {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    match macros.get(word) {
        Some(body) => body.replace("$T", "&").replace("$*", rest).replace("$$", "$"),
        None => line.to_owned(),
    }
}

/// Waits for a prompt.
fn prompt(terminal: &mut Terminal) {
    terminal.find("a prompt", |text| text.trim_end().ends_with('>').then_some(()));
    listening(terminal);
}

/// Waits until wine's console reads keys one by one: before that Enter is another key, and Ctrl-C ends wine.
fn listening(terminal: &Terminal) {
    let end = Instant::now() + COLD;
    while tcgetattr(terminal.master()).is_ok_and(|t| t.local_modes.contains(LocalModes::ICANON)) {
        assert!(Instant::now() < end, "wine's console does not listen\n{}", terminal.everything());
        std::thread::sleep(Duration::from_millis(5));
    }
}
