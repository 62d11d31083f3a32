//! `awsenv iam mfa …`: a user's MFA devices.

use bstr::{BString, ByteSlice};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};

use super::Office;
use super::show::{JsonDevice, looked};
use crate::aws_files::{self, FileKind, Section, SectionKind};
use crate::cli::{KeyListArgs, MfaDisableArgs, MfaEnableArgs};
use crate::commands::sso::table;
use crate::commands::{print, report};
use crate::error::{Error, Kind, Result};
use crate::net::{IamError, NewDevice};
use crate::profile::{KEYRING_KEY, Recipe};
use crate::state::Memory;
use crate::terminal::{Answer, Code, Colours, Question, Secret, Tty, noting_ctrl_c, say};

/// How often two codes may be refused.
const TRIES: usize = 3;

pub(super) fn list(args: &KeyListArgs, office: &Office) -> Result<()> {
    let user = office.user(args.user.as_deref())?;
    let devices = office.iam().list_mfa_devices(Some(&user))?;
    if args.json {
        return print(&report::json(&devices.iter().map(JsonDevice::of).collect::<Vec<_>>())?);
    }
    if devices.is_empty() {
        say(format!("{user} has no MFA device: awsenv iam mfa enable"));
        return Ok(());
    }
    let rows: Vec<_> = devices
        .iter()
        .map(|device| {
            let since = device.enabled.map(|t| t.rfc3339()[..10].to_owned()).unwrap_or_default();
            [device.serial.clone(), since, sections(office, &device.serial).join(" ")]
        })
        .collect();
    let colours = Colours::on_stdout(&office.desk.host);
    print(table(["SERIAL", "SINCE", "IN THE AWS FILES"], &rows, |text| colours.faint(text)).as_bytes())
}

/// The sections that name a device.
fn sections(office: &Office, serial: &str) -> Vec<String> {
    let files = &office.desk.files;
    let mut found = Vec::new();
    for document in [&files.credentials, &files.config] {
        for name in document.profile_names() {
            let Some(section) = document.profile(name) else { continue };
            let names = |key: &str| section.own(key).is_some_and(|v| v.bytes.trim_ascii() == serial.as_bytes());
            let word = format!("[{name}]");
            if ["mfa_serial", "aws_mfa_device"].into_iter().any(names) && !found.contains(&word) {
                found.push(word);
            }
        }
    }
    found
}

pub(super) fn disable(args: &MfaDisableArgs, office: &Office) -> Result<()> {
    let user = office.user(args.user.as_deref())?;
    let listed = office.iam().list_mfa_devices(Some(&user));
    let devices = match &args.serial {
        // Which one is meant is clear without the list.
        Some(serial) => match looked(&format!("which devices {user} has"), listed)? {
            Some(devices) => devices,
            None => return take_away(args, office, &user, serial, false),
        },
        None => listed?,
    };
    let serials = || devices.iter().map(|d| d.serial.as_str()).collect::<Vec<_>>().join(", ");
    let serial = match (&args.serial, &devices[..]) {
        (_, []) => return Err(Error::failed(format!("{user} has no MFA device"))),
        (None, [only]) => &only.serial,
        (None, _) => return Err(Error::usage(format!("which device of {user}?")).next(serials())),
        (Some(named), _) => match devices.iter().find(|d| d.serial == *named) {
            Some(device) => &device.serial,
            None => {
                return Err(
                    Error::failed(format!("{user} has no such MFA device")).next(format!("it has {}", serials()))
                );
            }
        },
    };
    take_away(args, office, &user, serial, devices.len() == 1)
}

fn take_away(args: &MfaDisableArgs, office: &Office, user: &str, serial: &str, is_last: bool) -> Result<()> {
    let mut before = vec![format!("{user} loses the MFA device {serial}; its codes are worth nothing then")];
    if is_last {
        before.push(
            "it is the last one: what policies allow only with MFA is closed then, and a password alone signs in"
                .into(),
        );
    }
    before.push("sessions that run go on: awsenv iam revoke ends them".into());
    let named = sections(office, serial);
    if !named.is_empty() {
        before.push(format!(
            "{} in the AWS files {} it",
            named.join(", "),
            if named.len() == 1 { "names" } else { "name" }
        ));
    }
    office.consent(args.yes, &before, "Take it away? [y/n] ")?;
    office.iam().deactivate_mfa_device(user, serial)?;
    if serial.contains(":mfa/") {
        match office.iam().delete_virtual_mfa_device(serial) {
            Err(error) if !error.is_absent() => {
                let line = format!("{serial} is nobody's any more, but it is still there");
                return Err(Error::from(error).within(line));
            }
            _ => {}
        }
    }
    say(format!("{user} has the MFA device {serial} no more"));
    Ok(())
}

pub(super) fn enable(args: &MfaEnableArgs, office: &Office) -> Result<()> {
    let user = office.user(None)?;
    let Some(tty) = office.tty else {
        return Err(
            Error::failed(format!("{} to show the QR code and ask on", Tty::none())).next("run it in a terminal")
        );
    };
    let Enrolled { serial, stopped } = enrolled(args, office, tty, &user, "`awsenv iam mfa enable`")?;
    write(office, &serial)?;
    if stopped { Err(Error::stopped()) } else { Ok(()) }
}

/// A device that was made and enabled.
pub struct Enrolled {
    /// Its serial number.
    pub serial: String,
    /// Whether Ctrl-C came while AWS enabled it: it stays, and nothing else shall be done.
    pub stopped: bool,
}

/// Makes a device and enables it with two codes; one that was not enabled is removed again. `again` is what tries it anew.
/// Ctrl-C during a call waits for its end, so that what there is can be said.
///
/// # Errors
/// As AWS has it, or Ctrl-C; what was made and could not be removed is named.
pub fn enrolled(args: &MfaEnableArgs, office: &Office, tty: &Tty, user: &str, again: &str) -> Result<Enrolled> {
    let (device, stopped) = noting_ctrl_c(|| create(args, office, user));
    let device = device?;
    let enabled = match stopped {
        true => Err(Error::stopped()),
        false => enrol(args, office, tty, user, &device, again),
    };
    match enabled {
        Ok(stopped) => {
            say(format!("{user} has the MFA device {} now", device.serial));
            Ok(Enrolled { serial: device.serial, stopped })
        }
        Err(error) => Err(noting_ctrl_c(|| removed(office, &device, error, again)).0),
    }
}

/// A device that no app has codes for is of no use to anybody.
fn removed(office: &Office, device: &NewDevice, error: Error, again: &str) -> Error {
    let serial = &device.serial;
    match office.iam().delete_virtual_mfa_device(serial) {
        Ok(()) => {
            say("the device that was made for this is removed again");
            error
        }
        Err(_) => {
            let line = format!("the device {serial} was made, and could not be removed again: {again} tries it anew");
            match error.kind() {
                Kind::Stopped => Error::new(Kind::Stopped, line),
                _ => error.next(line),
            }
        }
    }
}

/// A new virtual device: under the name given, else the user's, else the first `NAME-2`, `NAME-3` that is free.
fn create(args: &MfaEnableArgs, office: &Office, user: &str) -> Result<NewDevice> {
    let iam = office.iam();
    let (partition, account) = (office.access.partition().name, &office.caller.account);
    let own = args.name.as_deref().unwrap_or(user);
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    if own.is_empty() || own.len() > 226 || !own.chars().all(is_allowed) {
        return Err(Error::usage("a device's name is 1 to 226 of a-z A-Z 0-9 _ + = , . @ -"));
    }
    // Who may not see them meets them as a name that is taken.
    let stray = looked("devices that were made and never enabled", iam.unassigned_devices())?.unwrap_or_default();
    let names = (1..=9).map(|n| if n == 1 { own.to_owned() } else { format!("{own}-{n}") });
    for name in names {
        let serial = format!("arn:{partition}:iam::{account}:mfa/{name}");
        if stray.contains(&serial) {
            iam.delete_virtual_mfa_device(&serial)?;
            say(format!("{serial} was made once and never enabled: it is removed, and made anew"));
        }
        match iam.create_virtual_mfa_device(&name) {
            Err(IamError::AlreadyThere { .. }) if args.name.is_none() => {}
            Err(IamError::AlreadyThere { .. }) => {
                return Err(
                    Error::failed(format!("there is a device named {name} already")).next("--name NAME takes another")
                );
            }
            Err(error) if error.may_be_done() => {
                return Err(Error::from(error)
                    .next(format!("{serial} may have been made all the same; the next try removes it")));
            }
            outcome => return Ok(outcome?),
        }
    }
    Err(Error::failed(format!("the devices {own} to {own}-9 are there already")).next("--name NAME takes another"))
}

/// Shows the device to the person and enables it with their codes; true where Ctrl-C came once it was enabled.
fn enrol(
    args: &MfaEnableArgs,
    office: &Office,
    tty: &Tty,
    user: &str,
    device: &NewDevice,
    again: &str,
) -> Result<bool> {
    say(format!("scan this with an authenticator app; it is {}", device.serial));
    let link = otpauth(user, &office.caller.account, &device.seed);
    let drawn = tty.show_secret(Secret::Qr(&link));
    if !drawn {
        say("the terminal is too narrow for the QR code: type this into the app (time-based, 6 digits)");
    }
    if args.text || !drawn {
        tty.show_secret(Secret::Text(device.seed.expose_secret()));
    }
    say("then type the code that the app shows, and about 30 s later the next one");
    for _ in 0..TRIES {
        let first = code(tty, Question::other("First code: "))?;
        let next = loop {
            match code(tty, Question::other("Next code: "))? {
                same if same == first => say("that is the first one again: the app shows the next within 30 seconds"),
                next => break next,
            }
        };
        match noting_ctrl_c(|| enabled(office, user, device, [&first, &next])) {
            (Ok(()), stopped) => {
                // AWS takes neither for a session.
                let memory = Memory::of(&office.desk.host);
                [&first, &next].into_iter().for_each(|code| memory.note_code(&device.serial, code));
                return Ok(stopped);
            }
            (Err(_), true) => return Err(Error::stopped()),
            (Err(IamError::WrongCodes), false) => say(IamError::WrongCodes.to_string()),
            (Err(error), false) => return Err(error.into()),
        }
    }
    Err(Error::failed(format!("the codes were refused {TRIES} times"))
        .next(format!("is the clock of the phone right? {again} tries it anew")))
}

fn enabled(office: &Office, user: &str, device: &NewDevice, codes: [&Code; 2]) -> Result<(), IamError> {
    let iam = office.iam();
    match iam.enable_mfa_device(user, &device.serial, codes) {
        Err(error) if error.may_be_done() => {
            let devices = iam.list_mfa_devices(Some(user));
            let is_done = devices.is_ok_and(|all| all.iter().any(|d| d.serial == device.serial));
            if is_done { Ok(()) } else { Err(error) }
        }
        outcome => outcome,
    }
}

fn code(tty: &Tty, question: Question) -> Result<Code> {
    match tty.ask_code(&question, || false) {
        Answer::Given(code) => Ok(code),
        _ => Err(Error::stopped()),
    }
}

/// What an authenticator app reads (github.com/google/google-authenticator/wiki/Key-Uri-Format), short enough for a code that
/// fits on a small terminal.
fn otpauth(user: &str, account: &str, seed: &SecretString) -> Zeroizing<String> {
    let label: String = percent_encoding::utf8_percent_encode(user, percent_encoding::NON_ALPHANUMERIC).to_string();
    let label = label.replace("%2D", "-").replace("%2E", ".").replace("%5F", "_");
    Zeroizing::new(format!("otpauth://totp/AWS:{label}@{account}?secret={}&issuer=AWS", seed.expose_secret()))
}

/// Names the device in the section of the keys, where none is named.
fn write(office: &Office, serial: &str) -> Result<()> {
    let recipe = office.profile.recipe()?;
    let files = &office.desk.files;
    let own = &office.profile.name;
    let (section, key, there): (BString, _, _) = match &recipe {
        Recipe::AwsMfa(mfa) => (mfa.long_term.as_bstr().into(), "aws_mfa_device", mfa.device.as_deref()),
        Recipe::PlainMfa(mfa) => (own.as_bstr().into(), "mfa_serial", Some(mfa.device.as_str())),
        Recipe::Static(_) | Recipe::Keyring(_) => (own.as_bstr().into(), "mfa_serial", None),
        _ => {
            say(format!("mfa_serial = {serial} in the profile that has the keys lets awsenv ask for its codes"));
            return Ok(());
        }
    };
    if let Some(there) = there {
        if there != serial {
            say(format!("[{section}] goes on with {there}; to switch, write there: {key} = {serial}"));
        }
        return Ok(());
    }
    // Beside the keys.
    let has_keys = |s: &Section| ["aws_access_key_id", KEYRING_KEY].iter().any(|key| s.own(key).is_some());
    let in_credentials = files.credentials.profile(section.as_bstr()).is_some_and(|s| has_keys(&s));
    let (path, kind) = match in_credentials {
        true => (&files.paths.credentials, FileKind::Credentials),
        false => (&files.paths.config, FileKind::Config),
    };
    let written = aws_files::edit(path, kind, |document| {
        Ok(document.set(SectionKind::Profile, section.as_bstr(), key, serial.as_bytes().as_bstr())?)
    });
    written.map_err(|e| e.next(format!("the device is enabled; write into [{section}]: {key} = {serial}")))?;
    say(format!("{}: [{section}] {key} = {serial}", path.display()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::qr;

    #[test]
    fn the_code_of_a_seed_fits_on_a_small_terminal() {
        let seed = SecretString::from("A".repeat(64));
        let link = otpauth("taro.yamada", "123456789012", &seed);
        assert!(link.starts_with("otpauth://totp/AWS:taro.yamada@123456789012?secret=AAAA"), "{}", link.as_str());
        let drawn = qr(&link, 80).expect("it fits");
        assert!(drawn.lines().count() <= 23, "{} lines", drawn.lines().count());
        assert_eq!(otpauth("a@b", "1", &"S".into()).as_str(), "otpauth://totp/AWS:a%40b@1?secret=S&issuer=AWS");
    }
}
