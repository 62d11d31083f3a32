//! A long-term key that is typed, piped in, or stands in the environment.

use std::io::IsTerminal;

use secrecy::{ExposeSecret, SecretString};

use crate::commands::{long_term_key, piped};
use crate::error::{Error, Result};
use crate::host::Host;
use crate::net::Keys;
use crate::terminal::{Answer, Question, Tty, say};

/// How often something that is no key may be typed.
const TRIES: usize = 3;

/// The key in the environment, as other tools leave it there.
///
/// # Errors
/// There is none, or a session's.
pub(super) fn from_environment(host: &Host) -> Result<Keys> {
    let text = |name: &str| host.var(name).map(|value| value.to_string_lossy().into_owned());
    let (Some(id), Some(secret)) = (text("AWS_ACCESS_KEY_ID"), text("AWS_SECRET_ACCESS_KEY")) else {
        return Err(Error::failed("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set")
            .next("aws-vault exec --no-session PROFILE -- awsenv keyring store PROFILE --from-env"));
    };
    if text("AWS_SESSION_TOKEN").or(text("AWS_SECURITY_TOKEN")).is_some() {
        return Err(Error::failed("the keys in the environment are a session's (AWS_SESSION_TOKEN)")
            .next("aws-vault exec --no-session gives the long-term key"));
    }
    long_term_key::of(&id, &SecretString::from(secret)).map_err(|why| Error::failed(format!("the environment: {why}")))
}

/// The key that comes through stdin (a line with the id, one with the secret); `None` where that is a terminal, or ends at
/// once.
///
/// # Errors
/// What came is no key.
pub(super) fn piped() -> Result<Option<Keys>> {
    if std::io::stdin().is_terminal() {
        return Ok(None);
    }
    let Some(id) = piped::first_line()? else { return Ok(None) };
    let secret = piped::line("its secret")?;
    let keys = long_term_key::of(id.expose_secret(), &secret);
    keys.map(Some).map_err(|why| Error::failed(format!("stdin: {why}")))
}

/// The key as a person types it: the secret hidden, and the id only where it is not known.
///
/// # Errors
/// There is nobody to ask, or what came is no key; Ctrl-C.
pub(super) fn asked(tty: Option<&Tty>, known: Option<&str>) -> Result<Keys> {
    if !std::io::stdin().is_terminal() {
        return Err(Error::failed("stdin ended before the key's id; nothing was changed"));
    }
    let Some(tty) = tty else {
        return Err(Error::failed(format!("{} to ask for the key on", Tty::none()))
            .next("it also comes from stdin, or with --from-env"));
    };
    let _quiet = tty.listen();
    for _ in 0..TRIES {
        let id = match known {
            Some(id) => id.to_owned(),
            None => answer(tty.ask_line(&Question::other("Access key ID: "), || false))?,
        };
        if let Err(why) = long_term_key::id(&id) {
            say(why);
            continue;
        }
        let secret =
            answer(tty.ask_hidden(&Question::other(format!("Secret access key of {}: ", id.trim())), || false))?;
        match long_term_key::of(&id, &secret) {
            Ok(keys) => return Ok(keys),
            Err(why) => say(why),
        }
    }
    Err(Error::failed(format!("nothing was changed after {TRIES} tries")))
}

pub(super) fn answer<T>(given: Answer<T>) -> Result<T> {
    match given {
        Answer::Given(value) => Ok(value),
        _ => Err(Error::stopped()),
    }
}
