//! The sibling profile: `[profile NAME-session]` with a `credential_process` that is awsenv itself, for profiles that SDKs
//! cannot serve alone. Written once, with one question; kept up to date afterwards.

use bstr::{BStr, BString, ByteSlice};
use sha2::{Digest, Sha256};

use super::{Desk, init};
use crate::aws_files::{self, FileKind, SectionKind};
use crate::error::{Error, Result};
use crate::profile::{Profile, ProfileName, SIBLING_KEY};
use crate::shell::command_word;
use crate::terminal::{Answer, Question, Tty, say};

/// In the sibling: what awsenv itself put there, as `key:hash` words, so that others' changes are told apart.
const COPIED_KEY: &str = "awsenv_copied";

/// Keys that say where credentials come from: the sibling's come from awsenv alone.
const NOT_COPIED: [&str; 22] = [
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "aws_security_token",
    "aws_account_id",
    "role_arn",
    "source_profile",
    "credential_source",
    "mfa_serial",
    "mfa_process",
    "external_id",
    "duration_seconds",
    "role_session_name",
    "credential_process",
    "web_identity_token_file",
    "login_session",
    "include_profile",
    "source_identity",
    "session_tags",
    "transitive_session_tags",
    "assume_role",
    "aws_mfa_device",
];

/// Makes sure that the profile has its sibling, asking once where the settings do not say; brings it up to date.
///
/// # Errors
/// The answer was no, there is nobody to ask, the config file cannot be written, or the name belongs to somebody else.
pub fn ensure(desk: &Desk, profile: &Profile, tty: Option<&Tty>) -> Result<()> {
    let sibling = profile.name.sibling();
    refuse_foreign(desk, profile, &sibling)?;
    let command = command_line(&profile.name)?;
    let exists = desk.files.config.profile(sibling.as_bstr()).is_some();
    if !exists {
        consent(desk, profile, &sibling, tty)?;
    }
    bring_up_to_date(desk, profile, &sibling, &command)
}

/// Whether the profile's sibling stands in the config file.
pub fn exists(desk: &Desk, name: &ProfileName) -> bool {
    desk.files.config.profile(name.sibling().as_bstr()).is_some_and(|s| s.get(SIBLING_KEY).is_some())
}

/// A section of that name that awsenv did not write.
fn refuse_foreign(desk: &Desk, profile: &Profile, sibling: &ProfileName) -> Result<()> {
    let foreign = |file: &std::path::Path, line: u32| {
        Error::failed(format!(
            "{}:{line}: {sibling} is somebody else's profile, and {} needs that name",
            file.display(),
            profile.name
        ))
        .next("rename it; `awsenv exec` and `awsenv export` work without")
    };
    if let Some(section) = desk.files.config.profile(sibling.as_bstr()) {
        let ours = section.get(SIBLING_KEY).is_some_and(|v| v.bytes.as_ref() == profile.name.as_bstr());
        if !ours {
            return Err(foreign(&desk.files.paths.config, section.line()));
        }
    }
    match desk.files.credentials.profile(sibling.as_bstr()) {
        Some(section) => Err(foreign(&desk.files.paths.credentials, section.line())),
        None => Ok(()),
    }
}

fn consent(desk: &Desk, profile: &Profile, sibling: &ProfileName, tty: Option<&Tty>) -> Result<()> {
    let name = &profile.name;
    let file = desk.files.paths.config.display();
    let without = format!("`awsenv exec {name} -- CMD` and `awsenv export {name}` work without it");
    match (desk.settings.mfa.session_profiles, tty) {
        (Some(true), _) => return Ok(()),
        (Some(false), _) => {
            return Err(Error::failed(format!(
                "{name} needs the profile {sibling}, and [mfa] session_profiles = no forbids it"
            ))
            .next(without));
        }
        (None, None) => {
            return Err(Error::failed(format!("{name} needs the profile {sibling} in {file}, which is not there yet"))
                .next(format!("awsenv use {name} in a terminal asks for it")));
        }
        (None, Some(tty)) => {
            let question = Question::other(format!("Write [profile {sibling}]? y, n, or a for all such profiles: "))
                .after(format!("SDKs cannot get the keys of {name} by themselves: a second profile, {sibling}, lets them ask awsenv"))
                .after(format!("(a section of three or four lines in {file}; {without})"));
            match tty.ask_choice(&question, &["yes", "no", "all"], || false) {
                Answer::Given(0) => return Ok(()),
                Answer::Given(2) => return remember_for_all(desk),
                Answer::Stop => return Err(Error::stopped()),
                _ => {}
            }
        }
    }
    Err(Error::failed(format!("{sibling} was not written, and nothing was changed")).next(without))
}

/// `[mfa] session_profiles = yes` in the settings.
fn remember_for_all(desk: &Desk) -> Result<()> {
    let path = &desk.settings.path;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|e| Error::failed(format!("{}: {e}", folder.display())))?;
    }
    aws_files::edit(path, FileKind::Credentials, |document| {
        Ok(document.set(SectionKind::Profile, "mfa".into(), "session_profiles", "yes".into())?)
    })
}

fn bring_up_to_date(desk: &Desk, profile: &Profile, sibling: &ProfileName, command: &str) -> Result<()> {
    let wanted: Vec<(BString, BString)> = copied(desk, profile);
    let section = desk.files.config.profile(sibling.as_bstr());
    let have = |key: &BStr| section.as_ref()?.own(&key.to_str_lossy()).map(|v| v.bytes.into_owned());
    let noted: Vec<String> = have(COPIED_KEY.into())
        .map(|t| t.to_str_lossy().split_whitespace().map(String::from).collect())
        .unwrap_or_default();
    let is_ours = |key: &BStr, value: &BStr| noted.contains(&note(key, value));
    let mut set: Vec<(BString, BString)> = Vec::new();
    let mut notes: Vec<String> = Vec::new();
    for (key, value) in &wanted {
        match have(key.as_bstr()) {
            Some(theirs) if theirs != *value && !is_ours(key.as_bstr(), theirs.as_bstr()) => {
                say(format!(
                    "[profile {sibling}] {key} = {theirs} was put there by somebody else and stays ({} has {value})",
                    profile.name
                ));
            }
            Some(same) if same == *value => {
                if is_ours(key.as_bstr(), value.as_bstr()) {
                    notes.push(note(key.as_bstr(), value.as_bstr()));
                }
            }
            _ => {
                notes.push(note(key.as_bstr(), value.as_bstr()));
                set.push((key.clone(), value.clone()));
            }
        }
    }
    // Keys that the profile has lost go from the sibling too, where they are ours.
    let gone: Vec<BString> = section
        .iter()
        .flat_map(|s| {
            s.entries().map(|(key, value)| (BString::from(key), value.bytes.into_owned())).collect::<Vec<_>>()
        })
        .filter(|(key, value)| is_ours(key.as_bstr(), value.as_bstr()) && !wanted.iter().any(|(k, _)| k == key))
        .map(|(key, _)| key)
        .collect();
    if have("credential_process".into()).is_none_or(|line| line != command && !program_exists(line.as_bstr(), command))
    {
        set.insert(0, ("credential_process".into(), command.into()));
    }
    if section.is_none() {
        set.push((SIBLING_KEY.into(), profile.name.as_bstr().into()));
    }
    let line = notes.join(" ");
    if !line.is_empty() && have(COPIED_KEY.into()).is_none_or(|now| now != line) {
        set.push((COPIED_KEY.into(), line.into()));
    }
    if set.is_empty() && gone.is_empty() {
        return Ok(());
    }
    aws_files::edit(&desk.files.paths.config, FileKind::Config, |document| {
        for (key, value) in &set {
            let (kind, name, key) = (SectionKind::Profile, sibling.as_bstr(), key.to_str_lossy());
            match block(value.as_bstr()) {
                Some(entries) => document.set_nested(kind, name, &key, &entries)?,
                None => document.set(kind, name, &key, value.as_bstr())?,
            }
        }
        for key in &gone {
            document.remove_key(SectionKind::Profile, sibling.as_bstr(), &key.to_str_lossy())?;
        }
        Ok(())
    })
}

/// The entries of a nested block (`s3 =` and the lines below it); `None` for a value of one line.
fn block(value: &BStr) -> Option<Vec<(&BStr, &BStr)>> {
    let entries = value.strip_prefix(b"\n")?.lines().map(|line| line.split_once_str("="));
    entries.map(|entry| entry.map(|(key, value)| (key.trim_ascii().as_bstr(), value.trim_ascii().as_bstr()))).collect()
}

/// Region, output and service settings of the profile: every key that says nothing about credentials.
fn copied(desk: &Desk, profile: &Profile) -> Vec<(BString, BString)> {
    let section = desk.files.config.profile(profile.name.as_bstr());
    let mut keys: Vec<(BString, BString)> = Vec::new();
    for (key, value) in section.iter().flat_map(|s| s.entries()) {
        let key = BString::from(key.to_ascii_lowercase());
        let ours = key.starts_with(b"awsenv_") || key.starts_with(b"sso_") || NOT_COPIED.iter().any(|n| key == *n);
        let is_block = block(value.bytes.as_bstr()).is_some();
        let is_line = !value.bytes.contains(&b'\n') && !value.bytes.trim_ascii().is_empty();
        if !ours && (is_line || is_block) {
            keys.retain(|(k, _)| *k != key);
            let value = if is_block { value.bytes.into_owned() } else { value.bytes.trim_ascii().into() };
            keys.push((key, value));
        }
    }
    // These may also stand in the credentials file, which wins, or in the profile that `include_profile` names.
    for key in ["region", "output"] {
        if let Some(value) = profile.get(key) {
            keys.retain(|(k, _)| k != key);
            keys.push((key.into(), value.text));
        }
    }
    keys
}

fn note(key: &BStr, value: &BStr) -> String {
    let hash = Sha256::digest([key.as_bytes(), b"\0", value.as_bytes()].concat());
    format!("{key}:{:02x}{:02x}{:02x}{:02x}", hash[0], hash[1], hash[2], hash[3])
}

/// Whether a `credential_process` that was written earlier still works: its program is there, and the rest is as it would
/// be written now.
fn program_exists(line: &BStr, now: &str) -> bool {
    let words = |text: &str| shlex::split(text).unwrap_or_default();
    let (old, new) = (words(&line.to_str_lossy()), words(now));
    let program = old.first().map(std::path::PathBuf::from).unwrap_or_default();
    program.is_absolute() && program.is_file() && old.get(1..) == new.get(1..)
}

/// The `credential_process` of a profile, in words that botocore's shlex and the SDKs' `sh -c` (`cmd /C`) read alike.
///
/// # Errors
/// A name or path that cannot be written so is refused by name.
fn command_line(name: &ProfileName) -> Result<String> {
    let program = init::own_path()?;
    let refuse = |what: &str| {
        Error::failed(format!("{what} cannot be written into a credential_process that every SDK reads alike"))
            .next("`awsenv exec` and `awsenv export` work for this profile")
    };
    let program = program
        .to_str()
        .and_then(command_word::quote)
        .ok_or_else(|| refuse(&format!("the path {}", program.display())))?;
    let text = name
        .as_bytes()
        .to_str()
        .ok()
        .and_then(command_word::quote)
        .ok_or_else(|| refuse(&format!("the name {name}")))?;
    let dashes = if name.as_bytes().starts_with(b"-") { "-- " } else { "" };
    Ok(format!("{program} credentials {dashes}{text}"))
}
