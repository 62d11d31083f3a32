//! `awsenv keyring restore PROFILE`: a long-term key's secret back into the credentials file.

use bstr::ByteSlice;
use secrecy::ExposeSecret;

use super::Vault;
use super::key::Found;
use super::store::places_now;
use crate::aws_files::{self, Document, FileKind};
use crate::cli::KeyringRestoreArgs;
use crate::commands::consent::consent;
use crate::commands::own_process;
use crate::error::{Error, Result};
use crate::keyring::{Item, Keyring, Look};
use crate::net::Keys;
use crate::profile::{Held, KeyPlace, ProfileName};
use crate::session;
use crate::state::Memory;
use crate::terminal::{say, warn};

pub(super) fn run(args: &KeyringRestoreArgs, name: &ProfileName, vault: &Vault) -> Result<()> {
    let (desk, tty) = (vault.desk, vault.tty);
    desk.files.expect_profile(name)?;
    let found = Found::of(vault, name)?;
    let places = desk.files.place_words(&found.places);
    let kept = match &found.held {
        Some(Held::Keyring(kept)) => kept,
        Some(Held::Keys(keys)) => {
            let id = &keys.access_key_id;
            // What a run left that was stopped before its last step.
            let left = Keyring::look(&desk.host) == Look::Open
                && Keyring::open(&desk.host, tty)?.remove(Item::AccessKey(id))?;
            match left {
                true => say(format!("{id} stands in {places} in plain text; {} let go of it", Keyring::NAME)),
                false => say(format!("{id} stands in {places} in plain text: nothing to do")),
            }
            return Ok(());
        }
        None => return Err(Error::failed(format!("{name} has no long-term key, and none in the keyring"))),
    };
    let paths = &desk.files.paths;
    // The secret belongs into the credentials file, whichever has the id.
    let credentials = aws_files::check_writable(&paths.credentials, FileKind::Credentials)?;
    let config = match found.places.iter().any(|place| place.file == FileKind::Config) {
        true => Some(aws_files::check_writable(&paths.config, FileKind::Config)?),
        false => None,
    };
    let keys = session::kept_keys(&desk.host, &Memory::of(&desk.host), tty, kept)?;
    let keyring = Keyring::open(&desk.host, tty)?;
    let (id, it, file) = (&keys.access_key_id, keyring.name(), paths.credentials.display());
    let before = format!("the secret of {id} goes from {it} into {file}, in plain text, for {places}");
    consent(tty, args.yes, &[before], "Do it? [y/n] ")?;
    let sections: Vec<KeyPlace> = found.places.iter().filter(|place| place.kept).cloned().collect();
    credentials.edit(|document| {
        sections.iter().try_for_each(|place| place.put_back(document, &keys, own_process::is_long_term))
    })?;
    // From here on the plain text counts; what is left of the rest is taken away.
    if let Some(config) = config {
        config.edit(|document| {
            let there = KeyPlace::all_in(document, id);
            there.iter().try_for_each(|place| place.drop_kept(document, own_process::is_long_term))
        })?;
    }
    check(vault, &sections, &keys)?;
    warn_of_readers(vault);
    keyring.remove(Item::AccessKey(id))?;
    say(format!("{id} stands in {} again, and no more in {it}", desk.files.place_words(&places_now(vault, id)?)));
    Ok(())
}

/// Only what a new look at the files finds is taken out of the keyring.
fn check(vault: &Vault, sections: &[KeyPlace], keys: &Keys) -> Result<()> {
    let document = Document::read(&vault.desk.files.paths.credentials, FileKind::Credentials)?;
    let secret = keys.secret_access_key.expose_secret().as_bytes().as_bstr();
    let missing = sections.iter().find(|place| {
        let section = document.profile(place.section.as_bstr());
        section.and_then(|s| s.own("aws_secret_access_key").map(|v| v.bytes.into_owned())).is_none_or(|v| v != secret)
    });
    match missing {
        None => Ok(()),
        Some(place) => {
            let name = ProfileName::from(place.section.as_bstr());
            Err(Error::failed(format!("[{name}] does not hold what was written, and the keyring keeps the secret")))
        }
    }
}

#[cfg(unix)]
fn warn_of_readers(vault: &Vault) {
    use std::os::unix::fs::PermissionsExt;
    let file = &vault.desk.files.paths.credentials;
    if std::fs::metadata(file).is_ok_and(|about| about.permissions().mode() & 0o077 != 0) {
        warn(format!("others may read {}: chmod 600 {0}", file.display()));
    }
}

#[cfg(windows)]
fn warn_of_readers(_vault: &Vault) {}
