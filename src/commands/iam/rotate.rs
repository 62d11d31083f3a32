//! `awsenv iam keys rotate`: another key in the place of the one in the AWS files.
//!
//! Made, tried until AWS knows it everywhere, written, and only then the old one is disabled. Where a run stops in between,
//! the next one sees by AWS's list and the files how far it came: a younger key that nobody has is one whose secret was lost;
//! an older one that no file has is one that was still to be disabled, or deleted. So the files hold a key that works, always.

use std::time::Duration;

use bstr::ByteSlice;

use super::keys::{forget, use_words, uses};
use super::{Office, age};
use crate::aws_files::{self, Document, FileKind, Ready};
use crate::cli::KeyRotateArgs;
use crate::commands::own_process;
use crate::error::{Error, Result};
use crate::keyring::{Item, Keyring};
use crate::net::{AccessKey, IamError, Keys, StsError};
use crate::profile::{Held, KeyPlace, LongTerm, ProfileName, Recipe};
use crate::session::trust;
use crate::state::Memory;
use crate::terminal::say;

/// How long a new key may take until AWS knows it, milliseconds between the tries.
const PATIENCE: [u64; 12] = [250, 500, 1000, 1000, 2000, 2000, 3000, 3000, 5000, 5000, 5000, 5000];

/// A key younger than this (seconds) was just rotated: nobody wants to replace it again.
const YOUNG: i64 = 86_400;

pub(super) fn run(args: &KeyRotateArgs, office: &Office) -> Result<()> {
    let held = held(office)?;
    let user = office.user(None)?;
    let keys = office.iam().list_access_keys(Some(&user))?;
    let shown = held.shown_id();
    let Some(current) = keys.iter().find(|key| key.id == held.id()) else {
        return Err(Error::failed(format!("the key {shown} in the AWS files is none of {user}, who makes this call")));
    };
    let rotation = Rotation { office, user: &user, yes: args.yes, current, held: &held };
    match keys.iter().find(|key| key.id != current.id) {
        None => rotation.fresh(),
        Some(other) if rotation.is_older(other)? => rotation.finish(other),
        Some(other) => {
            rotation.make_room(other)?;
            rotation.fresh()
        }
    }
}

/// The long-term key in the files that the profile in force begins with.
fn held(office: &Office) -> Result<Held> {
    let recipe = office.profile.recipe()?;
    let name = &office.profile.name;
    let found = recipe.root(name);
    if let (Recipe::Role(_), Some((root, _))) = (&recipe, found) {
        return Err(Error::failed(format!("{name} is a role, which has no key of its own"))
            .next(format!("awsenv iam --profile {root} keys rotate")));
    }
    if let Some((_, Recipe::AwsMfa(mfa))) = found
        && let LongTerm::Process(command) = &mfa.base
    {
        return Err(Error::failed(format!("the key of {name} comes from a command ({})", command.place))
            .next("rotate it where that command gets it from"));
    }
    found.and_then(|(_, recipe)| recipe.long_term_keys()).ok_or_else(|| {
        Error::failed(format!("{name} has no long-term key in the AWS files")).next("there is nothing to rotate")
    })
}

struct Rotation<'a> {
    office: &'a Office<'a>,
    user: &'a str,
    yes: bool,
    /// The key in the files.
    current: &'a AccessKey,
    held: &'a Held,
}

impl Rotation<'_> {
    /// Whether the key in the files came after this one.
    fn is_older(&self, other: &AccessKey) -> Result<bool> {
        Ok(match other.created.cmp(&self.current.created) {
            std::cmp::Ordering::Less => true,
            std::cmp::Ordering::Greater => false,
            // Within one second: a rotation disables the old one, and has not used the new one yet.
            std::cmp::Ordering::Equal => !other.active || !self.was_never_used(other)?,
        })
    }

    /// Whether nothing but the trial of a rotation used a key.
    fn was_never_used(&self, key: &AccessKey) -> Result<bool> {
        Ok(match uses(self.office, &key.id)? {
            Ok(None) => true,
            Ok(Some(used)) => used.service == "sts" && key.created.is_some_and(|made| used.when.since(made) < 300),
            Err(_) => false,
        })
    }

    /// A new key in the place of the current one.
    fn fresh(&self) -> Result<()> {
        let (office, user, old) = (self.office, self.user, &self.current.id);
        let found = office.desk.files.places_of(old);
        office.desk.files.refuse_halves(&found)?;
        if found.is_empty() {
            return Err(Error::failed(format!("{old} stands in no section of the AWS files")));
        }
        let age = self.current.created.map(|t| format!(", {} old", age(t, office.now()))).unwrap_or_default();
        let before = [
            format!("a new key of {user} takes the place of {old}{age} in {}", office.desk.files.place_words(&found)),
            format!("{old} is disabled then: programs elsewhere that have it stop; it is deleted only by a later call"),
        ];
        office.consent(self.yes, &before, "Rotate it? [y/n] ")?;
        let ready = self.prepare(&found)?;
        let keyring = self.keyring(&found)?;
        let new = office.iam().create_access_key(user).map_err(|error| match error {
            error if error.may_be_done() => Error::from(error)
                .next("a key may have been made all the same: the next `awsenv iam keys rotate` removes it"),
            error => error.into(),
        })?;
        if let Err(error) = self.wait_for(&new).and_then(|()| self.write(ready, keyring.as_ref(), &new)) {
            return Err(self.undone(&new, error));
        }
        say(format!(
            "{} stands in {} now",
            new.access_key_id,
            office.desk.files.place_words(&KeyPlace::now(&office.desk.files.paths, &new.access_key_id)?)
        ));
        self.disable(old, &new.access_key_id)?;
        if let Recipe::PlainMfa(_) = office.profile.recipe()? {
            say("the next session needs a code: the one that runs belongs to the old key");
        }
        Ok(())
    }

    /// Everything that could fail is looked at before a key is made.
    fn prepare(&self, found: &[KeyPlace]) -> Result<Vec<Ready>> {
        let paths = &self.office.desk.files.paths;
        let named = |kind: FileKind| match kind {
            FileKind::Credentials => paths.credentials_from_env,
            FileKind::Config => paths.config_from_env,
        };
        // A file that a variable names may be somebody else's, with this key's id in it to get the new secret.
        let is_mixed = found.iter().any(|place| !named(place.file)) && matches!(self.held, Held::Keys(_));
        for place in found.iter().filter(|place| is_mixed && named(place.file)) {
            let path = if place.file == FileKind::Config { &paths.config } else { &paths.credentials };
            let (memory, line) = (Memory::of(&self.office.desk.host), format!("the secret of {}'s new key", self.user));
            trust::confirm(&memory, self.office.tty, true, path, &line)?;
        }
        let both = [(&paths.credentials, FileKind::Credentials), (&paths.config, FileKind::Config)];
        let concerned = both.into_iter().filter(|(_, kind)| found.iter().any(|place| place.file == *kind));
        concerned.map(|(path, kind)| aws_files::check_writable(path, kind)).collect()
    }

    /// The keyring, unlocked, where one of the places has its secret there.
    fn keyring(&self, found: &[KeyPlace]) -> Result<Option<Keyring<'_>>> {
        if !found.iter().any(|place| place.kept) && !matches!(self.held, Held::Keyring(_)) {
            return Ok(None);
        }
        let keyring = Keyring::open(&self.office.desk.host, self.office.tty)?;
        keyring.read(Item::AccessKey(&self.current.id))?;
        Ok(Some(keyring))
    }

    /// AWS tells its parts one after the other of a new key.
    fn wait_for(&self, new: &Keys) -> Result<()> {
        let mut pauses = PATIENCE.iter();
        loop {
            match self.office.access.caller(new) {
                Ok(caller) if caller.arn == self.office.caller.arn => return Ok(()),
                Ok(caller) => return Err(Error::failed(format!("the new key belongs to {}", caller.arn))),
                Err(failure) => match (&failure.error, pauses.next()) {
                    (StsError::UnknownKey { .. } | StsError::BadSecret { .. }, Some(pause)) => {
                        std::thread::sleep(Duration::from_millis(*pause));
                    }
                    _ => return Err(Error::from(failure).within("the new key does not work")),
                },
            }
        }
    }

    fn write(&self, ready: Vec<Ready>, keyring: Option<&Keyring>, new: &Keys) -> Result<()> {
        if let Some(keyring) = keyring {
            keep(keyring, self.user, new)?;
        }
        let mut written = 0;
        for file in ready {
            written += file.edit(|document| {
                let found = KeyPlace::all_in(document, &self.current.id);
                found.iter().try_for_each(|place| self.put(document, place, new))?;
                Ok(found.len())
            })?;
        }
        match written {
            0 => Err(Error::failed(format!("another program took {} out of the AWS files", self.current.id))),
            _ => Ok(()),
        }
    }

    /// Takes a new key back that could not be put to use. One that stands in a file stays.
    fn undone(&self, new: &Keys, error: Error) -> Error {
        let (office, id) = (self.office, &new.access_key_id);
        if KeyPlace::now(&office.desk.files.paths, id).is_ok_and(|found| !found.is_empty()) {
            return error.next(format!("{id} stands in one of the two files already: awsenv iam keys rotate goes on"));
        }
        match self.delete(id) {
            Ok(()) => error.next("the new key was deleted again, and nothing has changed"),
            Err(_) => error.next(format!("the new key {id} could not be deleted again: awsenv iam keys delete {id}")),
        }
    }

    /// A new key in a section; where the profile's own is in the keyring, it is in plain text nowhere.
    fn put(&self, document: &mut Document, place: &KeyPlace, new: &Keys) -> Result<()> {
        match self.held {
            Held::Keyring(_) => {
                let command = own_process::long_term(&ProfileName::from(place.section.as_bstr()))?;
                place.put_kept(document, &new.access_key_id, &command)
            }
            Held::Keys(_) => place.put(document, new),
        }
    }

    /// The current key in the sections of an older one, as the current one is kept itself.
    fn take_over(&self, document: &mut Document, older: &str) -> Result<()> {
        KeyPlace::all_in(document, older).iter().try_for_each(|place| match self.held {
            Held::Keys(keys) => place.put_back(document, keys, own_process::is_long_term),
            Held::Keyring(kept) => {
                let command = own_process::long_term(&ProfileName::from(place.section.as_bstr()))?;
                place.put_kept(document, &kept.key_id, &command)
            }
        })
    }

    /// Deletes a key at AWS, and its secret in the keyring where the keys of this profile are kept there.
    fn delete(&self, id: &str) -> Result<()> {
        self.office.iam().delete_access_key(self.user, id)?;
        let files = &self.office.desk.files;
        let is_kept = |id: &str| files.places_of(id).iter().any(|place| place.kept);
        if matches!(self.held, Held::Keyring(_)) || is_kept(&self.current.id) || is_kept(id) {
            forget(self.office, id);
        }
        Ok(())
    }

    fn disable(&self, old: &str, new: &str) -> Result<()> {
        let office = self.office;
        match office.iam().set_access_key(self.user, old, false) {
            // Signed with the old key itself, or a session of it.
            Err(IamError::Common(StsError::UnknownKey { .. } | StsError::ExpiredKeys { .. })) => {
                Err(Error::failed(format!("{new} is in use, but {old} could not be disabled")))
            }
            outcome => outcome.map_err(Error::from),
        }
        .map_err(|error| error.next("awsenv iam keys rotate goes on from here"))?;
        say(format!("{old} is inactive; `awsenv iam keys rotate` deletes it when nothing misses it any more"));
        Ok(())
    }

    /// What a rotation before this one left to do: the key in the files is the younger one.
    fn finish(&self, older: &AccessKey) -> Result<()> {
        let (office, user) = (self.office, self.user);
        let (id, new) = (&older.id, &self.current.id);
        let used = use_words(office, &older.id)?;
        let found = office.desk.files.places_of(id);
        if !found.is_empty() {
            let before = [
                format!("{user} has two keys, and both stand in the AWS files"),
                format!(
                    "{new}, the younger one, can take the place of {id} ({used}) in {}",
                    office.desk.files.place_words(&found)
                ),
            ];
            office.consent(self.yes, &before, "Put it there? [y/n] ")?;
            for file in self.prepare(&found)? {
                file.edit(|document| self.take_over(document, id))?;
            }
            say(format!(
                "{new} stands in {} now",
                office.desk.files.place_words(&KeyPlace::now(&office.desk.files.paths, new)?)
            ));
        }
        if older.active {
            let before = [
                format!("{new} is in use here, and {id}, which it replaced, still works ({used})"),
                "programs elsewhere that have the old one stop when it is disabled".to_owned(),
            ];
            office.consent(self.yes, &before, &format!("Disable {id}? [y/n] "))?;
            return self.disable(id, new);
        }
        let young = self.current.created.is_some_and(|made| office.now().since(made) < YOUNG);
        let mut before = vec![format!("{id}, which {new} replaced, is inactive ({used}), and is deleted for good")];
        if !young {
            before.push(format!("then another key takes the place of {new}"));
        }
        office.consent(self.yes, &before, &format!("Delete {id}? [y/n] "))?;
        self.delete(id)?;
        say(format!("{id} is deleted"));
        if young { Ok(()) } else { self.fresh() }
    }

    /// AWS allows two keys: the younger one, which is not in the files under the current one's sections, has to go first.
    fn make_room(&self, other: &AccessKey) -> Result<()> {
        let (office, user) = (self.office, self.user);
        let (id, old) = (&other.id, &self.current.id);
        let found = office.desk.files.places_of(id);
        let used = use_words(office, &other.id)?;
        let before = if found.is_empty() && self.was_never_used(other)? {
            vec![format!(
                "{id} of {user} was made and never used, as by a rotation that was stopped; its secret is lost"
            )]
        } else if found.is_empty() && !other.active {
            vec![format!(
                "{user} has two keys, and AWS allows no third: {old}, which is in use here, and {id} (inactive, {used})"
            )]
        } else {
            let place =
                if found.is_empty() { "in no AWS file here".into() } else { office.desk.files.place_words(&found) };
            let line = format!(
                "{user} has two keys, and AWS allows no third: {old}, which is in use here, and {id} ({used}, {place})"
            );
            if self.yes || office.tty.is_none() {
                return Err(Error::failed(line)
                    .next(format!("where {id} is not needed: awsenv iam keys delete {id}, and then rotate again")));
            }
            vec![line, format!("whoever uses {id} loses it now, for good")]
        };
        office.consent(self.yes, &before, &format!("Delete {id}? [y/n] "))?;
        self.delete(id)?;
        say(format!("{id} is deleted"));
        Ok(())
    }
}

/// Puts a new key's secret into the keyring.
fn keep(keyring: &Keyring, user: &str, new: &Keys) -> Result<()> {
    let label = format!("AWS access key {} of {user}", new.access_key_id);
    keyring.store(Item::AccessKey(&new.access_key_id), &label, &new.secret_access_key)
}
