//! From a profile to keys that work: what the files hold, renewed where it must be and may be.

mod assignments;
mod aws_mfa;
mod console;
mod iam;
mod kept;
mod login;
mod mfa;
mod role;
mod sso;
mod web_identity;

pub use console::ConsoleLink;
pub use iam::IamAccess;
pub use kept::kept_keys;
pub use sso::SignedOut;

use std::cell::OnceCell;
use std::path::Path;

use bstr::ByteSlice;
use secrecy::SecretString;

pub use aws_mfa::{AwsMfaCall, Chosen};
pub use role::allowed as session_name_of;

use crate::error::{Error, Result};
use crate::host::Host;
use crate::net::{self, Keys};
use crate::profile::{CredentialSource, Files, Profile, Recipe, Role, Value};
use crate::session::call::{Goal, Way};
use crate::session::code::{self, Answered, Asking, Got, Halt, Held, Need};
use crate::session::command::{self, Terminal};
use crate::session::expiry::{self, Zone};
use crate::session::plan::{self, Gate, Plan, Root};
use crate::session::proxy::{self, ProfileProxy};
use crate::session::proxy_password::password;
use crate::session::{role_seconds, standing, store, trust, write};
use crate::settings::{ProfileSettings, Settings};
use crate::state::Memory;
use crate::time::{Timestamp, span};

pub use assignments::Assignment;

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
    /// What a person runs in a terminal to sign in, where that is not `awsenv refresh PROFILE`.
    pub again: Option<&'a str>,
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

    /// What needs a person or this machine, and no more: SDKs fetch the keys of a role in Identity Center themselves, and
    /// assume roles from it or from `aws login`, once there is a sign-in. Gives the end of what was renewed, where it is known.
    ///
    /// # Errors
    /// As [`Renewal::keys`].
    pub fn renew(&self) -> Outcome<Option<Timestamp>> {
        let recipe = self.profile.recipe()?;
        match Plan::of(self.host, &recipe, |role| self.role_seconds(role)).root {
            Root::Profile(Recipe::Sso(sso)) if !recipe.needs_sibling() => {
                let token = self.sso_token(sso, None)?;
                Ok(token.refresh.is_none().then_some(token.until))
            }
            // Its keys end within a quarter of an hour, but nobody is needed for the next.
            Root::Profile(Recipe::Login { session }) if !recipe.needs_sibling() => {
                self.login_keys(session)?;
                Ok(None)
            }
            _ => Ok(self.keys()?.until),
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
            Root::Profile(Recipe::PlainMfa(mfa)) => Ok(Ready { keys: self.held(&mfa.keys)?, until: None }),
            Root::Profile(Recipe::Keyring(kept)) => Ok(Ready { keys: self.kept(kept)?, until: None }),
            Root::Profile(Recipe::Static(found)) => match standing::end_of(found) {
                Some(end) if end <= self.host.now() => {
                    let ago = span(self.host.now().since(end));
                    let line = format!("the keys of {name} ended {ago} ago, and awsenv cannot renew them");
                    Err(Error::failed(line).next("get new ones with the tool that wrote them").into())
                }
                until => Ok(Ready { keys: found.keys.clone(), until }),
            },
            Root::Profile(Recipe::Process { command }) => Ok(self.process(command)?),
            Root::Profile(Recipe::Sso(sso)) => self.sso_keys(sso),
            Root::Profile(Recipe::Login { session }) => self.login_keys(session),
            Root::Profile(Recipe::WebIdentity(identity)) => self.web_identity(identity),
            Root::Profile(Recipe::None | Recipe::Role(_)) => Err(no_keys(self.profile).into()),
            Root::Credential(CredentialSource::Environment) => {
                Ok(Ready { keys: self.environment_keys()?, until: None })
            }
            Root::Credential(source) => Ok(self.of_machine(source)?),
        }
    }

    /// The long-term keys that its sections have or get: from plain text, a command or the keyring. No chain is followed.
    ///
    /// # Errors
    /// There are none, or the command or keyring does not give them.
    pub fn long_term_keys(&self) -> Outcome<Keys> {
        self.long_term(Root::Profile(&self.profile.recipe()?))
    }

    /// The long-term keys at the beginning of the way: the only ones that a code can go with.
    fn long_term(&self, root: Root) -> Outcome<Keys> {
        let keys = match root {
            Root::Profile(Recipe::AwsMfa(mfa)) => self.base(mfa)?,
            Root::Profile(Recipe::PlainMfa(mfa)) => self.held(&mfa.keys)?,
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

    /// Keys of the machine that this runs on.
    fn of_machine(&self, source: CredentialSource) -> Result<Ready> {
        let allowed = self.permitted().allow_endpoint;
        let given = match source {
            CredentialSource::EcsContainer => net::container(self.host, &allowed),
            _ => net::instance(self.host, &allowed),
        };
        let given = given.map_err(|error| Error::from(error).within(&self.profile.name))?;
        let until = given.expiration.and_then(|text| expiry::parse(&text, Zone::Utc));
        Ok(Ready { keys: given.keys, until })
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

    /// Remembers what an answer says about our clock.
    fn learn(&self, got: Outcome<Got<Answered>>) -> Outcome<Got<Answered>> {
        if let Ok(Got::New(answer, _)) = &got {
            self.learn_skew(answer.skew);
        }
        got
    }

    fn learn_skew(&self, skew: Option<i64>) {
        let Some(skew) = skew else { return };
        let seconds = if skew.abs() < 60 { 0 } else { skew };
        if seconds != self.memory.skew().map_or(0, |s| s.seconds) {
            self.memory.note_skew(seconds);
        }
    }

    fn way(&self, arn: &str) -> Result<Way<'_>> {
        self.way_to(Goal::Sts { arn })
    }

    fn way_to(&self, goal: Goal) -> Result<Way<'_>> {
        let settings = self.permitted();
        let proxy = match self.proxy.get() {
            Some(known) => known,
            None => {
                let found = self.find_proxy(&settings)?;
                self.proxy.get_or_init(|| found)
            }
        };
        Way::of(self.host, self.memory, self.profile, &settings, proxy, goal)
    }

    /// The profile's settings, with the endpoints that its person allows.
    fn permitted(&self) -> ProfileSettings {
        let settings = self.settings.profile(self.profile.name.as_bstr());
        super::call::without_foreign_permits(self.settings, self.memory, self.asking.tty, settings)
    }

    fn find_proxy(&self, settings: &ProfileSettings) -> Result<ProfileProxy> {
        proxy::of_profile(self.settings, settings.proxy.as_ref(), |name, from| {
            password(self.host, self.settings, self.memory, self.asking.tty, name, from).map(Some)
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
        if process.is_some() || self.asking.is_silent() {
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
        let (name, forced, notes) = (shown(self.profile), self.force, way.warnings()?);
        Ok(Need { name, key_id: &keys.access_key_id, device, process, forced, over, notes })
    }
}

/// A code that a person typed also says that the way named above the question is theirs.
fn accepted(way: &Way, held: Held) -> Held {
    if let Held::Asked(_) | Held::Typed(_) = held {
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

fn no_keys(profile: &Profile) -> Error {
    Error::failed(format!("profile {} has nothing that gives keys", profile.name))
        .next("awsenv doctor shows what is missing")
}

fn vanished(profile: &Profile) -> Error {
    Error::failed(format!("the session of {} was there and is gone again", profile.name)).next("try again")
}
