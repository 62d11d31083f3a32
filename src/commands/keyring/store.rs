//! `awsenv keyring store PROFILE`: a long-term key's secret into the keyring, its id stays in the file.
//!
//! The secret is in the keyring, and was read back, before any file is touched; a run that is stopped in between leaves it
//! in both, and the next one finishes.

use secrecy::{ExposeSecret, SecretString};

use super::change::Change;
use super::key::{Found, refuse_secret_as_name};
use super::{Stored, Vault, same, typed};
use crate::cli::KeyringStoreArgs;
use crate::commands::consent::consent;
use crate::error::{Error, Result};
use crate::keyring::{Item, Keyring};
use crate::net::Keys;
use crate::profile::{Held, KeyPlace, ProfileName};
use crate::terminal::{say, warn};

pub(super) fn run(args: &KeyringStoreArgs, name: &ProfileName, vault: &Vault) -> Result<()> {
    refuse_secret_as_name(vault, name)?;
    let found = Found::of(vault, name)?;
    let files = &vault.desk.files;
    let old = found.held.as_ref().map(Held::id);
    let keyring = Keyring::open(&vault.desk.host, vault.tty)?;
    // What is wrong with it is said, and a locked one unlocked, before anything is typed.
    let kept = keyring.read(Item::AccessKey(old.unwrap_or("none")))?;
    let (places, it) = (files.place_words(&found.places), keyring.name());
    let piped = if args.from_env { None } else { typed::piped()? };
    // Neither from a file nor out of the keyring.
    let is_given = args.from_env || (piped.is_some() && old.is_some());
    let keys = match (&found.held, kept) {
        _ if args.from_env => typed::from_environment(&vault.desk.host)?,
        _ if let Some(keys) = piped => keys,
        (Some(Held::Keys(keys)), _) => keys.clone(),
        (Some(Held::Keyring(kept)), Some(_)) if !found.is_plain() => {
            say(format!("the secret of {} is in {it}, and {places} has its id: nothing to do", kept.key_id));
            return Ok(());
        }
        (Some(Held::Keyring(kept)), Some(secret)) => {
            let access_key_id = kept.key_id.clone();
            Keys { access_key_id, secret_access_key: secret, session_token: None }
        }
        (held, _) => {
            match held {
                Some(held) => say(format!("{places} has the id {}, and {it} has no secret of it", held.id())),
                None => say(format!("a secret that is typed goes into {it}, the id of its key into {places}")),
            }
            typed::asked(vault.tty, old)?
        }
    };
    let id = &keys.access_key_id;
    let change = Change { id, old, target: found.places.first().filter(|_| old.is_none()) };
    let concerned = change.places(files);
    files.refuse_halves(&concerned)?;
    let lost = lost(vault, is_given, &concerned, &keys, &keyring)?;
    let ready = change.prepare(vault)?;
    let is_typed = !is_given && !concerned.iter().any(|place| !place.kept);
    // Who has just typed it wants it there.
    if !is_typed || !lost.is_empty() {
        let from = match () {
            () if args.from_env => " from the environment",
            () if is_given => " from stdin",
            () => "",
        };
        let mut lines = words(from, &found, &concerned, vault, id, it);
        lines.extend(lost);
        consent(vault.tty, args.yes, &lines, "Do it? [y/n] ")?;
    }
    let section = concerned.first().map(|place| place.section.to_string()).unwrap_or_default();
    let label = format!("AWS access key {id} ({section})");
    let stored = Stored::put(&keyring, Item::AccessKey(id), label, &keys.secret_access_key)?;
    if let Err(error) = change.write(vault, ready) {
        // One of two files may refer to it already.
        let is_used = KeyPlace::now(&files.paths, id).is_ok_and(|now| now.iter().any(|place| place.kept));
        let left = if is_used { None } else { stored.undo() };
        return Err(left.into_iter().fold(error, Error::next));
    }
    say(format!("the secret of {id} is in {it}, its id in {}", files.place_words(&KeyPlace::now(&files.paths, id)?)));
    if concerned.iter().any(|place| !place.kept) && !is_given {
        say(
            "copies of the old file (backups, an editor's) still have it: `awsenv iam keys rotate` makes those worthless",
        );
    }
    still_there(vault, &keys.secret_access_key);
    Ok(())
}

/// What will happen.
fn words(from: &str, found: &Found, concerned: &[KeyPlace], vault: &Vault, id: &str, it: &str) -> Vec<String> {
    let files = &vault.desk.files;
    let places = files.place_words(concerned);
    let mut lines = match &found.held {
        Some(held) if held.id() != id => {
            vec![format!("{id}{from} takes the place of {} in {places}; its secret goes into {it}", held.id())]
        }
        Some(_) if found.is_plain() && from.is_empty() => {
            vec![format!("the secret of {id} goes from {places} into {it}; its id stays there")]
        }
        _ => vec![format!("the secret of {id} goes{from} into {it}, its id into {places}")],
    };
    lines.push("it is read there when a session is renewed; AWS CLI and SDKs get it through credential_process".into());
    if concerned.iter().any(|place| !place.kept) {
        lines.push(
            "what reads the file by itself loses it: aws-mfa (`awsenv mfa` stands in for it), containers that get ~/.aws, \
             and whatever runs where the keyring is not unlocked (cron, SSH)"
                .into(),
        );
    }
    lines
}

/// Secrets that would be nowhere any more: each is named. Another one of the same id, where nobody chose between the two, is
/// an error.
fn lost(vault: &Vault, is_given: bool, concerned: &[KeyPlace], keys: &Keys, keyring: &Keyring) -> Result<Vec<String>> {
    let (files, id) = (&vault.desk.files, &keys.access_key_id);
    let mut lines = Vec::new();
    for place in concerned.iter().filter(|place| !place.kept) {
        let Some(there) = files.plain_in(place) else { continue };
        let at = files.place_words(std::slice::from_ref(place));
        let is_other = there.access_key_id != *id || !same(&there.secret_access_key, &keys.secret_access_key);
        if is_other && !is_given {
            let line = format!("{at} has another secret of {id}");
            return Err(Error::failed(line).next("take out the one that is wrong"));
        }
        if is_other {
            lines.push(format!("the secret of {} that {at} has is deleted there", there.access_key_id));
        }
    }
    if keyring.read(Item::AccessKey(id))?.is_some_and(|there| !same(&there, &keys.secret_access_key)) {
        lines.push(format!("{} has another secret of {id}, which is lost then", keyring.name()));
    }
    Ok(lines)
}

/// Lines that are no keys, but have the secret: comments, keys of the same line.
fn still_there(vault: &Vault, secret: &SecretString) {
    let paths = &vault.desk.files.paths;
    for path in [&paths.credentials, &paths.config] {
        let Ok(text) = std::fs::read(path) else { continue };
        let lines = text.split(|byte| *byte == b'\n').enumerate();
        let found = lines.filter(|(_, line)| bstr::ByteSlice::contains_str(*line, secret.expose_secret()));
        for (at, _) in found {
            warn(format!(
                "{}:{} still has the secret, where it is no key (a comment?): take it out",
                path.display(),
                at + 1
            ));
        }
    }
}
