//! The fake AWS refuses what AWS refuses, with AWS's words.

use testbed::aws::client::{Signer, element, list_buckets, query};
use testbed::aws::{Credentials, Device, Fault, Gate, Key, User};
use testbed::{FakeAws, aws};

struct Bed {
    aws: FakeAws,
    user: User,
    key: Key,
    device: Device,
}

fn bed() -> Bed {
    let aws = FakeAws::start();
    let user = aws.user("taro");
    let (key, device) = (user.key(), user.device("taro"));
    Bed { aws, user, key, device }
}

fn long_term(key: &Key) -> Signer {
    Signer { access_key_id: key.id.clone(), secret_access_key: key.secret.clone(), ..Signer::default() }
}

fn temporary(made: &Credentials) -> Signer {
    Signer {
        access_key_id: made.access_key_id.clone(),
        secret_access_key: made.secret_access_key.clone(),
        session_token: Some(made.session_token.clone()),
        clock_offset: 0,
    }
}

impl Bed {
    fn sts(&self, signer: &Signer, action: &str, params: &[(&str, &str)]) -> (u16, String) {
        query(&self.aws.url(), signer, "sts", action, params).expect("the fake answers")
    }

    /// Status, code and text of a call that is refused.
    fn refused(&self, signer: &Signer, action: &str, params: &[(&str, &str)]) -> (u16, String, String) {
        let (status, body) = self.sts(signer, action, params);
        let text = |name| element(&body, name).unwrap_or_default().to_owned();
        (status, text("Code"), text("Message"))
    }

    fn session(&self, code: &str) -> (u16, String) {
        let params = [("SerialNumber", self.device.serial()), ("TokenCode", code)];
        self.sts(&long_term(&self.key), "GetSessionToken", &params)
    }
}

#[track_caller]
fn assert_refused(refused: (u16, String, String), status: u16, code: &str, text: &str) {
    assert_eq!((refused.0, refused.1.as_str()), (status, code), "{refused:?}");
    assert!(refused.2.contains(text), "{refused:?}");
}

fn signer_in(body: &str) -> Signer {
    let text = |name| element(body, name).expect("credentials in the answer").to_owned();
    Signer {
        access_key_id: text("AccessKeyId"),
        secret_access_key: text("SecretAccessKey"),
        session_token: Some(text("SessionToken")),
        clock_offset: 0,
    }
}

#[test]
fn each_code_works_once_and_codes_never_run_out() {
    let bed = bed();
    for _ in 0..7 {
        let code = bed.device.code();
        let (status, body) = bed.session(&code);
        assert_eq!(status, 200, "{body}");
        let (status, body) = bed.session(&code);
        let message = element(&body, "Message");
        assert_eq!(status, 403);
        assert_eq!(message, Some("MultiFactorAuthentication failed with invalid MFA one time pass code. "));
    }
    let (_, body) = bed.session(&bed.device.wrong_code());
    assert!(body.contains("invalid MFA one time pass code"), "{body}");
    assert_eq!(bed.aws.calls_of("GetSessionToken").iter().filter(|c| c.accepted).count(), 7);
}

#[test]
fn devices_are_checked_for_their_owner() {
    let bed = bed();
    let other = bed.aws.user("jiro").device("jiro");
    let absent = "arn:aws:iam::123456789012:mfa/nobody";
    let text = "unable to validate MFA code.  Please verify your MFA serial number is valid";
    for (serial, code) in [(other.serial(), other.code()), (absent, bed.device.code())] {
        let params = [("SerialNumber", serial), ("TokenCode", code.as_str())];
        assert_refused(bed.refused(&long_term(&bed.key), "GetSessionToken", &params), 403, "AccessDenied", text);
    }
    bed.device.set_in_step(false);
    assert!(bed.session(&bed.device.code()).1.contains(text));
    let params = [("SerialNumber", bed.device.serial())];
    let text = "must provide both MFA serial number and one time pass code";
    assert_refused(bed.refused(&long_term(&bed.key), "GetSessionToken", &params), 403, "AccessDenied", text);
}

#[test]
fn durations_have_limits() {
    let bed = bed();
    let role = bed.aws.role("long").trusts(bed.user.arn()).max_duration(7200);
    let key = long_term(&bed.key);
    for (seconds, text) in [("899", "greater than or equal to 900"), ("129601", "less than or equal to 129600")] {
        let refused = bed.refused(&key, "GetSessionToken", &[("DurationSeconds", seconds)]);
        assert_refused(refused, 400, "ValidationError", text);
    }
    let assume = |seconds| [("RoleArn", role.arn()), ("RoleSessionName", "test"), ("DurationSeconds", seconds)];
    assert_eq!(bed.sts(&key, "AssumeRole", &assume("7200")).0, 200);
    let text = "exceeds the MaxSessionDuration set for this role.";
    assert_refused(bed.refused(&key, "AssumeRole", &assume("7201")), 400, "ValidationError", text);
    let session = temporary(&bed.user.session(600));
    assert_eq!(bed.sts(&session, "AssumeRole", &assume("3600")).0, 200);
    let text = "exceeds the 1 hour session limit for roles assumed by role chaining.";
    assert_refused(bed.refused(&session, "AssumeRole", &assume("3601")), 400, "ValidationError", text);
}

#[test]
fn roles_trust_whom_they_name() {
    let bed = bed();
    let key = long_term(&bed.key);
    let plain = bed.aws.role("plain").trusts("arn:aws:iam::123456789012:root");
    let guarded = bed.aws.role("guarded").trusts(bed.user.arn()).needs_mfa();
    let outside = bed.aws.role("arn:aws:iam::210987654321:role/outside").trusts(plain.arn()).needs_external_id("x-1");
    fn params<'a>(arn: &'a str, more: &[(&'static str, &'a str)]) -> Vec<(&'static str, &'a str)> {
        [("RoleArn", arn), ("RoleSessionName", "test")].iter().chain(more).copied().collect()
    }
    let denied = |signer: &Signer, params: &[(&str, &str)], who: &str| {
        let text = format!("User: {who} is not authorized to perform: sts:AssumeRole on resource: {}", params[0].1);
        assert_refused(bed.refused(signer, "AssumeRole", params), 403, "AccessDenied", &text);
    };

    let (status, body) = bed.sts(&key, "AssumeRole", &params(plain.arn(), &[]));
    assert_eq!(status, 200, "{body}");
    let chained = signer_in(&body);
    let (_, body) = bed.sts(&chained, "GetCallerIdentity", &[]);
    assert_eq!(element(&body, "Arn"), Some("arn:aws:sts::123456789012:assumed-role/plain/test"));

    denied(&key, &params("arn:aws:iam::123456789012:role/nothing", &[]), bed.user.arn());
    denied(&key, &params(outside.arn(), &[("ExternalId", "x-1")]), bed.user.arn());
    denied(&chained, &params(outside.arn(), &[]), "arn:aws:sts::123456789012:assumed-role/plain/test");
    assert_eq!(bed.sts(&chained, "AssumeRole", &params(outside.arn(), &[("ExternalId", "x-1")])).0, 200);

    denied(&key, &params(guarded.arn(), &[]), bed.user.arn());
    let without_code = signer_in(&bed.sts(&key, "GetSessionToken", &[]).1);
    denied(&without_code, &params(guarded.arn(), &[]), bed.user.arn());
    assert_eq!(bed.sts(&temporary(&bed.user.session(600)), "AssumeRole", &params(guarded.arn(), &[])).0, 200);
    let code = bed.device.code();
    let coded = params(guarded.arn(), &[("SerialNumber", bed.device.serial()), ("TokenCode", &code)]);
    assert_eq!(bed.sts(&key, "AssumeRole", &coded).0, 200);
}

#[test]
fn keys_tokens_and_signatures_are_checked() {
    let bed = bed();
    let key = long_term(&bed.key);
    let invalid = "The security token included in the request is invalid";
    let call = |signer: &Signer| bed.refused(signer, "GetCallerIdentity", &[]);

    let unknown = Signer { access_key_id: "AKIANOBODY".into(), ..key.clone() };
    assert_refused(call(&unknown), 403, "InvalidClientTokenId", invalid);
    let wrong = Signer { secret_access_key: "wrong".into(), ..key.clone() };
    assert_refused(call(&wrong), 403, "SignatureDoesNotMatch", "The request signature we calculated does not match");
    let good = temporary(&bed.user.session(600));
    assert_eq!(bed.sts(&good, "GetCallerIdentity", &[]).0, 200);
    let foreign = Signer { session_token: Some("another".into()), ..good.clone() };
    assert_refused(call(&foreign), 403, "InvalidClientTokenId", invalid);
    let over = temporary(&bed.user.session(-1));
    assert_refused(call(&over), 403, "ExpiredToken", "The security token included in the request is expired");
    let text = "Cannot call GetSessionToken with session credentials";
    assert_refused(bed.refused(&good, "GetSessionToken", &[]), 403, "AccessDenied", text);
    bed.aws.end_sessions();
    assert_refused(call(&good), 403, "ExpiredToken", "is expired");
    bed.key.deactivate();
    assert_refused(call(&key), 403, "InvalidClientTokenId", invalid);
}

#[test]
fn a_wrong_clock_is_named() {
    let bed = bed();
    let ahead = Signer { clock_offset: 600, ..long_term(&bed.key) };
    let call = |signer: &Signer| bed.refused(signer, "GetCallerIdentity", &[]);
    assert_refused(call(&ahead), 403, "SignatureDoesNotMatch", "Signature not yet current: ");
    let behind = Signer { clock_offset: -600, ..ahead.clone() };
    assert_refused(call(&behind), 403, "SignatureDoesNotMatch", "Signature expired: ");
    bed.aws.set_clock_offset(600);
    assert_eq!(bed.sts(&ahead, "GetCallerIdentity", &[]).0, 200);
}

#[test]
fn faults_come_as_scripted() {
    let bed = bed();
    let key = long_term(&bed.key);
    bed.aws.fault(Fault::Throttling, 2);
    for _ in 0..2 {
        assert_refused(bed.refused(&key, "GetCallerIdentity", &[]), 400, "Throttling", "Rate exceeded");
    }
    bed.aws.fault_on("GetSessionToken", Fault::GatewayHtml, 1);
    assert_eq!(bed.sts(&key, "GetCallerIdentity", &[]).0, 200);
    assert_eq!(bed.sts(&key, "GetSessionToken", &[]).0, 502);

    let code = bed.device.code();
    let params = [("SerialNumber", bed.device.serial()), ("TokenCode", code.as_str())];
    let cut = || query(&bed.aws.url(), &key, "sts", "GetSessionToken", &params).is_err();
    bed.aws.fault(Fault::CutBefore, 1);
    assert!(cut());
    assert_eq!(bed.device.code(), code, "nothing happened, so the code is still good");
    bed.aws.fault(Fault::CutAfter, 1);
    assert!(cut());
    assert_ne!(bed.device.code(), code, "the code was used");
    bed.aws.fault(Fault::CutInside, 1);
    assert!(query(&bed.aws.url(), &key, "sts", "GetCallerIdentity", &[]).is_err());
    let accepted: Vec<_> = bed.aws.calls().iter().map(|c| c.accepted).collect();
    assert_eq!(accepted, [false, false, true, false, false, true, true]);
}

#[test]
fn held_answers_wait_for_the_test() {
    let bed = bed();
    let gate = Gate::new();
    bed.aws.fault(Fault::HoldAnswer(gate.clone()), 1);
    std::thread::scope(|scope| {
        let call = scope.spawn(|| bed.sts(&long_term(&bed.key), "GetCallerIdentity", &[]).0);
        gate.wait_arrived(1);
        assert_eq!(bed.aws.calls().len(), 1);
        assert!(!call.is_finished());
        gate.open();
        assert_eq!(call.join().expect("the call does not panic"), 200);
    });
}

#[test]
fn buckets_and_devices_are_listed() {
    let bed = bed();
    bed.user.deny_without_mfa();
    assert_eq!(list_buckets(&bed.aws.url(), &long_term(&bed.key)).expect("the fake answers").0, 403);
    let session = temporary(&bed.user.session(600));
    let (status, body) = list_buckets(&bed.aws.url(), &session).expect("the fake answers");
    assert_eq!((status, element(&body, "Name")), (200, Some("bucket-a")));
    let (_, body) = query(&bed.aws.url(), &session, "iam", "ListMFADevices", &[]).expect("the fake answers");
    assert_eq!(element(&body, "SerialNumber"), Some(bed.device.serial()));
    assert_eq!(element(&body, "UserName"), Some("taro"));
    assert_eq!(aws::ACCOUNT, "123456789012");
}
