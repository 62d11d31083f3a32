//! A home with a user, a role, and a browser.

use testbed::aws::{Device, Key, User};
use testbed::{FakeAws, Home, Spec, Taro, Terminal};
pub use testbed::{Ran, exit};

pub const REGION: &str = "eu-west-1";
pub const ACCOUNT: &str = "123456789012";

pub struct Desk {
    pub home: Home,
    pub aws: FakeAws,
    pub user: User,
    pub key: Key,
    pub device: Device,
}

impl Desk {
    /// `[base]` has taro's long-term keys; `[profile admin]` is the role admin on top of it.
    pub fn new() -> Desk {
        Desk::with("")
    }

    /// The same with more lines in the config file.
    pub fn with(more: &str) -> Desk {
        let Taro { home, aws, user, key, device } = Taro::new(env!("CARGO_BIN_EXE_awsenv"));
        let role = aws.role("admin").trusts(user.arn()).max_duration(43_200);
        home.credentials(format!("[base]\n{}", key.lines()));
        home.config(format!(
            "[profile base]\nregion = {REGION}\n\
             [profile admin]\nrole_arn = {}\nsource_profile = base\nregion = {REGION}\n{more}",
            role.arn()
        ));
        Desk { home, aws, user, key, device }
    }

    /// A browser that goes where it is led, and notes its command line, a word a line.
    pub fn browser(&mut self) -> &mut Self {
        let script = "#!/bin/sh\nfor word; do printf '%s\\n' \"$word\"; url=$word; done >>\"$HOME/argv\"\n\
                      exec curl -s -L -o \"$HOME/page\" \"$url\"\n";
        let browser = self.home.script("browser", script);
        self.home.set("BROWSER", browser);
        self
    }

    /// The words of the browsers' command lines.
    pub fn argv(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.home.path().join("argv")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Runs `awsenv` without a terminal.
    pub fn run(&self, args: &[&str]) -> Ran {
        let mut command = self.home.command_alone("awsenv");
        Ran::of(command.args(args).output().expect("awsenv starts"))
    }

    /// The link that `console --print` prints, with nothing beside it.
    pub fn link(&self, args: &[&str]) -> String {
        let ran = self.run(&[&["console", "--print"], args].concat());
        assert!(ran.status == 0 && ran.err.is_empty() && ran.out.lines().count() == 1, "{ran:?}");
        ran.out.trim_end().to_owned()
    }

    /// What a browser does with a link.
    pub fn follow(&self, link: &str) {
        let done = self.home.command("curl").args(["-s", "-o", "page", link]).status().expect("curl starts");
        assert!(done.success());
    }

    /// Starts `awsenv` on a terminal.
    pub fn terminal(&self, args: &[&str]) -> Terminal {
        let mut spec = Spec::new(env!("CARGO_BIN_EXE_awsenv")).args(args.iter().copied()).cwd(self.home.path());
        spec.env = self.home.env();
        Terminal::start(spec)
    }

    /// The addresses at which the console let somebody in.
    pub fn pages(&self) -> Vec<String> {
        self.aws.console_sign_ins().into_iter().map(|(_, page)| page).collect()
    }

    /// The state of a profile.
    pub fn state(&self, profile: &str) -> String {
        let ran = self.run(&["status", profile, "--json"]);
        let found: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON and nothing else");
        found["state"].as_str().expect("a word").to_owned()
    }
}
