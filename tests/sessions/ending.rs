//! `awsenv logout`: what goes, what stays, and what is said about it.

use serde_json::json;

use super::desk::{Desk, REGION, now, rfc3339};

#[test]
fn aws_mfas_keys_leave_and_other_keys_stay() {
    let desk = Desk::aws_mfa();
    let rest = "# kept\n[other]\naws_access_key_id = A\n";
    desk.home.credentials(format!("{}{}region = eu-west-9\n{rest}", desk.long_term(), desk.session_section(3600)));
    let ran = desk.run(&["logout", "dev"]);
    assert_eq!((ran.status, ran.out.as_str()), (0, ""), "{ran:?}");
    assert!(ran.err.contains("the session of dev is gone") && ran.err.contains("work at AWS until"), "{ran:?}");
    assert_eq!(desk.home.text(".aws/credentials"), format!("{}[dev]\nregion = eu-west-9\n{rest}", desk.long_term()));
    assert_eq!(desk.kind_and_state("dev").1, "missing");
    let ran = desk.run(&["logout", "dev"]);
    assert!(ran.status == 0 && ran.err.contains("no session to end"), "{ran:?}");
    assert!(desk.aws.calls().is_empty());
}

#[test]
fn an_emptied_section_goes_and_the_profile_in_force_is_meant() {
    let desk = Desk::aws_mfa();
    desk.home.credentials(format!("{}\n{}", desk.long_term(), desk.session_section(-60)));
    let ran = desk.run_with(&["logout"], &[("AWS_PROFILE", "dev")]);
    assert!(ran.status == 0 && !ran.err.contains("work at AWS"), "what is over is over: {ran:?}");
    assert!(!desk.home.text(".aws/credentials").contains("[dev]"), "{}", desk.home.text(".aws/credentials"));
    assert!(desk.home.text(".aws/credentials").starts_with(&desk.long_term()));
}

#[test]
fn a_roles_sessions_go() {
    let desk = Desk::with_role("");
    assert_eq!(desk.run(&["refresh", "admin", &desk.device.code()]).status, 0);
    let ran = desk.run(&["logout", "admin"]);
    assert!(ran.status == 0 && ran.err.contains("the session of admin is gone"), "{ran:?}");
    // The MFA session below it serves other roles too: it stays, and that is said.
    assert!(ran.err.contains("that admin is made from stays good") && ran.err.contains("logout --all"), "{ran:?}");
    assert_eq!(desk.kind_and_state("admin").1, "refreshable");
    let left = |folder: &str| std::fs::read_dir(desk.home.path().join(folder)).expect("a folder").count();
    assert_eq!((left(".aws/cli/cache"), left(".aws/awsenv")), (0, 1));
    assert_eq!(desk.run(&["logout", "--all"]).status, 0);
    assert_eq!(desk.kind_and_state("admin").1, "missing");
    assert_eq!((left(".aws/cli/cache"), left(".aws/awsenv")), (0, 0));
    assert_eq!(desk.home.text(".aws/credentials"), format!("[base]\n{}", desk.key.lines()));
}

#[test]
fn a_role_on_dev_leaves_dev_alone() {
    let desk = Desk::aws_mfa();
    let role = desk.aws.role("Admin").trusts(desk.user.arn());
    desk.home.config(format!(
        "[profile dev]\nregion = {REGION}\n[profile admin]\nrole_arn = {}\nsource_profile = dev\n",
        role.arn()
    ));
    assert_eq!(desk.run(&["refresh", "admin", &desk.device.code()]).status, 0);
    assert_eq!(desk.run(&["logout", "admin"]).status, 0);
    assert_eq!((desk.kind_and_state("dev").1, desk.kind_and_state("admin").1), ("valid".into(), "refreshable".into()));
}

#[test]
fn all_ends_all_and_one_that_cannot_does_not_keep_the_rest() {
    let desk = Desk::aws_mfa();
    let url = "https://x.awsapps.com/start";
    desk.home.config(format!(
        "[profile asso]\nsso_start_url = {url}\nsso_region = us-east-1\n[profile bad]\nrole_arn = x\n[profile dev]\nregion = {REGION}\n"
    ));
    desk.home.credentials(format!("{}{}", desk.long_term(), desk.session_section(3600)));
    let name = {
        use sha1::{Digest, Sha1};
        Sha1::digest(url).iter().map(|b| format!("{b:02x}")).collect::<String>()
    };
    let token =
        json!({ "startUrl": url, "region": "us-east-1", "accessToken": "x", "expiresAt": rfc3339(now() + 3600) });
    desk.home.write(format!(".aws/sso/cache/{name}.json"), token.to_string());
    let ran = desk.run(&["logout", "--all"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.err.contains("signed out of asso") && ran.err.contains("bad has role_arn without a source"), "{ran:?}");
    assert_eq!(desk.kind_and_state("dev").1, "missing");
    desk.home.config(format!("[profile dev]\nregion = {REGION}\n"));
    let ran = desk.run(&["logout", "--all"]);
    assert!(ran.status == 0 && ran.err.contains("there was no session on this machine"), "{ran:?}");
    assert_eq!(desk.run(&["logout", "gone"]).status, 1);
    assert_eq!(desk.run(&["logout", "dev", "--all"]).status, 2);
}

#[test]
fn an_sso_profile_without_a_session_is_no_failure() {
    let desk = Desk::aws_mfa();
    desk.home.config("[profile s]\nsso_start_url = https://x.awsapps.com/start\nsso_region = us-east-1\n");
    let ran = desk.run(&["logout", "--all"]);
    assert_eq!(ran.status, 0, "{ran:?}");
}
