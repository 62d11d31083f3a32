//! awsenv: AWS profiles, sessions and one-time codes for the shell.
//!
//! Data goes one way: files and environment, what a profile is, what session it has, what should change, text for a
//! shell. The modules stand in that order from the bottom up, and an import only ever points down this list's reverse.

pub mod error;
pub mod host;
pub mod process;
pub mod settings;
pub mod shell;
pub mod state;
pub mod terminal;
pub mod time;
