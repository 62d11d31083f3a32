//! `awsenv keyring store|restore --proxy NAME`: the password of a proxy, out of the address in the settings and back.

use std::io::IsTerminal;

use bstr::ByteSlice;
use secrecy::{ExposeSecret, SecretString};

use super::{Stored, Vault, same, typed};
use crate::cli::{KeyringRestoreArgs, KeyringStoreArgs};
use crate::commands::consent::consent;
use crate::commands::piped;
use crate::error::{Error, Result};
use crate::keyring::{Item, Keyring};
use crate::net::ProxyAddress;
use crate::session;
use crate::settings::edit::{self, Change, Section};
use crate::settings::{PasswordFrom, ProxySettings, Settings};
use crate::state::Memory;
use crate::terminal::{Answer, Question, Tty, say};

/// User and password of a proxy.
struct Login {
    user: String,
    password: SecretString,
}

/// A section's addresses: key, and the address taken apart.
type Addresses = Vec<(&'static str, ProxyAddress)>;

pub(super) fn store(args: &KeyringStoreArgs, name: &str, vault: &Vault) -> Result<()> {
    let section = vault.desk.settings.proxy(name)?;
    let path = &vault.desk.settings.path;
    if section.password_process.is_some() {
        let line = format!("{}: [proxy {name}] has its password from a command (password_process)", path.display());
        return Err(Error::failed(line).next("take that line out first"));
    }
    let addresses = addresses(vault, name, section)?;
    let hosts = hosts(&addresses);
    edit::check_writable(path)?;
    let keyring = Keyring::open(&vault.desk.host, vault.tty)?;
    let there = keyring.read(Item::Proxy(name))?;
    let in_file =
        one_login(&addresses).map_err(|why| Error::failed(format!("{}: [proxy {name}] {why}", path.display())))?;
    let it = keyring.name();
    let user = section.username.clone().or_else(|| user_in(&addresses));
    let (from, login) = match in_file {
        _ if args.from_env => ("the environment".to_owned(), from_environment(vault, &addresses)?),
        Some(login) if let Some(password) = piped()? => ("stdin".to_owned(), Login { password, ..login }),
        Some(login) => (path.display().to_string(), login),
        None => (String::new(), asked(vault.tty, user.as_deref(), &hosts, it)?),
    };
    // The user that the section names goes with every password.
    let login = Login { user: section.username.clone().unwrap_or(login.user), ..login };
    let is_other = there.as_ref().is_some_and(|there| !same(there, &login.password));
    if !from.is_empty() {
        let mut before = vec![
            format!("the password of {} at {hosts} goes from {from} into {it}", login.user),
            format!("it is read there when {name} is used; the settings keep the address and the user"),
        ];
        if is_other {
            before.push(format!("{it} has another password of [proxy {name}], which is lost then"));
        }
        consent(vault.tty, args.yes, &before, "Do it? [y/n] ")?;
    }
    let label = format!("Proxy {name} ({} at {hosts})", login.user);
    let stored = Stored::put(&keyring, Item::Proxy(name), label, &login.password)?;
    let corp = Section::Proxy(name);
    let plain = addresses.iter().filter(|(_, address)| address.username.is_some());
    let mut changes: Vec<Change> = plain.map(|(key, address)| Change::set(corp, key, address.plain_url())).collect();
    changes.push(Change::set(corp, "username", login.user.as_str()));
    changes.push(Change::set(corp, "keyring", "yes"));
    edit::write(path, &changes).map_err(|error| stored.undo().into_iter().fold(error, Error::next))?;
    say(format!("the password of [proxy {name}] is in {it}"));
    Ok(())
}

pub(super) fn restore(args: &KeyringRestoreArgs, name: &str, vault: &Vault) -> Result<()> {
    let section = vault.desk.settings.proxy(name)?;
    let path = &vault.desk.settings.path;
    if !section.keyring {
        return Err(Error::failed(format!("{}: [proxy {name}] has no password in the keyring", path.display())));
    }
    let addresses = addresses(vault, name, section)?;
    edit::check_writable(path)?;
    let keyring = Keyring::open(&vault.desk.host, vault.tty)?;
    let it = keyring.name();
    // By the same rules as when it is used: a settings file that a variable names may lead it elsewhere.
    let (settings, memory) = (&vault.desk.settings, Memory::of(&vault.desk.host));
    let password = session::password(&vault.desk.host, settings, &memory, vault.tty, name, PasswordFrom::Keyring)?;
    if addresses.iter().any(|(_, address)| address.password.is_some()) {
        let line = format!("{}: [proxy {name}] has a password in its address, too", path.display());
        return Err(
            Error::failed(line).next(format!("awsenv keyring store --proxy {name} moves that one; or take it out"))
        );
    }
    let user = section.username.clone().or_else(|| user_in(&addresses)).unwrap_or_default();
    let before = format!(
        "the password of {user} at {} goes from {it} into {}, in plain text",
        hosts(&addresses),
        path.display()
    );
    consent(vault.tty, args.yes, &[before], "Do it? [y/n] ")?;
    let corp = Section::Proxy(name);
    let full = |address: &ProxyAddress| {
        let (username, password) = (user.as_bytes().to_vec(), password.expose_secret().as_bytes().to_vec());
        ProxyAddress { username: Some(username), password: Some(password.into()), ..address.clone() }.full_url()
    };
    let mut changes: Vec<Change> = addresses.iter().map(|(key, a)| Change::set(corp, key, full(a))).collect();
    changes.extend(["username", "keyring"].map(|key| Change::remove(corp, key)));
    edit::write(path, &changes)?;
    let again = Settings::load(&vault.desk.host)?;
    let found = one_login(&self::addresses(vault, name, again.proxy(name)?)?);
    if !matches!(found, Ok(Some(login)) if same(&login.password, &password)) {
        return Err(Error::failed(format!(
            "{}: does not hold what was written, and {it} keeps the password",
            path.display()
        )));
    }
    keyring.remove(Item::Proxy(name))?;
    say(format!("the password of [proxy {name}] stands in {} again, and no more in {it}", path.display()));
    Ok(())
}

fn addresses(vault: &Vault, name: &str, section: &ProxySettings) -> Result<Addresses> {
    let mut found = Vec::new();
    for (key, text) in [("https", &section.https), ("http", &section.http)] {
        let Some(text) = text.as_deref().filter(|text| !text.is_empty()) else { continue };
        let path = vault.desk.settings.path.display();
        let address = ProxyAddress::parse(text.as_bytes())
            .map_err(|why| Error::failed(format!("{path}: [proxy {name}] {key}: {why}")))?;
        found.push((key, address));
    }
    match found.is_empty() {
        true => Err(Error::failed(format!("{}: [proxy {name}] has no address", vault.desk.settings.path.display()))),
        false => Ok(found),
    }
}

fn hosts(addresses: &Addresses) -> String {
    let mut hosts: Vec<String> = addresses.iter().map(|(_, address)| address.authority()).collect();
    hosts.dedup();
    hosts.join(", ")
}

/// The one user and password that go with all the addresses; the reason why there is none repeats neither.
fn one_login(addresses: &Addresses) -> std::result::Result<Option<Login>, String> {
    let logins: Vec<Login> = addresses
        .iter()
        .map(|(_, address)| login_of(address))
        .collect::<Result<Vec<_>, _>>()?
        .into_iter()
        .flatten()
        .collect();
    let Some(first) = logins.first() else { return Ok(None) };
    // An address without one would get it.
    let is_one = logins.len() == addresses.len()
        && logins.iter().all(|login| login.user == first.user && same(&login.password, &first.password));
    let is_one_host = addresses.iter().all(|(_, address)| address.authority() == addresses[0].1.authority());
    match is_one || (is_one_host && logins.len() == 1) {
        true => Ok(Some(Login { user: first.user.clone(), password: first.password.clone() })),
        false => Err("has http and https with different users or passwords; the keyring keeps one for both".into()),
    }
}

fn login_of(address: &ProxyAddress) -> std::result::Result<Option<Login>, String> {
    let (Some(user), Some(password)) = (&address.username, &address.password) else { return Ok(None) };
    match (user.to_str(), password.expose_secret().to_str()) {
        (Ok(user), Ok(password)) => Ok(Some(Login { user: user.into(), password: password.into() })),
        _ => Err("has a user or password that is no text".into()),
    }
}

fn user_in(addresses: &Addresses) -> Option<String> {
    let user = addresses.iter().find_map(|(_, address)| address.username.clone())?;
    String::from_utf8(user).ok()
}

fn from_environment(vault: &Vault, addresses: &Addresses) -> Result<Login> {
    let host = &vault.desk.host;
    let value = ["HTTPS_PROXY", "https_proxy"].iter().find_map(|name| host.var(name));
    let address = value.and_then(|v| ProxyAddress::parse(v.as_encoded_bytes()).ok());
    let none = || Error::failed("HTTPS_PROXY has no user:password@ in it");
    let address = address.ok_or_else(none)?;
    if !addresses.iter().any(|(_, own)| own.authority() == address.authority()) {
        let (there, here) = (address.authority(), hosts(addresses));
        return Err(Error::failed(format!("HTTPS_PROXY leads to {there}, and the section to {here}")));
    }
    login_of(&address).map_err(|why| Error::failed(format!("HTTPS_PROXY {why}")))?.ok_or_else(none)
}

/// A password through stdin, where that is no terminal, and does not end at once.
fn piped() -> Result<Option<SecretString>> {
    if std::io::stdin().is_terminal() { Ok(None) } else { piped::first_line() }
}

/// From stdin where that is no terminal (the password alone), else asked.
fn asked(tty: Option<&Tty>, user: Option<&str>, hosts: &str, it: &str) -> Result<Login> {
    if !std::io::stdin().is_terminal() {
        let user =
            user.ok_or_else(|| Error::failed("the section has no username").next("username = NAME goes into it"))?;
        return Ok(Login { user: user.into(), password: piped::line("the password")? });
    }
    let tty = tty.ok_or_else(|| {
        Error::failed(format!("{} to ask for the password on", Tty::none())).next("it also comes from stdin")
    })?;
    let _quiet = tty.listen();
    say(format!("a password that is typed goes into {it}"));
    let user = match user {
        Some(user) => user.to_owned(),
        None => typed::answer(tty.ask_line(&Question::other(format!("User name at {hosts}: ")), || false))?,
    };
    let question = Question::other(format!("Password of {user} at {hosts}: "));
    match tty.ask_hidden(&question, || false) {
        Answer::Given(password) => Ok(Login { user, password }),
        _ => Err(Error::stopped()),
    }
}
