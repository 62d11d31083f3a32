//! What the tests of a shell's hook stand in: a home with sessions in the layout of aws-mfa, and an AWS that renews them.

use std::path::Path;

use crate::aws::{Credentials, Device, FakeAws, Key, User};
use crate::home::Home;

/// A home with the profiles `dev` and `prod`, both of taro and one device, an AWS that checks its codes, and an `aws` that
/// says how it was called.
pub struct Sandbox {
    pub home: Home,
    pub device: Device,
    user: User,
    key: Key,
    /// Profiles with keys that have no end, as they stand in the credentials file.
    keys: String,
    // Answers as long as the home is there.
    _aws: FakeAws,
}

impl Sandbox {
    /// `binary` is the program under test, `home` the name of the home's folder. No session yet.
    pub fn named(binary: impl AsRef<Path>, home: &str) -> Sandbox {
        let aws = FakeAws::start();
        let user = aws.user("taro");
        let (key, device) = (user.key(), user.device("taro"));
        let mut home = Home::named(binary, home);
        home.use_aws(&aws).command_that_tells("aws");
        home.config("[profile dev]\nregion = eu-west-1\n[profile prod]\nregion = eu-west-1\n");
        Sandbox { home, device, user, key, keys: String::new(), _aws: aws }
    }

    /// One more profile, with keys that have no end.
    #[must_use]
    pub fn with_keys(mut self, profile: &str) -> Sandbox {
        let config = self.home.text(".aws/config");
        self.home.config(format!("{config}[profile {profile}]\n"));
        self.keys += &format!("[{profile}]\naws_access_key_id = AKIAX\naws_secret_access_key = x\n");
        self
    }

    /// The sessions of dev and prod end so many seconds from now.
    pub fn session_ends_in(&self, seconds: i64) -> &Self {
        let session = self.user.session(seconds);
        let sections = ["dev", "prod"].map(|profile| sections(profile, &self.key, &self.device, &session));
        self.home.credentials(sections.concat() + &self.keys);
        self
    }
}

/// `[NAME-long-term]` and `[NAME]` as aws-mfa leaves them.
pub fn sections(name: &str, key: &Key, device: &Device, session: &Credentials) -> String {
    format!(
        "[{name}-long-term]\n{}aws_mfa_device = {}\n[{name}]\naws_access_key_id = {}\n\
         aws_secret_access_key = {}\naws_session_token = {}\nexpiration = {}\n",
        key.lines(),
        device.serial(),
        session.access_key_id,
        session.secret_access_key,
        session.session_token,
        session.expiration_as_aws_mfa(),
    )
}
