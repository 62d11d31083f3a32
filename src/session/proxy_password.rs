//! The password of a `[proxy NAME]` that does not stand in the settings: a command prints it, or the system's keyring has it.

use bstr::ByteSlice;
use secrecy::SecretString;

use super::command::{self, Terminal};
use super::trust;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::keyring::{Item, Keyring};
use crate::net::ProxyAddress;
use crate::settings::{PasswordFrom, Settings};
use crate::state::Memory;
use crate::terminal::Tty;

/// The password: the first line of the command's output, or the keyring's.
///
/// # Errors
/// Names the section whose command failed, or whose password the keyring does not give.
pub fn password(
    host: &Host,
    settings: &Settings,
    memory: &Memory,
    tty: Option<&Tty>,
    name: &str,
    from: PasswordFrom,
) -> Result<SecretString> {
    let path = &settings.path;
    // Where it goes is part of what is confirmed: it is the host that gets the password. Without a user in the address, whose
    // password nobody should see; an address that is none gets nothing.
    let section = settings.proxy(name)?;
    let addresses = [&section.https, &section.http].into_iter().flatten();
    let hosts = addresses.filter_map(|text| ProxyAddress::parse(text.as_bytes()).ok()).map(|found| found.plain_url());
    let hosts = hosts.collect::<Vec<_>>().join(", ");
    let line = match from {
        PasswordFrom::Process(command) => format!("[proxy {name}] password_process = {command}, for {hosts}"),
        PasswordFrom::Keyring => format!("[proxy {name}] keyring = yes, for {hosts}"),
    };
    command::check_owner(path)?;
    trust::confirm(memory, tty, settings.from_environment, path, &line).map_err(|e| e.within(path.display()))?;
    match from {
        PasswordFrom::Process(command) => of_command(settings, tty, name, command),
        PasswordFrom::Keyring => {
            let place = || format!("{}: [proxy {name}]", path.display());
            let keyring = Keyring::open(host, tty).map_err(|e| e.within(place()))?;
            keyring.read(Item::Proxy(name)).map_err(|e| e.within(place()))?.ok_or_else(|| {
                Error::failed(format!("{}: {} has no password for it", place(), keyring.name()))
                    .next(format!("awsenv keyring store --proxy {name}"))
            })
        }
    }
}

fn of_command(settings: &Settings, tty: Option<&Tty>, name: &str, command: &str) -> Result<SecretString> {
    let what = format!("{}: [proxy {name}] password_process", settings.path.display());
    let printed = command::output(&what, command.as_ref(), Terminal::of(tty))?;
    let line = printed.lines().next().unwrap_or_default();
    let text = line.to_str().map_err(|_| Error::failed(format!("{what} printed something that is not text")))?;
    Ok(SecretString::from(text))
}
