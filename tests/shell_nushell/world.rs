//! What every test here stands in.

use std::path::PathBuf;

use testbed::aws::{Device, FakeAws, Key, User};
use testbed::{Home, Session, Shell};

/// What the `aws` of this world says of `aws s3 ls` on a good session.
pub const AWS: &str = "aws ran: s3 ls profile=dev ask=\n";

/// Where the line in config.nu puts the hook.
pub const FILE: &str = ".local/share/nushell/vendor/autoload/awsenv.nu";

/// A home with the profiles `dev` and `prod` in the layout of aws-mfa, an AWS that checks their codes, and an `aws` that
/// says how it was called.
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
        let aws = FakeAws::start();
        let user = aws.user("taro");
        let (key, device) = (user.key(), user.device("taro"));
        let mut home = Home::new(env!("CARGO_BIN_EXE_awsenv"));
        home.set("AWS_ENDPOINT_URL", aws.url());
        home.script("aws", "#!/bin/sh\necho \"aws ran: $* profile=$AWS_PROFILE ask=$AWSENV_ASK\"\n");
        home.config("[profile dev]\nregion = eu-west-1\n[profile prod]\nregion = eu-west-1\n[profile keys]\n");
        World { home, device, user, key, _aws: aws }
    }

    /// The sessions of dev and prod end so many seconds from now.
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

    /// nushell with these lines in config.nu, and the hook's behind them.
    pub fn nu(&self, rc: &str) -> Option<Session> {
        Session::start(Shell::Nushell, &self.home, &format!("{rc}\n{}", Shell::Nushell.hook()))
    }

    /// nushell with the hook and dev in force.
    pub fn dev(&self) -> Option<Session> {
        self.nu("$env.AWS_PROFILE = 'dev'")
    }

    /// The hook as a file that `source` reads.
    pub fn hook(&self) -> PathBuf {
        let text = self.home.awsenv(&["init", "nushell"]).output().expect("awsenv runs").stdout;
        self.home.write("hook.nu", text);
        self.home.path().join("hook.nu")
    }
}

/// What a program started by this shell sees, but for what nushell itself changes with every command.
pub fn environment(nu: &mut Session, world: &World) -> Vec<String> {
    let file = world.home.path().join("environment");
    nu.run(&format!("^sh -c 'env -0 >{}'", file.display()));
    let bytes = std::fs::read(&file).expect("env has run");
    let variables = bytes.split(|b| *b == 0).filter(|v| !v.is_empty()).map(|v| v.escape_ascii().to_string());
    let own = ["AWSENV_PROMPT=", "CMD_DURATION_MS=", "LAST_EXIT_CODE=", "_="];
    let mut all: Vec<_> = variables.filter(|v| !own.iter().any(|name| v.starts_with(name))).collect();
    all.sort();
    all
}

pub fn value<'a>(environment: &'a [String], name: &str) -> Option<&'a str> {
    environment.iter().find_map(|v| v.strip_prefix(name)?.strip_prefix('='))
}
