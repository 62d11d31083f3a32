//! Passwords of proxies in the keyring.

use super::desk::{Desk, exit};

const SETTINGS: &str =
    "# ours\n[profile dev]\nproxy = corp\n\n# the one\n[proxy corp]\nhttps = http://taro:p%40ss:w0rd@127.0.0.1:3128\n";
const FILE: &str = ".config/awsenv/config";

fn used(desk: &Desk) -> testbed::Ran {
    desk.run(&["switch", "bash", "1", "1", "", "", "--", "dev"])
}

#[test]
fn the_password_leaves_the_settings_and_use_exports_it_all_the_same() {
    let Some(desk) = Desk::new() else { return };
    desk.home.settings(SETTINGS);
    desk.give_session();
    let before = used(&desk).ok().out;
    assert!(before.contains("p%40ss"), "{before}");
    let mut terminal = desk.terminal(&["keyring", "store", "--proxy", "corp"]);
    terminal.expect("the password of taro at 127.0.0.1:3128 goes from").expect("Do it? [y/n] ").line("y");
    terminal.expect("the password of [proxy corp] is in the Secret Service");
    assert_eq!(exit(&mut terminal), 0);
    assert_eq!(desk.keyring.lookup("proxy corp").as_deref(), Some("p@ss:w0rd"));
    let text = desk.home.text(FILE);
    assert!(!text.contains("w0rd") && !terminal.everything().contains("w0rd"), "{text}");
    assert!(
        text.starts_with(
            "# ours\n[profile dev]\nproxy = corp\n\n# the one\n[proxy corp]\nhttps = http://127.0.0.1:3128\n"
        ),
        "{text}"
    );
    assert!(text.contains("username = taro\n") && text.contains("keyring = yes\n"), "{text}");
    // But for the time and the salted hashes.
    let proxies = |text: &str| {
        let words = text.split_whitespace().filter(|word| word.contains("3128"));
        words.map(String::from).collect::<Vec<_>>()
    };
    assert_eq!(proxies(&used(&desk).ok().out), proxies(&before));

    desk.run(&["keyring", "restore", "--proxy", "corp", "--yes"]).ok();
    assert_eq!(desk.keyring.lookup("proxy corp"), None);
    let text = desk.home.text(FILE);
    assert!(!text.contains("keyring") && !text.contains("username"), "{text}");
    assert_eq!(proxies(&used(&desk).ok().out), proxies(&before));
}

#[test]
fn a_password_is_asked_unseen_or_read_from_a_pipe() {
    let Some(desk) = Desk::new() else { return };
    desk.home.settings("[proxy corp]\nhttps = http://127.0.0.1:3128\n");
    desk.with_input(&["keyring", "store", "--proxy", "corp"], "pass\n").failed(&["no username"]);
    let mut terminal = desk.terminal(&["keyring", "store", "--proxy", "corp"]);
    terminal.expect("User name at 127.0.0.1:3128: ").line("taro");
    terminal.expect("Password of taro at 127.0.0.1:3128: ").line("s3same");
    terminal.expect("is in the Secret Service");
    assert_eq!(exit(&mut terminal), 0);
    assert!(!terminal.everything().contains("s3same"));
    assert_eq!(desk.keyring.lookup("proxy corp").as_deref(), Some("s3same"));
    // A new one takes its place.
    desk.with_input(&["keyring", "store", "--proxy", "corp"], "other\n").ok();
    assert_eq!(desk.keyring.lookup("proxy corp").as_deref(), Some("other"));
}

#[test]
fn a_locked_or_empty_keyring_leaves_the_shell_as_it_is() {
    let Some(desk) = Desk::new() else { return };
    desk.home.settings(format!("{}username = taro\nkeyring = yes\n", SETTINGS.replace("taro:p%40ss:w0rd@", "")));
    desk.give_session();
    used(&desk).failed(&["[proxy corp]", "has no password for it", "awsenv keyring store --proxy corp"]);
    desk.with_input(&["keyring", "store", "--proxy", "corp"], "pass\n").ok();
    used(&desk).ok();
    desk.keyring.lock();
    let ran = used(&desk).failed(&["is locked"]);
    assert!(!ran.out.contains("AWS_PROFILE"), "{}", ran.out);
}
