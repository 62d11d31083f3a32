//! CreateToken: each way to a token, each once.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::oidc::{AUTHORIZATION_CODE, Body, DEVICE_CODE, REFRESH_TOKEN, client, invalid};
use super::{AccessToken, Decision, SignIn};
use crate::aws::State;
use crate::aws::answer::{Answer, Refusal};

/// What a timer may be early.
const EARLY: Duration = Duration::from_millis(50);

pub(super) fn token(state: &mut State, body: &Body, region: Option<&str>) -> Result<Answer, Refusal> {
    let grant = body.needed("grantType")?;
    let (id, client) = client(state, body, region)?;
    if ![DEVICE_CODE, AUTHORIZATION_CODE, REFRESH_TOKEN].contains(&grant) {
        return Err(Refusal::new(400, "UnsupportedGrantTypeException", "Unsupported grant type provided"));
    }
    if !client.grants.iter().any(|allowed| allowed == grant) {
        return Err(Refusal::new(400, "UnauthorizedClientException", "Client is not authorized for this grant"));
    }
    let sign_in = match grant {
        DEVICE_CODE => by_device(state, body, &id)?,
        AUTHORIZATION_CODE => by_code(state, body, &id)?,
        _ => by_refresh(state, body, &id)?,
    };
    Ok(issue(state, sign_in))
}

fn grant(text: &str) -> Refusal {
    Refusal::new(400, "InvalidGrantException", text)
}

fn by_device(state: &mut State, body: &Body, client: &str) -> Result<usize, Refusal> {
    let now = state.now();
    let code = body.needed("deviceCode")?;
    let request = state.center.devices.get_mut(code).filter(|request| request.client == client);
    let request = request.ok_or_else(|| grant("Invalid device code provided"))?;
    let early = |last: Instant| last.elapsed() + EARLY < Duration::from_secs(request.interval);
    let early = request.polled.is_some_and(early);
    request.polled = Some(Instant::now());
    if early {
        // The AWS CLI polls twice at once when it begins, and is not told to slow down.
        request.early += 1;
    }
    if early && request.early > 1 {
        request.interval += 5;
        return Err(Refusal::new(400, "SlowDownException", "Slow down"));
    }
    if request.expires <= now {
        return Err(Refusal::new(400, "ExpiredTokenException", "Device code has expired"));
    }
    let user = match request.answer.clone() {
        None => {
            return Err(Refusal::new(400, "AuthorizationPendingException", "Authorization is still pending"));
        }
        Some(Decision::Denied) => return Err(Refusal::new(400, "AccessDeniedException", "Access denied")),
        Some(Decision::Allowed(user)) => user,
    };
    let start_url = request.start_url.clone();
    state.center.devices.remove(code);
    let scopes = state.center.clients.get(client).map(|c| c.scopes.clone()).unwrap_or_default();
    Ok(state.sign_in(start_url, user, client, scopes))
}

fn by_code(state: &mut State, body: &Body, client: &str) -> Result<usize, Refusal> {
    let (code, redirect, verifier) = (body.needed("code")?, body.needed("redirectUri")?, body.needed("codeVerifier")?);
    let wrong = || grant("Invalid grant provided");
    // Used by this attempt, whatever comes of it.
    let code = state.center.codes.remove(code).ok_or_else(wrong)?;
    let unreserved = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
    if !(43..=128).contains(&verifier.len()) || !verifier.chars().all(unreserved) {
        return Err(invalid("Invalid code verifier provided"));
    }
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    let request = code.request;
    let fits = request.client == client && request.redirect_uri == redirect && request.challenge == challenge;
    if !fits || code.expires <= state.now() {
        return Err(wrong());
    }
    Ok(state.sign_in(request.start_url, code.user, client, request.scopes))
}

fn by_refresh(state: &mut State, body: &Body, client: &str) -> Result<usize, Refusal> {
    let (token, now) = (body.needed("refreshToken")?, state.now());
    let wrong = || grant("Invalid refresh token provided");
    let center = &mut state.center;
    let sign_in = *center.refresh_tokens.get(token).ok_or_else(wrong)?;
    let record = &center.sign_ins[sign_in];
    if record.client != client || record.expires <= now {
        return Err(wrong());
    }
    center.refresh_tokens.remove(token);
    Ok(sign_in)
}

/// An access token and, for a client with scopes, a refresh token that is good once.
fn issue(state: &mut State, sign_in: usize) -> Answer {
    let record = &state.center.sign_ins[sign_in];
    let life = state.center.directories.get(&record.start_url).map_or(28_800, |directory| directory.token_life);
    let refreshable = !record.scopes.is_empty()
        && state.center.clients.get(&record.client).is_some_and(|c| c.grants.iter().any(|g| g == REFRESH_TOKEN));
    let access = state.access_token(sign_in, life);
    let mut answer = json!({"accessToken": access, "tokenType": "Bearer", "expiresIn": life});
    if refreshable {
        answer["refreshToken"] = state.refresh_token(sign_in).into();
    }
    Answer::json(200, &answer)
}

impl State {
    pub(super) fn sign_in(&mut self, start_url: String, user: String, client: &str, scopes: Vec<String>) -> usize {
        let life = self.center.directories.get(&start_url).map_or(28_800, |directory| directory.sign_in_life);
        let expires = self.now() + life;
        self.center.sign_ins.push(SignIn { start_url, user, client: client.to_owned(), scopes, expires });
        self.center.sign_ins.len() - 1
    }

    pub(super) fn access_token(&mut self, sign_in: usize, life: i64) -> String {
        let expires = self.now() + life;
        let token = format!("aoaAAAAAG{}:{}", self.accounts.word("access", 200), self.accounts.word("access", 90));
        self.center.access_tokens.insert(token.clone(), AccessToken { sign_in, expires });
        token
    }

    pub(super) fn refresh_token(&mut self, sign_in: usize) -> String {
        let token = format!("aorAAAAAG{}:{}", self.accounts.word("refresh", 200), self.accounts.word("refresh", 90));
        self.center.refresh_tokens.insert(token.clone(), sign_in);
        token
    }
}
