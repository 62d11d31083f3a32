//! Guarded commands: their question, its three answers, exit codes.

use crate::desk::Desk;

const QUESTION: &str = "MFA code for dev (arn:aws:iam::123456789012:mfa/taro), Enter to go on without, Ctrl-C to stop:";

#[test]
fn a_good_session_runs_the_command_with_its_exit_code_and_pipes() {
    let Some(desk) = Desk::new(7230) else { return };
    let mut cmd = desk.cmd("", "");
    cmd.run("awsenv use dev");
    let ran = cmd.run("aws s3 ls \"a b\" --query x=[y]");
    assert!(ran.code == 7 && ran.text.contains("aws ran: s3 ls \"a b\" "), "{ran:?}");
    assert!(ran.text.contains("profile=dev ask="), "{ran:?}");
    let piped = cmd.run("aws s3 ls | findstr ran: & echo and on");
    assert!(piped.text.contains("aws ran: s3 ls profile=dev") && piped.text.contains("\nand on"), "{piped:?}");
    assert!(cmd.run("aws s3 ls || echo failed").text.contains("\nfailed"));
    assert_eq!(cmd.run("terraform plan").code, 127);
}

#[test]
fn a_code_signs_in_and_the_command_runs() {
    let Some(desk) = Desk::new(-7500) else { return };
    let mut cmd = desk.cmd("", "@set AWS_PROFILE=dev");
    cmd.type_line("aws s3 ls").answer(QUESTION, &format!("{}\r", desk.device.code()));
    cmd.terminal.expect("awsenv: dev is good until").expect("aws ran: s3 ls profile=dev ask=");
    assert_eq!(cmd.finish().code, 7);
    assert!(cmd.run("aws s3 ls").text.contains("aws ran: s3 ls"), "no further question");
    cmd.run("awsenv status");
    assert!(cmd.value("PROMPT").is_some_and(|p| p.starts_with("dev until ")));
}

#[test]
fn enter_runs_it_without_and_the_next_line_asks_again() {
    let Some(desk) = Desk::new(-5) else { return };
    let mut cmd = desk.cmd("", "@set AWS_PROFILE=dev");
    for _ in 0..2 {
        cmd.type_line("aws s3 ls").answer(QUESTION, "\r").terminal.expect("aws ran: s3 ls profile=dev ask=never");
        assert_eq!(cmd.finish().code, 7);
    }
    assert_eq!(cmd.value("AWSENV_ASK"), None);
    assert!(!cmd.run("aws --version").text.contains("MFA code for"));
}

#[test]
fn ctrl_c_runs_nothing_of_what_follows() {
    let Some(desk) = Desk::new(-60) else { return };
    let mut cmd = desk.cmd("", "@set AWS_PROFILE=dev");
    for line in ["aws s3 ls", "aws s3 ls && echo DONE", "awsenv use prod && echo DONE", "awsenv use prod"] {
        cmd.type_line(line).answer("MFA code for ", "\x03");
        let stopped = cmd.finish();
        assert!(!stopped.text.contains("aws ran") && !stopped.text.contains("\nDONE"), "{line}: {stopped:?}");
        assert_eq!(stopped.code, 130, "{line}");
    }
    assert_eq!(cmd.value("AWS_PROFILE").as_deref(), Some("dev"));
}

#[test]
fn use_asks_at_once_where_the_session_is_over() {
    let Some(desk) = Desk::new(-60) else { return };
    let mut cmd = desk.cmd("", "");
    cmd.type_line("awsenv use dev").answer(QUESTION, "\r");
    assert_eq!(cmd.finish().code, 0);
    assert_eq!(cmd.value("PROMPT").as_deref(), Some("dev expired $P$G"));
    cmd.run("awsenv leave");
    let signed_in = cmd.run(&format!("awsenv use dev {}", desk.device.code()));
    assert!(signed_in.code == 0 && signed_in.text.contains("dev is good until"), "{signed_in:?}");
}
