//! A home where every kind of profile is at home, an AWS behind a proxy, and awsenv run under strace in it.

use std::cell::RefCell;
use std::path::PathBuf;

use testbed::aws::{Consent, Device, Directory, Key, Login, User};
use testbed::calls::{self, Calls};
use testbed::keyring::Keyring;
use testbed::proxy::Policy;
use testbed::{FakeAws, Home, Proxy, Ran, Spec, Terminal, exit, metadata};

pub const REGION: &str = "eu-west-1";
pub const ACCOUNT: &str = "123456789012";
pub const START_URL: &str = "https://d-1234567890.awsapps.com/start";
const TARO: &str = "arn:aws:iam::123456789012:user/taro";
pub const WEB_TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJyZXBvIn0.c2lnbmF0dXJl";

/// Profiles: `dev` (aws-mfa's layout), `base` (keys), `copy` (the same, in the other file),
/// `plain` (keys and a device), `admin` (a role behind the device), `role`,
/// `ondev` (a role on top of dev), `corp` (IAM Identity Center), `log` (`aws login`), `proc` (credential_process), `ci` (a web identity), `ec2`, `box` (a
/// container). Each goes through the proxy.
pub struct World {
    pub home: Home,
    pub aws: FakeAws,
    pub user: User,
    pub hanako: User,
    pub key: Key,
    pub device: Device,
    pub directory: Directory,
    pub login: Login,
    pub proxy: Proxy,
    /// The browser's.
    _road: Proxy,
    /// Where the machine gives keys.
    pub machine: String,
    sections: String,
    runs: u32,
    codes: RefCell<Vec<String>>,
    /// The socket of the session bus on which the keyring is.
    pub bus: Option<String>,
    _keyring: Option<Keyring>,
}

/// What a person types, by the last line on the terminal.
const ANSWERS: [(&str, &str); 19] = [
    ("MFA code for", "CODE"),
    ("First code: ", "FIRST"),
    ("Next code: ", "NEXT"),
    ("SSO session", "y"),
    ("? y, n, or a", "y"),
    ("[y/n", "y"),
    ("Old password", OLD),
    ("New password", NEW),
    ("The same again", NEW),
    ("Enter AWS MFA code", "CODE"),
    ("Profile name", "new"),
    ("aws_access_key_id: ", "AKIAIOSFODNN7EXAMPLE"),
    ("aws_secret_access_key: ", TYPED_KEY),
    ("k or i: ", "k"),
    ("Region (", ""),
    ("Access key ID", "ID"),
    ("Secret access key", "SECRET"),
    ("A name for this proxy", ""),
    ("Password of taro", PROXY_PASSWORD),
];

/// Console passwords, with characters that links, forms and JSON encode, each by its own rules.
pub const OLD: &str = "Old-pass/word 1~";
pub const NEW: &str = "New_pass/word+22";

/// One that comes through a pipe.
pub const PIPED: &str = "Piped.pass/word \"3\" \\";
/// A long-term key's.
pub const TYPED_KEY: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
/// Of `taro` at the proxy.
pub const PROXY_PASSWORD: &str = "sEsAmE-77";

/// What one run did, and how it ended.
pub struct Run {
    /// `exec`, `iam password create`.
    pub command: String,
    pub calls: Calls,
    /// The hosts that the proxy was asked for.
    pub hosts: Vec<String>,
    pub status: i32,
    pub said: String,
    /// The one-time codes that were typed.
    pub codes: Vec<String>,
}

impl World {
    pub fn new() -> World {
        let mut home = Home::new(env!("CARGO_BIN_EXE_awsenv"));
        let aws = FakeAws::start();
        let (user, hanako) = (aws.user("taro"), aws.user("hanako"));
        let (key, device) = (user.key(), user.device("taro"));
        key.set_age(200 * 86_400);
        let directory = aws.directory(START_URL, REGION);
        directory.assign(ACCOUNT, "Development", "Admin").set_consent(Consent::Allow);
        let login = aws.login(TARO);
        let admin = aws.role("admin").trusts(user.arn()).needs_mfa();
        let role = aws.role("role").trusts(user.arn());
        let _ = aws.role("ci").trusts(&format!("web-identity:{WEB_TOKEN}"));
        let proxy = Proxy::start(aws.https_address(), Policy::Open);
        let road = Proxy::start(aws.https_address(), Policy::Open);
        let session = user.session(3600);
        let machine = metadata::start(
            serde_json::json!({
                "Code": "Success", "AccessKeyId": session.access_key_id, "SecretAccessKey": session.secret_access_key,
                "Token": session.session_token, "Expiration": "2099-01-01T00:00:00Z",
            })
            .to_string(),
        );
        home.write("web-token", format!("{WEB_TOKEN}\n"))
            .write("box-token", "secret token\n")
            .write("ca.pem", aws.ca_pem());
        let folder = home.path().to_owned();
        let at = |name: &str| folder.join(name).display().to_string();
        let printed = format!(
            "#!/bin/sh\nprintf '%s' '{{\"Version\":1,\"AccessKeyId\":\"{}\",\"SecretAccessKey\":\"{}\"}}'\n",
            key.id, key.secret
        );
        home.script("give-keys", &printed);
        // A person's browser: behind a proxy of its own, and back here without it.
        let browser = format!(
            "#!/bin/sh\nexec curl -s -L -o page --cacert '{}' --proxy {} --noproxy 127.0.0.1 \"$1\"\n",
            at("ca.pem"),
            road.url()
        );
        let browser = home.script("browser", &browser);
        let profile = |name: &str, lines: &str| {
            format!("[profile {name}]\nregion = {REGION}\nca_bundle = {}\n{lines}", at("ca.pem"))
        };
        let config = [
            profile("dev", ""),
            profile("base", ""),
            profile("copy", &key.lines()),
            profile("plain", &format!("mfa_serial = {}\n", device.serial())),
            profile(
                "admin",
                &format!("role_arn = {}\nsource_profile = base\nmfa_serial = {}\n", admin.arn(), device.serial()),
            ),
            profile("role", &format!("role_arn = {}\nsource_profile = base\n", role.arn())),
            profile("ondev", &format!("role_arn = {}\nsource_profile = dev\n", role.arn())),
            directory.section("corp"),
            profile("corp", &format!("sso_session = corp\nsso_account_id = {ACCOUNT}\nsso_role_name = Admin\n")),
            profile("log", &format!("login_session = {TARO}\n")),
            profile("proc", "credential_process = give-keys\n"),
            profile(
                "ci",
                &format!("role_arn = arn:aws:iam::{ACCOUNT}:role/ci\nweb_identity_token_file = {}\n", at("web-token")),
            ),
            profile("ec2", &format!("role_arn = {}\ncredential_source = Ec2InstanceMetadata\n", role.arn())),
            profile("box", &format!("role_arn = {}\ncredential_source = EcsContainer\n", role.arn())),
        ];
        home.config(config.concat());
        home.settings(format!("[profile *]\nproxy = corp\n[proxy corp]\nhttps = {}\n", proxy.url()));
        home.write(".bashrc", "alias ll='ls -l'\n");
        home.set("BROWSER", browser).set("AWS_EC2_METADATA_SERVICE_ENDPOINT", &machine);
        home.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("{machine}/keys?for=us"));
        home.set("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", at("box-token")).unset("AWS_EC2_METADATA_DISABLED");
        let sections = format!(
            "[dev-long-term]\n{}aws_mfa_device = {}\n[base]\n{}[plain]\n{}",
            key.lines(),
            device.serial(),
            key.lines(),
            key.lines()
        );
        home.credentials(&sections);
        World {
            home,
            aws,
            user,
            hanako,
            key,
            device,
            directory,
            login,
            proxy,
            _road: road,
            machine,
            sections,
            runs: 0,
            codes: RefCell::default(),
            bus: None,
            _keyring: None,
        }
    }

    /// `[dev]` has a session of so many seconds.
    pub fn session(self, seconds: i64) -> World {
        let made = self.user.session(seconds);
        self.home.credentials(format!(
            "{}[dev]\naws_access_key_id = {}\naws_secret_access_key = {}\naws_session_token = {}\nexpiration = {}\n",
            self.sections,
            made.access_key_id,
            made.secret_access_key,
            made.session_token,
            made.expiration_as_aws_mfa()
        ));
        self
    }

    /// Somebody is signed in to IAM Identity Center for so many seconds.
    pub fn token(self, seconds: i64) -> World {
        let token = self.directory.token(seconds);
        self.home.write(testbed::aws::cache_name("corp"), token.file());
        self
    }

    /// `aws login` has brought keys for so many seconds.
    pub fn signed_in(self, seconds: i64) -> World {
        self.home.write(self.login.file_name(), self.login.file(seconds));
        self
    }

    /// The long-term keys of dev come from a command.
    pub fn with_key_process(self) -> World {
        let text = self.home.text(".aws/credentials");
        let keys = format!("[dev-long-term]\n{}", self.key.lines());
        self.home.credentials(text.replace(&keys, "[dev-long-term]\ncredential_process = give-keys\n"));
        self
    }

    /// The password of the proxy comes from a command.
    pub fn with_password_process(self) -> World {
        self.proxy.set_policy(Policy::Basic("taro".into(), PROXY_PASSWORD.into()));
        self.home.script("give-password", &format!("#!/bin/sh\necho {PROXY_PASSWORD}\n"));
        let settings = self.home.text(".config/awsenv/config");
        self.home.settings(format!("{settings}username = taro\npassword_process = give-password\n"));
        self
    }

    /// The password of the proxy stands in the settings.
    pub fn with_password_in_settings(self) -> World {
        let settings = self.home.text(".config/awsenv/config");
        self.home.settings(settings.replace("http://", &format!("http://taro:{PROXY_PASSWORD}@")));
        self
    }

    /// There is a keyring, with nothing of ours in it.
    pub fn with_keyring(mut self) -> World {
        self._keyring = Some(Keyring::unlocked(&mut self.home).expect("its programs are there"));
        let variables = self.home.env();
        let address = variables.iter().find(|(name, _)| name == "DBUS_SESSION_BUS_ADDRESS").expect("it is set");
        let address = address.1.to_str().expect("UTF-8").split(',').next().unwrap_or_default().to_owned();
        self.bus = Some(address.replace("unix:path=", "unix:"));
        self
    }

    /// The long-term keys are in the keyring.
    pub fn with_kept_keys(self) -> World {
        let mut world = self.with_keyring();
        world.run("keyring store", &["keyring", "store", "base", "--yes"], "");
        world
    }

    /// The password of the proxy is in the keyring.
    pub fn with_kept_password(self) -> World {
        let mut world = self.with_keyring();
        world.proxy.set_policy(Policy::Basic("taro".into(), PROXY_PASSWORD.into()));
        let settings = world.home.text(".config/awsenv/config");
        world.home.settings(format!("{settings}username = taro\n"));
        let run = world.run("keyring store", &["keyring", "store", "--proxy", "corp"], &format!("{PROXY_PASSWORD}\n"));
        assert_eq!(run.status, 0, "{}", run.said);
        world
    }

    /// The settings say nothing, as on a newcomer's machine.
    pub fn without_settings(self) -> World {
        std::fs::remove_file(self.home.path().join(".config/awsenv/config")).expect("it was there");
        self
    }

    /// A YubiKey has the codes.
    pub fn with_yubikey(self) -> World {
        let code = self.device.code();
        let script = format!(
            "#!/bin/sh\ncase $3 in list) echo 'Amazon Web Services:taro@{ACCOUNT}' ;; *) echo {code} ;; esac\n"
        );
        self.home.script("ykman", &script);
        self
    }

    /// The AWS CLI is there, and signs in.
    pub fn with_cli_login(self) -> World {
        self.home.write("new-login", self.login.file(600));
        let (folder, file) = (self.home.path().join(".aws/login/cache"), self.login.file_name());
        let script = format!("#!/bin/sh\nmkdir -p {}\ncp \"$HOME/new-login\" \"$HOME/{file}\"\n", folder.display());
        self.home.script("aws", &script);
        self
    }

    /// No file names the device of dev.
    pub fn without_device(self) -> World {
        let text = self.home.text(".aws/credentials");
        self.home.credentials(text.replace(&format!("aws_mfa_device = {}\n", self.device.serial()), ""));
        self
    }

    /// The codes of dev come from a command.
    pub fn with_mfa_process(self) -> World {
        self.home.script("give-code", &format!("#!/bin/sh\necho {}\n", self.device.code()));
        let text = self.home.text(".aws/credentials");
        self.home.credentials(text.replace("aws_mfa_device", "mfa_process = give-code\naws_mfa_device"));
        self
    }

    /// More variables.
    pub fn with(mut self, name: &str, value: &str) -> World {
        self.home.set(name, value);
        self
    }

    fn words(&mut self, args: &[&str]) -> (Vec<String>, PathBuf) {
        self.runs += 1;
        let log = self.home.outside().join(format!("strace-{}", self.runs));
        let mut words = calls::words(&log).expect("strace is there");
        words.push(env!("CARGO_BIN_EXE_awsenv").to_owned());
        words.extend(args.iter().map(|word| (*word).to_owned()));
        (words, log)
    }

    /// Runs it without a terminal, with this on stdin.
    pub fn run(&mut self, command: &str, args: &[&str], input: &str) -> Run {
        let (words, log) = self.words(args);
        let before = self.proxy.attempts().len();
        let mut command_line = self.home.command_alone(&words[0]);
        command_line.args(&words[1..]);
        command_line.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
        let mut child = command_line.stderr(std::process::Stdio::piped()).spawn().expect("strace starts");
        // Whether it reads it is its own business.
        let _ = std::io::Write::write_all(&mut child.stdin.take().expect("a pipe"), input.as_bytes());
        let ran = Ran::of(child.wait_with_output().expect("it ends"));
        self.seen(command, &log, before, ran.status, ran.out + &ran.err)
    }

    /// Runs it on a terminal, where a person says yes to everything and has the codes.
    pub fn type_at(&mut self, command: &str, args: &[&str]) -> Run {
        let (words, log) = self.words(args);
        let before = self.proxy.attempts().len();
        let mut spec = Spec::new(&words[0]).args(&words[1..]).cwd(self.home.path());
        spec.env = self.home.env();
        let mut terminal = Terminal::start(spec);
        terminal.answer_all(|line| {
            let (_, answer) = ANSWERS.iter().find(|(question, _)| line.contains(question))?;
            Some(self.answer(answer))
        });
        let status = exit(&mut terminal);
        self.seen(command, &log, before, status, terminal.everything())
    }

    fn answer(&self, answer: &str) -> String {
        // The device that is being enrolled is the one that was made last.
        let new =
            || self.aws.devices().into_iter().find(|device| device.is_enabled() == Some(false)).expect("a new device");
        let code = match answer {
            "CODE" => self.device.code(),
            "FIRST" => new().two_codes().0,
            "NEXT" => new().two_codes().1,
            "ID" => return self.key.id.clone(),
            "SECRET" => return self.key.secret.clone(),
            text => return text.to_owned(),
        };
        self.codes.borrow_mut().push(code.clone());
        code
    }

    fn seen(&self, command: &str, log: &std::path::Path, before: usize, status: i32, said: String) -> Run {
        let hosts = self.proxy.attempts()[before..]
            .iter()
            .map(|attempt| attempt.target.trim_start_matches("CONNECT ").trim_end_matches(":443").to_owned())
            .collect();
        Run { command: command.to_owned(), calls: Calls::read(log), hosts, status, said, codes: self.codes.take() }
    }
}
