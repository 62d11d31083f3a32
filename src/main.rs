//! Start, and error kind to exit code.

use std::process::ExitCode;

use awsenv::cli::Cli;
use awsenv::host::Host;
use awsenv::terminal::say;
use clap::Parser;

fn main() -> ExitCode {
    match awsenv::commands::run(Cli::parse(), Host::real()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if !error.is_silent() {
                say(error.to_string());
            }
            ExitCode::from(error.kind().exit_code())
        }
    }
}
