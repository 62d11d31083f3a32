//! The system's keyring: Secret Service (gnome-keyring, KWallet, KeePassXC), macOS's Keychain, Windows' Credential Manager.
//!
//! It holds the secrets that would else stand in a file as plain text: long-term access keys and proxies' passwords. It is
//! opened only by commands that need one of them at that moment; no prompt and no hook does.

#[cfg(windows)]
mod credential_manager;
#[cfg(all(unix, not(target_os = "macos")))]
mod dbus;
#[cfg(target_os = "macos")]
mod keychain;
#[cfg(all(unix, not(target_os = "macos")))]
mod secret_service;

use std::sync::Arc;

use keyring_core::{CredentialStore, Error as StoreError};
use secrecy::{ExposeSecret, SecretString};

#[cfg(windows)]
use self::credential_manager as system;
#[cfg(target_os = "macos")]
use self::keychain as system;
#[cfg(all(unix, not(target_os = "macos")))]
use self::secret_service as system;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::terminal::Tty;

/// The service under which awsenv's items stand in the keyring.
pub const SERVICE: &str = "awsenv";

/// Whether there is a keyring, found without asking anybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// It can be read and written now.
    Open,
    /// A dialogue of the desktop comes first: for its password, or for the password of a new one where none was made yet.
    Locked,
    /// Nobody has said yet that the place where it may be is theirs, so nothing was asked there: which place.
    /// [`Keyring::open`] with a terminal asks.
    Unconfirmed(String),
    /// There is none: why, without its name.
    None(String),
}

/// What is kept there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item<'i> {
    /// The secret of a long-term access key, by the key's id.
    AccessKey(&'i str),
    /// The password of the `[proxy NAME]` of the settings.
    Proxy(&'i str),
}

impl Item<'_> {
    /// The user name under which it stands there.
    pub fn user(&self) -> String {
        match self {
            Item::AccessKey(id) => format!("access-key {id}"),
            Item::Proxy(name) => format!("proxy {name}"),
        }
    }
}

/// The keyring of this user.
pub struct Keyring<'k> {
    host: &'k Host,
    /// Whoever may be asked; see [`Keyring::open`].
    tty: Option<&'k Tty>,
    store: Arc<CredentialStore>,
}

impl<'k> Keyring<'k> {
    /// What it is called, for people.
    pub const NAME: &'static str = system::NAME;

    /// Opens it. With a `tty`, the desktop's dialogue may ask to unlock it, and a session bus that the environment names is
    /// asked about once; without one, nobody is asked.
    ///
    /// # Errors
    /// One line: there is none here, or it cannot be reached, or the bus is not confirmed.
    pub fn open(host: &'k Host, tty: Option<&'k Tty>) -> Result<Self> {
        let store = system::open(host, tty).map_err(|error| told(&error, tty.is_some()))?;
        Ok(Keyring { host, tty, store })
    }

    /// Whether there is one here. Nobody is asked for anything, and nothing is written; a program that offers the Secret
    /// Service may be started.
    pub fn look(host: &Host) -> Look {
        system::look(host)
    }

    /// What it is called, for people: `the Secret Service`.
    pub fn name(&self) -> &'static str {
        Self::NAME
    }

    /// A secret; `None` where it has none of that name.
    ///
    /// # Errors
    /// It is locked, or cannot be reached any more.
    pub fn read(&self, item: Item) -> Result<Option<SecretString>> {
        let read = system::entry(&*self.store, item, None).and_then(|entry| entry.get_password());
        match read {
            Ok(secret) => Ok(Some(SecretString::from(secret))),
            Err(StoreError::NoEntry) => Ok(None),
            Err(error) => Err(self.about(item, &error)),
        }
    }

    /// Keeps a secret under a label that people see in the keyring's own program, in the place of one of the same name, and
    /// reads it back.
    ///
    /// # Errors
    /// It is locked or cannot be written, or gave back something else.
    pub fn store(&self, item: Item, label: &str, secret: &SecretString) -> Result<()> {
        let written = system::entry(&*self.store, item, Some(label))
            .and_then(|entry| entry.set_password(secret.expose_secret()).map(|()| entry))
            .and_then(|entry| system::describe(&entry, item, label));
        written.map_err(|error| self.about(item, &error))?;
        // As the next command will read it: over a connection of its own.
        let back = Keyring::open(self.host, self.tty)?.read(item)?;
        if back.is_some_and(|back| back.expose_secret() == secret.expose_secret()) {
            return Ok(());
        }
        Err(Error::failed(format!("{NAMED} does not give back what was stored as {}", item.user())))
    }

    /// Takes a secret out; false where there was none.
    ///
    /// # Errors
    /// It is locked, or cannot be written.
    pub fn remove(&self, item: Item) -> Result<bool> {
        let removed = system::entry(&*self.store, item, None).and_then(|entry| entry.delete_credential());
        match removed {
            Ok(()) => Ok(true),
            Err(StoreError::NoEntry) => Ok(false),
            Err(error) => Err(self.about(item, &error)),
        }
    }

    /// What went wrong with one secret.
    fn about(&self, item: Item, error: &StoreError) -> Error {
        let user = item.user();
        match error {
            StoreError::Ambiguous(entries) => {
                Error::failed(format!("{NAMED} has {} entries for {user}", entries.len()))
                    .next("take out all but one with its own program")
            }
            // With the bytes in it, which may be a secret.
            StoreError::BadEncoding(_) | StoreError::BadDataFormat(..) => {
                Error::failed(format!("{NAMED}: what it has as {user} is no text"))
            }
            _ => told(error, self.tty.is_some()),
        }
    }
}

const NAMED: &str = system::NAME;

/// What went wrong with the keyring itself. `may_ask`: whether a person was there to be asked.
fn told(error: &StoreError, may_ask: bool) -> Error {
    system::told(error, may_ask).unwrap_or_else(|| Error::failed(format!("{NAMED}: {error}")))
}
