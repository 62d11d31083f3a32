//! A home with an sso-session, a directory at the fake AWS, and a browser.

use serde_json::Value;
use testbed::aws::{Consent, Directory, SsoToken, cache_name};
use testbed::{FakeAws, Home, Spec, Terminal};
pub use testbed::{Ran, exit};

pub const REGION: &str = "eu-west-1";
pub const ACCOUNT: &str = "111122223333";
pub const START_URL: &str = "https://d-1234567890.awsapps.com/start";

pub struct Desk {
    pub home: Home,
    pub aws: FakeAws,
    pub directory: Directory,
}

impl Desk {
    /// `[profile dev]` is the role Admin by the sso-session `corp`, where nobody is signed in.
    pub fn new() -> Desk {
        Desk::with("")
    }

    /// The same with more lines in the config file.
    pub fn with(more: &str) -> Desk {
        let mut home = Home::new(env!("CARGO_BIN_EXE_awsenv"));
        let aws = FakeAws::start();
        home.use_aws(&aws);
        let directory = aws.directory(START_URL, REGION);
        directory.assign(ACCOUNT, "Development", "Admin");
        let section = directory.section("corp");
        home.config(format!(
            "{section}[profile dev]\nsso_session = corp\nsso_account_id = {ACCOUNT}\nsso_role_name = Admin\n\
             region = {REGION}\n{more}"
        ));
        Desk { home, aws, directory }
    }

    /// A browser that opens what it is given, and whose person answers so; it notes the links.
    pub fn browser(&mut self, consent: Consent) -> &mut Self {
        self.directory.set_consent(consent);
        let script = "#!/bin/sh\nprintf '%s\\n' \"$1\" >>\"$HOME/opened\"\nexec curl -s -L -o \"$HOME/page\" \"$1\"\n";
        let browser = self.home.script("browser", script);
        self.home.set("BROWSER", browser);
        self
    }

    /// The links that the browser was given.
    pub fn opened(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.home.path().join("opened")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Signs in as the AWS CLI would have: a token that ends in so many seconds.
    pub fn token(&self, seconds: i64) -> SsoToken {
        let token = self.directory.token(seconds);
        self.home.write(cache_name("corp"), token.file());
        token
    }

    /// The token's file.
    pub fn token_file(&self) -> Value {
        serde_json::from_str(&self.home.text(cache_name("corp"))).expect("JSON")
    }

    /// Runs `awsenv` without a terminal.
    pub fn run(&self, args: &[&str]) -> Ran {
        let mut command = self.home.command_alone("awsenv");
        Ran::of(command.args(args).output().expect("awsenv starts"))
    }

    /// `awsenv status --json` of a profile, which must succeed.
    pub fn status(&self, profile: &str) -> Value {
        let ran = self.run(&["status", profile, "--json"]);
        assert_eq!(ran.status, 0, "{ran:?}");
        serde_json::from_str(&ran.out).expect("JSON and nothing else")
    }

    /// The state of a profile.
    pub fn state(&self, profile: &str) -> String {
        self.status(profile)["state"].as_str().expect("a word").to_owned()
    }

    /// Starts `awsenv` on a terminal.
    pub fn terminal(&self, args: &[&str]) -> Terminal {
        let mut spec = Spec::new(env!("CARGO_BIN_EXE_awsenv")).args(args.iter().copied()).cwd(self.home.path());
        spec.env = self.home.env();
        Terminal::start(spec)
    }

    /// How often each action was called.
    pub fn count(&self, action: &str) -> usize {
        self.aws.calls_of(action).len()
    }
}
