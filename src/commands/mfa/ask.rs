//! aws-mfa's questions: on stdout without a line end, answered on stdin.

use std::io::{ErrorKind, IsTerminal, Write};

use secrecy::zeroize::Zeroizing;

use super::log::Log;
use crate::commands::print;
use crate::error::{Error, Result};
use crate::net::{Failure, Said};
use crate::session::{AwsMfaCall, Notes, OwnWords};
use crate::terminal::{Code, ask_on_stdin, say};

/// What a person typed; `None` at the end of the input.
///
/// # Errors
/// Ctrl-C (exit code 130), or stdin's own.
pub fn ask(question: &str) -> Result<Option<Zeroizing<String>>> {
    ask_to(question, &mut std::io::stdout())
}

/// The same with the question on another stream.
pub fn ask_to(question: &str, out: &mut dyn Write) -> Result<Option<Zeroizing<String>>> {
    ask_on_stdin(question, out).map_err(|error| {
        let _ = out.write_all(b"\n");
        match error.kind() {
            ErrorKind::Interrupted => Error::stopped(),
            _ => Error::failed(format!("the question could not be asked: {error}")),
        }
    })
}

/// The error for a question that found stdin at its end; the question has no line end of its own.
pub fn no_answer(what: &str) -> Error {
    let _ = print(b"\n");
    Error::failed(format!("{what}: stdin is at its end"))
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
            return Err(no_answer("no code").next("type it, pipe it in, or give it with --token"));
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
