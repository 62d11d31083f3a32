//! The session of the README in a real PowerShell. There is none for Debian's CI, so a missing one is said, not refused.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use testbed::Terminal;

use crate::world::World;

const PROFILE: &str = ".config/powershell/Microsoft.PowerShell_profile.ps1";
const PROMPT: &str = "$global:at_prompt = 0\n\
    function prompt { $ok = $?; $global:at_prompt++; \"@$($global:at_prompt):$([int](-not $ok))>\" }\n";
const HOOK: &str = "awsenv init powershell | Out-String | Invoke-Expression\n";

/// A PowerShell that waits for lines.
struct PowerShell {
    terminal: Terminal,
    prompts: u64,
}

/// What a typed line brought.
#[derive(Debug)]
struct Output {
    text: String,
    failed: bool,
    segment: String,
}

fn pwsh() -> Option<PathBuf> {
    let found = testbed::find("pwsh");
    if found.is_none() {
        testbed::skipped(
            "pwsh is not on this machine: nothing of the hook was run in a PowerShell (also not under AWSENV_TEST_REQUIRE)",
        );
    }
    found
}

impl PowerShell {
    /// With the hook between these lines of its profile.
    fn start(world: &mut World, before: &str, after: &str) -> Option<PowerShell> {
        let program = pwsh()?;
        world.home.write(PROFILE, format!("{before}\n{PROMPT}{HOOK}{after}\n"));
        for (name, value) in [("POWERSHELL_TELEMETRY_OPTOUT", "1"), ("POWERSHELL_UPDATECHECK", "Off")] {
            world.home.set(name, value);
        }
        let terminal = world.terminal(program.to_str().expect("a path of text"), &["-NoLogo"]);
        let mut shell = PowerShell { terminal, prompts: 0 };
        shell.prompt();
        Some(shell)
    }

    /// Waits until something is on the screen. PSReadLine draws a line many times: only the screen tells how it looks.
    fn seen<T>(&mut self, why: &str, find: impl Fn(&str) -> Option<T>) -> T {
        let found = |screen: &testbed::pty::Screen| find(screen.contents().trim_end());
        self.terminal.wait_for(|screen| found(screen).is_some(), why);
        found(&self.terminal.picture()).expect("it has just been there")
    }

    fn type_line(&mut self, line: &str) -> &mut Self {
        self.terminal.line(line);
        self
    }

    fn run(&mut self, line: &str) -> Output {
        self.type_line(line).prompt()
    }

    fn prompt(&mut self) -> Output {
        let last = self.prompts;
        let (number, output) = self.seen(&format!("a prompt after @{last}"), |screen| next_prompt(screen, last));
        self.prompts = number;
        output
    }

    fn question(&mut self) -> String {
        self.seen("the question for a code", |screen| {
            let line = screen.lines().next_back()?;
            line.starts_with("MFA code for ").then(|| line.to_owned())
        })
    }

    fn stop(&mut self) -> Output {
        self.terminal.send(b"\x03");
        self.prompt()
    }
}

fn next_prompt(screen: &str, last: u64) -> Option<(u64, Output)> {
    let (before, line) = screen.rsplit_once('\n').unwrap_or(("", screen));
    let (segment, rest) = line.split_once('@')?;
    let (number, rest) = rest.split_once(':')?;
    let (status, typed) = rest.split_once('>')?;
    let number: u64 = number.parse().ok().filter(|number| *number > last)?;
    let text = before.rsplit_once(&format!("@{last}:")).map_or(before, |(_, text)| text);
    let text = text.split_once('\n').map_or("", |(_, text)| text);
    let output = Output { text: text.to_owned(), failed: status == "1", segment: segment.to_owned() };
    typed.is_empty().then_some((number, output))
}

/// The variables that `use` may change, as a program sees them.
fn environment(shell: &mut PowerShell, world: &World) -> String {
    shell.run("env > ~/variables");
    let text = world.home.text("variables");
    let changes = |line: &&str| line.starts_with("AWS") || line.to_ascii_lowercase().contains("_proxy=");
    let mut lines: Vec<_> = text.lines().filter(changes).collect();
    lines.sort_unstable();
    lines.join("\n")
}

#[test]
fn the_readmes_session() {
    let mut world = World::new(-7500);
    world.home.settings("[profile dev]\nproxy = corp\nenv.TEAM = a 'b' $c\n[proxy corp]\nhttps = http://127.0.0.1:1\n");
    world.home.set("AWS_REGION", "us-east-1");
    let Some(mut shell) = PowerShell::start(&mut world, "", "") else { return };
    let before = environment(&mut shell, &world);
    shell.type_line("awsenv use dev");
    let question = shell.question();
    assert!(question.starts_with("MFA code for dev ("), "{question}");
    shell.terminal.line("");
    let used = shell.prompt();
    assert_eq!(used.segment, "dev expired ", "{used:?}");
    assert!(environment(&mut shell, &world).contains("AWS_PROFILE=dev"));

    shell.type_line("aws s3 ls | Select-Object -First 1");
    shell.question();
    let code = world.device.code();
    shell.terminal.line(&format!("{} {}", &code[..3], &code[3..]));
    let ran = shell.prompt();
    assert!(ran.text.contains("awsenv: dev is good until ") && ran.text.contains("aws ran: s3 ls"), "{ran:?}");
    assert!(ran.segment == "dev 12h00m " || ran.segment.starts_with("dev 11h5"), "{ran:?}");
    let again = shell.run("aws s3 ls");
    assert_eq!(again.text, "aws ran: s3 ls profile=dev ask=", "{again:?}");

    let left = shell.run("awsenv leave");
    assert_eq!((left.text.as_str(), left.segment.as_str()), ("", ""), "{left:?}");
    assert_eq!(environment(&mut shell, &world), before);
}

#[test]
fn ctrl_c_runs_nothing_of_the_line_and_enter_runs_it_unasked() {
    let mut world = World::new(-7500);
    world.home.set("AWS_PROFILE", "dev");
    let strict = "Set-StrictMode -Version Latest\n$ErrorActionPreference = 'Stop'\n";
    let Some(mut shell) = PowerShell::start(&mut world, strict, HOOK) else { return };
    let lines = [
        "aws s3 ls; echo DO''NE",
        "aws s3 ls && echo DO''NE",
        "foreach ($i in 1..3) { aws s3 ls }; echo DO''NE",
        "& { aws s3 ls | Out-Null; echo DO''NE }",
        "Set-Alias a aws; a s3 ls; echo \"$(aws s3 ls)DO''NE\"",
    ];
    for line in lines {
        shell.type_line(line).question();
        let after = shell.stop();
        assert!(!after.text.contains("DONE") && !after.text.contains("aws ran"), "{line}: {after:?}");
        assert_eq!(shell.run("echo alive").text, "alive", "{line}");
    }
    let failed = shell.run("sh -c 'exit 7'");
    assert!(failed.failed, "{failed:?}");
    assert_eq!(shell.run("$LASTEXITCODE").text, "7");
    shell.type_line("aws s3 'a b' --x; aws s3 two").question();
    shell.terminal.line("");
    let ran = shell.prompt();
    assert!(ran.text.contains("aws ran: s3 a b --x profile=dev ask=never\naws ran: s3 two"), "{ran:?}");
    assert_eq!(shell.run("\"$($Error.Count)$env:AWSENV_ASK\"").text, "0");
}

#[test]
fn off_takes_everything_out() {
    let mut world = World::new(3600);
    world.home.set("AWS_PROFILE", "dev");
    let Some(mut shell) = PowerShell::start(&mut world, "", "") else { return };
    let off = shell.run("awsenv off");
    assert_eq!(off.segment, "", "{off:?}");
    let left = shell.run("@(Get-ChildItem Function:*awsenv*; Get-Variable *awsenv*).Count");
    assert_eq!(left.text, "0");
    assert_eq!(shell.run("echo alive").text, "alive");
    world.home.unset("AWS_PROFILE");
    let Some(mut shell) = PowerShell::start(&mut world, "", "") else { return };
    shell.run("awsenv use dev");
    shell.run("awsenv off");
    assert_eq!(shell.run("\"<$env:AWS_PROFILE$env:AWS_SESSION_EXPIRATION>\"").text, "<dev>");
}

#[test]
fn doctor_names_a_prompt_that_came_behind_and_a_second_load() {
    let mut world = World::new(3600);
    let behind = "function prompt { $global:at_prompt++; \"@$($global:at_prompt):0>\" }\n";
    let strict = "Set-StrictMode -Version Latest";
    let Some(mut shell) = PowerShell::start(&mut world, strict, &format!("{HOOK}{behind}")) else { return };
    shell.run("");
    shell.run("awsenv doctor --json > ~/said");
    let said = world.home.text("said");
    let file = world.home.path().join(PROFILE).display().to_string();
    assert!(said.contains(&format!("{file}:4 and {file}:5 load it")), "{said}");
    assert!(said.contains(&format!("{file}:6 put another prompt in the place of awsenv's")), "{said}");
}

#[test]
fn a_hostile_name_is_a_name_only() {
    let mut world = World::new(3600);
    let name = "it's $(touch ~/RAN) `x\u{2019} \u{e9}";
    let keys = "aws_access_key_id = AKIAX\naws_secret_access_key = x\n";
    world.home.credentials(format!("[{name}]\n{keys}"));
    let Some(mut shell) = PowerShell::start(&mut world, "", "") else { return };
    let used = shell.run("awsenv use 'it''s $(touch ~/RAN) `x\u{2019}\u{2019} \u{e9}'");
    assert!(!used.failed && used.text.is_empty(), "{used:?}");
    shell.run("sh -c 'printf %s \"$AWS_PROFILE\" >~/name'");
    assert_eq!(world.home.text("name"), name);
    shell.run("awsenv leave; awsenv use -");
    shell.run("sh -c 'printf %s \"$AWSENV_PROFILE\" >~/name'");
    assert_eq!(world.home.text("name"), name);
    assert!(!world.home.path().join("RAN").exists());
}

/// What the kernel saw PowerShell start while prompts came and went.
#[test]
fn an_unchanged_prompt_starts_nothing() {
    let mut world = World::new(3600);
    world.home.set("AWS_PROFILE", "dev");
    let Some(mut shell) = PowerShell::start(&mut world, "", "") else { return };
    let Some(strace) = testbed::require("strace") else { return };
    // The second in which a file has changed belongs to that change.
    std::thread::sleep(Duration::from_secs(2));
    assert!(shell.run("").segment.starts_with("dev "), "the hook is not there");
    let trace = world.home.path().join("trace");
    let mut command = Command::new(strace);
    command.args(["-f", "-qq", "-e", "trace=execve", "-o"]).arg(&trace);
    command.args(["-p", &shell.terminal.pid().to_string()]);
    let mut follows = command.spawn().expect("strace starts");
    std::thread::sleep(Duration::from_secs(1));
    for line in ["", "1 + 1", "", "$x = 'a'", ""] {
        shell.run(line);
    }
    let quiet = std::fs::read_to_string(&trace).expect("strace has made it");
    shell.run("sh -c true");
    let busy = std::fs::read_to_string(&trace).expect("strace has made it");
    let _ = follows.kill().and_then(|()| follows.wait());
    assert!(!quiet.contains("execve"), "{quiet}");
    assert!(busy.contains("execve"), "strace has seen nothing at all: {busy}");
}
