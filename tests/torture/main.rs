//! Many processes at once, kills, hostile places and hostile content, with the real program and the fake AWS.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may end here")]

mod full_screen;
mod hostile_clone;
mod hostile_files;
mod hostile_places;
mod hostile_values;
mod kills;
mod many_processes;
mod others_bytes;
mod stage;
