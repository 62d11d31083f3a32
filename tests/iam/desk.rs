//! A home of taro, who administers an account, and hanako, who is administered.

use std::io::Write;
use std::process::Stdio;

use testbed::aws::{Device, Key, User};
use testbed::{FakeAws, Home, Spec, Taro, Terminal};
pub use testbed::{Ran, exit};

pub struct Desk {
    pub home: Home,
    pub aws: FakeAws,
    pub user: User,
    pub key: Key,
    pub device: Device,
    pub hanako: User,
}

impl Desk {
    /// `[dev-long-term]` has taro's keys and device, `[dev]` a session that is good; `dev` is in force.
    pub fn new() -> Desk {
        let Taro { mut home, aws, user, key, device } = Taro::new(env!("CARGO_BIN_EXE_awsenv"));
        key.set_age(200 * 86_400);
        let hanako = aws.user("hanako");
        home.config("[profile dev]\nregion = eu-west-1\n");
        home.set("AWS_PROFILE", "dev");
        let desk = Desk { home, aws, user, key, device, hanako };
        desk.session(3600);
        desk
    }

    /// Gives `[dev]` a session of so many seconds.
    pub fn session(&self, seconds: i64) {
        let session = self.user.session(seconds);
        self.home.credentials(format!(
            "# taro's\n[dev-long-term]\n{}aws_mfa_device = {}\n\n[dev]\naws_access_key_id = {}\naws_secret_access_key = {}\n\
             aws_session_token = {}\nexpiration = {}\n",
            self.key.lines(),
            self.device.serial(),
            session.access_key_id,
            session.secret_access_key,
            session.session_token,
            session.expiration_as_aws_mfa()
        ));
    }

    /// Runs `awsenv iam` without a terminal and with nothing on stdin.
    pub fn run(&self, args: &[&str]) -> Ran {
        self.with_input(args, "")
    }

    /// The same with a pipe on stdin.
    pub fn with_input(&self, args: &[&str], input: &str) -> Ran {
        let mut command = self.home.command_alone("awsenv");
        command.arg("iam").args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("awsenv starts");
        // Whether it reads it is its own business.
        let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
        Ran::of(child.wait_with_output().expect("it ends"))
    }

    /// Starts `awsenv iam` on a terminal.
    pub fn terminal(&self, args: &[&str]) -> Terminal {
        let mut spec = Spec::new(env!("CARGO_BIN_EXE_awsenv")).args(["iam"]).args(args.iter().copied());
        spec.env = self.home.env();
        Terminal::start(spec.cwd(self.home.path()))
    }

    /// How often this was called, refused calls among them.
    pub fn count(&self, action: &str) -> usize {
        self.aws.calls_of(action).len()
    }
}
