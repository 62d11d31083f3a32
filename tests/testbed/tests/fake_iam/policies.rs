use testbed::aws::client::element;

use super::{bed, elements};

const DOCUMENT: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;

#[test]
fn users_and_roles_have_inline_policies() {
    let bed = bed();
    let role = bed.aws.role("ops");
    for (kind, name, param) in [("User", "taro", "UserName"), ("Role", "ops", "RoleName")] {
        let owner = (param, name);
        let action = |verb: &str| format!("{verb}{kind}Policy");
        let list = format!("List{kind}Policies");
        let policy = ("PolicyName", "extra");
        let absent = format!("The {} policy with name extra cannot be found.", kind.to_lowercase());
        for verb in ["Get", "Delete"] {
            bed.refused(&action(verb), &[owner, policy], (404, "NoSuchEntity", &absent));
        }
        let put = |document| bed.call(&bed.session, &action("Put"), &[owner, policy, ("PolicyDocument", document)]);
        put(DOCUMENT).expect("a policy");
        assert_eq!(elements(&bed.ok(&list, &[owner]), "member"), ["extra"]);
        let got = bed.ok(&action("Get"), &[owner, policy]);
        assert_eq!((element(&got, param), element(&got, "PolicyName")), (Some(name), Some("extra")));
        let document = element(&got, "PolicyDocument").expect("a document");
        assert!(document.starts_with("%7B%22Version%22%3A%222012-10-17%22%2C"), "{document}");

        let wrong = [
            ("{", "This policy contains invalid Json"),
            (r#"{"Version":"2026-01-01","Statement":[]}"#, "Syntax errors in policy."),
            (&DOCUMENT.replace("Allow", "Refuse"), "Syntax errors in policy."),
            (&DOCUMENT.replace("Action", "NoAction"), "Policy statement must contain actions."),
            (&DOCUMENT.replace("Resource", "NoResource"), "Policy statement must contain resources."),
            (
                &DOCUMENT.replace(r#""*"}"#, r#""*","Condition":{"DateLessThan":{"aws:TokenIssueTime":"now"}}}"#),
                "Syntax errors in policy.",
            ),
        ];
        for (document, text) in wrong {
            let refusal = put(document).expect_err("a refusal");
            assert_eq!(refusal, (400, "MalformedPolicyDocument".into(), text.into()), "{document}");
        }
        let most = if kind == "User" { 2048 } else { 10_240 };
        let long = DOCUMENT.replace("s3:*", &"x".repeat(most));
        let text = format!("Maximum policy size of {most} bytes exceeded for {} {name}", kind.to_lowercase());
        assert_eq!(put(&long).expect_err("a refusal"), (409, "LimitExceeded".into(), text));
        // Blanks do not count.
        put(&DOCUMENT.replace("{\"Version", &format!("{{{}\"Version", " ".repeat(most)))).expect("a policy");
        bed.ok(&action("Delete"), &[owner, policy]);
        assert_eq!(elements(&bed.ok(&list, &[owner]), "member").len(), 0);
    }
    assert!(role.policies().is_empty() && bed.admin.policies().is_empty());
    let nobody = [("RoleName", "nobody")];
    bed.refused("ListRolePolicies", &nobody, (404, "NoSuchEntity", "The role with name nobody cannot be found."));
    bed.refused("GetRole", &nobody, (404, "NoSuchEntity", "The role with name nobody cannot be found."));
}

#[test]
fn a_role_is_shown_with_its_trust() {
    let bed = bed();
    let role = bed.aws.role("arn:aws:iam::123456789012:role/team/ops").trusts(bed.admin.arn()).needs_mfa();
    let shown = bed.ok("GetRole", &[("RoleName", "ops")]);
    assert_eq!((element(&shown, "Arn"), element(&shown, "Path")), (Some(role.arn()), Some("/team/")));
    assert_eq!(element(&shown, "MaxSessionDuration"), Some("3600"));
    let trust = element(&shown, "AssumeRolePolicyDocument").expect("a document");
    assert!(trust.contains("aws%3AMultiFactorAuthPresent"), "{trust}");
}

#[test]
fn roles_of_aws_itself_are_not_changed() {
    let bed = bed();
    let center = "AWSReservedSSO_Admin_0123456789abcdef";
    bed.aws.role(&format!("arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/{center}"));
    bed.aws.role("arn:aws:iam::123456789012:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig");
    for name in [center, "AWSServiceRoleForConfig"] {
        let text = format!(
            "Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"
        );
        let put = [("RoleName", name), ("PolicyName", "extra"), ("PolicyDocument", DOCUMENT)];
        bed.refused("PutRolePolicy", &put, (400, "UnmodifiableEntity", &text));
        bed.refused("DeleteRolePolicy", &put[..2], (400, "UnmodifiableEntity", &text));
    }
}
