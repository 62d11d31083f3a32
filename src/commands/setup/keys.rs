//! The access keys of an IAM user: asked for, looked at, kept.

use secrecy::{ExposeSecret, SecretString};

use super::ask::Person;
use super::draft::Entry;
use crate::commands::{Desk, long_term_key, own_process};
use crate::error::{Error, Kind, Result};
use crate::host::Host;
use crate::keyring::{Item, Keyring, Look};
use crate::net::Keys;
use crate::profile::{KEYRING_KEY, ProfileName};
use crate::terminal::{Answer, Question, say};

const WHERE: &str =
    "keys: the AWS console makes them, and shows them once (IAM, Users, you, Security credentials, Access keys)";

/// Long-term keys, from the environment where the person wants those, else typed.
///
/// # Errors
/// Ctrl-C.
pub fn ask(person: &Person, host: &Host, name: &str, first: bool) -> Result<Keys> {
    if first && let Some(keys) = of_environment(host) {
        let shown = format!("keys: AWS_ACCESS_KEY_ID is set here ({})", keys.shown_id());
        if person.agrees(&[&shown], &format!("Take these keys for {name}?"))? {
            return Ok(keys);
        }
    }
    let before = if first { &[WHERE][..] } else { &[] };
    let id = person.line(before, "Access key ID (AKIA…): ", None, |typed| {
        long_term_key::id(pasted(typed)?).map(str::to_owned)
    })?;
    let question = Question::other("Secret access key (is not shown): ");
    loop {
        let typed = match person.tty.ask_hidden(&question, || false) {
            Answer::Given(typed) => typed,
            _ => return Err(Error::stopped()),
        };
        match long_term_key::secret(typed.expose_secret(), &id) {
            Ok(secret) => {
                let secret_access_key = SecretString::from(secret);
                return Ok(Keys { access_key_id: id, secret_access_key, session_token: None });
            }
            Err(why) => say(why),
        }
    }
}

/// The ID in what was pasted for it: alone, in quotes, or as a line of the credentials file.
///
/// # Errors
/// It is the line of the console's CSV file, with the secret in it.
fn pasted(typed: &str) -> Result<&str, String> {
    let is_quote = |c: char| matches!(c, '"' | '\'' | '`');
    if let Some((id, rest)) = typed.split_once(',')
        && long_term_key::id(id.trim_matches(is_quote)).is_ok()
        && !rest.trim().is_empty()
    {
        return Err(
            "that is a whole line of the console's file, and the secret in it stands on this screen now: better make a new key; \
             here goes the ID alone"
                .into(),
        );
    }
    let value = match typed.split_once('=') {
        Some((key, value)) if key.trim().eq_ignore_ascii_case("aws_access_key_id") => value,
        _ => typed,
    };
    Ok(value.trim().trim_matches(is_quote))
}

/// Keys that stand in the environment and last.
fn of_environment(host: &Host) -> Option<Keys> {
    let text = |name: &str| host.var(name)?.into_string().ok();
    if ["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"].iter().any(|name| host.var(name).is_some()) {
        return None;
    }
    let (own, other) = (text("AWS_ACCESS_KEY_ID")?, text("AWS_SECRET_ACCESS_KEY")?);
    long_term_key::of(&own, &SecretString::from(other)).ok()
}

/// Whether the secret goes into the system's keyring: offered where there is one that opens.
///
/// # Errors
/// Ctrl-C.
pub fn into_keyring(person: &Person, desk: &Desk, keys: &Keys) -> Result<bool> {
    if let Look::None(_) = Keyring::look(&desk.host) {
        return Ok(false);
    }
    let file = desk.files.paths.credentials.display();
    let before = [
        format!("keys: their secret can go into {}, where backups and other users do not see it;", Keyring::NAME),
        "AWS CLI and SDKs then get it from awsenv (credential_process)".to_owned(),
        format!("else it stands in {file} in plain text"),
    ];
    let before: Vec<&str> = before.iter().map(String::as_str).collect();
    if !person.agrees(&before, &format!("Keep it in {}?", Keyring::NAME))? {
        return Ok(false);
    }
    // One that is locked is unlocked now, before anything else is done.
    let opened = Keyring::open(&desk.host, Some(person.tty));
    match opened.and_then(|keyring| keyring.read(Item::AccessKey(&keys.access_key_id))) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == Kind::Stopped => Err(error),
        Err(error) => {
            say(error.to_string());
            say(format!("so the keys go into {file}; `awsenv keyring store` moves them later"));
            Ok(false)
        }
    }
}

/// What stands in the keys' section: they themselves, in aws-mfa's layout, which every AWS tool reads, or their id.
///
/// # Errors
/// The section's name cannot stand in a credential_process.
pub fn lines(keys: &Keys, keyring: bool, section: &ProfileName) -> Result<Vec<Entry>> {
    Ok(match keyring {
        true => vec![
            Entry::open(KEYRING_KEY, &keys.access_key_id),
            Entry::open("credential_process", &own_process::long_term(section)?),
        ],
        false => vec![
            Entry::open("aws_access_key_id", &keys.access_key_id),
            Entry { key: "aws_secret_access_key", value: keys.secret_access_key.clone() },
        ],
    })
}
