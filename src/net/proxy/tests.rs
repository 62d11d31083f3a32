use std::path::Path;

use secrecy::ExposeSecret;

use super::*;

fn machine(vars: &[(&str, &str)]) -> Host {
    Host::fixed(vars, Path::new("/home/taro"), Timestamp(1_800_000_000))
}

fn found(vars: &[(&str, &str)], host: &str) -> Option<String> {
    ProxyChoice::Environment.proxy_for(&machine(vars), host, 443).expect("a valid proxy").map(|p| p.to_string())
}

#[test]
fn user_and_password_end_at_the_last_at_sign() {
    let a = ProxyAddress::parse(b"http://CORP\\taro:p@ss:w/rd#1%41%zz@proxy.corp:3128/").expect("an address");
    assert_eq!(a.authority(), "proxy.corp:3128");
    assert_eq!(a.username.as_deref(), Some(&b"CORP\\taro"[..]));
    assert_eq!(a.password.as_ref().expect("a password").expose_secret(), b"p@ss:w/rd#1A%zz");
    assert_eq!(a.full_url().expose_secret(), "http://CORP%5Ctaro:p%40ss%3Aw%2Frd%231A%25zz@proxy.corp:3128");
    let again = ProxyAddress::parse(a.full_url().expose_secret().as_bytes()).expect("an address");
    assert_eq!(again.password.expect("a password").expose_secret(), a.password.as_ref().expect("one").expose_secret());
    assert!(!format!("{a:?}").contains("p@ss"));
}

#[test]
fn addresses_are_read_as_people_write_them() {
    let read = |text: &str| ProxyAddress::parse(text.as_bytes()).map(|a| a.plain_url());
    assert_eq!(read("proxy:3128").as_deref(), Ok("http://proxy:3128"));
    assert_eq!(read(" HTTP://proxy ").as_deref(), Ok("http://proxy:80"));
    assert_eq!(read("https://proxy").as_deref(), Ok("https://proxy:443"));
    assert_eq!(read("u:p@10.0.0.1:8080").as_deref(), Ok("http://10.0.0.1:8080"));
    assert_eq!(read("http://[fd00::1]:8080").as_deref(), Ok("http://[fd00::1]:8080"));
    assert!(read("socks5://proxy:1080").expect_err("socks").contains("SOCKS"));
    for bad in
        ["", "http://", "http://:80", "proxy:0", "proxy:99999", "proxy:x", "a b:80", "ftp://x", "http://[::1", "a\nb"]
    {
        assert!(read(bad).is_err(), "{bad}");
    }
}

#[test]
fn an_error_does_not_repeat_the_address() {
    for bad in ["http://u:hunter2@:80", "hunter2://x", "u:hunter2@proxy:x", "foo hunter2://x"] {
        let why = ProxyAddress::parse(bad.as_bytes()).expect_err("an error");
        assert!(!why.contains("hunter2"), "{why}");
    }
}

#[test]
fn the_environment_is_read_with_sane_rules() {
    let sts = "sts.us-east-1.amazonaws.com";
    assert_eq!(found(&[("HTTPS_PROXY", "http://p:1")], sts).as_deref(), Some("p:1 (HTTPS_PROXY)"));
    // Windows has one variable of both spellings.
    #[cfg(not(windows))]
    assert_eq!(found(&[("HTTPS_PROXY", ""), ("https_proxy", "p:1")], sts).as_deref(), Some("p:1 (https_proxy)"));
    assert_eq!(found(&[("ALL_PROXY", "p:1"), ("REQUEST_METHOD", "GET")], sts).as_deref(), Some("p:1 (ALL_PROXY)"));
    assert_eq!(found(&[("HTTP_PROXY", "p:1")], sts), None);
    #[cfg(not(windows))]
    assert_eq!(found(&[("HTTPS_PROXY", "p:1"), ("NO_PROXY", ""), ("no_proxy", "*.amazonaws.com")], sts), None);
    assert_eq!(found(&[("HTTPS_PROXY", "p:1")], "127.0.0.1"), None);
    assert_eq!(found(&[("HTTPS_PROXY", "p:1")], "localhost"), None);
}

#[test]
fn the_profile_beats_the_environment() {
    let machine = machine(&[("HTTPS_PROXY", "env:1"), ("NO_PROXY", "*")]);
    let none = ProxyChoice::None.proxy_for(&machine, "sts.amazonaws.com", 443).expect("fine");
    assert!(none.is_none());
    let choice = |no_proxy: Option<&str>| ProxyChoice::Use {
        url: "http://old:older@corp:3128".into(),
        username: Some("taro".into()),
        from_environment: false,
        password: Some("a:b@c%".into()),
        no_proxy: no_proxy.map(str::to_owned),
        name: "[proxy corp]".into(),
    };
    let proxy = choice(None).proxy_for(&machine, "sts.amazonaws.com", 443).expect("fine").expect("a proxy");
    assert_eq!(proxy.to_string(), "corp:3128 ([proxy corp])");
    let basic = proxy.authorization().expect("a user");
    assert_eq!(basic.expose_secret(), "Basic dGFybzphOmJAYyU=");
    assert!(choice(Some(".amazonaws.com")).proxy_for(&machine, "sts.amazonaws.com", 443).expect("fine").is_none());
}

#[cfg(unix)]
#[test]
fn a_password_may_be_any_bytes() {
    let a = ProxyAddress::parse(b"http://t:\xff%fe@p:1").expect("an address");
    let proxy = Proxy { address: a, origin: "HTTPS_PROXY".into(), from_environment: true };
    assert_eq!(proxy.authorization().expect("a user").expose_secret(), "Basic dDr//g==");
}

#[test]
fn a_refusal_is_remembered_for_this_user_and_password_only() {
    let key = |url: &str| {
        let address = ProxyAddress::parse(url.as_bytes()).expect("an address");
        Proxy { address, origin: "x".into(), from_environment: false }.refusal_key()
    };
    let first = key("http://t:one@p:1");
    assert_eq!(first, key("t:one@p:1"));
    for other in ["t:two@p:1", "u:one@p:1", "t:one@p:2", "t:one@q:1", "https://t:one@p:1", "p:1"] {
        assert_ne!(first, key(other), "{other}");
    }
}
