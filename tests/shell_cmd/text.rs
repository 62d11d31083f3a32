//! What needs no Windows: the text of the hook, and the guard's answer, which is to run the command.

use testbed::aws::FakeAws;
use testbed::{Home, Spec, Terminal};

fn home() -> Home {
    let home = Home::new(env!("CARGO_BIN_EXE_awsenv"));
    home.config("[profile dev]\n[profile keys]\n");
    home.credentials("[keys]\naws_access_key_id = AKIAX\naws_secret_access_key = x\n");
    home
}

fn printed(home: &Home, args: &[&str]) -> String {
    let output = home.awsenv(args).output().expect("the binary runs");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn every_line_is_silent_and_ends_as_cmd_needs_it() {
    let text = printed(&home(), &["init", "cmd"]);
    for line in text.split_terminator("\r\n") {
        assert!(line.starts_with('@') || line.starts_with(':'), "{line}");
        assert!(!line.contains('\n') && !line.starts_with("@rem") && line.is_ascii(), "{line}");
    }
    // A label that is jumped to exists.
    let labels: Vec<&str> = text.lines().filter_map(|l| l.strip_prefix(':')).collect();
    for word in text.lines().flat_map(|l| l.split("goto ").skip(1)) {
        let label = word.split([' ', ')', '\r']).next().unwrap_or_default();
        assert!(labels.contains(&label), "{label}: {labels:?}");
    }
}

#[test]
fn a_newline_is_refused_by_name_and_nothing_is_changed() {
    let home = home();
    let output = home.awsenv(&["init", "cmd", "--use", "a\nb"]).output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("--use: the name holds a newline"), "{output:?}");

    let mut switch = home.awsenv(&["switch", "cmd", "1", "0", ".", ".", "--"]);
    let output = switch.env("__awsenv_word_1", "keys").env("AWS_SECRET_ACCESS_KEY", "a\nb").output();
    let output = output.expect("the binary runs");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "awsenv>__awsenv_code=1\n");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("__awsenv_was_AWS_SECRET_ACCESS_KEY holds a newline"), "{said}");
}

#[test]
fn export_gives_lines_for_for() {
    let text = printed(&home(), &["export", "keys", "--format", "cmd"]);
    assert!(text.contains("set \"AWS_ACCESS_KEY_ID=AKIAX\"\n") && text.contains("set \"AWS_PROFILE=\"\n"), "{text}");
}

#[test]
fn the_guard_asks_and_runs_the_command_itself() {
    let aws = FakeAws::start();
    let user = aws.user("taro");
    let (key, device) = (user.key(), user.device("taro"));
    let mut home = home();
    home.use_aws(&aws).set("AWS_PROFILE", "dev");
    home.credentials(format!("[dev-long-term]\n{}aws_mfa_device = {}\n", key.lines(), device.serial()));
    home.script("aws", "#!/bin/sh\necho \"aws ran: $* ask=$AWSENV_ASK\"\nexit 7\n");
    let script = "for i in 1 2 3 4; do awsenv guard cmd 1 0 0 -- aws s3 'a  b'; echo \"code $?.\"; done";
    let mut spec = Spec::new("/bin/sh").args(["-c", script]).cwd(home.path());
    spec.env = home.env();
    let mut terminal = Terminal::start(spec);
    terminal.expect("MFA code for dev").send("\x03").expect("code 130.").mark();
    terminal.expect("MFA code for dev").line("").expect("aws ran: s3 a  b ask=never\n").expect("code 7.").mark();
    terminal.expect("MFA code for dev").line(&device.code()).expect("aws ran: s3 a  b ask=\n").expect("code 7.").mark();
    terminal.expect("aws ran: s3 a  b ask=\n").expect("code 7.");
}
