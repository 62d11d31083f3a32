//! The lines with which awsenv writes itself into the AWS files as a `credential_process`: for sessions into the config file,
//! for long-term keys wherever their id stands.

use bstr::{BStr, ByteSlice};

use super::init;
use crate::error::{Error, Result};
use crate::profile::ProfileName;
use crate::shell::command_word;

/// Gives a profile's session.
///
/// # Errors
/// A name or path that cannot be written so is refused by name.
pub fn session(name: &ProfileName) -> Result<String> {
    line("credentials", name)
}

/// Gives the long-term key of a profile whose secret is in the system's keyring.
///
/// # Errors
/// As [`session`].
pub fn long_term(name: &ProfileName) -> Result<String> {
    line("credentials --long-term", name)
}

/// Whether this is a line of [`long_term`], whoever's program it names.
pub fn is_long_term(line: &BStr) -> bool {
    let words = shlex::split(&line.to_str_lossy()).unwrap_or_default();
    matches!(&words[..], [_, credentials, long_term, ..] if credentials == "credentials" && long_term == "--long-term")
}

/// Whether a line that was written earlier still works: its program is there, and the rest is as it would be written now.
pub fn is_alike(line: &BStr, now: &str) -> bool {
    let words = |text: &str| shlex::split(text).unwrap_or_default();
    let (old, new) = (words(&line.to_str_lossy()), words(now));
    let program = old.first().map(std::path::PathBuf::from).unwrap_or_default();
    program.is_absolute() && program.is_file() && old.get(1..) == new.get(1..)
}

/// In words that botocore's shlex and the SDKs' `sh -c` (`cmd /C`) read alike.
fn line(command: &str, name: &ProfileName) -> Result<String> {
    let program = init::own_path()?;
    let refuse = |what: &str| {
        Error::failed(format!("{what} cannot be written into a credential_process that every SDK reads alike"))
            .next("`awsenv exec` and `awsenv export` work for this profile")
    };
    let program = program
        .to_str()
        .and_then(command_word::quote)
        .ok_or_else(|| refuse(&format!("the path {}", program.display())))?;
    let text = name
        .as_bytes()
        .to_str()
        .ok()
        .and_then(command_word::quote)
        .ok_or_else(|| refuse(&format!("the name {name}")))?;
    let dashes = if name.as_bytes().starts_with(b"-") { "-- " } else { "" };
    Ok(format!("{program} {command} {dashes}{text}"))
}
