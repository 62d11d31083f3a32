use std::collections::BTreeMap;

use super::{Credentials, Device, DeviceRecord, Key, KeyRecord, MADE, Who, account_of, partition_of, path_and_name};
use crate::aws::Shared;

pub(in crate::aws) struct UserRecord {
    pub id: String,
    pub account: String,
    /// `/`, or `/team/`.
    pub path: String,
    pub name: String,
    /// Seconds since 1970.
    pub created: i64,
    pub denied_without_mfa: bool,
    /// Actions that no policy allows, `iam:Get*` with AWS's wildcards.
    pub denied: Vec<String>,
    /// Inline policies: the document by name.
    pub policies: BTreeMap<String, String>,
    pub login: Option<LoginProfile>,
    /// The latest last; the one in force is among them.
    pub passwords: Vec<String>,
    pub password_last_used: Option<i64>,
    /// Changes of the login profile that are still to be refused.
    pub held: usize,
}

/// A password for the console.
pub(in crate::aws) struct LoginProfile {
    pub created: i64,
    pub reset_required: bool,
}

/// A user of the fake AWS. It may do everything until a test takes something away.
#[derive(Clone)]
pub struct User {
    state: Shared,
    arn: String,
}

impl User {
    pub(in crate::aws) fn new(state: Shared, arn: String) -> User {
        {
            let accounts = &mut state.lock().accounts;
            let (path, name) = path_and_name(&arn);
            let user = UserRecord {
                id: accounts.id("AIDA"),
                account: account_of(&arn).to_owned(),
                path,
                name,
                created: MADE,
                denied_without_mfa: false,
                denied: Vec::new(),
                policies: BTreeMap::new(),
                login: None,
                passwords: Vec::new(),
                password_last_used: None,
                held: 0,
            };
            let other = accounts.users.insert(arn.clone(), user);
            assert!(other.is_none(), "{arn} exists");
        }
        User { state, arn }
    }

    /// `arn:aws:iam::ACCOUNT:user/NAME`.
    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// The name alone.
    pub fn name(&self) -> String {
        self.with(|user| user.name.clone())
    }

    /// A new long-term key. A test may make more than the two that AWS gives.
    pub fn key(&self) -> Key {
        let mut state = self.state.lock();
        let now = state.now();
        let id = state.accounts.make_key(&self.arn, now);
        Key::of(&self.state, &state.accounts, &id)
    }

    /// The keys that this user has now, also those that were made by a call.
    pub fn keys(&self) -> Vec<Key> {
        let accounts = &self.state.lock().accounts;
        let own = accounts.keys.iter().filter(|(_, key)| key.user == self.arn);
        own.map(|(id, _)| Key::of(&self.state, accounts, id)).collect()
    }

    /// A new virtual MFA device `arn:aws:iam::ACCOUNT:mfa/NAME` with a seed of its own, enabled for this user.
    pub fn device(&self, name: &str) -> Device {
        let accounts = &mut self.state.lock().accounts;
        let serial = format!("arn:{}:iam::{}:mfa/{name}", partition_of(&self.arn), account_of(&self.arn));
        let mut record = DeviceRecord::new(accounts.unique("seed")[..20].to_vec());
        record.user = Some(self.arn.clone());
        let other = accounts.devices.insert(serial.clone(), record);
        assert!(other.is_none(), "{serial} exists");
        Device::of(&self.state, &serial)
    }

    /// A FIDO key of this user; gives its serial number, `arn:aws:iam::ACCOUNT:u2f/user/USER/NAME-…`. It has no codes.
    pub fn security_key(&self, name: &str) -> String {
        let own = self.name();
        let accounts = &mut self.state.lock().accounts;
        let (partition, account) = (partition_of(&self.arn), account_of(&self.arn));
        let serial = format!("arn:{partition}:iam::{account}:u2f/user/{own}/{name}-{}", accounts.id(""));
        let mut record = DeviceRecord::new(Vec::new());
        (record.user, record.is_virtual, record.in_step) = (Some(self.arn.clone()), false, false);
        accounts.devices.insert(serial.clone(), record);
        serial
    }

    /// The serial numbers of the devices that are enabled for this user now.
    pub fn serials(&self) -> Vec<String> {
        let accounts = &self.state.lock().accounts;
        let own = accounts.devices.iter().filter(|(_, device)| device.user.as_ref() == Some(&self.arn));
        own.map(|(serial, _)| serial.clone()).collect()
    }

    /// Everything but STS is denied to this user until a code was given, as many companies have it.
    pub fn deny_without_mfa(&self) -> &Self {
        self.with(|user| user.denied_without_mfa = true);
        self
    }

    /// No policy allows this user the action any more: `iam:CreateLoginProfile`, `iam:Get*`.
    pub fn deny(&self, action: &str) -> &Self {
        self.with(|user| user.denied.push(action.to_owned()));
        self
    }

    /// Takes back what [`User::deny`] took away.
    pub fn allow(&self, action: &str) -> &Self {
        self.with(|user| user.denied.retain(|denied| denied != action));
        self
    }

    /// Gives this user an inline policy (JSON); its Deny statements hold. One of the same name is replaced.
    pub fn put_policy(&self, name: &str, document: &str) -> &Self {
        self.with(|user| user.policies.insert(name.to_owned(), document.to_owned()));
        self
    }

    /// The inline policies: the document (JSON) by name.
    pub fn policies(&self) -> BTreeMap<String, String> {
        self.with(|user| user.policies.clone())
    }

    /// Gives this user a password for the console, whatever the account's policy says.
    pub fn set_password(&self, password: &str, reset_required: bool) -> &Self {
        self.with(|user| {
            user.login = Some(LoginProfile { created: MADE, reset_required });
            user.passwords.push(password.to_owned());
        });
        self
    }

    /// The password for the console; `None` without a login profile.
    pub fn password(&self) -> Option<String> {
        self.with(|user| user.login.as_ref().and(user.passwords.last().cloned()))
    }

    /// Whether the password must be changed at the next sign-in; `None` without a login profile.
    pub fn reset_required(&self) -> Option<bool> {
        self.with(|user| user.login.as_ref().map(|login| login.reset_required))
    }

    /// When somebody last signed in with the password, in seconds before now; `None`: never.
    pub fn set_password_last_used(&self, ago: Option<i64>) -> &Self {
        let now = self.state.lock().now();
        self.with(|user| user.password_last_used = ago.map(|ago| now - ago));
        self
    }

    /// The next `count` changes of the login profile are refused with EntityTemporarilyUnmodifiable.
    pub fn hold_login_profile(&self, count: usize) -> &Self {
        self.with(|user| user.held = count);
        self
    }

    /// A session as GetSessionToken with a code gives it, without a call; it ends in so many seconds (may be negative).
    pub fn session(&self, seconds: i64) -> Credentials {
        self.session_of(true, 0, seconds)
    }

    /// The same, issued so many seconds ago.
    pub fn session_issued(&self, ago: i64, seconds: i64) -> Credentials {
        self.session_of(true, ago, seconds)
    }

    /// A session as GetSessionToken gives it without a code.
    pub fn session_without_code(&self, seconds: i64) -> Credentials {
        self.session_of(false, 0, seconds)
    }

    fn session_of(&self, mfa: bool, ago: i64, seconds: i64) -> Credentials {
        let mut state = self.state.lock();
        let now = state.now();
        state.accounts.make_session(Who::User(self.arn.clone()), mfa, now - ago, now + seconds)
    }

    fn with<T>(&self, change: impl FnOnce(&mut UserRecord) -> T) -> T {
        change(self.state.lock().accounts.users.get_mut(&self.arn).expect("users are not taken away"))
    }
}

impl super::Accounts {
    /// A new active key of this user; gives its id.
    pub fn make_key(&mut self, user: &str, now: i64) -> String {
        let (id, secret) = (self.id("AKIA"), self.secret());
        self.keys.insert(id.clone(), KeyRecord::new(secret, user, now));
        id
    }
}
