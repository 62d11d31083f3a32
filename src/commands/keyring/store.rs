//! `awsenv keyring store PROFILE`: a long-term key's secret into the keyring, its id stays in the file.
//!
//! The secret is in the keyring, and was read back, before any file is touched; a run that is stopped in between leaves it
//! in both, and the next one finishes.

use bstr::ByteSlice;
use secrecy::ExposeSecret;

use super::key::Found;
use super::{Vault, typed};
use crate::aws_files::{self, Document, FileKind};
use crate::cli::KeyringStoreArgs;
use crate::commands::consent::consent;
use crate::commands::own_process;
use crate::error::{Error, Result};
use crate::keyring::{Item, Keyring};
use crate::net::Keys;
use crate::profile::{Held, KeyPlace, ProfileName};
use crate::terminal::say;

pub(super) fn run(args: &KeyringStoreArgs, name: &ProfileName, vault: &Vault) -> Result<()> {
    let found = Found::of(vault, name)?;
    let host = &vault.desk.host;
    // What is wrong with the file or the keyring is said before anything is typed.
    let ready = prepare(vault, &found.places)?;
    let keyring = Keyring::open(host, vault.tty)?;
    let before = match &found.held {
        Some(held) => keyring.read(Item::AccessKey(held.id()))?,
        None => None,
    };
    let files = &vault.desk.files;
    let (places, it) = (files.place_words(&found.places), keyring.name());
    let mut is_asked = false;
    let keys = match (&found.held, before.clone()) {
        _ if args.from_env => typed::from_environment(host)?,
        (Some(Held::Keys(keys)), _) => keys.clone(),
        (Some(Held::Keyring(kept)), Some(_)) if !found.is_plain() => {
            say(format!("the secret of {} is in {it}, and {places} has its id: nothing to do", kept.key_id));
            return Ok(());
        }
        (Some(Held::Keyring(kept)), Some(secret)) => {
            let access_key_id = kept.key_id.clone();
            Keys { access_key_id, secret_access_key: secret, session_token: None }
        }
        (held, None) | (held @ None, _) => {
            let id = held.as_ref().map(Held::id);
            match id {
                Some(id) => say(format!("{places} has the id {id}, and {it} has no secret of it")),
                None => say(format!("a secret that is typed goes into {it}, the id of its key into {places}")),
            }
            is_asked = true;
            typed::asked(vault.tty, id)?
        }
    };
    let id = &keys.access_key_id;
    // Who has just typed it wants it there.
    if !is_asked {
        consent(vault.tty, args.yes, &words(&found, id, &places, it), "Do it? [y/n] ")?;
    }
    let label = format!("AWS access key {id} ({})", found.places[0].section);
    keyring.store(Item::AccessKey(id), &label, &keys.secret_access_key)?;
    let written = write(vault, ready, &found, &keys);
    if let Err(error) = written {
        // As it was, where nothing was there.
        let is_new = before.is_none_or(|secret| secret.expose_secret() != keys.secret_access_key.expose_secret());
        if is_new && places_now(vault, id)?.iter().all(|place| !place.kept) {
            keyring.remove(Item::AccessKey(id))?;
        }
        return Err(error);
    }
    say(format!("the secret of {id} is in {it}; {} has the id", files.place_words(&places_now(vault, id)?)));
    if found.is_plain() {
        say(
            "copies of the old file (backups, an editor's) still have it: `awsenv iam keys rotate` makes those worthless",
        );
    }
    Ok(())
}

/// What will happen, and what is lost by it.
fn words(found: &Found, id: &str, places: &str, it: &str) -> Vec<String> {
    let mut lines = match &found.held {
        Some(held) if found.is_plain() && held.id() == id => {
            vec![format!("the secret of {id} goes from {places} into {it}; its id stays there")]
        }
        Some(held) if held.id() != id => {
            vec![format!("{id} takes the place of {} in {places}; its secret goes into {it}", held.id())]
        }
        Some(_) => vec![format!("the secret of {id} goes into {it}")],
        None => vec![format!("the secret of {id} goes into {it}, and its id into {places}")],
    };
    lines.push("it is read there when a session is renewed; AWS CLI and SDKs get it through credential_process".into());
    if found.is_plain() {
        lines.push(
            "what reads the file by itself loses it: aws-mfa (`awsenv mfa` stands in for it), containers that get ~/.aws, \
             and whatever runs where the keyring is not unlocked (cron, SSH)"
                .into(),
        );
    }
    lines
}

/// The files concerned, tried before anything changes.
fn prepare(vault: &Vault, places: &[KeyPlace]) -> Result<Vec<(FileKind, aws_files::Ready)>> {
    let paths = &vault.desk.files.paths;
    let both = [(FileKind::Credentials, &paths.credentials), (FileKind::Config, &paths.config)];
    let concerned = both.into_iter().filter(|(kind, _)| places.iter().any(|place| place.file == *kind));
    concerned.map(|(kind, path)| Ok((kind, aws_files::check_writable(path, kind)?))).collect()
}

fn write(vault: &Vault, ready: Vec<(FileKind, aws_files::Ready)>, found: &Found, keys: &Keys) -> Result<()> {
    let id = &keys.access_key_id;
    let old = found.held.as_ref().map(Held::id);
    for (kind, file) in ready {
        file.edit(|document| {
            let there = match old {
                // As the file is by now.
                Some(old) => KeyPlace::all_in(document, old),
                None => found.places.iter().filter(|place| place.file == kind).cloned().collect(),
            };
            for place in &there {
                let command = own_process::long_term(&ProfileName::from(place.section.as_bstr()))?;
                place.put_kept(document, id, &command)?;
            }
            Ok(())
        })?;
    }
    match places_now(vault, id)?.iter().any(|place| place.kept) {
        true => Ok(()),
        false => Err(Error::failed(format!("another program took {id} out of the AWS files"))),
    }
}

/// Where a key stands by now.
pub(super) fn places_now(vault: &Vault, id: &str) -> Result<Vec<KeyPlace>> {
    let paths = &vault.desk.files.paths;
    let mut found = KeyPlace::all_in(&Document::read(&paths.credentials, FileKind::Credentials)?, id);
    found.extend(KeyPlace::all_in(&Document::read(&paths.config, FileKind::Config)?, id));
    Ok(found)
}
