//! The fake's console sign-in takes keys of a role's session, and no others.

use testbed::FakeAws;
use testbed::aws::Credentials;
use testbed::aws::client::{Response, http};

fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn session(keys: &Credentials) -> String {
    let (id, secret, token) = (&keys.access_key_id, &keys.secret_access_key, &keys.session_token);
    serde_json::json!({"sessionId": id, "sessionKey": secret, "sessionToken": token}).to_string()
}

fn token(aws: &FakeAws, session: &str, more: &str) -> Response {
    let query = format!("Action=getSigninToken&Session={}{more}", encode(session));
    http("GET", &format!("{}/federation?{query}", aws.url()), &[], "").expect("the fake answers")
}

#[test]
fn keys_of_a_role_open_the_console_once() {
    let aws = FakeAws::start();
    let role = aws.role("admin");
    let keys = session(&role.session("taro", 600));
    let form = format!("Action=getSigninToken&SessionDuration=3600&Session={}", encode(&keys));
    let posted = http("POST", &format!("{}/federation", aws.url()), &[], &form).expect("the fake answers");
    assert_eq!(posted.status, 200, "{posted:?}");
    let made = token(&aws, &keys, "").json()["SigninToken"].as_str().expect("a token").to_owned();
    let home = "https://console.aws.amazon.com/s3/home?region=eu-west-1";
    let login = |to: &str| {
        let query = format!("Action=login&Issuer=awsenv&Destination={}&SigninToken={made}", encode(to));
        http("GET", &format!("{}/federation?{query}", aws.url()), &[], "").expect("the fake answers")
    };
    assert_eq!(login(home).header("location"), Some(home));
    assert_eq!(aws.console_sign_ins(), [(format!("{}/taro", role.arn()), home.to_owned())]);
    assert_eq!(login(home).status, 400, "a token is good once");
    assert_eq!(aws.calls_of("getSigninToken").len(), 2);
}

#[test]
fn other_keys_and_odd_durations_are_a_bare_400() {
    let aws = FakeAws::start();
    let (user, role) = (aws.user("taro"), aws.role("admin"));
    let good = role.session("taro", 600);
    for duration in ["899", "43201", "x"] {
        assert_eq!(token(&aws, &session(&good), &format!("&SessionDuration={duration}")).status, 400, "{duration}");
    }
    let wrong = Credentials { secret_access_key: "wrong".into(), ..good.clone() };
    let key = user.key();
    let long_term = Credentials { access_key_id: key.id, secret_access_key: key.secret, ..good };
    for keys in [user.session(600), role.session("taro", -1), wrong, long_term] {
        assert_eq!(token(&aws, &session(&keys), "").status, 400, "{keys:?}");
    }
    assert_eq!(token(&aws, "{}", "").status, 400);
    assert_eq!(token(&aws, "no json", "").status, 400);
}

#[test]
fn a_duration_goes_only_with_a_role_that_long_term_keys_assumed() {
    let aws = FakeAws::start();
    let directory = aws.directory("https://d-1234567890.awsapps.com/start", "eu-west-1");
    directory.assign("111122223333", "Development", "Admin");
    let bearer = directory.token(600).access_token;
    let url = format!("{}/federation/credentials?role_name=Admin&account_id=111122223333", aws.url());
    let keys = http("GET", &url, &[("x-amz-sso_bearer_token", &bearer)], "").expect("the fake answers").json();
    let text = |name: &str| keys["roleCredentials"][name].as_str().expect("a key").to_owned();
    let keys = Credentials {
        access_key_id: text("accessKeyId"),
        secret_access_key: text("secretAccessKey"),
        session_token: text("sessionToken"),
        expires: 0,
    };
    assert_eq!(token(&aws, &session(&keys), "&SessionDuration=3600").status, 400);
    assert_eq!(token(&aws, &session(&keys), "").status, 200);
}

#[test]
fn each_partition_s_roles_have_their_own_console() {
    let aws = FakeAws::start();
    for (role, home, other) in [
        ("arn:aws-cn:iam::123456789012:role/r", "https://console.amazonaws.cn/", "https://console.aws.amazon.com/"),
        ("arn:aws:iam::123456789012:role/r", "https://x.console.aws.amazon.com/", "https://xconsole.aws.amazon.com/"),
    ] {
        let keys = session(&aws.role(role).session("taro", 600));
        for (to, status) in [(other, 400), (home, 303)] {
            let made = token(&aws, &keys, "").json()["SigninToken"].as_str().expect("a token").to_owned();
            let query = format!("Action=login&Destination={}&SigninToken={made}", encode(to));
            let answer = http("GET", &format!("{}/federation?{query}", aws.url()), &[], "").expect("the fake answers");
            assert_eq!(answer.status, status, "{role} {to}");
        }
    }
}
