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

/// The serial number of the device whose codes are asked for; `None`: the keys go without one.
///
/// # Errors
/// As AWS has it, or Ctrl-C. A device that was enrolled is noted in `done` first.
pub fn find(office: &Office, person: &Person, done: &mut Done) -> Result<Option<String>> {
    let user = match &office.caller.who {
        Who::User(name) => name.clone(),
        Who::Root => {
            say(
                "these are keys of the account's root user, who may do everything: AWS advises to delete them, and to make a user",
            );
            "the root user".to_owned()
        }
        _ => office.caller.arn.clone(),
    };
    let is_user = matches!(office.caller.who, Who::User(_));
    let devices = match office.iam().list_mfa_devices(is_user.then_some(user.as_str())) {
        Ok(devices) => devices,
        Err(error @ IamError::Denied { .. }) => {
            let why = error.missing().map(|(why, _)| why).unwrap_or_default();
            say(format!("MFA device: {user} may not ask which one it is ({why})"));
            return by_hand(office, &user, person);
        }
        Err(error) => return Err(Error::from(error).within("which MFA devices there are is not known")),
    };
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
    if !is_user {
        say(before.remove(0));
        return Ok(None);
    }
    before
        .push("an authenticator app on your phone gives codes (Google Authenticator, 1Password, Aegis, …)".to_owned());
    let before: Vec<&str> = before.iter().map(String::as_str).collect();
    if !person.agrees(&before, "Enrol an app now, by a QR code?")? {
        say("without a device: the keys alone, which many accounts allow little");
        return Ok(None);
    }
    enrol(office, &user, person, done)
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
            say("without a device: the keys alone, which many accounts allow little");
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
    let shown =
        "the console shows its serial number (IAM, Users, you, Security credentials, Multi-factor authentication)";
    person.line(&[shown], &format!("MFA device [{default}], or none: "), Some(&default), |typed| match typed {
        "none" => Ok(None),
        serial if is_security_key(serial) => {
            Err("that is a security key, which gives no six-digit codes: an authenticator app is needed".into())
        }
        serial if serial.contains(":user/") => {
            Err("that is the ARN of a user; that of a device reads arn:aws:iam::ACCOUNT:mfa/NAME".into())
        }
        serial if serial.len() < 9 || !serial.chars().all(|c| c.is_ascii_alphanumeric() || "_+=/:,.@-".contains(c)) => {
            Err("a serial number is arn:aws:iam::ACCOUNT:mfa/NAME, or what stands on the device".into())
        }
        serial => Ok(Some(serial.to_owned())),
    })
}

/// FIDO devices, by the ARNs that AWS gives them.
fn is_security_key(serial: &str) -> bool {
    [":u2f/", ":fido/", ":passkey/"].iter().any(|kind| serial.contains(kind))
}
