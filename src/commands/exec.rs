//! `awsenv exec PROFILE [-- CMD …]`: a command with the session's keys. Ends with the command's own exit code.

use std::ffi::OsString;
use std::process::Command;

use secrecy::ExposeSecret;

use super::report::sdk_profile;
use super::{Desk, sign_in};
use crate::cli::ExecArgs;
use crate::environment::{self, Changes};
use crate::error::{Error, Kind, Result};
use crate::host::Host;
use crate::net::Keys;
use crate::profile::Profile;
use crate::session::{self, Asking, Halt, Ready};
use crate::state::Memory;
use crate::terminal::Tty;

pub fn run(args: &ExecArgs, host: Host) -> Result<()> {
    let ours = |error: Error| match error.kind() {
        Kind::Stopped => error,
        _ => Error::new(Kind::Exit(125), error.to_string()),
    };
    let command = prepare(args, host).map_err(ours)?;
    Err(start(command))
}

fn prepare(args: &ExecArgs, host: Host) -> Result<Command> {
    let desk = Desk::open(host)?;
    let profile = desk.files.expect_profile(&desk.profile_name(Some(&args.profile)))?;
    let memory = Memory::of(&desk.host);
    let tty = Tty::open().filter(Tty::is_foreground);
    let mut changes = Changes::default();
    if args.renew {
        let sdk = sdk_profile(&desk, &profile);
        if sdk != profile.name {
            super::sibling::ensure(&desk, &profile, tty.as_ref())?;
        }
        if is_ours_to_renew(&desk, &profile)? {
            keys(&desk, &memory, &profile, tty.as_ref())?;
        }
        environment::COMPETING.iter().for_each(|name| changes.unset(name));
        changes.set("AWS_PROFILE", sdk.as_bytes());
    } else {
        set_keys(&mut changes, &keys(&desk, &memory, &profile, tty.as_ref())?);
    }
    dress(&desk, &memory, &profile, tty.as_ref(), &mut changes)?;
    // The command is no child of `use`: nothing of it is awsenv's to take back.
    ["AWSENV_PROFILE", "AWSENV_NAMES", "AWSENV_PROMPT", "AWS_SESSION_EXPIRATION", "AWSUME_EXPIRATION"]
        .iter()
        .for_each(|n| changes.unset(n));
    let words = if args.command.is_empty() { vec![shell(&desk.host)] } else { args.command.clone() };
    let mut command = Command::new(program(&words[0]));
    command.args(&words[1..]);
    apply(&mut command, changes);
    Ok(command)
}

/// Gives a command these variables.
pub fn apply(command: &mut Command, changes: Changes) {
    #[cfg(windows)]
    crate::terminal::hide_the_shell_from(command, &Host::real());
    changes.unset.iter().for_each(|name| {
        command.env_remove(name);
    });
    command.envs(changes.set.into_iter().map(|(name, value)| (name, os(value))));
}

/// Whether signing in is awsenv's part: SDKs renew the other kinds themselves, as long as no person is needed.
fn is_ours_to_renew(desk: &Desk, profile: &Profile) -> Result<bool> {
    let standing = session::of_profile(&desk.host, &desk.settings, profile)?;
    let ours = matches!(standing.kind, session::Kind::Mfa | session::Kind::Role);
    Ok(standing.state.needs_person() || (ours && !profile.recipe()?.begins_with_sign_in()))
}

/// The profile's keys; a role's session with a minute left is renewed first.
pub fn keys(desk: &Desk, memory: &Memory, profile: &Profile, tty: Option<&Tty>) -> Result<Ready> {
    let wanted = sign_in::Wanted { min_left: i64::from(desk.settings.guard.margin), ..sign_in::Wanted::default() };
    let asking = Asking { tty, process: true, ..Asking::default() };
    sign_in::keys(desk, memory, profile, asking, &wanted).map_err(|halt| match halt {
        Halt::Failed(error) => error,
        Halt::Declined => Error::stopped(),
    })
}

/// Raw keys, with their end where it is known, and nothing beside them that would compete.
pub fn set_keys(changes: &mut Changes, ready: &Ready) {
    environment::COMPETING.iter().for_each(|name| changes.unset(name));
    changes.unset("AWS_PROFILE");
    let Keys { access_key_id, secret_access_key, session_token } = &ready.keys;
    changes.set("AWS_ACCESS_KEY_ID", access_key_id.as_bytes());
    changes.set("AWS_SECRET_ACCESS_KEY", secret_access_key.expose_secret().as_bytes());
    if let Some(token) = session_token {
        changes.set("AWS_SESSION_TOKEN", token.expose_secret().as_bytes());
    }
    if let Some(until) = ready.until {
        changes.set("AWS_CREDENTIAL_EXPIRATION", until.rfc3339().as_bytes());
    }
}

/// Region, proxy and `env.*` of the profile.
pub fn dress(desk: &Desk, memory: &Memory, profile: &Profile, tty: Option<&Tty>, changes: &mut Changes) -> Result<()> {
    if let Some(region) = profile.region() {
        changes.set("AWS_REGION", region.as_bytes());
        changes.set("AWS_DEFAULT_REGION", region.as_bytes());
    }
    let outfit = super::outfit::of(desk, memory, profile, tty)?;
    changes.proxy(&desk.host, &outfit.proxy);
    for (name, value) in &outfit.env {
        changes.set(name, value.as_bytes());
    }
    Ok(())
}

/// Becomes this command, or runs it and ends with its exit code; comes back only when it could not be started.
pub fn hand_over(command: Command) -> Error {
    start(command)
}

fn shell(host: &Host) -> OsString {
    let name = if cfg!(windows) { "COMSPEC" } else { "SHELL" };
    host.var(name).unwrap_or_else(|| if cfg!(windows) { "cmd.exe".into() } else { "/bin/sh".into() })
}

fn os(value: Vec<u8>) -> OsString {
    crate::profile::ProfileName::from(value).to_os_string()
}

/// Becomes the command; comes back only when it could not be started.
#[cfg(unix)]
fn start(mut command: Command) -> Error {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    cannot_start(&command, &error)
}

/// Waits for the command, whose Ctrl-C is, and ends with its exit code.
#[cfg(windows)]
fn start(mut command: Command) -> Error {
    match crate::terminal::noting_ctrl_c(|| command.status()).0 {
        // All 32 bits of it, which are more than an error's kind holds: 256 is no success.
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => cannot_start(&command, &error),
    }
}

/// The file that a word of cmd means: `cdk` is `cdk.cmd`, which the system itself does not look for.
#[cfg(windows)]
fn program(word: &std::ffi::OsStr) -> OsString {
    which::which(word).map_or_else(|_| word.to_owned(), OsString::from)
}

#[cfg(unix)]
fn program(word: &std::ffi::OsStr) -> &std::ffi::OsStr {
    word
}

fn cannot_start(command: &Command, error: &std::io::Error) -> Error {
    let code = if error.kind() == std::io::ErrorKind::NotFound { 127 } else { 126 };
    Error::new(Kind::Exit(code), format!("{}: {error}", command.get_program().to_string_lossy()))
}
