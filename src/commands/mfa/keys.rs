//! `aws-mfa --setup`: asks for long-term keys and adds their section.

use bstr::ByteSlice;
use secrecy::{ExposeSecret, SecretString};

use super::ask::{ask, ask_to, no_answer};
use crate::aws_files::{self, FileKind, SectionKind};
use crate::error::{Error, Result};
use crate::profile::{Files, ProfileName};
use crate::terminal::{Answer, Question, Tty};

pub fn run(files: &Files) -> Result<()> {
    let name = ask("Profile name to [default]: ")?.ok_or_else(|| no_answer("no profile name"))?;
    let name = match name.trim() {
        "" => ProfileName::default_profile(),
        name => ProfileName::from(name),
    };
    let section = name.long_term();
    let taken = || {
        Error::failed(format!("[{section}] is already in {}", files.paths.credentials.display()))
            .next("edit it there, or choose another name")
    };
    // Before anything else is typed.
    if files.credentials.has_profile(section.as_bstr()) {
        return Err(taken());
    }
    let id = hidden("aws_access_key_id")?;
    let secret = hidden("aws_secret_access_key")?;
    aws_files::edit(&files.paths.credentials, FileKind::Credentials, |document| {
        if document.has_profile(section.as_bstr()) {
            return Err(taken());
        }
        for (key, value) in [("aws_access_key_id", &id), ("aws_secret_access_key", &secret)] {
            let value = value.expose_secret().as_bytes().as_bstr();
            document.set(SectionKind::Profile, section.as_bstr(), key, value)?;
        }
        Ok(())
    })
}

/// A key, of which nothing is shown: asked on the terminal, as Python's getpass does; without one read from stdin.
fn hidden(key: &str) -> Result<SecretString> {
    let question = format!("{key}: ");
    let given = match Tty::open().filter(Tty::is_foreground) {
        Some(tty) => match tty.ask_hidden(&Question::other(&question).or_enter(), || false) {
            Answer::Given(secret) => secret.expose_secret().trim().to_owned(),
            Answer::Enter => String::new(),
            Answer::Stop | Answer::Overtaken => return Err(Error::stopped()),
        },
        None => ask_to(&question, &mut std::io::stderr())?.map(|line| line.trim().to_owned()).unwrap_or_default(),
    };
    match given.is_empty() {
        true => Err(Error::failed(format!("You must supply {key}"))),
        false => Ok(given.into()),
    }
}
