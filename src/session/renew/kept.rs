//! Long-term keys whose secret is in the system's keyring.

use super::Renewal;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::keyring::{Item, Keyring};
use crate::net::{Keys, shown_id};
use crate::profile::{Held, KEYRING_KEY, Kept, ProfileName};
use crate::session::trust;
use crate::state::Memory;
use crate::terminal::Tty;

impl Renewal<'_> {
    pub(super) fn held(&self, held: &Held) -> Result<Keys> {
        match held {
            Held::Keys(keys) => Ok(keys.clone()),
            Held::Keyring(kept) => self.kept(kept),
        }
    }

    pub(super) fn kept(&self, kept: &Kept) -> Result<Keys> {
        kept_keys(self.host, self.memory, self.asking.tty, &self.profile.name, kept)
    }
}

/// The long-term key of a profile with its secret out of the system's keyring. With a `tty` a locked one may be unlocked by its person.
///
/// # Errors
/// The keyring is locked, not there, or has no such secret; or a file that an environment variable names refers to it, and
/// that was not confirmed.
pub fn kept_keys(host: &Host, memory: &Memory, tty: Option<&Tty>, profile: &ProfileName, kept: &Kept) -> Result<Keys> {
    let Kept { key_id, value } = kept;
    let place = &value.place;
    trust::confirm(memory, tty, place.file_from_environment, &place.file, &format!("{KEYRING_KEY} = {key_id}"))
        .map_err(|error| error.within(place))?;
    let keyring = Keyring::open(host, tty).map_err(|error| error.within(place))?;
    let secret = keyring.read(Item::AccessKey(key_id)).map_err(|error| error.within(place))?;
    let secret_access_key = secret.ok_or_else(|| {
        Error::failed(format!("{place}: {} has no secret of the key {}", keyring.name(), shown_id(key_id)))
            .next(format!("awsenv keyring store {profile} asks for it again"))
    })?;
    Ok(Keys { access_key_id: key_id.clone(), secret_access_key, session_token: None })
}
