//! `use`, `leave`, `off`.

use crate::desk::{Desk, Editor};

fn value(editor: &mut Editor, name: &str) -> String {
    let text = editor.run(&format!(":show {name}"));
    let line = text.lines().find_map(|l| l.strip_prefix(&format!("{name}="))).expect("shown");
    line.to_owned()
}

#[test]
fn use_changes_the_cmd_and_leave_gives_everything_back() {
    let desk = Desk::new(7230);
    desk.home.settings("[profile dev]\nproxy = corp\nenv.ODD = a \"&|<>^%!() b\n[proxy corp]\nhttps = http://p:3128\n");
    let Some(mut editor) = desk.editor(&[]) else { return };
    editor.run(":set AWS_ACCESS_KEY_ID AKIAOLD");
    editor.run(":set HTTPS_PROXY http://mine:1");
    let after = editor.run("awsenv use dev");
    assert!(
        after.contains("runs instead: \"%ComSpec%\" /d /c exit 0\n") && after.ends_with("dev 2h00m C:\\>\n"),
        "{after}"
    );
    assert_eq!(value(&mut editor, "AWS_PROFILE"), "dev");
    assert_eq!(value(&mut editor, "HTTPS_PROXY"), "http://p:3128");
    assert_eq!(value(&mut editor, "ODD"), "a \"&|<>^%!() b");
    assert_eq!(value(&mut editor, "AWS_ACCESS_KEY_ID"), "nil");
    editor.run("awsenv use \"a&b %PATH% x\"");
    assert_eq!(value(&mut editor, "AWS_PROFILE"), "a&b %PATH% x");
    assert_eq!(value(&mut editor, "HTTPS_PROXY"), "http://mine:1");
    editor.run("awsenv use -");
    assert_eq!(value(&mut editor, "AWSENV_PROFILE"), "dev");
    editor.run(":set ODD mine");
    let left = editor.run("awsenv leave");
    assert!(left.contains("changed since `awsenv use`, so left as it is: ODD\n"), "{left}");
    for (name, former) in [
        ("AWS_PROFILE", "nil"),
        ("HTTPS_PROXY", "http://mine:1"),
        ("AWS_ACCESS_KEY_ID", "AKIAOLD"),
        ("ODD", "mine"),
        ("AWSENV_NAMES", "nil"),
        ("AWSENV_PROFILE", "nil"),
        ("AWS_SESSION_EXPIRATION", "nil"),
    ] {
        assert_eq!(value(&mut editor, name), former, "{name}");
    }
}

#[test]
fn a_failure_changes_nothing_and_ends_the_line() {
    let desk = Desk::new(7230);
    let Some(mut editor) = desk.editor(&[]) else { return };
    editor.run("awsenv use dev");
    let after = editor.run("awsenv use nosuch && terraform apply");
    assert!(after.contains("nosuch") && after.contains("runs instead: \"%ComSpec%\" /d /c exit 1\n"), "{after}");
    assert_eq!(value(&mut editor, "AWS_PROFILE"), "dev");
    assert!(editor.run("awsenv use nosuch || echo no").contains("runs instead:  echo no\n"));
    assert!(editor.run("awsenv use prod && echo yes").contains("runs instead:  echo yes\nAWS_PROFILE=prod\n"));
    assert!(editor.run("awsenv use --nonsense").contains("exit 2\n"));
    assert!(editor.run("awsenv list | findstr dev").contains("runs: awsenv list | findstr dev\n"));
}

#[test]
fn doctor_is_told_of_the_hook() {
    let desk = Desk::new(7230);
    let Some(mut editor) = desk.editor(&[]) else { return };
    editor.run(":alias cdk");
    assert_eq!(value(&mut editor, "AWSENV_HOOK"), "nil");
    assert!(editor.run("awsenv doctor").contains("AWSENV_HOOK=clink kept=cdk\n"));
    assert_eq!(value(&mut editor, "AWSENV_HOOK"), "nil");
    editor.run(":load");
    assert!(editor.run("awsenv doctor").contains("AWSENV_HOOK=clink kept=cdk loads=2\n"));
}

#[test]
fn use_asks_at_once_where_the_session_is_over() {
    let desk = Desk::new(-60);
    let Some(mut editor) = desk.editor(&[]) else { return };
    editor.type_line("awsenv use dev && aws s3 ls").terminal.expect("MFA code for dev").send(b"\x03");
    assert!(editor.finish().contains("exit 130\n"));
    assert_eq!(value(&mut editor, "AWS_PROFILE"), "nil");
    editor.type_line("awsenv use dev").terminal.expect("MFA code for dev").line("");
    assert!(editor.finish().ends_with("dev expired C:\\>\n"));
    editor.run("awsenv leave");
    let after = editor.run(&format!("awsenv use dev {}", desk.device.code()));
    assert!(after.contains("dev is good until"), "{after}");
}

#[test]
fn what_another_shell_has_set_is_unset() {
    let desk = Desk::new(7230);
    let Some(mut first) = desk.editor(&[]) else { return };
    first.run("awsenv use dev");
    let mut other = Desk::new(7230);
    for name in ["AWS_PROFILE", "AWSENV_PROFILE", "AWSENV_NAMES"] {
        other.home.set(name, value(&mut first, name));
    }
    let Some(mut second) = other.editor(&[]) else { return };
    let left = second.run("awsenv leave");
    assert!(left.contains("inherited its profile"), "{left}");
    assert_eq!(value(&mut second, "AWS_PROFILE"), "nil");
    assert_eq!(value(&mut second, "AWSENV_NAMES"), "nil");
}

#[test]
fn off_leaves_what_use_has_set_and_nothing_of_the_hook() {
    let desk = Desk::new(-60);
    let Some(mut editor) = desk.editor(&[]) else { return };
    editor.run(":set AWS_PROFILE dev");
    assert!(editor.run("awsenv off").ends_with("\nC:\\>\n"));
    assert_eq!(value(&mut editor, "AWSENV_PROMPT"), "nil");
    assert_eq!(value(&mut editor, "AWS_SESSION_EXPIRATION"), "nil");
    assert!(editor.run("aws s3 ls").starts_with("runs: aws s3 ls\nAWS_PROFILE=dev\nAWSENV_ASK=nil\nC:\\>"));

    let desk = Desk::new(7230);
    let Some(mut editor) = desk.editor(&[]) else { return };
    editor.run("awsenv use dev");
    assert!(value(&mut editor, "AWS_SESSION_EXPIRATION").starts_with('2'));
    editor.run("awsenv off");
    assert_eq!(value(&mut editor, "AWS_SESSION_EXPIRATION"), "nil");
    let names = value(&mut editor, "AWSENV_NAMES");
    assert!(names.contains(" AWS_PROFILE:") && !names.contains("EXPIRATION"), "{names}");
}
