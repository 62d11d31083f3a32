use std::collections::BTreeSet;

use super::MADE;
use crate::aws::{Shared, totp};

pub(in crate::aws) struct DeviceRecord {
    pub seed: Vec<u8>,
    /// The ARN of the user for whom it is enabled.
    pub user: Option<String>,
    /// When it was enabled, in seconds since 1970.
    pub enabled: i64,
    /// Not a FIDO key.
    pub is_virtual: bool,
    pub in_step: bool,
    /// Steps by which the device's clock is ahead; the server has learnt it, as AWS's resynchronisation does.
    drift: i64,
    used: BTreeSet<i64>,
}

impl DeviceRecord {
    /// A virtual device with this seed, of nobody yet.
    pub fn new(seed: Vec<u8>) -> DeviceRecord {
        let used = BTreeSet::new();
        DeviceRecord { seed, user: None, enabled: MADE, is_virtual: true, in_step: true, drift: 0, used }
    }

    fn code(&self, step: i64) -> String {
        totp::code(&self.seed, step)
    }

    /// Takes the code if it is one of the window's three and was not used; it is used then.
    pub fn take(&mut self, code: &str, now: i64) -> bool {
        let step = now / totp::STEP + self.drift;
        let found = (step - 1..=step + 1).find(|s| !self.used.contains(s) && self.code(*s) == code);
        found.is_some_and(|step| self.used.insert(step))
    }

    /// Takes two codes in a row, the second of which is shown now or was up to a minute ago; both are used then.
    pub fn take_two(&mut self, first: &str, second: &str, now: i64) -> bool {
        let step = now / totp::STEP + self.drift;
        let fits = |s: &i64| self.code(*s) == first && self.code(*s + 1) == second;
        let found = (step - 3..=step).find(|s| fits(s) && !self.used.contains(s) && !self.used.contains(&(s + 1)));
        found.is_some_and(|step| self.used.insert(step) && self.used.insert(step + 1))
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

    fn two_codes(&mut self, now: i64) -> (String, String) {
        loop {
            let step = now / totp::STEP + self.drift;
            if !self.used.contains(&(step - 1)) && !self.used.contains(&step) {
                return (self.code(step - 1), self.code(step));
            }
            self.drift += 1;
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

    pub(in crate::aws) fn of(state: &Shared, serial: &str) -> Device {
        Device { state: state.clone(), serial: serial.to_owned() }
    }

    /// A code that AWS takes now and has not taken yet. Never waits: where the window's codes are used up,
    /// the device's clock (as AWS knows it) goes on.
    pub fn code(&self) -> String {
        self.with(DeviceRecord::next_code)
    }

    /// Two codes in a row that EnableMFADevice takes now. Never waits, as [`Device::code`].
    pub fn two_codes(&self) -> (String, String) {
        self.with(DeviceRecord::two_codes)
    }

    /// Whether it is enabled for a user; `None` when it was deleted.
    pub fn is_enabled(&self) -> Option<bool> {
        self.state.lock().accounts.devices.get(&self.serial).map(|device| device.user.is_some())
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
        ask(state.accounts.devices.get_mut(&self.serial).expect("the device was not deleted"), now)
    }
}
