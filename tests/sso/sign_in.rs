//! Signing in: through the browser, with a device code, and what goes wrong on the way.

use std::os::unix::fs::PermissionsExt;

use testbed::aws::{Consent, Fault};

use super::desk::{Desk, START_URL, exit};

#[test]
fn refresh_signs_in_through_the_browser() {
    let mut desk = Desk::new();
    desk.browser(Consent::Allow);
    assert_eq!(desk.state("dev"), "missing");
    let mut terminal = desk.terminal(&["refresh", "dev"]);
    terminal.expect("signing in to corp (d-1234567890.awsapps.com)").expect("opens in the browser");
    terminal.expect("dev is good");
    assert_eq!(exit(&mut terminal), 0);
    let opened = desk.opened();
    assert_eq!(opened.len(), 1, "{opened:?}");
    assert!(opened[0].contains("code_challenge_method=S256") && opened[0].contains("state="), "{opened:?}");
    assert!(desk.home.text("page").contains("You can close this page"));
    let file = desk.token_file();
    assert_eq!((file["startUrl"].as_str(), file["region"].as_str()), (Some(START_URL), Some("eu-west-1")));
    assert!(file["refreshToken"].is_string() && file["clientSecret"].is_string(), "{file}");
    let name = testbed::aws::cache_name("corp");
    let mode = std::fs::metadata(desk.home.path().join(name)).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(desk.state("dev"), "valid");
    assert_eq!(desk.count("RegisterClient"), 1);
    // The registration serves the next sign-in too.
    std::fs::remove_file(desk.home.path().join(testbed::aws::cache_name("corp"))).expect("it is there");
    assert_eq!(exit(&mut desk.terminal(&["refresh", "dev"])), 0);
    assert_eq!((desk.count("RegisterClient"), desk.opened().len()), (1, 2));
}

/// The person's own browser, as far as a machine without a screen has one.
#[test]
fn a_real_browser_signs_in_and_says_so() {
    let mut desk = Desk::new();
    let Some(browser) = testbed::browser::headless(&desk.home) else { return };
    desk.directory.set_consent(Consent::Click);
    desk.home.set("BROWSER", browser);
    let mut terminal = desk.terminal(&["refresh", "dev"]);
    terminal.expect("dev is good");
    assert_eq!(exit(&mut terminal), 0);
    assert_eq!(desk.aws.token_calls("authorization_code"), 1);
    let page = desk.home.path().join(testbed::browser::PAGE);
    let end = std::time::Instant::now() + testbed::pty::DEADLINE;
    while !page.exists() && std::time::Instant::now() < end {
        std::thread::yield_now();
    }
    let shown = std::fs::read_to_string(page).expect("the browser kept its last page");
    assert!(shown.contains("You are signed in") && shown.contains("You can close this page"), "{shown}");
}

/// Then the browser cannot come back here: it shows a code instead.
#[test]
fn without_a_port_to_come_back_to_there_is_a_code() {
    let mut desk = Desk::new();
    let Some(strace) = testbed::require("strace") else { return };
    desk.browser(Consent::Allow);
    let mut command = desk.home.command_alone(strace);
    command.args(["-f", "-qq", "-o", "/dev/null", "-e", "inject=bind:error=EADDRINUSE"]);
    let done = command.arg(env!("CARGO_BIN_EXE_awsenv")).args(["refresh", "dev"]).output().expect("strace starts");
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && said.contains("it must show the code") && said.contains("dev is good"), "{said}");
    assert_eq!(desk.aws.token_calls("device_code"), 1);
}

#[test]
fn a_refusal_in_the_browser_is_one_line() {
    let mut desk = Desk::new();
    desk.browser(Consent::Deny);
    let mut terminal = desk.terminal(&["refresh", "dev"]);
    terminal.expect("SSO session corp: the sign-in was refused in the browser");
    assert_eq!(exit(&mut terminal), 1);
    assert_eq!(desk.state("dev"), "missing");
    desk.browser(Consent::Allow);
    assert_eq!(exit(&mut desk.terminal(&["refresh", "dev"])), 0);
}

#[test]
fn ctrl_c_ends_the_wait_for_the_browser() {
    let mut desk = Desk::new();
    let browser = desk.home.script("browser", "#!/bin/sh\n");
    desk.home.set("BROWSER", browser);
    let mut terminal = desk.terminal(&["refresh", "dev"]);
    terminal.expect("opens in the browser").expect("code_challenge=");
    terminal.send("\x03").expect("^C");
    assert_eq!(exit(&mut terminal), 130);
    assert_eq!(desk.state("dev"), "missing");
}

/// Only the browser shows that AWS has forgotten a client: what was kept of it must not stand in the way for good.
#[test]
fn a_client_that_only_the_browser_refuses_is_registered_anew_next_time() {
    let mut desk = Desk::new();
    desk.browser(Consent::Allow);
    assert_eq!(exit(&mut desk.terminal(&["refresh", "dev"])), 0);
    desk.directory.end_registrations();
    desk.directory.end_sign_ins();
    let mut terminal = desk.terminal(&["refresh", "dev", "--force"]);
    terminal.expect("opens in the browser").expect("code_challenge=").send("\x03");
    assert_eq!(exit(&mut terminal), 130);
    assert_eq!(exit(&mut desk.terminal(&["refresh", "dev", "--force"])), 0);
    assert_eq!(desk.count("RegisterClient"), 2);
}

#[test]
fn without_a_display_there_is_a_link_a_code_and_a_qr_code() {
    let mut desk = Desk::new();
    desk.home.set("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22");
    let mut terminal = desk.terminal(&["refresh", "dev"]);
    let device = desk.directory.wait_for_device();
    terminal.expect("open this link on any device").expect(&device.user_code).expect("▄▄▄▄▄ █");
    desk.directory.allow(&device.user_code);
    terminal.expect("dev is good");
    assert_eq!(exit(&mut terminal), 0);
    assert!(desk.token_file()["refreshToken"].is_string());
    assert_eq!(desk.state("dev"), "valid");
}

#[test]
fn a_device_code_can_be_refused() {
    let desk = Desk::new();
    let mut terminal = desk.terminal(&["refresh", "dev", "--device-code"]);
    desk.directory.deny(&desk.directory.wait_for_device().user_code);
    terminal.expect("the sign-in was refused in the browser");
    assert_eq!(exit(&mut terminal), 1);
}

#[test]
fn a_device_code_can_end_unused() {
    let desk = Desk::new();
    let mut terminal = desk.terminal(&["refresh", "dev", "--device-code"]);
    desk.directory.wait_for_device();
    desk.directory.end_devices();
    terminal.expect("the sign-in was not approved in its time: awsenv refresh starts again");
    assert_eq!(exit(&mut terminal), 1);
}

#[test]
fn a_network_that_is_gone_for_a_moment_does_not_end_a_device_code() {
    let desk = Desk::new();
    desk.aws.fault_on("CreateToken", Fault::GatewayHtml, 1);
    desk.aws.fault_on("CreateToken", Fault::Throttling, 1);
    let mut terminal = desk.terminal(&["refresh", "dev", "--device-code"]);
    desk.directory.allow(&desk.directory.wait_for_device().user_code);
    terminal.expect("dev is good");
    assert_eq!(exit(&mut terminal), 0);
    assert_eq!(desk.aws.token_calls("device_code"), 3);
}

#[test]
fn a_registration_that_aws_forgot_is_made_anew() {
    let desk = Desk::new();
    desk.directory.set_consent(Consent::Allow);
    assert_eq!(exit(&mut desk.terminal(&["refresh", "dev", "--device-code"])), 0);
    desk.directory.end_registrations();
    desk.directory.end_sign_ins();
    assert_eq!(exit(&mut desk.terminal(&["refresh", "dev", "--device-code", "--force"])), 0);
    assert_eq!(desk.count("RegisterClient"), 2);
}

#[test]
fn a_legacy_profile_signs_in_with_a_device_code() {
    let mut desk = Desk::new();
    let legacy = format!(
        "[profile old]\nsso_start_url = {START_URL}\nsso_region = eu-west-1\nsso_account_id = 111122223333\n\
         sso_role_name = Admin\n"
    );
    desk.home.config(legacy);
    desk.browser(Consent::Allow);
    let mut terminal = desk.terminal(&["refresh", "old"]);
    terminal.expect("opens in the browser: it must show the code").expect("old is good until");
    assert_eq!(exit(&mut terminal), 0);
    let file = desk.home.text(testbed::aws::cache_name(START_URL));
    assert!(!file.contains("refreshToken"), "{file}");
}

#[test]
fn a_region_that_is_no_host_label_gets_nothing() {
    let desk = Desk::new();
    for region in ["evil.example/x", "eu-west-1@evil.example", "EU WEST"] {
        let section =
            desk.directory.section("corp").replace("sso_region = eu-west-1", &format!("sso_region = {region}"));
        desk.home
            .config(format!("{section}[profile dev]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = A\n"));
        let mut terminal = desk.terminal(&["refresh", "dev"]);
        terminal.expect("sso_region");
        assert_eq!(exit(&mut terminal), 1, "{}", terminal.everything());
    }
    assert!(desk.aws.calls().is_empty());
}

#[test]
fn doctor_names_what_no_sign_in_can_begin_with() {
    let desk = Desk::new();
    let section = desk.directory.section("corp");
    let section = section.replace("sso_region = eu-west-1", "sso_region = evil.example/x").replace("https:", "http:");
    desk.home.config(format!("{section}[profile dev]\nsso_session = corp\n[profile two]\nsso_session = corp\n"));
    let doctor = desk.run(&["doctor"]);
    for said in ["config:2: sso_start_url cannot be used", "config:3: sso_region cannot be used"] {
        assert_eq!(doctor.out.matches(said).count(), 1, "{said}: {doctor:?}");
    }
}

#[test]
fn a_link_from_elsewhere_is_shown_and_not_opened() {
    let mut desk = Desk::new();
    desk.browser(Consent::Ask);
    desk.directory.set_verification_uri("https://evil.example/device");
    let mut terminal = desk.terminal(&["refresh", "dev", "--device-code"]);
    terminal
        .expect("evil.example is not AWS")
        .expect("open this link on any device")
        .expect("https://evil.example/device");
    terminal.send("\x03");
    assert_eq!(exit(&mut terminal), 130);
    desk.directory.set_verification_uri("http://evil.example/device");
    let mut terminal = desk.terminal(&["refresh", "dev", "--device-code"]);
    terminal.expect("the sign-in link that AWS sent cannot be used: it does not begin with https://");
    assert_eq!(exit(&mut terminal), 1);
    assert!(desk.opened().is_empty());
}
