//! The keys of a role in Identity Center: fetched, kept where the AWS CLI keeps them, and refused.

use serde_json::Value;
use testbed::aws::{Consent, Fault};

use super::desk::{ACCOUNT, Desk, exit};

fn keys(desk: &Desk) -> Value {
    let ran = desk.run(&["credentials", "dev"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    serde_json::from_str(&ran.out).expect("JSON")
}

#[test]
fn a_role_s_keys_are_fetched_once_and_kept_for_the_aws_cli() {
    let desk = Desk::new();
    desk.token(3600);
    let first = keys(&desk);
    assert!(first["AccessKeyId"].as_str().is_some_and(|id| id.starts_with("ASIA")), "{first}");
    assert_eq!(keys(&desk), first);
    assert_eq!(desk.count("GetRoleCredentials"), 1);
    let folder = desk.home.path().join(".aws/cli/cache");
    let files: Vec<_> = folder.read_dir().expect("it is there").map(|f| f.expect("an entry").path()).collect();
    let kept = files.iter().find(|f| f.extension().is_some_and(|e| e == "json")).expect("a file");
    let kept: Value = serde_json::from_slice(&std::fs::read(kept).expect("readable")).expect("JSON");
    assert_eq!((&kept["ProviderType"], &kept["Credentials"]["AccountId"]), (&"sso".into(), &ACCOUNT.into()));
    assert!(kept["Credentials"]["Expiration"].as_str().is_some_and(|t| t.ends_with('Z')), "{kept}");
}

#[test]
fn exec_hands_them_to_a_program() {
    let desk = Desk::new();
    desk.token(3600);
    let ran = desk.run(&[
        "exec",
        "dev",
        "--",
        "sh",
        "-c",
        "echo ${AWS_ACCESS_KEY_ID%${AWS_ACCESS_KEY_ID#ASIA}} $AWS_PROFILE. $AWS_REGION",
    ]);
    assert_eq!((ran.status, ran.out.as_str()), (0, "ASIA . eu-west-1\n"), "{ran:?}");
}

#[test]
fn without_a_terminal_nobody_is_asked() {
    let desk = Desk::new();
    let ran = desk.run(&["credentials", "dev"]);
    assert_eq!((ran.status, ran.out.as_str()), (1, ""));
    assert!(
        ran.err.contains("dev has no session yet, and there is no terminal to ask on: awsenv refresh dev"),
        "{ran:?}"
    );
    assert!(desk.aws.calls().is_empty());
}

#[test]
fn a_role_that_is_not_assigned_is_named() {
    let desk = Desk::new();
    desk.token(3600);
    desk.directory.unassign(ACCOUNT);
    let ran = desk.run(&["credentials", "dev"]);
    assert_eq!(ran.status, 1);
    assert!(ran.err.contains("dev: role Admin in account 111122223333: AWS does not allow it"), "{ran:?}");
    assert!(ran.err.contains("awsenv sso roles"), "{ran:?}");
}

#[test]
fn too_many_calls_are_tried_again() {
    let desk = Desk::new();
    desk.token(3600);
    desk.aws.fault_on("GetRoleCredentials", Fault::Throttling, 2);
    keys(&desk);
    assert_eq!(desk.count("GetRoleCredentials"), 3);
}

#[test]
fn a_token_that_was_ended_at_aws_is_renewed_or_asked_for() {
    let mut desk = Desk::new();
    desk.token(3600);
    desk.directory.end_access_tokens();
    // Its refresh token still works.
    keys(&desk);
    assert_eq!(desk.aws.token_calls("refresh_token"), 1);

    desk.directory.end_sign_ins();
    std::fs::remove_dir_all(desk.home.path().join(".aws/cli/cache")).expect("it is there");
    let ran = desk.run(&["credentials", "dev"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert_eq!(ran.err.lines().count(), 1, "{ran:?}");
    assert_eq!(desk.state("dev"), "missing");
    desk.browser(Consent::Allow);
    let mut terminal = desk.terminal(&["exec", "dev", "--", "true"]);
    terminal.expect("SSO session corp (d-1234567890.awsapps.com): y opens the browser, Ctrl-C to stop: ").line("y");
    assert_eq!(exit(&mut terminal), 0, "{}", terminal.everything());
}

#[test]
fn a_profile_without_a_role_signs_in_but_has_no_keys() {
    let desk = Desk::with("[profile bare]\nsso_session = corp\n");
    desk.directory.set_consent(Consent::Allow);
    assert_eq!(exit(&mut desk.terminal(&["refresh", "bare", "--device-code"])), 0);
    let ran = desk.run(&["credentials", "bare"]);
    assert!(ran.status == 1 && ran.err.contains("names no role to have keys of: sso_account_id and"), "{ran:?}");
}

#[test]
fn a_role_on_top_of_an_sso_profile_is_assumed_with_its_keys() {
    let desk = Desk::with("[profile deploy]\nrole_arn = arn:aws:iam::444455556666:role/Deploy\nsource_profile = dev\n");
    let trusted = desk.directory.role_arn(ACCOUNT, "Admin");
    let _ = desk.aws.role("arn:aws:iam::444455556666:role/Deploy").trusts(&trusted);
    desk.token(3600);
    let ran = desk.run(&["credentials", "deploy"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!((desk.count("GetRoleCredentials"), desk.count("AssumeRole")), (1, 1));
    assert_eq!(desk.status("deploy")["kind"], "role");
}

#[test]
fn a_token_of_another_portal_or_region_is_not_used() {
    let desk = Desk::new();
    let token = desk.token(3600);
    for other in [
        token.file().replace("d-1234567890", "d-9999999999"),
        token.file().replace("\"region\":\"eu-west-1\"", "\"region\":\"us-east-1\""),
    ] {
        desk.home.write(testbed::aws::cache_name("corp"), other);
        assert_eq!(desk.state("dev"), "missing");
        assert_eq!(desk.run(&["credentials", "dev"]).status, 1);
    }
    assert!(desk.aws.calls().is_empty());
}
