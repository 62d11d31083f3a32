//! The MFA device of the keys: found at AWS, enrolled there, or named by the person.

use super::ask::{Item, Person};
use super::newcomer::Done;
use crate::cli::MfaEnableArgs;
use crate::commands::iam::Office;
use crate::commands::iam::mfa::{Enrolled, enrolled};
use crate::commands::iam::target::Who;
use crate::error::{Error, Kind, Result};
use crate::net::{IamError, MfaDevice};
use crate::terminal::say;

const WHERE: &str =
    "the console shows its serial number (IAM, Users, you, Security credentials, Multi-factor authentication)";

const WITHOUT: &str = "without a device: the keys alone, which many accounts allow little";

/// The serial number of the device whose codes are asked for; `None`: the keys go without one.
///
/// # Errors
/// As AWS has it, or Ctrl-C. A device that was enrolled is noted in `done` first.
pub fn find(office: &Office, person: &Person, done: &mut Done) -> Result<Option<String>> {
    let user = whose(office);
    if matches!(office.caller.who, Who::Root) {
        say(
            "these are keys of the account's root user, who may do everything: AWS advises to delete them, and to make a user",
        );
    }
    match listed(office) {
        Ok(devices) => chosen(office, &user, devices, person, done),
        Err(error @ IamError::Denied { .. }) => {
            let why = error.missing().map(|(why, _)| why).unwrap_or_default();
            say(format!("MFA device: {user} may not ask which one it is ({why})"));
            by_hand(office, &user, person)
        }
        Err(error) => {
            say(format!("MFA device: which one it is could not be asked: {}", Error::from(error)));
            by_hand(office, &user, person)
        }
    }
}

/// The device in the place of the one that the files name, where AWS says that this is none of the user's.
///
/// # Errors
/// As [`find`].
pub fn confirmed(office: &Office, serial: &str, person: &Person, done: &mut Done) -> Result<Option<String>> {
    match listed(office) {
        Ok(devices) if !devices.iter().any(|device| device.serial == serial) => {
            let user = whose(office);
            say(format!("MFA device: the files say {serial}, which {user} does not have"));
            chosen(office, &user, devices, person, done)
        }
        _ => {
            say(format!("MFA device: {serial}, as the files say"));
            Ok(None)
        }
    }
}

fn whose(office: &Office) -> String {
    match &office.caller.who {
        Who::User(name) => name.clone(),
        Who::Root => "the root user".to_owned(),
        _ => office.caller.arn.clone(),
    }
}

fn listed(office: &Office) -> Result<Vec<MfaDevice>, IamError> {
    let user = match &office.caller.who {
        Who::User(name) => Some(name.as_str()),
        _ => None,
    };
    office.iam().list_mfa_devices(user)
}

/// One of the devices that a user has, or a new one.
fn chosen(
    office: &Office,
    user: &str,
    devices: Vec<MfaDevice>,
    person: &Person,
    done: &mut Done,
) -> Result<Option<String>> {
    let (keys, with_codes): (Vec<MfaDevice>, Vec<MfaDevice>) =
        devices.into_iter().partition(|device| is_security_key(&device.serial));
    if let [only] = &with_codes[..] {
        say(format!("MFA device: {}, the one that {user} has", only.serial));
        return Ok(Some(only.serial.clone()));
    }
    if !with_codes.is_empty() {
        let item = |device: &MfaDevice| {
            let since = device.enabled.map(|t| format!("  since {}", &t.rfc3339()[..10])).unwrap_or_default();
            let name = device.serial.rsplit('/').next().unwrap_or_default().to_owned();
            Item { name, about: format!("{}{since}", device.serial) }
        };
        say(format!("MFA device: {user} has {}; whose codes shall be asked for?", with_codes.len()));
        let items: Vec<Item> = with_codes.iter().map(item).collect();
        let serial = with_codes[person.picks("MFA device", &items)?].serial.clone();
        say(format!("MFA device: {serial}"));
        return Ok(Some(serial));
    }
    let mut before = match &keys[..] {
        [] => vec![format!("MFA device: {user} has none")],
        [key, ..] => vec![
            format!("MFA device: {user} has {}, a security key or passkey", key.serial),
            "it opens the console, but gives no six-digit codes, and AWS takes nothing else for sessions on a command line"
                .to_owned(),
        ],
    };
    if !matches!(office.caller.who, Who::User(_)) {
        say(before.remove(0));
        say(WITHOUT);
        return Ok(None);
    }
    before
        .push("an authenticator app on your phone gives codes (Google Authenticator, 1Password, Aegis, …)".to_owned());
    let before: Vec<&str> = before.iter().map(String::as_str).collect();
    if !person.agrees(&before, "Enrol an app now, by a QR code?")? {
        say(WITHOUT);
        return Ok(None);
    }
    enrol(office, user, person, done)
}

fn enrol(office: &Office, user: &str, person: &Person, done: &mut Done) -> Result<Option<String>> {
    let args = MfaEnableArgs { name: None, text: false };
    let again = format!("`awsenv setup {}`", office.profile.name);
    match enrolled(&args, office, person.tty, user, &again) {
        Ok(Enrolled { serial, stopped }) => {
            done.enrolled = Some(serial.clone());
            if stopped { Err(Error::stopped()) } else { Ok(Some(serial)) }
        }
        Err(error) if error.kind() == Kind::Stopped => Err(error),
        Err(error) => {
            say(error.to_string());
            say(WITHOUT);
            Ok(None)
        }
    }
}

/// Who may not look it up knows it, or takes the name that the console suggests.
fn by_hand(office: &Office, user: &str, person: &Person) -> Result<Option<String>> {
    let usual = match office.caller.who {
        Who::Root => "root-account-mfa-device",
        _ => user,
    };
    let default = format!("arn:{}:iam::{}:mfa/{usual}", office.access.partition().name, office.caller.account);
    let named =
        person.line(&[WHERE], &format!("MFA device [{default}], or none: "), Some(&default), |typed| match typed {
            "none" => Ok(None),
            serial => checked(serial).map(Some),
        })?;
    if named.is_none() {
        say(WITHOUT);
    }
    Ok(named)
}

/// Another device, in the place of one that AWS refused.
///
/// # Errors
/// Ctrl-C.
pub fn another(person: &Person) -> Result<String> {
    person.line(&[WHERE], "MFA device: ", None, checked)
}

/// A serial number, as far as its shape tells.
fn checked(serial: &str) -> Result<String, String> {
    let is_of_serials = |c: char| c.is_ascii_alphanumeric() || "_+=/:,.@-".contains(c);
    let why = if is_security_key(serial) {
        "that is a security key, which gives no six-digit codes: an authenticator app is needed"
    } else if serial.contains(":user/") {
        "that is the ARN of a user; that of a device reads arn:aws:iam::ACCOUNT:mfa/NAME"
    } else if serial.len() < 9 || !serial.chars().all(is_of_serials) {
        "a serial number is arn:aws:iam::ACCOUNT:mfa/NAME, or what stands on the device"
    } else {
        return Ok(serial.to_owned());
    };
    Err(why.to_owned())
}

/// FIDO devices, by the ARNs that AWS gives them.
fn is_security_key(serial: &str) -> bool {
    [":u2f/", ":fido/", ":passkey/"].iter().any(|kind| serial.contains(kind))
}
