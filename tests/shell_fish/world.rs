//! What every test here stands in.

use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use testbed::aws::{Device, FakeAws, Key, User};
use testbed::{Home, Session, Shell};

/// The line in config.fish.
pub const HOOK: &str = "awsenv init fish | source";

/// A home with the profile `dev` in the layout of aws-mfa, an AWS that checks its codes, and an `aws` that says how it
/// was called.
pub struct World {
    pub home: Home,
    pub device: Device,
    user: User,
    key: Key,
    // Answers as long as the home is there.
    _aws: FakeAws,
}

impl World {
    pub fn new() -> World {
        Self::named("home")
    }

    pub fn named(home: &str) -> World {
        let aws = FakeAws::start();
        let user = aws.user("taro");
        let (key, device) = (user.key(), user.device("taro"));
        let mut home = Home::named(env!("CARGO_BIN_EXE_awsenv"), home);
        home.set("AWS_ENDPOINT_URL", aws.url());
        home.script("aws", "#!/bin/sh\necho \"aws ran: $* profile=$AWS_PROFILE ask=$AWSENV_ASK\"\n");
        home.config("[profile dev]\nregion = eu-west-1\n[profile prod]\nregion = eu-west-1\n[profile keys]\n");
        World { home, device, user, key, _aws: aws }
    }

    /// dev's session ends so many seconds from now.
    pub fn session_ends_in(&self, seconds: i64) -> &Self {
        let session = self.user.session(seconds);
        let mut text = String::new();
        for profile in ["dev", "prod"] {
            text += &format!(
                "[{profile}-long-term]\n{}aws_mfa_device = {}\n[{profile}]\naws_access_key_id = {}\n\
                 aws_secret_access_key = {}\naws_session_token = {}\nexpiration = {}\n",
                self.key.lines(),
                self.device.serial(),
                session.access_key_id,
                session.secret_access_key,
                session.session_token,
                session.expiration_as_aws_mfa(),
            );
        }
        self.home.credentials(text + "[keys]\naws_access_key_id = AKIAX\naws_secret_access_key = x\n");
        self
    }

    pub fn fish(&self, rc: &str) -> Option<Session> {
        Session::start(Shell::Fish, &self.home, rc)
    }

    /// fish with the hook and dev in force.
    pub fn dev(&self) -> Option<Session> {
        self.fish(&format!("set -gx AWS_PROFILE dev\n{HOOK}"))
    }

    /// What fish prints when it runs this without a terminal.
    pub fn batch(&self, script: &str) -> Option<(Vec<u8>, String)> {
        let fish = testbed::require("fish")?;
        let file = self.home.path().join("batch.fish");
        std::fs::write(&file, script).expect("the home can be written");
        let out = self.home.command(fish).arg("--no-config").arg(&file).output().expect("fish runs");
        Some((out.stdout, String::from_utf8_lossy(&out.stderr).into_owned()))
    }
}

/// The stamps that hooks in this home have.
pub fn stamps(home: &Home) -> Vec<PathBuf> {
    let folder = home.path().join(".local/state/awsenv");
    let entries = std::fs::read_dir(folder).expect("the hook has made the state folder");
    let paths = entries.map(|e| e.expect("the folder can be read").path());
    paths.filter(|p| p.file_name().is_some_and(|n| n.as_bytes().starts_with(b"stamp-"))).collect()
}
