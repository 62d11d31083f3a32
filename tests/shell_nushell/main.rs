//! nushell as a person uses it: prompt, guard, `use` and `leave`, on a real terminal with the real binary.

#![cfg(unix)]

mod completion;
mod guard;
mod lines;
mod loading;
mod manners;
mod off;
mod parallel;
mod processes;
mod prompt;
mod quoting;
mod session;
mod trust;
mod use_and_leave;
mod values;
mod world;
