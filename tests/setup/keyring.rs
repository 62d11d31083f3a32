//! The system's keyring, offered before the file.
#![cfg(not(target_os = "macos"))]

use testbed::keyring::Keyring;

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
