//! The MFA device: found, picked, enrolled, or named by hand.

use testbed::Terminal;
use testbed::aws::{Fault, Gate};

use super::desk::{Desk, exit};

const SERIAL: &str = "arn:aws:iam::123456789012:mfa/taro";

#[test]
fn who_has_no_device_enrols_one_on_the_way() {
    let desk = Desk::new();
    let mut terminal = desk.up_to_keys();
    terminal.expect("MFA device: taro has none").expect("Enrol an app now, by a QR code? [y/n] ").mark().line("y");
    terminal.expect("First code: ");
    let device = desk.aws.device(SERIAL).expect("it was made");
    let (first, next) = device.two_codes();
    terminal.mark().line(&first).expect("Next code: ").mark().line(&next).expect("taro has the MFA device");
    terminal.expect(&format!("+ aws_mfa_device = {SERIAL}")).expect("Write it? [y/n] ").mark().line("y");
    terminal.expect("Add it? [y/n] ").mark().line("y").expect("MFA code for dev").mark();
    // AWS takes none of the two again, and it is not sent.
    let sent = desk.count("GetSessionToken");
    terminal.line(&next).expect("this code was just used").expect("MFA code for dev").mark();
    assert_eq!(desk.count("GetSessionToken"), sent);
    terminal.line(&device.code()).expect("dev is good until");
    assert_eq!(exit(&mut terminal), 0);
    assert!(!terminal.everything().contains(&device.seed()));
    assert_eq!(desk.status("dev"), ("mfa".into(), "valid".into()));
}

#[test]
fn a_device_that_was_enrolled_is_found_again_by_the_next_run() {
    let desk = Desk::new();
    let mut terminal = desk.up_to_keys();
    terminal.expect("Enrol an app now, by a QR code? [y/n] ").mark().line("y").expect("First code: ");
    let (first, next) = desk.aws.device(SERIAL).expect("it was made").two_codes();
    terminal.mark().line(&first).expect("Next code: ").mark().line(&next).expect("Write it? [y/n] ").send(b"\x03");
    terminal.expect(&format!("nothing is written, but the MFA device {SERIAL} is enrolled, and stays"));
    terminal.expect("`awsenv setup dev` goes on from there");
    assert_eq!((exit(&mut terminal), desk.files().len()), (130, 0));
    let mut terminal = desk.up_to_keys();
    terminal.expect(&format!("MFA device: {SERIAL}, the one that taro has")).expect("Write it? [y/n] ");
}

#[test]
fn a_device_that_was_not_enabled_is_gone_after_ctrl_c() {
    let desk = Desk::new();
    let mut terminal = desk.up_to_keys();
    terminal.expect("Enrol an app now, by a QR code? [y/n] ").mark().line("y").expect("First code: ").send(b"\x03");
    terminal.expect("is removed again").expect("nothing was changed");
    assert_eq!((exit(&mut terminal), desk.files().len(), desk.aws.device(SERIAL).is_none()), (130, 0, true));
}

#[test]
fn ctrl_c_during_a_call_tells_what_there_is_of_the_device() {
    let desk = Desk::new();
    let hold = |action: &str| {
        let gate = Gate::new();
        desk.aws.fault_on(action, Fault::HoldAnswer(gate.clone()), 1);
        gate
    };
    let stopped = |terminal: &mut Terminal, gate: &Gate| {
        gate.wait_arrived(1);
        terminal.send(b"\x03").expect("^C");
        gate.open();
    };
    let gate = hold("CreateVirtualMFADevice");
    let mut terminal = desk.up_to_keys();
    terminal.expect("Enrol an app now, by a QR code? [y/n] ").mark().line("y");
    stopped(&mut terminal, &gate);
    terminal.expect("is removed again").expect("nothing was changed");
    assert_eq!((exit(&mut terminal), desk.aws.device(SERIAL).is_none()), (130, true));
    assert!(!terminal.everything().contains("First code: "), "{}", terminal.everything());

    let gate = hold("EnableMFADevice");
    let mut terminal = desk.up_to_keys();
    terminal.expect("Enrol an app now, by a QR code? [y/n] ").mark().line("y").expect("First code: ");
    let (first, next) = desk.aws.device(SERIAL).expect("it was made").two_codes();
    terminal.mark().line(&first).expect("Next code: ").mark().line(&next);
    stopped(&mut terminal, &gate);
    terminal.expect("taro has the MFA device").expect(&format!("the MFA device {SERIAL} is enrolled, and stays"));
    assert_eq!((exit(&mut terminal), desk.files().len(), desk.user.serials().len()), (130, 0, 1));
}

#[test]
fn without_a_device_the_keys_stand_in_a_plain_profile() {
    let desk = Desk::new();
    desk.user.deny("iam:CreateVirtualMFADevice");
    for answer in ["n", "y"] {
        let mut terminal = desk.up_to_keys();
        terminal.expect("Enrol an app now, by a QR code? [y/n] ").mark().line(answer);
        if answer == "y" {
            terminal.expect("iam:CreateVirtualMFADevice is missing");
        }
        terminal.expect("without a device: the keys alone").expect("+ [dev]\n").expect("Write it? [y/n] ").mark();
        terminal.line(answer);
        if answer == "n" {
            terminal.expect("nothing was changed");
            assert_eq!((exit(&mut terminal), desk.files().len()), (1, 0));
            continue;
        }
        terminal.expect("Add it? [y/n] ").mark().line("n").expect("with the hook: awsenv use dev");
        assert_eq!(exit(&mut terminal), 0);
    }
    assert_eq!(desk.text(".aws/credentials"), format!("[dev]\n{}", desk.key.lines()));
    assert_eq!(desk.status("dev"), ("static".into(), "permanent".into()));
}

#[test]
fn who_may_not_look_names_it_by_hand() {
    let (desk, device) = Desk::with_device();
    desk.user.deny("iam:ListMFADevices");
    let question = format!("MFA device [{SERIAL}], or none: ");
    let mut terminal = desk.up_to_keys();
    terminal.expect("taro may not ask which one it is (the permission iam:ListMFADevices is missing)");
    for (wrong, why) in [
        ("arn:aws:iam::123456789012:u2f/user/taro/key-1", "that is a security key"),
        ("arn:aws:iam::123456789012:user/taro", "that is the ARN of a user"),
        ("my phone", "a serial number is"),
    ] {
        terminal.expect(&question).mark().line(wrong).expect(why);
    }
    terminal.expect(&question).mark().line("").expect(&format!("+ aws_mfa_device = {SERIAL}"));
    terminal.expect("Write it? [y/n] ").mark().line("y").expect("Add it? [y/n] ").mark().line("n");
    terminal.expect("MFA code for dev").mark().line(&device.code()).expect("dev is set up");
    assert_eq!(exit(&mut terminal), 0);
}

#[test]
fn of_several_one_is_picked_and_a_security_key_is_none_of_them() {
    let (desk, _) = Desk::with_device();
    let (phone, key) = (desk.user.device("phone"), desk.user.security_key("yubi"));
    let mut terminal = desk.up_to_keys();
    terminal.expect("taro has 2; whose codes").expect("  since 2").line("phone");
    terminal.expect(&format!("+ aws_mfa_device = {}", phone.serial())).expect("Write it? [y/n] ").send(b"\x03");
    assert_eq!(exit(&mut terminal), 130);
    assert!(!terminal.everything().contains(&key));
    // A terminal that moves no cursor.
    let mut desk = desk;
    desk.home.set("TERM", "dumb");
    let mut terminal = desk.up_to_keys();
    let number = if desk.user.serials()[0] == phone.serial() { "1" } else { "2" };
    terminal.expect("MFA device (1 to 2): ").mark().line("7").expect("MFA device (1 to 2): ").mark().line(number);
    terminal.expect(&format!("+ aws_mfa_device = {}", phone.serial()));
}

#[test]
fn a_security_key_alone_is_explained() {
    let desk = Desk::new();
    let key = desk.user.security_key("yubi");
    let mut terminal = desk.up_to_keys();
    terminal.expect(&format!("taro has {key}, a security key or passkey")).expect("gives no six-digit codes");
    terminal.expect("Enrol an app now, by a QR code? [y/n] ").mark().line("n").expect("+ [dev]\n");
}
