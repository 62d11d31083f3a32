//! Guarded commands: their question, its three answers, exit codes.

use crate::desk::{COLD, Desk, listening};

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
fn ctrl_c_runs_nothing() {
    let Some(desk) = Desk::new(-60) else { return };
    let lines = ["aws s3 ls", "aws s3 ls && echo DONE", "awsenv use prod && echo DONE", "awsenv use prod"];
    let mut console = desk.batch("@set AWS_PROFILE=dev", &[&lines[..], &["set AWS_PROFILE"]].concat());
    for number in 1..=lines.len() {
        console.expect_within("MFA code for ", COLD);
        listening(&console);
        console.send("\x03").expect(&format!("ended {number} with 130.")).mark();
    }
    console.expect("AWS_PROFILE=dev");
    let all = console.everything();
    assert!(!all.contains("aws ran") && !all.contains("DONE"), "{all}");
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
