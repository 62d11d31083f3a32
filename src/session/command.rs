//! Commands that a file names: `credential_process`, `mfa_process`, `password_process`.
//!
//! They run only where the user asked for something that needs them, and never from a file that somebody else could have
//! written. A file that the environment names (a cloned repository's `.envrc` can do so) counts only after the user
//! confirmed it: see [`super::trust`].

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;
use serde::Deserialize;

use super::expiry::{self, Zone};
use crate::error::{Error, Result};
use crate::host::Host;
use crate::net::Keys;
use crate::profile::ProfileName;
use crate::terminal::{Tty, noting_ctrl_c};
use crate::time::Timestamp;

/// The profiles whose credential_process is running above this one: each name, then a newline.
const CHAIN: &str = "AWSENV_CREDENTIALS_CHAIN";

/// How a command's standard input and error are connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terminal {
    /// To the controlling terminal: the command may ask ("touch your key").
    Attached,
    /// To nothing, and to where our own errors go: only we can ask there, through the shell that started us.
    Shown,
    /// To nothing.
    Detached,
}

impl Terminal {
    /// A command may use the terminal where this run itself may ask on it: not under somebody's full screen.
    pub fn of(tty: Option<&Tty>) -> Self {
        match tty {
            Some(tty) if tty.is_for_all() => Terminal::Attached,
            Some(_) => Terminal::Shown,
            None => Terminal::Detached,
        }
    }
}

/// Runs a command line through the shell, as aws-vault and the SDKs do, and gives its standard output.
///
/// # Errors
/// Says that `what` could not be started or failed, and never quotes what it printed.
pub fn output(what: &str, command_line: &OsStr, terminal: Terminal) -> Result<Zeroizing<Vec<u8>>> {
    run(what, shell(command_line), terminal)
}

/// The same for the `credential_process` of `profile`, which may be awsenv again: it is told what it runs for, so that a
/// loop ends at once.
///
/// # Errors
/// As [`output`].
pub fn credential_process(
    host: &Host,
    profile: &ProfileName,
    what: &str,
    command_line: &OsStr,
    terminal: Terminal,
) -> Result<Zeroizing<Vec<u8>>> {
    let mut command = shell(command_line);
    let mut chain = host.raw_var(CHAIN).unwrap_or_default();
    chain.push(profile.to_os_string());
    chain.push("\n");
    command.env(CHAIN, chain);
    run(what, command, terminal)
}

/// Refuses a profile whose keys are already being made further up.
///
/// # Errors
/// Names the profile.
pub fn refuse_loop(host: &Host, profile: &ProfileName) -> Result<()> {
    let chain = host.raw_var(CHAIN).unwrap_or_default();
    match chain.as_encoded_bytes().split(|b| *b == b'\n').any(|above| above == profile.as_bytes()) {
        true => {
            Err(Error::failed(format!("{profile} gets its keys from itself: its credential_process leads back here")))
        }
        false => Ok(()),
    }
}

fn run(what: &str, mut command: Command, terminal: Terminal) -> Result<Zeroizing<Vec<u8>>> {
    let tty = |write: bool| match terminal {
        Terminal::Attached => std::fs::OpenOptions::new()
            .read(READ_TOO || !write)
            .write(READ_TOO || write)
            .open(if write { SCREEN } else { KEYBOARD })
            .map_or_else(|_| Stdio::null(), Stdio::from),
        Terminal::Shown if write => Stdio::inherit(),
        Terminal::Shown | Terminal::Detached => Stdio::null(),
    };
    command.stdin(tty(false)).stderr(tty(true)).stdout(Stdio::piped());
    let (done, interrupted) = noting_ctrl_c(|| command.output());
    let done = done.map_err(|e| Error::failed(format!("{what} could not be started: {e}")))?;
    let printed = Zeroizing::new(done.stdout);
    match done.status.code().filter(|_| !interrupted) {
        Some(0) => Ok(printed),
        Some(code) => {
            Err(Error::failed(format!("{what} ended with exit code {code}")).next("run it by hand to see why"))
        }
        None => Err(Error::stopped()),
    }
}

#[cfg(unix)]
const KEYBOARD: &str = "/dev/tty";
#[cfg(windows)]
const KEYBOARD: &str = "CONIN$";
#[cfg(unix)]
const SCREEN: &str = "/dev/tty";
#[cfg(windows)]
const SCREEN: &str = "CONOUT$";
/// A console handle that cannot do both cannot tell or set its modes, as `getpass` and the like want to.
const READ_TOO: bool = cfg!(windows);

#[cfg(unix)]
fn shell(line: &OsStr) -> Command {
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(line);
    command
}

#[cfg(windows)]
fn shell(line: &OsStr) -> Command {
    use std::os::windows::process::CommandExt;
    let mut command = Command::new("cmd.exe");
    crate::terminal::hide_the_shell_from(&mut command, &Host::real());
    // The Go SDK's way, `cmd.exe /C LINE`, made exact: with /S cmd takes away these two quotes and leaves the rest of the
    // line as it stands, also where it begins and ends with quotes of its own; /D keeps AutoRun out.
    let mut quoted = std::ffi::OsString::from("\"");
    quoted.push(line);
    quoted.push("\"");
    command.args(["/D", "/S", "/C"]).raw_arg(quoted);
    // cmd would look for the line's programs in the current folder before the PATH: in a cloned repository `ykman.bat` would
    // run in ykman's place. Nobody else is told: what a person types in cmd is searched as ever.
    command.env("NoDefaultCurrentDirectoryInExePath", "1");
    command
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ProcessKeys {
    version: u32,
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
    expiration: Option<String>,
}

/// The keys in the answer of a `credential_process` (version 1), and their end where it gives one.
///
/// # Errors
/// Says what is wrong with the answer without quoting it.
pub fn keys(what: &str, printed: &[u8]) -> Result<(Keys, Option<Timestamp>)> {
    let wrong = |why: &str| Error::failed(format!("{what}: its answer {why}"));
    let found: ProcessKeys =
        serde_json::from_slice(printed).map_err(|_| wrong("is not the JSON of a credential_process"))?;
    if found.version != 1 {
        return Err(wrong("is not of version 1"));
    }
    let until = match found.expiration {
        Some(text) => Some(expiry::parse(&text, Zone::Utc).ok_or_else(|| wrong("has an Expiration that is no time"))?),
        None => None,
    };
    let keys = Keys {
        access_key_id: found.access_key_id,
        secret_access_key: SecretString::from(found.secret_access_key),
        session_token: found.session_token.filter(|t| !t.is_empty()).map(SecretString::from),
    };
    Ok((keys, until))
}

/// Whether a command in this file may run at all: the file is ours or the administrator's, and nobody else may write to it.
///
/// # Errors
/// Names the file and what to do about it.
#[cfg(unix)]
pub fn check_owner(file: &Path) -> Result<()> {
    use std::os::unix::fs::MetadataExt;
    let Ok(about) = std::fs::metadata(file) else { return Ok(()) };
    let us = rustix::process::geteuid().as_raw();
    if about.uid() != us && about.uid() != 0 {
        return Err(Error::failed(format!("{}: belongs to another user: no command in it is run", file.display())));
    }
    if about.mode() & 0o022 != 0 {
        return Err(Error::failed(format!("{}: others may write to it: no command in it is run", file.display()))
            .next(format!("chmod go-w {}", file.display())));
    }
    Ok(())
}

#[cfg(windows)]
pub fn check_owner(file: &Path) -> Result<()> {
    use crate::windows::{is_owned_by, is_safe_from_others, own_sid, sddl};
    if !file.exists() {
        return Ok(());
    }
    let place = file.display();
    let fail = |e: std::io::Error| Error::failed(format!("{place}: cannot see who may write to it: {e}"));
    let (found, me) = (sddl(file).map_err(fail)?, own_sid().map_err(fail)?);
    if !is_owned_by(&found, me) {
        return Err(Error::failed(format!("{place}: belongs to another user: no command in it is run")));
    }
    if !is_safe_from_others(&found, me) {
        return Err(Error::failed(format!("{place}: others may write to it: no command in it is run"))
            .next(format!("icacls \"{place}\" /inheritance:r /grant:r \"%USERNAME%:F\"")));
    }
    Ok(())
}

#[cfg(all(test, windows))]
mod tests {
    use super::*;

    /// wine's cmd does not ask for it.
    #[test]
    fn cmd_is_told_to_look_for_programs_on_the_path_only() {
        let command = shell("give-keys".as_ref());
        let told = |(name, value): (&OsStr, Option<&OsStr>)| {
            name == "NoDefaultCurrentDirectoryInExePath" && value.is_some_and(|value| !value.is_empty())
        };
        assert!(command.get_envs().any(told));
    }
}
