//! `mfa_process`, filled from what `ykman` lists.

use super::desk::{Desk, exit};

/// A ykman that lists these accounts, and prints the code that stands in a file.
fn ykman(desk: &Desk, accounts: &str) {
    let script = format!(
        "#!/bin/sh\necho \"$*\" >>\"$HOME/ykman.log\"\ncase \"$*\" in\n'oath accounts list') printf '{accounts}' ;;\n\
         'oath accounts code --single Amazon Web Services:taro@123456789012') cat \"$HOME/code\" ;;\n*) exit 2 ;;\nesac\n"
    );
    desk.home.script("ykman", &script);
}

#[test]
fn the_first_session_comes_by_the_key_without_a_question() {
    let (desk, device) = Desk::with_device();
    ykman(&desk, "GitHub:someone\\nAmazon Web Services:taro@123456789012\\n");
    desk.home.write("code", device.code());
    let mut terminal = desk.up_to_keys();
    let line = "mfa_process = ykman oath accounts code --single 'Amazon Web Services:taro@123456789012'";
    terminal.expect(line).expect("Use it? [y/n] ").mark().line("y");
    terminal.expect(&format!("+ [profile dev]\n+ {line}\n")).expect("Write it? [y/n] ").mark().line("y");
    terminal.expect("Add it? [y/n] ").mark().line("y").expect("dev is good until").expect("dev is set up");
    assert_eq!(exit(&mut terminal), 0);
    assert!(!terminal.everything().contains("MFA code for"), "{}", terminal.everything());
    assert_eq!(desk.text(".aws/config"), format!("[profile dev]\n{line}\n"));
}

#[test]
fn a_no_one_of_several_and_none_of_them() {
    let (desk, _) = Desk::with_device();
    ykman(&desk, "AWS:one\\naws:it\\047s\\n");
    let mut terminal = desk.up_to_keys();
    terminal.expect("none of them").line("none");
    terminal.expect("+ [dev-long-term]").expect("Write it? [y/n] ");
    assert!(!terminal.everything().contains("mfa_process"));
    let mut terminal = desk.up_to_keys();
    terminal.expect("none of them").line("it's");
    terminal.expect("mfa_process = ykman oath accounts code --single 'aws:it'\"'\"'s'").expect("Use it? [y/n] ");
    terminal.mark().line("n").expect("Write it? [y/n] ");
    assert!(!terminal.since_mark().contains("mfa_process"));
}

#[test]
fn a_ykman_without_a_key_or_with_another_ones_is_no_obstacle() {
    let (desk, _) = Desk::with_device();
    desk.home.script("ykman", "#!/bin/sh\necho 'No YubiKey detected!' >&2\nexit 1\n");
    let mut terminal = desk.up_to_keys();
    terminal
        .expect("No YubiKey detected!")
        .expect("`ykman oath accounts list` shows none: the codes will be asked for");
    terminal.expect("Write it? [y/n] ");
    ykman(&desk, "GitHub:taro\\n");
    let mut terminal = desk.up_to_keys();
    terminal.expect("nothing in `ykman oath accounts list` looks like this device").expect("Write it? [y/n] ");
}

#[test]
fn one_that_hangs_is_named_and_ctrl_c_goes_on_without_it() {
    let (desk, _) = Desk::with_device();
    desk.home.script("ykman", "#!/bin/sh\nexec sleep 600\n");
    let mut terminal = desk.up_to_keys();
    terminal.expect("waiting for ykman").expect("(Ctrl-C goes on without it)").send(b"\x03");
    terminal.expect("without ykman: the codes will be asked for").expect("Write it? [y/n] ");
    assert!(!terminal.everything().contains("mfa_process"));
}
