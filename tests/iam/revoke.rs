//! `iam revoke`: what was given out before is refused, what comes later is not.

use serde_json::{Value, json};

use super::desk::{Desk, exit};

const POLICY: &str = "AWSRevokeOlderSessions";

/// The time in a policy.
fn ended(document: &str) -> String {
    let document: Value = serde_json::from_str(document).expect("a policy is JSON");
    document["Statement"][0]["Condition"]["DateLessThan"]["aws:TokenIssueTime"].as_str().expect("a time").to_owned()
}

fn policy(time: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": ["*"], "Resource": ["*"],
           "Condition": {"DateLessThan": {"aws:TokenIssueTime": time}}}]})
    .to_string()
}

#[test]
fn it_says_what_ends_and_what_goes_on() {
    let desk = Desk::new();
    let key = desk.hanako.key();
    let config = desk.home.text(".aws/config");
    desk.home.config(format!(
        "{config}[profile deploy]\nrole_arn = arn:aws:iam::123456789012:role/deploy\nsource_profile = dev-long-term\n\
         [profile far]\nrole_arn = arn:aws:iam::999999999999:role/far\nsource_profile = dev-long-term\n"
    ));
    let cached =
        json!({"Credentials": {}, "AssumedRoleUser": {"Arn": "arn:aws:sts::123456789012:assumed-role/audit/x"}});
    desk.home.write(".aws/cli/cache/0123.json", cached.to_string());
    let mut terminal = desk.terminal(&["revoke", "--user", "hanako"]);
    terminal.expect("ends: what hanako signed in to or was given before");
    terminal.expect(&format!("goes on: 1 access key of hanako ({})", key.id)).expect("awsenv iam keys disable");
    terminal.expect("each role is ended by itself: awsenv iam revoke --role ROLE");
    terminal
        .expect("roles that the files here know: deploy, audit")
        .expect("what IAM Identity Center gives is ended there");
    terminal.expect("End these sessions of hanako? [y/n] ").line("y");
    terminal.expect("awsenv iam revoke --user hanako --undo takes it back");
    assert_eq!(exit(&mut terminal), 0);
    assert!(!terminal.everything().contains("your own session") && !terminal.everything().contains("far"));
    let document = &desk.hanako.policies()[POLICY];
    let now = chrono::Utc::now().format("%Y-%m-%dT%H").to_string();
    assert!(ended(document).starts_with(&now[..10]) && ended(document).ends_with(".000Z"), "{document}");

    let shown = desk.run(&["revoke", "--user", "hanako", "--show"]).ok();
    let (shown, kept): (Value, Value) =
        (serde_json::from_str(&shown.out).expect("JSON alone"), serde_json::from_str(document).unwrap());
    assert_eq!(shown, kept);
    desk.run(&["revoke", "--user", "hanako", "--undo"]).failed(&["nothing was changed", "--yes"]);
    desk.run(&["revoke", "--user", "hanako", "--undo", "--yes"]).ok().says(&["not over by themselves work again"]);
    assert_eq!(desk.hanako.policies().len(), 0);
    desk.run(&["revoke", "--user", "hanako", "--undo", "--yes"]).ok().says(&["nothing to do"]);
    desk.run(&["revoke", "--user", "hanako", "--show"]).failed(&["no session of hanako was ended"]);
}

/// The policy holds: a session from before is refused, a later one and the long-term key are not.
#[test]
fn the_own_session_is_named_and_really_ends() {
    let desk = Desk::new();
    let old = desk.user.session_issued(3600, 7200);
    desk.home.credentials(format!(
        "{}\n[old]\naws_access_key_id = {}\naws_secret_access_key = {}\naws_session_token = {}\n",
        desk.home.text(".aws/credentials"),
        old.access_key_id,
        old.secret_access_key,
        old.session_token
    ));
    desk.run(&["show", "--profile", "old"]).ok();
    desk.run(&["revoke", "--before", "30m", "--yes"]).ok().says(&["your own session is among them"]);
    let refused = desk.run(&["show", "--profile", "old"]).ok();
    assert!(refused.out.contains("not shown: a policy denies iam:GetUser"), "{refused:?}");
    desk.run(&["mfa", "list", "--profile", "old"])
        .failed(&["a policy denies iam:ListMFADevices", "awsenv refresh --force"]);
    desk.run(&["mfa", "list"]).ok();
    desk.run(&["mfa", "list", "--profile", "dev-long-term"]).ok();
    desk.run(&["revoke", "--undo", "--yes"]).ok();
    desk.run(&["mfa", "list", "--profile", "old"]).ok();
}

#[test]
fn a_policy_moves_forward_in_time_and_back_only_when_told() {
    let desk = Desk::new();
    let role = desk.aws.role("deploy");
    let time = |role: &testbed::aws::Role| ended(&role.policies()[POLICY]);
    desk.run(&["revoke", "--role", "deploy", "--before", "2026-01-02T03:04:05Z", "--yes"]).ok();
    assert_eq!(time(&role), "2026-01-02T03:04:05.000Z");
    desk.run(&["revoke", "--role", role.arn(), "--before", "2026-01-03T00:00:00Z", "--yes"]).ok();
    assert_eq!(time(&role), "2026-01-03T00:00:00.000Z");
    desk.run(&["revoke", "--role", "deploy", "--before", "2026-01-01T00:00:00Z"])
        .failed(&["given out between 2026-01-01T00:00:00Z and 2026-01-03T00:00:00Z work again"]);
    assert_eq!(time(&role), "2026-01-03T00:00:00.000Z");
    desk.run(&["revoke", "--role", "deploy", "--before", "2026-01-01T00:00:00Z", "--yes"]).ok();
    assert_eq!(time(&role), "2026-01-01T00:00:00.000Z");
    // Somebody's clock was ahead: now is not later than that.
    role.put_policy(POLICY, &policy("2099-01-01T00:00:00Z"));
    desk.run(&["revoke", "--role", "deploy", "--yes"]).ok().says(&["are ended already"]);
    assert_eq!(time(&role), "2099-01-01T00:00:00Z");
    for (before, status) in [("2098-01-01T00:00:00Z", 2), ("soon", 2), ("", 2)] {
        assert_eq!(desk.run(&["revoke", "--role", "deploy", "--before", before, "--yes"]).status, status, "{before}");
    }
}

#[test]
fn another_policy_of_that_name_stays() {
    let desk = Desk::new();
    let other = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}"#;
    desk.hanako.put_policy(POLICY, other);
    desk.run(&["revoke", "--user", "hanako", "--yes"]).failed(&["does something else", "--show prints it"]);
    assert_eq!(desk.hanako.policies()[POLICY], other);
}

#[test]
fn roles_that_nobody_may_change_are_named_as_such() {
    let desk = Desk::new();
    let arn = |path: &str| format!("arn:aws:iam::123456789012:role/{path}");
    desk.aws.role(&arn("aws-service-role/x.amazonaws.com/AWSServiceRoleForX"));
    desk.aws.role(&arn("aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123"));
    desk.run(&["revoke", "--role", "AWSServiceRoleForX", "--yes"]).failed(&["belongs to an AWS service"]);
    desk.run(&["revoke", "--role", "AWSReservedSSO_Admin_0123", "--yes"]).failed(&["belongs to IAM Identity Center"]);
    desk.run(&["revoke", "--role", "arn:aws:iam::999999999999:role/x", "--yes"]).failed(&["another account"]);
    desk.run(&["revoke", "--role", "nothing", "--yes"]).failed(&["The role with name nothing cannot be found."]);
    desk.run(&["revoke", "--user", "nobody", "--yes"]).failed(&["The user with name nobody cannot be found."]);
    assert_eq!(desk.count("PutRolePolicy") + desk.count("PutUserPolicy"), 0);
}

#[test]
fn only_the_change_itself_needs_its_permission() {
    let desk = Desk::new();
    for action in ["GetUserPolicy", "ListAccessKeys"] {
        desk.user.deny(&format!("iam:{action}"));
    }
    desk.run(&["revoke", "--user", "hanako", "--yes"]).ok().says(&["the permission iam:GetUserPolicy is missing"]);
    desk.user.deny("iam:PutUserPolicy");
    let ran = desk.run(&["revoke", "--user", "hanako", "--yes"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    ran.says(&["the permission iam:PutUserPolicy is missing"]);
    // Whether a time would go back cannot be told without looking: it is said, and is a matter of consent.
    desk.user.allow("iam:PutUserPolicy");
    desk.hanako.put_policy(POLICY, &policy("2026-01-02T00:00:00.000Z"));
    let back = ["revoke", "--user", "hanako", "--before", "2026-01-01T00:00:00Z"];
    let says = ["iam:GetUserPolicy is missing", "is replaced, whatever it says", "those in between work again"];
    desk.run(&back).failed(&[&says[..], &["nothing was changed"]].concat());
    assert_eq!(ended(&desk.hanako.policies()[POLICY]), "2026-01-02T00:00:00.000Z");
    desk.run(&[&back[..], &["--yes"]].concat()).ok().says(&says);
    // Nothing to take back shows only when it is tried.
    desk.run(&["revoke", "--user", "hanako", "--undo", "--yes"])
        .ok()
        .says(&["done: older sessions of hanako work again"]);
    desk.run(&["revoke", "--user", "hanako", "--undo", "--yes"]).ok().says(&["nothing to do"]);
}
