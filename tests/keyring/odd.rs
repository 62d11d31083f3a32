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
fn what_comes_through_the_pipe_counts_and_what_it_costs_is_said() {
    let Some(desk) = Desk::stored() else { return };
    let other = desk.user.key();
    let input = format!("{}\n{}\n", other.id, other.secret);
    let store = |args: &[&str], input: &str| desk.with_input(&[&["keyring", "store"][..], args].concat(), input);
    store(&["dev"], &input).failed(&["from stdin takes the place of", "--yes"]);
    assert!(desk.credentials().contains(&desk.key.id));
    store(&["dev", "--yes"], &input).ok();
    assert!(desk.credentials().contains(&other.id) && desk.kept(&other) == Some(other.secret.clone()));
    // A wrong secret of the same id is replaced so.
    desk.keyring.put(&["service", "awsenv", "username", &format!("access-key {}", other.id)], "wrongwrongwrong");
    store(&["dev", "--yes"], &input).ok().says(&["another secret of", "which is lost then"]);
    assert_eq!(desk.kept(&other), Some(other.secret.clone()));
    desk.home.settings("[proxy corp]\nhttps = http://taro:old@127.0.0.1:3128\n");
    store(&["--proxy", "corp", "--yes"], "new\n").ok();
    assert_eq!(desk.keyring.lookup("proxy corp").as_deref(), Some("new"));
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

#[test]
fn different_secrets_of_one_id_are_refused_and_none_is_lost() {
    let Some(desk) = Desk::new() else { return };
    let other = "otherSecretotherSecretotherSecretother00";
    let lines = desk.key.lines();
    let before = format!("{}\n[old]\n{}", desk.credentials(), lines.replace(&desk.key.secret, other));
    desk.home.credentials(&before);
    desk.run(STORE).failed(&["[old]", "another secret of", "take out the one that is wrong"]);
    let twice =
        format!("[dev]\n{lines}[dev]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = {other}\n");
    desk.home.credentials(&twice);
    desk.run(STORE).failed(&["[dev] has two keys"]);
    assert_eq!((desk.credentials(), desk.keyring.dump().contains("access-key")), (twice, false));
}

#[test]
fn the_environments_secret_costs_the_files_only_after_a_word() {
    let Some(mut desk) = Desk::new() else { return };
    let other = desk.user.key();
    desk.home.set("AWS_ACCESS_KEY_ID", &other.id).set("AWS_SECRET_ACCESS_KEY", &other.secret);
    let from_env = [STORE, &["--from-env"]].concat();
    let said = desk.run(&from_env).ok();
    said.says(&["from the environment takes the place of", "is deleted there"]);
    assert_eq!(desk.kept(&other), Some(other.secret.clone()));
    assert!(!desk.credentials().contains(&desk.key.id));
}

#[test]
fn the_same_key_in_plain_text_goes_along_with_a_typed_one() {
    let Some(desk) = Desk::new() else { return };
    let input = format!("{}\n{}\n", desk.key.id, desk.key.secret);
    desk.with_input(&["keyring", "store", "nova", "--yes"], &input).ok().says(&["[dev-long-term]", "[nova]"]);
    assert!(!desk.credentials().contains(&desk.key.secret), "{}", desk.credentials());
    assert_eq!(desk.credentials().matches("awsenv_keyring").count(), 1);
}

#[test]
fn a_comment_with_the_secret_is_named() {
    let Some(desk) = Desk::new() else { return };
    desk.home.credentials(format!("{}# aws_secret_access_key = {}\n", desk.credentials(), desk.key.secret));
    desk.run(STORE).ok().says(&[".aws/credentials:7 still has the secret"]);
}

#[test]
fn a_secret_in_a_profiles_place_is_not_repeated() {
    let Some(desk) = Desk::new() else { return };
    for word in [&desk.key.secret, &desk.key.id] {
        let ran = desk.run(&["keyring", "store", word]);
        assert!(ran.status == 2 && !ran.err.contains(word.as_str()), "{ran:?}");
    }
}

#[test]
fn what_would_count_instead_of_the_key_is_found_before() {
    let Some(desk) = Desk::new() else { return };
    desk.home.credentials(format!("[dev]\n{}", desk.key.lines()));
    desk.home.config("[profile dev]\nlogin_session = arn:aws:iam::123456789012:user/taro\n");
    desk.run(STORE).failed(&["has something else beside its key"]);
    let role = "role_arn = arn:aws:iam::123456789012:role/adm\nsource_profile = adm\n";
    desk.home.config(format!("[profile adm]\n{role}")).credentials(format!("[adm]\n{}", desk.key.lines()));
    desk.run(&["keyring", "store", "adm", "--yes"]).failed(&["on top of its own key"]);
    assert!(desk.credentials().contains(&desk.key.secret));
}

#[test]
fn a_file_that_a_variable_names_counts_after_its_key_was_stored() {
    let Some(mut desk) = Desk::new() else { return };
    desk.home.write("elsewhere/credentials", desk.credentials());
    let file = desk.home.path().join("elsewhere/credentials");
    desk.home.set("AWS_SHARED_CREDENTIALS_FILE", &file);
    desk.run(STORE).ok();
    desk.run(&["credentials", "--long-term", "dev-long-term"]).ok().prints(&[&desk.key.secret]);
    desk.run(RESTORE).ok();
    assert!(std::fs::read_to_string(&file).unwrap().contains(&desk.key.secret));
}

#[test]
fn a_cloned_repository_gets_no_secret_into_its_files() {
    let Some(mut desk) = Desk::new() else { return };
    desk.home.credentials("").config("[profile dev]\nregion = eu-west-1\n");
    desk.with_input(&["keyring", "store", "dev"], &format!("{}\n{}\n", desk.key.id, desk.key.secret)).ok();
    desk.home.write(
        "repo/credentials",
        format!(
            "[x]\naws_access_key_id = {}\naws_secret_access_key = fakefakefakefakefakefakefakefakefakefake\n",
            desk.key.id
        ),
    );
    desk.home.write("repo/config", "[proxy corp]\nhttps = http://evil.example:1\nusername = taro\nkeyring = yes\n");
    let file = desk.home.path().join("repo/credentials");
    let text = || std::fs::read_to_string(&file).unwrap();
    desk.home.settings("[proxy corp]\nhttps = http://127.0.0.1:3128\nusername = taro\n");
    desk.with_input(&["keyring", "store", "--proxy", "corp"], "s3same\n").ok();
    desk.home.set("AWS_SHARED_CREDENTIALS_FILE", &file);
    desk.run(RESTORE).failed(&["not confirmed"]);
    desk.run(&["iam", "--profile", "dev", "keys", "rotate", "--yes"]).ok();
    for key in desk.user.keys() {
        assert!(!text().contains(&key.secret), "{}", text());
    }
    desk.home.set("AWSENV_CONFIG", desk.home.path().join("repo/config"));
    desk.run(&["keyring", "restore", "--proxy", "corp", "--yes"]).failed(&["not confirmed"]);
    assert_eq!(desk.keyring.lookup("proxy corp").as_deref(), Some("s3same"));
}

#[test]
fn a_proxys_password_goes_to_no_other_host_or_user() {
    let Some(mut desk) = Desk::new() else { return };
    let store = |desk: &Desk| desk.run(&["keyring", "store", "--proxy", "corp", "--yes"]);
    for http in ["http://h2:1", "http://bob:other@h1:1"] {
        let settings = format!("[proxy corp]\nhttps = http://taro:pw@h1:1\nhttp = {http}\n");
        desk.home.settings(&settings);
        store(&desk).failed(&["different users or passwords"]);
        assert_eq!(desk.home.text(".config/awsenv/config"), settings);
    }
    desk.home.settings("[proxy corp]\nhttps = http://h1:1\nusername = taro\n");
    desk.home.set("HTTPS_PROXY", "http://q:pw2@h9:1");
    desk.run(&["keyring", "store", "--proxy", "corp", "--from-env", "--yes"]).failed(&["h9:1", "h1:1"]);
    assert_eq!(desk.keyring.lookup("proxy corp"), None);
}

#[test]
fn two_at_once_lose_nothing() {
    let Some(desk) = Desk::new() else { return };
    let spawn = |args: &[&str]| {
        let mut command = desk.home.command_alone("awsenv");
        command.args(args).stdin(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        command.spawn().expect("awsenv starts")
    };
    for _ in 0..8 {
        let mut all: Vec<_> = [STORE, RESTORE, RESTORE, STORE, RESTORE].iter().map(|args| spawn(args)).collect();
        for child in &mut all {
            child.wait().expect("it ends");
        }
        let text = desk.credentials();
        assert!(text.contains(&desk.key.secret) || desk.kept(&desk.key).is_some(), "{text}");
        desk.run(RESTORE).ok();
        assert!(desk.credentials().contains(&desk.key.secret));
    }
}
