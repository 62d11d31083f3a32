//! AWSRevokeOlderSessions, and sessions without a code.

use testbed::aws::client::{Signer, list_buckets};

use super::{Bed, Outcome, UNKNOWN_KEY, bed, outcome, refused};

/// Ends sessions that were issued before this time.
fn revoking(time: i64) -> String {
    let time = chrono::DateTime::from_timestamp(time, 0).expect("a time").format("%Y-%m-%dT%H:%M:%S.000Z");
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Action":["*"],"Resource":["*"],
            "Condition":{{"DateLessThan":{{"aws:TokenIssueTime":"{time}"}}}}}}]}}"#
    )
}

fn buckets(bed: &Bed, signer: &Signer) -> Outcome {
    outcome(list_buckets(&bed.aws.url(), signer).expect("the fake answers"))
}

#[test]
fn older_sessions_of_a_user_end_and_nothing_else() {
    let bed = bed();
    let role = bed.aws.role("ops").trusts(bed.admin.arn());
    let now = chrono::Utc::now().timestamp();
    let (older, later) = (bed.admin.session_issued(600, 3600), bed.admin.session_issued(100, 3600));
    let (older, later, key) = (Signer::from(&older), Signer::from(&later), Signer::from(&bed.key));
    let policy = [("UserName", "taro"), ("PolicyName", "AWSRevokeOlderSessions")];
    let document = revoking(now - 300);
    bed.ok("PutUserPolicy", &[&policy[..], &[("PolicyDocument", &document)]].concat());

    let assume = [("RoleArn", role.arn()), ("RoleSessionName", "test")];
    let why = "with an explicit deny in an identity-based policy";
    let start = format!("User: {} is not authorized to perform:", bed.admin.arn());
    let text = format!("{start} sts:AssumeRole on resource: {} {why}", role.arn());
    refused(bed.sts(&older, "AssumeRole", &assume), (403, "AccessDenied", &text));
    let text = format!("{start} iam:GetUser on resource: user taro {why}");
    refused(bed.call(&older, "GetUser", &[]), (403, "AccessDenied", &text));
    let text = format!("{start} s3:ListAllMyBuckets {why}");
    refused(buckets(&bed, &older), (403, "AccessDenied", &text));
    // Nobody can be kept from this.
    bed.sts(&older, "GetCallerIdentity", &[]).expect("who am I");
    for signer in [&later, &key] {
        bed.sts(signer, "AssumeRole", &assume).expect("a session of the role");
        bed.call(signer, "GetUser", &[]).expect("the user");
        buckets(&bed, signer).expect("the buckets");
    }
    // A session that wrote the policy for all before now has cut itself off.
    let document = revoking(now + 100);
    bed.ok("PutUserPolicy", &[&policy[..], &[("PolicyDocument", &document)]].concat());
    bed.call(&bed.session, "DeleteUserPolicy", &policy).expect_err("it is one of the older ones");
    bed.call(&key, "DeleteUserPolicy", &policy).expect("the key is not");
    buckets(&bed, &older).expect("the buckets");
    bed.aws.set_clock_offset(200);
    bed.admin.put_policy("AWSRevokeOlderSessions", &revoking(now + 100));
    buckets(&bed, &older).expect_err("an older session");
    let made = bed.sts(&key, "GetSessionToken", &[]).expect("a session");
    let text = |name| testbed::aws::client::element(&made, name).expect("credentials in the answer").to_owned();
    let new = Signer {
        access_key_id: text("AccessKeyId"),
        secret_access_key: text("SecretAccessKey"),
        session_token: Some(text("SessionToken")),
        clock_offset: 0,
    };
    buckets(&bed, &new).expect("a session that was made later");
}

#[test]
fn older_sessions_of_a_role_end_and_not_those_of_who_assumed_it() {
    let bed = bed();
    let role = bed.aws.role("ops").trusts(bed.admin.arn());
    let now = chrono::Utc::now().timestamp();
    let sessions = [600, 100].map(|ago| Signer::from(&role.session_issued("test", ago, 3600)));
    role.put_policy("AWSRevokeOlderSessions", &revoking(now - 300));
    let arn = "arn:aws:sts::123456789012:assumed-role/ops/test";
    let why = "with an explicit deny in an identity-based policy";
    let text = format!("User: {arn} is not authorized to perform: s3:ListAllMyBuckets {why}");
    refused(buckets(&bed, &sessions[0]), (403, "AccessDenied", &text));
    buckets(&bed, &sessions[1]).expect("a later session");
    buckets(&bed, &Signer::from(&bed.admin.session_issued(600, 3600))).expect("the user is another");
    // The other way round, a session of a role outlives the policy of the user who assumed it.
    bed.admin.put_policy("AWSRevokeOlderSessions", &revoking(now + 3600));
    buckets(&bed, &sessions[1]).expect("a later session");
    role.deny("s3:*");
    buckets(&bed, &sessions[1]).expect_err("nothing allows it");
}

#[test]
fn sessions_without_a_code_cannot_call_iam() {
    let bed = bed();
    let session = Signer::from(&bed.admin.session_without_code(900));
    refused(bed.call(&session, "GetUser", &[]), UNKNOWN_KEY);
    bed.sts(&session, "GetCallerIdentity", &[]).expect("STS takes it");
}

#[test]
fn a_policy_can_ask_for_a_code() {
    let bed = bed();
    bed.admin.put_policy(
        "ForceMfa",
        r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "NotAction": ["iam:GetUser", "sts:GetSessionToken"],
            "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}]}"#,
    );
    let key = Signer::from(&bed.key);
    bed.call(&key, "GetUser", &[]).expect("it is left out");
    bed.call(&key, "ListMFADevices", &[]).expect_err("a key has no code");
    bed.ok("ListMFADevices", &[]);
}
