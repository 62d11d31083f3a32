//! Keys that stand in no file yet: typed, piped, out of the environment.

use testbed::Terminal;

use super::desk::{Desk, exit};

/// The `n`th time that it asks.
fn nth<'t>(terminal: &'t mut Terminal, question: &str, n: usize) -> &'t mut Terminal {
    terminal.find(question, |text| (text.matches(question).count() == n).then_some(()));
    terminal
}

#[test]
fn a_typed_key_is_in_no_file_and_not_on_the_screen() {
    let Some(desk) = Desk::new() else { return };
    desk.home.credentials("").config(format!("[profile dev]\nmfa_serial = {}\n", desk.device.serial()));
    let mut terminal = desk.terminal(&["keyring", "store", "dev"]);
    terminal.expect("a secret that is typed goes into the Secret Service").expect("[dev]");
    terminal.expect("Access key ID: ").line("AKIAIOSF");
    terminal.expect("an access key ID has 16 or more");
    nth(&mut terminal, "Access key ID: ", 2).line(&desk.key.id);
    terminal.expect(&format!("Secret access key of {}: ", desk.key.id)).line(&desk.key.id);
    terminal.expect("that is an ID: now comes the secret");
    nth(&mut terminal, "Access key ID: ", 3).line(&desk.key.id);
    nth(&mut terminal, "Secret access key of", 2).line(&desk.key.secret).expect(", its id in [dev]");
    assert_eq!(exit(&mut terminal), 0);
    assert!(!terminal.everything().contains(&desk.key.secret), "{}", terminal.everything());
    assert_eq!(desk.kept(&desk.key), Some(desk.key.secret.clone()));
    let config = desk.home.text(".aws/config");
    assert!(config.contains(&format!("awsenv_keyring = {}", desk.key.id)) && !config.contains(&desk.key.secret));
    desk.run(&["refresh", "dev", &desk.device.code()]).ok();
}

#[test]
fn the_environments_key_is_taken_and_a_sessions_refused() {
    let Some(mut desk) = Desk::new() else { return };
    desk.home.credentials("").config("");
    let store = |desk: &Desk| desk.run(&["keyring", "store", "dev", "--from-env", "--yes"]);
    store(&desk).failed(&["AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set", "aws-vault exec --no-session"]);
    desk.home.set("AWS_ACCESS_KEY_ID", &desk.key.id).set("AWS_SECRET_ACCESS_KEY", &desk.key.secret);
    desk.home.set("AWS_SESSION_TOKEN", "token");
    store(&desk).failed(&["a session's (AWS_SESSION_TOKEN)"]);
    desk.home.unset("AWS_SESSION_TOKEN");
    store(&desk).ok().says(&["new"]);
    assert_eq!(desk.kept(&desk.key), Some(desk.key.secret.clone()));
    assert!(!desk.home.text(".aws/config").contains(&desk.key.secret));
    desk.home.unset("AWS_ACCESS_KEY_ID").unset("AWS_SECRET_ACCESS_KEY");
    desk.run(&["exec", "dev", "--", "printenv", "AWS_SECRET_ACCESS_KEY"]).ok().prints(&[&desk.key.secret]);
}

#[test]
fn a_lost_secret_is_asked_for_again() {
    let Some(desk) = Desk::stored() else { return };
    desk.keyring.clear(&format!("access-key {}", desk.key.id));
    desk.run(&["refresh", "dev", &desk.device.code()]).failed(&["has no secret of the key", "awsenv keyring store"]);
    assert_eq!(desk.aws.calls().len(), 0);
    let mut terminal = desk.terminal(&["keyring", "store", "dev"]);
    terminal.expect("has no secret of it").expect("Secret access key of").line(&desk.key.secret);
    assert_eq!(exit(&mut terminal), 0);
    desk.sign_in();
}

#[test]
fn a_secret_on_the_command_line_is_not_repeated() {
    let Some(desk) = Desk::new() else { return };
    let ran = desk.run(&["keyring", "store", "dev", &desk.key.secret]);
    assert_eq!(ran.status, 2);
    let ran = ran.says(&["is not repeated"]);
    assert!(!format!("{}{}", ran.out, ran.err).contains(&desk.key.secret));
    // What is only missing is named.
    assert!(desk.run(&["keyring", "store"]).err.contains("--proxy"));
}
