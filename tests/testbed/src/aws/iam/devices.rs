//! MFA devices.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Ask, date, missing, tag, users};
use crate::aws::account::{DeviceRecord, Who, account_of};
use crate::aws::answer::Refusal;
use crate::aws::permission::Resource;
use crate::aws::{png, totp};

/// Devices that a user may have.
const QUOTA: usize = 8;

pub(super) fn list(ask: &Ask) -> Result<String, Refusal> {
    let (arn, name) = ask.user()?;
    let own = ask.state.accounts.devices.iter().filter(|(_, device)| device.user.as_ref() == Some(&arn));
    let members = own.map(|(serial, device)| {
        let enabled = tag("EnableDate", &date(device.enabled));
        format!("<member>{}{}{enabled}</member>", tag("UserName", &name), tag("SerialNumber", serial))
    });
    ask.page("MFADevices", &members.collect::<Vec<_>>())
}

pub(super) fn list_virtual(ask: &Ask) -> Result<String, Refusal> {
    let start = format!("{}mfa/", ask.account_arn());
    let wanted = match ask.param("AssignmentStatus").unwrap_or("Any") {
        "Any" => None,
        "Assigned" => Some(true),
        "Unassigned" => Some(false),
        other => {
            let must = "Member must satisfy enum value set: [Unassigned, Any, Assigned]";
            return Err(Refusal::constraint(other, "assignmentStatus", must));
        }
    };
    ask.allow(&Resource::arn(&start))?;
    let accounts = &ask.state.accounts;
    let virtual_ones =
        accounts.devices.iter().filter(|(serial, device)| device.is_virtual && serial.starts_with(&start));
    let meant = virtual_ones.filter(|(_, device)| wanted.is_none_or(|assigned| assigned == device.user.is_some()));
    let members = meant.map(|(serial, device)| {
        let user = device.user.as_ref().and_then(|arn| Some((arn, accounts.users.get(arn)?)));
        let assigned = user.map(|(arn, user)| {
            format!("<User>{}</User>{}", users::fields(arn, user), tag("EnableDate", &date(device.enabled)))
        });
        format!("<member>{}{}</member>", tag("SerialNumber", serial), assigned.unwrap_or_default())
    });
    ask.page("VirtualMFADevices", &members.collect::<Vec<_>>())
}

pub(super) fn create(ask: &mut Ask) -> Result<String, Refusal> {
    let name = ask.name("VirtualMFADeviceName", 226)?;
    let path = ask.param("Path").unwrap_or("/").to_owned();
    if !path.starts_with('/') || !path.ends_with('/') {
        let must = "It must begin and end with / and contain only alphanumeric characters and/or / characters.";
        return Err(Refusal::invalid(format!("The specified value for path is invalid. {must}")));
    }
    let serial = format!("{}mfa{path}{name}", ask.account_arn());
    ask.allow(&Resource::arn(&serial))?;
    let accounts = &mut ask.state.accounts;
    if accounts.devices.contains_key(&serial) {
        let text = "MFADevice entity at the same path and name already exists.";
        return Err(Refusal::new(409, "EntityAlreadyExists", text));
    }
    let seed = accounts.seed();
    let letters = totp::base32(&seed);
    let account = accounts.alias.clone().unwrap_or_else(|| account_of(&serial).to_owned());
    accounts.devices.insert(serial.clone(), DeviceRecord::new(seed));
    let link = format!("otpauth://totp/{name}@{account}?secret={letters}");
    let fields = [
        tag("SerialNumber", &serial),
        tag("Base32StringSeed", &STANDARD.encode(&letters)),
        tag("QRCodePNG", &STANDARD.encode(png::qr_code(&link))),
    ];
    Ok(format!("<VirtualMFADevice>{}</VirtualMFADevice>", fields.concat()))
}

pub(super) fn enable(ask: &mut Ask) -> Result<String, Refusal> {
    let (serial, codes) = (ask.required("SerialNumber")?, two_codes(ask)?);
    let (arn, _) = ask.user_required()?;
    let now = ask.state.now();
    let devices = &mut ask.state.accounts.devices;
    if devices.values().filter(|device| device.user.as_ref() == Some(&arn)).count() >= QUOTA {
        return Err(Refusal::new(409, "LimitExceeded", format!("Cannot exceed quota for MFADevicesPerUser: {QUOTA}")));
    }
    let device = devices.get_mut(&serial).filter(|_| account_of(&serial) == account_of(&arn));
    let device = device.ok_or_else(|| unknown(&serial))?;
    if device.user.is_some() {
        return Err(Refusal::new(409, "EntityAlreadyExists", "MFA Device is already in use."));
    }
    check_codes(device, &codes, now)?;
    (device.user, device.enabled) = (Some(arn), now);
    Ok(String::new())
}

pub(super) fn resync(ask: &mut Ask) -> Result<String, Refusal> {
    let (serial, codes) = (ask.required("SerialNumber")?, two_codes(ask)?);
    let (arn, _) = ask.user_required()?;
    let now = ask.state.now();
    let device = own(ask, &serial, &arn)?;
    check_codes(device, &codes, now)?;
    device.in_step = true;
    Ok(String::new())
}

pub(super) fn deactivate(ask: &mut Ask) -> Result<String, Refusal> {
    let serial = ask.required("SerialNumber")?;
    let (arn, _) = ask.user()?;
    // Somebody who has a key alone must not take away what protects it.
    let unproven = !ask.caller.mfa && matches!(&ask.caller.who, Who::User(own) if *own == arn);
    let device = own(ask, &serial, &arn)?;
    if unproven {
        let must = "please ensure that you are authenticated with an MFA device that is enabled for this user.";
        return Err(Refusal::denied(format!("To complete this action, {must}")));
    }
    device.user = None;
    if !device.is_virtual {
        ask.state.accounts.devices.remove(&serial);
    }
    Ok(String::new())
}

pub(super) fn delete(ask: &mut Ask) -> Result<String, Refusal> {
    let serial = ask.required("SerialNumber")?;
    ask.allow(&Resource::arn(&serial))?;
    let start = format!("{}mfa/", ask.account_arn());
    let devices = &mut ask.state.accounts.devices;
    let device = devices.get(&serial).filter(|device| device.is_virtual && serial.starts_with(&start));
    if device.ok_or_else(|| unknown(&serial))?.user.is_some() {
        let text = "MFA VirtualDevice in use. Must deactivate first.";
        return Err(Refusal::new(409, "DeleteConflict", text));
    }
    devices.remove(&serial);
    Ok(String::new())
}

fn two_codes(ask: &Ask) -> Result<[String; 2], Refusal> {
    let codes = [ask.required("AuthenticationCode1")?, ask.required("AuthenticationCode2")?];
    for (code, member) in codes.iter().zip(["authenticationCode1", "authenticationCode2"]) {
        if code.len() != 6 || !code.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Refusal::constraint(code, member, r"Member must satisfy regular expression pattern: [\d]+"));
        }
    }
    Ok(codes)
}

fn check_codes(device: &mut DeviceRecord, [first, second]: &[String; 2], now: i64) -> Result<(), Refusal> {
    if device.is_virtual && device.take_two(first, second, now) {
        return Ok(());
    }
    Err(Refusal::new(403, "InvalidAuthenticationCode", "Authentication code for device is not valid."))
}

/// The device, if it is enabled for this user.
fn own<'a>(ask: &'a mut Ask, serial: &str, user: &str) -> Result<&'a mut DeviceRecord, Refusal> {
    let device = ask.state.accounts.devices.get_mut(serial).filter(|device| device.user.as_deref() == Some(user));
    device.ok_or_else(|| missing("MFA Device invalid for user.".into()))
}

fn unknown(serial: &str) -> Refusal {
    missing(format!("VirtualMFADevice with serial number {serial} doesn't exist."))
}
