//! `awsenv iam show [USER]`: what a user has, on one screen.

use serde::Serialize;

use super::{Office, age, policy, revoke};
use crate::cli::IamShowArgs;
use crate::commands::{print, report};
use crate::error::Result;
use crate::net::{AccessKey, Holder, IamError, LastUse, LoginProfile, MfaDevice, PasswordPolicy};
use crate::terminal::{Colours, clean, warn};
use crate::time::Timestamp;

/// One answer, or why there is none.
pub(super) type Seen<T> = std::result::Result<T, Missing>;

/// What the caller may not look at.
pub(super) struct Missing {
    /// `the permission iam:GetUser is missing`.
    pub why: String,
    /// `iam:GetUser`.
    pub permission: String,
}

struct Shown {
    user: String,
    about: Seen<crate::net::IamUser>,
    password: Seen<Option<LoginProfile>>,
    devices: Seen<Vec<MfaDevice>>,
    keys: Seen<Vec<(AccessKey, Seen<Option<LastUse>>)>>,
    ends: Seen<Vec<Ends>>,
    policy: Seen<Option<PasswordPolicy>>,
}

/// An inline policy that ends sessions.
struct Ends {
    policy: String,
    before: Timestamp,
}

pub(super) fn run(args: &IamShowArgs, office: &Office) -> Result<()> {
    let user = office.user(args.user.as_deref())?;
    let shown = look(office, user)?;
    match args.json {
        true => print(&report::json(&json(&shown))?),
        false => print(text(office, &shown).as_bytes()),
    }
}

fn look(office: &Office, user: String) -> Result<Shown> {
    let iam = office.iam();
    let about = seen(iam.get_user(Some(&user)))?;
    let keys = match seen(iam.list_access_keys(Some(&user)))? {
        Ok(keys) => {
            let with_use = keys.into_iter().map(|key| Ok((key.clone(), seen(iam.last_use(&key.id))?)));
            Ok(with_use.collect::<Result<Vec<_>>>()?)
        }
        Err(why) => Err(why),
    };
    Ok(Shown {
        about,
        password: seen(iam.get_login_profile(Some(&user)))?,
        devices: seen(iam.list_mfa_devices(Some(&user)))?,
        keys,
        ends: ends(office, &user)?,
        policy: seen(iam.password_policy())?,
        user,
    })
}

/// A denied look-up is skipped; whatever else fails ends the command.
pub(super) fn seen<T>(outcome: std::result::Result<T, IamError>) -> Result<Seen<T>> {
    match outcome {
        Ok(value) => Ok(Ok(value)),
        Err(error) => match error.missing() {
            Some((why, permission)) => Ok(Err(Missing { why, permission })),
            None => Err(error.into()),
        },
    }
}

/// The same for what only helps: says that it was left out.
///
/// # Errors
/// As [`seen`].
pub(super) fn looked<T>(what: &str, outcome: std::result::Result<T, IamError>) -> Result<Option<T>> {
    Ok(match seen(outcome)? {
        Ok(value) => Some(value),
        Err(missing) => {
            warn(format!("{what} cannot be seen: {}", missing.why));
            None
        }
    })
}

fn ends(office: &Office, user: &str) -> Result<Seen<Vec<Ends>>> {
    let iam = office.iam();
    let names = match seen(iam.list_user_policies(user))? {
        Ok(names) => names,
        Err(why) => return Ok(Err(why)),
    };
    let mut found = Vec::new();
    for policy in names {
        match seen(iam.inline_policy(Holder::User(user), &policy))? {
            Ok(Some(document)) => {
                found.extend(revoke::ended_before(&document).map(|before| Ends { policy, before }));
            }
            Ok(None) => {}
            Err(why) => return Ok(Err(why)),
        }
    }
    Ok(Ok(found))
}

fn text(office: &Office, shown: &Shown) -> String {
    let colours = Colours::on_stdout(&office.desk.host);
    let now = office.now();
    let day = |time: Timestamp| time.rfc3339()[..10].to_owned();
    let missing = |missing: &Missing| colours.faint(&format!("not shown: {}", missing.why));
    let mut rows: Vec<(&str, Vec<String>)> = Vec::new();
    let arn = shown.about.as_ref().map_or_else(missing, |about| clean(&about.arn));
    if let Ok(about) = &shown.about {
        rows.extend(about.created.map(|t| ("made", vec![format!("{} ({} ago)", day(t), age(t, now))])));
    }
    rows.push((
        "console password",
        vec![match &shown.password {
            Err(why) => missing(why),
            Ok(None) => "none".into(),
            Ok(Some(profile)) => {
                let since = profile.created.map(|t| format!("since {}", day(t)));
                let reset = profile.reset_required.then(|| colours.warning("must be changed at the next sign-in"));
                let used = shown.about.as_ref().ok().map(|about| match about.password_last_used {
                    Some(t) => format!("last used {} ago", age(t, now)),
                    None => "never used".into(),
                });
                [since, reset, used].into_iter().flatten().collect::<Vec<_>>().join(", ")
            }
        }],
    ));
    rows.push((
        "MFA devices",
        match &shown.devices {
            Err(why) => vec![missing(why)],
            Ok(devices) if devices.is_empty() => vec![colours.warning("none")],
            Ok(devices) => devices
                .iter()
                .map(|d| {
                    format!(
                        "{}{}",
                        clean(&d.serial),
                        d.enabled.map(|t| format!("  since {}", day(t))).unwrap_or_default()
                    )
                })
                .collect(),
        },
    ));
    rows.push((
        "access keys",
        match &shown.keys {
            Err(why) => vec![missing(why)],
            Ok(keys) if keys.is_empty() => vec!["none".into()],
            Ok(keys) => keys
                .iter()
                .map(|(key, used)| {
                    let used = match used {
                        Ok(used) => last_used(used.as_ref(), now),
                        Err(why) => missing(why),
                    };
                    let state = if key.active { "active" } else { "inactive" };
                    let age = key.created.map(|t| format!("{} old", age(t, now))).unwrap_or_default();
                    format!("{}  {state}, {age}, {used}", clean(&key.id))
                })
                .collect(),
        },
    ));
    match &shown.ends {
        Err(why) => rows.push(("ended sessions", vec![missing(why)])),
        Ok(ends) if ends.is_empty() => {}
        Ok(ends) => rows.push((
            "ended sessions",
            ends.iter()
                .map(|e| format!("those given out before {} ({})", e.before.rfc3339(), clean(&e.policy)))
                .collect(),
        )),
    }
    rows.push((
        "password policy",
        match &shown.policy {
            Err(why) => vec![missing(why)],
            Ok(policy) => policy::words(policy.as_ref()),
        },
    ));
    let you = if office.is_caller(&shown.user) { " (you)" } else { "" };
    let mut lines = format!("{}{you}  {arn}\n", colours.strong(&clean(&shown.user)));
    for (name, values) in rows {
        for (at, value) in values.iter().enumerate() {
            let head = if at == 0 { name } else { "" };
            lines.push_str(&format!("  {head:<16}  {}\n", value));
        }
    }
    lines
}

/// `last used 3 days ago (s3, eu-west-1)`.
pub(super) fn last_used(used: Option<&LastUse>, now: Timestamp) -> String {
    match used {
        Some(used) => {
            format!("last used {} ago ({}, {})", age(used.when, now), clean(&used.service), clean(&used.region))
        }
        None => "never used".into(),
    }
}

#[derive(Serialize)]
struct Json<'s> {
    user: &'s str,
    arn: Option<&'s str>,
    /// RFC 3339, UTC, as all times here.
    created: Option<String>,
    console_password: Option<JsonPassword>,
    mfa_devices: Option<Vec<JsonDevice<'s>>>,
    access_keys: Option<Vec<JsonKey>>,
    ended_sessions: Option<Vec<JsonEnds<'s>>>,
    password_policy: Option<JsonPolicy>,
    /// What the caller may not see: the permissions that are missing.
    not_shown: Vec<&'s str>,
}

#[derive(Serialize)]
struct JsonPassword {
    exists: bool,
    created: Option<String>,
    must_be_changed: Option<bool>,
    last_used: Option<String>,
}

#[derive(Serialize)]
pub(super) struct JsonDevice<'s> {
    serial: &'s str,
    enabled: Option<String>,
}

#[derive(Serialize)]
pub(super) struct JsonKey {
    id: String,
    active: bool,
    created: Option<String>,
    last_used: Option<String>,
    last_used_service: Option<String>,
    last_used_region: Option<String>,
}

#[derive(Serialize)]
struct JsonEnds<'s> {
    policy: &'s str,
    before: String,
}

#[derive(Serialize)]
struct JsonPolicy {
    /// AWS's own rules where the account has none.
    custom: bool,
    minimum_length: usize,
    rules: Vec<String>,
}

impl<'s> JsonDevice<'s> {
    pub(super) fn of(device: &'s MfaDevice) -> Self {
        JsonDevice { serial: &device.serial, enabled: device.enabled.map(Timestamp::rfc3339) }
    }
}

impl JsonKey {
    pub(super) fn of(key: &AccessKey, used: Option<&LastUse>) -> Self {
        JsonKey {
            id: key.id.clone(),
            active: key.active,
            created: key.created.map(Timestamp::rfc3339),
            last_used: used.map(|used| used.when.rfc3339()),
            last_used_service: used.map(|used| used.service.clone()),
            last_used_region: used.map(|used| used.region.clone()),
        }
    }
}

fn json(shown: &Shown) -> Json<'_> {
    let about = shown.about.as_ref().ok();
    let key_uses = shown.keys.iter().flatten().filter_map(|(_, used)| used.as_ref().err());
    let missing = [
        shown.about.as_ref().err(),
        shown.password.as_ref().err(),
        shown.devices.as_ref().err(),
        shown.keys.as_ref().err(),
        shown.ends.as_ref().err(),
        shown.policy.as_ref().err(),
    ];
    let mut not_shown: Vec<&str> =
        missing.into_iter().flatten().chain(key_uses).map(|m| m.permission.as_str()).collect();
    not_shown.dedup();
    Json {
        user: &shown.user,
        arn: about.map(|about| about.arn.as_str()),
        created: about.and_then(|about| about.created).map(Timestamp::rfc3339),
        console_password: shown.password.as_ref().ok().map(|profile| JsonPassword {
            exists: profile.is_some(),
            created: profile.as_ref().and_then(|p| p.created).map(Timestamp::rfc3339),
            must_be_changed: profile.as_ref().map(|p| p.reset_required),
            last_used: about.and_then(|about| about.password_last_used).map(Timestamp::rfc3339),
        }),
        mfa_devices: shown.devices.as_ref().ok().map(|all| all.iter().map(JsonDevice::of).collect()),
        access_keys: shown.keys.as_ref().ok().map(|all| {
            let used = |used: &Seen<Option<LastUse>>| used.as_ref().ok().cloned().flatten();
            all.iter().map(|(key, last)| JsonKey::of(key, used(last).as_ref())).collect()
        }),
        ended_sessions: shown
            .ends
            .as_ref()
            .ok()
            .map(|all| all.iter().map(|e| JsonEnds { policy: &e.policy, before: e.before.rfc3339() }).collect()),
        password_policy: shown.policy.as_ref().ok().map(|policy| JsonPolicy {
            custom: policy.is_some(),
            minimum_length: policy::minimum(policy.as_ref()),
            rules: policy::words(policy.as_ref()),
        }),
        not_shown,
    }
}
