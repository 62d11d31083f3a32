//! Roles for the holder of a web identity token, alone and as the source of other roles.

use testbed::aws::Fault;

use super::desk::{Desk, REGION};

const CI: &str = "arn:aws:iam::123456789012:role/Ci";
const DEPLOY: &str = "arn:aws:iam::444455556666:role/Deploy";
const TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJyZXBvIn0.c2lnbmF0dXJl";

/// `ci` is the role Ci for the token's holder, `deploy` a role on top of it.
fn desk() -> Desk {
    let desk = Desk::new();
    let _ = desk.aws.role(CI).trusts(&format!("web-identity:{TOKEN}"));
    let _ = desk.aws.role(DEPLOY).trusts(CI);
    let token = desk.home.path().join("token");
    desk.home.write("token", format!("{TOKEN}\n"));
    desk.home.config(format!(
        "[profile ci]\nrole_arn = {CI}\nweb_identity_token_file = {}\nregion = {REGION}\n\
         [profile deploy]\nrole_arn = {DEPLOY}\nsource_profile = ci\nregion = {REGION}\n",
        token.display()
    ));
    desk
}

#[test]
fn a_token_gives_a_role_s_keys_and_those_of_the_roles_on_top() {
    let desk = desk();
    let first = desk.run(&["credentials", "ci"]);
    assert!(first.status == 0 && first.out.contains("\"AccessKeyId\":\"ASIA"), "{first:?}");
    assert_eq!(desk.run(&["credentials", "ci"]).out, first.out, "from its cache");
    assert_eq!((desk.count("AssumeRoleWithWebIdentity"), desk.count("AssumeRole")), (1, 0));
    let ran = desk.run(&["credentials", "deploy"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!((desk.count("AssumeRoleWithWebIdentity"), desk.count("AssumeRole")), (1, 1));
    assert_eq!(desk.kind_and_state("ci").0, "web-identity");
}

#[test]
fn what_is_wrong_with_a_token_is_one_line_without_it() {
    let desk = desk();
    // Tried twice, as everything that asks nobody.
    desk.aws.fault_on("AssumeRoleWithWebIdentity", Fault::Refuse(400, "ExpiredTokenException"), 2);
    for (text, said) in [
        (TOKEN, "it is over; whoever writes its file has to renew it"),
        ("not.a.jwt.at-all", "AWS answered InvalidIdentityToken"),
        ("eyJ.other.token", "AWS does not allow it: Not authorized to perform sts:AssumeRoleWithWebIdentity"),
        (" \n", "is empty"),
    ] {
        desk.home.write("token", text);
        let ran = desk.run(&["credentials", "ci"]);
        assert_eq!((ran.status, ran.err.lines().count(), ran.out.as_str()), (1, 1, ""), "{ran:?}");
        assert!(ran.err.contains(said), "{said}: {ran:?}");
        assert!(text.trim().is_empty() || !ran.err.contains(text), "{ran:?}");
    }
    std::fs::remove_file(desk.home.path().join("token")).expect("it is there");
    let ran = desk.run(&["credentials", "ci"]);
    assert!(ran.status == 1 && ran.err.contains("web_identity_token_file"), "{ran:?}");
}
