//! Whether a command that stands in a file may run.
//!
//! From the default files it may. A file that an environment variable names could be a cloned repository's, chosen by its
//! `.envrc`: its commands count only after the user has confirmed that path and that line, once.

use crate::error::{Error, Result};
use crate::profile::Value;
use crate::state::Memory;
use crate::terminal::{Answer, Question, Tty};

use super::command;

/// Passes a command that may run.
///
/// # Errors
/// Says which command of which file was left out and why; `Ctrl-C` stops.
pub fn check(memory: &Memory, tty: Option<&Tty>, what: &str, value: &Value) -> Result<()> {
    let place = &value.place;
    command::check_owner(&place.file)?;
    confirm(memory, tty, place.file_from_environment, &place.file, &format!("{what} = {}", value.text))
        .map_err(|e| e.within(place))
}

/// Lets lines of a file count that the user has just put there.
pub fn remember(memory: &Memory, named_by_environment: bool, file: &std::path::Path, lines: &str) {
    let path = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    if named_by_environment {
        memory.confirm(path.as_os_str().as_encoded_bytes(), lines);
    }
}

/// The same for lines of any file: `named_by_environment` says whether they need the user's word.
///
/// # Errors
/// As [`check`].
pub fn confirm(
    memory: &Memory,
    tty: Option<&Tty>,
    named_by_environment: bool,
    file: &std::path::Path,
    lines: &str,
) -> Result<()> {
    let path = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let path = path.as_os_str().as_encoded_bytes();
    if !named_by_environment || memory.confirmed(path, lines) {
        return Ok(());
    }
    let left_out = || {
        Error::failed(format!("an environment variable named this file, and it is not confirmed: left out: {lines}"))
            .next("`awsenv exec PROFILE` in a terminal asks")
    };
    let Some(tty) = tty else { return Err(left_out()) };
    let question = Question::other("Let it count, now and later? [y/n] ")
        .or_enter()
        .after(format!("{}, which an environment variable names, says:", file.display()))
        .after(format!("  {lines}"));
    match tty.ask_choice(&question, &["yes", "no"], || false) {
        Answer::Given(0) => {
            memory.confirm(path, lines);
            Ok(())
        }
        Answer::Stop => Err(Error::stopped()),
        _ => Err(left_out()),
    }
}
