//! A home without anything in it, and an account where taro is a user.

use std::collections::BTreeMap;
use std::path::Path;

use testbed::aws::{Device, Key, User};
use testbed::{FakeAws, Home, Spec, Terminal};
pub use testbed::{Ran, exit};

pub const LIST: &str = "ListMFADevices";

pub struct Desk {
    pub home: Home,
    pub aws: FakeAws,
    pub user: User,
    pub key: Key,
}

impl Desk {
    pub fn new() -> Desk {
        let mut home = Home::new(env!("CARGO_BIN_EXE_awsenv"));
        let aws = FakeAws::start();
        home.use_aws(&aws).set("SHELL", "/bin/bash");
        let user = aws.user("taro");
        let key = user.key();
        Desk { home, aws, user, key }
    }

    /// The same with a device that taro has.
    pub fn with_device() -> (Desk, Device) {
        let desk = Desk::new();
        let device = desk.user.device("taro");
        (desk, device)
    }

    /// The same with the keys and the device in aws-mfa's layout.
    pub fn complete() -> (Desk, Device) {
        let (desk, device) = Desk::with_device();
        let text = format!("[dev-long-term]\n{}aws_mfa_device = {}\n", desk.key.lines(), device.serial());
        desk.home.credentials(text);
        (desk, device)
    }

    /// Starts `awsenv setup` on a terminal.
    pub fn setup(&self, args: &[&str]) -> Terminal {
        let mut spec = Spec::new(env!("CARGO_BIN_EXE_awsenv")).args(["setup"]).args(args.iter().copied());
        spec.env = self.home.env();
        Terminal::start(spec.cwd(self.home.path()))
    }

    /// The same up to the question behind the keys of taro.
    pub fn up_to_keys(&self) -> Terminal {
        let mut terminal = self.setup(&["dev"]);
        terminal
            .expect("k or i: ")
            .mark()
            .line("k")
            .expect("Region (such as eu-west-1; Enter: none): ")
            .mark()
            .line("");
        self.type_keys(&mut terminal, &self.key);
        terminal
    }

    pub fn type_keys(&self, terminal: &mut Terminal, key: &Key) {
        terminal.expect("Access key ID (AKIA…): ").mark().line(&key.id);
        terminal.expect("Secret access key (is not shown): ").mark().line(&key.secret);
    }

    /// Runs `awsenv` without a terminal.
    pub fn run(&self, args: &[&str]) -> Ran {
        Ran::of(self.home.command_alone("awsenv").args(args).output().expect("awsenv starts"))
    }

    /// The kind and state of a profile.
    pub fn status(&self, profile: &str) -> (String, String) {
        let ran = self.run(&["status", profile, "--json"]);
        let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap_or_else(|e| panic!("{e}: {ran:?}"));
        let word = |key: &str| json[key].as_str().unwrap().to_owned();
        (word("kind"), word("state"))
    }

    /// A file of the home; empty where it is not there.
    pub fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.home.path().join(name)).unwrap_or_default()
    }

    /// What a user calls a file: everything in the home but locks and awsenv's own state.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut found = BTreeMap::new();
        collect(self.home.path(), &mut found);
        let path = |name: &String| !name.ends_with(".awsenv.lock") && !name.contains("/.local/state/");
        found.retain(|name, _| path(name));
        found
    }

    /// How often this was called.
    pub fn count(&self, action: &str) -> usize {
        self.aws.calls_of(action).len()
    }
}

fn collect(folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
        match entry.is_dir() {
            true => collect(&entry, found),
            false => drop(found.insert(entry.display().to_string(), std::fs::read(&entry).unwrap())),
        }
    }
}

/// The permission bits of a file.
pub fn mode(path: impl AsRef<Path>) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}
