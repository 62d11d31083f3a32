//! The fake's tokens of `aws login`: bound to a key, each taken once, and only with a fresh proof for this very request.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use testbed::FakeAws;
use testbed::aws::client::{Response, http};

const SESSION: &str = "arn:aws:iam::123456789012:user/taro";

/// What a proof says, for a test to change.
struct Proof {
    url: String,
    method: &'static str,
    made: i64,
    id: &'static str,
}

fn pair(file: &Value) -> EcdsaKeyPair {
    let pem = file["dpopKey"].as_str().expect("a key");
    let text: String = pem.lines().filter(|line| !line.starts_with("---")).collect();
    let der = STANDARD.decode(text).expect("base64");
    let (own, point) = (&der[7..39], &der[der.len() - 65..]);
    let random = SystemRandom::new();
    EcdsaKeyPair::from_private_key_and_public_key(&ECDSA_P256_SHA256_FIXED_SIGNING, own, point, &random).expect("a key")
}

fn signed(key: &EcdsaKeyPair, proof: &Proof) -> String {
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let point = key.public_key().as_ref();
    let jwk = json!({"kty": "EC", "crv": "P-256", "x": encode(&point[1..33]), "y": encode(&point[33..])});
    let head = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk});
    let claims = json!({"htm": proof.method, "htu": proof.url, "iat": proof.made, "jti": proof.id});
    let text = format!("{}.{}", encode(head.to_string().as_bytes()), encode(claims.to_string().as_bytes()));
    let signature = key.sign(&SystemRandom::new(), text.as_bytes()).expect("it signs");
    format!("{text}.{}", encode(signature.as_ref()))
}

fn ask(aws: &FakeAws, file: &Value, proof: &str) -> Response {
    let body = json!({
        "clientId": file["clientId"], "grantType": "refresh_token", "refreshToken": file["refreshToken"],
    });
    http("POST", &format!("{}/v1/token", aws.url()), &[("DPoP", proof)], &body.to_string()).expect("the fake answers")
}

fn proof(aws: &FakeAws, id: &'static str) -> Proof {
    Proof { url: format!("{}/v1/token", aws.url()), method: "POST", made: chrono::Utc::now().timestamp(), id }
}

#[test]
fn a_token_is_renewed_once_with_its_own_key() {
    let aws = FakeAws::start();
    let file: Value = serde_json::from_str(&aws.login(SESSION).file(0)).expect("JSON");
    let key = pair(&file);
    let answer = ask(&aws, &file, &signed(&key, &proof(&aws, "1")));
    assert_eq!(answer.status, 200, "{answer:?}");
    let given = answer.json();
    assert!(given["accessToken"]["accessKeyId"].is_string() && given["expiresIn"] == 900, "{given}");
    let again = ask(&aws, &file, &signed(&key, &proof(&aws, "2")));
    assert_eq!((again.status, &again.json()["error"]), (403, &"TOKEN_EXPIRED".into()));
    let next = json!({"clientId": file["clientId"], "refreshToken": given["refreshToken"]});
    let other = pair(&serde_json::from_str(&aws.login(SESSION).file(0)).expect("JSON"));
    assert_eq!(ask(&aws, &next, &signed(&other, &proof(&aws, "3"))).status, 400, "bound to another key");
    assert_eq!(ask(&aws, &next, &signed(&key, &proof(&aws, "4"))).status, 200);
}

#[test]
fn a_proof_that_is_not_for_this_request_is_none() {
    let aws = FakeAws::start();
    let file: Value = serde_json::from_str(&aws.login(SESSION).file(0)).expect("JSON");
    let key = pair(&file);
    for wrong in [
        Proof { url: "https://eu-west-1.signin.aws.amazon.com/v1/token".into(), ..proof(&aws, "1") },
        Proof { method: "GET", ..proof(&aws, "2") },
        Proof { made: 0, ..proof(&aws, "3") },
        Proof { id: "", ..proof(&aws, "4") },
    ] {
        assert_eq!(ask(&aws, &file, &signed(&key, &wrong)).status, 400, "{}", wrong.url);
    }
    let good = signed(&key, &proof(&aws, "5"));
    let (text, signature) = good.rsplit_once('.').expect("three parts");
    let other = signature.chars().rev().collect::<String>();
    for bad in ["", "a.b", &format!("{text}.{other}")] {
        assert_eq!(ask(&aws, &file, bad).status, 400, "{bad}");
    }
    assert_eq!(ask(&aws, &file, &good).status, 200, "nothing was spent");
    let answer = ask(&aws, &file, &good);
    assert_eq!(answer.json()["message"], "the proof was shown before");
}
