//! `iam mfa …`: an app is enrolled from the terminal, and nothing half made stays behind.

use testbed::aws::{Device, Fault, Gate};
use testbed::{Spec, Terminal};

use super::desk::{Desk, exit};

const SERIAL: &str = "arn:aws:iam::123456789012:mfa/taro-phone";

/// A home where no device is named, as a newcomer has it: `[new]` has the long-term keys of hanako.
fn newcomer() -> Desk {
    let desk = Desk::new();
    desk.home.credentials(format!(
        "[new]\n{}\n[team-long-term]\n{}",
        desk.hanako.key().lines(),
        desk.hanako.key().lines()
    ));
    desk
}

/// On a terminal of 24 lines and 80 columns.
fn small(desk: &Desk, args: &[&str]) -> Terminal {
    let spec = Spec::new(env!("CARGO_BIN_EXE_awsenv")).args(["iam", "mfa", "enable"]).args(args.iter().copied());
    let mut spec = spec.cwd(desk.home.path());
    (spec.rows, spec.cols) = (24, 80);
    spec.env = desk.home.env();
    Terminal::start(spec)
}

/// The device that a run has made.
fn made(desk: &Desk, serial: &str) -> Device {
    desk.aws.device(serial).expect("it was made")
}

/// What a QR code on the screen says.
fn scanned(terminal: &Terminal) -> String {
    let rows: Vec<Vec<char>> = terminal.screen().lines().map(|line| line.chars().collect()).collect();
    let is_drawn = |row: &&Vec<char>| row.first().is_some_and(|c| "█▀▄".contains(*c));
    let drawn: Vec<_> = rows.iter().filter(is_drawn).collect();
    let width = drawn.iter().map(|row| row.len()).max().expect("a QR code is on the screen");
    // Light modules are drawn; the dark ones of a picture are what a scanner looks for.
    let light = |x: usize, y: usize| match drawn.get(y / 2).and_then(|row| row.get(x)).copied().unwrap_or(' ') {
        '█' => true,
        '▀' => y.is_multiple_of(2),
        '▄' => !y.is_multiple_of(2),
        _ => false,
    };
    let (side, scale) = (drawn.len() * 2, 4);
    let mut picture = format!("P2\n{} {}\n255\n", (width + 8) * scale, (side + 8) * scale);
    for y in 0..(side + 8) * scale {
        for x in 0..(width + 8) * scale {
            let (x, y) = ((x / scale).wrapping_sub(4), (y / scale).wrapping_sub(4));
            let dark = x < width && y < width && !light(x, y);
            picture.push_str(if dark { "0 " } else { "255 " });
        }
        picture.push('\n');
    }
    let zbar = testbed::require("zbarimg");
    let Some(zbar) = zbar else { return String::new() };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("qr.pgm");
    std::fs::write(&file, picture).expect("a file");
    let done = std::process::Command::new(zbar).args(["-q", "--raw"]).arg(&file).output().expect("zbarimg runs");
    String::from_utf8(done.stdout).expect("text").trim_end().to_owned()
}

#[test]
fn a_phone_scans_it_and_two_codes_enable_it() {
    let desk = newcomer();
    let mut terminal = small(&desk, &["--profile", "new", "--name", "taro-phone"]);
    terminal.expect("First code: ");
    let device = made(&desk, SERIAL);
    let scanned = scanned(&terminal);
    if !scanned.is_empty() {
        let link = format!("otpauth://totp/AWS:hanako@123456789012?secret={}&issuer=AWS", device.seed());
        assert_eq!(scanned, link, "all of it is on the screen:\n{}", terminal.screen());
    }
    assert_eq!(device.is_enabled(), Some(false));
    let (first, next) = device.two_codes();
    terminal.mark().line(&first).expect("Next code: ").mark().line(&first).expect("that is the first one again");
    terminal.expect("Next code: ").mark().line(&next).expect("hanako has the MFA device");
    assert_eq!(exit(&mut terminal), 0);
    assert_eq!(device.is_enabled(), Some(true));
    assert!(!terminal.everything().contains(&device.seed()));
    assert!(desk.home.text(".aws/credentials").contains(&format!("mfa_serial = {SERIAL}\n\n[team-long-term]")));
    // From now on a code is asked for: IAM refuses the session of a user without one.
    let mut terminal = desk.terminal(&["--profile", "new", "mfa", "list"]);
    terminal
        .expect("MFA code for new (arn:aws:iam::123456789012:mfa/taro-phone), Ctrl-C to stop: ")
        .line(&device.code());
    terminal.expect("[new]");
    assert_eq!(exit(&mut terminal), 0);
}

#[test]
fn aws_mfas_section_gets_aws_mfas_key_and_what_stands_there_stays() {
    let desk = newcomer();
    let mut terminal = small(&desk, &["--profile", "team-long-term"]);
    terminal.expect("First code: ");
    let (first, next) = made(&desk, "arn:aws:iam::123456789012:mfa/hanako").two_codes();
    terminal.mark().line(&first).expect("Next code: ").mark().line(&next).expect("has the MFA device");
    assert_eq!(exit(&mut terminal), 0);

    // taro's section names a device: it stays, and so does the session.
    let desk = Desk::new();
    let before = desk.home.text(".aws/credentials");
    let mut terminal = small(&desk, &["--text"]);
    terminal.expect("First code: ");
    // The name is taken by the device that taro has.
    let device = made(&desk, "arn:aws:iam::123456789012:mfa/taro-2");
    let typed: String =
        device.seed().as_bytes().chunks(4).map(|c| format!(" {}", String::from_utf8_lossy(c))).collect();
    assert!(terminal.everything().replace('\n', "").contains(&typed), "{}", terminal.everything());
    let (first, next) = device.two_codes();
    terminal.mark().line(&first).expect("Next code: ").mark().line(&next);
    terminal.expect("to switch, write there: aws_mfa_device = arn:aws:iam::123456789012:mfa/taro-2");
    assert_eq!(exit(&mut terminal), 0);
    assert_eq!(desk.home.text(".aws/credentials"), before);
    desk.run(&["mfa", "enable"]).failed(&["there is no terminal"]);
}

#[test]
fn a_device_that_was_not_enabled_is_removed_again() {
    let desk = newcomer();
    for stop in ["First code: ", "Next code: "] {
        let mut terminal = small(&desk, &["--profile", "new", "--name", "taro-phone"]);
        terminal.expect("First code: ");
        if stop == "Next code: " {
            terminal.line(&made(&desk, SERIAL).two_codes().0).expect(stop);
        }
        terminal.send(b"\x03");
        terminal.expect("the device that was made for this is removed again");
        assert_eq!((exit(&mut terminal), desk.aws.device(SERIAL).is_none()), (130, true));
    }
    let mut terminal = small(&desk, &["--profile", "new", "--name", "taro-phone"]);
    for _ in 0..3 {
        terminal.expect("First code: ");
        let device = made(&desk, SERIAL);
        terminal.mark().line(&device.wrong_code()).expect("Next code: ").mark().line(&device.two_codes().1);
        terminal.expect("AWS refused the codes");
    }
    terminal.expect("the codes were refused 3 times");
    assert_eq!((exit(&mut terminal), desk.aws.device(SERIAL).is_none()), (1, true));
    assert!(!desk.home.text(".aws/credentials").contains("mfa_serial"));

    // Where it cannot be removed it is named, and the next try takes its place.
    desk.hanako.deny("iam:DeleteVirtualMFADevice");
    let mut terminal = small(&desk, &["--profile", "new", "--name", "taro-phone"]);
    terminal.expect("First code: ").send(b"\x03");
    terminal.expect(SERIAL).expect("could not be removed again");
    assert_eq!(exit(&mut terminal), 130);
    let first = made(&desk, SERIAL).seed();
    desk.hanako.allow("iam:DeleteVirtualMFADevice");
    let mut terminal = small(&desk, &["--profile", "new", "--name", "taro-phone"]);
    terminal.expect("was made once and never enabled").expect("First code: ");
    assert_ne!(made(&desk, SERIAL).seed(), first);
    terminal.send(b"\x03");
    assert_eq!(exit(&mut terminal), 130);
}

#[test]
fn an_answer_that_was_lost_is_looked_up() {
    let desk = newcomer();
    desk.aws.fault_on("EnableMFADevice", Fault::CutAfter, 1);
    let mut terminal = small(&desk, &["--profile", "new", "--name", "taro-phone"]);
    terminal.expect("First code: ");
    let (first, next) = made(&desk, SERIAL).two_codes();
    terminal.mark().line(&first).expect("Next code: ").mark().line(&next).expect("has the MFA device");
    assert_eq!((exit(&mut terminal), made(&desk, SERIAL).is_enabled()), (0, Some(true)));
    assert_eq!(desk.count("EnableMFADevice"), 1);
}

#[test]
fn a_narrow_terminal_gets_the_secret_as_text() {
    let desk = newcomer();
    let spec = Spec::new(env!("CARGO_BIN_EXE_awsenv")).args(["iam", "mfa", "enable", "--profile", "new"]);
    let mut spec = spec.cwd(desk.home.path());
    (spec.rows, spec.cols) = (24, 40);
    spec.env = desk.home.env();
    let mut terminal = Terminal::start(spec);
    terminal.expect("too narrow for the QR code").expect("First code: ");
    let seed = made(&desk, "arn:aws:iam::123456789012:mfa/hanako").seed();
    let blanks = |c: char| !c.is_whitespace();
    assert!(terminal.everything().chars().filter(|c| blanks(*c)).collect::<String>().contains(&seed));
    terminal.send(b"\x03");
    assert_eq!(exit(&mut terminal), 130);
}

#[test]
fn devices_are_listed_and_taken_away() {
    let desk = Desk::new();
    let listed = desk.run(&["mfa", "list"]).ok().out;
    assert!(listed.contains(desk.device.serial()) && listed.contains("[dev-long-term]"), "{listed}");
    let json = desk.run(&["mfa", "list", "--json"]).ok().out;
    assert!(json.contains(&format!("\"serial\": \"{}\"", desk.device.serial())), "{json}");
    desk.run(&["mfa", "disable"]).failed(&["it is the last one", "[dev-long-term] in the AWS files names it", "--yes"]);
    assert_eq!(desk.device.is_enabled(), Some(true));

    let (one, two) = (desk.hanako.device("one"), desk.hanako.device("two"));
    let ran = desk.run(&["mfa", "disable", "--user", "hanako", "--yes"]);
    assert!(ran.status == 2 && ran.err.contains(one.serial()) && ran.err.contains(two.serial()), "{ran:?}");
    desk.run(&["mfa", "disable", one.serial(), "--user", "hanako", "--yes"]).ok();
    assert_eq!((one.is_enabled(), two.is_enabled()), (None, Some(true)));
    desk.run(&["mfa", "disable", "arn:x", "--user", "hanako", "--yes"]).failed(&["hanako has no such MFA device"]);
    // A FIDO key is nothing that could be deleted.
    let fido = desk.hanako.security_key("yubikey");
    desk.run(&["mfa", "disable", &fido, "--user", "hanako", "--yes"]).ok();
    assert!(!desk.hanako.serials().contains(&fido));
    desk.user.deny("iam:DeactivateMFADevice");
    let ran = desk.run(&["mfa", "disable", "--user", "hanako", "--yes"]);
    assert_eq!((ran.status, two.is_enabled()), (1, Some(true)));
    ran.says(&["iam:DeactivateMFADevice is missing"]);
}

#[test]
fn ctrl_c_while_aws_enables_it_leaves_it_named_in_the_file() {
    let desk = newcomer();
    let gate = Gate::new();
    desk.aws.fault_on("EnableMFADevice", Fault::HoldAnswer(gate.clone()), 1);
    let mut terminal = small(&desk, &["--profile", "new", "--name", "taro-phone"]);
    terminal.expect("First code: ");
    let (first, next) = made(&desk, SERIAL).two_codes();
    terminal.mark().line(&first).expect("Next code: ").mark().line(&next);
    gate.wait_arrived(1);
    terminal.send(b"\x03").expect("^C");
    gate.open();
    terminal.expect("hanako has the MFA device").expect(&format!("[new] mfa_serial = {SERIAL}"));
    assert_eq!(exit(&mut terminal), 130);
}
