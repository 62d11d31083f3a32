//! fish as a person uses it: prompt, guard, `use` and `leave`, on a real terminal with the real binary.

#![cfg(unix)]

mod guard;
mod processes;
mod prompt;
mod quoting;
mod text;
mod trust;
mod use_and_leave;
mod world;
