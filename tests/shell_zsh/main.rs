//! What a person sees of awsenv in a real, interactive zsh on a terminal.
#![cfg(unix)]

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
