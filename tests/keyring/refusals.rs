//! A keyring that is locked, or not there: one line, and nothing is done.

use super::desk::{Desk, exit};

#[test]
fn a_locked_keyring_is_one_line_and_aws_hears_nothing() {
    let Some(desk) = Desk::stored() else { return };
    desk.keyring.lock();
    let before = desk.credentials();
    for args in [
        &["refresh", "dev", "123456"][..],
        &["credentials", "--long-term", "dev-long-term"],
        &["iam", "--profile", "dev", "show"],
        &["keyring", "restore", "dev", "--yes"],
    ] {
        let ran = desk.run(args).failed(&["is locked"]);
        assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    }
    assert_eq!((desk.credentials(), desk.aws.calls().len()), (before, 0));
    // On a terminal its dialogue is tried, which this bus cannot show.
    let mut terminal = desk.terminal(&["refresh", "dev"]);
    terminal.expect("its dialogue was closed or could not be shown");
    assert_eq!(exit(&mut terminal), 1);
    assert!(!terminal.everything().contains("MFA code for"), "{}", terminal.everything());
}

/// Ctrl-C needs no words.
#[test]
fn ctrl_c_at_a_question_of_the_keyring_says_nothing() {
    let Some(mut desk) = Desk::stored() else { return };
    let other = desk.home.path().join("other-bus");
    std::os::unix::fs::symlink(desk.home.outside().join("run/bus"), &other).unwrap();
    desk.home.set("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", other.display()));
    let mut terminal = desk.terminal(&["refresh", "dev"]);
    terminal.expect("Is that bus yours, now and later? [y/n] ").mark().send("\x03");
    assert_eq!(exit(&mut terminal), 130);
    assert!(!terminal.since_mark().contains("awsenv:"), "{}", terminal.since_mark());
}

#[test]
fn without_a_keyring_nothing_is_moved_and_nothing_asked() {
    let Some(mut desk) = Desk::new() else { return };
    desk.home.set("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
    let before = desk.credentials();
    desk.run(&["keyring", "store", "dev", "--yes"]).failed(&["there is no Secret Service here"]);
    let mut terminal = desk.terminal(&["keyring", "store", "dev"]);
    terminal.expect("there is no Secret Service here");
    assert_eq!(exit(&mut terminal), 1);
    assert_eq!(desk.credentials(), before);
}

#[test]
fn a_key_in_a_file_that_the_environment_names_counts_once_confirmed() {
    let Some(mut desk) = Desk::stored() else { return };
    desk.home.write("cloned/credentials", desk.credentials());
    let file = desk.home.path().join("cloned/credentials");
    desk.home.set("AWS_SHARED_CREDENTIALS_FILE", &file);
    desk.run(&["refresh", "dev", "123456"]).failed(&["not confirmed", "awsenv_keyring"]);
    assert_eq!(desk.aws.calls().len(), 0);
    let mut terminal = desk.terminal(&["refresh", "dev"]);
    terminal.expect("awsenv_keyring = ").expect("Let it count, now and later? [y/n] ").line("y");
    terminal.expect("MFA code for dev").line(&desk.device.code()).expect("dev is good until");
    assert_eq!(exit(&mut terminal), 0);
}

#[test]
fn doctor_says_what_is_wrong_with_it() {
    let Some(mut desk) = Desk::stored() else { return };
    assert!(desk.run(&["doctor"]).out.contains("the Secret Service: has the secret of"));
    desk.keyring.lock();
    assert!(desk.run(&["doctor"]).out.contains("is locked"));
    desk.home.credentials(format!("{}{}", desk.credentials(), desk.key.lines()));
    let said = desk.run(&["doctor"]).out;
    assert!(said.contains("in plain text, too"), "{said}");
    let socket = desk.home.outside().join("run/bus");
    std::os::unix::fs::symlink(socket, desk.home.outside().join("other")).unwrap();
    desk.home.set("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", desk.home.outside().join("other").display()));
    let said = desk.run(&["doctor"]).out;
    let other =
        "other, which DBUS_SESSION_BUS_ADDRESS names, is not confirmed: `awsenv exec PROFILE` in a terminal asks";
    assert!(said.contains("the Secret Service: is not asked, and") && said.contains(other), "{said}");
}
