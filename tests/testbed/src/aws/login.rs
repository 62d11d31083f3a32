//! AWS Sign-In's tokens for `aws login` (botocore's model `signin/2023-01-01`), strict on DPoP (RFC 9449): a token is bound
//! to a key, and each request proves that its sender has it.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, UnparsedPublicKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::account::Who;
use super::answer::{Answer, Refusal};
use super::request::Request;
use super::{Credentials, Shared, State};

const CLIENT: &str = "arn:aws:signin:::devtools/same-device";
/// Seconds for which keys are given.
const KEY_LIFE: i64 = 900;
/// Seconds by which a proof's time may be off.
const PROOF_LIFE: i64 = 300;

#[derive(Default)]
pub(super) struct Logins {
    /// By refresh token; each is taken once.
    tokens: BTreeMap<String, Grant>,
    /// The proofs that were shown already.
    shown: BTreeSet<String>,
}

impl Logins {
    /// Those that were not used yet.
    pub fn refresh_tokens(&self) -> impl Iterator<Item = &String> {
        self.tokens.keys()
    }
}

#[derive(Clone)]
struct Grant {
    /// The ARN that signed in.
    session: String,
    /// The public point of the key that it is bound to.
    point: Vec<u8>,
    /// `TOKEN_EXPIRED`, `USER_CREDENTIALS_CHANGED`, `INSUFFICIENT_PERMISSIONS`.
    refused: Option<&'static str>,
}

/// A sign-in by `aws login`, as the AWS CLI keeps it.
pub struct Login {
    state: Shared,
    session: String,
    pem: String,
    point: Vec<u8>,
    refresh: String,
}

impl Login {
    pub(super) fn new(state: Shared, session: &str) -> Login {
        let (pem, point) = key();
        let refresh = {
            let mut state = state.lock();
            let token = state.accounts.word("login", 400);
            let grant = Grant { session: session.to_owned(), point: point.clone(), refused: None };
            state.logins.tokens.insert(token.clone(), grant);
            token
        };
        Login { state, session: session.to_owned(), pem, point, refresh }
    }

    /// Where the AWS CLI keeps it, below the home.
    pub fn file_name(&self) -> String {
        let hash = Sha256::digest(&self.session).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        format!(".aws/login/cache/{hash}.json")
    }

    /// What the AWS CLI writes, with keys that end in so many seconds (may be negative).
    pub fn file(&self, seconds: i64) -> String {
        let made = self.keys(seconds);
        let ends = chrono::DateTime::from_timestamp(made.expires, 0).unwrap_or_default();
        json!({
            "accessToken": {
                "accessKeyId": made.access_key_id,
                "secretAccessKey": made.secret_access_key,
                "sessionToken": made.session_token,
                "accountId": self.session.split(':').nth(4),
                "expiresAt": ends.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            },
            "tokenType": "aws_sigv4",
            "clientId": CLIENT,
            "refreshToken": self.refresh,
            "idToken": "e30.e30.e30",
            "dpopKey": self.pem,
        })
        .to_string()
    }

    /// From now on AWS refuses every refresh token of this sign-in with this word.
    pub fn refuse(&self, word: &'static str) {
        let mut state = self.state.lock();
        for grant in state.logins.tokens.values_mut().filter(|grant| grant.point == self.point) {
            grant.refused = Some(word);
        }
    }

    fn keys(&self, seconds: i64) -> Credentials {
        let mut state = self.state.lock();
        let now = state.now();
        state.accounts.make_session(who(&self.session), false, now, now + seconds)
    }
}

/// Who has signed in: a user by his ARN, a role by `assumed-role/NAME/SESSION`.
fn who(session: &str) -> Who {
    match session.split_once(":assumed-role/").and_then(|(_, rest)| rest.split_once('/')) {
        Some((role, name)) => {
            let account = session.split(':').nth(4).unwrap_or_default();
            Who::Role(format!("arn:aws:iam::{account}:role/{role}"), name.to_owned())
        }
        None => Who::User(session.to_owned()),
    }
}

/// A new P-256 key: PEM in SEC 1's form, as the AWS CLI writes it, and its public point.
fn key() -> (String, Vec<u8>) {
    let why = "a key can be made";
    let random = SystemRandom::new();
    let whole = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).expect(why);
    let whole = whole.as_ref();
    // PKCS #8 as ring writes it ends in the private octets, `a1 44 03 42 00`, and the public point.
    let (point, own) = (&whole[whole.len() - 65..], &whole[whole.len() - 102..whole.len() - 70]);
    let parts: [&[u8]; 5] = [
        &[0x30, 0x77, 0x02, 0x01, 0x01, 0x04, 0x20],
        own,
        &[0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07],
        &[0xa1, 0x44, 0x03, 0x42, 0x00],
        point,
    ];
    let text = STANDARD.encode(parts.concat());
    let lines: Vec<&str> = (0..text.len()).step_by(64).map(|at| &text[at..text.len().min(at + 64)]).collect();
    let pem = format!("-----BEGIN EC PRIVATE KEY-----\n{}\n-----END EC PRIVATE KEY-----\n", lines.join("\n"));
    (pem, point.to_vec())
}

fn invalid(text: impl Into<String>) -> Refusal {
    Refusal::new(400, "INVALID_REQUEST", text)
}

/// CreateOAuth2Token. `origin` is scheme and host under which the client reached this service.
pub(super) fn token(state: &mut State, request: &Request, origin: &str) -> Result<Answer, Refusal> {
    let body: Value = serde_json::from_slice(&request.body).map_err(|_| invalid("the body is no JSON"))?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).ok_or_else(|| invalid(format!("no {name}")));
    if text("grantType")? != "refresh_token" || text("clientId")? != CLIENT {
        return Err(invalid("another grant or client"));
    }
    let point = proof(state, request.header("dpop").unwrap_or_default(), &format!("{origin}/v1/token"))?;
    let refresh = text("refreshToken")?;
    let over = || Refusal::new(403, "TOKEN_EXPIRED", "The refresh token has expired");
    let grant = state.logins.tokens.get(refresh).cloned().ok_or_else(over)?;
    if grant.point != point {
        return Err(invalid("the token is bound to another key"));
    }
    if let Some(word) = grant.refused {
        return Err(Refusal::new(403, word, "Access denied"));
    }
    state.logins.tokens.remove(refresh);
    let now = state.now();
    let made = state.accounts.make_session(who(&grant.session), false, now, now + KEY_LIFE);
    let next = state.accounts.word("login", 400);
    state.logins.tokens.insert(next.clone(), grant);
    Ok(Answer::json(
        200,
        &json!({
            "accessToken": {
                "accessKeyId": made.access_key_id,
                "secretAccessKey": made.secret_access_key,
                "sessionToken": made.session_token,
            },
            "tokenType": "aws_sigv4", "expiresIn": KEY_LIFE, "refreshToken": next,
        }),
    ))
}

/// Checks a proof; gives the public point of the key that signed it.
fn proof(state: &mut State, text: &str, url: &str) -> Result<Vec<u8>, Refusal> {
    let parts: Vec<&str> = text.split('.').collect();
    let [head, claims, signature] = parts[..] else { return Err(invalid("no DPoP proof")) };
    let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| invalid("the proof is no base64url"));
    let object = |part: &str| -> Result<Value, Refusal> {
        serde_json::from_slice(&bytes(part)?).map_err(|_| invalid("the proof is no JSON"))
    };
    let (header, claims_json) = (object(head)?, object(claims)?);
    let key = &header["jwk"];
    let kinds = [&header["typ"], &header["alg"], &key["kty"], &key["crv"]];
    if kinds != ["dpop+jwt", "ES256", "EC", "P-256"] || key.get("d").is_some() {
        return Err(invalid("the proof is of another kind"));
    }
    let coordinate = |name: &str| bytes(key[name].as_str().unwrap_or_default());
    let point = [vec![4], coordinate("x")?, coordinate("y")?].concat();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &point)
        .verify(format!("{head}.{claims}").as_bytes(), &bytes(signature)?)
        .map_err(|_| invalid("the proof's signature does not hold"))?;
    if claims_json["htm"] != "POST" || claims_json["htu"] != url {
        return Err(invalid(format!("the proof is for another request than {url}")));
    }
    let made = claims_json["iat"].as_i64().unwrap_or_default();
    if (state.now() - made).abs() > PROOF_LIFE {
        return Err(invalid("the proof's time is not now"));
    }
    let id = claims_json["jti"].as_str().filter(|id| !id.is_empty()).ok_or_else(|| invalid("the proof has no id"))?;
    if !state.logins.shown.insert(id.to_owned()) {
        return Err(invalid("the proof was shown before"));
    }
    Ok(point)
}
