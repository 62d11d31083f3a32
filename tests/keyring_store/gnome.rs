//! Debian's gnome-keyring.

use awsenv::keyring::{Item, Keyring, Look};
use secrecy::{ExposeSecret, SecretString};
use testbed::exit;
use testbed::keyring::PASSWORD;

use crate::{KEY, SECRET, USER, home, host, line, on_a_terminal};

#[test]
fn a_secret_is_kept_replaced_and_taken_out() {
    let mut home = home();
    let Some(desk) = testbed::Keyring::unlocked(&mut home) else { return };
    let host = host(&home);
    assert_eq!(Keyring::look(&host), Look::Open);
    let keyring = Keyring::open(&host, None).unwrap();
    assert!(keyring.read(KEY).unwrap().is_none());
    assert!(!keyring.remove(KEY).unwrap());

    for (label, secret) in [("AWS key of dev", SECRET), ("AWS key of prod", "€ \" é"), ("long", &"x".repeat(60_000))]
    {
        keyring.store(KEY, label, &SecretString::from(secret)).unwrap();
        assert_eq!(keyring.read(KEY).unwrap().unwrap().expose_secret(), secret);
        assert_eq!(desk.lookup(USER).as_deref(), Some(secret));
        let shown = desk.dump();
        assert!(shown.matches("label = ").count() == 1 && shown.contains(&format!("label = {label}\n")), "{shown}");
    }
    assert!(keyring.read(Item::Proxy("AKIAIOSFODNN7EXAMPLE")).unwrap().is_none());
    assert!(keyring.remove(KEY).unwrap());
    assert!(!keyring.remove(KEY).unwrap());
    assert_eq!(desk.lookup(USER), None);
}

/// As keyring-rs' stores and Python's keyring write them.
#[test]
fn what_another_program_put_there_is_read_and_replaced() {
    let mut home = home();
    let Some(desk) = testbed::Keyring::unlocked(&mut home) else { return };
    let host = host(&home);
    let keyring = Keyring::open(&host, None).unwrap();
    let attributes = ["service", "awsenv", "username", USER];
    desk.put(&attributes, "theirs");
    assert_eq!(keyring.read(KEY).unwrap().unwrap().expose_secret(), "theirs");
    keyring.store(KEY, "ours", &SECRET.into()).unwrap();
    assert_eq!(desk.lookup(USER).as_deref(), Some(SECRET));
    assert_eq!(desk.dump().matches("label = ").count(), 1);

    desk.put(&[&attributes[..], &["application", "another"]].concat(), "a second one");
    let said = line(keyring.read(KEY));
    assert!(said.contains("has 2 entries for access-key AKIAIOSFODNN7EXAMPLE"), "{said}");
    assert_eq!(line(keyring.remove(KEY)), said);
}

#[test]
fn a_locked_one_is_an_error_without_a_terminal() {
    let mut home = home();
    let Some(mut desk) = testbed::Keyring::unlocked(&mut home) else { return };
    let host = host(&home);
    let keyring = Keyring::open(&host, None).unwrap();
    keyring.store(KEY, "a key", &SECRET.into()).unwrap();
    desk.lock();
    for reading in [keyring.read(KEY).map(drop), keyring.store(KEY, "", &"new".into())] {
        let said = line(reading);
        assert!(said.starts_with("the keyring is locked, and without a terminal nobody is asked: unlock it"), "{said}");
    }
    assert!(line(keyring.remove(KEY)).contains("is locked"));
    assert!(line(keyring.remove(Item::Proxy("corp"))).contains("is locked"), "who knows what is in it");
    assert_eq!(Keyring::look(&host), Look::Locked);

    desk.restart_locked();
    assert_eq!(Keyring::look(&host), Look::Locked);
    assert!(line(keyring.read(KEY)).contains("session bus"), "it was another program's connection");
    assert!(line(Keyring::open(&host, None).unwrap().read(KEY)).contains("is locked"));
}

/// As over SSH: gnome-keyring asks a program for the dialogue, and there is none.
#[test]
fn a_dialogue_that_cannot_be_shown_is_told() {
    let mut home = home();
    let Some(desk) = testbed::Keyring::unlocked(&mut home) else { return };
    Keyring::open(&host(&home), None).unwrap().store(KEY, "a key", &SECRET.into()).unwrap();
    desk.lock();
    let mut terminal = on_a_terminal(&home, "read");
    assert_eq!(exit(&mut terminal), 1);
    let said = terminal.since_mark();
    let line =
        "the keyring is locked, and its dialogue was closed or could not be shown: unlock it at the desktop, or ";
    assert!(said.contains(line) && said.contains("as `awsenv keyring --help` says"), "{said}");
}

/// Over SSH, by the line that the help and the page show.
#[test]
fn without_a_desktop_it_opens_as_the_help_says() {
    if testbed::require("bash").is_none() {
        return;
    }
    let mut home = home();
    let Some(mut desk) = testbed::Keyring::unlocked(&mut home) else { return };
    Keyring::open(&host(&home), None).unwrap().store(KEY, "a key", &SECRET.into()).unwrap();
    desk.lock();
    let help = home.awsenv(&["keyring", "--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let line = help.lines().find(|line| line.contains("gnome-keyring-daemon")).expect("it says how").trim();
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/keyring.md")).unwrap();
    assert!(page.contains(&format!("\n$ {line} ")), "the page says something else: {line}");

    let mut spec = testbed::Spec::new("bash").args(["--norc", "--noprofile"]).cwd(home.path()).env("PS1", "> ");
    spec.env.extend(home.env());
    let mut terminal = testbed::Terminal::start(spec);
    terminal.expect("> ").line(line);
    terminal.expect_hidden_line().mark().line(PASSWORD).expect("> ").line("exit");
    exit(&mut terminal);
    assert!(!terminal.everything().contains(PASSWORD), "{}", terminal.everything());
    desk.wait_replaced();
    assert_eq!(Keyring::look(&host(&home)), Look::Open);
    assert_eq!(Keyring::open(&host(&home), None).unwrap().read(KEY).unwrap().unwrap().expose_secret(), SECRET);
}

#[test]
fn a_person_at_the_desktop_opens_it() {
    let mut home = home();
    let Some(mut desk) = testbed::Keyring::with_a_person(&mut home) else { return };
    Keyring::open(&host(&home), None).unwrap().store(KEY, "a key", &SECRET.into()).unwrap();
    desk.lock();
    desk.person_types("");
    let mut terminal = on_a_terminal(&home, "read");
    assert_eq!(exit(&mut terminal), 1);
    terminal.expect("and its dialogue was closed or could not be shown");
    desk.person_types("wrong").person_types(PASSWORD);
    let mut terminal = on_a_terminal(&home, "read");
    assert_eq!(exit(&mut terminal), 0, "{}", terminal.since_mark());
    terminal.expect(&format!("read: Some({SECRET:?})"));
    for (what, said) in [("store", "stored."), ("remove", "removed: true")] {
        desk.lock();
        desk.person_types(PASSWORD);
        let mut terminal = on_a_terminal(&home, what);
        assert_eq!(exit(&mut terminal), 0, "{}", terminal.since_mark());
        terminal.expect(said);
    }
}

/// As at a first login without a password.
#[test]
fn a_person_at_the_desktop_makes_a_first_one() {
    let mut home = home();
    let Some(mut desk) = testbed::Keyring::with_a_person(&mut home) else { return };
    desk.stop();
    std::fs::remove_dir_all(home.path().join(".local/share/keyrings")).unwrap();
    desk.restart_locked();
    assert_eq!(Keyring::look(&host(&home)), Look::Locked);
    desk.person_types("a new password");
    let mut terminal = on_a_terminal(&home, "store");
    assert_eq!(exit(&mut terminal), 0, "{}", terminal.since_mark());
    assert_eq!(desk.lookup(USER).as_deref(), Some(SECRET));
    assert_eq!(Keyring::look(&host(&home)), Look::Open);
}
