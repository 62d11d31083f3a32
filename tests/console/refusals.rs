//! Whom the console does not let in, and why there is no link.

use testbed::aws::Fault;

use super::desk::{ACCOUNT, Desk};

/// The one line of a run that must fail.
fn complaint(desk: &Desk, args: &[&str]) -> String {
    let ran = desk.run(&[&["console", "--print"], args].concat());
    assert_eq!((ran.status, ran.out.as_str(), ran.err.lines().count()), (1, "", 1), "{ran:?}");
    ran.err
}

#[test]
fn kinds_that_cannot_are_told_before_anything_is_asked_or_sent() {
    let desk = Desk::new();
    let serial = desk.device.serial();
    desk.home.credentials(format!(
        "[base]\n{keys}[plain]\n{keys}mfa_serial = {serial}\n[dev-long-term]\n{keys}aws_mfa_device = {serial}\n",
        keys = desk.key.lines()
    ));
    for (profile, what) in [
        ("base", "base has long-term keys"),
        ("plain", "plain has an MFA session of its user"),
        ("dev", "dev has an MFA session of its user"),
    ] {
        let said = complaint(&desk, &[profile]);
        let why =
            format!("{what}, and AWS lets only a role's session into the console: give another profile role_arn and");
        assert!(said.contains(&why) && said.contains(&format!("source_profile = {profile}")), "{said}");
    }
    assert!(desk.aws.calls().is_empty());
}

#[test]
fn some_tools_session_is_shown_to_aws_and_its_bare_400_explained() {
    let desk = Desk::new();
    let lines = |made: &testbed::aws::Credentials| {
        let (id, secret, token) = (&made.access_key_id, &made.secret_access_key, &made.session_token);
        format!("aws_access_key_id = {id}\naws_secret_access_key = {secret}\naws_session_token = {token}\n")
    };
    let role = desk.aws.role("saml");
    desk.home.credentials(format!(
        "[mine]\n{}[saml]\n{}",
        lines(&desk.user.session(600)),
        lines(&role.session("taro", 600))
    ));
    desk.link(&["saml"]);
    let said = complaint(&desk, &["mine"]);
    let host = desk.aws.url().replace("http://", "");
    let why = format!("mine: {host} refused these keys (400) and gave no reason: AWS lets only a role's session into");
    assert!(said.contains(&why), "{said}");
}

#[test]
fn what_is_not_aws_s_answer_is_no_link() {
    let desk = Desk::new();
    desk.aws.fault_on("getSigninToken", Fault::Portal, 1);
    let said = complaint(&desk, &["admin"]);
    assert!(said.contains("admin: ") && said.contains("answered 200, not as AWS does"), "{said}");
    desk.aws.fault_on("getSigninToken", Fault::Refuse(403, "x"), 1);
    assert!(complaint(&desk, &["admin"]).contains("answered 403, not as AWS does"));
}

#[test]
fn an_endpoint_that_is_not_aws_gets_nothing_unless_it_is_allowed() {
    let mut desk = Desk::new();
    desk.home.set("AWS_ENDPOINT_URL_SIGNIN", "https://signin.evil.example");
    let said = complaint(&desk, &["admin"]);
    let why = "nothing was sent to signin.evil.example (AWS_ENDPOINT_URL_SIGNIN), which is not AWS";
    assert!(said.contains(why) && said.contains("allow_endpoint = signin.evil.example"), "{said}");
    assert!(desk.aws.calls().is_empty(), "no role was assumed for nothing");
    desk.home.set("AWS_ENDPOINT_URL_SIGNIN", "http://signin.evil.example");
    assert!(complaint(&desk, &["admin"]).contains("AWS_ENDPOINT_URL_SIGNIN is http://"));
}

#[test]
fn a_region_that_is_no_host_label_builds_no_host() {
    let desk = Desk::new();
    for region in ["evil.example/x", "eu-west-1@evil.example", "EU"] {
        desk.home.config(format!(
            "[profile admin]\nrole_arn = arn:aws:iam::{ACCOUNT}:role/admin\nsource_profile = base\nregion = {region}\n"
        ));
        assert!(complaint(&desk, &["admin"]).contains("is not a region"));
    }
    assert!(desk.aws.calls().is_empty());
}

#[test]
fn an_unknown_profile_is_named_with_its_neighbours() {
    let desk = Desk::new();
    assert!(complaint(&desk, &["admim"]).contains("did you mean admin?"));
}
