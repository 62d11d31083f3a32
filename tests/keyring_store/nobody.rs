//! No keyring here, and why.

use std::os::unix::net::UnixListener;

use awsenv::keyring::{Keyring, Look};
use testbed::{Home, SecretService};

use crate::{home, host, line};

/// Why, as the error and the look say it.
#[track_caller]
fn none(home: &Home) -> String {
    let said = line(Keyring::open(&host(home), None));
    let Some(why) = said.strip_prefix("there is no Secret Service here: ") else { panic!("{said}") };
    assert_eq!(Keyring::look(&host(home)), Look::None(why.into()));
    why.to_owned()
}

#[test]
fn no_bus() {
    let mut home = home();
    assert_eq!(none(&home), "there is no session bus: DBUS_SESSION_BUS_ADDRESS is not set");
    let runtime = home.outside();
    home.set("XDG_RUNTIME_DIR", &runtime);
    assert_eq!(none(&home), "there is no session bus: DBUS_SESSION_BUS_ADDRESS is not set");
    // As a session leaves it that was not ended in order.
    drop(UnixListener::bind(runtime.join("bus")).unwrap());
    testbed::keyring::confirm_bus(&home);
    assert!(none(&home).ends_with("/bus: Connection refused (os error 111)"), "{}", none(&home));

    home.set("DBUS_SESSION_BUS_ADDRESS", "unix:abstract=/nobody/awsenv");
    testbed::keyring::confirm_bus(&home);
    for (address, why) in [
        ("unix:path=/nobody/bus,guid=0f", "the session bus at unix:path=/nobody/bus,guid=0f: No such file"),
        ("unix:abstract=/nobody/awsenv", "the session bus at unix:abstract=/nobody/awsenv: Connection refused"),
        ("unix:path=bus", "DBUS_SESSION_BUS_ADDRESS: unix:path=bus is no address that awsenv can use"),
        ("autolaunch:", "DBUS_SESSION_BUS_ADDRESS: autolaunch: is no address that awsenv can use"),
        ("unixexec:path=ssh", "DBUS_SESSION_BUS_ADDRESS: unixexec:path=ssh is no address that awsenv can use"),
        (";", "DBUS_SESSION_BUS_ADDRESS names no address"),
    ] {
        home.set("DBUS_SESSION_BUS_ADDRESS", address);
        assert!(none(&home).starts_with(why), "{}", none(&home));
    }
}

/// What systemd's sessions have where the variable is lost: sudo, cron.
#[test]
fn the_bus_of_the_login_is_found_without_the_variable() {
    let mut home = home();
    let Some(_desk) = testbed::Keyring::unlocked(&mut home) else { return };
    home.unset("DBUS_SESSION_BUS_ADDRESS");
    assert_eq!(Keyring::look(&host(&home)), Look::Open);
    home.set("DBUS_SESSION_BUS_ADDRESS", "unix:runtime=yes");
    assert_eq!(Keyring::look(&host(&home)), Look::Open);
}

#[test]
fn a_bus_without_one() {
    let mut home = home();
    let Some(mut desk) = testbed::Keyring::unlocked(&mut home) else { return };
    desk.stop();
    assert_eq!(none(&home), "no program on the session bus offers it");
}

#[test]
fn one_that_does_not_start() {
    let mut home = home();
    let service = SecretService::start(&mut home);
    service.answer_by(|call| {
        let error = "org.freedesktop.DBus.Error.Spawn.ChildExited";
        (call.member == "OpenSession").then(|| testbed::secret_service::refuse(call, error, "it exited with status 1"))
    });
    assert_eq!(none(&home), "the program that offers it does not start: it exited with status 1");
}
