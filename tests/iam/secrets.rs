//! No password, key or seed where another process, a log or a later reader finds it.

use std::path::Path;
use std::process::{Command, Stdio};

use testbed::Terminal;
use testbed::aws::{Fault, Gate};

use super::desk::{Desk, exit};

/// What other processes of the same user see of a running one.
fn seen_of(pid: u32) -> String {
    let of = |name: &str| std::fs::read(format!("/proc/{pid}/{name}")).unwrap_or_default();
    format!("{}\n{}", String::from_utf8_lossy(&of("cmdline")), String::from_utf8_lossy(&of("environ")))
}

/// The text of every file of the home but AWS's own two.
pub fn kept(folder: &Path) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
        if entry.is_dir() {
            text += &kept(&entry);
        } else if !entry.ends_with(".aws/credentials") {
            text += &format!("{}\n{}", entry.display(), String::from_utf8_lossy(&std::fs::read(&entry).unwrap()));
        }
    }
    text
}

#[track_caller]
pub fn none_in(text: &str, secrets: &[&str], what: &str) {
    for secret in secrets.iter().filter(|s| !s.is_empty()) {
        assert!(!text.contains(secret), "{what} shows a secret:\n{text}");
    }
}

#[test]
fn a_password_is_in_no_command_line_environment_file_or_message() {
    const OLD: &str = "Old-secret/1 ~";
    const NEW: &str = "New-secret/22+~";
    if !Path::new("/proc/self/environ").exists() {
        return;
    }
    let desk = Desk::new();
    desk.user.set_password(OLD, false);
    let gate = Gate::new();
    desk.aws.fault_on("ChangePassword", Fault::Hold(gate.clone()), 1);
    let mut terminal = desk.terminal(&["password", "change"]);
    terminal.expect("Old password of taro: ").line(OLD);
    terminal.expect("New password for taro: ").line(NEW);
    terminal.expect("The same again: ").line(NEW);
    gate.wait_arrived(1);
    none_in(&seen_of(terminal.pid()), &[OLD, NEW], "/proc");
    gate.open();
    assert_eq!(exit(&mut terminal), 0);
    none_in(&terminal.everything(), &[OLD, NEW], "the terminal");
    none_in(&kept(desk.home.path()), &[OLD, NEW], "a file");
    // A service that repeats what it was sent is no reason to show it, and neither is a log.
    for variable in ["RUST_LOG", "AWS_LOG", "LOG_SIGNABLE_BODY"] {
        let mut command: Command = desk.home.command_alone("awsenv");
        command.args(["iam", "password", "set", "hanako"]).env(variable, "trace").stdin(Stdio::piped());
        desk.hanako.set_password(OLD, false);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), format!("{NEW}\n").as_bytes()).unwrap();
        let done = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
        none_in(&said, &[OLD, NEW, &desk.key.secret], variable);
    }
}

#[test]
fn a_new_key_is_in_the_aws_files_and_nowhere_else() {
    if !Path::new("/proc/self/environ").exists() {
        return;
    }
    let desk = Desk::new();
    let gate = Gate::new();
    desk.aws.fault_on("UpdateAccessKey", Fault::HoldAnswer(gate.clone()), 1);
    let mut terminal = desk.terminal(&["keys", "rotate", "--yes"]);
    gate.wait_arrived(1);
    let new = desk.user.keys().into_iter().find(|key| key.id != desk.key.id).expect("it was made");
    let secrets = [new.secret.as_str(), desk.key.secret.as_str()];
    none_in(&seen_of(terminal.pid()), &secrets, "/proc");
    gate.open();
    assert_eq!(exit(&mut terminal), 0);
    none_in(&terminal.everything(), &secrets, "the terminal");
    none_in(&kept(desk.home.path()), &secrets, "a file");
}

#[test]
fn a_seed_is_on_the_terminal_only_whatever_stderr_is() {
    let desk = Desk::new();
    // As a shell starts it that keeps stderr in a file.
    let script = "exec \"$0\" iam mfa enable --text 2>\"$HOME/err\" >\"$HOME/out\"";
    let mut spec = testbed::Spec::new("sh").args(["-c", script, env!("CARGO_BIN_EXE_awsenv")]).cwd(desk.home.path());
    spec.env = desk.home.env();
    let mut terminal = Terminal::start(spec);
    terminal.expect("First code: ");
    let device = desk.aws.devices().into_iter().find(|d| d.serial().ends_with("taro-2")).expect("it was made");
    let seed = device.seed();
    none_in(&seen_of(terminal.pid()), &[&seed, &seed[..16]], "/proc");
    terminal.send(b"\x03");
    assert_eq!(exit(&mut terminal), 130);
    assert!(terminal.everything().contains(&seed[..4]), "it is on the terminal");
    let kept = kept(desk.home.path());
    assert!(kept.contains("is removed again"), "stderr was kept: {kept}");
    none_in(&kept.replace(' ', ""), &[&seed], "a file");
    assert!(!kept.contains('█'), "the QR code went to a file");
}
