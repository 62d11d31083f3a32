//! The access keys of an IAM user: asked for, looked at, kept.

use secrecy::{ExposeSecret, SecretString};

use super::ask::Person;
use super::draft::Entry;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::net::Keys;
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
    let id = person.line(before, "Access key ID (AKIA…): ", None, |typed| id(typed).map(str::to_owned))?;
    let question = Question::other("Secret access key (is not shown): ");
    loop {
        let typed = match person.tty.ask_hidden(&question, || false) {
            Answer::Given(typed) => typed,
            _ => return Err(Error::stopped()),
        };
        match secret(typed.expose_secret(), &id) {
            Ok(secret) => {
                let secret_access_key = SecretString::from(secret);
                return Ok(Keys { access_key_id: id, secret_access_key, session_token: None });
            }
            Err(why) => say(why),
        }
    }
}

/// Keys that stand in the environment and last.
fn of_environment(host: &Host) -> Option<Keys> {
    let text = |name: &str| host.var(name)?.into_string().ok();
    if ["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"].iter().any(|name| host.var(name).is_some()) {
        return None;
    }
    let (own, other) = (text("AWS_ACCESS_KEY_ID")?, text("AWS_SECRET_ACCESS_KEY")?);
    let id = id(&own).ok()?.to_owned();
    let secret_access_key = SecretString::from(secret(&other, &id).ok()?);
    Some(Keys { access_key_id: id, secret_access_key, session_token: None })
}

/// How many characters AWS's secrets have.
const SECRET: usize = 40;

fn id(typed: &str) -> Result<&str, String> {
    let id = typed.trim();
    let is_of_ids = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    let why = if id.contains(char::is_whitespace) {
        "there is a blank in it: one value at a time, the ID alone".to_owned()
    } else if id.len() == SECRET && !id.chars().all(is_of_ids) {
        "that is as long as a secret, and it was shown while you typed it: the ID comes first, and begins with AKIA"
            .into()
    } else if id.starts_with("ASIA") {
        "an ID with ASIA belongs to a session, which ends: the keys of a user begin with AKIA".into()
    } else if ["AIDA", "AROA"].iter().any(|prefix| id.starts_with(prefix)) {
        "that is the ID of a user or role, not of an access key: those begin with AKIA".into()
    } else if !(16..=128).contains(&id.len()) || !id.chars().all(is_of_ids) {
        "an access key ID has 16 or more of A-Z and 0-9, and begins with AKIA".into()
    } else {
        return Ok(id);
    };
    Err(why)
}

/// What is wrong is said without a character of it.
fn secret<'t>(typed: &'t str, id: &str) -> Result<&'t str, String> {
    let secret = typed.trim();
    if secret == id || self::id(secret).is_ok_and(|text| text.starts_with("AKIA")) {
        return Err("that is an ID: now comes the secret that belongs to it".into());
    }
    if secret.contains(|c: char| !c.is_ascii_graphic()) {
        return Err("there is a blank, or a character that no key has, in it: was more than the secret pasted?".into());
    }
    if secret.len() != SECRET {
        let count = secret.len();
        return Err(format!(
            "a secret access key has {SECRET} characters, and this has {count}: was a part of it lost?"
        ));
    }
    Ok(secret)
}

/// Says where long-term keys are kept, and gives what shall stand in their section of the credentials file. The file itself
/// is the one way: aws-mfa's layout, which every AWS tool reads.
pub fn keep_keys(keys: &Keys) -> Vec<Entry> {
    vec![
        Entry::open("aws_access_key_id", &keys.access_key_id),
        Entry { key: "aws_secret_access_key", value: keys.secret_access_key.clone() },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "AKIAIOSFODNN7EXAMPLE";
    const KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    #[test]
    fn usual_mistakes_are_known_and_no_secret_is_repeated() {
        assert_eq!((id(" AKIAIOSFODNN7EXAMPLE\t"), secret(KEY, ID)), (Ok(ID), Ok(KEY)));
        for (typed, part) in [
            (KEY, "shown while you typed it"),
            ("AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG", "one value at a time"),
            ("ASIAIOSFODNN7EXAMPLE", "belongs to a session"),
            ("AIDAIOSFODNN7EXAMPLE", "not of an access key"),
            ("akiaiosfodnn7example", "A-Z and 0-9"),
            ("AKIA", "16 or more"),
        ] {
            let why = id(typed).expect_err(typed);
            assert!(why.contains(part) && !why.contains("wJal"), "{typed}: {why}");
        }
        for (typed, part) in [
            (ID, "that is an ID"),
            ("AKIAI44QH8DHBEXAMPLE", "that is an ID"),
            (&KEY[1..], "this has 39"),
            ("wJalrXUtnFEMI/K7MDENG bPxRfiCYEXAMPLEKEY", "a blank"),
        ] {
            let why = secret(typed, ID).expect_err(typed);
            assert!(why.contains(part) && !why.contains("Xtn") && !why.contains("I44"), "{typed}: {why}");
        }
    }
}
