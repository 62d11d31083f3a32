//! macOS's Keychain: the login keychain of this user.

use std::sync::Arc;

use apple_native_keyring_store::keychain::Store;
use keyring_core::{CredentialStore, Entry, Error as StoreError};

use super::{Item, Look, SERVICE};
use crate::error::Error;
use crate::host::Host;

/// What it is called, for people.
pub const NAME: &str = "the Keychain";

/// The store. The system itself asks where the keychain is locked, or was written by another program.
pub fn open(_host: &Host, _may_ask: bool) -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(Store::new()?)
}

/// See [`super::Keyring::look`].
pub fn look(host: &Host) -> Look {
    match open(host, false).and_then(|store| entry(&*store, Item::Proxy(""), None)?.get_password()) {
        Ok(_) | Err(StoreError::NoEntry) => Look::Open,
        Err(error) => Look::None(error.to_string()),
    }
}

/// The entry for a secret. The Keychain shows people its service and user name.
pub fn entry(store: &CredentialStore, item: Item, _label: Option<&str>) -> keyring_core::Result<Entry> {
    store.build(SERVICE, &item.user(), None)
}

/// There is no label.
#[allow(clippy::unnecessary_wraps, reason = "other systems' can fail")]
pub fn describe(_entry: &Entry, _item: Item, _label: &str) -> keyring_core::Result<()> {
    Ok(())
}

/// Its own words will do.
pub fn told(_error: &StoreError, _may_ask: bool) -> Option<Error> {
    None
}
