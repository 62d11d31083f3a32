//! `awsenv iam revoke`: ends the sessions that were given out before now, by the inline policy that the console's own "Revoke
//! active sessions" puts on roles (IAM User Guide, "Revoking IAM role temporary security credentials"). On a user the same
//! document does the same.

use serde_json::{Value, json};

use super::show::looked;
use super::target::Who;
use super::{Office, count};
use crate::cli::RevokeArgs;
use crate::commands::print;
use crate::error::{Error, Result};
use crate::net::Holder;
use crate::profile::Recipe;
use crate::session::expiry::{self, Zone};
use crate::session::{arn_account, store};
use crate::settings::parse_duration;
use crate::terminal::say;
use crate::time::Timestamp;

/// The console's name for it.
const POLICY: &str = "AWSRevokeOlderSessions";

pub(super) fn run(args: &RevokeArgs, office: &Office) -> Result<()> {
    let role = args.role.as_deref().map(|role| role_name(office, role)).transpose()?;
    let user;
    let holder = match (&role, &args.user, &office.caller.who) {
        (Some(role), ..) => Holder::Role(role),
        (None, None, Who::Role(role)) => Holder::Role(role),
        _ => {
            user = office.user(args.user.as_deref())?;
            Holder::User(&user)
        }
    };
    if args.show {
        return show(office, holder);
    }
    if args.undo {
        return undo(office, holder, args.yes);
    }
    let before = args.before.as_deref().map(|text| time(office, text)).transpose()?;
    end(office, holder, before, args.yes)
}

/// The role's name in what a person calls a role: its name, or its ARN.
fn role_name(office: &Office, text: &str) -> Result<String> {
    let Some(resource) = text.strip_prefix("arn:").and_then(|arn| arn.splitn(5, ':').nth(4)) else {
        return Ok(text.to_owned());
    };
    if arn_account(text).is_some_and(|account| account != office.caller.account) {
        let own = &office.caller.account;
        return Err(Error::failed(format!("{text} belongs to another account than {own}, the caller's"))
            .next("--profile NAME names one that may change IAM there"));
    }
    match resource.rsplit('/').next().filter(|name| !name.is_empty() && resource.starts_with("role/")) {
        Some(name) => Ok(name.to_owned()),
        None => Err(Error::usage("--role takes a role's name, or its ARN (arn:aws:iam::ACCOUNT:role/NAME)")),
    }
}

fn time(office: &Office, text: &str) -> Result<Timestamp> {
    let found = match parse_duration(text) {
        Some(ago) => Some(office.now().plus(-i64::from(ago))),
        None => expiry::parse(text, Zone::Local).or_else(|| expiry::parse(&format!("{text}:00"), Zone::Local)),
    };
    let found = found.ok_or_else(|| {
        Error::usage("--before takes a time: `2026-01-02 15:00` (local), 2026-01-02T15:00:00Z, or 2h (ago)")
    })?;
    if found > office.now().plus(300) {
        return Err(Error::usage("--before lies in the future: every session, later ones too, would be refused"));
    }
    Ok(found)
}

/// Ends the sessions of a user or role that were given out before a time (now, without one).
pub(super) fn end(office: &Office, holder: Holder, before: Option<Timestamp>, yes: bool) -> Result<()> {
    let name = shown(holder);
    refuse_foreign(office, holder)?;
    let there = looked("whether sessions were ended before", office.iam().inline_policy(holder, POLICY))?;
    let until = before.unwrap_or_else(|| office.now());
    let mut lines = Vec::new();
    if there.is_none() {
        lines.push(format!("a policy {POLICY} that {name} may have is replaced, whatever it says"));
    }
    // Now is never back.
    if there.is_none() && before.is_some() {
        lines.push(format!(
            "where sessions of {name} were ended up to a later time than {}, those in between work again",
            until.rfc3339()
        ));
    }
    if let Some(Some(document)) = &there {
        let Some(ended) = ended_before(document).filter(|_| is_ours(document)) else {
            return Err(Error::failed(format!("{name} has a policy {POLICY} that does something else"))
                .next("awsenv iam revoke --show prints it; rename it first"));
        };
        if ended >= until && before.is_none() {
            say(format!("the sessions of {name} given out before {} are ended already", ended.rfc3339()));
            return Ok(());
        }
        if until < ended {
            lines.push(format!(
                "sessions of {name} given out between {} and {} work again until their end",
                until.rfc3339(),
                ended.rfc3339()
            ));
        }
    }
    lines.extend(consequences(office, holder, until)?);
    office.consent(yes, &lines, &format!("End these sessions of {name}? [y/n] "))?;
    office.iam().put_inline_policy(holder, POLICY, &document(until))?;
    say(format!(
        "done: the sessions of {name} given out before {} end; it takes AWS a few minutes to tell everywhere",
        until.rfc3339()
    ));
    let flag = if let Holder::User(_) = holder { "--user" } else { "--role" };
    say(format!("awsenv iam revoke {flag} {} --undo takes it back", bare(holder)));
    Ok(())
}

/// What the policy cuts, and what it does not.
fn consequences(office: &Office, holder: Holder, until: Timestamp) -> Result<Vec<String>> {
    let name = shown(holder);
    let mut lines = vec![format!(
        "ends: what {name} signed in to or was given before {} ({}), in the console and as temporary credentials",
        until.local(office.now()),
        until.rfc3339()
    )];
    match holder {
        Holder::User(user) => {
            lines.push(match looked("which access keys there are", office.iam().list_access_keys(Some(user)))? {
                Some(keys) => match keys.iter().filter(|key| key.active).map(|key| key.id.as_str()).collect::<Vec<_>>()
                {
                    active if active.is_empty() => format!("{user} has no active access key"),
                    active => format!(
                        "goes on: {} of {user} ({}), and new sessions made with them: awsenv iam keys disable KEY_ID \
                         --user {user} first",
                        count(active.len(), "access key"),
                        active.join(", ")
                    ),
                },
                None => format!("goes on: the access keys of {user}, and new sessions made with them"),
            });
            lines.push(
                "goes on: sessions of roles that were assumed before; each role is ended by itself: awsenv iam revoke --role ROLE"
                    .into(),
            );
            let roles = known_roles(office);
            if !roles.is_empty() {
                lines.push(format!("  roles that the files here know: {}", roles.join(", ")));
            }
        }
        Holder::Role(_) => lines.push(format!("goes on: whoever may assume {name} can do so again, now")),
    }
    lines.push(
        "goes on: what is given out later; what IAM Identity Center gives is ended there, with the person's session"
            .into(),
    );
    if is_own(office, holder) {
        lines.push("your own session is among them: awsenv refresh --force gets a new one".into());
    }
    Ok(lines)
}

/// Whether the caller's own session is one of those.
fn is_own(office: &Office, holder: Holder) -> bool {
    office.access.keys.session_token.is_some()
        && match holder {
            Holder::User(user) => office.is_caller(user),
            Holder::Role(role) => office.caller.who == Who::Role(role.to_owned()),
        }
}

/// The roles of this account in profiles, and in the caches of the AWS CLI and awsenv: by name, each once.
fn known_roles(office: &Office) -> Vec<String> {
    let account = Some(office.caller.account.clone());
    let files = &office.desk.files;
    let mut roles: Vec<String> = Vec::new();
    let of_profiles = files.names().into_iter().filter_map(|name| match files.profile(&name)?.recipe().ok()? {
        Recipe::Role(role) => Some(role.arn),
        Recipe::AwsMfa(mfa) => mfa.assume_role,
        _ => None,
    });
    for arn in of_profiles.chain(store::assumed_roles(&office.desk.host)) {
        if arn_account(&arn) != account {
            continue;
        }
        let mut parts = arn.splitn(6, ':').nth(5).unwrap_or_default().split('/');
        let name = match parts.next() {
            // `assumed-role/ROLE/SESSION`
            Some("assumed-role") => parts.next(),
            _ => parts.next_back(),
        };
        let name = name.unwrap_or_default().to_owned();
        if !name.is_empty() && !roles.contains(&name) {
            roles.push(name);
        }
    }
    roles.truncate(20);
    roles
}

/// Roles that IAM lets nobody change, by their path.
fn refuse_foreign(office: &Office, holder: Holder) -> Result<()> {
    let Holder::Role(role) = holder else { return Ok(()) };
    // Without it the change itself will tell.
    let Some(arn) = looked(&format!("who looks after the role {role}"), office.iam().role_arn(role))? else {
        return Ok(());
    };
    if arn.contains(":role/aws-service-role/") {
        return Err(Error::failed(format!(
            "the role {role} belongs to an AWS service, whose sessions cannot be ended"
        )));
    }
    if arn.contains(":role/aws-reserved/sso.amazonaws.com/") {
        return Err(Error::failed(format!("the role {role} belongs to IAM Identity Center"))
            .next("there, end the person's session, and take the permission set from them"));
    }
    Ok(())
}

fn show(office: &Office, holder: Holder) -> Result<()> {
    match office.iam().inline_policy(holder, POLICY)? {
        Some(document) => {
            let pretty = serde_json::from_str::<Value>(&document)
                .and_then(|value| serde_json::to_string_pretty(&value))
                .unwrap_or(document);
            print(format!("{pretty}\n").as_bytes())
        }
        None => Err(Error::failed(format!("no session of {} was ended: there is no policy {POLICY}", shown(holder)))),
    }
}

fn undo(office: &Office, holder: Holder, yes: bool) -> Result<()> {
    let name = shown(holder);
    let nothing = || say(format!("no session of {name} was ended: nothing to do"));
    let there = looked("which sessions were ended", office.iam().inline_policy(holder, POLICY))?;
    if let Some(None) = there {
        nothing();
        return Ok(());
    }
    let line = match there.flatten().as_deref().map(ended_before) {
        None => {
            format!("sessions of {name} that the policy {POLICY} ended and that are not over by themselves work again")
        }
        Some(Some(before)) => {
            format!("sessions of {name} given out before {} and not over by themselves work again", before.rfc3339())
        }
        Some(None) => format!("the policy {POLICY} of {name} goes; it does not look like one that ends sessions"),
    };
    office.consent(yes, &[line], "Take it back? [y/n] ")?;
    match office.iam().delete_inline_policy(holder, POLICY) {
        Err(error) if !error.is_absent() => Err(error.into()),
        // Unseen before, or somebody else was faster.
        Err(_) => {
            nothing();
            Ok(())
        }
        Ok(()) => {
            say(format!("done: older sessions of {name} work again, in a few minutes everywhere"));
            Ok(())
        }
    }
}

/// The console's own document.
fn document(before: Timestamp) -> String {
    let before = before.rfc3339().replace('Z', ".000Z");
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Deny",
            "Action": ["*"],
            "Resource": ["*"],
            "Condition": { "DateLessThan": { "aws:TokenIssueTime": before } },
        }],
    })
    .to_string()
}

/// The time before which a policy ends sessions, where it does.
pub(super) fn ended_before(document: &str) -> Option<Timestamp> {
    statements(document)?.iter().filter(|s| s["Effect"] == "Deny").find_map(|statement| {
        let conditions = statement["Condition"]["DateLessThan"].as_object()?;
        let (_, value) = conditions.iter().find(|(key, _)| key.eq_ignore_ascii_case("aws:TokenIssueTime"))?;
        expiry::parse(value.as_str().or_else(|| value[0].as_str())?, Zone::Utc)
    })
}

/// Whether that is all it does.
fn is_ours(document: &str) -> bool {
    statements(document).is_some_and(|all| all.len() == 1)
}

fn statements(document: &str) -> Option<Vec<Value>> {
    let document: Value = serde_json::from_str(document).ok()?;
    Some(match &document["Statement"] {
        Value::Array(all) => all.clone(),
        one => vec![one.clone()],
    })
}

fn bare(holder: Holder<'_>) -> &str {
    match holder {
        Holder::User(name) | Holder::Role(name) => name,
    }
}

fn shown(holder: Holder) -> String {
    match holder {
        Holder::User(name) => name.to_owned(),
        Holder::Role(name) => format!("the role {name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_is_the_consoles_and_is_read_back() {
        let then = Timestamp(1_767_225_600);
        assert_eq!(
            document(then),
            "{\"Statement\":[{\"Action\":[\"*\"],\"Condition\":{\"DateLessThan\":{\"aws:TokenIssueTime\":\
             \"2026-01-01T00:00:00.000Z\"}},\"Effect\":\"Deny\",\"Resource\":[\"*\"]}],\"Version\":\"2012-10-17\"}"
        );
        assert_eq!(ended_before(&document(then)), Some(then));
        assert!(is_ours(&document(then)));
        let single = "{\"Statement\":{\"Effect\":\"Deny\",\"Condition\":{\"DateLessThan\":{\"AWS:TokenIssueTime\":\
                      [\"2026-01-01T00:00:00Z\"]}}}}";
        assert_eq!(ended_before(single), Some(then));
        assert_eq!(ended_before(&single.replace("Deny", "Allow")), None);
        assert_eq!(ended_before("no JSON"), None);
    }
}
