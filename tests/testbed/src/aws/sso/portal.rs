//! The SSO portal (docs.aws.amazon.com/singlesignon/latest/PortalAPIReference): what a signed-in user may use, and keys.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::oidc::same;
use super::{ACCOUNT_ACCESS, Assigned};
use crate::aws::State;
use crate::aws::account::Who;
use crate::aws::answer::{Answer, Refusal};
use crate::aws::request::{Request, pairs};

fn forbidden() -> Refusal {
    Refusal::new(403, "ForbiddenException", "No access")
}

fn invalid(text: &str) -> Refusal {
    Refusal::new(400, "InvalidRequestException", text)
}

pub(super) fn answer(
    state: &mut State,
    request: &Request,
    action: &str,
    region: Option<&str>,
) -> Result<Answer, Refusal> {
    if action.is_empty() {
        return Err(Refusal::new(405, "MethodNotAllowedException", "Method not allowed"));
    }
    let sign_in = bearer(state, request, region)?;
    let params: BTreeMap<_, _> = pairs(&request.query).into_iter().collect();
    let text = |name: &str| params.get(name).filter(|value| !value.is_empty());
    let needed = |name: &str| text(name).ok_or_else(|| invalid(&format!("Missing required parameter: {name}")));
    if action == "Logout" {
        state.end_sign_in(sign_in);
        return Ok(Answer::xml(200, String::new()));
    }
    if action == "GetRoleCredentials" {
        return credentials(state, sign_in, needed("account_id")?, needed("role_name")?);
    }
    let account = if action == "ListAccountRoles" { Some(needed("account_id")?) } else { None };
    let now = assigned(state, sign_in)?;
    let (name, items): (_, Vec<Value>) = match account {
        Some(id) => {
            let access = now.get(id).ok_or_else(forbidden)?;
            let role = |role: &String| json!({"roleName": role, "accountId": id});
            ("roleList", access.roles.iter().map(role).collect())
        }
        None => {
            let account = |(id, access): (&String, &Assigned)| {
                let mail = format!("aws+{id}@example.com");
                json!({"accountId": id, "accountName": access.account_name, "emailAddress": mail})
            };
            ("accountList", now.iter().map(account).collect())
        }
    };
    let own = state.center.directories.get(&state.center.sign_ins[sign_in].start_url).map_or(20, |d| d.page_size);
    let limit = match text("max_result").map(|limit| limit.parse::<usize>()) {
        None => own,
        Some(Ok(limit @ 1..=100)) => limit.min(own),
        Some(_) => return Err(invalid("max_result is a number from 1 to 100")),
    };
    // Opaque, and with the characters that a careless query spoils.
    let place = |start: usize| STANDARD.encode(format!("{name}>>>???{sign_in}/{}/{start}", account.map_or("", |a| a)));
    let start = match text("next_token") {
        None => 0,
        Some(token) => (1..items.len())
            .find(|start| place(*start) == *token)
            .ok_or_else(|| invalid("Invalid next token provided"))?,
    };
    let end = items.len().min(start + limit);
    let next = if end < items.len() { Value::from(place(end)) } else { Value::Null };
    Ok(Answer::json(200, &json!({name: items[start..end], "nextToken": next})))
}

/// The sign-in whose access token is shown, alive, of this region, and good for the portal.
fn bearer(state: &State, request: &Request, region: Option<&str>) -> Result<usize, Refusal> {
    let unauthorized = || Refusal::new(401, "UnauthorizedException", "Session token not found or invalid");
    let token = request.header("x-amz-sso_bearer_token").ok_or_else(unauthorized)?;
    let token = state.center.access_tokens.get(token).filter(|token| token.expires > state.now());
    let token = token.ok_or_else(unauthorized)?;
    let sign_in = &state.center.sign_ins[token.sign_in];
    let directory = state.center.directories.get(&sign_in.start_url).ok_or_else(unauthorized)?;
    if !same(Some(&directory.region), region) {
        return Err(unauthorized());
    }
    // A client registered without scopes gets the portal, as before there were any.
    if !sign_in.scopes.is_empty() && !sign_in.scopes.iter().any(|scope| scope == ACCOUNT_ACCESS) {
        return Err(forbidden());
    }
    Ok(token.sign_in)
}

fn assigned(state: &State, sign_in: usize) -> Result<&BTreeMap<String, Assigned>, Refusal> {
    let sign_in = &state.center.sign_ins[sign_in];
    let directory = state.center.directories.get(&sign_in.start_url);
    directory.and_then(|directory| directory.users.get(&sign_in.user)).ok_or_else(forbidden)
}

fn credentials(state: &mut State, sign_in: usize, account: &str, role: &str) -> Result<Answer, Refusal> {
    let access = assigned(state, sign_in)?.get(account).ok_or_else(forbidden)?;
    if !access.roles.iter().any(|assigned| assigned == role) {
        return Err(forbidden());
    }
    let sign_in = &state.center.sign_ins[sign_in];
    let user = sign_in.user.clone();
    let directory = state.center.directories.get(&sign_in.start_url).ok_or_else(forbidden)?;
    let life = directory.role_life;
    let arn = role_arn(&directory.region, account, role);
    state.accounts.role_of_sso(&arn);
    let now = state.now();
    let made = state.accounts.make_session(Who::Role(arn, user), false, now, now + life);
    let keys = json!({
        "accessKeyId": made.access_key_id, "secretAccessKey": made.secret_access_key,
        "sessionToken": made.session_token, "expiration": made.expires * 1000,
    });
    Ok(Answer::json(200, &json!({"roleCredentials": keys})))
}

/// The role that Identity Center keeps in an account for a permission set.
pub(super) fn role_arn(region: &str, account: &str, role: &str) -> String {
    let hash = Sha256::digest(format!("{account} {role}"));
    let hash: String = hash[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    let folder = if region == "us-east-1" { String::new() } else { format!("{region}/") };
    format!("arn:aws:iam::{account}:role/aws-reserved/sso.amazonaws.com/{folder}AWSReservedSSO_{role}_{hash}")
}

impl State {
    /// Signs out: access and refresh tokens end, sessions of roles live on.
    pub(super) fn end_sign_in(&mut self, sign_in: usize) {
        self.center.access_tokens.retain(|_, token| token.sign_in != sign_in);
        self.center.refresh_tokens.retain(|_, of| *of != sign_in);
    }
}
