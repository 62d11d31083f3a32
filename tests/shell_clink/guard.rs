//! Questions: when, and what the answers do to the line.

use crate::desk::Desk;

#[test]
fn a_code_signs_in_and_the_line_runs() {
    let desk = Desk::new(-7500);
    let Some(mut editor) = desk.editor(&[]) else { return };
    editor.run(":set AWS_PROFILE dev");
    editor.type_line("aws s3 ls | more");
    editor.terminal.expect("MFA code for dev (arn:aws:iam::123456789012:mfa/taro), Enter").line(&desk.device.code());
    let after = editor.finish();
    assert!(after.contains("awsenv: dev is good until"), "{after}");
    assert!(after.contains("runs: aws s3 ls | more\nAWS_PROFILE=dev\nAWSENV_ASK=nil\n"), "{after}");
    assert!(after.ends_with("dev 11h59m C:\\>\n") || after.ends_with("dev 12h00m C:\\>\n"), "{after}");
    let next = editor.run("aws s3 ls");
    assert!(next.starts_with("runs: aws s3 ls\n"), "{next}");
}

#[test]
fn enter_runs_the_line_without_and_the_next_prompt_forgets_it() {
    let desk = Desk::new(-5);
    let Some(mut editor) = desk.editor(&[]) else { return };
    editor.run(":set AWS_PROFILE dev");
    editor.type_line("aws s3 ls & aws s3 ls").terminal.expect("MFA code for dev").line("");
    let after = editor.finish();
    assert!(after.contains("runs: aws s3 ls & aws s3 ls\nAWS_PROFILE=dev\nAWSENV_ASK=never\n"), "{after}");
    assert_eq!(after.matches("MFA code for").count(), 1, "{after}");
    assert!(editor.run(":show AWSENV_ASK").starts_with("AWSENV_ASK=nil\n"));
    editor.type_line("aws s3 ls").terminal.expect("MFA code for dev").line("");
    assert!(editor.finish().contains("AWSENV_ASK=never"), "the next line asks again");
}

#[test]
fn ctrl_c_runs_nothing_of_the_line() {
    let desk = Desk::new(-5);
    let Some(mut editor) = desk.editor(&[]) else { return };
    editor.run(":set AWS_PROFILE dev");
    let lines = [
        "aws s3 ls && echo DONE",
        "aws s3 ls & echo DONE",
        "echo x | aws s3 cp - s3://b/k",
        "@AWS.exe s3 ls",
        r#""C:\Program Files\Amazon\AWSCLIV2\aws.exe" s3 ls"#,
        "(aws s3 ls)",
        "call aws s3 ls",
        "if exist x.txt (aws s3 ls) else echo no",
        "for %i in (a b) do aws s3 ls %i",
        "if not \"%a%\"==\"x y\" aws s3 ls",
        "echo a^&b 2>&1 & terraform plan",
        "aws s3 ls --profile prod",
    ];
    for line in lines {
        editor.type_line(line).terminal.expect("MFA code for ").send(b"\x03");
        let after = editor.finish();
        assert!(after.contains("cancelled\n"), "{line}: {after}");
    }
}

#[test]
fn what_needs_no_session_starts_nothing_to_ask() {
    let desk = Desk::new(-5);
    let Some(mut editor) = desk.editor(&[]) else { return };
    editor.run(":set AWS_PROFILE dev");
    for line in [
        "aws --version",
        "aws configure list",
        "echo aws s3 ls",
        "echo \"x & aws s3 ls\"",
        "echo x ^& aws s3 ls",
        "set AWS_PROFILE=prod& aws s3 ls",
        "awsenv status & aws s3 ls",
        "aws s3 ls --profile \"a&b %PATH% x\"",
        "",
    ] {
        let after = editor.run(line);
        assert!(!after.contains("MFA code for") && !after.contains("runs instead"), "{line}: {after}");
    }
    editor.run(":alias aws");
    let after = editor.run("aws s3 ls");
    assert!(after.starts_with("runs: aws s3 ls"), "an alias of the user's own is left alone: {after}");
}

#[test]
fn no_guard_asks_nothing_and_a_missing_binary_neither() {
    let desk = Desk::new(-5);
    let Some(mut editor) = desk.editor(&["--no-guard"]) else { return };
    editor.run(":set AWS_PROFILE dev");
    assert!(editor.run("aws s3 ls").starts_with("runs: aws s3 ls"));

    let hook = desk.hook(&[]).replace("__awsenv_bin = \"", "__awsenv_bin = \"/nowhere");
    let Some(mut editor) = desk.editor_of(&hook) else { return };
    editor.run(":set AWS_PROFILE dev");
    assert_eq!(editor.run("aws s3 ls"), "runs: aws s3 ls\nAWS_PROFILE=dev\nAWSENV_ASK=nil\nC:\\>\n");
    assert!(editor.run("awsenv use dev").contains("is gone"));
}
