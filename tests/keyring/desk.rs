//! A home of taro with a keyring.

use std::io::Write;
use std::process::Stdio;

use testbed::aws::{Device, Key, User};
use testbed::keyring::Keyring;
use testbed::{FakeAws, Home, Spec, Taro, Terminal};
pub use testbed::{Ran, exit};

pub struct Desk {
    pub home: Home,
    pub aws: FakeAws,
    pub user: User,
    pub key: Key,
    pub device: Device,
    pub keyring: Keyring,
}

impl Desk {
    /// `[dev-long-term]` has taro's key and device, and there is no session yet. `None`: a program is missing here.
    pub fn new() -> Option<Desk> {
        let Taro { mut home, aws, user, key, device } = Taro::new(env!("CARGO_BIN_EXE_awsenv"));
        let keyring = Keyring::unlocked(&mut home)?;
        key.set_age(200 * 86_400);
        home.config("[profile dev]\nregion = eu-west-1\n");
        home.credentials(format!(
            "# taro's\n[dev-long-term]\n{}# the phone\naws_mfa_device = {}\n",
            key.lines(),
            device.serial()
        ));
        Some(Desk { home, aws, user, key, device, keyring })
    }

    /// The same with the key in the keyring.
    pub fn stored() -> Option<Desk> {
        let desk = Desk::new()?;
        desk.run(&["keyring", "store", "dev", "--yes"]).ok();
        Some(desk)
    }

    /// Without a terminal and with nothing on stdin.
    pub fn run(&self, args: &[&str]) -> Ran {
        self.with_input(args, "")
    }

    /// The same with a pipe on stdin.
    pub fn with_input(&self, args: &[&str], input: &str) -> Ran {
        let mut command = self.home.command_alone("awsenv");
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("awsenv starts");
        // Whether it reads it is its own business.
        let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
        Ran::of(child.wait_with_output().expect("it ends"))
    }

    /// On a terminal.
    pub fn terminal(&self, args: &[&str]) -> Terminal {
        let mut spec = Spec::new(env!("CARGO_BIN_EXE_awsenv")).args(args.iter().copied());
        spec.env = self.home.env();
        Terminal::start(spec.cwd(self.home.path()))
    }

    /// What the keyring has of a key.
    pub fn kept(&self, key: &Key) -> Option<String> {
        self.keyring.lookup(&format!("access-key {}", key.id))
    }

    pub fn credentials(&self) -> String {
        self.home.text(".aws/credentials")
    }

    /// A session that nobody asked for, so that `use` has nothing to ask.
    pub fn give_session(&self) {
        let session = self.user.session(3600);
        self.home.credentials(format!(
            "{}\n[dev]\naws_access_key_id = {}\naws_secret_access_key = {}\naws_session_token = {}\nexpiration = {}\n",
            self.credentials(),
            session.access_key_id,
            session.secret_access_key,
            session.session_token,
            session.expiration_as_aws_mfa()
        ));
    }

    /// A session by the code.
    pub fn sign_in(&self) {
        self.run(&["refresh", "dev", &self.device.code()]).ok();
    }
}
