//! Secrets in the Secret Service: gnome-keyring's, and one that does as it is told.
#![cfg(all(unix, not(target_os = "macos")))]
#![allow(clippy::unwrap_used, reason = "a test may end here")]

mod gnome;

use awsenv::host::Host;
use testbed::Home;

fn home() -> Home {
    Home::new(env!("CARGO_BIN_EXE_awsenv"))
}

/// The machine as a program in this home sees it.
fn host(home: &Home) -> Host {
    let env = home.env();
    let vars: Vec<_> = env.iter().map(|(name, value)| (name.to_str().unwrap(), value.to_str().unwrap())).collect();
    Host::fixed(&vars, home.path(), awsenv::time::Timestamp(1_700_000_000))
}
