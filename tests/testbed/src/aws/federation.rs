//! Console sign-in with session keys
//! (docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::State;
use super::account::Who;
use super::answer::{Answer, Refusal};

/// Seconds for which a sign-in token is good.
const TOKEN_LIFE: i64 = 900;

/// The bare 400 that says nothing of its reason.
fn bad() -> Refusal {
    Refusal::new(400, "BadRequest", "Bad Request")
}

pub(super) fn answer(state: &mut State, action: &str, params: &BTreeMap<String, String>) -> Result<Answer, Refusal> {
    let text = |name: &str| params.get(name).map(String::as_str).filter(|text| !text.is_empty());
    match action {
        "getSigninToken" => signin_token(state, text("Session").ok_or_else(bad)?, text("SessionDuration")),
        "login" => {
            let (token, to) = (text("SigninToken").ok_or_else(bad)?, text("Destination").ok_or_else(bad)?);
            let now = state.now();
            let who = state.signin_tokens.remove(token).filter(|(_, expires)| *expires > now).ok_or_else(bad)?;
            let host = to.strip_prefix("https://").and_then(|rest| rest.split(['/', '?']).next()).unwrap_or_default();
            let console = match who.0.split(':').nth(1) {
                Some("aws-cn") => "console.amazonaws.cn",
                Some("aws-us-gov") => "console.amazonaws-us-gov.com",
                _ => "console.aws.amazon.com",
            };
            if host != console && !host.strip_suffix(console).is_some_and(|region| region.ends_with('.')) {
                return Err(bad());
            }
            state.console_sign_ins.push((who.0, to.to_owned()));
            Ok(Answer::redirect(to.to_owned()))
        }
        _ => Err(bad()),
    }
}

/// Keys of a role's session only: long-term keys and those of GetSessionToken are refused.
fn signin_token(state: &mut State, session: &str, duration: Option<&str>) -> Result<Answer, Refusal> {
    let session: Value = serde_json::from_str(session).map_err(|_| bad())?;
    let text = |name: &str| session.get(name).and_then(Value::as_str).ok_or_else(bad);
    let (id, key, token) = (text("sessionId")?, text("sessionKey")?, text("sessionToken")?);
    let known = state.accounts.sessions.get(id).filter(|known| known.secret == key && known.token == token);
    let known = known.filter(|known| known.expires > state.now()).ok_or_else(bad)?;
    let Who::Role(arn, name) = &known.who else { return Err(bad()) };
    let duration_is_wrong = duration.is_some() && !known.console_duration;
    if duration_is_wrong
        || duration.is_some_and(|text| !text.parse::<i64>().is_ok_and(|seconds| (900..=43_200).contains(&seconds)))
    {
        return Err(bad());
    }
    let who = format!("{arn}/{name}");
    let (token, expires) = (state.accounts.word("signin", 300), state.now() + TOKEN_LIFE);
    state.signin_tokens.insert(token.clone(), (who, expires));
    Ok(Answer::json(200, &json!({"SigninToken": token})))
}
