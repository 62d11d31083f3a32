use testbed::aws::PasswordPolicy;
use testbed::aws::client::{Signer, element};

use super::{bed, refused};

const GOOD: &str = "Correct-Horse-1";

#[test]
fn a_login_profile_is_made_changed_and_taken_away() {
    let bed = bed();
    let hana = bed.aws.user("hana");
    let user = ("UserName", "hana");
    let none = (404, "NoSuchEntity", "Login Profile for User hana cannot be found.");
    let nobody = (404, "NoSuchEntity", "The user with name jiro cannot be found.");
    for action in ["GetLoginProfile", "UpdateLoginProfile", "DeleteLoginProfile"] {
        bed.refused(action, &[user], none);
        bed.refused(action, &[("UserName", "jiro")], nobody);
    }
    bed.refused("CreateLoginProfile", &[("UserName", "jiro"), ("Password", GOOD)], nobody);

    let create = [user, ("Password", GOOD), ("PasswordResetRequired", "true")];
    let made = bed.ok("CreateLoginProfile", &create);
    assert_eq!((element(&made, "UserName"), element(&made, "PasswordResetRequired")), (Some("hana"), Some("true")));
    assert_eq!((hana.password().as_deref(), hana.reset_required()), (Some(GOOD), Some(true)));
    let exists = (409, "EntityAlreadyExists", "Login Profile for user hana already exists.");
    bed.refused("CreateLoginProfile", &create, exists);
    assert_eq!(element(&bed.ok("GetLoginProfile", &[user]), "PasswordResetRequired"), Some("true"));

    let changed = bed.ok("UpdateLoginProfile", &[user, ("Password", "Staple-22"), ("PasswordResetRequired", "false")]);
    assert!(!changed.contains("Result"), "{changed}");
    assert_eq!((hana.password().as_deref(), hana.reset_required()), (Some("Staple-22"), Some(false)));
    bed.ok("UpdateLoginProfile", &[user, ("PasswordResetRequired", "true")]);
    assert_eq!((hana.password().as_deref(), hana.reset_required()), (Some("Staple-22"), Some(true)));
    bed.ok("DeleteLoginProfile", &[user]);
    assert_eq!(hana.password(), None);
}

#[test]
fn a_profile_that_is_being_made_is_not_changed() {
    let bed = bed();
    bed.admin.set_password(GOOD, false).hold_login_profile(3);
    let text = "Login Profile for User taro cannot be modified while login profile is being created.";
    let held = (409, "EntityTemporarilyUnmodifiable", text);
    bed.refused("UpdateLoginProfile", &[("UserName", "taro"), ("Password", "Staple-22")], held);
    bed.refused("DeleteLoginProfile", &[], held);
    bed.refused("ChangePassword", &[("OldPassword", GOOD), ("NewPassword", "Staple-22")], held);
    assert_eq!(bed.admin.password().as_deref(), Some(GOOD));
    bed.ok("DeleteLoginProfile", &[]);
}

#[test]
fn people_change_their_own_password() {
    let bed = bed();
    let change = |old, new| bed.call(&bed.session, "ChangePassword", &[("OldPassword", old), ("NewPassword", new)]);
    let none = (404, "NoSuchEntity", "Login Profile for User taro cannot be found.");
    refused(change(GOOD, "Staple-22"), none);
    bed.admin.set_password(GOOD, true);
    refused(change("wrong", "Staple-22"), (403, "AccessDenied", "The old password was incorrect."));
    let short = (400, "PasswordPolicyViolation", "Password should have a minimum length of 8");
    refused(change(GOOD, "x"), short);
    change(GOOD, "Staple-22").expect("AWS changes it");
    assert_eq!((bed.admin.password().as_deref(), bed.admin.reset_required()), (Some("Staple-22"), Some(false)));

    let role = Signer::from(&bed.aws.role("admin").session("x", 900));
    let by_role = bed.call(&role, "ChangePassword", &[("OldPassword", GOOD), ("NewPassword", "Staple-22")]);
    assert_eq!(by_role.expect_err("a refusal").1, "InvalidUserType");
}

#[test]
fn passwords_keep_to_the_rules() {
    let bed = bed();
    let set =
        |password: &str| bed.call(&bed.session, "UpdateLoginProfile", &[("UserName", "taro"), ("Password", password)]);
    let against = |password: &str, text: &str| refused(set(password), (400, "PasswordPolicyViolation", text));
    bed.admin.set_password("First-Word-0", false);
    let missing = (404, "NoSuchEntity", "The Password Policy with domain name 123456789012 cannot be found.");
    bed.refused("GetAccountPasswordPolicy", &[], missing);
    against("Ab1!", "Password should have a minimum length of 8");
    against(
        "abcdefgh1",
        "Password should meet 1 more of the following requirements: Password should have at least one uppercase letter, \
         Password should have at least one symbol",
    );
    set("Abcdefgh1").expect("three kinds are enough");

    bed.aws.set_password_policy(Some(PasswordPolicy {
        minimum_length: 14,
        symbols: true,
        numbers: true,
        uppercase: true,
        lowercase: true,
        users_may_change: true,
        max_age: Some(90),
        reuse_prevention: Some(2),
        hard_expiry: false,
    }));
    let policy = bed.ok("GetAccountPasswordPolicy", &[]);
    let number = |name| element(&policy, name).and_then(|text| text.parse().ok());
    let numbers = ["MinimumPasswordLength", "MaxPasswordAge", "PasswordReusePrevention"].map(number);
    assert_eq!(numbers, [Some(14), Some(90), Some(2)]);
    assert_eq!(element(&policy, "ExpirePasswords"), Some("true"));
    against("Correct-Horse", "Password should have a minimum length of 14");
    against("Correct-Horse-Battery", "Password should have at least one number");
    set("Correct-Horse-1").expect("all kinds");
    set("Correct-Horse-2").expect("all kinds");
    against("Correct-Horse-1", "Password does not conform to the account password policy.");
    set("Correct-Horse-3").expect("all kinds");
    set("Correct-Horse-1").expect("two others came since");
    let outside = set("Correct-Horse-\u{1f40e}").expect_err("a refusal");
    assert_eq!(outside.1, "ValidationError");
    assert!(!outside.2.contains("Horse"), "{outside:?}");
}
