//! `awsenv setup`: a newcomer is led from nothing to a session, on a terminal.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may end here")]

mod again;
mod desk;
mod devices;
mod keyring;
mod keys;
mod others;
mod proxies;
mod reach;
mod stopping;
mod trust;
mod whole;
mod yubikey;
