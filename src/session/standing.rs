//! How a profile's session stands, as far as the files tell. Nothing here starts a program or speaks to the network.

use std::path::{Path, PathBuf};

use bstr::ByteSlice;

use super::expiry::{self, Zone};
use super::plan::{self, Gate, Plan, Root};
use super::store::{self, Glance, Stored};
use crate::error::Result;
use crate::host::Host;
use crate::profile::{CredentialSource, Profile, ProfileName, Recipe, Role, Sso, Static};
use crate::settings::Settings;
use crate::time::Timestamp;

/// What kind of session a profile has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Mfa,
    Role,
    Sso,
    Login,
    Process,
    WebIdentity,
    Static,
    Environment,
    None,
}

impl Kind {
    /// The word in `--json`.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Mfa => "mfa",
            Kind::Role => "role",
            Kind::Sso => "sso",
            Kind::Login => "login",
            Kind::Process => "process",
            Kind::WebIdentity => "web-identity",
            Kind::Static => "static",
            Kind::Environment => "environment",
            Kind::None => "none",
        }
    }
}

/// How a session stands now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Works.
    Valid,
    /// Works, and its end lies within the margin.
    Expiring,
    /// Over or never fetched, but renewable without a person.
    Refreshable,
    /// Over; a person is needed.
    Expired,
    /// There never was one; a person is needed.
    Missing,
    /// Keys without an end.
    Permanent,
    /// Only running a command would tell.
    Unknown,
}

impl State {
    /// The word in `--json` and in the stamp.
    pub fn word(self) -> &'static str {
        match self {
            State::Valid => "valid",
            State::Expiring => "expiring",
            State::Refreshable => "refreshable",
            State::Expired => "expired",
            State::Missing => "missing",
            State::Permanent => "permanent",
            State::Unknown => "unknown",
        }
    }

    /// Whether the next command needs a code or a browser first.
    pub fn needs_person(self) -> bool {
        matches!(self, State::Expired | State::Missing)
    }
}

/// Everything that `status`, `list`, the stamp and the guard say about a session.
#[derive(Debug, Clone)]
pub struct Standing {
    pub kind: Kind,
    pub state: State,
    /// When the next code or browser will be needed; `None` where the files cannot tell or no person is needed.
    pub expires_at: Option<Timestamp>,
    /// From when on the guard renews it without a person, though it still works: AWS takes a refresh token once, so that
    /// commands which start together must not all renew it. `None`: it has no such time.
    pub renew_at: Option<Timestamp>,
    /// Cache files whose change changes this.
    pub files: Vec<PathBuf>,
    pub account: Option<String>,
    pub mfa_serial: Option<String>,
    pub source_profile: Option<ProfileName>,
}

impl Standing {
    fn new(kind: Kind, state: State) -> Self {
        let (files, account, mfa_serial, source_profile) = (Vec::new(), None, None, None);
        Standing { kind, state, expires_at: None, renew_at: None, files, account, mfa_serial, source_profile }
    }

    /// Whether the guard shall renew it now, without a person.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.renew_at.is_some_and(|at| at <= now)
    }

    /// The same with the margin of one command: a session that ends within it counts as expiring.
    pub fn ends_within(&self, margin: u32, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end.since(now) <= i64::from(margin))
    }
}

/// The standing of a profile.
///
/// # Errors
/// Those of [`Profile::recipe`].
pub fn of_profile(host: &Host, settings: &Settings, profile: &Profile) -> Result<Standing> {
    of_known(host, settings, profile, &profile.recipe()?)
}

/// The same for one of many profiles, of which caches are read once.
///
/// # Errors
/// Those of [`Profile::recipe`].
pub fn of_one_of_many(host: &Host, settings: &Settings, profile: &Profile, glance: &Glance) -> Result<Standing> {
    known(host, settings, profile, &profile.recipe()?, Some(glance))
}

/// The standing of a profile whose recipe is known.
///
/// # Errors
/// Names the place of an account number that is not text.
pub fn of_known(host: &Host, settings: &Settings, profile: &Profile, recipe: &Recipe) -> Result<Standing> {
    known(host, settings, profile, recipe, None)
}

fn known(
    host: &Host,
    settings: &Settings,
    profile: &Profile,
    recipe: &Recipe,
    glance: Option<&Glance>,
) -> Result<Standing> {
    let mut standing = of_recipe(host, settings, profile, recipe, glance);
    if let (State::Valid | State::Refreshable, true) =
        (standing.state, standing.ends_within(settings.guard.margin, host.now()))
    {
        standing.state = State::Expiring;
    }
    let device = |serial: &Option<String>| serial.as_deref().and_then(arn_account);
    standing.account = profile.text("aws_account_id")?.or(standing.account).or_else(|| device(&standing.mfa_serial));
    Ok(standing)
}

fn of_recipe(
    host: &Host,
    settings: &Settings,
    profile: &Profile,
    recipe: &Recipe,
    glance: Option<&Glance>,
) -> Standing {
    let plan = Plan::of(host, recipe, |role| super::role_seconds(host, settings, profile, role, None));
    let Some(last) = plan.hops.last() else { return of_root(host, recipe, &plan, glance) };
    let mut standing = of_chain(host, &plan, last, glance);
    standing.account = arn_account(&last.arn);
    standing.source_profile = match &last.source {
        crate::profile::Source::Profile(name, _) => Some(name.clone()),
        crate::profile::Source::Credential(_) => None,
    };
    standing
}

/// A chain stands as its weakest link does, but a role session that was already fetched works to its own end.
fn of_chain(host: &Host, plan: &Plan, last: &Role, glance: Option<&Glance>) -> Standing {
    let now = host.now();
    let cache = plan::role_cache(host, last);
    let read = |path: &Path| glance.map_or_else(|| store::read(path), |glance| glance.role(host, path));
    let role_end = read(&cache).map(|s| s.until);
    let live = role_end.filter(|end| *end > now);
    let mut below = match (&plan.gate, plan.root) {
        (Gate::Direct { device, .. }, _) => {
            let first = read(&plan::role_cache(host, plan.hops[0])).map(|s| s.until);
            let mut standing = ended_by(Kind::Role, first, now);
            standing.mfa_serial = Some(device.clone());
            standing
        }
        (Gate::Session { device, .. }, root) => mfa_session(host, root, device),
        // As a source it lends its long-term keys, whatever it asks for itself.
        (Gate::None, Root::Profile(Recipe::PlainMfa(_))) => Standing::new(Kind::Static, State::Permanent),
        (Gate::None, Root::Profile(root)) => {
            of_root(host, root, &Plan { root: plan.root, gate: Gate::None, hops: vec![] }, glance)
        }
        (Gate::None, Root::Credential(source)) => of_credential_source(host, source),
    };
    below.kind = Kind::Role;
    below.files.push(cache);
    let below_lives = !below.state.needs_person();
    below.state = match (live.is_some(), below.state) {
        (true, _) => State::Valid,
        (false, State::Unknown) => State::Unknown,
        (false, state) if state.needs_person() && role_end.is_some() => State::Expired,
        (false, state) if state.needs_person() => state,
        (false, _) => State::Refreshable,
    };
    below.expires_at = match (below_lives, below.expires_at) {
        // The next code is due when both are over: the session below, and the role session fetched from it.
        (true, Some(end)) => Some(live.map_or(end, |role| role.max(end))),
        (true, None) => None,
        (false, _) if live.is_some() => live,
        (false, end) => role_end.max(end),
    };
    below
}

fn of_root(host: &Host, recipe: &Recipe, plan: &Plan, glance: Option<&Glance>) -> Standing {
    let now = host.now();
    match recipe {
        Recipe::AwsMfa(mfa) => {
            let end = mfa.session.as_ref().and_then(end_of);
            let mut standing = match (&mfa.session, end) {
                (Some(_), None) => Standing::new(Kind::Mfa, State::Expired),
                _ => ended_by(Kind::Mfa, end, now),
            };
            standing.mfa_serial = plan::device(host, mfa.device.as_deref());
            standing
        }
        Recipe::PlainMfa(mfa) => {
            mfa_session(host, plan.root, &plan::device(host, Some(&mfa.device)).unwrap_or_default())
        }
        Recipe::Static(found) => of_static(found, now),
        Recipe::Keyring(_) => Standing::new(Kind::Static, State::Permanent),
        Recipe::Sso(sso) => of_sso(host, sso, glance),
        Recipe::Login { session } => {
            let path = store::login_path(host, session);
            let mut standing = of_token(Kind::Login, store::login(&path), now);
            standing.account = arn_account(session);
            standing.files.push(path);
            standing
        }
        Recipe::Process { .. } => Standing::new(Kind::Process, State::Unknown),
        Recipe::WebIdentity(identity) => {
            let mut standing = Standing::new(Kind::WebIdentity, State::Unknown);
            standing.account = arn_account(&identity.role_arn);
            standing
        }
        Recipe::None | Recipe::Role(_) => Standing::new(Kind::None, State::Missing),
    }
}

fn of_static(found: &Static, now: Timestamp) -> Standing {
    let token = found.keys.session_token.is_some();
    match (end_of(found), &found.expiration) {
        (Some(end), _) if token => ended_by(Kind::Static, Some(end), now),
        (_, _) if token => Standing::new(Kind::Static, State::Unknown),
        _ => Standing::new(Kind::Static, State::Permanent),
    }
}

/// The end that a file gives for keys that stand in it.
pub fn end_of(found: &Static) -> Option<Timestamp> {
    let (text, local) = found.expiration.as_ref()?;
    expiry::parse(text.to_str().ok()?, if *local { Zone::Local } else { Zone::Utc })
}

/// The MFA session of the root's long-term keys and this device.
fn mfa_session(host: &Host, root: Root, device: &str) -> Standing {
    let Some(subject) = plan::key_subject(host, &root) else { return Standing::new(Kind::Mfa, State::Unknown) };
    let path = store::mfa_path(host, &subject, device);
    let mut standing = ended_by(Kind::Mfa, store::read(&path).map(|Stored { until, .. }| until), host.now());
    standing.files.push(path);
    standing.mfa_serial = Some(device.to_owned());
    standing
}

fn of_sso(host: &Host, sso: &Sso, glance: Option<&Glance>) -> Standing {
    let (path, token) = match glance {
        Some(glance) => glance.token(host, sso),
        None => Glance::default().token(host, sso),
    };
    let mut standing = of_token(Kind::Sso, token, host.now());
    standing.renew_at = token.filter(|t| t.refreshable).map(|t| t.until.plus(-super::sso::RENEW_BEFORE));
    standing.files.push(path);
    standing.account.clone_from(&sso.account_id);
    standing
}

fn of_token(kind: Kind, token: Option<store::TokenState>, now: Timestamp) -> Standing {
    match token {
        None => Standing::new(kind, State::Missing),
        Some(t) if t.refreshable && t.until > now => Standing::new(kind, State::Valid),
        Some(t) if t.refreshable => Standing::new(kind, State::Refreshable),
        Some(t) => ended_by(kind, Some(t.until), now),
    }
}

fn of_credential_source(host: &Host, source: CredentialSource) -> Standing {
    let env = source == CredentialSource::Environment;
    match env && host.var("AWS_ACCESS_KEY_ID").is_some() {
        true => Standing::new(Kind::Environment, State::Permanent),
        false if env => Standing::new(Kind::Environment, State::Missing),
        false => Standing::new(Kind::Environment, State::Unknown),
    }
}

/// Raw keys in the environment: they beat every profile.
pub fn of_environment(host: &Host) -> Standing {
    let token = host.var("AWS_SESSION_TOKEN").or(host.var("AWS_SECURITY_TOKEN")).is_some();
    if !token {
        return Standing::new(Kind::Environment, State::Permanent);
    }
    // What awsenv itself published says nothing about keys that somebody else exported.
    let names = host.var("AWSENV_NAMES").map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let ours = names.split_whitespace().any(|n| n.starts_with("AWS_SESSION_EXPIRATION:"));
    let known = [
        ("AWS_CREDENTIAL_EXPIRATION", Zone::Utc),
        ("AWS_SESSION_EXPIRATION", Zone::Utc),
        ("AWSUME_EXPIRATION", Zone::Local),
    ];
    let end = known
        .into_iter()
        .filter(|(name, _)| !(ours && *name == "AWS_SESSION_EXPIRATION"))
        .find_map(|(name, zone)| expiry::parse(host.var(name)?.to_str()?, zone));
    match end {
        Some(end) => ended_by(Kind::Environment, Some(end), host.now()),
        None => Standing::new(Kind::Environment, State::Unknown),
    }
}

fn ended_by(kind: Kind, end: Option<Timestamp>, now: Timestamp) -> Standing {
    let state = match end {
        None => State::Missing,
        Some(end) if end > now => State::Valid,
        Some(_) => State::Expired,
    };
    Standing { expires_at: end, ..Standing::new(kind, state) }
}

/// The account number in an ARN.
pub fn arn_account(arn: &str) -> Option<String> {
    let account = arn.starts_with("arn:").then(|| arn.split(':').nth(4))??;
    (!account.is_empty()).then(|| account.to_owned())
}
