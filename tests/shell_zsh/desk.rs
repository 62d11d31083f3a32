//! Homes with sessions, and zsh in them.

use std::time::{Duration, SystemTime};

use awsenv::time::Timestamp;
use testbed::aws::{Device, FakeAws};
use testbed::sandbox::sections;
use testbed::{Home, Session, Shell};

/// The program under test.
pub const AWSENV: &str = env!("CARGO_BIN_EXE_awsenv");

/// The user's long-term section of aws-mfa's layout.
const LONG_TERM: &str = "[dev-long-term]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n\
    aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n\
    aws_mfa_device = arn:aws:iam::123456789012:mfa/taro\n";

/// The rc line that loads the hook.
pub const HOOK: &str = r#"eval "$(awsenv init zsh)""#;

/// Seconds since 1970.
pub fn now() -> i64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("the clock is past 1970").as_secs() as i64
}

/// A home whose profile `dev` has a session that ends in so many seconds (negative: is over), in force by AWS_PROFILE.
pub fn home_with_session(seconds: i64) -> Home {
    let mut home = Home::new(AWSENV);
    home.set("AWS_PROFILE", "dev");
    write_session(&home, seconds);
    home
}

/// Writes the session of `dev` anew, as another terminal would; the files look as if nobody had touched them for a minute.
pub fn write_session(home: &Home, seconds: i64) {
    write_session_at(home, seconds, SystemTime::now() - Duration::from_secs(60));
}

/// [`write_session`] with a time of change.
pub fn write_session_at(home: &Home, seconds: i64, changed: SystemTime) {
    let end = Timestamp(now() + seconds).aws_mfa();
    home.credentials(format!(
        "{LONG_TERM}[dev]\naws_access_key_id = ASIAIOSFODNN7EXAMPLE\naws_secret_access_key = secret\n\
         aws_session_token = token\nexpiration = {end}\n"
    ));
    home.changed_at(".aws/credentials", changed).changed_at(".aws", changed);
}

/// zsh with the hook in this home; `None` where zsh is missing.
pub fn zsh(home: &Home) -> Option<Session> {
    Session::start(Shell::Zsh, home, HOOK)
}

/// zsh with these lines in its rc file.
pub fn zsh_with(home: &Home, rc: &str) -> Option<Session> {
    Session::start(Shell::Zsh, home, rc)
}

/// A home where the sessions of `dev` and `other` are over, and an AWS to get new ones from.
pub struct Over {
    pub home: Home,
    pub aws: FakeAws,
    pub dev: Device,
    pub other: Device,
}

/// See [`Over`].
pub fn over() -> Over {
    let aws = FakeAws::start();
    let mut home = Home::new(AWSENV);
    let mut text = String::new();
    let mut section = |name: &str, user: &str| {
        let user = aws.user(user);
        let (key, device, session) = (user.key(), user.device(name), user.session(-7500));
        text += &sections(name, &key, &device, &session);
        device
    };
    let (dev, other) = (section("dev", "taro"), section("other", "hanako"));
    home.credentials(text);
    home.set("AWS_PROFILE", "dev").set("AWS_ENDPOINT_URL", aws.url());
    home.command_that_tells("aws").command_that_tells("terraform");
    Over { home, aws, dev, other }
}

/// The question that the guard and `use` put.
pub fn question(device: &Device) -> String {
    let name = device.serial().rsplit('/').next().unwrap_or_default();
    format!("MFA code for {name} ({}), Enter to go on without, Ctrl-C to stop: ", device.serial())
}

/// Types the line, expects the question, answers with these keys, and waits for the prompt.
pub fn answered(zsh: &mut Session, line: &str, device: &Device, keys: &str) -> testbed::shell::Output {
    zsh.type_line(line);
    assert_eq!(zsh.expect_question(), question(device), "{line}");
    zsh.terminal.mark().send(keys);
    zsh.prompt()
}

/// How many questions there are in what a terminal got.
pub fn questions(text: &[u8]) -> usize {
    text.windows(12).filter(|w| w == b"MFA code for").count()
}
