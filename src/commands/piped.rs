//! Secrets that come through a pipe.

use secrecy::SecretString;

use crate::error::{Error, Result};
use crate::terminal::ask_on_stdin;

/// A line of stdin.
///
/// # Errors
/// It ends before there is one; Ctrl-C.
pub fn line(what: &str) -> Result<SecretString> {
    first_line()?.ok_or_else(|| Error::failed(format!("stdin ended before {what}; nothing was changed")))
}

/// A line of stdin; `None` where it ends, or the line is empty.
///
/// # Errors
/// It cannot be read; Ctrl-C.
pub fn first_line() -> Result<Option<SecretString>> {
    let read = ask_on_stdin("", &mut std::io::sink()).map_err(|e| match e.kind() {
        std::io::ErrorKind::Interrupted => Error::stopped(),
        _ => Error::failed(format!("stdin: {e}")),
    })?;
    Ok(read.filter(|line| !line.is_empty()).map(|line| SecretString::from(line.as_str())))
}
