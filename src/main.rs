//! Start, and error kind to exit code.

use std::ffi::OsStr;
use std::path::Path;
use std::process::ExitCode;

use awsenv::cli::{Cli, Command, MfaLine, exact, refuse};
use awsenv::host::Host;
use awsenv::terminal::say;
use clap::Parser;

fn main() -> ExitCode {
    let mut words = std::env::args_os();
    let name = words.next().unwrap_or_default();
    let words: Vec<_> = words.collect();
    let cli = match exact::command(&words) {
        _ if is_aws_mfa(&name) => Cli { command: Command::Mfa(MfaLine::parse().args) },
        Some(command) => Cli { command },
        None => Cli::try_parse().unwrap_or_else(|error| refuse(&words, error)),
    };
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

/// Whether this was started as `aws-mfa`: a link to awsenv, or a copy of it.
fn is_aws_mfa(program: &OsStr) -> bool {
    let name = Path::new(program).file_name().and_then(OsStr::to_str).unwrap_or_default();
    // Windows' names are the same in any case, and may or may not end in `.exe`.
    if cfg!(windows) { name.to_ascii_lowercase().trim_end_matches(".exe") == "aws-mfa" } else { name == "aws-mfa" }
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
