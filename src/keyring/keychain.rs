//! macOS's Keychain: the login keychain of this user.

use std::sync::{Arc, Mutex, PoisonError};

use apple_native_keyring_store::keychain::Store;
use keyring_core::{CredentialStore, Entry, Error as StoreError};
use security_framework::base::Error as Refused;
use security_framework::os::macos::keychain::{KeychainUserInteractionLock, SecKeychain};

use super::{Item, Look, SERVICE};
use crate::error::Error;
use crate::host::Host;
use crate::terminal::Tty;

/// What it is called, for people.
pub const NAME: &str = "the Keychain";

/// SecBase.h's errSecInteractionNotAllowed, errSecUserCanceled and errSecAuthFailed.
const WOULD_ASK: i32 = -25308;
const CLOSED: [i32; 2] = [-128, -25293];

/// The store. With a `tty` the system itself asks where the keychain is locked, or another program wrote what is read.
pub fn open(_host: &Host, tty: Option<&Tty>) -> keyring_core::Result<Arc<CredentialStore>> {
    // Holds for the whole process, until it is dropped.
    static QUIET: Mutex<Option<KeychainUserInteractionLock>> = Mutex::new(None);
    let mut quiet = QUIET.lock().unwrap_or_else(PoisonError::into_inner);
    // To drop the former would allow it again.
    quiet.take();
    *quiet = if tty.is_some() { None } else { SecKeychain::disable_user_interaction().ok() };
    Ok(Store::new()?)
}

/// See [`super::Keyring::look`].
pub fn look(host: &Host) -> Look {
    match open(host, None).and_then(|store| entry(&*store, Item::Proxy("look"), None)?.get_password()) {
        Ok(_) | Err(StoreError::NoEntry) => Look::Open,
        Err(error) if code(&error) == Some(WOULD_ASK) => Look::Locked,
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

/// What it says for a person, and what to do next; where not, its own words will do.
pub fn told(error: &StoreError, _may_ask: bool) -> Option<Error> {
    let why = match code(error)? {
        WOULD_ASK => "without a terminal nobody is asked",
        code if CLOSED.contains(&code) => "its dialogue was closed",
        _ => return None,
    };
    Some(Error::failed(format!("the keyring is locked, and {why}")).next("unlock it with `security unlock-keychain`"))
}

/// The system's own number.
fn code(error: &StoreError) -> Option<i32> {
    let (StoreError::PlatformFailure(inside) | StoreError::NoStorageAccess(inside)) = error else { return None };
    Some(inside.downcast_ref::<Refused>()?.code())
}
