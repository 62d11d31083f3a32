//! `awsenv keyring …`: long-term keys and proxies' passwords in the system's keyring instead of plain text in a file.

mod change;
mod key;
mod proxy;
mod restore;
mod store;
mod typed;

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use super::Desk;
use super::sso::foreground;
use crate::cli::{KeyringCommand, KeyringWhich};
use crate::error::{Error, Result};
use crate::host::Host;
use crate::keyring::{Item, Keyring};
use crate::profile::ProfileName;
use crate::state::Memory;
use crate::terminal::Tty;

pub fn run(command: &KeyringCommand, host: Host) -> Result<()> {
    // Two at once would look at what the other is about to change.
    let memory = Memory::of(&host);
    let _turn = memory.keyring_turn();
    let desk = Desk::open(host)?;
    let tty = foreground();
    let vault = Vault { desk: &desk, tty: tty.as_ref() };
    match command {
        KeyringCommand::Store(args) => match which(&desk, &args.which)? {
            Which::Profile(name) => store::run(args, &name, &vault),
            Which::Proxy(name) => proxy::store(args, name, &vault),
        },
        KeyringCommand::Restore(args) => match which(&desk, &args.which)? {
            Which::Profile(name) => restore::run(args, &name, &vault),
            Which::Proxy(name) => proxy::restore(args, name, &vault),
        },
    }
}

/// A secret that was put into the keyring, and what it took the place of there.
pub struct Stored<'k> {
    keyring: &'k Keyring<'k>,
    item: Item<'k>,
    label: String,
    before: Option<SecretString>,
}

impl<'k> Stored<'k> {
    /// Puts it there.
    ///
    /// # Errors
    /// As [`Keyring::read`] and [`Keyring::store`].
    pub fn put(keyring: &'k Keyring<'k>, item: Item<'k>, label: String, secret: &SecretString) -> Result<Self> {
        let before = keyring.read(item)?;
        keyring.store(item, &label, secret)?;
        Ok(Stored { keyring, item, label, before })
    }

    /// As it was before. Where that cannot be: what the keyring has now, in words.
    pub fn undo(self) -> Option<String> {
        let undone = match &self.before {
            Some(before) => self.keyring.store(self.item, &self.label, before),
            None => self.keyring.remove(self.item).map(drop),
        };
        undone.err().map(|_| format!("{} keeps {} all the same", Keyring::NAME, what(self.item)))
    }
}

impl fmt::Display for Stored<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is in {}", what(self.item), Keyring::NAME)
    }
}

fn what(item: Item) -> String {
    match item {
        Item::AccessKey(id) => format!("the secret of {id}"),
        Item::Proxy(name) => format!("the password of [proxy {name}]"),
    }
}

/// Whether two secrets are the same.
fn same(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}

/// What a command of the keyring works with.
struct Vault<'v> {
    desk: &'v Desk,
    tty: Option<&'v Tty>,
}

enum Which<'w> {
    Profile(ProfileName),
    Proxy(&'w str),
}

fn which<'w>(desk: &Desk, args: &'w KeyringWhich) -> Result<Which<'w>> {
    match (&args.profile, &args.proxy) {
        (Some(profile), _) => Ok(Which::Profile(desk.profile_name(Some(profile)))),
        (None, Some(proxy)) => Ok(Which::Proxy(proxy)),
        (None, None) => Err(Error::usage("which profile? awsenv keyring store PROFILE, or --proxy NAME")),
    }
}
