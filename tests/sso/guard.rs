//! The guard in a real shell, for a profile that signs in through Identity Center.

use testbed::aws::Consent;
use testbed::{Session, Shell};

use super::desk::Desk;

const QUESTION: &str =
    "SSO session corp (d-1234567890.awsapps.com): y opens the browser, Enter to go on without, Ctrl-C to stop: ";

/// A bash with the hook and a command `aws` that says that it runs.
fn bash(desk: &Desk) -> Option<Session> {
    desk.home.script("aws", "#!/bin/sh\necho \"aws ran: $*\"\n");
    Session::start(Shell::Bash, &desk.home, "eval \"$(awsenv init bash)\"\nexport AWS_PROFILE=dev\n")
}

#[test]
fn the_question_has_three_answers() {
    let mut desk = Desk::new();
    desk.browser(Consent::Allow);
    let Some(mut shell) = bash(&desk) else { return };
    shell.type_line("aws one; aws two");
    shell.terminal.expect(QUESTION).mark().send("\r");
    let output = shell.prompt();
    assert!(output.text.contains("aws ran: one") && output.text.contains("aws ran: two"), "{output:?}");

    shell.type_line("aws three; aws four");
    shell.terminal.expect(QUESTION).mark().send("\x03");
    let output = shell.prompt();
    assert!(!output.text.contains("aws ran"), "{output:?}");
    assert!(desk.opened().is_empty());

    shell.type_line("aws five | cat");
    shell.terminal.expect(QUESTION).mark().line("y");
    let output = shell.prompt();
    assert!(output.text.contains("dev is good") && output.text.contains("aws ran: five"), "{output:?}");
    assert_eq!(desk.opened().len(), 1);
    let output = shell.run("aws six");
    assert!(output.text.contains("aws ran: six") && !output.text.contains("SSO session"), "{output:?}");
}

#[test]
fn a_token_with_a_minute_left_is_renewed_without_a_word() {
    let desk = Desk::new();
    desk.token(60);
    let Some(mut shell) = bash(&desk) else { return };
    let pipeline = (1..=20).map(|n| format!("aws {n}")).collect::<Vec<_>>().join(" | ");
    let output = shell.run(&pipeline);
    assert!(output.text.contains("aws ran: 20"), "{output:?}");
    let output = shell.run("aws one");
    assert!(output.text.contains("aws ran: one") && !output.text.contains("SSO session"), "{output:?}");
    assert_eq!(desk.aws.token_calls("refresh_token"), 1);
    assert!(!shell.terminal.everything().contains("y opens"), "{}", shell.terminal.everything());
}

#[test]
fn use_asks_before_it_switches() {
    let mut desk = Desk::new();
    desk.browser(Consent::Allow);
    let Some(mut shell) = Session::start(Shell::Bash, &desk.home, "eval \"$(awsenv init bash)\"\n") else { return };
    shell.type_line("awsenv use dev");
    shell.terminal.expect(QUESTION).mark().line("y");
    let output = shell.prompt();
    assert!(output.text.contains("dev is good"), "{output:?}");
    let output = shell.run("echo $AWS_PROFILE $AWS_SESSION_EXPIRATION");
    assert!(output.text.contains("dev refreshable"), "{output:?}");
}

/// Of one sign-in, whichever of its profiles a command is for.
#[test]
fn one_answer_serves_every_profile_of_a_sign_in() {
    let desk = Desk::with(
        "[profile two]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = Other\n\
         [profile top]\nrole_arn = arn:aws:iam::444455556666:role/Deploy\nsource_profile = dev\n",
    );
    let Some(mut shell) = bash(&desk) else { return };
    shell.type_line("aws one; aws two --profile two; aws three --profile top");
    shell.terminal.expect("y shows a link and a code, Enter").mark().send("\r");
    let output = shell.prompt();
    let ran = ["one", "two", "three"].iter().all(|word| output.text.contains(&format!("aws ran: {word}")));
    assert!(ran && !output.text.contains("SSO session"), "{output:?}");
}
