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

/// The one function of the system's mathematics library that anything here is linked with: the SDK's rate limiter, which
/// never runs, raises to a power. With a `pow` of our own that library is not loaded, which every start pays for (0.05 of
/// an empty program).
#[cfg(all(target_os = "linux", not(debug_assertions)))]
#[allow(unsafe_code, reason = "the signature is that of C's pow")]
#[unsafe(no_mangle)]
extern "C" fn pow(base: f64, exponent: f64) -> f64 {
    libm::pow(base, exponent)
}
