use std::collections::BTreeMap;

use super::{Credentials, MADE, Who, account_of, partition_of, path_and_name};
use crate::aws::{ACCOUNT, Shared};

pub(in crate::aws) struct RoleRecord {
    pub id: String,
    pub partition: String,
    pub account: String,
    /// `/`, or `/team/`.
    pub path: String,
    pub name: String,
    /// Seconds since 1970.
    pub created: i64,
    pub trusted: Vec<String>,
    pub mfa_required: bool,
    pub external_id: Option<String>,
    pub max_duration: i64,
    /// Actions that no policy allows.
    pub denied: Vec<String>,
    /// Inline policies: the document by name.
    pub policies: BTreeMap<String, String>,
}

impl RoleRecord {
    pub fn new(id: String, arn: &str) -> RoleRecord {
        let (path, name) = path_and_name(arn);
        RoleRecord {
            id,
            partition: partition_of(arn).to_owned(),
            account: account_of(arn).to_owned(),
            path,
            name,
            created: MADE,
            trusted: Vec::new(),
            mfa_required: false,
            external_id: None,
            max_duration: 3600,
            denied: Vec::new(),
            policies: BTreeMap::new(),
        }
    }
}

/// A role.
#[derive(Clone)]
pub struct Role {
    state: Shared,
    arn: String,
}

impl Role {
    pub(in crate::aws) fn new(state: Shared, name: &str) -> Role {
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

    /// No policy allows this role the action any more: `iam:PutRolePolicy`, `iam:Get*`.
    pub fn deny(&self, action: &str) -> &Self {
        self.with(|role| role.denied.push(action.to_owned()));
        self
    }

    /// Takes back what [`Role::deny`] took away.
    pub fn allow(&self, action: &str) -> &Self {
        self.with(|role| role.denied.retain(|denied| denied != action));
        self
    }

    /// Gives this role an inline policy (JSON); its Deny statements hold. One of the same name is replaced.
    pub fn put_policy(&self, name: &str, document: &str) -> &Self {
        self.with(|role| role.policies.insert(name.to_owned(), document.to_owned()));
        self
    }

    /// The inline policies: the document (JSON) by name.
    pub fn policies(&self) -> BTreeMap<String, String> {
        self.with(|role| role.policies.clone())
    }

    /// A session of this role as AssumeRole with long-term keys gives it, without a call; it ends in so many seconds (may be negative).
    pub fn session(&self, session_name: &str, seconds: i64) -> Credentials {
        self.session_issued(session_name, 0, seconds)
    }

    /// The same, issued so many seconds ago.
    pub fn session_issued(&self, session_name: &str, ago: i64, seconds: i64) -> Credentials {
        let mut state = self.state.lock();
        let now = state.now();
        let who = Who::Role(self.arn.clone(), session_name.to_owned());
        let made = state.accounts.make_session(who, false, now - ago, now + seconds);
        state.accounts.take_console_duration(&made.access_key_id);
        made
    }

    fn with<T>(&self, change: impl FnOnce(&mut RoleRecord) -> T) -> T {
        change(self.state.lock().accounts.roles.get_mut(&self.arn).expect("roles are not taken away"))
    }

    fn change(self, change: impl FnOnce(&mut RoleRecord)) -> Self {
        self.with(change);
        self
    }
}
