//! From a profile to keys that work: what the files hold, renewed where it must be and may be.

use std::cell::OnceCell;
use std::path::Path;

use bstr::ByteSlice;
use secrecy::SecretString;

use super::call::Way;
use super::code::{self, Answered, Asking, Got, Halt, Held, Need};
use super::command::{self, Terminal};
use super::plan::{self, CHAINED_MAX, Gate, Plan, Root};
use super::proxy::{self, ProfileProxy};
use super::{mfa_seconds, rescue, role_seconds, standing, store, trust, write};
use crate::aws_files::{Document, FileKind};
use crate::error::{Error, Result};
use crate::host::Host;
use crate::net::{AssumeRole, Keys, Mfa};
use crate::profile::{AwsMfa, CredentialSource, Files, LongTerm, Profile, Recipe, Role, Sso, Value};
use crate::settings::Settings;
use crate::state::Memory;
use crate::time::{Timestamp, span};

/// Keys, and until when they work; `None` where nobody knows or they have no end.
#[derive(Clone)]
pub struct Ready {
    pub keys: Keys,
    pub until: Option<Timestamp>,
}

/// One renewal of one profile.
pub struct Renewal<'a> {
    pub host: &'a Host,
    pub settings: &'a Settings,
    pub files: &'a Files,
    pub memory: &'a Memory,
    pub profile: &'a Profile<'a>,
    pub asking: Asking<'a>,
    /// A session with this many seconds left or fewer is renewed.
    pub min_left: i64,
    /// Renew also what still works.
    pub force: bool,
    /// `--duration`, seconds.
    pub duration: Option<u32>,
    /// The profile's proxy, once its password is known: the command for it runs once.
    pub proxy: OnceCell<ProfileProxy>,
}

type Outcome<T> = std::result::Result<T, Halt>;

impl Renewal<'_> {
    /// The profile's keys.
    ///
    /// # Errors
    /// [`Halt::Declined`] for Enter at the question; else one line, Ctrl-C included.
    pub fn keys(&self) -> Outcome<Ready> {
        let recipe = self.profile.recipe()?;
        let plan = Plan::of(self.host, &recipe, |role| self.role_seconds(role));
        let Some(last) = plan.hops.last() else { return self.without_role(&recipe, &plan) };
        match self.still_good(&plan::role_cache(self.host, last)) {
            Some(ready) => Ok(ready),
            None => self.chain(&plan),
        }
    }

    /// A session in a cache file that needs no renewal.
    fn still_good(&self, path: &Path) -> Option<Ready> {
        let found = store::read(path).filter(|found| !self.force && self.is_enough(found.until))?;
        Some(Ready { keys: found.keys, until: Some(found.until) })
    }

    fn without_role(&self, recipe: &Recipe, plan: &Plan) -> Outcome<Ready> {
        match (&plan.gate, recipe) {
            (Gate::Session { device, process }, Recipe::PlainMfa(_)) => self.mfa_session(plan.root, device, *process),
            _ => self.root(plan.root),
        }
    }

    /// All roles of the way, each assumed with the keys of the one before.
    fn chain(&self, plan: &Plan) -> Outcome<Ready> {
        self.check_hops(plan)?;
        let (mut ready, first) = match &plan.gate {
            Gate::None => (self.root(plan.root)?, 0),
            Gate::Session { device, process } => (self.mfa_session(plan.root, device, *process)?, 0),
            Gate::Direct { device, process } => (self.direct(plan.root, plan.hops[0], device, *process)?, 1),
        };
        for role in &plan.hops[first..] {
            ready = self.assume(&ready.keys, role)?;
        }
        Ok(ready)
    }

    /// Everything that could fail behind the code is looked at before it.
    fn check_hops(&self, plan: &Plan) -> Result<()> {
        if matches!((&plan.gate, plan.root), (Gate::None, root) if !matches!(root, Root::Profile(Recipe::AwsMfa(_)))) {
            return Ok(());
        }
        for (at, role) in plan.hops.iter().enumerate() {
            check_seconds(self.role_seconds(role), false)?;
            write::CacheTarget::prepare(&plan::role_cache(self.host, role))?;
            let way = self.way(&role.arn)?;
            if at > 0 || !matches!(plan.gate, Gate::Direct { .. }) {
                // Whether the way there is the user's own is asked, or said with the code, when it is gone.
                way.check_endpoint()?;
            }
        }
        Ok(())
    }

    /// A command may use the terminal where this run may ask on it.
    fn terminal(&self) -> Terminal {
        Terminal::of(self.asking.tty)
    }

    fn is_enough(&self, until: Timestamp) -> bool {
        until.since(self.host.now()) > self.min_left
    }

    fn role_seconds(&self, role: &Role) -> u32 {
        role_seconds(self.host, self.settings, self.profile, role, self.duration)
    }

    /// The keys at the beginning of the way.
    fn root(&self, root: Root) -> Outcome<Ready> {
        let name = &self.profile.name;
        match root {
            Root::Profile(Recipe::AwsMfa(mfa)) if mfa.name == *name => self.aws_mfa(mfa),
            // A role on top of aws-mfa's [dev] asks dev's question, and the session goes where dev's goes.
            Root::Profile(Recipe::AwsMfa(mfa)) => {
                let dev = self.files.expect_profile(&mfa.name)?;
                Renewal { profile: &dev, asking: self.asking.clone(), duration: None, proxy: OnceCell::new(), ..*self }
                    .aws_mfa(mfa)
            }
            Root::Profile(Recipe::PlainMfa(mfa)) => Ok(Ready { keys: mfa.keys.clone(), until: None }),
            Root::Profile(Recipe::Static(found)) => match standing::end_of(found) {
                Some(end) if end <= self.host.now() => {
                    let ago = span(self.host.now().since(end));
                    let line = format!("the keys of {name} ended {ago} ago, and awsenv cannot renew them");
                    Err(Error::failed(line).next("get new ones with the tool that wrote them").into())
                }
                until => Ok(Ready { keys: found.keys.clone(), until }),
            },
            Root::Profile(Recipe::Process { command }) => Ok(self.process(command)?),
            Root::Profile(Recipe::Sso(sso)) => Ok(self.sso(sso)?),
            Root::Profile(Recipe::Login { .. }) => Err(Error::failed(format!("{name} signs in through `aws login`"))
                .next(format!("aws login --profile {name}"))
                .into()),
            Root::Profile(Recipe::WebIdentity { .. }) => {
                Err(Error::failed(format!("{name} gets its keys from a web identity token, which SDKs do themselves"))
                    .next(format!("AWS_PROFILE={name}"))
                    .into())
            }
            Root::Profile(Recipe::None | Recipe::Role(_)) => Err(no_keys(self.profile).into()),
            Root::Credential(CredentialSource::Environment) => {
                Ok(Ready { keys: self.environment_keys()?, until: None })
            }
            Root::Credential(_) => Err(Error::failed(format!(
                "{name} takes its first keys from the machine it runs on, which SDKs do themselves"
            ))
            .next(format!("AWS_PROFILE={name}"))
            .into()),
        }
    }

    /// The long-term keys at the beginning of the way: the only ones that a code can go with.
    fn long_term(&self, root: Root) -> Outcome<Keys> {
        let keys = match root {
            Root::Profile(Recipe::AwsMfa(mfa)) => self.base(mfa)?,
            Root::Profile(Recipe::PlainMfa(mfa)) => mfa.keys.clone(),
            Root::Profile(Recipe::Static(found)) => found.keys.clone(),
            root => self.root(root)?.keys,
        };
        match keys.session_token {
            None => Ok(keys),
            Some(_) => Err(Error::failed(format!(
                "{}: a code goes only with long-term keys, and these are a session's",
                self.profile.name
            ))
            .into()),
        }
    }

    fn environment_keys(&self) -> Result<Keys> {
        let text = |name: &str| self.host.var(name).map(|v| v.to_string_lossy().into_owned());
        match (text("AWS_ACCESS_KEY_ID"), text("AWS_SECRET_ACCESS_KEY")) {
            (Some(id), Some(secret)) => Ok(Keys {
                access_key_id: id,
                secret_access_key: secret.into(),
                session_token: text("AWS_SECURITY_TOKEN").or(text("AWS_SESSION_TOKEN")).map(SecretString::from),
            }),
            _ => Err(Error::failed(format!(
                "{} takes its keys from the environment, and AWS_ACCESS_KEY_ID is not set",
                self.profile.name
            ))),
        }
    }

    fn process(&self, command: &Value) -> Result<Ready> {
        let what = format!("{}: credential_process", command.place);
        trust::check(self.memory, self.asking.tty, "credential_process", command)?;
        let line = code::os_string(command);
        let printed = command::credential_process(self.host, &self.profile.name, &what, &line, self.terminal())?;
        let (keys, until) = command::keys(&what, &printed)?;
        Ok(Ready { keys, until })
    }

    /// Keys that the AWS CLI fetched with its sign-in; awsenv signs in to SSO itself in a later version.
    fn sso(&self, sso: &Sso) -> Result<Ready> {
        let name = &self.profile.name;
        let key = |account: &str, role: &str| {
            let session = sso.session.as_deref().ok_or(sso.start_url.as_str());
            super::cache_key::sso_role(account, role, session)
        };
        let cached = sso
            .account_id
            .as_deref()
            .zip(sso.role_name.as_deref())
            .and_then(|(account, role)| store::read(&store::role_path(self.host, &key(account, role))));
        match cached.filter(|found| found.until > self.host.now()) {
            Some(found) => Ok(Ready { keys: found.keys, until: Some(found.until) }),
            None => {
                Err(Error::failed(format!("{name} signs in through IAM Identity Center, which awsenv does not do yet"))
                    .next(format!("aws sso login --profile {name}, then any aws command")))
            }
        }
    }

    /// The session in `[NAME]` of aws-mfa's layout.
    fn aws_mfa(&self, mfa: &AwsMfa) -> Outcome<Ready> {
        let before = mfa.session.as_ref().and_then(|found| Some((found.keys.clone(), standing::end_of(found)?)));
        if let Some((keys, until)) = before.clone().filter(|(_, until)| !self.force && self.is_enough(*until)) {
            return Ok(Ready { keys, until: Some(until) });
        }
        let role = self.host.var("MFA_ASSUME_ROLE").map(|v| v.to_string_lossy().into_owned());
        let role = role.or(mfa.assume_role.clone());
        let device = plan::device(self.host, mfa.device.as_deref()).ok_or_else(|| {
            Error::failed(format!("[{}] names no MFA device", mfa.long_term))
                .next("add aws_mfa_device = arn:aws:iam::ACCOUNT:mfa/NAME to it")
        })?;
        let keys = self.base(mfa)?;
        let seconds = match &role {
            None => mfa_seconds(self.host, self.settings, self.profile, self.duration),
            Some(_) => super::long_term_role_seconds(self.host, self.settings, self.profile, self.duration),
        };
        check_seconds(seconds, role.is_none())?;
        let name = &self.profile.name;
        let target = write::AwsMfaTarget::prepare(&self.files.paths.credentials, name)?;
        let way = self.way(role.as_deref().unwrap_or(&device))?;
        let mut need =
            self.need(&keys, &device, mfa.mfa_process.as_ref(), before.as_ref().map(|(_, until)| *until), &way)?;
        if let Some(role) = role.as_ref().filter(|_| self.host.var("MFA_ASSUME_ROLE").is_some()) {
            need.before.push(format!("it becomes a session of the role {role} (MFA_ASSUME_ROLE)"));
        }
        if self.files.paths.credentials_from_env {
            let file = self.files.paths.credentials.display();
            need.before.push(format!("the session is written to {file} (AWS_SHARED_CREDENTIALS_FILE)"));
        }
        let rescued = rescue::path(self.host, name, &keys.access_key_id, &device, role.as_deref());
        if let Some(kept) = self.still_good(&rescued) {
            return Ok(rescue::take_up(&rescued, kept, target, role.as_deref())?);
        }
        let newer = || self.read_aws_mfa().filter(|found| self.is_new(found, before.as_ref().map(|(_, until)| *until)));
        let got = code::with_code(
            self.host,
            self.memory,
            &self.asking,
            &need,
            || newer().is_some(),
            |code| {
                let sts = way.sts(&keys);
                match &role {
                    None => sts.get_session_token(Some(code), Some(seconds)),
                    Some(arn) => sts.assume_role(&AssumeRole {
                        role_arn: arn.clone(),
                        session_name: session_name(self.host),
                        duration: Some(seconds),
                        mfa: Some(code.clone()),
                        ..AssumeRole::default()
                    }),
                }
            },
        );
        match self.learn(got)? {
            Got::New(answer, turn) => {
                let _others_wait = accepted(&way, turn);
                if let Err(error) = target.write(&answer.value, role.as_deref()) {
                    return Err(rescue::keep(&rescued, &answer.value, error).into());
                }
                Ok(Ready { keys: answer.value.keys, until: Some(answer.value.expiration) })
            }
            Got::Settled => newer().ok_or_else(|| vanished(self.profile).into()),
        }
    }

    /// What stands in `[NAME]` now, whoever wrote it.
    fn read_aws_mfa(&self) -> Option<Ready> {
        let document = Document::read(&self.files.paths.credentials, FileKind::Credentials).ok()?;
        // The long-term section may stand in either file.
        let config = Document::read(&self.files.paths.config, FileKind::Config).ok()?;
        let files = Files::of(self.files.paths.clone(), config, document);
        let Recipe::AwsMfa(mfa) = files.profile(&self.profile.name)?.recipe().ok()? else { return None };
        let found = mfa.session?;
        Some(Ready { until: standing::end_of(&found), keys: found.keys })
    }

    fn is_new(&self, found: &Ready, before: Option<Timestamp>) -> bool {
        found.until.is_some_and(|until| self.is_enough(until) && (!self.force || Some(until) > before))
    }

    fn base(&self, mfa: &AwsMfa) -> Outcome<Keys> {
        match &mfa.base {
            LongTerm::Keys(keys) => Ok(keys.clone()),
            LongTerm::Process(command) => {
                let keys = self.process(command)?.keys;
                match keys.session_token {
                    None => Ok(keys),
                    Some(_) => Err(Error::failed(format!(
                        "{}: gives a session's keys where long-term keys are needed",
                        command.place
                    ))
                    .into()),
                }
            }
            LongTerm::Missing(what) => Err(Error::failed(what.clone())
                .next(format!("add aws_access_key_id and aws_secret_access_key to [{}]", mfa.long_term))
                .into()),
        }
    }

    /// The MFA session of these keys and this device, which serves every role that accepts it.
    fn mfa_session(&self, root: Root, device: &str, process: Option<&Value>) -> Outcome<Ready> {
        let subject = plan::key_subject(self.host, &root).ok_or_else(|| no_keys(self.profile))?;
        let path = store::mfa_path(self.host, &subject, device);
        if let Some(ready) = self.still_good(&path) {
            return Ok(ready);
        }
        let keys = &self.long_term(root)?;
        // The profile's duration is the role's where it has one; the session behind it has its own.
        let is_role = self.profile.get("role_arn").is_some();
        let seconds = if is_role {
            self.settings.mfa.duration.unwrap_or(12 * 3600)
        } else {
            mfa_seconds(self.host, self.settings, self.profile, self.duration)
        };
        check_seconds(seconds, true)?;
        let target = write::CacheTarget::prepare(&path)?;
        let way = self.way(device)?;
        let before = store::read(&path).map(|found| found.until);
        let need = self.need(keys, device, process, before, &way)?;
        let read = || store::read(&path).map(|s| Ready { keys: s.keys, until: Some(s.until) });
        let newer = || read().filter(|found| self.is_new(found, before));
        let got = code::with_code(
            self.host,
            self.memory,
            &self.asking,
            &need,
            || newer().is_some(),
            |code| way.sts(keys).get_session_token(Some(code), Some(seconds)),
        );
        match self.learn(got)? {
            Got::New(answer, turn) => {
                let _others_wait = accepted(&way, turn);
                target.write(&answer.value)?;
                Ok(Ready { keys: answer.value.keys, until: Some(answer.value.expiration) })
            }
            Got::Settled => newer().ok_or_else(|| vanished(self.profile).into()),
        }
    }

    /// A role of over an hour: the code goes with AssumeRole itself.
    fn direct(&self, root: Root, role: &Role, device: &str, process: Option<&Value>) -> Outcome<Ready> {
        let path = plan::role_cache(self.host, role);
        if let Some(ready) = self.still_good(&path) {
            return Ok(ready);
        }
        let keys = &self.long_term(root)?;
        let seconds = self.role_seconds(role);
        check_seconds(seconds, false)?;
        let target = write::CacheTarget::prepare(&path)?;
        let way = self.way(&role.arn)?;
        let before = store::read(&path).map(|found| found.until);
        let need = self.need(keys, device, process, before, &way)?;
        let read = || store::read(&path).map(|s| Ready { keys: s.keys, until: Some(s.until) });
        let newer = || read().filter(|found| self.is_new(found, before));
        let got = code::with_code(
            self.host,
            self.memory,
            &self.asking,
            &need,
            || newer().is_some(),
            |code| way.sts(keys).assume_role(&AssumeRole { mfa: Some(code.clone()), ..self.call(role, Some(seconds)) }),
        );
        match self.learn(got)? {
            Got::New(answer, turn) => {
                let _others_wait = accepted(&way, turn);
                target.write(&answer.value)?;
                Ok(Ready { keys: answer.value.keys, until: Some(answer.value.expiration) })
            }
            Got::Settled => newer().ok_or_else(|| vanished(self.profile).into()),
        }
    }

    /// A role without a code.
    fn assume(&self, keys: &Keys, role: &Role) -> Outcome<Ready> {
        let path = plan::role_cache(self.host, role);
        let before = store::read(&path).map(|found| found.until);
        if let Some(ready) = self.still_good(&path) {
            return Ok(ready);
        }
        let wanted = self.role_seconds(role);
        // A session's roles last an hour at most.
        let seconds = if keys.session_token.is_some() { wanted.min(CHAINED_MAX) } else { wanted };
        check_seconds(seconds, false)?;
        let target = write::CacheTarget::prepare(&path)?;
        let way = self.way(&role.arn)?;
        way.check_silent(self.profile, self.asking.tty)?;
        // Of many processes that need this role's session one fetches it for all.
        let newer = || {
            let found =
                store::read(&path).filter(|s| s.until > self.host.now() && before.is_none_or(|b| s.until > b))?;
            Some(Ready { keys: found.keys, until: Some(found.until) })
        };
        let _turn = self.memory.session_turn(path.as_os_str().as_encoded_bytes(), || newer().is_some());
        if let Some(ready) = newer() {
            return Ok(ready);
        }
        let answer = way.sts(keys).assume_role(&self.call(role, Some(seconds)));
        let answer = match self.learn(answer.map(|a| Got::New(a, Held::Unasked(None))).map_err(Halt::from))? {
            Got::New(answer, _) => answer,
            Got::Settled => return Err(vanished(self.profile).into()),
        };
        target.write(&answer.value)?;
        Ok(Ready { keys: answer.value.keys, until: Some(answer.value.expiration) })
    }

    fn call(&self, role: &Role, duration: Option<u32>) -> AssumeRole {
        AssumeRole {
            role_arn: role.arn.clone(),
            session_name: role.session_name.clone().unwrap_or_else(|| session_name(self.host)),
            external_id: role.external_id.clone(),
            duration,
            mfa: None::<Mfa>,
            source_identity: role.source_identity.clone(),
            tags: role.session_tags.clone(),
            transitive_tags: role.transitive_tags.clone(),
        }
    }

    /// Remembers what an answer says about our clock.
    fn learn(&self, got: Outcome<Got<Answered>>) -> Outcome<Got<Answered>> {
        if let Ok(Got::New(answer, _)) = &got
            && let Some(skew) = answer.skew
        {
            let seconds = if skew.abs() < 60 { 0 } else { skew };
            if seconds != self.memory.skew().map_or(0, |s| s.seconds) {
                self.memory.note_skew(seconds);
            }
        }
        got
    }

    fn way(&self, arn: &str) -> Result<Way<'_>> {
        let settings = self.settings.profile(self.profile.name.as_bstr());
        let settings = super::call::without_foreign_permits(self.settings, self.memory, self.asking.tty, settings);
        let proxy = match self.proxy.get() {
            Some(known) => known,
            None => {
                let found = self.find_proxy(&settings)?;
                self.proxy.get_or_init(|| found)
            }
        };
        Way::of(self.host, self.memory, self.profile, &settings, proxy, arn)
    }

    fn find_proxy(&self, settings: &crate::settings::ProfileSettings) -> Result<ProfileProxy> {
        proxy::of_profile(self.settings, settings.proxy.as_ref(), |name, command| {
            password(self.settings, self.memory, self.asking.tty, name, command).map(Some)
        })
    }

    fn need<'n>(
        &'n self,
        keys: &'n Keys,
        device: &'n str,
        process: Option<&'n Value>,
        ended: Option<Timestamp>,
        way: &Way,
    ) -> Result<Need<'n>> {
        // Without a person who sees where it goes, a code goes to AWS only.
        if process.is_some() || self.asking.code.is_some() {
            way.check_silent(self.profile, self.asking.tty)?;
        }
        let now = self.host.now();
        let over = match ended {
            Some(end) if end <= now => {
                format!("the session of {} ended {} ago", self.profile.name, span(now.since(end)))
            }
            Some(end) => format!("the session of {} ends in {}", self.profile.name, span(end.since(now))),
            None => format!("{} has no session yet", self.profile.name),
        };
        let before = [over].into_iter().chain(way.warnings()?).collect();
        Ok(Need { name: shown(self.profile), key_id: &keys.access_key_id, device, process, before })
    }
}

/// The password of a `[proxy NAME]`: the first line of its command's output.
///
/// # Errors
/// Names the section whose command failed.
pub fn password(
    settings: &Settings,
    memory: &Memory,
    tty: Option<&crate::terminal::Tty>,
    name: &str,
    command: &str,
) -> Result<SecretString> {
    let what = format!("{}: [proxy {name}] password_process", settings.path.display());
    command::check_owner(&settings.path)?;
    trust::confirm(memory, tty, settings.from_environment, &settings.path, &format!("password_process = {command}"))
        .map_err(|e| e.within(settings.path.display()))?;
    let printed = command::output(&what, command.as_ref(), Terminal::of(tty))?;
    let line = printed.lines().next().unwrap_or_default();
    let text = line.to_str().map_err(|_| Error::failed(format!("{what} printed something that is not text")))?;
    Ok(SecretString::from(text))
}

/// A code that a person typed also says that the way named above the question is theirs.
fn accepted(way: &Way, held: Held) -> Held {
    if let Held::Asked(_) = held {
        way.note_accepted();
    }
    held
}

fn shown<'p>(profile: &'p Profile) -> &'p str {
    profile.name.as_bytes().to_str().unwrap_or("(a name that is not UTF-8)")
}

/// AWS's own limits, known before a code is spent.
fn check_seconds(seconds: u32, plain: bool) -> Result<()> {
    let most = if plain { 129_600 } else { 43_200 };
    if (900..=most).contains(&seconds) {
        return Ok(());
    }
    Err(Error::failed(format!("a session of {} cannot be had", span(i64::from(seconds))))
        .next(format!("AWS gives 15m to {}", span(i64::from(most)))))
}

/// RoleSessionName where the profile has none: who is logged in here, in the letters that AWS takes.
fn session_name(host: &Host) -> String {
    let user = ["LOGNAME", "USER", "LNAME", "USERNAME"].iter().find_map(|n| host.var(n));
    let user = user.map(|u| u.to_string_lossy().into_owned()).unwrap_or_else(|| "user".into());
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    let name: String = format!("awsenv-{user}").chars().map(|c| if allowed(c) { c } else { '-' }).take(64).collect();
    name
}

fn no_keys(profile: &Profile) -> Error {
    Error::failed(format!("profile {} has nothing that gives keys", profile.name))
        .next("awsenv doctor shows what is missing")
}

fn vanished(profile: &Profile) -> Error {
    Error::failed(format!("the session of {} was there and is gone again", profile.name)).next("try again")
}
