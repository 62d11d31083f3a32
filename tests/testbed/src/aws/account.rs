//! Users, devices, keys, roles and sessions, and the handles through which a test makes and turns them.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::{ACCOUNT, Shared, totp};

/// Keys as AWS gives them out. The fakes of a test, so they may be printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    pub access_key_id: String,
    pub secret_access_key: String,
    pub session_token: String,
    /// Seconds since 1970 (UTC).
    pub expires: i64,
}

impl Credentials {
    /// The end in UTC as aws-mfa writes it, without a zone.
    pub fn expiration_as_aws_mfa(&self) -> String {
        chrono::DateTime::from_timestamp(self.expires, 0).unwrap_or_default().format("%Y-%m-%d %H:%M:%S").to_string()
    }
}

#[derive(Default)]
pub(super) struct Accounts {
    pub users: BTreeMap<String, UserRecord>,
    pub keys: BTreeMap<String, KeyRecord>,
    pub devices: BTreeMap<String, DeviceRecord>,
    pub roles: BTreeMap<String, RoleRecord>,
    pub sessions: BTreeMap<String, SessionRecord>,
    pub buckets: Option<Vec<(String, String)>>,
    made: u64,
}

pub(super) struct UserRecord {
    pub id: String,
    pub account: String,
    pub name: String,
    pub denied_without_mfa: bool,
}

pub(super) struct KeyRecord {
    pub secret: String,
    pub user: String,
    pub active: bool,
}

pub(super) struct DeviceRecord {
    pub seed: Vec<u8>,
    pub user: String,
    pub in_step: bool,
    /// Steps by which the device's clock is ahead; the server has learnt it, as AWS's resynchronisation does.
    drift: i64,
    used: BTreeSet<i64>,
}

pub(super) struct RoleRecord {
    pub id: String,
    pub account: String,
    pub name: String,
    pub trusted: Vec<String>,
    pub mfa_required: bool,
    pub external_id: Option<String>,
    pub max_duration: i64,
}

impl RoleRecord {
    fn new(id: String, arn: &str) -> RoleRecord {
        RoleRecord {
            id,
            account: arn.split(':').nth(4).unwrap_or(ACCOUNT).to_owned(),
            name: arn.rsplit('/').next().unwrap_or(arn).to_owned(),
            trusted: Vec::new(),
            mfa_required: false,
            external_id: None,
            max_duration: 3600,
        }
    }
}

#[derive(Clone)]
pub(super) struct SessionRecord {
    pub secret: String,
    pub token: String,
    pub expires: i64,
    /// Whether a code was given for it; role sessions do not carry this on.
    pub mfa: bool,
    /// Whether AssumeRole was called with long-term keys: only then AWS takes a duration for the console.
    pub console_duration: bool,
    pub who: Who,
}

/// Who signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Who {
    /// A user's ARN.
    User(String),
    /// A role's ARN and the session's name.
    Role(String, String),
}

impl DeviceRecord {
    fn code(&self, step: i64) -> String {
        totp::code(&self.seed, step)
    }

    /// Takes the code if it is one of the window's three and was not used; it is used then.
    pub fn take(&mut self, code: &str, now: i64) -> bool {
        let step = now / totp::STEP + self.drift;
        let found = (step - 1..=step + 1).find(|s| !self.used.contains(s) && self.code(*s) == code);
        found.is_some_and(|step| self.used.insert(step))
    }

    fn next_code(&mut self, now: i64) -> String {
        loop {
            let step = now / totp::STEP + self.drift;
            match [step, step + 1].iter().find(|s| !self.used.contains(s)) {
                Some(free) => return self.code(*free),
                None => self.drift += 1,
            }
        }
    }
}

impl Accounts {
    /// A name or secret that no other thing has, the same in every run.
    fn unique(&mut self, purpose: &str) -> [u8; 32] {
        self.made += 1;
        Sha256::digest(format!("{purpose} {}", self.made)).into()
    }

    fn id(&mut self, prefix: &str) -> String {
        let letters = totp::base32(&self.unique(prefix)[..10]);
        format!("{prefix}{letters}")
    }

    /// Forty characters, with the `/` and `+` that break careless quoting.
    fn secret(&mut self) -> String {
        let text = STANDARD.encode(self.unique("secret"));
        format!("{}/+{}", &text[..20], &text[20..38])
    }

    /// So many letters and digits.
    pub fn word(&mut self, purpose: &str, length: usize) -> String {
        let mut word = String::new();
        while word.len() < length {
            let text = STANDARD.encode(self.unique(purpose));
            word.extend(text.chars().filter(char::is_ascii_alphanumeric));
        }
        word.truncate(length);
        word
    }

    /// What a device shows and a person types: `ABCD-EFGH`, the same letters that AWS uses.
    pub fn user_code(&mut self) -> String {
        let letters = b"BCDFGHJKLMNPQRSTVWXZ";
        let code: String = self.unique("user code").iter().map(|b| char::from(letters[usize::from(*b) % 20])).collect();
        format!("{}-{}", &code[..4], &code[4..8])
    }

    /// The role that stands behind an assignment of Identity Center; made when it is first used.
    pub fn role_of_sso(&mut self, arn: &str) {
        if !self.roles.contains_key(arn) {
            let record = RoleRecord::new(self.id("AROA"), arn);
            self.roles.insert(arn.to_owned(), record);
        }
    }

    pub fn make_session(&mut self, who: Who, mfa: bool, expires: i64) -> Credentials {
        let (id, secret) = (self.id("ASIA"), self.secret());
        let long: Vec<u8> = (0..6).flat_map(|_| self.unique("token")).collect();
        let token = format!("IQoJb3JpZ2luX2Vj{}==", STANDARD.encode(long));
        let record =
            SessionRecord { secret: secret.clone(), token: token.clone(), expires, mfa, console_duration: false, who };
        self.sessions.insert(id.clone(), record);
        Credentials { access_key_id: id, secret_access_key: secret, session_token: token, expires }
    }

    pub fn take_console_duration(&mut self, id: &str) {
        if let Some(session) = self.sessions.get_mut(id) {
            session.console_duration = true;
        }
    }

    pub fn end_sessions(&mut self, now: i64) {
        for session in self.sessions.values_mut() {
            session.expires = session.expires.min(now - 1);
        }
    }
}

/// A user of the fake AWS.
#[derive(Clone)]
pub struct User {
    state: Shared,
    arn: String,
}

impl User {
    pub(super) fn new(state: Shared, account: &str, name: &str) -> User {
        let arn = format!("arn:aws:iam::{account}:user/{name}");
        {
            let accounts = &mut state.lock().accounts;
            let id = accounts.id("AIDA");
            let (account, name) = (account.to_owned(), name.to_owned());
            let user = UserRecord { id, account, name, denied_without_mfa: false };
            let other = accounts.users.insert(arn.clone(), user);
            assert!(other.is_none(), "{arn} exists");
        }
        User { state, arn }
    }

    /// `arn:aws:iam::ACCOUNT:user/NAME`.
    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// A new long-term key.
    pub fn key(&self) -> Key {
        let accounts = &mut self.state.lock().accounts;
        let (id, secret) = (accounts.id("AKIA"), accounts.secret());
        let record = KeyRecord { secret: secret.clone(), user: self.arn.clone(), active: true };
        accounts.keys.insert(id.clone(), record);
        Key { state: self.state.clone(), id, secret }
    }

    /// A new virtual MFA device `arn:aws:iam::ACCOUNT:mfa/NAME` with a seed of its own.
    pub fn device(&self, name: &str) -> Device {
        let accounts = &mut self.state.lock().accounts;
        let account = self.arn.split(':').nth(4).unwrap_or(ACCOUNT);
        let serial = format!("arn:aws:iam::{account}:mfa/{name}");
        let seed = accounts.unique("seed")[..20].to_vec();
        let record = DeviceRecord { seed, user: self.arn.clone(), in_step: true, drift: 0, used: BTreeSet::new() };
        let other = accounts.devices.insert(serial.clone(), record);
        assert!(other.is_none(), "{serial} exists");
        Device { state: self.state.clone(), serial }
    }

    /// Everything but STS is denied to this user until a code was given, as many companies have it.
    pub fn deny_without_mfa(&self) -> &Self {
        if let Some(user) = self.state.lock().accounts.users.get_mut(&self.arn) {
            user.denied_without_mfa = true;
        }
        self
    }

    /// A session as GetSessionToken with a code gives it, without a call; it ends in so many seconds (may be negative).
    pub fn session(&self, seconds: i64) -> Credentials {
        let mut state = self.state.lock();
        let expires = state.now() + seconds;
        state.accounts.make_session(Who::User(self.arn.clone()), true, expires)
    }
}

/// A long-term key.
#[derive(Clone)]
pub struct Key {
    state: Shared,
    /// `AKIA…`
    pub id: String,
    /// The secret access key.
    pub secret: String,
}

impl Key {
    /// The two lines of a credentials file.
    pub fn lines(&self) -> String {
        format!("aws_access_key_id = {}\naws_secret_access_key = {}\n", self.id, self.secret)
    }

    /// Makes the key inactive: InvalidClientTokenId from now on.
    pub fn deactivate(&self) {
        if let Some(key) = self.state.lock().accounts.keys.get_mut(&self.id) {
            key.active = false;
        }
    }
}

/// What an authenticator app shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub code: String,
    /// Seconds for which it is still shown.
    pub seconds: i64,
    /// Whether AWS has taken it already.
    pub used: bool,
}

/// A virtual MFA device, and the authenticator app that shows its codes.
#[derive(Clone)]
pub struct Device {
    state: Shared,
    serial: String,
}

impl Device {
    /// `arn:aws:iam::ACCOUNT:mfa/NAME`.
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// A code that AWS takes now and has not taken yet. Never waits: where the window's codes are used up,
    /// the device's clock (as AWS knows it) goes on.
    pub fn code(&self) -> String {
        self.with(DeviceRecord::next_code)
    }

    /// What the app shows now; AWS may have taken this code already.
    pub fn shown(&self) -> Shown {
        self.with(|device, now| {
            let step = now / totp::STEP + device.drift;
            let seconds = totp::STEP - now.rem_euclid(totp::STEP);
            Shown { code: device.code(step), seconds, used: device.used.contains(&step) }
        })
    }

    /// Six digits that are none of the codes around now.
    pub fn wrong_code(&self) -> String {
        self.with(|device, now| {
            let step = now / totp::STEP + device.drift;
            let near: Vec<_> = (step - 20..=step + 20).map(|s| device.code(s)).collect();
            (0..).map(|n| format!("{n:06}")).find(|code| !near.contains(code)).expect("41 codes leave many others")
        })
    }

    /// The seed in base 32, as it is typed into an authenticator app.
    pub fn seed(&self) -> String {
        self.with(|device, _| totp::base32(&device.seed))
    }

    /// Puts the device out of step (or back): AWS cannot validate its codes.
    pub fn set_in_step(&self, in_step: bool) {
        self.with(|device, _| device.in_step = in_step);
    }

    fn with<T>(&self, ask: impl FnOnce(&mut DeviceRecord, i64) -> T) -> T {
        let mut state = self.state.lock();
        let now = state.now();
        ask(state.accounts.devices.get_mut(&self.serial).expect("devices are not taken away"), now)
    }
}

/// A role.
#[derive(Clone)]
pub struct Role {
    state: Shared,
    arn: String,
}

impl Role {
    pub(super) fn new(state: Shared, name: &str) -> Role {
        let arn = if name.starts_with("arn:") { name.into() } else { format!("arn:aws:iam::{ACCOUNT}:role/{name}") };
        {
            let accounts = &mut state.lock().accounts;
            let record = RoleRecord::new(accounts.id("AROA"), &arn);
            let other = accounts.roles.insert(arn.clone(), record);
            assert!(other.is_none(), "{arn} exists");
        }
        Role { state, arn }
    }

    /// `arn:aws:iam::ACCOUNT:role/NAME`.
    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// This user, role (ARN) or whole account (`arn:aws:iam::ACCOUNT:root`) may assume it.
    #[must_use]
    pub fn trusts(self, arn: &str) -> Self {
        self.change(|role| role.trusted.push(arn.to_owned()))
    }

    /// Only with a code, or from a session made with one (`aws:MultiFactorAuthPresent`).
    #[must_use]
    pub fn needs_mfa(self) -> Self {
        self.change(|role| role.mfa_required = true)
    }

    /// Only with this external id.
    #[must_use]
    pub fn needs_external_id(self, id: &str) -> Self {
        self.change(|role| role.external_id = Some(id.to_owned()))
    }

    /// The longest session in seconds; 3600 unless said otherwise.
    #[must_use]
    pub fn max_duration(self, seconds: i64) -> Self {
        self.change(|role| role.max_duration = seconds)
    }

    /// Nobody may assume it any more.
    pub fn trust_nobody(&self) {
        self.clone().change(|role| role.trusted.clear());
    }

    /// A session of this role as AssumeRole with long-term keys gives it, without a call; it ends in so many seconds (may be negative).
    pub fn session(&self, session_name: &str, seconds: i64) -> Credentials {
        let mut state = self.state.lock();
        let expires = state.now() + seconds;
        let made = state.accounts.make_session(Who::Role(self.arn.clone(), session_name.to_owned()), false, expires);
        state.accounts.take_console_duration(&made.access_key_id);
        made
    }

    fn change(self, change: impl FnOnce(&mut RoleRecord)) -> Self {
        if let Some(role) = self.state.lock().accounts.roles.get_mut(&self.arn) {
            change(role);
        }
        self
    }
}
