//! Secrets in the Secret Service: gnome-keyring's, and one that does as it is told.
#![cfg(all(unix, not(target_os = "macos")))]
#![allow(clippy::unwrap_used, reason = "a test may end here")]

mod asked;
mod broken;
mod confirmed;
mod gnome;
mod nobody;

use awsenv::error::Error;
use awsenv::host::Host;
use awsenv::keyring::{Item, Keyring};
use awsenv::terminal::{self, Tty};
use secrecy::ExposeSecret;
use testbed::{Home, Spec, Terminal};

const KEY: Item = Item::AccessKey("AKIAIOSFODNN7EXAMPLE");
const USER: &str = "access-key AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCY";

fn home() -> Home {
    Home::new(env!("CARGO_BIN_EXE_awsenv"))
}

/// The machine as a program in this home sees it.
fn host(home: &Home) -> Host {
    let env = home.env();
    let vars: Vec<_> = env.iter().map(|(name, value)| (name.to_str().unwrap(), value.to_str().unwrap())).collect();
    // What is confirmed counts from then on.
    Host::fixed(&vars, home.path(), Host::real().now())
}

/// The line of an error, which has no secret in it and is one line.
#[track_caller]
fn line<T>(result: Result<T, Error>) -> String {
    let Err(error) = result else { panic!("it should have failed") };
    assert_eq!(error.kind().exit_code(), 1, "{error}");
    let line = error.to_string();
    assert!(!line.contains(SECRET) && !line.contains('\n') && !line.is_empty(), "{line}");
    line
}

/// What a command does that works on the key, on a terminal of its own.
fn on_a_terminal(home: &Home, what: &str) -> Terminal {
    let this = std::env::current_exe().unwrap();
    let mut spec = Spec::new(this).args(["--exact", "as_a_command", "--nocapture"]).cwd(home.path());
    for (name, value) in home.env() {
        spec = spec.env(name, value);
    }
    Terminal::start(spec.env("KEYRING_STORE", what))
}

/// Not a test: [`on_a_terminal`] starts it, since the library alone has no command.
#[test]
fn as_a_command() {
    let Ok(what) = std::env::var("KEYRING_STORE") else { return };
    let (host, tty) = (Host::real(), Tty::open().unwrap());
    let keyring = Keyring::open(&host, Some(&tty));
    let done = keyring.and_then(|keyring| match what.as_str() {
        "read" => Ok(format!("read: {:?}", keyring.read(KEY)?.map(|s| s.expose_secret().to_owned()))),
        "store" => keyring.store(KEY, "a key", &SECRET.into()).map(|()| "stored.".into()),
        "remove" => Ok(format!("removed: {}", keyring.remove(KEY)?)),
        other => panic!("{other}"),
    });
    match done {
        Ok(text) => println!("\n{text}"),
        Err(error) => {
            terminal::say(format!("<{error}>"));
            std::process::exit(error.kind().exit_code().into());
        }
    }
}
