//! What lies between here and AWS: proxies, private authorities, a wrong clock, a service that is not there.

use testbed::Proxy;
use testbed::aws::{Consent, Fault};
use testbed::proxy::Policy;

use super::desk::{Desk, exit};

/// The desk behind a proxy that wants a password and takes TLS apart with an authority of its own.
fn behind_a_proxy(password: &str) -> (Desk, Proxy) {
    let mut desk = Desk::new();
    let policy = Policy::Basic("taro".into(), "p@ss:w/rd".into());
    let proxy = Proxy::start(desk.aws.https_address(), policy);
    desk.home.write("corp.pem", desk.aws.ca_pem());
    let bundle = desk.home.path().join("corp.pem");
    desk.home.unset("AWS_ENDPOINT_URL").set("SSH_TTY", "/dev/pts/9");
    desk.home.script("proxy-password", &format!("#!/bin/sh\nprintf '%s\\n' '{password}'\n"));
    desk.home.settings(format!(
        "[profile dev]\nproxy = corp\n[proxy corp]\nhttps = {}\nusername = taro\npassword_process = proxy-password\n",
        proxy.url()
    ));
    let config = desk.home.text(".aws/config");
    desk.home.config(format!("{config}ca_bundle = {}\n", bundle.display()));
    (desk, proxy)
}

#[test]
fn everything_goes_through_a_proxy_with_a_password_and_its_own_authority() {
    let (desk, proxy) = behind_a_proxy("p@ss:w/rd");
    desk.directory.set_consent(Consent::Allow);
    let mut terminal = desk.terminal(&["refresh", "dev"]);
    terminal.expect("signing in to corp").expect("dev is good");
    assert_eq!(exit(&mut terminal), 0);
    assert_eq!(desk.run(&["refresh", "dev", "--force"]).status, 0);
    assert_eq!(desk.run(&["credentials", "dev"]).status, 0);
    assert_eq!(desk.run(&["logout", "dev"]).status, 0);
    let hosts: Vec<_> = proxy.attempts().iter().map(|a| (a.target.clone(), a.status)).collect();
    let seen = |host: &str| hosts.iter().any(|(target, status)| target.contains(host) && *status == 200);
    assert!(seen("CONNECT oidc.eu-west-1.amazonaws.com:443"), "{hosts:?}");
    assert!(seen("CONNECT portal.sso.eu-west-1.amazonaws.com:443"), "{hosts:?}");
    assert!(hosts.iter().all(|(_, status)| *status == 200), "{hosts:?}");
}

#[test]
fn a_wrong_proxy_password_is_sent_once() {
    let (desk, proxy) = behind_a_proxy("old");
    let ran = desk.run(&["refresh", "dev"]);
    assert!(ran.status == 1 && ran.err.contains("refused its user and password (407)"), "{ran:?}");
    let ran = desk.run(&["refresh", "dev"]);
    assert!(ran.status == 1 && ran.err.contains("nothing was sent"), "{ran:?}");
    assert_eq!(proxy.attempts().len(), 1);
    assert!(!desk.home.path().join(".aws/sso/cache").read_dir().is_ok_and(|mut files| files.next().is_some()));
}

#[test]
fn a_clock_five_hours_off_hinders_nothing() {
    for offset in [5 * 3600, -5 * 3600] {
        let desk = Desk::new();
        desk.aws.set_clock_offset(offset);
        desk.directory.set_consent(Consent::Allow);
        assert_eq!(exit(&mut desk.terminal(&["refresh", "dev", "--device-code"])), 0);
        assert_eq!(desk.state("dev"), "valid");
        let ran = desk.run(&["credentials", "dev"]);
        assert_eq!(ran.status, 0, "{ran:?}");
        let doctor = desk.run(&["doctor"]);
        assert!(doctor.out.contains("clock was 5h00m"), "what was learnt of the clock is shown: {doctor:?}");
    }
}

#[test]
fn a_service_that_fails_is_one_line_and_harms_nothing() {
    let desk = Desk::new();
    desk.token(3600);
    let before = desk.token_file();
    for (fault, said) in [
        (Fault::GatewayHtml, "answered 502, not as AWS does"),
        (Fault::CutBefore, "was cut"),
        (Fault::Throttling, "AWS asks for fewer calls at the moment"),
        (Fault::Portal, "answered 200, not as AWS does"),
        (Fault::Refuse(403, "ForbiddenException"), "AWS does not allow it"),
    ] {
        // Tried four times, and once more in full.
        desk.aws.fault_on("GetRoleCredentials", fault, 8);
        let ran = desk.run(&["credentials", "dev"]);
        assert_eq!((ran.status, ran.err.lines().count(), ran.out.as_str()), (1, 1, ""), "{ran:?}");
        assert!(ran.err.contains(said), "{said}: {ran:?}");
        assert!(!ran.err.contains(before["accessToken"].as_str().expect("a token")), "{ran:?}");
        assert_eq!(desk.token_file(), before);
        // What is left of the eight.
        while desk.run(&["credentials", "dev"]).status != 0 {}
        std::fs::remove_dir_all(desk.home.path().join(".aws/cli/cache")).expect("it is there");
    }
}

#[test]
fn an_endpoint_that_is_not_aws_gets_nothing_without_a_word() {
    let mut desk = Desk::new();
    desk.token(-60);
    let proxy = Proxy::start(desk.aws.https_address(), Policy::Open);
    desk.home.settings(format!("[profile dev]\nproxy = p\n[proxy p]\nhttps = {}\n", proxy.url()));
    desk.home.write("corp.pem", desk.aws.ca_pem());
    let config = desk.home.text(".aws/config");
    desk.home.config(format!("{config}ca_bundle = {}\n", desk.home.path().join("corp.pem").display()));
    desk.home.set("AWS_ENDPOINT_URL", "https://sso.fake.test");
    let ran = desk.run(&["credentials", "dev"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.err.contains("nothing was sent to sso.fake.test (AWS_ENDPOINT_URL), which is not AWS"), "{ran:?}");
    let mut terminal = desk.terminal(&["refresh", "dev", "--force"]);
    terminal.expect("nothing was sent to sso.fake.test");
    assert_eq!(exit(&mut terminal), 1);
    assert!(desk.aws.calls().is_empty() && proxy.attempts().is_empty());
    // Where a person is asked, the question names it.
    std::fs::remove_file(desk.home.path().join(testbed::aws::cache_name("corp"))).expect("it is there");
    let mut terminal = desk.terminal(&["refresh", "dev"]);
    terminal
        .expect("the sign-in goes to sso.fake.test, which is not AWS (AWS_ENDPOINT_URL)")
        .expect("SSO session corp");
    terminal.send("\x03");
    assert_eq!(exit(&mut terminal), 130);
    assert!(proxy.attempts().is_empty());
}
