//! Secrets that come through a pipe.

use secrecy::SecretString;

use crate::error::{Error, Result};
use crate::terminal::ask_on_stdin;

/// A line of stdin.
///
/// # Errors
/// It ends before there is one; Ctrl-C.
pub fn line(what: &str) -> Result<SecretString> {
    let read = ask_on_stdin("", &mut std::io::sink()).map_err(|e| match e.kind() {
        std::io::ErrorKind::Interrupted => Error::stopped(),
        _ => Error::failed(format!("stdin: {e}")),
    })?;
    match read.filter(|line| !line.is_empty()) {
        Some(line) => Ok(SecretString::from(line.as_str())),
        None => Err(Error::failed(format!("stdin ended before {what}; nothing was changed"))),
    }
}
