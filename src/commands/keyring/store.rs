//! `awsenv keyring store PROFILE`: a long-term key's secret into the keyring, its id stays in the file.
//!
//! The secret is in the keyring, and was read back, before any file is touched; a run that is stopped in between leaves it
//! in both, and the next one finishes.

use bstr::ByteSlice;

use super::key::Found;
use super::{Stored, Vault, same, typed};
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
    refuse_other_process(vault, &found)?;
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
    let other = match keyring.read(Item::AccessKey(id))? {
        Some(there) if !same(&there, &keys.secret_access_key) => true,
        Some(_) | None => false,
    };
    let lines = words(&found, id, &places, it, other);
    match is_asked {
        // Who has just typed it wants it there.
        true if !other => {}
        _ => consent(vault.tty, args.yes, &lines, "Do it? [y/n] ")?,
    }
    let label = format!("AWS access key {id} ({})", found.places[0].section);
    let stored = Stored::put(&keyring, Item::AccessKey(id), label, &keys.secret_access_key)?;
    if let Err(error) = write(vault, ready, &found, &keys) {
        // One of two files may refer to it already.
        let is_used = places_now(vault, id).is_ok_and(|now| now.iter().any(|place| place.kept));
        return Err(if is_used { error } else { stored.undo(error) });
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
fn words(found: &Found, id: &str, places: &str, it: &str, other: bool) -> Vec<String> {
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
    if other {
        lines.push(format!("{it} has another secret of {id}, which is lost then"));
    }
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

/// Where a `credential_process` of another tool stands beside the key: it would count then, and there is room for one.
fn refuse_other_process(vault: &Vault, found: &Found) -> Result<()> {
    let files = &vault.desk.files;
    for place in &found.places {
        for document in [&files.credentials, &files.config] {
            let Some(section) = document.profile(place.section.as_bstr()) else { continue };
            let Some(line) = section.own("credential_process").filter(|v| !own_process::is_long_term(&v.bytes)) else {
                continue;
            };
            let at = format!("{}:{}", document.path().display(), line.line);
            return Err(Error::failed(format!("{at}: [{}] has a credential_process of its own, too", place.section))
                .next("take out what is not needed of the two"));
        }
    }
    Ok(())
}

/// The files concerned, tried before anything changes.
fn prepare(vault: &Vault, places: &[KeyPlace]) -> Result<Vec<(FileKind, aws_files::Ready)>> {
    for place in places {
        own_process::long_term(&ProfileName::from(place.section.as_bstr()))?;
    }
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
    let now = places_now(vault, id)?;
    if let Some(place) = now.iter().find(|place| !place.kept) {
        return Err(Error::failed(format!("[{}] still has the key in plain text", place.section)).next("try it again"));
    }
    match now.is_empty() {
        true => Err(Error::failed(format!("another program took {id} out of the AWS files"))),
        false => Ok(()),
    }
}

/// Where a key stands by now.
pub(super) fn places_now(vault: &Vault, id: &str) -> Result<Vec<KeyPlace>> {
    let paths = &vault.desk.files.paths;
    let mut found = KeyPlace::all_in(&Document::read(&paths.credentials, FileKind::Credentials)?, id);
    found.extend(KeyPlace::all_in(&Document::read(&paths.config, FileKind::Config)?, id));
    Ok(found)
}
