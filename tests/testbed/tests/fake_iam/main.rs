//! The fake's IAM refuses what AWS's refuses, with its words, and changes what it says it changes.

mod devices;
mod keys;
mod passwords;
mod policies;
mod sessions;

use testbed::FakeAws;
use testbed::aws::client::{Signer, element, query, query_in};
use testbed::aws::{Fault, Key, User};

/// An account with an administrator, who has a key and a session with a code.
struct Bed {
    aws: FakeAws,
    admin: User,
    key: Key,
    session: Signer,
}

/// An answer that was no refusal, or a refusal: status, code and text.
type Outcome = Result<String, (u16, String, String)>;

fn bed() -> Bed {
    let aws = FakeAws::start();
    let admin = aws.user("taro");
    let key = admin.key();
    let session = Signer::from(&admin.session(3600));
    Bed { aws, admin, key, session }
}

fn outcome((status, body): (u16, String)) -> Outcome {
    let text = |name| element(&body, name).unwrap_or_default().to_owned();
    if status == 200 { Ok(body) } else { Err((status, text("Code"), text("Message"))) }
}

impl Bed {
    fn call(&self, signer: &Signer, action: &str, params: &[(&str, &str)]) -> Outcome {
        outcome(query(&self.aws.url(), signer, "iam", action, params).expect("the fake answers"))
    }

    fn sts(&self, signer: &Signer, action: &str, params: &[(&str, &str)]) -> Outcome {
        outcome(query(&self.aws.url(), signer, "sts", action, params).expect("the fake answers"))
    }

    /// A call of the administrator that succeeds.
    #[track_caller]
    fn ok(&self, action: &str, params: &[(&str, &str)]) -> String {
        self.call(&self.session, action, params).expect("AWS does this")
    }

    /// A call of the administrator that is refused in this way, to the word.
    #[track_caller]
    fn refused(&self, action: &str, params: &[(&str, &str)], expected: (u16, &str, &str)) {
        refused(self.call(&self.session, action, params), expected);
    }
}

#[track_caller]
fn refused(outcome: Outcome, (status, code, text): (u16, &str, &str)) {
    assert_eq!(outcome.expect_err("a refusal"), (status, code.to_owned(), text.to_owned()));
}

/// The texts of all elements of this name.
fn elements<'a>(xml: &'a str, name: &str) -> Vec<&'a str> {
    let (start, end) = (format!("<{name}>"), format!("</{name}>"));
    xml.split(&start).skip(1).filter_map(|rest| Some(rest.split_once(&end)?.0)).collect()
}

const UNKNOWN_KEY: (u16, &str, &str) =
    (403, "InvalidClientTokenId", "The security token included in the request is invalid");

#[test]
fn a_user_is_shown_with_what_is_known_of_it() {
    let bed = bed();
    let hana = bed.aws.user("team/hana");
    hana.set_password_last_used(Some(60));
    let own = bed.ok("GetUser", &[]);
    assert_eq!((element(&own, "UserName"), element(&own, "Path")), (Some("taro"), Some("/")));
    assert_eq!(element(&own, "PasswordLastUsed"), None);
    assert!(own.contains("xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\""), "{own}");
    let other = bed.ok("GetUser", &[("UserName", "hana")]);
    assert_eq!((element(&other, "Arn"), element(&other, "Path")), (Some(hana.arn()), Some("/team/")));
    assert!(element(&other, "PasswordLastUsed").is_some());
    let unknown = (404, "NoSuchEntity", "The user with name jiro cannot be found.");
    bed.refused("GetUser", &[("UserName", "jiro")], unknown);
    bed.aws.user_in("210987654321", "jiro");
    bed.refused("GetUser", &[("UserName", "jiro")], unknown);

    let role = bed.aws.role("admin");
    let text = "Must specify userName when calling with non-User credentials";
    let by_role = |params: &[(&str, &str)]| bed.call(&Signer::from(&role.session("x", 900)), "GetUser", params);
    refused(by_role(&[]), (400, "ValidationError", text));
    by_role(&[("UserName", "taro")]).expect("a role may look");
}

#[test]
fn an_account_has_an_alias_and_counts() {
    let bed = bed();
    assert_eq!(element(&bed.ok("ListAccountAliases", &[]), "member"), None);
    bed.aws.set_account_alias(Some("corp"));
    assert_eq!(element(&bed.ok("ListAccountAliases", &[]), "member"), Some("corp"));
    assert!(bed.ok("GetAccountSummary", &[]).contains("<entry><key>Users</key><value>1</value></entry>"));
}

#[test]
fn iam_has_one_region_per_partition() {
    let bed = bed();
    let call = |region: &str, signer: &Signer| {
        outcome(query_in(region, &bed.aws.url(), signer, "iam", "GetUser", &[]).expect("the fake answers"))
    };
    let wrong = (403, "SignatureDoesNotMatch", "Credential should be scoped to a valid region. ");
    refused(call("eu-central-1", &bed.session), wrong);
    for (partition, home) in [("aws-cn", "cn-north-1"), ("aws-us-gov", "us-gov-west-1")] {
        let user = bed.aws.user(&format!("arn:{partition}:iam::123456789012:user/taro"));
        let signer = Signer::from(&user.key());
        assert_eq!(element(&call(home, &signer).expect("the home region"), "Arn"), Some(user.arn()));
        refused(call("us-east-1", &signer), wrong);
    }
}

#[test]
fn what_a_user_may_not_do_is_said_in_awss_sentence() {
    let bed = bed();
    bed.admin.deny("iam:CreateLoginProfile").deny("iam:List*");
    let sentence = |action: &str, on: &str| {
        format!(
            "User: {} is not authorized to perform: {action} on resource: {on} because no identity-based policy allows \
             the {action} action",
            bed.admin.arn()
        )
    };
    let create = [("UserName", "jiro"), ("Password", "Correct-Horse-1")];
    let text = sentence("iam:CreateLoginProfile", "user jiro");
    // Whether the user exists is not told.
    bed.refused("CreateLoginProfile", &create, (403, "AccessDenied", &text));
    let text = sentence("iam:ListVirtualMFADevices", "arn:aws:iam::123456789012:mfa/");
    bed.refused("ListVirtualMFADevices", &[], (403, "AccessDenied", &text));
    bed.ok("GetUser", &[]);
    bed.admin.allow("iam:List*");
    bed.ok("ListVirtualMFADevices", &[]);
}

#[test]
fn requests_that_are_none_are_refused() {
    let bed = bed();
    let text =
        "1 validation error detected: Value null at 'userName' failed to satisfy constraint: Member must not be null";
    bed.refused("UpdateLoginProfile", &[], (400, "ValidationError", text));
    let text = "The specified value for userName is invalid. It must contain only alphanumeric characters and/or the \
                following: +=,.@_-";
    bed.refused("GetUser", &[("UserName", "a b")], (400, "ValidationError", text));
    let text = "Could not find operation DeleteAccount for version 2010-05-08";
    bed.refused("DeleteAccount", &[], (400, "InvalidAction", text));
    let text = "Could not find operation GetUser for version 2011-06-15";
    bed.refused("GetUser", &[("Version", "2011-06-15")], (400, "InvalidAction", text));
    bed.aws.fault_on("GetUser", Fault::Throttling, 1);
    bed.refused("GetUser", &[], (400, "Throttling", "Rate exceeded"));
    bed.ok("GetUser", &[]);
    assert_eq!(bed.aws.calls_of("GetUser").len(), 4);
}

#[test]
fn lists_come_in_pages() {
    let bed = bed();
    for name in ["a", "b", "c"] {
        bed.admin.put_policy(name, r#"{"Version": "2012-10-17", "Statement": []}"#);
    }
    bed.aws.set_page_size(Some(2));
    let list = |params: &[(&str, &str)]| {
        bed.call(&bed.session, "ListUserPolicies", &[&[("UserName", "taro")], params].concat())
    };
    let first = list(&[]).expect("a page");
    assert_eq!((elements(&first, "member"), element(&first, "IsTruncated")), (vec!["a", "b"], Some("true")));
    let marker = element(&first, "Marker").expect("where the next page begins");
    let last = list(&[("Marker", marker)]).expect("a page");
    assert_eq!((elements(&last, "member"), element(&last, "IsTruncated")), (vec!["c"], Some("false")));
    assert_eq!(element(&last, "Marker"), None);
    assert_eq!(elements(&list(&[("MaxItems", "1")]).expect("a page"), "member"), ["a"]);
    for wrong in [[("MaxItems", "0")], [("Marker", "x")]] {
        assert_eq!(list(&wrong).expect_err("a refusal").1, "ValidationError");
    }
    // A marker is good for its own list only.
    bed.refused(
        "ListAccessKeys",
        &[("UserName", "taro"), ("Marker", marker)],
        (400, "ValidationError", "Invalid Marker."),
    );
}
