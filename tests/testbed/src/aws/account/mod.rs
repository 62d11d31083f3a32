//! Users, devices, keys, roles and sessions, and the handles through which a test makes and turns them.

mod device;
mod key;
mod role;
mod user;

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

pub(super) use device::DeviceRecord;
pub use device::{Device, Shown};
pub use key::Key;
pub(super) use key::{KeyRecord, NewKeyDelay};
pub use role::Role;
pub(super) use role::RoleRecord;
pub use user::User;
pub(super) use user::{LoginProfile, UserRecord};

use super::iam::PasswordPolicy;
use super::{ACCOUNT, totp};

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

/// When the things of this account were made that a test did not date: 2026-01-02T03:04:05Z.
const MADE: i64 = 1_767_323_045;

#[derive(Default)]
pub(super) struct Accounts {
    /// By ARN, as the roles.
    pub users: BTreeMap<String, UserRecord>,
    pub keys: BTreeMap<String, KeyRecord>,
    /// By serial number.
    pub devices: BTreeMap<String, DeviceRecord>,
    pub roles: BTreeMap<String, RoleRecord>,
    pub sessions: BTreeMap<String, SessionRecord>,
    pub buckets: Option<Vec<(String, String)>>,
    pub password_policy: Option<PasswordPolicy>,
    pub alias: Option<String>,
    /// The most that one answer of a list has; `None`: AWS's 100.
    pub page: Option<usize>,
    pub new_key_delay: NewKeyDelay,
    made: u64,
}

#[derive(Clone)]
pub(super) struct SessionRecord {
    pub secret: String,
    pub token: String,
    /// `aws:TokenIssueTime`, in seconds since 1970.
    pub issued: i64,
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

impl Who {
    /// The user's or role's ARN.
    pub fn arn(&self) -> &str {
        match self {
            Who::User(arn) | Who::Role(arn, _) => arn,
        }
    }
}

/// `aws`, `aws-cn`, …, as the ARN says.
pub(super) fn partition_of(arn: &str) -> &str {
    arn.split(':').nth(1).unwrap_or("aws")
}

/// The account in an ARN.
pub(super) fn account_of(arn: &str) -> &str {
    arn.split(':').nth(4).unwrap_or(ACCOUNT)
}

/// The path (`/`, `/team/`) and the name in the ARN of a user or role.
fn path_and_name(arn: &str) -> (String, String) {
    let (_, path) = arn.split_once('/').unwrap_or(("", arn));
    match path.rsplit_once('/') {
        Some((path, name)) => (format!("/{path}/"), name.to_owned()),
        None => ("/".into(), path.to_owned()),
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

    /// Of an authenticator app: forty bytes, which are AWS's 64 letters.
    pub fn seed(&mut self) -> Vec<u8> {
        let [first, second] = [self.unique("seed"), self.unique("seed")];
        [&first[..20], &second[..20]].concat()
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

    /// A session from `issued` to `expires`, in seconds since 1970.
    pub fn make_session(&mut self, who: Who, mfa: bool, issued: i64, expires: i64) -> Credentials {
        let (id, secret) = (self.id("ASIA"), self.secret());
        let long: Vec<u8> = (0..6).flat_map(|_| self.unique("token")).collect();
        let token = format!("IQoJb3JpZ2luX2Vj{}==", STANDARD.encode(long));
        let (shown, kept) = (secret.clone(), token.clone());
        let record = SessionRecord { secret, token, issued, expires, mfa, console_duration: false, who };
        self.sessions.insert(id.clone(), record);
        Credentials { access_key_id: id, secret_access_key: shown, session_token: kept, expires }
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

    /// The inline policies of a user or role.
    pub fn policies(&self, who: &Who) -> Option<&BTreeMap<String, String>> {
        match who {
            Who::User(arn) => self.users.get(arn).map(|user| &user.policies),
            Who::Role(arn, _) => self.roles.get(arn).map(|role| &role.policies),
        }
    }
}
