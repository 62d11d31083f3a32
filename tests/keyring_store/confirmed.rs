//! A session bus that the environment names, as a cloned repository's `.envrc` can: nothing goes there unasked.

use std::os::unix::net::UnixListener;

use awsenv::keyring::{Keyring, Look};
use testbed::{Home, SecretService, exit};

use crate::{KEY, SECRET, USER, home, host, line, on_a_terminal};

/// What stands in an error and in the question.
const FOREIGN: &str = "session bus at unix:";

/// # Panics
/// Anybody was asked for anything, or had a connection.
#[track_caller]
fn is_left_out(home: &Home, listener: &UnixListener, name: &str, variable: &str) {
    let why = format!("the session bus at {name}, which {variable} names, is not confirmed");
    let said = line(Keyring::open(&host(home), None));
    assert_eq!(said, format!("{why}: left out: `awsenv exec PROFILE` in a terminal asks"));
    assert_eq!(Keyring::look(&host(home)), Look::Unconfirmed(why));
    let nobody = listener.accept().expect_err("somebody came");
    assert_eq!(nobody.kind(), std::io::ErrorKind::WouldBlock);
}

#[test]
fn without_a_terminal_it_is_left_out() {
    let mut home = home();
    let folder = home.outside().join("repository");
    std::fs::create_dir(&folder).unwrap();
    let listener = UnixListener::bind(folder.join("bus")).unwrap();
    listener.set_nonblocking(true).unwrap();
    let name = format!("unix:path={}/bus", folder.display());
    home.set("XDG_RUNTIME_DIR", &folder);
    is_left_out(&home, &listener, &name, "XDG_RUNTIME_DIR");
    for address in [name.clone(), format!("unix:guid=0f,path={}/bus", folder.display()), "unix:runtime=yes".into()] {
        home.set("DBUS_SESSION_BUS_ADDRESS", address);
        is_left_out(&home, &listener, &name, "DBUS_SESSION_BUS_ADDRESS");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_socket_that_is_no_file_is_left_out_too() {
    use std::os::linux::net::SocketAddrExt;
    let mut home = home();
    let name = format!("{}/abstract", home.outside().display());
    let address = std::os::unix::net::SocketAddr::from_abstract_name(&name).unwrap();
    let listener = UnixListener::bind_addr(&address).unwrap();
    listener.set_nonblocking(true).unwrap();
    home.set("DBUS_SESSION_BUS_ADDRESS", format!("unix:abstract={name},guid=0f"));
    is_left_out(&home, &listener, &format!("unix:abstract={name}"), "DBUS_SESSION_BUS_ADDRESS");
}

/// A service that is confirmed, and then another name for it.
fn under_another_name(home: &mut Home) -> SecretService {
    let service = SecretService::start(home);
    service.put(&[("service", "awsenv"), ("username", USER)], SECRET.as_bytes());
    std::os::unix::fs::symlink(home.outside().join("bus with a blank"), home.outside().join("bus")).unwrap();
    let address = format!("unix:path={},guid=0f", home.outside().join("bus").display());
    home.set("DBUS_SESSION_BUS_ADDRESS", address);
    service
}

#[test]
fn a_person_confirms_it_once() {
    let mut home = home();
    let service = under_another_name(&mut home);
    let bus = home.outside().join("bus");
    let mut terminal = on_a_terminal(&home, "read");
    terminal.expect(&format!(
        "awsenv: the keyring is on the session bus at unix:path={} (DBUS_SESSION_BUS_ADDRESS), which",
        bus.display()
    ));
    terminal.expect("Is that bus yours, now and later? [y/n] ").line("y");
    assert_eq!(exit(&mut terminal), 0, "{}", terminal.since_mark());
    terminal.expect(&format!("read: Some({SECRET:?})"));
    // At its next start the bus has another id.
    home.set("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={},guid=77", bus.display()));
    let mut terminal = on_a_terminal(&home, "read");
    assert_eq!(exit(&mut terminal), 0, "{}", terminal.since_mark());
    assert!(!terminal.everything().contains(FOREIGN), "{}", terminal.everything());
    assert_eq!(Keyring::look(&host(&home)), Look::Open);
    // A repository's memory is no person's.
    let elsewhere = Home::new(env!("CARGO_BIN_EXE_awsenv"));
    let state = home.path().join(".local/state/awsenv");
    let named = [("AWSENV_STATE_DIR", state.as_path()), ("DBUS_SESSION_BUS_ADDRESS", &bus)];
    let vars = named.map(|(name, value)| (name, value.to_str().unwrap()));
    let vars = [vars[0], ("DBUS_SESSION_BUS_ADDRESS", &format!("unix:path={}", vars[1].1))];
    let there = awsenv::host::Host::fixed(&vars, elsewhere.path(), host(&home).now());
    assert!(matches!(Keyring::look(&there), Look::Unconfirmed(_)));
    drop(service);
}

#[test]
fn a_no_and_ctrl_c_leave_it_out() {
    let mut home = home();
    let service = under_another_name(&mut home);
    for (key, status) in [("n\r", 1), ("\x03", 130)] {
        let mut terminal = on_a_terminal(&home, "store");
        terminal.expect("Is that bus yours, now and later? [y/n] ").send(key);
        assert_eq!(exit(&mut terminal), status, "{}", terminal.since_mark());
    }
    assert!(service.state().calls.is_empty(), "{:?}", service.state().calls);
    assert!(matches!(Keyring::look(&host(&home)), Look::Unconfirmed(_)));
    assert!(line(Keyring::open(&host(&home), None).and_then(|keyring| keyring.read(KEY))).contains(FOREIGN));
}
