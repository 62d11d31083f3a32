//! The stamp: one line by which a shell's hook knows profile, end and state without starting anything.
//!
//! `1 EXPIRY_EPOCH STATE MARGIN RFC3339 LABEL`. LABEL is the segment's text, cleaned; a TAB in it stands for the time left.
//! The stamp's own time of change is that of the newest watched file as seen before reading, so that "newer than the
//! stamp" finds every later change; within the current whole second it is set one second back, because bash before 5
//! compares whole seconds. That time is part of the stamp's name: another shell's newer stamp is another file, so a shell
//! whose watched files are no newer than the stamp it knows need not read it again.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::error::Result;
use crate::hex::hex;
use crate::host::Host;
use crate::profile::{Files, Profile, ProfileName};
use crate::session::{self, InForce, Kind, Standing, State};
use crate::settings::Settings;
use crate::terminal::{clean, clean_to};

/// Columns of a profile's name in the prompt.
const NAME_COLUMNS: usize = 32;

/// Columns of the segment in front of the time left, and behind it. The hooks take no more.
const SIDE_COLUMNS: usize = 72;

/// What the prompt shows and the guard asks, for one environment.
pub struct Segment {
    /// The profile's name for messages, cleaned.
    pub name: String,
    pub standing: Option<Standing>,
    /// The text with a TAB where the time left goes; empty for no segment.
    pub label: String,
    /// Seconds before the end at which the guard renews.
    pub margin: u32,
}

/// Files whose change makes a new stamp necessary.
pub struct Watched {
    pub present: Vec<PathBuf>,
    pub absent: Vec<PathBuf>,
    newest: Option<SystemTime>,
}

impl Segment {
    /// What is in force in this environment, and how its session stands.
    ///
    /// # Errors
    /// Those of the files; the prompt shows nothing then.
    pub fn of(host: &Host, settings: &Settings, files: &Files) -> Result<Self> {
        let in_force = InForce::of(host, files);
        let Some(name) = in_force.name() else {
            return Ok(Self::made(settings, "environment", None, Some(session::of_environment(host)), true));
        };
        let profile = files.profile(&name);
        let standing = profile.as_ref().map(|p| session::of_profile(host, settings, p)).transpose()?;
        // `default` counts without being chosen, once its kind can end.
        let shown = in_force != InForce::Default || standing.as_ref().is_some_and(can_end);
        Ok(Self::made(settings, &name.to_string(), profile.as_ref(), standing, shown))
    }

    /// The segment of a profile, whatever is in force.
    pub fn of_profile(settings: &Settings, profile: &Profile, standing: Standing) -> Self {
        Self::made(settings, &profile.name.to_string(), Some(profile), Some(standing), true)
    }

    fn made(
        settings: &Settings,
        name: &str,
        profile: Option<&Profile>,
        standing: Option<Standing>,
        shown: bool,
    ) -> Self {
        let settings_of = settings.profile(name.as_bytes().into());
        let mut label = String::new();
        if shown {
            let mark = if settings_of.production == Some(true) { "!! " } else { "" };
            let text = filled(&settings.prompt.format, name, profile, standing.as_ref());
            // A format of any length is cut on both sides of the time left.
            let parts: Vec<String> = text.splitn(2, '\t').map(|part| clean_to(part, SIDE_COLUMNS)).collect();
            // An empty field at either end leaves no blank behind.
            label = format!("{mark}{}", parts.join("\t").trim_matches(' '));
        }
        Segment { name: clean_to(name, NAME_COLUMNS), standing, label, margin: settings.guard.margin }
    }

    /// The stamp's line, without a newline.
    pub fn line(&self) -> String {
        let state = self.standing.as_ref().map_or("none", |s| s.state.word());
        // Only a real end ever becomes "expired" in a shell.
        let end = self.standing.as_ref().and_then(|s| s.expires_at).map_or(0, |t| t.0);
        let published = self.standing.as_ref().and_then(published).unwrap_or_else(|| "-".into());
        format!("1 {end} {state} {} {published} {}", self.margin, self.label)
    }

    /// The segment for a prompt that cannot count down: the clock time at which the session ends.
    pub fn until(&self, host: &Host) -> String {
        let end = self.standing.as_ref().and_then(|s| s.expires_at).filter(|end| *end > host.now());
        match end {
            Some(end) => self.filled(&format!("until {}", end.local(host.now()))),
            None => self.text(host),
        }
    }

    /// The value for `AWS_SESSION_EXPIRATION`.
    pub fn published(&self) -> Option<String> {
        self.standing.as_ref().and_then(published)
    }

    /// The segment as `awsenv prompt` prints it, with the time left.
    pub fn text(&self, host: &Host) -> String {
        self.filled(&self.standing.as_ref().map(|s| left(s, host)).unwrap_or_default())
    }

    fn filled(&self, left: &str) -> String {
        let (before, after) = self.label.split_once('\t').unwrap_or((&self.label, ""));
        let before = if left.is_empty() { before.strip_suffix(' ').unwrap_or(before) } else { before };
        format!("{before}{left}{after}")
    }
}

/// The time left of a session as the prompt shows it: `11h59m`, `expired`, `no session`, or nothing.
pub fn left(standing: &Standing, host: &Host) -> String {
    match (standing.expires_at, standing.state) {
        (_, State::Missing) => "no session".into(),
        (Some(end), _) => crate::time::left(end.since(host.now())),
        (None, State::Expired) => "expired".into(),
        (None, _) => String::new(),
    }
}

/// The value for `AWS_SESSION_EXPIRATION`: the end, `refreshable` where no person is needed, `None` to leave it unset
/// (keys without an end, raw keys in the environment, an end that no file tells).
pub fn published(standing: &Standing) -> Option<String> {
    match (standing.kind, standing.state, standing.expires_at) {
        (Kind::Environment, ..) => None,
        (_, _, Some(end)) => Some(end.rfc3339()),
        (_, State::Refreshable, None) => Some("refreshable".into()),
        (Kind::Sso | Kind::Login | Kind::Role, State::Valid, None) => Some("refreshable".into()),
        _ => None,
    }
}

fn can_end(standing: &Standing) -> bool {
    let ends_by_nature = matches!(standing.kind, Kind::Mfa | Kind::Role | Kind::Sso | Kind::Login);
    ends_by_nature || standing.expires_at.is_some()
}

fn filled(format: &str, name: &str, profile: Option<&Profile>, standing: Option<&Standing>) -> String {
    let name = clean_to(name, NAME_COLUMNS);
    let short = |text: &str| clean_to(text, NAME_COLUMNS);
    let region = profile.and_then(Profile::region).map(|r| short(&r)).unwrap_or_default();
    let account = standing.and_then(|s| s.account.as_deref()).map(short).unwrap_or_default();
    let kind = standing.map_or("none", |s| s.kind.word());
    let mut out = String::new();
    let mut rest = format;
    while let Some((before, behind)) = rest.split_once('{') {
        out.push_str(&clean(before));
        let (key, after) = behind.split_once('}').unwrap_or((behind, ""));
        out.push_str(match key {
            "profile" => &name,
            // One TAB only: a second {left} in a format shows nothing.
            "left" if !out.contains('\t') => "\t",
            "region" => &region,
            "account" => &account,
            "kind" => kind,
            _ => "",
        });
        rest = after;
    }
    out + &clean(rest)
}

impl Watched {
    /// Looks at both files and the settings now, before they are read.
    pub fn look(host: &Host, files: &Files, settings: &Settings) -> Self {
        let mut watched = Watched { present: Vec::new(), absent: Vec::new(), newest: None };
        for file in [&files.paths.config, &files.paths.credentials, &settings.path] {
            watched.add(file);
            // A rename within the folder may bring an older file, which only the folder's own time tells.
            if let Some(folder) = file.parent().filter(|f| is_quiet(host, f)) {
                watched.add(folder);
            }
            // What a link points at may be replaced where it lies.
            if let Some(target) = linked(file) {
                if let Some(folder) = target.parent().filter(|f| is_quiet(host, f)) {
                    watched.add(folder);
                }
                watched.add(&target);
            }
        }
        watched.add(&session::store::dot_aws(host));
        watched
    }

    /// Looks at one more.
    pub fn add(&mut self, path: &Path) {
        if path.as_os_str().is_empty() || self.present.iter().chain(&self.absent).any(|known| known == path) {
            return;
        }
        match std::fs::metadata(path).and_then(|m| m.modified()) {
            Ok(changed) => {
                self.newest = self.newest.max(Some(changed));
                self.present.push(path.to_owned());
            }
            Err(_) => self.absent.push(path.to_owned()),
        }
    }

    /// The time of change that the stamp gets.
    pub fn stamp_time(&self, now: SystemTime) -> SystemTime {
        let newest = self.newest.unwrap_or(UNIX_EPOCH);
        if since_1970(newest).as_secs() >= since_1970(now).as_secs() { newest - Duration::from_secs(1) } else { newest }
    }
}

fn since_1970(time: SystemTime) -> Duration {
    time.duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Where a link leads; `None` for what is no link.
fn linked(path: &Path) -> Option<PathBuf> {
    path.symlink_metadata().ok().filter(|m| m.file_type().is_symlink())?;
    path.canonicalize().ok()
}

/// Whether a folder changes so seldom that watching it costs nothing: not the home folder itself, no folder for temporary files.
fn is_quiet(host: &Host, folder: &Path) -> bool {
    let busy = [Path::new(""), Path::new("/"), Path::new("/tmp"), Path::new("/var/tmp"), Path::new("/dev/shm")];
    Some(folder) != host.home() && !busy.contains(&folder)
}

/// The name of a stamp's file: a hash of everything that decides what it says, and [`Watched::stamp_time`]. The names for
/// one hash are in the order of their times.
pub fn file_name(host: &Host, files: &Files, settings: &Settings, time: SystemTime) -> String {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    let mut add = |part: &[u8]| {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    };
    for path in [&files.paths.config, &files.paths.credentials, &settings.path] {
        add(path.as_os_str().as_encoded_bytes());
    }
    let in_force = InForce::of(host, files);
    add(in_force.name().as_ref().map_or(b"environment", ProfileName::as_bytes));
    // Raw keys: their end is told by the environment, which differs from shell to shell. And these lead elsewhere.
    let raw = ["AWS_ACCESS_KEY_ID", "AWS_CREDENTIAL_EXPIRATION", "AWSUME_EXPIRATION"].iter();
    let raw = raw.filter(|_| in_force == InForce::Environment);
    for name in
        raw.chain(&["AWS_LOGIN_CACHE_DIRECTORY", "MFA_STS_DURATION", "HOME", "AWS_PROFILE", "AWS_DEFAULT_PROFILE"])
    {
        add(host.raw_var(name).unwrap_or_default().as_encoded_bytes());
    }
    format!("stamp-{}-{:020}", hex(&hash.finalize()[..16]), since_1970(time).as_nanos())
}
