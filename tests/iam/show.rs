//! `iam show`: one screen, and what is not seen is said.

use serde_json::Value;
use testbed::aws::{Fault, PasswordPolicy};

use super::desk::{Desk, exit};

#[test]
fn one_screen_says_what_a_user_has() {
    let desk = Desk::new();
    desk.hanako.set_password("Old-password-1", true).set_password_last_used(Some(3 * 86_400));
    let key = desk.hanako.key();
    key.set_age(120 * 86_400);
    key.set_last_used(2 * 3600, "s3", "eu-west-1");
    desk.hanako.key().deactivate();
    desk.hanako.device("hanako");
    desk.hanako.put_policy(
        "AWSRevokeOlderSessions",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["*"],"Resource":["*"],"Condition":{"DateLessThan":{"aws:TokenIssueTime":"2026-01-01T00:00:00.000Z"}}}]}"#,
    );
    desk.aws.set_password_policy(Some(PasswordPolicy {
        minimum_length: 14,
        symbols: true,
        numbers: true,
        max_age: Some(90),
        reuse_prevention: Some(5),
        ..PasswordPolicy::default()
    }));
    // Several pages are one list.
    desk.aws.set_page_size(Some(1));
    let shown = desk.run(&["show", "hanako"]).ok();
    assert!(shown.err.is_empty(), "{shown:?}");
    for text in [
        "hanako  arn:aws:iam::123456789012:user/hanako",
        "must be changed at the next sign-in, last used 3 days ago",
        "arn:aws:iam::123456789012:mfa/hanako",
        "active, 120 days old, last used 2h00m ago (s3, eu-west-1)",
        "inactive, ",
        "never used",
        "those given out before 2026-01-01T00:00:00Z (AWSRevokeOlderSessions)",
        "at least 14 characters",
        "in it a digit, a symbol",
        "none of the 5 before",
        "it must be changed every 90 days",
    ] {
        assert!(shown.out.contains(text), "{text:?} is missing:\n{}", shown.out);
    }
    let json: Value = serde_json::from_str(&desk.run(&["show", "hanako", "--json"]).ok().out).expect("JSON alone");
    assert_eq!(json["user"], "hanako");
    assert_eq!(json["console_password"]["must_be_changed"], true);
    assert_eq!(json["access_keys"].as_array().map(Vec::len), Some(2));
    let used = json["access_keys"].as_array().unwrap().iter().find(|k| k["id"] == key.id.as_str()).unwrap();
    assert_eq!((&used["active"], &used["last_used_service"]), (&Value::Bool(true), &Value::from("s3")));
    assert_eq!(json["ended_sessions"][0]["before"], "2026-01-01T00:00:00Z");
    assert_eq!(json["not_shown"], Value::Array(Vec::new()));
}

#[test]
fn without_a_name_it_is_the_caller() {
    let desk = Desk::new();
    let shown = desk.run(&["show"]).ok();
    assert!(shown.out.starts_with("taro (you)  arn:aws:iam::123456789012:user/taro\n"), "{shown:?}");
    assert!(shown.out.contains("console password  none") && shown.out.contains("AWS's own"), "{shown:?}");
    desk.run(&["show", "nobody"]).failed(&["The user with name nobody cannot be found."]);
}

/// "A stranger's account": each look-up may be denied, and is then left out with its name.
#[test]
fn a_denied_look_up_is_skipped_and_said() {
    for (action, rest) in [
        ("GetUser", "access keys"),
        ("GetLoginProfile", "MFA devices"),
        ("ListMFADevices", "console password"),
        ("ListAccessKeys", "console password"),
        ("GetAccessKeyLastUsed", "active, "),
        ("ListUserPolicies", "password policy"),
        ("GetAccountPasswordPolicy", "access keys"),
    ] {
        let desk = Desk::new();
        desk.hanako.key();
        desk.user.deny(&format!("iam:{action}"));
        let shown = desk.run(&["show", "hanako"]).ok();
        let line = format!("not shown: the permission iam:{action} is missing");
        assert!(shown.out.contains(&line) && shown.out.contains(rest), "{action}: {shown:?}");
        let json: Value = serde_json::from_str(&desk.run(&["show", "hanako", "--json"]).ok().out).unwrap();
        assert_eq!(json["not_shown"], serde_json::json!([format!("iam:{action}")]), "{action}");
    }
}

#[test]
fn the_code_comes_first_where_the_session_is_over() {
    let desk = Desk::new();
    desk.session(-60);
    let ran = desk.run(&["show"]);
    assert!(ran.status == 1 && ran.err.contains("awsenv refresh dev"), "{ran:?}");
    assert_eq!(desk.count("GetUser"), 0);
    let mut terminal = desk.terminal(&["show"]);
    terminal
        .expect("MFA code for dev (arn:aws:iam::123456789012:mfa/taro), Ctrl-C to stop: ")
        .line(&desk.device.code());
    terminal.expect("taro (you)");
    assert_eq!(exit(&mut terminal), 0);
}

#[test]
fn whose_iam_is_meant_is_clear() {
    let mut desk = Desk::new();
    let role = desk.aws.role("admin").trusts(desk.user.arn());
    let config = desk.home.text(".aws/config");
    desk.home.config(format!(
        "{config}[profile admin]\nrole_arn = {}\nsource_profile = dev\nregion = eu-west-1\n",
        role.arn()
    ));
    desk.run(&["--profile", "admin", "show"]).failed(&["the session of a role", "name the IAM user"]);
    desk.run(&["show", "hanako", "--profile", "admin"]).ok();
    desk.home.set("AWS_ACCESS_KEY_ID", &desk.key.id).set("AWS_SECRET_ACCESS_KEY", &desk.key.secret);
    desk.run(&["show"]).failed(&["AWS_ACCESS_KEY_ID is set", "--profile NAME"]);
    desk.run(&["show", "--profile", "dev"]).ok();
}

#[test]
fn what_fails_in_passing_is_tried_again_and_the_rest_has_its_sentence() {
    let desk = Desk::new();
    desk.aws.fault_on("GetUser", Fault::Throttling, 2);
    desk.aws.fault_on("ListMFADevices", Fault::ServerError(500), 1);
    desk.run(&["show"]).ok();
    assert_eq!((desk.count("GetUser"), desk.count("ListMFADevices")), (3, 2));
    desk.aws.fault_on("GetUser", Fault::Portal, 1);
    desk.run(&["show"]).failed(&["answered 200, not as AWS does"]);
    // A clock that is an hour off: IAM's refusal says so, and the call goes out again.
    desk.aws.set_clock_offset(1800);
    desk.run(&["show"]).ok();
}

#[test]
fn a_session_without_mfa_is_explained() {
    let desk = Desk::new();
    let session = desk.user.session_without_code(3600);
    desk.home.credentials(format!(
        "[plain]\naws_access_key_id = {}\naws_secret_access_key = {}\naws_session_token = {}\n",
        session.access_key_id, session.secret_access_key, session.session_token
    ));
    desk.run(&["show", "--profile", "plain"]).failed(&["made without an MFA code"]);
}

#[test]
fn what_the_service_sends_cannot_draw() {
    let desk = Desk::new();
    desk.hanako.key().set_last_used(60, "s3\u{9b}2J", "eu\u{202e}");
    let shown = desk.run(&["show", "hanako"]).ok();
    assert!(shown.out.contains("(s32J, eu)"), "{shown:?}");
}
