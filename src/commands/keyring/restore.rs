//! `awsenv keyring restore PROFILE`: a long-term key's secret back into the credentials file.

use bstr::ByteSlice;
use secrecy::ExposeSecret;

use super::key::Found;
use super::{Vault, same};
use crate::aws_files::{self, Document, FileKind};
use crate::cli::KeyringRestoreArgs;
use crate::commands::consent::consent;
use crate::commands::{own_process, readers};
use crate::error::{Error, Result};
use crate::keyring::{Item, Keyring, Look};
use crate::net::Keys;
use crate::profile::{Held, KeyPlace, ProfileName};
use crate::session::{self, trust};
use crate::state::Memory;
use crate::terminal::say;

pub(super) fn run(args: &KeyringRestoreArgs, name: &ProfileName, vault: &Vault) -> Result<()> {
    let (desk, tty) = (vault.desk, vault.tty);
    desk.files.expect_profile(name)?;
    let found = Found::of(vault, name)?;
    let places = desk.files.place_words(&found.places);
    let kept_places: Vec<KeyPlace> = found.places.iter().filter(|place| place.kept).cloned().collect();
    let Some(held) = &found.held else {
        return Err(Error::failed(format!("{name} has no long-term key, and none in the keyring")));
    };
    if let (Held::Keys(keys), true) = (held, kept_places.is_empty()) {
        return left_over(vault, keys, &places);
    }
    let paths = &desk.files.paths;
    // The secret belongs into the credentials file, whichever has the id.
    let credentials = aws_files::check_writable(&paths.credentials, FileKind::Credentials)?;
    let config = match found.places.iter().any(|place| place.file == FileKind::Config) {
        true => Some(aws_files::check_writable(&paths.config, FileKind::Config)?),
        false => None,
    };
    let keyring = Keyring::open(&desk.host, tty)?;
    let keys = match held {
        Held::Keyring(kept) => session::kept_keys(&desk.host, &Memory::of(&desk.host), tty, name, kept)?,
        // As after a run that was stopped between the two files.
        Held::Keys(keys) => match keyring.read(Item::AccessKey(&keys.access_key_id))? {
            Some(secret) if !same(&secret, &keys.secret_access_key) => {
                let line = format!("{places}: {} has another secret of {}", Keyring::NAME, keys.access_key_id);
                return Err(Error::failed(line).next("take the wrong one out of the file, or store the right one"));
            }
            _ => keys.clone(),
        },
    };
    refuse_others(vault, &kept_places, &keys.access_key_id)?;
    let is_from_there = match held {
        Held::Keyring(kept) => kept.value.place.file_from_environment,
        Held::Keys(_) => true,
    };
    let line = format!("the secret of {}, in plain text", keys.access_key_id);
    trust::confirm(
        &Memory::of(&desk.host),
        tty,
        paths.credentials_from_env && !is_from_there,
        &paths.credentials,
        &line,
    )?;
    let (id, it, file) = (&keys.access_key_id, keyring.name(), paths.credentials.display());
    let before = format!("the secret of {id} goes from {it} into {file}, in plain text, for {places}");
    let readers = readers::mend(&paths.credentials).map(|mend| format!("others may read {file}: {mend}"));
    let before: Vec<String> = [before].into_iter().chain(readers).collect();
    consent(tty, args.yes, &before, "Do it? [y/n] ")?;
    credentials.edit(|document| {
        kept_places.iter().try_for_each(|place| place.put_back(document, &keys, own_process::is_long_term))
    })?;
    // From here on the plain text counts; what is left of the rest is taken away.
    if let Some(config) = config {
        config.edit(|document| {
            let there = KeyPlace::all_in(document, id);
            there.iter().try_for_each(|place| place.drop_kept(document, own_process::is_long_term))
        })?;
    }
    check(vault, &kept_places, &keys)?;
    keyring.remove(Item::AccessKey(id))?;
    say(format!("{id} stands in {} again, and no more in {it}", desk.files.place_words(&KeyPlace::now(paths, id)?)));
    Ok(())
}

/// The key stands in plain text everywhere: what a run that was stopped before its last step left in the keyring goes.
fn left_over(vault: &Vault, keys: &Keys, places: &str) -> Result<()> {
    let (host, id) = (&vault.desk.host, &keys.access_key_id);
    if Keyring::look(host) == Look::Open {
        let keyring = Keyring::open(host, vault.tty)?;
        match keyring.read(Item::AccessKey(id))? {
            Some(secret) if same(&secret, &keys.secret_access_key) => {
                keyring.remove(Item::AccessKey(id))?;
                say(format!("{id} stands in {places} in plain text; {} let go of its copy", Keyring::NAME));
                return Ok(());
            }
            Some(_) => {
                let line = format!("{places} has {id} in plain text, and {} another secret of it", Keyring::NAME);
                return Err(Error::failed(line)
                    .next("take the wrong one out of the file; awsenv keyring store replaces the other"));
            }
            None => {}
        }
    }
    say(format!("{id} stands in {places} in plain text: nothing to do"));
    Ok(())
}

/// Sections of the credentials file that have another key, or a session, where this one would go.
fn refuse_others(vault: &Vault, kept: &[KeyPlace], id: &str) -> Result<()> {
    for place in kept {
        let Some(section) = vault.desk.files.credentials.profile(place.section.as_bstr()) else { continue };
        let other = section.own("aws_access_key_id").is_some_and(|v| v.bytes.trim_ascii() != id.as_bytes());
        let session = ["aws_session_token", "aws_security_token"].iter().any(|key| section.own(key).is_some());
        if other || session {
            let at = format!("{}:{}", section.path().display(), section.line());
            return Err(Error::failed(format!("{at}: [{}] has other keys, where {id} would go", place.section))
                .next("take them out first"));
        }
    }
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
