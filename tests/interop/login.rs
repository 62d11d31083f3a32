//! `aws login` as botocore has it: boto3 uses the session that awsenv renewed, and awsenv the one that boto3 renewed.

use serde_json::Value;
use testbed::aws::Login;

use super::desk::{Desk, TARO};

fn signed_in(desk: &Desk, seconds: i64) -> Login {
    desk.home.config(format!("[profile log]\nlogin_session = {TARO}\nregion = us-east-1\n"));
    let login = desk.aws.login(TARO);
    desk.home.write(login.file_name(), login.file(seconds));
    login
}

fn key_id(desk: &Desk, login: &Login) -> String {
    let file: Value = serde_json::from_str(&desk.home.text(login.file_name())).expect("JSON");
    file["accessToken"]["accessKeyId"].as_str().expect("a key").to_owned()
}

/// The proofs of botocore are made by awscrt, which not every environment has.
fn has_crt() -> bool {
    testbed::require_python("awscrt").is_some()
}

#[test]
fn boto3_uses_what_awsenv_renewed() {
    if !has_crt() {
        return;
    }
    let desk = Desk::new();
    let login = signed_in(&desk, -60);
    desk.awsenv(&["refresh", "log"]);
    let renewed = key_id(&desk, &login);
    let Some(who) = desk.boto3(&[("AWS_PROFILE", "log")]) else { return };
    assert_eq!(who, TARO);
    assert_eq!((desk.aws.calls_of("CreateOAuth2Token").len(), key_id(&desk, &login)), (1, renewed));
}

#[test]
fn awsenv_uses_what_boto3_renewed() {
    if !has_crt() {
        return;
    }
    let desk = Desk::new();
    let login = signed_in(&desk, -60);
    let Some(who) = desk.boto3(&[("AWS_PROFILE", "log")]) else { return };
    assert_eq!(who, TARO);
    let answer: Value = serde_json::from_str(&desk.awsenv(&["credentials", "log"])).expect("JSON");
    assert_eq!(answer["AccessKeyId"], key_id(&desk, &login));
    assert_eq!(desk.aws.calls_of("CreateOAuth2Token").len(), 1);
    // And the next time awsenv renews with the refresh token that boto3 left.
    let mut file: Value = serde_json::from_str(&desk.home.text(login.file_name())).expect("JSON");
    file["accessToken"]["expiresAt"] = "2026-01-01T00:00:00Z".into();
    desk.home.write(login.file_name(), file.to_string());
    desk.awsenv(&["credentials", "log"]);
    let calls = desk.aws.calls_of("CreateOAuth2Token");
    assert_eq!(calls.iter().map(|c| c.accepted).collect::<Vec<_>>(), [true, true]);
}
