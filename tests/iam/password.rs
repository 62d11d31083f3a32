//! `iam password …`: hidden, checked against the policy, never on a command line.

use testbed::aws::{Fault, PasswordPolicy};

use super::desk::{Desk, Ran, exit};

const GOOD: &str = "correct-Horse-9";

fn strict() -> PasswordPolicy {
    PasswordPolicy {
        minimum_length: 12,
        symbols: true,
        numbers: true,
        uppercase: true,
        lowercase: true,
        users_may_change: true,
        reuse_prevention: Some(2),
        ..PasswordPolicy::default()
    }
}

#[test]
fn a_new_password_is_typed_twice_and_never_shown() {
    let desk = Desk::new();
    desk.aws.set_password_policy(Some(strict()));
    desk.aws.set_account_alias(Some("corp"));
    let mut terminal = desk.terminal(&["password", "create", "hanako"]);
    terminal.expect("at least 12 characters").expect("New password for hanako: ").mark().line("short");
    terminal.expect("fewer than 12 characters; nothing was sent").expect("New password for hanako: ").mark().line(GOOD);
    terminal.expect("The same again: ").mark().line("correct-Horse-8");
    terminal.expect("the two are not the same").expect("New password for hanako: ").mark().line(GOOD);
    terminal.expect("The same again: ").line(GOOD);
    terminal.expect("hanako now has a new console password, which must be changed at the first sign-in");
    terminal.expect("https://corp.signin.aws.amazon.com/console");
    assert_eq!(exit(&mut terminal), 0);
    let seen = terminal.everything();
    assert!(!seen.contains("Horse") && !seen.contains("short"), "{seen}");
    assert_eq!((desk.hanako.password().as_deref(), desk.hanako.reset_required()), (Some(GOOD), Some(true)));
    assert_eq!(desk.count("CreateLoginProfile"), 1);
}

#[test]
fn a_generated_password_is_alone_on_stdout_and_keeps_the_rules() {
    let desk = Desk::new();
    desk.aws.set_password_policy(Some(PasswordPolicy { minimum_length: 40, ..strict() }));
    let made = desk.run(&["password", "create", "hanako", "--generate", "--no-reset"]).ok();
    let password = made.out.trim_end_matches('\n').to_owned();
    let password = password.as_str();
    assert_eq!((made.out.lines().count(), password.chars().count()), (1, 40));
    assert_eq!((desk.hanako.password().as_deref(), desk.hanako.reset_required()), (Some(password), Some(false)));
    assert!(!made.err.contains(password), "{made:?}");
    assert!(!made.err.contains("iam:ChangePassword"), "{made:?}");
    made.says(&["https://123456789012.signin.aws.amazon.com/console"]);
    desk.run(&["password", "create", "hanako", "--generate"]).failed(&["awsenv iam password set hanako"]);
    // Something is taken away: the old one.
    desk.run(&["password", "set", "hanako", "--generate"]).failed(&["--yes does it without a question"]);
    assert_eq!(desk.hanako.password().as_deref(), Some(password));
    let other = desk.run(&["password", "set", "hanako", "--generate", "--yes"]).ok();
    assert_eq!(desk.hanako.password().as_deref(), Some(other.out.trim_end()));
    assert_eq!(desk.hanako.reset_required(), Some(true));
}

#[test]
fn a_pipe_is_read_and_nothing_on_it_changes_nothing() {
    let desk = Desk::new();
    desk.run(&["password", "create", "hanako"]).failed(&["stdin ended before the password", "nothing was changed"]);
    desk.with_input(&["password", "create", "hanako"], &format!("{GOOD}\n"))
        .ok()
        .says(&["hanako needs the permission iam:ChangePassword at the first sign-in"]);
    assert_eq!(desk.hanako.password().as_deref(), Some(GOOD));
    let gone = desk.run(&["password", "create", "nobody"]).failed(&["The user with name nobody cannot be found."]);
    assert!(!gone.err.contains("password policy"), "{gone:?}");
    desk.run(&["password", "set", "taro"]).failed(&["taro has no console password", "awsenv iam password create taro"]);
}

#[test]
fn a_password_that_breaks_the_policy_is_not_sent() {
    let desk = Desk::new();
    desk.aws.set_password_policy(Some(strict()));
    for (password, rule) in [
        ("Ab1!", "fewer than 12 characters"),
        ("abcdefghijk1!", "no capital letter"),
        ("ABCDEFGHIJK1!", "no small letter"),
        ("Abcdefghijkl!", "no digit"),
        ("Abcdefghijkl1", "no symbol"),
    ] {
        let ran = desk.with_input(&["password", "create", "hanako"], password).failed(&[rule, "nothing was sent"]);
        assert!(!ran.err.contains(password), "{ran:?}");
    }
    assert_eq!(desk.count("CreateLoginProfile"), 0);
    // Who may not see the policy hears of it from AWS, which does not repeat the password either.
    desk.user.deny("iam:GetAccountPasswordPolicy");
    let ran = desk.with_input(&["password", "create", "hanako"], "Ab1!");
    assert!(!ran.err.contains("Ab1!"), "{ran:?}");
    ran.failed(&["iam:GetAccountPasswordPolicy is missing", "AWS refuses the password"]);
}

#[test]
fn a_password_on_the_command_line_is_an_error_that_does_not_repeat_it() {
    let desk = Desk::new();
    for line in [
        &["password", "create", "hanako", "hunter2"][..],
        &["password", "set", "hanako", "--password=hunter2"],
        &["password", "change", "hunter2"],
        &["password", "hunter2"],
        &["password", "create", "hanako", "--generate=hunter2"],
        &["password", "create", "hanako", "-xhunter2"],
    ] {
        let ran = desk.run(line);
        assert!(ran.status == 2 && ran.out.is_empty() && !ran.err.contains("hunter2"), "{line:?}: {ran:?}");
        assert!(ran.err.contains("awsenv iam password --help"), "{ran:?}");
    }
    assert_eq!(desk.aws.calls().len(), 0);
    desk.run(&["password", "create", "--help"]).ok();
}

#[test]
fn the_own_password_needs_the_old_one() {
    let desk = Desk::new();
    desk.user.set_password("Old-password-1", false);
    let mut terminal = desk.terminal(&["password", "change"]);
    terminal.expect("Old password of taro: ").line("Old-password-1");
    terminal.expect("New password for taro: ").line(GOOD);
    terminal.expect("The same again: ").line(GOOD);
    terminal.expect("taro has a new console password");
    assert_eq!(exit(&mut terminal), 0);
    assert_eq!(desk.user.password().as_deref(), Some(GOOD));
    let ran = desk.with_input(&["password", "change"], "Wrong-old-1\nOther-password-2\n");
    ran.failed(&["AWS refuses to change the password"]);
    desk.with_input(&["password", "change"], &format!("{GOOD}\n{GOOD}\n")).failed(&["is the old one"]);
    desk.with_input(&["password", "change"], &format!("{GOOD}\nThird-password-3\n")).ok();
    assert_eq!(desk.user.password().as_deref(), Some("Third-password-3"));
}

#[test]
fn ctrl_c_at_each_question_changes_nothing() {
    let desk = Desk::new();
    desk.user.set_password("Old-password-1", false);
    for stop in 0..3 {
        let mut terminal = desk.terminal(&["password", "change"]);
        for (at, question) in
            ["Old password of taro: ", "New password for taro: ", "The same again: "].iter().enumerate()
        {
            terminal.expect(question);
            if at == stop {
                terminal.send(b"\x03");
                break;
            }
            terminal.line(if at == 0 { "Old-password-1" } else { GOOD });
        }
        assert_eq!(exit(&mut terminal), 130);
    }
    assert_eq!(desk.count("ChangePassword"), 0);
}

#[test]
fn deleting_says_what_goes_on_and_offers_to_end_sessions() {
    let desk = Desk::new();
    desk.hanako.set_password(GOOD, false);
    desk.hanako.key();
    desk.run(&["password", "delete", "hanako"]).failed(&["nothing was changed", "--yes does it without a question"]);
    assert!(desk.hanako.password().is_some());
    let mut terminal = desk.terminal(&["password", "delete", "hanako"]);
    terminal.expect("access keys (1 of 1 active) and sessions that run, in the console, too, go on");
    terminal.expect("Delete the password of hanako? [y/n] ").line("n");
    assert_eq!(exit(&mut terminal), 1);
    assert!(desk.hanako.password().is_some());

    let mut terminal = desk.terminal(&["password", "delete", "hanako"]);
    terminal.expect("Delete the password of hanako? [y/n] ").line("y");
    terminal.expect("End the sessions of hanako that run, too? [y/n] ").line("y");
    assert_eq!(exit(&mut terminal), 0);
    assert_eq!(desk.hanako.password(), None);
    assert!(desk.hanako.policies().contains_key("AWSRevokeOlderSessions"));
    desk.run(&["password", "delete", "hanako", "--yes"]).ok().says(&["nothing to do"]);
}

#[test]
fn each_missing_permission_is_named_and_nothing_is_half_done() {
    let tries = |desk: &Desk, action: &str, words: &[&str], input: &str| -> Ran {
        desk.user.deny(&format!("iam:{action}"));
        let ran = desk.with_input(words, input);
        desk.user.allow(&format!("iam:{action}"));
        ran
    };
    let desk = Desk::new();
    let create = ["password", "create", "hanako"];
    // Whether there is a password then shows when it is made, changed or taken away.
    let (set, delete) = (["password", "set", "hanako"], ["password", "delete", "hanako", "--yes"]);
    let unseen = "iam:GetLoginProfile is missing";
    tries(&desk, "GetLoginProfile", &set, GOOD).failed(&[unseen, "awsenv iam password create hanako makes one"]);
    tries(&desk, "GetLoginProfile", &delete, "").ok().says(&[unseen, "nothing to do"]);
    tries(&desk, "CreateLoginProfile", &create, GOOD).failed(&["iam:CreateLoginProfile is missing"]);
    desk.hanako.set_password("Old-password-1", false);
    tries(&desk, "GetLoginProfile", &create, GOOD).failed(&[unseen, "hanako has a console password"]);
    tries(&desk, "UpdateLoginProfile", &set, GOOD).failed(&["iam:UpdateLoginProfile is missing"]);
    tries(&desk, "DeleteLoginProfile", &delete, "").says(&["iam:DeleteLoginProfile is missing"]);
    desk.user.set_password("Old-password-1", false);
    tries(&desk, "ChangePassword", &["password", "change"], &format!("Old-password-1\n{GOOD}\n"))
        .failed(&["iam:ChangePassword is missing"]);
    assert_eq!(desk.hanako.password().as_deref(), Some("Old-password-1"));
}

#[test]
fn what_aws_cannot_do_now_or_may_have_done_is_said() {
    let desk = Desk::new();
    desk.hanako.set_password("Old-password-1", false);
    desk.hanako.hold_login_profile(1);
    desk.with_input(&["password", "set", "hanako"], GOOD).failed(&["try again in a minute"]);
    desk.aws.fault_on("UpdateLoginProfile", Fault::CutAfter, 1);
    let ran = desk.with_input(&["password", "set", "hanako"], GOOD);
    ran.failed(&["it may have been done all the same", "awsenv iam show hanako"]);
    // A call that changes something is sent again only where AWS says that it did nothing.
    assert_eq!(desk.count("UpdateLoginProfile"), 2);
    desk.aws.fault_on("UpdateLoginProfile", Fault::Throttling, 1);
    desk.with_input(&["password", "set", "hanako"], "Another-Horse-10").ok();
    assert_eq!(desk.count("UpdateLoginProfile"), 4);
}
