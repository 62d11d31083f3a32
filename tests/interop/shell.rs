//! What a person types in bash, and which profile each tool then runs as.

use testbed::{Session, Shell, require_python};

use super::desk::{ADMIN, Desk, PROD, TARO, WHO, clis};

fn bash(desk: &Desk) -> Option<Session> {
    Session::start(Shell::Bash, &desk.home, Shell::Bash.hook())
}

#[test]
fn an_inline_profile_beats_use_in_all_three() {
    let desk = Desk::new();
    desk.refresh("dev");
    let Some(mut shell) = bash(&desk) else { return };
    let used = shell.run("awsenv use dev");
    assert_eq!(used.status, 0, "{used:?}");
    let who = "sts get-caller-identity --query Arn --output text";
    for tool in clis() {
        let aws = tool.program.display();
        let mine = shell.run(&format!("{aws} {who}"));
        assert!(mine.text.contains(TARO), "{}: {mine:?}", tool.name);
        let other = shell.run(&format!("AWS_PROFILE=prod {aws} {who}"));
        assert!(other.text.contains(PROD), "{}: {other:?}", tool.name);
    }
    let Some(python) = require_python("boto3") else { return };
    desk.home.write("who.py", WHO);
    let other = shell.run(&format!("AWS_PROFILE=prod {} who.py", python.display()));
    assert!(other.text.contains(PROD), "{other:?}");
    let mine = shell.run(&format!("{} who.py", python.display()));
    assert!(mine.text.contains(TARO), "{mine:?}");
}

#[test]
fn a_role_without_a_session_never_runs_as_default() {
    let desk = Desk::new();
    let default = desk.aws.user("nobody").key();
    desk.home.credentials(format!("{}[default]\n{}", desk.home.text(".aws/credentials"), default.lines()));
    let Some(mut shell) = bash(&desk) else { return };
    shell.type_line("awsenv use admin").expect_question();
    let used = shell.answer("").prompt();
    assert_eq!(used.status, 0, "{used:?}");
    let Some(python) = require_python("boto3") else { return };
    desk.home.write("who.py", WHO);
    // Unguarded, and with a terminal on which our credential_process may ask: Enter stops it there.
    shell.type_line(&format!("{} who.py", python.display())).expect_question();
    shell.terminal.send(b"\x03");
    let ran = shell.prompt();
    assert!(ran.status != 0 && !ran.text.contains("user/nobody"), "{ran:?}");
    let ran = shell.run(&format!("{} who.py </dev/null 2>&1 | cat & wait", python.display()));
    assert!(!ran.text.contains("user/nobody"), "{ran:?}");
    assert!(desk.aws.calls_of("GetCallerIdentity").is_empty(), "{:?}", desk.aws.calls());
    // With the code it is the role.
    shell.type_line(&format!("{} who.py", python.display())).expect_question();
    let ran = shell.answer(&desk.device.code()).prompt();
    assert!(ran.status == 0 && ran.text.contains(ADMIN), "{ran:?}");
}
