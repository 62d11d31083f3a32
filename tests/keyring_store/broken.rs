//! A bus and a service that do not keep to the protocol: an error, at once.

use std::io::{Read, Write};
use std::os::unix::net::UnixListener;

use awsenv::keyring::{Keyring, Look};
use testbed::dbus::{Header, Values};
use testbed::secret_service::{answer, refuse};
use testbed::{Home, SecretService};

use crate::{KEY, SECRET, USER, home, host, line};

/// The line of a read when the service answers this call so.
fn read(member: &'static str, mut by: impl FnMut(&Header) -> Vec<u8> + Send + 'static) -> String {
    let mut home = home();
    let service = SecretService::start(&mut home);
    service.put(&[("service", "awsenv"), ("username", USER)], SECRET.as_bytes());
    service.answer_by(move |call| (call.member == member).then(|| by(call)));
    let host = host(&home);
    line(Keyring::open(&host, None).and_then(|keyring| keyring.read(KEY)))
}

#[test]
fn answers_that_are_none() {
    let said = read("SearchItems", |call| answer(call, "as", &Values::of(|v| v.number(0))));
    assert_eq!(said, "the Secret Service: an answer on the session bus is broken: other values than it should have");
    // A list of 64 MB, of which nothing comes.
    let said = read("SearchItems", |call| answer(call, "aoao", &Values::of(|v| v.number(1 << 26))));
    assert!(said.ends_with("broken: it is cut off"), "{said}");
    let said = read("OpenSession", |call| answer(call, "vo", &Values::of(|v| v.signature("s").text("").text("..'"))));
    assert!(said.ends_with("broken: a path that is none"), "{said}");
    let said = read("GetSecret", |call| answer(call, "(oayays)", &Values::of(|v| v.text("/s").bytes(&[]).number(9))));
    assert!(said.ends_with("broken: it is cut off"), "{said}");
    // A message of 4 GB.
    let said = read("GetSecret", |call| {
        let mut bytes = answer(call, "", &[]);
        bytes[4..8].fill(0xff);
        bytes
    });
    assert!(said.ends_with("broken: a message too long"), "{said}");
    let said = read("SearchItems", |_| b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec());
    assert!(said.ends_with("broken: it is no message"), "{said}");
}

#[test]
fn a_connection_that_ends() {
    for member in ["Hello", "OpenSession", "SearchItems", "GetSecret"] {
        assert!(read(member, |_| Vec::new()).starts_with("the Secret Service: the session bus: "));
    }
}

#[test]
fn errors_are_told() {
    let said = read("GetSecret", |call| refuse(call, "org.example.Odd", "something odd"));
    assert_eq!(said, "the Secret Service: something odd (org.example.Odd)");
}

/// Another program's answer, and signals in between, are not taken for ours.
#[test]
fn answers_to_other_calls_are_passed_over() {
    let mut home = home();
    let service = SecretService::start(&mut home);
    service.put(&[("service", "awsenv"), ("username", USER)], SECRET.as_bytes());
    service.answer_by(|call| {
        let other = Header { serial: call.serial + 1000, ..call.clone() };
        let stray = answer(&other, "o", &Values::of(|v| v.text("/stray")));
        (call.member == "ReadAlias").then(|| [stray, answer(call, "o", &Values::of(|v| v.text("/ours")))].concat())
    });
    let host = host(&home);
    assert_eq!(Keyring::look(&host), Look::Open);
}

#[test]
fn a_secret_that_is_no_text() {
    let mut home = home();
    let service = SecretService::start(&mut home);
    service.put(&[("service", "awsenv"), ("username", USER)], b"\xff\xfe");
    let host = host(&home);
    let said = line(Keyring::open(&host, None).unwrap().read(KEY));
    assert_eq!(said, format!("the Secret Service: what it has as {USER} is no text"));
}

#[test]
fn one_that_keeps_something_else() {
    let mut home = home();
    let service = SecretService::start(&mut home);
    service.answer_by(|call| {
        let made = || answer(call, "oo", &Values::of(|v| v.text("/made").text("/")));
        (call.member == "CreateItem").then(made)
    });
    let host = host(&home);
    let keyring = Keyring::open(&host, None).unwrap();
    let gone = line(keyring.store(KEY, "a key", &SECRET.into()));
    assert_eq!(gone, format!("the Secret Service does not give back what was stored as {USER}"));
    service.put(&[("service", "awsenv"), ("username", USER)], b"older");
    assert_eq!(line(keyring.store(KEY, "a key", &SECRET.into())), gone);
    assert!(line(keyring.store(KEY, "a\0key", &SECRET.into())).contains("a NUL is in it"));
}

/// What listens there says this to the sign-in, and then nothing.
fn no_bus(home: &mut Home, says: &'static [u8]) -> String {
    let socket = home.outside().join("no-bus");
    home.set("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", socket.display()));
    std::fs::write(&socket, "").unwrap();
    testbed::keyring::confirm_bus(home);
    std::fs::remove_file(&socket).unwrap();
    let listener = UnixListener::bind(&socket).unwrap();
    let other = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut word = [0; 5];
        stream.read_exact(&mut word).unwrap();
        // One that has heard enough goes.
        let _ = stream.write_all(says);
    });
    let said = line(Keyring::open(&host(home), None));
    other.join().unwrap();
    said
}

#[test]
fn something_else_at_the_address() {
    let said = no_bus(&mut home(), b"REJECTED EXTERNAL\r\n");
    assert_eq!(said, "there is no Secret Service here: the session bus does not accept this user");
    for says in [&b"220 mail.example ESMTP\r\n"[..], &[b'x'; 5000]] {
        assert!(no_bus(&mut home(), says).ends_with("broken: it is no bus"));
    }
    assert!(no_bus(&mut home(), b"OK").contains("the session bus: "));
}
