//! What lies between here and IAM: the profile's proxy and authority, a wrong clock, an endpoint that is not AWS's.

use testbed::Proxy;
use testbed::proxy::Policy;

use super::desk::Desk;

#[test]
fn it_goes_through_the_profiles_proxy_and_believes_its_authority() {
    let mut desk = Desk::new();
    let proxy = Proxy::start(desk.aws.https_address(), Policy::Basic("taro".into(), "p@ss:w/rd".into()));
    desk.home.write("corp.pem", desk.aws.ca_pem());
    let bundle = desk.home.path().join("corp.pem");
    desk.home.unset("AWS_ENDPOINT_URL");
    desk.home.script("proxy-password", "#!/bin/sh\nprintf '%s\\n' 'p@ss:w/rd'\n");
    desk.home.settings(format!(
        "[profile dev]\nproxy = corp\n[proxy corp]\nhttps = {}\nusername = taro\npassword_process = proxy-password\n",
        proxy.url()
    ));
    let config = desk.home.text(".aws/config");
    desk.home.config(format!("{config}ca_bundle = {}\n", bundle.display()));
    desk.run(&["show"]).ok();
    desk.run(&["password", "create", "hanako", "--generate"]).ok();
    let targets: Vec<_> = proxy.attempts().iter().map(|a| (a.target.clone(), a.status)).collect();
    let seen = |host: &str| targets.iter().any(|(target, status)| target.contains(host) && *status == 200);
    // One host for all regions, and a signature for the one where it is at home.
    assert!(seen("CONNECT iam.amazonaws.com:443") && seen("CONNECT sts.eu-west-1.amazonaws.com:443"), "{targets:?}");
    assert!(desk.aws.calls_of("GetUser").iter().all(|call| call.region == "us-east-1" && call.tls));
}

#[test]
fn a_clock_five_hours_off_hinders_nothing_and_sessions_end_by_awss_clock() {
    for offset in [5 * 3600, -5 * 3600] {
        let desk = Desk::new();
        desk.aws.set_clock_offset(offset);
        desk.home.credentials(format!("[base]\n{}", desk.key.lines()));
        desk.run(&["show", "--profile", "base"]).ok();
        desk.run(&["revoke", "--user", "hanako", "--profile", "base", "--yes"]).ok();
        let expected = chrono::Utc::now() + chrono::TimeDelta::seconds(offset);
        let document = &desk.hanako.policies()["AWSRevokeOlderSessions"];
        let near = |minute: i64| (expected + chrono::TimeDelta::minutes(minute)).format("%Y-%m-%dT%H:%M:").to_string();
        assert!((-1..=1).any(|minute| document.contains(&near(minute))), "{offset}: {document}");
    }
}

#[test]
fn an_endpoint_that_is_not_awss_gets_nothing() {
    let mut desk = Desk::new();
    desk.home.set("AWS_ENDPOINT_URL_IAM", "https://iam.evil.example");
    desk.run(&["show"]).failed(&["nothing was sent to iam.evil.example (AWS_ENDPOINT_URL_IAM), which is not AWS"]);
    desk.home.set("AWS_ENDPOINT_URL_IAM", "http://192.0.2.1");
    desk.run(&["show"]).failed(&["go unencrypted only to this machine"]);
    assert_eq!(desk.aws.calls().len(), 0);
}
