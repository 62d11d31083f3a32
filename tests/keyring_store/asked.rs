//! Dialogues of the desktop, which somebody answers, closes or does not see.

use awsenv::keyring::{Keyring, Look};
use testbed::dbus::Header;
use testbed::secret_service::{Person, refuse};
use testbed::{Home, SecretService, exit};

use crate::{KEY, SECRET, USER, home, host, line, on_a_terminal};

fn locked(home: &mut Home, person: Person) -> SecretService {
    let service = SecretService::start(home);
    service.put(&[("service", "awsenv"), ("username", USER)], SECRET.as_bytes());
    let mut state = service.state();
    (state.locked, state.person) = (true, person);
    drop(state);
    service
}

#[test]
fn a_given_password_opens_it() {
    for hides_locked in [false, true] {
        let mut home = home();
        let service = locked(&mut home, Person::Answers);
        service.state().hides_locked = hides_locked;
        let mut terminal = on_a_terminal(&home, "read");
        assert_eq!(exit(&mut terminal), 0, "{}", terminal.since_mark());
        terminal.expect(&format!("read: Some({SECRET:?})"));
    }
}

#[test]
fn a_closed_dialogue_is_told() {
    for what in ["read", "store", "remove"] {
        let mut home = home();
        let service = locked(&mut home, Person::Closes);
        let mut terminal = on_a_terminal(&home, what);
        assert_eq!(exit(&mut terminal), 1);
        let said = terminal.since_mark();
        assert!(said.contains("is locked, and its dialogue was closed or could not be shown: unlock it"), "{said}");
        assert_eq!(service.state().items.len(), 1);
    }
}

#[test]
fn one_that_nobody_sees_gets_a_word_and_ends_at_ctrl_c() {
    let mut home = home();
    let service = locked(&mut home, Person::Sleeps);
    let mut terminal = on_a_terminal(&home, "read");
    terminal.expect("awsenv: waiting for the keyring's password in a dialogue of the desktop … (Ctrl-C to stop");
    terminal.send(b"\x03");
    assert_eq!(exit(&mut terminal), 130);
    terminal.expect("<>");
    service.wait_for("Dismiss");
}

#[test]
fn a_dialogue_that_is_refused_is_told() {
    let mut home = home();
    let service = locked(&mut home, Person::Answers);
    let refused = |call: &Header| refuse(call, "org.example.No", "no dialogue today");
    service.answer_by(move |call| (call.member == "Prompt").then(|| refused(call)));
    let mut terminal = on_a_terminal(&home, "read");
    assert_eq!(exit(&mut terminal), 1);
    terminal.expect("<the Secret Service: no dialogue today (org.example.No)>");
}

#[test]
fn without_a_terminal_no_dialogue_is_shown() {
    let mut home = home();
    let service = locked(&mut home, Person::Answers);
    let host = host(&home);
    assert_eq!(Keyring::look(&host), Look::Locked);
    let keyring = Keyring::open(&host, None).unwrap();
    assert!(line(keyring.read(KEY)).contains("without a terminal nobody is asked"));
    service.state().locked = false;
    service.state().asks_first = true;
    let first = "the keyring asks first, in a dialogue of the desktop: run this in a terminal";
    assert_eq!(line(keyring.store(KEY, "a key", &"new".into())), first);
    assert_eq!(line(keyring.remove(KEY)), first);
    assert!(!service.state().calls.contains(&"Prompt".to_owned()));
    assert_eq!(service.state().items[0].secret, SECRET.as_bytes());
}

/// KeePassXC asks for leave also when it is open.
#[test]
fn one_that_asks_before_it_writes_is_written() {
    let mut home = home();
    let service = SecretService::start(&mut home);
    service.state().asks_first = true;
    let mut terminal = on_a_terminal(&home, "store");
    assert_eq!(exit(&mut terminal), 0, "{}", terminal.since_mark());
    service.state().person = Person::Closes;
    let mut terminal = on_a_terminal(&home, "remove");
    assert_eq!(exit(&mut terminal), 1);
    terminal.expect("<the keyring's dialogue was closed or could not be shown: nothing is changed>");
    service.state().person = Person::Answers;
    let kept = service.state().items.remove(0);
    assert_eq!((kept.secret.as_slice(), kept.label.as_str()), (SECRET.as_bytes(), "a key"));
    service.state().items.push(kept);
    let mut terminal = on_a_terminal(&home, "remove");
    assert_eq!(exit(&mut terminal), 0, "{}", terminal.since_mark());
    terminal.expect("removed: true");
    assert!(service.state().items.is_empty());
}

/// A first login without a desktop has none yet; a person chooses its password.
#[test]
fn a_first_keyring_is_made() {
    let mut home = home();
    let service = SecretService::start(&mut home);
    service.state().has_collection = false;
    let host = host(&home);
    assert_eq!(Keyring::look(&host), Look::Locked);
    let keyring = Keyring::open(&host, None).unwrap();
    assert!(keyring.read(KEY).unwrap().is_none());
    assert!(line(keyring.store(KEY, "a key", &SECRET.into())).contains("asks first"));
    let mut terminal = on_a_terminal(&home, "store");
    assert_eq!(exit(&mut terminal), 0, "{}", terminal.since_mark());
    assert_eq!(service.state().items.len(), 1);
}
