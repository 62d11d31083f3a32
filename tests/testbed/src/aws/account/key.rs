use std::time::{Duration, Instant};

use super::Accounts;
use crate::aws::Shared;

pub(in crate::aws) struct KeyRecord {
    pub secret: String,
    /// The user's ARN.
    pub user: String,
    pub active: bool,
    /// Seconds since 1970.
    pub created: i64,
    pub last_used: Option<LastUsed>,
    /// Calls that this key still is unknown for, and the time until which it is.
    unknown_for: usize,
    unknown_until: Option<Instant>,
}

pub(in crate::aws) struct LastUsed {
    /// Seconds since 1970.
    pub at: i64,
    pub service: String,
    pub region: String,
}

/// How long a key that CreateAccessKey made is unknown: IAM is eventually consistent.
#[derive(Clone, Copy, Default)]
pub(in crate::aws) struct NewKeyDelay {
    pub calls: usize,
    pub time: Duration,
}

impl KeyRecord {
    pub fn new(secret: String, user: &str, now: i64) -> KeyRecord {
        let user = user.to_owned();
        KeyRecord { secret, user, active: true, created: now, last_used: None, unknown_for: 0, unknown_until: None }
    }

    pub fn used(&mut self, at: i64, service: &str, region: &str) {
        self.last_used = Some(LastUsed { at, service: service.to_owned(), region: region.to_owned() });
    }

    pub fn delay(&mut self, delay: NewKeyDelay) {
        self.unknown_for = delay.calls;
        self.unknown_until = Some(Instant::now() + delay.time);
    }

    /// Whether AWS knows this key yet; counts the call.
    pub fn is_known(&mut self) -> bool {
        let known = self.unknown_for == 0 && self.unknown_until.is_none_or(|end| end <= Instant::now());
        self.unknown_for = self.unknown_for.saturating_sub(1);
        known
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
    pub(in crate::aws) fn of(state: &Shared, accounts: &Accounts, id: &str) -> Key {
        Key { state: state.clone(), id: id.to_owned(), secret: accounts.keys[id].secret.clone() }
    }

    /// The two lines of a credentials file.
    pub fn lines(&self) -> String {
        format!("aws_access_key_id = {}\naws_secret_access_key = {}\n", self.id, self.secret)
    }

    /// Makes the key inactive: InvalidClientTokenId from now on.
    pub fn deactivate(&self) {
        self.with(|key| key.active = false);
    }

    /// Makes it active again.
    pub fn activate(&self) {
        self.with(|key| key.active = true);
    }

    /// Whether it works; `None` when it was deleted.
    pub fn is_active(&self) -> Option<bool> {
        self.state.lock().accounts.keys.get(&self.id).map(|key| key.active)
    }

    /// The next `calls` calls with it are refused, as those with a key that AWS does not know yet.
    pub fn unknown_for(&self, calls: usize) {
        self.with(|key| key.unknown_for = calls);
    }

    /// It was made so many seconds ago.
    pub fn set_age(&self, seconds: i64) {
        let now = self.state.lock().now();
        self.with(|key| key.created = now - seconds);
    }

    /// It was last used so many seconds ago, for this service in this region. (Calls of this AWS count by themselves.)
    pub fn set_last_used(&self, ago: i64, service: &str, region: &str) {
        let at = self.state.lock().now() - ago;
        self.with(|key| key.used(at, service, region));
    }

    fn with(&self, change: impl FnOnce(&mut KeyRecord)) {
        if let Some(key) = self.state.lock().accounts.keys.get_mut(&self.id) {
            change(key);
        }
    }
}
