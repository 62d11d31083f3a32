//! `keyring restore PROFILE`: back into the file.

use super::desk::{Desk, exit};

#[test]
fn the_secret_is_back_in_the_file_and_no_more_in_the_keyring() {
    let Some(desk) = Desk::new() else { return };
    let before = desk.credentials();
    desk.run(&["keyring", "store", "dev", "--yes"]).ok();
    let mut terminal = desk.terminal(&["keyring", "restore", "dev"]);
    terminal.expect("in plain text, for [dev-long-term]").expect("Do it? [y/n] ").line("y");
    terminal.expect("stands in [dev-long-term]").expect("and no more in the Secret Service");
    assert_eq!(exit(&mut terminal), 0);
    assert_eq!(desk.kept(&desk.key), None);
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(|line| line.replace(" = ", "=")).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&desk.credentials()), sorted(&before));
    desk.sign_in();
    desk.run(&["keyring", "restore", "dev"]).ok().says(&["in plain text: nothing to do"]);
}

#[test]
fn a_key_that_the_config_file_names_comes_back_into_the_credentials_file() {
    let Some(desk) = Desk::new() else { return };
    desk.home.config("[profile ci]\nregion = eu-west-1\n").credentials("");
    let input = format!("{}\n{}\n", desk.key.id, desk.key.secret);
    desk.with_input(&["keyring", "store", "ci"], &input).ok();
    assert!(desk.home.text(".aws/config").contains("awsenv_keyring"));
    desk.run(&["keyring", "restore", "ci", "--yes"]).ok();
    assert_eq!(desk.home.text(".aws/config"), "[profile ci]\nregion = eu-west-1\n");
    assert_eq!(desk.credentials().replace(" = ", "="), format!("[ci]\n{}", desk.key.lines().replace(" = ", "=")));
    assert_eq!(desk.kept(&desk.key), None);
}

#[test]
fn what_cannot_be_written_stays_in_the_keyring() {
    let Some(desk) = Desk::stored() else { return };
    std::fs::remove_file(desk.home.path().join(".aws/.awsenv.lock")).unwrap();
    desk.home.write(".aws/.awsenv.lock/x", "");
    let before = desk.credentials();
    desk.run(&["keyring", "restore", "dev", "--yes"]).failed(&[".awsenv.lock"]);
    assert_eq!((desk.credentials(), desk.kept(&desk.key)), (before, Some(desk.key.secret.clone())));
}
