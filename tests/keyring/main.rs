//! `awsenv keyring`, and everything that reads keys from there: a real gnome-keyring, a fake AWS that checks codes.
#![cfg(all(unix, not(target_os = "macos")))]
#![allow(clippy::unwrap_used, reason = "a test may end here")]

mod desk;
mod kills;
mod odd;
mod page;
mod proxies;
mod refusals;
mod restore;
mod rotate;
mod sessions;
mod store;
mod typed;
