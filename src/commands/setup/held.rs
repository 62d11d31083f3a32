//! What the files have of a profile already, tried at AWS before a code is asked for: where a run before this one wrote
//! something wrong, it is typed again in its place.

use super::ask::Person;
use super::device;
use super::draft::{Draft, Found, From};
use super::newcomer::{Done, Refusal, Seen, at_aws, save, typed};
use crate::commands::Desk;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::keyring::{Keyring, Look};
use crate::net::StsError;
use crate::profile::{Files, KEYRING_KEY, ProfileName, Value};
use crate::session::{self, State};
use crate::terminal::say;

/// Asks AWS about the keys and the device of the files (`held`), unless a session of them is good or a command gives them,
/// which may ask for a password each time.
///
/// # Errors
/// AWS refuses them, and they shall not be typed again; Ctrl-C; no answer.
pub fn tried(
    desk: &Desk,
    name: &ProfileName,
    draft: &mut Draft,
    user: &mut Option<String>,
    (from, known): (&From, Option<&str>),
    person: &Person,
    done: &mut Done,
) -> Result<()> {
    say(format!("keys: {name} has them already"));
    if let Some(device) = known
        && (matches!(from, From::Process(_)) || is_good(desk, name)?)
    {
        say(format!("MFA device: {device}, as the files say"));
        return Ok(());
    }
    let refusal = match at_aws(desk, name, draft, None, known, person, done)? {
        Seen::Caller { device, user: who } => {
            (draft.device, *user) = (device, who);
            return Ok(());
        }
        Seen::Refused(refusal) => refusal,
    };
    let error = refused(&desk.files, name, from, &refusal);
    if let From::Process(_) = from {
        return Err(error);
    }
    say(error.to_string());
    if matches!(refusal, Refusal::Unknown { .. }) && desk.files.profile(name).is_none_or(|p| p.region().is_none()) {
        say(format!("(one of AWS China or GovCloud? then [profile {name}] needs region = and a region there)"));
    }
    if !person.agrees(&[], "Type the keys again, in the place of these?")? {
        return Err(Error::failed("the keys stay as they are"));
    }
    let new = typed(desk, name, draft, user, known, person, done)?;
    draft.keyring = matches!(from, From::Keyring);
    if !draft.keyring && matches!(Keyring::look(&desk.host), Look::Open) {
        say(format!("`awsenv keyring store {name}` moves the secret into {} later", Keyring::NAME));
    }
    draft.keys = Some(new);
    Ok(())
}

fn is_good(desk: &Desk, name: &ProfileName) -> Result<bool> {
    let profile = desk.files.expect_profile(name)?;
    Ok(session::of_profile(&desk.host, &desk.settings, &profile)?.state == State::Valid)
}

/// Names the line of what AWS refuses.
fn refused(files: &Files, name: &ProfileName, from: &From, refusal: &Refusal) -> Error {
    let (key, why) = match (from, refusal) {
        (From::Process(command), _) => {
            let error = Error::failed(refusal.to_string()).within(format!("{}: credential_process", command.place));
            return error.next("the command has to give others");
        }
        (From::Keyring, Refusal::Secret { key }) => {
            (KEYRING_KEY, format!("the secret of the access key {key} in {} is wrong", Keyring::NAME))
        }
        (_, Refusal::Secret { key }) => {
            ("aws_secret_access_key", format!("the secret of the access key {key} is wrong"))
        }
        (From::Keyring, Refusal::Unknown { .. }) => (KEYRING_KEY, refusal.to_string()),
        (_, Refusal::Unknown { .. }) => ("aws_access_key_id", refusal.to_string()),
    };
    let error = Error::failed(why).within(key);
    match value(files, name, key) {
        Some((section, value)) => error.within(format!("{}: [{section}]", value.place)),
        None => error.within(name),
    }
}

/// A key of the section of long-term keys, or of the profile itself.
fn value(files: &Files, name: &ProfileName, key: &str) -> Option<(ProfileName, Value)> {
    [name.long_term(), name.clone()].into_iter().find_map(|section| {
        let value = files.named(&section).get(key)?;
        Some((section, value))
    })
}

/// The error for what the files have of a profile, with the next step where that is half a key.
pub fn half(files: &Files, name: &ProfileName, error: Error) -> Error {
    let is_half = |section: &ProfileName| {
        let section = files.named(section);
        section.get("aws_access_key_id").is_some() && section.get("aws_secret_access_key").is_none()
    };
    match [name.long_term(), name.clone()].iter().any(is_half) {
        true => error.next(format!("put it there, or take that line out, and `awsenv setup {name}` asks for both")),
        false => error,
    }
}

/// Another device, named by the person and written, where `error` says that AWS refused the one of the files. `None`: it
/// says something else.
///
/// # Errors
/// Ctrl-C, a no, or what cannot be written.
pub fn other_device(
    host: &Host,
    name: &ProfileName,
    error: &Error,
    person: &Person,
    done: &mut Done,
) -> Result<Option<()>> {
    let desk = Desk::open(host.clone())?;
    let Found::Keys(held) = Found::of(&desk.files, name)? else { return Ok(None) };
    let Some(serial) = held.device.clone() else { return Ok(None) };
    if !error.to_string().contains(&StsError::WrongDevice { serial: serial.clone() }.to_string()) {
        return Ok(None);
    }
    let key =
        ["aws_mfa_device", "mfa_serial"].into_iter().find_map(|key| Some((key, value(&desk.files, name, key)?.1)));
    let place = key.map(|(key, value)| format!("{}: {key}: ", value.place)).unwrap_or_default();
    say(format!("{place}AWS refused the MFA device {serial}: it is none of this user's, or its clock is far off"));
    if !person.agrees(&[], "Name another one, in its place?")? {
        return Err(Error::failed("the MFA device stays as it is"));
    }
    let mut draft = Draft { device: Some(device::another(person)?), ..Draft::default() };
    save(&desk, name, &mut draft, Some(&held), person, done)?;
    Ok(Some(()))
}
