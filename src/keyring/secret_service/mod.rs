//! The Secret Service (freedesktop.org's Secret Storage API 0.2): gnome-keyring, KWallet, KeePassXC and others keep secrets
//! for the programs of a desktop, each with attributes by which it is found.

mod fault;
mod prompt;
mod service;
mod store;

use std::collections::HashMap;
use std::sync::Arc;

use keyring_core::{CredentialStore, Entry, Error as StoreError};

use self::fault::Fault;
use self::service::Service;
use self::store::Store;
use super::{Item, Look, SERVICE};
use crate::error::Error;
use crate::host::Host;
use crate::terminal::Tty;

/// What it is called, for people.
pub const NAME: &str = "the Secret Service";

/// The store. With a `tty` its person may be asked whether the bus is theirs, and dialogues of the desktop may be shown; lines
/// on stderr speak of them.
pub fn open(host: &Host, tty: Option<&Tty>) -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(Arc::new(Store::new(Service::open(host, tty)?)))
}

/// See [`super::Keyring::look`].
pub fn look(host: &Host) -> Look {
    let found = || {
        let mut service = Service::open(host, None)?;
        match service.default_collection()? {
            Some(collection) => service.is_locked(&collection),
            None => Ok(true),
        }
    };
    match found() {
        Ok(false) => Look::Open,
        Ok(true) | Err(Fault::Locked) => Look::Locked,
        Err(Fault::Unconfirmed(why)) => Look::Unconfirmed(why),
        Err(fault) => Look::None(fault.to_string()),
    }
}

/// The entry for a secret, with the label that a new one gets.
pub fn entry(store: &CredentialStore, item: Item, label: Option<&str>) -> keyring_core::Result<Entry> {
    let label: HashMap<_, _> = label.map(|label| ("label", label)).into_iter().collect();
    store.build(SERVICE, &item.user(), Some(&label))
}

/// The label is written with the secret.
#[allow(clippy::unnecessary_wraps, reason = "other systems' can fail")]
pub fn describe(_entry: &Entry, _item: Item, _label: &str) -> keyring_core::Result<()> {
    Ok(())
}

/// What it says for a person, and what to do next.
pub fn told(error: &StoreError, may_ask: bool) -> Option<Error> {
    let (StoreError::PlatformFailure(inside) | StoreError::NoStorageAccess(inside)) = error else { return None };
    let stays = |why: &str| Error::failed(format!("the keyring is locked{why}")).next(UNLOCK);
    Some(match inside.downcast_ref()? {
        Fault::None(why) => Error::failed(format!("there is no Secret Service here: {why}")),
        Fault::Unconfirmed(why) => Error::failed(format!("{why}: left out")).next(CONFIRM),
        Fault::Locked if may_ask => stays(""),
        Fault::Locked => stays(", and without a terminal nobody is asked"),
        Fault::StaysLocked => stays(", and its dialogue was closed or could not be shown"),
        Fault::WouldAsk => {
            Error::failed("the keyring asks first, in a dialogue of the desktop").next("run this in a terminal")
        }
        Fault::Dismissed => {
            Error::failed("the keyring's dialogue was closed or could not be shown: nothing is changed")
        }
        Fault::Stopped => Error::stopped(),
        Fault::Bus(fault) => Error::failed(format!("{NAME}: {fault}")),
    })
}

const CONFIRM: &str = "`awsenv exec PROFILE` in a terminal asks";

const UNLOCK: &str = "unlock it at the desktop, or without one as `awsenv keyring --help` says";
