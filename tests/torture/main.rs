//! Many processes at once, kills, hostile places and hostile content, with the real program and the fake AWS.
#![allow(clippy::unwrap_used, reason = "a test may end here")]

#[cfg(unix)]
mod full_screen;
mod held_files;
#[cfg(unix)]
mod hostile_clone;
#[cfg(unix)]
mod hostile_files;
#[cfg(unix)]
mod hostile_places;
#[cfg(unix)]
mod hostile_values;
mod kills;
#[cfg(unix)]
mod kills_at_calls;
mod many_processes;
#[cfg(unix)]
mod one_question;
#[cfg(unix)]
mod others_bytes;
mod stage;
