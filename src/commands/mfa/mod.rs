//! `awsenv mfa`, also under the name `aws-mfa`: what aws-mfa does (broamski/aws-mfa, awsmfa/__init__.py of 0.0.12), line by
//! line, without its bugs. docs/aws-mfa.md lists every difference; tests/mfa_drop_in holds both programs side by side.

mod ask;
mod keys;
mod log;

use std::ffi::OsString;
use std::io::IsTerminal;

use bstr::ByteSlice;

use self::ask::{AwsMfaWords, ask};
use self::log::Log;
use super::{Desk, sign_in};
use crate::aws_files::{Document, FileKind, Paths};
use crate::cli::MfaArgs;
use crate::error::{Error, Kind, Result};
use crate::host::Host;
use crate::profile::{Files, KEYRING_KEY, ProfileName};
use crate::session::{self, Asking, AwsMfaCall, Chosen, DURATION_VARIABLE, Halt};
use crate::settings::{Settings, parse_duration};
use crate::state::Memory;
use crate::terminal::Tty;
use crate::time::Timestamp;

/// AWS's session is shorter than what was asked for by more than clocks and the call itself explain.
const MUCH_SHORTER: i64 = 120;

/// All that `[SHORT]` must have (`required_options` there); anything less is no session to it.
const REQUIRED: [&str; 6] = [
    "assumed_role",
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "aws_security_token",
    "expiration",
];

/// Keys of a long-term section that say where else its access key comes from.
const OTHER_SOURCES: [&str; 2] = [KEYRING_KEY, "credential_process"];

pub fn run(args: &MfaArgs, host: Host) -> Result<()> {
    let log = Log::from(args.log_level);
    match attempt(args, host, &log) {
        Err(error) if error.kind() == Kind::Failed => {
            // stdout is aws-mfa's only channel.
            log.error(&error.to_string())?;
            Err(Error::silent(Kind::Failed))
        }
        other => other,
    }
}

fn attempt(args: &MfaArgs, host: Host, log: &Log) -> Result<()> {
    let files = read_files(&host)?;
    if args.setup {
        return keys::run(&files);
    }
    let names = Names::of(args, &host, &files)?;
    let desk = Desk { settings: Settings::load(&host)?, host, files };
    DropIn { args, desk: &desk, names, log }.run()
}

/// Both files; a missing credentials file is made after a question.
fn read_files(host: &Host) -> Result<Files> {
    let paths = Paths::of(host)?;
    let path = &paths.credentials;
    if !path.is_file() {
        let missing = format!("Could not locate credentials file at {}", path.display());
        let answer = ask(&format!("{missing}, would you like to create one? [y/n]"))?;
        if answer.is_none_or(|answer| !answer.eq_ignore_ascii_case("y")) {
            return Err(Error::failed(missing));
        }
        crate::aws_files::replace::write(path, b"", 0o600)?;
    }
    let credentials = Document::read(path, FileKind::Credentials)
        .map_err(|e| Error::failed(format!("There was a problem reading or parsing your credentials file: {e}")))?;
    let config = Document::read(&paths.config, FileKind::Config)?;
    Ok(Files::of(paths, config, credentials))
}

/// The profile and its two sections.
struct Names {
    profile: ProfileName,
    long_term: ProfileName,
    short_term: ProfileName,
}

impl Names {
    fn of(args: &MfaArgs, host: &Host, files: &Files) -> Result<Self> {
        let given = |flag: &Option<OsString>, variable: &str| {
            flag.clone().filter(|value| !value.is_empty()).or_else(|| host.var(variable))
        };
        let profile = match given(&args.profile, "AWS_PROFILE") {
            // In a shell that awsenv switched, AWS_PROFILE may be a sibling.
            Some(name) => files.behind_sibling(&ProfileName::from(name.as_os_str())),
            None => ProfileName::default_profile(),
        };
        let with = |suffix: Option<OsString>, none: ProfileName| match suffix {
            None => none,
            Some(suffix) if suffix.eq_ignore_ascii_case("none") => profile.clone(),
            Some(suffix) => ProfileName::from([profile.as_bytes(), b"-", suffix.as_encoded_bytes()].concat()),
        };
        let long_term = with(given(&args.long_term_suffix, "MFA_LONG_TERM_SUFFIX"), profile.long_term());
        let short_term = with(given(&args.short_term_suffix, "MFA_SHORT_TERM_SUFFIX"), profile.clone());
        if long_term == short_term {
            return Err(Error::failed(
                "The value for '--long-term-suffix' cannot be equal to the value for '--short-term-suffix'",
            ));
        }
        Ok(Names { profile, long_term, short_term })
    }
}

/// One run behind the names.
struct DropIn<'a> {
    args: &'a MfaArgs,
    desk: &'a Desk,
    names: Names,
    log: &'a Log,
}

/// Whether `[SHORT]` is to be renewed, and whether also where it holds a session that lasts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    StillValid,
    Renew { force: bool },
}

impl DropIn<'_> {
    fn run(&self) -> Result<()> {
        let Names { profile, long_term, short_term } = &self.names;
        let (host, files) = (&self.desk.host, &self.desk.files);
        self.log.info(&format!("Validating credentials for profile: {short_term} {}", self.role_text()))?;
        self.check_long_term()?;
        let mfa = files.aws_mfa(short_term, long_term.clone())?;

        let memory = Memory::of(host);
        let tty = Tty::open().filter(Tty::is_foreground);
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let chosen = Chosen {
            device: given(&self.args.device),
            role: given(&self.args.assume_role),
            // The bare name, as aws-mfa has it: trust policies may ask for it.
            session_name: given(&self.args.role_session_name)
                .or_else(|| host.login_name().map(|name| session::session_name_of(&name))),
            external_id: given(&self.args.external_id),
        };
        let profile = files.named(profile);
        let asking = Asking { tty: tty.as_ref(), process: true, ..Asking::default() };
        let duration = self.args.duration.filter(|seconds| *seconds > 0);
        let wanted = sign_in::Wanted { duration, ..sign_in::Wanted::default() };
        let mut renewal = sign_in::renewal(self.desk, &memory, &profile, asking, &wanted);
        let call = renewal.aws_mfa_call(&mfa, chosen).ok_or_else(|| {
            Error::failed("You must provide --device or MFA_DEVICE or set \"aws_mfa_device\" in \".aws/credentials\"")
        })?;
        if duration.is_none() {
            check_duration_variable(host)?;
        }
        let Verdict::Renew { force } = self.decide(call.role.as_deref())? else { return Ok(()) };
        check_lengths(&call, self.args.role_session_name.as_deref())?;

        let words = AwsMfaWords { log: self.log, token: self.token(), call: &call, fetching: self.fetching(&call) };
        renewal.force = force;
        renewal.asking.own = Some(&words);
        let ready = match renewal.new_aws_mfa(&mfa, &call) {
            Ok(ready) => ready,
            Err(Halt::Failed(error)) => return Err(error),
            Err(Halt::Declined) => return Err(Error::stopped()),
        };
        self.success(&call, ready.until, &memory)
    }

    /// aws-mfa shows the role of the flag, or else the one in `[PROFILE]`, whatever the short-term section is called.
    fn role_text(&self) -> String {
        let stored = || {
            let section = self.desk.files.credentials.profile(self.names.profile.as_bstr())?;
            Some(section.get("assumed_role_arn")?.bytes.trim_ascii().to_str_lossy().into_owned())
        };
        let role = self.args.assume_role.clone().filter(|role| !role.is_empty()).or_else(stored);
        role.map(|role| format!("with assumed role: {role}")).unwrap_or_default()
    }

    fn check_long_term(&self) -> Result<()> {
        let (files, name) = (&self.desk.files, &self.names.long_term);
        if !files.has_section(name) {
            return Err(Error::failed(format!(
                "Long term credentials session '[{name}]' is missing. You must add this section to your credentials file \
                 along with your long term 'aws_access_key_id' and 'aws_secret_access_key'"
            )));
        }
        let section = files.named(name);
        let keys = ["aws_access_key_id", "aws_secret_access_key"];
        match keys.into_iter().find(|key| section.get(key).is_none()) {
            Some(key) if key != keys[0] || OTHER_SOURCES.iter().all(|source| section.get(source).is_none()) => {
                Err(Error::failed(format!("No option '{key}' in section: '{name}'")))
            }
            _ => Ok(()),
        }
    }

    /// What aws-mfa makes of the short-term section, in its order and words.
    fn decide(&self, role: Option<&str>) -> Result<Verdict> {
        let (log, name) = (self.log, &self.names.short_term);
        let Some(section) = self.desk.files.credentials.profile(name.as_bstr()) else {
            log.info(&format!("Short term credentials section {name} is missing, obtaining new credentials."))?;
            return Ok(Verdict::Renew { force: false });
        };
        let incomplete = REQUIRED.iter().any(|key| section.get(key).is_none());
        let end = self.desk.files.named(name).session().as_ref().and_then(session::end_of);
        if incomplete || end.is_none() {
            log.warning("Your existing credentials are missing or invalid, obtaining new credentials.")?;
        }
        let stored = section.get("assumed_role_arn").map(|value| value.bytes.trim_ascii().to_str_lossy().into_owned());
        let other_role = stored.as_deref() != role;
        if self.args.force {
            log.info("Forcing refresh of credentials.")?;
        } else if other_role {
            log.info("Obtaining credentials for a new role or profile.")?;
        }
        let Some(end) = end.filter(|_| !incomplete && !self.args.force && !other_role) else {
            return Ok(Verdict::Renew { force: incomplete || self.args.force });
        };
        let left = end.0.saturating_mul(1_000_000).saturating_sub(self.desk.host.now_micros());
        if left <= 0 {
            log.info("Your credentials have expired, renewing.")?;
            return Ok(Verdict::Renew { force: false });
        }
        // For a person with the zone, which aws-mfa leaves out; for programs as they know it.
        let zone = match std::io::stdout().is_terminal() {
            true => format!(" UTC ({} here)", end.local(self.desk.host.now())),
            false => String::new(),
        };
        #[expect(clippy::cast_precision_loss, reason = "as Python divides it; exact for 285 years")]
        let seconds = left as f64 / 1e6;
        let when = end.aws_mfa();
        log.info(&format!(
            "Your credentials are still valid for {seconds:?} seconds they will expire at {when}{zone}"
        ))?;
        Ok(Verdict::StillValid)
    }

    fn token(&self) -> Option<&str> {
        self.args.token.as_deref().filter(|token| !token.is_empty())
    }

    fn fetching(&self, call: &AwsMfaCall) -> String {
        let (name, seconds) = (&self.names.short_term, call.seconds);
        match &call.role {
            Some(role) => format!("Assuming Role - Profile: {name}, Role: {role}, Duration: {seconds}"),
            None => format!("Fetching Credentials - Profile: {name}, Duration: {seconds}"),
        }
    }

    fn success(&self, call: &AwsMfaCall, until: Option<Timestamp>, memory: &Memory) -> Result<()> {
        let until = until.unwrap_or_default();
        let there = self.desk.host.now().plus(memory.skew().map_or(0, |skew| skew.seconds));
        let got = until.since(there);
        if i64::from(call.seconds) - got > MUCH_SHORTER {
            let asked = call.seconds;
            self.log.warning(&format!("AWS gave a session of {got} seconds where {asked} were asked for"))?;
        }
        self.log.info(&format!(
            "Success! Your credentials will expire in {} seconds at: {}+00:00",
            call.seconds,
            until.aws_mfa()
        ))
    }
}

/// What AWS takes at all (the API's models): aws-mfa says of all of these that a token must be six digits.
fn check_lengths(call: &AwsMfaCall, session_name: Option<&str>) -> Result<()> {
    let (device, role) = (&call.device, call.role.as_deref());
    if !(9..=256).contains(&device.len()) {
        return Err(Error::failed(format!("{device} is no MFA device"))
            .next("it is an ARN (arn:aws:iam::ACCOUNT:mfa/NAME), or a hardware device's serial number"));
    }
    if let Some(role) = role.filter(|role| !(20..=2048).contains(&role.len())) {
        return Err(Error::failed(format!("{role} is no role")).next("it is an ARN: arn:aws:iam::ACCOUNT:role/NAME"));
    }
    match session_name.filter(|name| !name.is_empty() && role.is_some()) {
        Some(name) if name.len() < 2 || session::session_name_of(name) != name => {
            Err(Error::failed(format!("a role's session cannot be called {name}"))
                .next("AWS takes 2 to 64 letters, digits and _ + = , . @ -"))
        }
        _ => Ok(()),
    }
}

/// A variable that is no length of time would be passed over elsewhere; aws-mfa stops at it.
fn check_duration_variable(host: &Host) -> Result<()> {
    match host.var(DURATION_VARIABLE) {
        Some(value) if value.to_str().and_then(parse_duration).is_none() => {
            Err(Error::failed(format!("{DURATION_VARIABLE} is no length of time")).next("it is seconds, or 12h"))
        }
        _ => Ok(()),
    }
}
