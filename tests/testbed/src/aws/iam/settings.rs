//! What a test can set about an account's IAM, and see of it.

use std::time::Duration;

use super::PasswordPolicy;
use crate::aws::FakeAws;
use crate::aws::account::{Device, Key, NewKeyDelay};

impl FakeAws {
    /// The rules for passwords; `None`, as at first: there is no custom policy, and AWS's own rules hold.
    pub fn set_password_policy(&self, policy: Option<PasswordPolicy>) {
        self.state.lock().accounts.password_policy = policy;
    }

    /// The name that stands for the account's number in sign-in addresses.
    pub fn set_account_alias(&self, alias: Option<&str>) {
        self.state.lock().accounts.alias = alias.map(str::to_owned);
    }

    /// IAM's lists come in pages of at most so many; `None`, as at first: 100.
    pub fn set_page_size(&self, size: Option<usize>) {
        self.state.lock().accounts.page = size;
    }

    /// A key that CreateAccessKey makes is unknown (InvalidClientTokenId) for its first `calls` calls and for this time,
    /// everywhere: IAM is eventually consistent.
    pub fn set_new_key_delay(&self, calls: usize, time: Duration) {
        self.state.lock().accounts.new_key_delay = NewKeyDelay { calls, time };
    }

    /// The key of this id, also one that a call made; `None` when it was deleted.
    pub fn key(&self, id: &str) -> Option<Key> {
        let accounts = &self.state.lock().accounts;
        accounts.keys.contains_key(id).then(|| Key::of(&self.state, accounts, id))
    }

    /// The device of this serial number, also one that a call made; `None` when it was deleted.
    pub fn device(&self, serial: &str) -> Option<Device> {
        self.state.lock().accounts.devices.contains_key(serial).then(|| Device::of(&self.state, serial))
    }

    /// The devices that are there, by their serial numbers.
    pub fn devices(&self) -> Vec<Device> {
        self.state.lock().accounts.devices.keys().map(|serial| Device::of(&self.state, serial)).collect()
    }
}
