//! A token that a refresh token renews: without a question, and once for all.

use testbed::aws::{Consent, Fault};

use super::desk::{Desk, exit};

#[test]
fn refreshable_is_not_expired() {
    let desk = Desk::new();
    let old = desk.token(-60);
    let found = desk.status("dev");
    assert_eq!((&found["state"], &found["expires_at"]), (&"refreshable".into(), &serde_json::Value::Null));
    assert_eq!(desk.run(&["refresh", "dev"]).status, 0);
    let file = desk.token_file();
    assert_ne!(file["accessToken"], old.access_token.as_str());
    assert_ne!(file["refreshToken"], old.refresh_token.as_str(), "AWS gave a new one");
    assert_eq!((desk.state("dev").as_str(), desk.aws.token_calls("refresh_token")), ("valid", 1));
}

#[test]
fn twenty_at_once_renew_once() {
    let desk = Desk::new();
    desk.token(60);
    let started: Vec<_> = (0..20)
        .map(|_| {
            desk.home
                .command_alone("awsenv")
                .args(["credentials", "dev"])
                .stdout(std::process::Stdio::null())
                .spawn()
                .expect("it starts")
        })
        .collect();
    for mut child in started {
        assert!(child.wait().expect("it ends").success());
    }
    assert_eq!((desk.aws.token_calls("refresh_token"), desk.count("GetRoleCredentials")), (1, 1));
}

#[test]
fn a_refresh_token_that_aws_takes_no_longer_means_a_person() {
    let mut desk = Desk::new();
    desk.token(-60);
    desk.directory.end_sign_ins();
    let ran = desk.run(&["credentials", "dev"]);
    assert!(ran.status == 1 && ran.err.contains("the session of dev ended 1m ago"), "{ran:?}");
    assert_eq!(desk.state("dev"), "expired");
    assert_eq!(desk.aws.token_calls("refresh_token"), 1);
    desk.browser(Consent::Allow);
    let mut terminal = desk.terminal(&["refresh", "dev"]);
    terminal.expect("signing in to corp").expect("dev is good");
    assert_eq!(exit(&mut terminal), 0);
}

#[test]
fn what_still_works_is_used_when_the_network_is_gone() {
    let desk = Desk::new();
    desk.token(300);
    desk.aws.fault_on("CreateToken", Fault::GatewayHtml, 1);
    let ran = desk.run(&["credentials", "dev"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(desk.state("dev"), "valid");
}

#[test]
fn what_needs_renewal_and_has_no_network_is_one_line() {
    let desk = Desk::new();
    desk.token(-60);
    desk.aws.fault_on("CreateToken", Fault::CutBefore, 1);
    let ran = desk.run(&["refresh", "dev"]);
    assert_eq!((ran.status, ran.err.lines().count()), (1, 1), "{ran:?}");
    assert_eq!(desk.state("dev"), "refreshable", "the next try may work");
    assert_eq!(desk.run(&["refresh", "dev"]).status, 0);
}
