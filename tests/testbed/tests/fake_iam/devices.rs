use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use testbed::aws::client::{Signer, element};

use super::{bed, elements, refused};

const SERIAL: &str = "arn:aws:iam::123456789012:mfa/phone";

#[test]
fn a_device_is_made_enabled_and_taken_away() {
    let bed = bed();
    let made = bed.ok("CreateVirtualMFADevice", &[("VirtualMFADeviceName", "phone")]);
    assert_eq!(element(&made, "SerialNumber"), Some(SERIAL));
    let blob = |name| STANDARD.decode(element(&made, name).expect("a blob")).expect("base 64");
    let device = bed.aws.device(SERIAL).expect("it is there");
    let seed = String::from_utf8(blob("Base32StringSeed")).expect("letters");
    assert_eq!((seed.len(), &seed), (64, &device.seed()));
    assert!(blob("QRCodePNG").starts_with(b"\x89PNG\r\n\x1a\n"));
    let exists = (409, "EntityAlreadyExists", "MFADevice entity at the same path and name already exists.");
    bed.refused("CreateVirtualMFADevice", &[("VirtualMFADeviceName", "phone")], exists);

    let listed = |status| bed.ok("ListVirtualMFADevices", &[("AssignmentStatus", status)]);
    assert_eq!(element(&listed("Unassigned"), "SerialNumber"), Some(SERIAL));
    assert_eq!(element(&listed("Assigned"), "SerialNumber"), None);

    let (first, second) = device.two_codes();
    let enable = |serial, first: &str, second: &str| {
        let codes = [("AuthenticationCode1", first), ("AuthenticationCode2", second)];
        bed.call(
            &bed.session,
            "EnableMFADevice",
            &[&[("UserName", "taro"), ("SerialNumber", serial)], &codes[..]].concat(),
        )
    };
    let invalid = (403, "InvalidAuthenticationCode", "Authentication code for device is not valid.");
    for (one, two) in [(&second, &first), (&first, &first), (&second, &second), (&first, &device.wrong_code())] {
        refused(enable(SERIAL, one, two), invalid);
    }
    assert_eq!(enable(SERIAL, "12345", &second).expect_err("a refusal").1, "ValidationError");
    let other = "arn:aws:iam::123456789012:mfa/other";
    let text = "VirtualMFADevice with serial number arn:aws:iam::123456789012:mfa/other doesn't exist.";
    refused(enable(other, &first, &second), (404, "NoSuchEntity", text));
    assert_eq!(device.is_enabled(), Some(false));
    enable(SERIAL, &first, &second).expect("AWS enables it");
    refused(enable(SERIAL, &first, &second), (409, "EntityAlreadyExists", "MFA Device is already in use."));

    // Both codes are used up, and the device is good for a session.
    let code = [("SerialNumber", SERIAL), ("TokenCode", &*second)];
    assert_eq!(bed.sts(&Signer::from(&bed.key), "GetSessionToken", &code).expect_err("a refusal").1, "AccessDenied");
    let code = device.code();
    let code = [("SerialNumber", SERIAL), ("TokenCode", &*code)];
    bed.sts(&Signer::from(&bed.key), "GetSessionToken", &code).expect("a session");
    assert_eq!(element(&bed.ok("ListMFADevices", &[]), "SerialNumber"), Some(SERIAL));
    assert_eq!(element(&listed("Assigned"), "UserName"), Some("taro"));
    assert_eq!(bed.admin.serials(), [SERIAL]);

    let serial = [("SerialNumber", SERIAL)];
    bed.refused(
        "DeleteVirtualMFADevice",
        &serial,
        (409, "DeleteConflict", "MFA VirtualDevice in use. Must deactivate first."),
    );
    let text = "To complete this action, please ensure that you are authenticated with an MFA device that is enabled for \
                this user.";
    refused(bed.call(&Signer::from(&bed.key), "DeactivateMFADevice", &serial), (403, "AccessDenied", text));
    bed.ok("DeactivateMFADevice", &serial);
    bed.refused("DeactivateMFADevice", &serial, (404, "NoSuchEntity", "MFA Device invalid for user."));
    bed.ok("DeleteVirtualMFADevice", &serial);
    let text = "VirtualMFADevice with serial number arn:aws:iam::123456789012:mfa/phone doesn't exist.";
    bed.refused("DeleteVirtualMFADevice", &serial, (404, "NoSuchEntity", text));
    assert!(bed.aws.device(SERIAL).is_none());
    assert_eq!(device.is_enabled(), None);
}

#[test]
fn a_device_that_is_out_of_step_is_brought_back() {
    let bed = bed();
    let device = bed.admin.device("taro");
    device.set_in_step(false);
    let key = Signer::from(&bed.key);
    let session = || {
        let code = device.code();
        bed.sts(&key, "GetSessionToken", &[("SerialNumber", device.serial()), ("TokenCode", &code)])
    };
    session().expect_err("out of step");
    let (first, second) = device.two_codes();
    let codes = [("AuthenticationCode1", &*first), ("AuthenticationCode2", &*second)];
    bed.ok("ResyncMFADevice", &[&[("UserName", "taro"), ("SerialNumber", device.serial())], &codes[..]].concat());
    session().expect("in step");
}

#[test]
fn a_user_has_at_most_eight_devices_fido_keys_among_them() {
    let bed = bed();
    let key = bed.admin.security_key("yubikey");
    assert!(key.starts_with("arn:aws:iam::123456789012:u2f/user/taro/yubikey-"), "{key}");
    for number in 1..8 {
        bed.admin.device(&format!("phone-{number}"));
    }
    assert_eq!(elements(&bed.ok("ListMFADevices", &[]), "SerialNumber").len(), 8);
    assert_eq!(elements(&bed.ok("ListVirtualMFADevices", &[]), "SerialNumber").len(), 7);
    bed.ok("CreateVirtualMFADevice", &[("VirtualMFADeviceName", "phone")]);
    let (first, second) = bed.aws.device(SERIAL).expect("it is there").two_codes();
    let codes = [("AuthenticationCode1", &*first), ("AuthenticationCode2", &*second)];
    let enable = [&[("UserName", "taro"), ("SerialNumber", SERIAL)], &codes[..]].concat();
    bed.refused("EnableMFADevice", &enable, (409, "LimitExceeded", "Cannot exceed quota for MFADevicesPerUser: 8"));
    bed.ok("DeactivateMFADevice", &[("SerialNumber", &key)]);
    bed.ok("EnableMFADevice", &enable);
}
