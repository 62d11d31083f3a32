//! What a person sees of awsenv in a real, interactive zsh on a terminal.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "what cannot be set up is a failed test")]

mod completion;
mod desk;
mod guard;
mod hostile;
mod manners;
mod processes;
mod prompt;
mod quoting;
mod session;
mod switching;
