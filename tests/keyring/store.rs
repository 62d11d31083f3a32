//! `keyring store PROFILE`: out of the file, and nothing is lost by it.

use std::path::{Path, PathBuf};

use bstr::ByteSlice;

use super::desk::{Desk, exit};

#[test]
fn the_secret_goes_into_the_keyring_and_the_rest_of_the_file_stays() {
    let Some(desk) = Desk::new() else { return };
    let mut terminal = desk.terminal(&["keyring", "store", "dev"]);
    terminal.expect("goes from [dev-long-term]").expect("into the Secret Service; its id stays there");
    terminal.expect("what reads the file by itself loses it: aws-mfa").expect("Do it? [y/n] ").line("y");
    terminal.expect("`awsenv iam keys rotate` makes those worthless");
    assert_eq!(exit(&mut terminal), 0);
    assert_eq!(desk.kept(&desk.key), Some(desk.key.secret.clone()));
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_awsenv")).file_name().unwrap().to_str().unwrap();
    let text = desk.credentials();
    let (before, after) = text.split_once("credential_process = ").unwrap();
    let (command, after) = after.split_once('\n').unwrap();
    let (id, device) = (&desk.key.id, desk.device.serial());
    let stays = format!("# taro's\n[dev-long-term]\nawsenv_keyring = {id}\n# the phone\naws_mfa_device = {device}\n");
    assert_eq!(before, stays);
    assert!(command.ends_with(&format!("{binary} credentials --long-term dev-long-term")), "{command}");
    assert_eq!(after, "");
    assert!(!terminal.everything().contains(&desk.key.secret));
    // Again: nothing to do, and nothing is touched.
    desk.run(&["keyring", "store", "dev"]).ok().says(&["nothing to do"]);
    assert_eq!(desk.credentials(), text);
}

/// Every file below a folder.
fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_in(&path) } else { vec![path] }).collect()
}

#[test]
fn no_file_and_no_process_shows_the_secret() {
    let Some(desk) = Desk::new() else { return };
    let mut terminal = desk.terminal(&["keyring", "store", "dev"]);
    terminal.expect("Do it? [y/n] ");
    let of_process = |name: &str| std::fs::read(format!("/proc/{}/{name}", terminal.pid())).unwrap();
    for seen in [of_process("cmdline"), of_process("environ")] {
        assert!(!seen.contains_str(&desk.key.secret));
    }
    terminal.line("y").expect("makes those worthless");
    assert_eq!(exit(&mut terminal), 0);
    desk.sign_in();
    desk.run(&["iam", "--profile", "dev", "keys", "rotate", "--yes"]).ok();
    let secrets: Vec<String> = desk.user.keys().into_iter().map(|key| key.secret).collect();
    assert_eq!(secrets.len(), 2);
    for path in [files_in(desk.home.path()), files_in(&desk.home.outside())].concat() {
        // A socket has nothing to read.
        let Ok(text) = std::fs::read(&path) else { continue };
        assert!(secrets.iter().all(|secret| !text.contains_str(secret)), "{}", path.display());
    }
}

#[test]
fn no_leaves_all_as_it_was() {
    let Some(desk) = Desk::new() else { return };
    let before = desk.credentials();
    let mut terminal = desk.terminal(&["keyring", "store", "dev"]);
    terminal.expect("Do it? [y/n] ").line("n").expect("nothing was changed");
    assert_eq!(exit(&mut terminal), 1);
    let mut terminal = desk.terminal(&["keyring", "store", "dev"]);
    terminal.expect("Do it? [y/n] ").send("\x03");
    assert_eq!(exit(&mut terminal), 130);
    desk.run(&["keyring", "store", "dev"]).failed(&["nothing was changed", "--yes does it without a question"]);
    assert_eq!((desk.credentials(), desk.kept(&desk.key)), (before, None));
}

#[test]
fn every_section_with_the_same_key_goes_along() {
    let Some(desk) = Desk::new() else { return };
    let lines = desk.key.lines();
    desk.home.credentials(format!("{}\n[copy]\r\n{lines}", desk.credentials()));
    desk.home.config(format!(
        "[profile dev]\nregion = eu-west-1\n[profile third]\n{lines}mfa_serial = {}\n",
        desk.device.serial()
    ));
    desk.run(&["keyring", "store", "third", "--yes"]).ok().says(&["[third]", "[copy]", "[dev-long-term]"]);
    for file in [".aws/credentials", ".aws/config"] {
        assert!(!desk.home.text(file).contains(&desk.key.secret), "{file}");
    }
    assert_eq!(desk.credentials().matches("awsenv_keyring = ").count(), 2);
    // Each keeps giving what it gave.
    desk.run(&["credentials", "--long-term", "copy"]).ok().prints(&[&desk.key.secret]);
    desk.run(&["exec", "copy", "--", "printenv", "AWS_SECRET_ACCESS_KEY"]).ok().prints(&[&desk.key.secret]);
    desk.sign_in();
    desk.run(&["refresh", "third", &desk.device.code()]).ok();
}

#[test]
fn a_key_that_another_program_keeps_or_none_is_said() {
    let Some(desk) = Desk::new() else { return };
    desk.home.config(
        "[profile tool]\ncredential_process = tool keys\n[profile role]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = dev\n\
         [profile corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\n",
    );
    let store = |name: &str| desk.run(&["keyring", "store", name, "--yes"]);
    store("tool").failed(&["has its keys from a command"]);
    store("role").failed(&["is a role, which has no key of its own", "awsenv keyring store dev"]);
    store("corp").failed(&["signs in with the browser"]);
    let session = desk.user.session(3600);
    desk.home.credentials(format!(
        "[s]\naws_access_key_id = {}\naws_secret_access_key = {}\naws_session_token = {}\n",
        session.access_key_id, session.secret_access_key, session.session_token
    ));
    store("s").failed(&["the keys of a session, which end by themselves"]);
}

#[test]
fn a_file_that_cannot_be_written_is_found_before_anything_is_done() {
    let Some(desk) = Desk::new() else { return };
    // A folder in the way of the lock: nothing can be written beside it.
    desk.home.write(".aws/.awsenv.lock/x", "");
    let before = desk.credentials();
    desk.run(&["keyring", "store", "dev", "--yes"]).failed(&[".awsenv.lock"]);
    assert_eq!((desk.credentials(), desk.kept(&desk.key)), (before, None));
}
