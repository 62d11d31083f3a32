//! The proxy of the environment becomes one of awsenv's settings, before anything is sent.

use std::os::unix::fs::PermissionsExt;

use testbed::proxy::{Policy, Proxy};

use super::desk::{Desk, exit, mode};

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
    terminal.expect("its password goes into").expect("A name for this proxy [corp]: ").mark().line("none");
    terminal.expect("A name for this proxy [corp]: ").mark().line("");
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
