//! What the tests here stand on: homes with users of the fake AWS in them.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use testbed::aws::client::{Signer, list_buckets};
use testbed::aws::{Credentials, Device, Key, User};
use testbed::{FakeAws, Home};
#[cfg(unix)]
use testbed::{Spec, Terminal};

/// The program under test.
pub const AWSENV: &str = env!("CARGO_BIN_EXE_awsenv");

/// The keys that awsenv writes into `[dev]`.
const OURS: [&str; 8] = [
    "assumed_role",
    "assumed_role_arn",
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "aws_security_token",
    "expiration",
    "manager",
];

/// A user with a key and a device.
pub struct Person {
    pub user: User,
    pub key: Key,
    pub device: Device,
}

impl Person {
    pub fn new(aws: &FakeAws, name: &str) -> Person {
        let user = aws.user(name);
        let (key, device) = (user.key(), user.device(name));
        Person { user, key, device }
    }

    /// `[NAME-long-term]` of aws-mfa's layout.
    pub fn long_term(&self, name: &str) -> String {
        format!("[{name}-long-term]\n{}aws_mfa_device = {}\n", self.key.lines(), self.device.serial())
    }

    /// `[NAME]` as aws-mfa leaves it, ending in so many seconds.
    pub fn session(&self, name: &str, seconds: i64) -> String {
        let Credentials { access_key_id, secret_access_key, session_token, expires } = self.user.session(seconds);
        let end = awsenv::time::Timestamp(expires).aws_mfa();
        format!(
            "[{name}]\nassumed_role = False\naws_access_key_id = {access_key_id}\n\
             aws_secret_access_key = {secret_access_key}\naws_session_token = {session_token}\n\
             aws_security_token = {session_token}\nexpiration = {end}\nmanager = awsenv\n"
        )
    }
}

/// A home at this AWS.
pub fn home(aws: &FakeAws) -> Home {
    let mut home = Home::new(AWSENV);
    home.use_aws(aws);
    home
}

/// A home whose `dev` is over, and whose it is.
pub fn expired(aws: &FakeAws) -> (Home, Person) {
    let (home, taro) = (home(aws), Person::new(aws, "taro"));
    home.credentials(format!("{}\n{}", taro.long_term("dev"), taro.session("dev", -7500)));
    (home, taro)
}

/// Runs without a terminal and gives everything it said.
pub fn run(command: &mut Command) -> Output {
    detached(command).stdin(Stdio::null()).output().unwrap()
}

/// In a session of its own (on Windows: without a console): no controlling terminal, also where the tests run in one.
#[cfg(windows)]
pub fn detached(command: &mut Command) -> &mut Command {
    const DETACHED_PROCESS: u32 = 8;
    std::os::windows::process::CommandExt::creation_flags(command, DETACHED_PROCESS)
}

#[cfg(unix)]
pub fn detached(command: &mut Command) -> &mut Command {
    use std::os::unix::process::CommandExt;
    // SAFETY: between fork and exec, one async-signal-safe system call.
    #[allow(unsafe_code, reason = "std has no other way to leave a terminal")]
    unsafe {
        command.pre_exec(|| rustix::process::setsid().map(drop).map_err(Into::into))
    }
}

/// What it said on both, and its exit code.
pub fn said(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

/// A script of bash on a terminal of its own in this home.
#[cfg(unix)]
pub fn script(home: &Home, text: &str) -> Terminal {
    let mut spec = Spec::new("/bin/bash").args(["-c", text]).cwd(home.path());
    spec.env = home.env();
    Terminal::start(spec)
}

/// The file without the lines that awsenv may write: header and keys of these sections.
pub fn without_ours<'a>(file: &'a [u8], names: &[&str]) -> Vec<&'a [u8]> {
    let mut inside = false;
    file.split_inclusive(|&b| b == b'\n')
        .filter(|line| {
            let text = String::from_utf8_lossy(line);
            let text = text.trim_start_matches('\u{feff}');
            if text.starts_with('[') {
                inside = names.iter().any(|name| text.trim_end() == format!("[{name}]"));
                return !inside;
            }
            let key = text.split(['=', ':']).next().unwrap_or_default().trim().to_ascii_lowercase();
            !(inside && text.contains('=') && OURS.contains(&key.as_str()))
        })
        .collect()
}

/// The one value of a key in a section.
pub fn value(file: &str, section: &str, key: &str) -> Option<String> {
    let (_, body) = format!("\n{file}").split_once(&format!("\n[{section}]")).map(|(a, b)| (a.len(), b.to_owned()))?;
    let body = body.split("\n[").next()?;
    let line = body.lines().find(|l| l.split('=').next().is_some_and(|k| k.trim() == key))?;
    Some(line.split_once('=')?.1.trim().to_owned())
}

/// Whether AWS takes the keys that stand in a section: id, secret and token are of one session.
pub fn works(aws: &FakeAws, file: &str, section: &str) -> bool {
    let get = |key| value(file, section, key).unwrap_or_default();
    let signer = Signer {
        access_key_id: get("aws_access_key_id"),
        secret_access_key: get("aws_secret_access_key"),
        session_token: Some(get("aws_session_token")),
        clock_offset: 0,
    };
    get("aws_session_token") == get("aws_security_token")
        && list_buckets(&aws.url(), &signer).is_ok_and(|(status, _)| status == 200)
}

/// Every file below a folder, by path.
pub fn all_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            match entry.file_type().is_ok_and(|t| t.is_dir()) {
                true => folders.push(entry.path()),
                false => found.push(entry.path()),
            }
        }
    }
    found.sort();
    found
}

/// Temporary files that a killed or failed writer left anywhere in the home.
pub fn leftovers(home: &Home) -> Vec<std::path::PathBuf> {
    let is_temporary = |p: &std::path::PathBuf| {
        let name = p.file_name().unwrap_or_default().to_string_lossy();
        name.ends_with(".tmp") || name.starts_with(".awsenv-")
    };
    all_files(home.path()).into_iter().filter(is_temporary).collect()
}

/// Says that a test did not run; not allowed where everything is required.
#[cfg(unix)]
pub fn skip(why: &str) {
    assert!(std::env::var_os("AWSENV_TEST_REQUIRE").is_none(), "{why} (AWSENV_TEST_REQUIRE is set)");
    testbed::skipped(why);
}

#[cfg(unix)]
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
