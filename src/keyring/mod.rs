//! The system's keyring: Secret Service (gnome-keyring, KWallet, KeePassXC), macOS's Keychain, Windows' Credential Manager.
//!
//! It holds the secrets that would else stand in a file as plain text: long-term access keys and proxies' passwords. It is
//! opened only by commands that need one of them at that moment; no prompt and no hook does.

use secrecy::SecretString;

use crate::error::{Error, Result};
use crate::host::Host;
use crate::terminal::Tty;

/// The service under which awsenv's items stand in the keyring.
pub const SERVICE: &str = "awsenv";

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
    /// Whoever may be told that a dialogue of the desktop waits for the keyring's password; without, a locked keyring is an error.
    tty: Option<&'k Tty>,
}

impl<'k> Keyring<'k> {
    /// Opens it. With a `tty`, the desktop's dialogue may ask to unlock it; without one, nobody is asked.
    ///
    /// # Errors
    /// One line: there is none here, or it cannot be reached.
    pub fn open(_host: &Host, tty: Option<&'k Tty>) -> Result<Self> {
        let _ = tty;
        Err(Error::failed("there is no keyring here"))
    }

    /// What it is called, for people: `the Secret Service`.
    pub fn name(&self) -> &'static str {
        "the Secret Service"
    }

    /// A secret; `None` where it has none of that name.
    ///
    /// # Errors
    /// It is locked, or cannot be reached any more.
    pub fn read(&self, _item: Item) -> Result<Option<SecretString>> {
        let _ = self.tty;
        Ok(None)
    }

    /// Keeps a secret under a label that people see in the keyring's own program, in the place of one of the same name, and
    /// reads it back.
    ///
    /// # Errors
    /// It is locked or cannot be written, or gave back something else.
    pub fn store(&self, _item: Item, _label: &str, _secret: &SecretString) -> Result<()> {
        Ok(())
    }

    /// Takes a secret out; false where there was none.
    ///
    /// # Errors
    /// It is locked, or cannot be written.
    pub fn remove(&self, _item: Item) -> Result<bool> {
        Ok(false)
    }
}
