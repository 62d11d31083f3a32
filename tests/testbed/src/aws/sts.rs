//! STS: who the caller is, sessions with a code, roles. The texts are AWS's own, as its users report them.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat};

use super::State;
use super::account::{Credentials, RoleRecord, Who, account_of, partition_of};
use super::answer::{Answer, Refusal, escaped};
use super::permission::{self, Resource};

pub(super) const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

type Params = BTreeMap<String, String>;

/// The caller, after its signature was checked.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub who: Who,
    /// Whether it signed with a session.
    pub session: bool,
    pub mfa: bool,
    /// When its session was issued, in seconds since 1970; long-term keys have none.
    pub issued: Option<i64>,
}

pub(super) fn answer(state: &mut State, caller: &Caller, action: &str, params: &Params) -> Result<Answer, Refusal> {
    let result = match action {
        "GetCallerIdentity" => identity(state, caller)?,
        "GetSessionToken" => session_token(state, caller, params)?,
        "AssumeRole" => assume_role(state, caller, params)?,
        _ => {
            let text = format!("Could not find operation {action} for version 2011-06-15");
            return Err(Refusal::new(400, "InvalidAction", text));
        }
    };
    Ok(Answer::query(NAMESPACE, action, &result))
}

fn identity(state: &State, caller: &Caller) -> Result<String, Refusal> {
    let (id, account) = match &caller.who {
        Who::User(arn) => {
            let user = state.accounts.users.get(arn).ok_or_else(Refusal::unknown_key)?;
            (user.id.clone(), &user.account)
        }
        Who::Role(arn, session) => {
            let role = state.accounts.roles.get(arn).ok_or_else(Refusal::unknown_key)?;
            (format!("{}:{session}", role.id), &role.account)
        }
    };
    let arn = escaped(&arn_of(state, caller));
    Ok(format!("<Arn>{arn}</Arn><UserId>{}</UserId><Account>{account}</Account>", escaped(&id)))
}

/// The ARN by which AWS speaks of the caller.
pub(super) fn arn_of(state: &State, caller: &Caller) -> String {
    match &caller.who {
        Who::User(arn) => arn.clone(),
        Who::Role(arn, session) => match state.accounts.roles.get(arn) {
            Some(role) => assumed(role, session),
            None => arn.clone(),
        },
    }
}

fn assumed(role: &RoleRecord, session: &str) -> String {
    format!("arn:{}:sts::{}:assumed-role/{}/{session}", role.partition, role.account, role.name)
}

fn session_token(state: &mut State, caller: &Caller, params: &Params) -> Result<String, Refusal> {
    if caller.session {
        return Err(Refusal::denied("Cannot call GetSessionToken with session credentials"));
    }
    let seconds = duration(params, 43_200, 129_600)?;
    let mfa = check_code(state, caller, params)?;
    let now = state.now();
    Ok(credentials(&state.accounts.make_session(caller.who.clone(), mfa, now, now + seconds)))
}

fn assume_role(state: &mut State, caller: &Caller, params: &Params) -> Result<String, Refusal> {
    let text = |name: &str| params.get(name).map_or("", String::as_str);
    let (arn, session) = (text("RoleArn"), text("RoleSessionName"));
    check_session_name(session)?;
    let seconds = duration(params, 3_600, 43_200)?;
    let coded = check_code(state, caller, params)?;

    let denied = || {
        let caller = arn_of(state, caller);
        Refusal::denied(format!("User: {caller} is not authorized to perform: sts:AssumeRole on resource: {arn}"))
    };
    permission::check(state, caller, "sts:AssumeRole", Some(&Resource::arn(arn)))?;
    let role = state.accounts.roles.get(arn).ok_or_else(denied)?;
    let own = caller.who.arn();
    let whole = format!("arn:{}:iam::{}:root", partition_of(own), account_of(own));
    let trusted = role.trusted.iter().any(|t| t == own || *t == whole);
    let identified = role.external_id.as_deref().is_none_or(|id| id == text("ExternalId"));
    if !trusted || !identified || (role.mfa_required && !coded && !caller.mfa) {
        return Err(denied());
    }
    if caller.session && seconds > 3_600 {
        let text = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.";
        return Err(Refusal::invalid(text));
    }
    if seconds > role.max_duration {
        let text = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
        return Err(Refusal::invalid(text));
    }

    let (id, assumed) = (format!("{}:{session}", role.id), assumed(role, session));
    let now = state.now();
    // MFA is not carried on: aws:MultiFactorAuthPresent is absent in a role's session.
    let who = Who::Role(arn.to_owned(), session.to_owned());
    let made = state.accounts.make_session(who, false, now, now + seconds);
    if !caller.session {
        state.accounts.take_console_duration(&made.access_key_id);
    }
    let user = format!("<AssumedRoleId>{}</AssumedRoleId><Arn>{}</Arn>", escaped(&id), escaped(&assumed));
    let source = params.get("SourceIdentity").map(|s| format!("<SourceIdentity>{}</SourceIdentity>", escaped(s)));
    let source = source.unwrap_or_default();
    Ok(format!("{}<AssumedRoleUser>{user}</AssumedRoleUser>{source}", credentials(&made)))
}

/// AssumeRoleWithWebIdentity, which nobody signs: the role trusts `web-identity:TOKEN`.
pub(super) fn with_web_identity(state: &mut State, params: &Params) -> Result<Answer, Refusal> {
    let text = |name: &str| params.get(name).map_or("", String::as_str);
    let (arn, session, token) = (text("RoleArn"), text("RoleSessionName"), text("WebIdentityToken"));
    check_session_name(session)?;
    let seconds = duration(params, 3_600, 43_200)?;
    if token.split('.').count() != 3 {
        let text = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)";
        return Err(Refusal::new(400, "InvalidIdentityToken", text));
    }
    let role = state.accounts.roles.get(arn).filter(|role| role.trusted.contains(&format!("web-identity:{token}")));
    let role = role.ok_or_else(|| Refusal::denied("Not authorized to perform sts:AssumeRoleWithWebIdentity"))?;
    if seconds > role.max_duration {
        let text = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
        return Err(Refusal::invalid(text));
    }
    let (id, assumed) = (format!("{}:{session}", role.id), assumed(role, session));
    let now = state.now();
    let made = state.accounts.make_session(Who::Role(arn.to_owned(), session.to_owned()), false, now, now + seconds);
    let user = format!("<AssumedRoleId>{}</AssumedRoleId><Arn>{}</Arn>", escaped(&id), escaped(&assumed));
    let result = format!(
        "<SubjectFromWebIdentityToken>sub</SubjectFromWebIdentityToken>{}<AssumedRoleUser>{user}</AssumedRoleUser>",
        credentials(&made)
    );
    Ok(Answer::query(NAMESPACE, "AssumeRoleWithWebIdentity", &result))
}

/// Whether a code was given with the request; it is used then.
fn check_code(state: &mut State, caller: &Caller, params: &Params) -> Result<bool, Refusal> {
    let (serial, code) = match (params.get("SerialNumber"), params.get("TokenCode")) {
        (None, None) => return Ok(false),
        (Some(serial), Some(code)) => (serial, code),
        _ => {
            let text = "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.";
            return Err(Refusal::denied(text));
        }
    };
    if code.len() != 6 || !code.bytes().all(|b| b.is_ascii_digit()) {
        let must = match code.len() {
            ..6 => "Member must have length greater than or equal to 6",
            7.. => "Member must have length less than or equal to 6",
            6 => r"Member must satisfy regular expression pattern: [\d]*",
        };
        return Err(Refusal::constraint(code, "tokenCode", must));
    }
    let now = state.now();
    let device = state.accounts.devices.get_mut(serial.as_str());
    let own = device.filter(|d| d.in_step && matches!(&caller.who, Who::User(arn) if Some(arn) == d.user.as_ref()));
    let Some(device) = own else {
        let text = "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial \
                    number is valid and associated with this user.";
        return Err(Refusal::denied(text));
    };
    if !device.take(code, now) {
        return Err(Refusal::denied("MultiFactorAuthentication failed with invalid MFA one time pass code. "));
    }
    Ok(true)
}

/// DurationSeconds between 900 and `max`.
fn duration(params: &Params, default: i64, max: i64) -> Result<i64, Refusal> {
    let Some(text) = params.get("DurationSeconds") else { return Ok(default) };
    let must = match text.parse::<i64>() {
        Ok(seconds) if seconds < 900 => "greater than or equal to 900".to_owned(),
        Ok(seconds) if seconds > max => format!("less than or equal to {max}"),
        Ok(seconds) => return Ok(seconds),
        Err(_) => "a number".to_owned(),
    };
    Err(Refusal::constraint(text, "durationSeconds", &format!("Member must have value {must}")))
}

fn check_session_name(name: &str) -> Result<(), Refusal> {
    let must = match name.chars().count() {
        ..2 => "Member must have length greater than or equal to 2",
        65.. => "Member must have length less than or equal to 64",
        _ if name.chars().any(|c| !c.is_ascii_alphanumeric() && !"_+=,.@-".contains(c)) => {
            r"Member must satisfy regular expression pattern: [\w+=,.@-]*"
        }
        _ => return Ok(()),
    };
    Err(Refusal::constraint(name, "roleSessionName", must))
}

fn credentials(made: &Credentials) -> String {
    let end = DateTime::from_timestamp(made.expires, 0).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Secs, true);
    format!(
        "<Credentials><AccessKeyId>{}</AccessKeyId><SecretAccessKey>{}</SecretAccessKey>\
         <SessionToken>{}</SessionToken><Expiration>{end}</Expiration></Credentials>",
        made.access_key_id, made.secret_access_key, made.session_token
    )
}
