//! The system's keyring, offered before the file.
#![cfg(not(target_os = "macos"))]

use testbed::SecretService;
use testbed::keyring::Keyring;
use testbed::secret_service::refuse;

use super::desk::{Desk, exit};

/// A desk with a keyring, up to the question where the secret is kept.
fn up_to_the_offer(start: fn(&mut testbed::Home) -> Option<Keyring>) -> Option<(Desk, Keyring, testbed::Terminal)> {
    let mut desk = Desk::new();
    let keyring = start(&mut desk.home)?;
    desk.user.device("taro");
    let mut terminal = desk.up_to_keys();
    terminal.expect("where backups and other users do not see it").expect("Keep it in the Secret Service? [y/n] ");
    terminal.mark();
    Some((desk, keyring, terminal))
}

#[test]
fn the_secret_goes_there_and_never_into_a_file() {
    let Some((desk, keyring, mut terminal)) = up_to_the_offer(Keyring::unlocked) else { return };
    let (user, secret) = (format!("access-key {}", desk.key.id), Some(desk.key.secret.clone()));
    terminal.line("y").expect("+ [dev-long-term]\n").expect("+ awsenv_keyring = ").expect("+ credential_process = ");
    terminal.expect("Write it? [y/n] ");
    assert_eq!(keyring.lookup(&user), None, "nothing before the word");
    terminal.mark().line("y").expect("is in the Secret Service").expect("Add it? [y/n] ").mark().line("y");
    let device = desk.user.serials().remove(0);
    terminal.expect(&format!("MFA code for dev ({device})")).send("\x03");
    assert_eq!(exit(&mut terminal), 130);
    assert_eq!(keyring.lookup(&user), secret);
    assert!(desk.files().iter().all(|(_, text)| !String::from_utf8_lossy(text).contains(&desk.key.secret)));
    // Again: what is there is taken as it is.
    let mut terminal = desk.setup(&["dev"]);
    terminal.expect("keys: dev has them already").expect("MFA code for dev").send("\x03");
    assert_eq!(exit(&mut terminal), 130);
}

#[test]
fn stopped_before_it_is_written_nothing_is_left_in_it() {
    let Some((desk, keyring, mut terminal)) = up_to_the_offer(Keyring::unlocked) else { return };
    terminal.line("y").expect("Write it? [y/n] ").send("\x03");
    assert_eq!(exit(&mut terminal), 130);
    assert_eq!((keyring.dump().contains(&desk.key.id), desk.text(".aws/credentials")), (false, String::new()));
}

#[test]
fn one_that_stays_locked_leaves_the_file() {
    let Some((desk, _keyring, mut terminal)) = up_to_the_offer(Keyring::locked) else { return };
    terminal
        .line("y")
        .expect("could not be shown")
        .expect("so the keys go into")
        .expect("+ aws_secret_access_key = ***");
    terminal.expect("Write it? [y/n] ").mark().line("y").expect("Add it? [y/n] ").mark().line("n");
    terminal.expect("MFA code for dev").send("\x03");
    assert_eq!(exit(&mut terminal), 130);
    assert!(desk.text(".aws/credentials").contains(&desk.key.secret));
}

/// Puts a folder in the way of the lock of the AWS files, once everything was looked at.
fn obstruct(desk: &Desk) {
    let lock = desk.home.path().join(".aws/.awsenv.lock");
    std::fs::remove_file(&lock).unwrap();
    std::fs::create_dir(&lock).unwrap();
}

#[test]
fn where_the_file_cannot_be_written_it_has_again_what_it_had() {
    for former in [None, Some("wJalrXUtnFEMI/K7MDENG/bPxRfiCYANOTHERKEY")] {
        let Some((desk, keyring, mut terminal)) = up_to_the_offer(Keyring::unlocked) else { return };
        let user = format!("access-key {}", desk.key.id);
        if let Some(secret) = former {
            keyring.put(&["service", "awsenv", "username", &user], secret);
        }
        terminal.line("y").expect("Write it? [y/n] ").mark();
        obstruct(&desk);
        terminal.line("y").expect("is in the Secret Service").expect("nothing was changed").expect(".awsenv.lock");
        assert_eq!((exit(&mut terminal), keyring.lookup(&user).as_deref()), (1, former));
        assert!(!terminal.since_mark().contains("all the same"), "{}", terminal.since_mark());
    }
}

#[test]
fn a_secret_that_cannot_be_taken_back_is_named_behind_the_reason() {
    let mut desk = Desk::new();
    let service = SecretService::start(&mut desk.home);
    service.answer_by(|call| (call.member == "Delete").then(|| refuse(call, "org.example.No", "not today")));
    desk.user.device("taro");
    let mut terminal = desk.up_to_keys();
    terminal.expect("Keep it in the Secret Service? [y/n] ").mark().line("y").expect("Write it? [y/n] ").mark();
    obstruct(&desk);
    terminal.line("y").expect(".awsenv.lock: ");
    terminal.expect(&format!("the Secret Service keeps the secret of {} all the same", desk.key.id));
    assert_eq!(exit(&mut terminal), 1);
    assert!(!terminal.everything().contains("nothing was changed"));
}

#[test]
fn one_that_refuses_at_the_last_moment_leaves_the_file() {
    for answer in ["n", "y"] {
        let mut desk = Desk::new();
        let service = SecretService::start(&mut desk.home);
        service.answer_by(|call| (call.member == "CreateItem").then(|| refuse(call, "org.example.No", "no room")));
        desk.user.device("taro");
        let mut terminal = desk.up_to_keys();
        terminal.expect("Keep it in the Secret Service? [y/n] ").mark().line("y");
        terminal.expect("+ awsenv_keyring = ").expect("Write it? [y/n] ").mark().line("y").expect("no room");
        terminal.expect("Keep it in ").expect(".aws/credentials, in plain text? [y/n] ").mark().line(answer);
        if answer == "n" {
            terminal.expect("nothing was changed");
            assert_eq!((exit(&mut terminal), desk.files().len()), (1, 0));
            continue;
        }
        terminal.expect("+ aws_secret_access_key = ***").expect("Add it? [y/n] ").mark().line("n");
        terminal.expect("MFA code for dev").send("\x03");
        assert_eq!(exit(&mut terminal), 130);
        let text = desk.text(".aws/credentials");
        assert!(text.contains(&desk.key.lines()) && !text.contains("awsenv_keyring"), "{text}");
    }
}

/// One on a bus that only the environment names: its person is asked about the bus when it is wanted.
#[test]
fn a_bus_that_the_environment_names_is_asked_about_first() {
    for (answer, is_kept) in [("y", true), ("n", false)] {
        let under_another_name = |home: &mut testbed::Home| {
            let keyring = Keyring::unlocked(home)?;
            let other = home.outside().join("other-bus");
            std::os::unix::fs::symlink(home.outside().join("run/bus"), &other).unwrap();
            home.set("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", other.display()));
            Some(keyring)
        };
        let Some((desk, keyring, mut terminal)) = up_to_the_offer(under_another_name) else { return };
        terminal.line("y").expect("/other-bus (DBUS_SESSION_BUS_ADDRESS)");
        terminal.expect("Is that bus yours, now and later? [y/n] ").mark().line(answer);
        terminal.expect("Write it? [y/n] ").mark().line("y").expect("Add it? [y/n] ").mark().line("n");
        terminal.expect("MFA code for dev").send("\x03");
        assert_eq!(exit(&mut terminal), 130);
        assert_eq!(keyring.dump().contains(&desk.key.id), is_kept);
        assert_eq!(desk.text(".aws/credentials").contains(&desk.key.secret), !is_kept);
    }
}
