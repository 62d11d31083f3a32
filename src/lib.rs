//! awsenv: AWS profiles, sessions and one-time codes for the shell.
//!
//! Data goes one way: files and environment, what a profile is, what session it has, what should change, text for a shell.
//! The rooms stand in that order, from the ground up; an import only ever points at a room above it in this list.

// The ground.
pub mod error;
pub mod hex;
pub mod host;
pub mod process;
pub mod time;
#[cfg(windows)]
pub mod windows;

// The rooms.
pub mod terminal;

pub mod state;

pub mod keyring;

pub mod net;

pub mod aws_files;

pub mod settings;

pub mod profile;

pub mod session;

pub mod environment;

pub mod shell;

pub mod cli;
pub mod commands;
