//! The proxy of the environment becomes one of awsenv's settings, before anything is sent.

use std::os::unix::fs::PermissionsExt;

use testbed::Terminal;
#[cfg(not(target_os = "macos"))]
use testbed::keyring::Keyring;
use testbed::proxy::{Policy, Proxy};

use super::desk::{Desk, exit, mode};

/// Up to the offer to keep the proxy of the environment.
fn up_to_the_offer(desk: &Desk) -> Terminal {
    let mut terminal = desk.setup(&["dev"]);
    terminal.expect("k or i: ").mark().line("k").expect("Region (such as eu-west-1; Enter: none): ").mark().line("");
    terminal
}

/// Up to the keys, the proxy kept as `corp`.
fn up_to_keys(desk: &Desk) -> Terminal {
    let mut terminal = up_to_the_offer(desk);
    terminal.expect("take it back? [y/n] ").mark().line("y").expect("A name for this proxy [corp]: ").mark().line("");
    terminal
}

const SETTINGS: &str = ".config/awsenv/config";

#[test]
fn a_proxy_with_a_password_is_kept_unseen_and_used_at_once() {
    let (mut desk, device) = Desk::with_device();
    let proxy = Proxy::start(desk.aws.https_address(), Policy::Basic("taro".into(), "hunter2 %".into()));
    desk.home.use_aws_by_name(&desk.aws, &proxy);
    let url = proxy.url().replace("http://", "http://taro:hunter2%20%25@");
    desk.home.set("HTTPS_PROXY", &url).set("NO_PROXY", ".corp");
    let settings = "\u{feff}# mine\r\n[guard]\r\nask = never\r\n";
    desk.home.settings(settings);
    let file = desk.home.path().join(SETTINGS);
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();

    let mut terminal = desk.setup(&["dev"]);
    terminal.expect("k or i: ").mark().line("k").expect("Region (such as eu-west-1; Enter: none): ").mark().line("");
    terminal.expect(&format!("HTTPS_PROXY is {}", proxy.url().replace("http://", "http://taro:***@")));
    terminal.expect("Shall `awsenv use dev` set it, and `awsenv leave` take it back? [y/n] ").mark().line("y");
    terminal.expect("A name for this proxy [corp]: ").mark().line("none");
    terminal.expect("A name for this proxy [corp]: ").mark().line("");
    terminal.expect("its password goes into").expect("`awsenv keyring store --proxy corp` moves it later");
    assert!(proxy.attempts().is_empty());
    desk.type_keys(&mut terminal, &desk.key);
    terminal.expect("+ [proxy corp]").expect("taro:***@").expect("Write it? [y/n] ").mark().line("y");
    terminal.expect("Add it? [y/n] ").mark().line("y");
    terminal.expect("MFA code for dev").mark().line(&device.code()).expect("dev is set up");
    assert_eq!(exit(&mut terminal), 0, "{}", terminal.everything());
    assert!(!terminal.everything().contains("hunter2"), "{}", terminal.everything());
    assert!(proxy.attempts().iter().all(|a| a.status == 200), "{:?}", proxy.attempts());

    let new = format!("\r\n[proxy corp]\r\nhttps = {url}\r\nno_proxy = .corp\r\n\r\n[profile dev]\r\nproxy = corp\r\n");
    assert_eq!(desk.text(SETTINGS), format!("{settings}{new}"));
    assert_eq!(mode(&file), 0o600);
    let holding: Vec<String> =
        desk.files().into_iter().filter(|(_, b)| b.windows(7).any(|w| w == b"hunter2")).map(|(n, _)| n).collect();
    assert_eq!(holding, [file.display().to_string()]);
    // The second time it is not asked for.
    let mut terminal = desk.setup(&["dev"]);
    terminal.expect("proxy: [proxy corp], as the settings say").expect("dev is set up");
    assert_eq!(exit(&mut terminal), 0);
    // Another profile takes the one that is there.
    let mut terminal = desk.setup(&["other"]);
    terminal.expect("k or i: ").mark().line("k").expect("Region (such as eu-west-1; Enter: none): ").mark().line("");
    terminal.expect("[proxy corp] in").expect("is the same").expect("[y/n] ").mark().line("y");
    terminal.expect("Access key ID (AKIA…): ");
}

#[test]
fn a_no_and_what_is_no_proxy_change_nothing_there() {
    let (mut desk, _) = Desk::with_device();
    desk.home.set("https_proxy", "http://p.corp:3128");
    let mut terminal = desk.setup(&["dev"]);
    terminal.expect("k or i: ").mark().line("k").expect("Region (such as eu-west-1; Enter: none): ").mark().line("");
    terminal.expect("https_proxy is http://p.corp:3128").expect("[y/n] ").mark().line("n");
    desk.type_keys(&mut terminal, &desk.key);
    terminal.expect("Write it? [y/n] ");
    assert!(!terminal.everything().contains("[proxy"), "{}", terminal.everything());
    desk.home.set("HTTPS_PROXY", "socks5://p.corp:1080");
    let mut terminal = desk.setup(&["dev"]);
    terminal.expect("k or i: ").mark().line("k").expect("Region (such as eu-west-1; Enter: none): ").mark().line("");
    terminal.expect("HTTPS_PROXY is left alone: SOCKS is not supported").expect("Access key ID (AKIA…): ");
}

#[test]
fn another_user_or_password_of_the_same_proxy_is_a_question() {
    for (there, differs) in [
        ("http://taro:old@p.corp:3128", "but with another password"),
        ("http://hanako:new@p.corp:3128", "but with the user hanako"),
        ("http://p.corp:3128\nusername = hanako", "but with the user hanako"),
        ("http://p.corp:3128", "but has no user and password"),
    ] {
        let (mut desk, _) = Desk::with_device();
        desk.home.set("HTTPS_PROXY", "http://taro:new@p.corp:3128");
        let settings = format!("[proxy corp]\n# of the office\nhttps = {there}\n");
        desk.home.settings(&settings);
        for answer in ["n", "y"] {
            let mut terminal = up_to_the_offer(&desk);
            terminal.expect("take it back? [y/n] ").mark().line("y").expect("leads there too, ").expect(differs);
            terminal.expect("Does HTTPS_PROXY count, and replace it there? [y/n] ").mark().line(answer);
            desk.type_keys(&mut terminal, &desk.key);
            terminal.expect("Write it? [y/n] ").mark().line("y").expect("Add it? [y/n] ").send(b"\x03");
            assert_eq!(exit(&mut terminal), 130);
            let new = match answer {
                "n" => settings.clone(),
                _ => "[proxy corp]\n# of the office\nhttps = http://taro:new@p.corp:3128\n".to_owned(),
            };
            assert_eq!(desk.text(SETTINGS), format!("{new}\n[profile dev]\nproxy = corp\n"));
            desk.home.settings(&settings).credentials("").config("");
        }
    }
}

#[test]
fn what_the_proxy_says_names_the_variable_and_what_to_set() {
    let (mut desk, _) = Desk::with_device();
    let proxy = Proxy::start(desk.aws.https_address(), Policy::Basic("taro".into(), "hunter2".into()));
    desk.home.use_aws_by_name(&desk.aws, &proxy);
    let before = desk.files();
    for (user, why) in [("", "wants a user and password"), ("taro:wrong@", "refused its user and password (407)")] {
        desk.home.set("HTTPS_PROXY", proxy.url().replace("http://", &format!("http://{user}")));
        let mut terminal = up_to_keys(&desk);
        desk.type_keys(&mut terminal, &desk.key);
        terminal.expect("(HTTPS_PROXY) ").expect(why);
        terminal.expect(": set HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT and run `awsenv setup dev` again");
        assert!(exit(&mut terminal) == 1 && desk.files() == before);
        assert!(!terminal.everything().contains("[proxy corp]"), "{}", terminal.everything());
    }
}

#[test]
fn a_way_that_cannot_be_gone_is_told_before_keys_are_typed() {
    let (mut desk, _) = Desk::with_device();
    desk.home.set("HTTPS_PROXY", "http://p.corp:1").set("AWS_ENDPOINT_URL", "http://sts.corp");
    let mut terminal = up_to_the_offer(&desk);
    terminal.expect("[y/n] ").mark().line("n").expect("sts.corp").expect("unset AWS_ENDPOINT_URL");
    assert_eq!((exit(&mut terminal), desk.files().len()), (1, 0));
    assert!(!terminal.everything().contains("Access key ID"), "{}", terminal.everything());
    desk.home.unset("AWS_ENDPOINT_URL").set("HTTPS_PROXY", "socks5://p.corp:1080");
    let mut terminal = up_to_the_offer(&desk);
    terminal.expect("SOCKS is not supported").expect("unset HTTPS_PROXY");
    assert_eq!((exit(&mut terminal), desk.files().len()), (1, 0));
    assert!(!terminal.everything().contains("Access key ID"), "{}", terminal.everything());
}

#[cfg(not(target_os = "macos"))]
#[test]
fn its_password_goes_into_an_open_keyring_with_the_other_writes_and_back_where_they_fail() {
    for fails in [true, false] {
        let (mut desk, device) = Desk::with_device();
        let Some(keyring) = Keyring::unlocked(&mut desk.home) else { return };
        let proxy = Proxy::start(desk.aws.https_address(), Policy::Basic("taro".into(), "hunter2".into()));
        desk.home.use_aws_by_name(&desk.aws, &proxy);
        desk.home.set("HTTPS_PROXY", proxy.url().replace("http://", "http://taro:hunter2@"));
        let mut terminal = up_to_keys(&desk);
        terminal.expect("its password can go into").expect("Keep it in the Secret Service? [y/n] ").mark().line("y");
        desk.type_keys(&mut terminal, &desk.key);
        terminal.expect("Keep it in the Secret Service? [y/n] ").mark().line("n");
        terminal.expect("+ username = taro\n+ keyring = yes\n").expect("Write it? [y/n] ").mark();
        assert_eq!(keyring.lookup("proxy corp"), None, "nothing before the word");
        if fails {
            // In the way of the lock of the settings, once everything was looked at.
            let lock = desk.home.path().join(".config/awsenv/.awsenv.lock");
            std::fs::remove_file(&lock).unwrap();
            std::fs::create_dir(&lock).unwrap();
            terminal
                .line("y")
                .expect("the password of [proxy corp] is in the Secret Service")
                .expect("nothing was changed");
            assert_eq!((exit(&mut terminal), keyring.lookup("proxy corp")), (1, None));
            continue;
        }
        terminal.line("y").expect("the password of [proxy corp] is in the Secret Service");
        terminal.expect("Add it? [y/n] ").mark().line("n");
        terminal.expect("MFA code for dev").mark().line(&device.code()).expect("dev is set up");
        assert_eq!((exit(&mut terminal), keyring.lookup("proxy corp").as_deref()), (0, Some("hunter2")));
        let written = format!("[proxy corp]\nhttps = {}\nusername = taro\nkeyring = yes\n", proxy.url());
        assert!(desk.text(SETTINGS).starts_with(&written), "{}", desk.text(SETTINGS));
        assert!(proxy.attempts().iter().all(|a| a.status == 200), "{:?}", proxy.attempts());
    }
}
