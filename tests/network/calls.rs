//! The calls at an AWS that checks keys, codes, clocks and durations.

use std::time::{Duration, Instant};

use awsenv::net::{AssumeRole, Fault as Broken, StsError};
use testbed::FakeAws;
use testbed::aws::Fault;

use crate::stand_ins::{Server, nobody};
use crate::{Party, line, long_term, machine, of_session};

const WRONG: &str = "the digits of the code should not be in the line";

#[test]
fn a_code_becomes_a_session_that_knows_its_user() {
    let aws = FakeAws::start();
    let (user, now) = (aws.user("taro"), machine(&[]).now());
    let device = user.device("taro");
    let mut party = Party::new(&user.key(), Some(&aws.url()));
    let answer = party.sign_in_with(&device).expect("a session");
    let left = answer.value.expiration.since(now);
    assert!((3590..=3700).contains(&left), "{left}");
    assert!(answer.skew.expect("AWS sends its date").abs() <= 5);
    party.keys = answer.value.keys;
    assert_eq!(party.who().expect("an identity").value.arn, user.arn());
    assert!(party.who().expect("an identity").value.account == testbed::aws::ACCOUNT);
}

#[test]
fn a_role_is_assumed_with_everything_the_profile_says() {
    let aws = FakeAws::start();
    let user = aws.user("taro");
    let device = user.device("taro");
    let role = aws.role("Admin").trusts(user.arn()).needs_mfa().needs_external_id("ticket-7");
    let mut party = Party::new(&user.key(), Some(&aws.url()));
    party.keys = of_session(&user.session(3600));
    let asked = AssumeRole {
        role_arn: role.arn().to_owned(),
        session_name: "taro".into(),
        external_id: Some("ticket-7".into()),
        duration: Some(900),
        source_identity: Some("taro@corp".into()),
        tags: vec![("team".into(), "blue & green".into())],
        transitive_tags: vec!["team".into()],
        ..AssumeRole::default()
    };
    let answer = party.assume(&asked).expect("a session of the role");
    let who = answer.value.assumed_role.expect("AWS says who we are");
    assert!(who.arn.ends_with(":assumed-role/Admin/taro") && who.id.ends_with(":taro"), "{who:?}");
    let call = aws.calls_of("AssumeRole").pop().expect("a call");
    let sent = |name: &str| call.params.get(name).map(String::as_str);
    assert_eq!(sent("SourceIdentity"), Some("taro@corp"));
    assert_eq!(sent("Tags.member.1.Value"), Some("blue & green"));
    assert_eq!(sent("TransitiveTagKeys.member.1"), Some("team"));

    party.keys = long_term(&user.key());
    let code = awsenv::terminal::Code::parse(&device.code()).expect("six digits");
    let mfa = Some(awsenv::net::Mfa { serial: device.serial().into(), code });
    assert!(party.assume(&AssumeRole { mfa, ..asked.clone() }).is_ok());
    let denied = line(party.assume(&AssumeRole { external_id: None, ..asked }));
    assert!(denied.contains("sts:AssumeRole") && denied.contains("Admin"), "{denied}");
}

#[test]
fn each_refusal_says_what_to_do() {
    let aws = FakeAws::start();
    let user = aws.user("taro");
    let (device, other) = (user.device("taro"), aws.user("hanako").device("hanako"));
    let key = user.key();
    let mut party = Party::new(&key, Some(&aws.url()));

    let wrong = device.wrong_code();
    let refused = party.sign_in(device.serial(), &wrong).expect_err("a wrong code");
    assert_eq!(refused.error, StsError::WrongOrUsedCode);
    assert!(refused.error.code_may_be_spent() && refused.skew.is_some());
    assert!(!line::<()>(Err(refused)).contains(&wrong), "{WRONG}");
    let used = device.code();
    party.sign_in(device.serial(), &used).expect("a session");
    assert!(line(party.sign_in(device.serial(), &used)).contains("already used"));

    let foreign = line(party.sign_in(other.serial(), &other.code()));
    assert!(foreign.contains(other.serial()), "{foreign}");
    let as_user = line(party.sign_in(user.arn(), "123456"));
    assert!(as_user.contains("mfa/NAME"), "{as_user}");

    let session = party.sign_in_with(&device).expect("a session").value;
    party.keys = session.keys;
    assert!(line(party.sign_in_with(&device)).contains("long-term keys"));
    aws.end_sessions();
    assert!(line(party.who()).contains("awsenv refresh"));

    party.keys = long_term(&key);
    party.keys.secret_access_key = "hunter2hunter2hunter2hunter2".into();
    let bad = line(party.who());
    assert!(bad.contains("secret") && bad.contains(&key.id[16..]), "{bad}");
    party.keys.access_key_id = "hunter2/hunter2".into();
    assert!(line(party.who()).contains("does not look like one"));

    key.deactivate();
    party.keys = long_term(&key);
    assert!(line(party.who()).contains("inactive"));
}

#[test]
fn a_session_longer_than_allowed_is_named() {
    let aws = FakeAws::start();
    let user = aws.user("taro");
    let role = aws.role("Admin").trusts(user.arn()).max_duration(3600);
    let party = Party::new(&user.key(), Some(&aws.url()));
    let asked = AssumeRole {
        role_arn: role.arn().to_owned(),
        session_name: "taro".into(),
        duration: Some(43200),
        ..AssumeRole::default()
    };
    let long = line(party.assume(&asked));
    assert!(long.contains("12h00m") && long.contains("MaxSessionDuration"), "{long}");
}

#[test]
fn a_clock_that_is_off_costs_one_more_call_and_no_code() {
    let aws = FakeAws::start();
    let user = aws.user("taro");
    let device = user.device("taro");
    let mut party = Party::new(&user.key(), Some(&aws.url()));
    for offset in [3600, -7200] {
        aws.set_clock_offset(offset);
        aws.forget_calls();
        party.skew = 0;
        let answer = party.sign_in_with(&device).expect("a session");
        let skew = answer.skew.expect("AWS sends its date");
        assert!((skew - offset).abs() <= 5, "{skew}");
        let accepted: Vec<bool> = aws.calls().iter().map(|c| c.accepted).collect();
        assert_eq!(accepted, [false, true]);
        party.skew = skew;
        party.sign_in_with(&device).expect("a session");
        assert_eq!(aws.calls().len(), 3);
    }
    // A wrong secret is not a clock, whatever the clocks say.
    party.skew = 0;
    party.keys.secret_access_key = "x".into();
    assert!(line(party.sign_in_with(&device)).contains("aws_secret_access_key"));
}

#[test]
fn a_call_with_a_code_leaves_once_whatever_happens() {
    let aws = FakeAws::start();
    let user = aws.user("taro");
    let device = user.device("taro");
    let party = Party::new(&user.key(), Some(&aws.url()));
    for (fault, spent) in [
        (Fault::CutBefore, true),
        (Fault::CutAfter, true),
        (Fault::CutInside, true),
        (Fault::GatewayHtml, true),
        (Fault::ServerError(503), true),
        (Fault::Portal, true),
        (Fault::Throttling, false),
    ] {
        aws.forget_calls();
        aws.fault(fault.clone(), 1);
        let failure = party.sign_in_with(&device).expect_err("a failure");
        assert_eq!(failure.error.code_may_be_spent(), spent, "{fault:?}: {failure:?}");
        let line = line::<()>(Err(failure));
        assert!(line.contains("127.0.0.1") || line.contains("AWS"), "{line}");
        assert_eq!(aws.calls().len(), 1, "{fault:?}");
        // The fault is over: the next code works, so nothing of the first call hung on.
        party.sign_in_with(&device).expect("a session");
    }
}

#[test]
fn a_call_without_a_code_gets_over_what_passes() {
    let aws = FakeAws::start();
    let party = Party::new(&aws.user("taro").key(), Some(&aws.url()));
    for fault in [Fault::CutBefore, Fault::CutAfter, Fault::GatewayHtml, Fault::ServerError(503), Fault::Throttling] {
        aws.forget_calls();
        aws.fault(fault.clone(), 2);
        party.who().expect("the third try works");
        assert_eq!(aws.calls().len(), 3, "{fault:?}");
    }
    aws.forget_calls();
    aws.fault(Fault::Throttling, 9);
    assert!(line(party.who()).contains("Throttling"));
    assert_eq!(aws.calls().len(), 3);
}

#[test]
fn what_is_not_aws_is_called_so_and_never_followed() {
    let aws = FakeAws::start();
    let key = aws.user("taro").key();
    aws.fault(Fault::Portal, 1);
    let portal = line(Party::new(&key, Some(&aws.url())).who());
    assert!(portal.contains(" answered 200") && portal.contains("not as AWS does"), "{portal}");

    let elsewhere = Server::saying("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    for status in ["301", "302", "307", "308"] {
        let redirect =
            format!("HTTP/1.1 {status} Moved\r\nLocation: {}/\r\nContent-Length: 0\r\n\r\n", elsewhere.url());
        let near = Server::saying(&redirect);
        let said = line(Party::new(&key, Some(&near.url())).who());
        assert!(said.contains(&format!("answered {status}")) && said.contains("redirect"), "{said}");
    }
    assert_eq!(elsewhere.heads().len(), 0);

    let ssh = Server::saying("SSH-2.0-OpenSSH_9.2\r\n");
    let said = line(Party::new(&key, Some(&ssh.url())).who());
    assert!(said.contains("127.0.0.1") && said.contains("not HTTP"), "{said}");
    let endless = Server::start(|_, connection| {
        use std::io::Write;
        let _ = connection.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while connection.write_all(&[b'x'; 65536]).is_ok() {}
    });
    let said = line(Party::new(&key, Some(&endless.url())).who());
    assert!(said.contains("127.0.0.1") && said.contains("too long"), "{said}");
}

#[test]
fn a_server_that_echoes_cannot_put_secrets_or_escapes_on_the_screen() {
    let aws = FakeAws::start();
    let user = aws.user("taro");
    let mut party = Party::new(&user.key(), None);
    party.keys = of_session(&user.session(3600));
    party.keys.session_token = Some("hunter2token".into());
    let body = "<ErrorResponse><Error><Code>Odd&#27;[2J</Code><Message>you sent hunter2token\n&#27;]0;x&#7;\u{202e}!</Message>\
                </Error></ErrorResponse>";
    let server = Server::saying(&format!("HTTP/1.1 400 Bad\r\nContent-Length: {}\r\n\r\n{body}", body.len()));
    party.configured.profile_url = Some((server.url(), "config".into()));
    let said = line(party.who());
    assert!(said.contains("you sent …") && said.chars().all(|c| !c.is_control() && c != '\u{202e}'), "{said:?}");
}

#[test]
fn silence_and_closed_doors_end_in_time() {
    let aws = FakeAws::start();
    let user = aws.user("taro");
    let (key, device) = (user.key(), user.device("taro"));
    let mut party = Party::new(&key, Some(&aws.url()));
    party.route.whole_timeout = Duration::from_secs(1);
    aws.fault(Fault::Slow(Duration::from_secs(5)), 1);
    let started = Instant::now();
    let failure = party.sign_in_with(&device).expect_err("a timeout");
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    assert!(failure.error.code_may_be_spent());
    let said = line::<()>(Err(failure));
    assert!(
        said.contains("127.0.0.1") && said.contains("within 1 s") && said.contains("waiting for the answer"),
        "{said}"
    );

    let closed =
        Party::new(&key, Some(&format!("http://{}", nobody()))).sign_in_with(&device).expect_err("nobody there");
    assert!(!closed.error.code_may_be_spent());
    let said = line::<()>(Err(closed));
    assert!(said.contains("127.0.0.1:") && said.contains(" cannot be reached") && said.contains("refused"), "{said}");

    let mut unknown = Party::new(&key, Some("https://sts.no-such-name.invalid"));
    unknown.route.connect_timeout = Duration::from_secs(5);
    let said = line(unknown.who());
    assert!(said.contains("sts.no-such-name.invalid"), "{said}");
}

#[test]
fn variables_that_the_sdk_reads_by_itself_do_not_steer_it() {
    let aws = FakeAws::start();
    let mut party = Party::new(&aws.user("taro").key(), Some(&aws.url()));
    for (name, value) in [("SMITHY_CLIENT_SDK_CUSTOM_PARTITION", "/tmp/evil.json"), ("AWS_EXECUTION_ENV", "a\u{1}b")] {
        party.machine = machine(&[(name, value)]);
        let failure = party.who().expect_err("refused");
        assert!(matches!(failure.error, StsError::Network(Broken::Environment { .. })), "{failure:?}");
        assert!(line::<()>(Err(failure)).contains(name));
    }
    assert_eq!(aws.calls().len(), 0);
}

#[test]
fn keys_that_no_request_can_carry_are_an_error_and_not_a_panic() {
    let aws = FakeAws::start();
    let user = aws.user("taro");
    for (id, token) in
        [("AKIA\nX: y", "t"), ("AKIA", "hunter2\r\nX-Evil: 1"), ("", ""), ("ÄKIA", "tökén"), ("A\0", "t\0")]
    {
        let mut party = Party::new(&user.key(), Some(&aws.url()));
        party.keys.access_key_id = id.into();
        party.keys.session_token = Some(token.into());
        let said = line(party.who());
        assert!(said.contains("aws_access_key_id") || said.contains("aws_session_token"), "{said}");
    }
    let mut party = Party::new(&user.key(), Some(&aws.url()));
    party.keys.secret_access_key = "".into();
    assert!(line(party.who()).contains("aws_secret_access_key"));
    assert_eq!(aws.calls().len(), 0);
}

#[test]
fn an_endpoint_may_have_a_path() {
    let server = Server::saying("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
    let aws = FakeAws::start();
    let (user, url) = (aws.user("taro"), format!("{}/aws/sts/", server.url()));
    let failure = Party::new(&user.key(), Some(&url)).sign_in_with(&user.device("taro"));
    assert!(line(failure).contains("answered 500"));
    let head = server.heads().pop().expect("a request");
    assert!(head.starts_with("POST /aws/sts/ HTTP/1.1\r\n"), "{head}");
    assert!(head.to_ascii_lowercase().contains(&format!("\r\nhost: {}\r\n", server.address)), "{head}");
}
