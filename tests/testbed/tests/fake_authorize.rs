//! The fake's consent page and its codes: what a careless client would skip is refused.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use testbed::FakeAws;
use testbed::aws::client::{Response, http};
use testbed::aws::{Consent, Directory};

const START: &str = "https://d-1234567890.awsapps.com/start";
const REDIRECT: &str = "http://127.0.0.1:45678/oauth/callback";
const VERIFIER: &str = "abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ.0123456789";

struct Bed {
    aws: FakeAws,
    directory: Directory,
    client: Value,
}

fn bed() -> Bed {
    let aws = FakeAws::start();
    let directory = aws.directory(START, "us-east-1");
    directory.assign("111122223333", "prod", "Admin").set_consent(Consent::Allow);
    let client = register(&aws);
    Bed { aws, directory, client }
}

fn register(aws: &FakeAws) -> Value {
    let body = json!({
        "clientName": "test", "clientType": "public", "scopes": ["sso:account:access", "openid"], "issuerUrl": START,
        "grantTypes": ["authorization_code", "refresh_token"], "redirectUris": ["http://127.0.0.1/oauth/callback"],
    });
    let answer = http("POST", &format!("{}/client/register", aws.url()), &[], &body.to_string());
    let answer = answer.expect("the fake answers").json();
    json!({"clientId": answer["clientId"], "clientSecret": answer["clientSecret"]})
}

fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

impl Bed {
    /// Opens the page with these parameters instead of the right ones; an empty one is left out.
    fn open(&self, changed: &[(&str, &str)]) -> Response {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
        let right = [
            ("response_type", "code"),
            ("client_id", self.client["clientId"].as_str().expect("an id")),
            ("redirect_uri", REDIRECT),
            ("state", "a b&c"),
            ("code_challenge_method", "S256"),
            ("code_challenge", &challenge),
            ("scopes", "sso:account:access"),
        ];
        let value = |name: &str| changed.iter().find(|(n, _)| *n == name).map(|(_, value)| *value);
        let sent = right.iter().map(|(name, own)| (*name, value(name).unwrap_or(own))).filter(|(_, v)| !v.is_empty());
        let query: Vec<_> = sent.map(|(name, value)| format!("{name}={}", encode(value))).collect();
        http("GET", &format!("{}/authorize?{}", self.aws.url(), query.join("&")), &[], "").expect("the fake answers")
    }

    fn code(&self) -> String {
        let answer = self.open(&[]);
        let to = answer.header("location").unwrap_or_else(|| panic!("{answer:?}"));
        let query = to.strip_prefix(&format!("{REDIRECT}?code=")).unwrap_or_else(|| panic!("{to}"));
        query.strip_suffix("&state=a%20b%26c").unwrap_or_else(|| panic!("{to}")).to_owned()
    }

    fn exchange(&self, client: &Value, code: &str, changed: Value) -> Response {
        let mut body = json!({
            "grantType": "authorization_code", "code": code, "redirectUri": REDIRECT, "codeVerifier": VERIFIER,
        });
        let members = body.as_object_mut().expect("an object");
        members.extend(client.as_object().expect("an object").clone());
        members.extend(changed.as_object().expect("an object").clone());
        http("POST", &format!("{}/token", self.aws.url()), &[], &body.to_string()).expect("the fake answers")
    }
}

#[test]
fn a_code_is_exchanged_once_for_a_token_that_can_be_refreshed() {
    let bed = bed();
    let code = bed.code();
    let token = bed.exchange(&bed.client, &code, json!({}));
    assert_eq!(token.status, 200, "{token:?}");
    assert!(token.json()["refreshToken"].is_string());
    let again = bed.exchange(&bed.client, &code, json!({}));
    assert_eq!((again.status, &again.json()["error"]), (400, &json!("invalid_grant")));
}

#[test]
fn codes_fit_one_client_redirect_uri_and_verifier_for_a_minute() {
    let bed = bed();
    let other = "b".repeat(64);
    let refused = |client: &Value, changed: Value, error: &str| {
        let code = bed.code();
        let answer = bed.exchange(client, &code, changed.clone());
        assert_eq!((answer.status, &answer.json()["error"]), (400, &json!(error)), "{changed}: {answer:?}");
    };
    refused(&bed.client, json!({"codeVerifier": other}), "invalid_grant");
    refused(&bed.client, json!({"codeVerifier": "short"}), "invalid_request");
    refused(&bed.client, json!({"codeVerifier": null}), "invalid_request");
    refused(&bed.client, json!({"redirectUri": "http://127.0.0.1:45679/oauth/callback"}), "invalid_grant");
    refused(&bed.client, json!({"redirectUri": null}), "invalid_request");
    refused(&register(&bed.aws), json!({}), "invalid_grant");

    // A guessed verifier uses the code up.
    let code = bed.code();
    assert_eq!(bed.exchange(&bed.client, &code, json!({"codeVerifier": other})).status, 400);
    assert_eq!(bed.exchange(&bed.client, &code, json!({})).status, 400);
    let code = bed.code();
    bed.aws.set_clock_offset(61);
    assert_eq!(bed.exchange(&bed.client, &code, json!({})).json()["error"], "invalid_grant");
}

#[test]
fn what_a_careless_client_skips_is_refused() {
    let bed = bed();
    let cases = [
        ("state", "", "invalid_request"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge", "short", "invalid_request"),
        ("code_challenge_method", "", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("scopes", "", "invalid_scope"),
        ("scopes", "sso:account:access codewhisperer:analysis", "invalid_scope"),
        ("response_type", "token", "unsupported_response_type"),
    ];
    for (name, value, error) in cases {
        let answer = bed.open(&[(name, value)]);
        let to = answer.header("location").unwrap_or_else(|| panic!("{name}={value}: {answer:?}"));
        assert!(to.starts_with(&format!("{REDIRECT}?error={}&", encode(error))), "{name}={value}: {to}");
        assert!(!to.contains("code="), "{to}");
    }
    // Nothing is led to an address that is not registered, not even an error.
    let foreign = [
        ("redirect_uri", "http://127.0.0.1:45678/other"),
        ("redirect_uri", "http://localhost:45678/oauth/callback"),
        ("redirect_uri", "https://127.0.0.1:45678/oauth/callback"),
        ("redirect_uri", "http://127.0.0.1:45678@evil.example/oauth/callback"),
        ("redirect_uri", ""),
        ("client_id", "unknown"),
    ];
    for (name, value) in foreign {
        let answer = bed.open(&[(name, value)]);
        assert_eq!((answer.status, answer.header("location")), (400, None), "{name}={value}: {answer:?}");
    }
    assert!(bed.aws.calls_of("Authorize").iter().all(|call| !call.accepted));

    bed.aws.set_region(Some("eu-west-1"));
    let elsewhere = bed.open(&[]);
    assert!(elsewhere.status == 400 && elsewhere.body.contains("invalid_grant"), "{elsewhere:?}");
    bed.aws.set_region(None);
    bed.directory.end_registrations();
    let over = bed.open(&[]);
    assert!(over.status == 400 && over.body.contains("invalid_client"), "{over:?}");
}

#[test]
fn the_page_asks_and_its_buttons_answer_once() {
    let bed = bed();
    bed.directory.set_consent(Consent::Ask);
    let ask = || {
        let page = bed.open(&[]);
        assert!(page.status == 200 && page.body.contains("test asks for: sso:account:access"), "{page:?}");
        let (_, rest) = page.body.split_once("name=\"request\" value=\"").expect("a form");
        rest.split_once('"').expect("a form").0.to_owned()
    };
    let click = |request: &str, answer: &str| {
        let form = format!("request={request}&answer={answer}");
        http("POST", &format!("{}/authorize/answer", bed.aws.url()), &[], &form).expect("the fake answers")
    };
    let request = ask();
    let allowed = click(&request, "allow");
    assert!(allowed.header("location").is_some_and(|to| to.starts_with(&format!("{REDIRECT}?code="))), "{allowed:?}");
    assert_eq!(click(&request, "allow").status, 400);
    let denied = click(&ask(), "deny");
    let to = denied.header("location").expect("a way back");
    assert!(to.starts_with(&format!("{REDIRECT}?error=access%5Fdenied&")) && to.ends_with("state=a%20b%26c"), "{to}");
    bed.directory.consent_next(Consent::Deny);
    assert!(bed.open(&[]).header("location").is_some_and(|to| to.contains("access%5Fdenied")));
}
