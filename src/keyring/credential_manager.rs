//! Windows' Credential Manager: generic credentials of this user on this machine.

use std::collections::HashMap;
use std::sync::Arc;

use keyring_core::{CredentialStore, Entry, Error as StoreError};
use windows_native_keyring_store::Store;

use super::{Item, Look, SERVICE};
use crate::error::Error;
use crate::host::Host;
use crate::terminal::Tty;

/// What it is called, for people.
pub const NAME: &str = "the Credential Manager";

/// The store. It is open while the user is logged in.
pub fn open(_host: &Host, _tty: Option<&Tty>) -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(Store::new()?)
}

/// See [`super::Keyring::look`].
pub fn look(host: &Host) -> Look {
    match open(host, None).and_then(|store| entry(&*store, Item::Proxy(""), None)?.get_password()) {
        Ok(_) | Err(StoreError::NoEntry) => Look::Open,
        // A session of the network has none: OpenSSH's, a service's.
        Err(error) => Look::None(error.to_string()),
    }
}

/// The entry for a secret, under a name that people can read in the list; it does not follow the user to other machines.
pub fn entry(store: &CredentialStore, item: Item, _label: Option<&str>) -> keyring_core::Result<Entry> {
    let target = format!("{SERVICE}: {}", item.user());
    let modifiers = HashMap::from([("target", target.as_str()), ("persistence", "Local")]);
    store.build(SERVICE, &item.user(), Some(&modifiers))
}

/// Tells people what it is.
pub fn describe(entry: &Entry, item: Item, label: &str) -> keyring_core::Result<()> {
    let user = item.user();
    entry.update_attributes(&HashMap::from([("username", user.as_str()), ("comment", label)]))
}

/// Its own words will do.
pub fn told(_error: &StoreError, _may_ask: bool) -> Option<Error> {
    None
}
