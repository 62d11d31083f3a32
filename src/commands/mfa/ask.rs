//! aws-mfa's questions: on stdout without a line end, answered on stdin.

use std::io::{ErrorKind, IsTerminal};

use secrecy::zeroize::Zeroizing;

use super::log::Log;
use crate::commands::print;
use crate::error::{Error, Result};
use crate::net::{Failure, Said};
use crate::session::{AwsMfaCall, Notes, OwnWords};
use crate::terminal::{Code, clean, say, stdin_line};

/// What a person typed; `None` at the end of the input.
///
/// # Errors
/// Ctrl-C (exit code 130), or stdin's own.
pub fn ask(question: &str) -> Result<Option<Zeroizing<String>>> {
    print(clean(question).as_bytes())?;
    match stdin_line() {
        Ok(line) => Ok(line),
        Err(error) => {
            print(b"\n")?;
            match error.kind() {
                ErrorKind::Interrupted => Err(Error::stopped()),
                _ => Err(Error::failed(format!("stdin: {error}"))),
            }
        }
    }
}

/// What aws-mfa asks and says around the call.
pub struct AwsMfaWords<'a> {
    pub log: &'a Log,
    /// `--token`
    pub token: Option<&'a str>,
    pub call: &'a AwsMfaCall,
    /// `INFO - Fetching Credentials…`, once there is a code.
    pub fetching: String,
}

impl AwsMfaWords<'_> {
    /// The code as it was given; `None` at the end of stdin.
    fn text(&self, notes: Notes) -> Result<Option<Zeroizing<String>>> {
        if let Some(token) = self.token {
            self.log.debug("Received token as argument")?;
            return Ok(Some(Zeroizing::new(token.to_owned())));
        }
        // Beside aws-mfa's log, which stays as it is.
        notes.iter().filter(|_| self.asks()).for_each(say);
        let AwsMfaCall { device, seconds, .. } = self.call;
        ask(&format!("Enter AWS MFA code for device [{device}] (renewing for {seconds} seconds):"))
    }
}

impl OwnWords for AwsMfaWords<'_> {
    fn asks(&self) -> bool {
        self.token.is_none() && std::io::stdin().is_terminal()
    }

    fn code(&self, notes: Notes, process: Option<&dyn Fn() -> Result<Code>>) -> Result<Code> {
        if let Some(process) = process.filter(|_| self.token.is_none()) {
            let code = process()?;
            self.log.info(&self.fetching)?;
            return Ok(code);
        }
        let Some(text) = self.text(notes)? else {
            print(b"\n")?;
            return Err(
                Error::failed("no code: stdin is at its end").next("type it, pipe it in, or give it with --token")
            );
        };
        self.log.info(&self.fetching)?;
        Code::parse(&text).map_err(|_| Error::failed("Token must be six digits"))
    }

    fn just_used(&self, wait: &str) -> Error {
        refusal(wait)
    }

    fn refused(&self, failure: &Failure) -> Error {
        let Some(Said { code, message }) = failure.said.as_deref() else { return refusal(&failure.to_string()) };
        // What it means and what to do, beside what aws-mfa shows.
        say(failure.to_string());
        let operation = if self.call.role.is_some() { "AssumeRole" } else { "GetSessionToken" };
        refusal(&format!("An error occurred ({code}) when calling the {operation} operation: {message}"))
    }
}

/// The same words for both calls, and spelt so.
fn refusal(why: &str) -> Error {
    Error::failed(format!("An error occured while calling assume role: {why}"))
}
