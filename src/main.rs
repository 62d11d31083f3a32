//! Start, and error kind to exit code.

use std::process::ExitCode;

use awsenv::cli::{Cli, exact};
use awsenv::host::Host;
use awsenv::terminal::say;
use clap::Parser;

fn main() -> ExitCode {
    let words: Vec<_> = std::env::args_os().skip(1).collect();
    let cli = exact::command(&words).map_or_else(Cli::parse, |command| Cli { command });
    match awsenv::commands::run(cli, Host::real()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if !error.is_silent() {
                say(error.to_string());
            }
            ExitCode::from(error.kind().exit_code())
        }
    }
}
