//! Keys that stand otherwise than one would think: nothing is lost by moving them.

use testbed::trace;

use super::desk::Desk;

/// A name that no credential_process can hold is found before anything is done.
#[test]
fn a_name_that_cannot_be_written_changes_nothing() {
    let Some(desk) = Desk::new() else { return };
    let before = format!("[a;b ;c]\n{}", desk.key.lines());
    desk.home.credentials(&before);
    desk.run(&["keyring", "store", "a;b ;c", "--yes"]).failed(&["cannot be written into a credential_process"]);
    assert_eq!((desk.credentials(), desk.kept(&desk.key)), (before, None));
}

const STORE: &[&str] = &["keyring", "store", "dev", "--yes"];
const RESTORE: &[&str] = &["keyring", "restore", "dev", "--yes"];

#[test]
fn a_plain_text_that_is_another_secret_costs_nobody_the_good_one() {
    let Some(desk) = Desk::stored() else { return };
    let placeholder = "REDACTEDREDACTEDREDACTEDREDACTEDREDACTED";
    desk.home.credentials(format!(
        "[dev-long-term]\naws_access_key_id = {}\naws_secret_access_key = {placeholder}\n",
        desk.key.id
    ));
    desk.run(RESTORE).failed(&["another secret of it"]);
    assert_eq!(desk.kept(&desk.key), Some(desk.key.secret.clone()));
    // Moving it would lose the good one: that is said first.
    desk.run(&["keyring", "store", "dev"]).failed(&["another secret", "which is lost then", "nothing was changed"]);
    assert_eq!(desk.kept(&desk.key), Some(desk.key.secret.clone()));
}

#[test]
fn who_restores_one_section_breaks_no_other() {
    let Some(desk) = Desk::stored() else { return };
    desk.home.credentials(format!("{}\n[plain]\n{}", desk.credentials(), desk.key.lines()));
    desk.run(&["keyring", "restore", "plain", "--yes"]).ok().says(&["[dev-long-term]"]);
    assert_eq!(desk.kept(&desk.key), None);
    assert_eq!(desk.credentials().matches(&desk.key.secret).count(), 2);
    assert!(!desk.credentials().contains("awsenv_keyring"));
}

#[test]
fn what_a_run_left_between_the_two_files_is_finished() {
    let Some(desk) = Desk::new() else { return };
    desk.home.credentials("").config(format!("[profile dev]\nregion = eu-west-1\n{}", desk.key.lines()));
    desk.run(STORE).ok();
    // As if it was killed behind the first of the two files.
    desk.home.credentials(format!("[dev]\n{}", desk.key.lines()));
    desk.run(RESTORE).ok();
    assert_eq!(desk.home.text(".aws/config"), "[profile dev]\nregion = eu-west-1\n");
    assert_eq!(desk.kept(&desk.key), None);
    assert!(!desk.run(&["doctor"]).out.contains("plain text, too"));
}

#[test]
fn halves_of_a_key_in_two_files_are_refused() {
    let Some(desk) = Desk::new() else { return };
    let (id, secret) = (&desk.key.id, &desk.key.secret);
    desk.home.config(format!("[profile dev]\naws_access_key_id = {id}\n"));
    desk.home.credentials(format!("[dev]\naws_secret_access_key = {secret}\n"));
    let half = ["half of a key there", "beside each other"];
    desk.run(STORE).failed(&half);
    desk.run(&["iam", "--profile", "dev", "keys", "rotate", "--yes"]).failed(&half);
    assert_eq!((desk.kept(&desk.key), desk.user.keys().len()), (None, 1));
}

#[test]
fn another_tools_command_is_not_overwritten() {
    let Some(desk) = Desk::new() else { return };
    let before = format!("{}credential_process = pass show aws # mine\n", desk.credentials());
    desk.home.credentials(&before);
    desk.run(STORE).failed(&["has a credential_process of its own"]);
    assert_eq!(desk.credentials(), before);
}

#[test]
fn keys_of_a_session_are_not_mixed_with_it() {
    let Some(desk) = Desk::new() else { return };
    desk.home.credentials("").config(format!(
        "[profile dev]\n{}\n[profile two]\n{}",
        desk.key.lines(),
        desk.key.lines()
    ));
    desk.run(STORE).ok();
    let session = "[two]\naws_access_key_id = ASIAAAAAAAAAAAAAAAAA\naws_secret_access_key = x\naws_session_token = y\n";
    desk.home.credentials(session);
    desk.run(RESTORE).failed(&["[two] has other keys"]);
    assert_eq!((desk.credentials().as_str(), desk.kept(&desk.key).is_some()), (session, true));
}

#[test]
fn another_key_through_the_pipe_does_not_take_a_known_ones_place() {
    let Some(desk) = Desk::stored() else { return };
    desk.keyring.clear(&format!("access-key {}", desk.key.id));
    let other = desk.user.key();
    let input = format!("{}\n{}\n", other.id, other.secret);
    desk.with_input(&["keyring", "store", "dev"], &input).failed(&["is not the id that the file has"]);
    assert!(desk.credentials().contains(&desk.key.id));
}

#[test]
fn a_failed_write_leaves_the_keyring_as_it_was() {
    if !trace::may_trace() {
        return;
    }
    let Some(mut desk) = Desk::new() else { return };
    let before = desk.credentials();
    assert!(!trace::injected(&desk.home, STORE, "rename:error=EIO"));
    assert_eq!((desk.credentials(), desk.kept(&desk.key)), (before, None));
    desk.run(STORE).ok();
    let before = desk.credentials();
    let other = desk.user.key();
    desk.home.set("AWS_ACCESS_KEY_ID", &other.id).set("AWS_SECRET_ACCESS_KEY", &other.secret);
    assert!(!trace::injected(&desk.home, &[STORE, &["--from-env"]].concat(), "rename:error=EIO"));
    assert_eq!((desk.credentials(), desk.kept(&other)), (before, None));
    assert_eq!(desk.kept(&desk.key), Some(desk.key.secret.clone()));
}

#[test]
fn a_proxys_new_password_in_its_address_is_not_lost() {
    let Some(desk) = Desk::new() else { return };
    let settings = "[proxy corp]\nhttps = http://taro:NEWPW@127.0.0.1:3128\nkeyring = yes\n";
    desk.home.settings("[proxy corp]\nhttps = http://127.0.0.1:3128\nusername = taro\n");
    desk.with_input(&["keyring", "store", "--proxy", "corp"], "OLDPW\n").ok();
    desk.home.settings(settings);
    desk.run(&["keyring", "restore", "--proxy", "corp", "--yes"]).failed(&["has a password in its address, too"]);
    desk.run(&["keyring", "store", "--proxy", "corp", "--yes"]).ok();
    assert_eq!(desk.keyring.lookup("proxy corp").as_deref(), Some("NEWPW"));
    let text = desk.home.text(".config/awsenv/config");
    assert!(text.contains("username = taro") && !text.contains("NEWPW"), "{text}");
}
