//! A home, a fake AWS and a user with a device; `awsenv` run without a terminal, or on one.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;
pub use testbed::Ran;
use testbed::aws::{Device, Key, User};
#[cfg(unix)]
pub use testbed::exit;
use testbed::{FakeAws, Home, Taro};
#[cfg(unix)]
use testbed::{Spec, Terminal};

pub const REGION: &str = "eu-central-1";

pub struct Desk {
    pub home: Home,
    pub aws: FakeAws,
    pub user: User,
    pub key: Key,
    pub device: Device,
}

impl Desk {
    /// taro of account 123456789012 with a key and a device; no files yet.
    pub fn new() -> Desk {
        let Taro { home, aws, user, key, device } = Taro::new(env!("CARGO_BIN_EXE_awsenv"));
        Desk { home, aws, user, key, device }
    }

    /// aws-mfa's layout: `[dev-long-term]`, and `[profile dev]` with a region.
    pub fn aws_mfa() -> Desk {
        let desk = Desk::new();
        desk.home.config(format!("[profile dev]\nregion = {REGION}\n"));
        desk.home.credentials(desk.long_term());
        desk
    }

    /// The section `[dev-long-term]`.
    pub fn long_term(&self) -> String {
        format!("[dev-long-term]\n{}aws_mfa_device = {}\n", self.key.lines(), self.device.serial())
    }

    /// `[dev]` as aws-mfa writes it; ends in so many seconds.
    pub fn session_section(&self, seconds: i64) -> String {
        let made = self.user.session(seconds);
        format!(
            "[dev]\nassumed_role = False\naws_access_key_id = {}\naws_secret_access_key = {}\naws_session_token = {}\n\
             aws_security_token = {}\nexpiration = {}\n",
            made.access_key_id,
            made.secret_access_key,
            made.session_token,
            made.session_token,
            made.expiration_as_aws_mfa()
        )
    }

    /// Keys and device in one profile `plain`, and a role `admin` behind the device.
    pub fn with_role(more: &str) -> Desk {
        let desk = Desk::new();
        let role = desk.aws.role("Admin").trusts(desk.user.arn()).needs_mfa().max_duration(43_200);
        desk.home.config(format!(
            "[profile base]\nregion = {REGION}\n\n[profile admin]\nrole_arn = {}\nsource_profile = base\nmfa_serial = {}\n\
             region = {REGION}\n{more}",
            role.arn(),
            desk.device.serial()
        ));
        desk.home.credentials(format!("[base]\n{}", desk.key.lines()));
        desk
    }

    /// Runs `awsenv` without a terminal.
    pub fn run(&self, args: &[&str]) -> Ran {
        self.run_with(args, &[])
    }

    /// The same with more variables.
    pub fn run_with(&self, args: &[&str], vars: &[(&str, &str)]) -> Ran {
        let mut command = self.home.command_alone("awsenv");
        Ran::of(command.args(args).envs(vars.iter().copied()).output().expect("awsenv starts"))
    }

    /// `awsenv status --json` of a profile, which must succeed.
    pub fn status(&self, profile: &str) -> Value {
        let ran = self.run(&["status", profile, "--json"]);
        assert_eq!(ran.status, 0, "{ran:?}");
        serde_json::from_str(&ran.out).expect("JSON and nothing else")
    }

    /// Kind and state of a profile.
    pub fn kind_and_state(&self, profile: &str) -> (String, String) {
        let found = self.status(profile);
        let text = |key: &str| found[key].as_str().expect("a word").to_owned();
        (text("kind"), text("state"))
    }

    /// Starts `awsenv` on a terminal.
    #[cfg(unix)]
    pub fn terminal(&self, args: &[&str]) -> Terminal {
        let program = env!("CARGO_BIN_EXE_awsenv");
        let mut spec = Spec::new(program).args(args.iter().copied()).cwd(self.home.path());
        spec.env = self.home.env();
        Terminal::start(spec)
    }

    /// Runs a line of sh on a terminal.
    #[cfg(unix)]
    pub fn sh(&self, line: &str) -> Terminal {
        let mut spec = Spec::new("/bin/sh").args(["-c", line]).cwd(self.home.path());
        spec.env = self.home.env();
        Terminal::start(spec)
    }

    /// How often each action was called.
    pub fn count(&self, action: &str) -> usize {
        self.aws.calls_of(action).len()
    }
}

/// Seconds since 1970.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is past 1970");
    i64::try_from(since.as_secs()).expect("the clock is in range")
}

/// `2026-11-22T12:29:16Z`.
pub fn rfc3339(epoch: i64) -> String {
    stamp(epoch, "%Y-%m-%dT%H:%M:%SZ")
}

/// An instant in UTC in chrono's notation.
pub fn stamp(epoch: i64, form: &str) -> String {
    chrono::DateTime::from_timestamp(epoch, 0).expect("a time in range").format(form).to_string()
}
