//! awsenv's own settings file: `AWSENV_CONFIG`, else `~/.config/awsenv/config` (XDG), `%APPDATA%\awsenv\config`.
//!
//! An INI file in the style of `~/.aws/config`, read with rust-ini with escapes and quotes off, so that Windows paths
//! stay what they are. Every mistake in it is an error that names the place; nothing is guessed.

pub mod edit;
mod read;
mod value;

use std::collections::BTreeMap;
use std::path::PathBuf;

use bstr::{BStr, ByteSlice};
use wildmatch::WildMatch;

use crate::error::{Error, Result};
use crate::host::Host;
use crate::terminal::BrowserCommand;

pub use value::parse_duration;

/// Commands that the guard watches when `[guard] commands` does not say otherwise.
pub const GUARDED: [&str; 12] = [
    "aws",
    "cdk",
    "copilot",
    "eksctl",
    "packer",
    "pulumi",
    "sam",
    "serverless",
    "sls",
    "terraform",
    "terragrunt",
    "tofu",
];

/// Bytes of a settings file; thousands of sections take less.
const LIMIT: u64 = 4 << 20;

/// Everything the settings file says, with the defaults for what it does not say.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it was read from, or would be.
    pub path: PathBuf,
    /// Whether the environment named the file (`AWSENV_CONFIG`, `XDG_CONFIG_HOME`): then commands and `env.*` in it need the user's confirmation.
    pub from_environment: bool,
    profiles: Vec<(String, ProfileSettings)>,
    proxies: BTreeMap<String, ProxySettings>,
    /// `[prompt]`.
    pub prompt: Prompt,
    /// `[guard]`.
    pub guard: Guard,
    /// `[mfa]`.
    pub mfa: Mfa,
}

/// `[profile NAME-OR-GLOB]`: what the file says about a profile. A field is `None` where it says nothing.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ProfileSettings {
    /// `proxy = NAME` or `none`.
    pub proxy: Option<ProxyChoice>,
    /// `production = true`: the prompt text begins with `!! `.
    pub production: Option<bool>,
    /// `export_region = true`: `use` exports the profile's region.
    pub export_region: Option<bool>,
    /// `session_profile = yes`: a sibling profile also for the aws-mfa layout.
    pub session_profile: Option<bool>,
    /// `ask = never`: the guard never asks for this profile.
    pub ask: Option<bool>,
    /// `duration = 12h`, in seconds.
    pub duration: Option<u32>,
    /// `allow_endpoint = HOST …`: endpoints outside AWS that may get requests without a word.
    pub allow_endpoint: Vec<String>,
    /// `browser = COMMAND`: what opens the console and sign-ins, as it is written, and split.
    pub browser: Option<(String, BrowserCommand)>,
    /// `env.NAME = value`, in file order.
    pub env: Vec<(String, String)>,
}

impl std::fmt::Debug for ProfileSettings {
    /// Without the variables' values and the words of commands, which may be anything.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.env.iter().map(|(name, _)| name).collect();
        f.debug_struct("ProfileSettings").field("proxy", &self.proxy).field("env", &names).finish_non_exhaustive()
    }
}

/// What `proxy = …` in a profile means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProxyChoice {
    /// `none`: no proxy for this profile, whatever the environment says.
    None,
    /// The `[proxy NAME]` section.
    Named(String),
}

/// `[proxy NAME]`. Addresses may hold `user:password@`, so this type has no `Debug` that shows them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ProxySettings {
    /// Proxy for `http://` addresses.
    pub http: Option<String>,
    /// Proxy for `https://` addresses.
    pub https: Option<String>,
    /// Hosts that are reached directly, separated by commas.
    pub no_proxy: Option<String>,
    /// User name for Basic authentication.
    pub username: Option<String>,
    /// A command whose standard output is the password.
    pub password_process: Option<String>,
    /// `keyring = yes`: the system's keyring has the password.
    pub keyring: bool,
}

/// What gives the password of a proxy, where it does not stand in the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordFrom<'p> {
    /// A command's standard output.
    Process(&'p str),
    /// The system's keyring.
    Keyring,
}

impl ProxySettings {
    /// What gives its password, where it does not stand in the address.
    pub fn password_from(&self) -> Option<PasswordFrom<'_>> {
        match &self.password_process {
            Some(command) => Some(PasswordFrom::Process(command)),
            None => self.keyring.then_some(PasswordFrom::Keyring),
        }
    }
}

impl std::fmt::Debug for ProxySettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProxySettings").finish_non_exhaustive()
    }
}

/// `[prompt]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// The segment, with `{profile}`, `{left}`, `{region}`, `{account}` and `{kind}`.
    pub format: String,
}

/// `[guard]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    /// Names of the commands it watches.
    pub commands: Vec<String>,
    /// A session with less than this many seconds left is renewed first.
    pub margin: u32,
    /// Commands with a margin of their own, in seconds.
    pub margins: BTreeMap<String, u32>,
    /// `pass.COMMAND = words`: first words that need no session.
    pub pass: BTreeMap<String, Vec<String>>,
    /// `ask = never` turns the question off everywhere.
    pub ask: bool,
}

impl Guard {
    /// The margin of one command, in seconds.
    pub fn margin_of(&self, command: &str) -> u32 {
        self.margins.get(command).copied().unwrap_or(self.margin)
    }
}

/// `[mfa]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mfa {
    /// `session_profiles = yes`: sibling profiles are written without asking; `no`: never.
    pub session_profiles: Option<bool>,
    /// `duration = 12h` for plain MFA sessions, in seconds.
    pub duration: Option<u32>,
    /// `role_duration = 1h` for roles, in seconds.
    pub role_duration: Option<u32>,
}

impl Settings {
    /// Reads the settings of this environment; a missing file gives the defaults.
    ///
    /// # Errors
    /// Names the file and the line of a syntax error, or the section and key of an unknown key or a bad value.
    pub fn load(host: &Host) -> Result<Self> {
        let (path, from_environment) = Self::locate(host);
        let mut settings = Settings::empty(path, from_environment);
        let unreadable = |e: std::io::Error| Error::failed(format!("{}: cannot be read: {e}", settings.path.display()));
        match std::fs::metadata(&settings.path) {
            Ok(found) => {
                check_kind(&settings.path, &found)?;
                let bytes = std::fs::read(&settings.path).map_err(unreadable)?;
                let text = bytes.to_str().map_err(|e| {
                    let line = 1 + bytes[..e.valid_up_to()].find_iter(b"\n").count();
                    Error::failed(format!("{}:{line}: not UTF-8 text", settings.path.display()))
                })?;
                read::read_into(&mut settings, text)?;
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(unreadable(e)),
        }
        Ok(settings)
    }

    /// The same file with other text, which need not be written yet.
    ///
    /// # Errors
    /// As [`Settings::load`].
    pub fn imagined(&self, text: &[u8]) -> Result<Self> {
        let mut settings = Settings::empty(self.path.clone(), self.from_environment);
        read::read_into(&mut settings, &text.to_str_lossy())?;
        Ok(settings)
    }

    /// The names of the `[proxy NAME]` sections.
    pub fn proxy_names(&self) -> impl Iterator<Item = &str> {
        self.proxies.keys().map(String::as_str)
    }

    /// Where the settings file is, and whether the environment chose it.
    pub fn locate(host: &Host) -> (PathBuf, bool) {
        if let Some(path) = host.var("AWSENV_CONFIG") {
            return (path.into(), true);
        }
        let base = if cfg!(windows) { host.var("APPDATA") } else { host.var("XDG_CONFIG_HOME") };
        let base = base.map(PathBuf::from).filter(|p| p.is_absolute());
        let usual = host.home().map(|h| h.join(".config")).unwrap_or_default();
        // APPDATA is the system's own; XDG_CONFIG_HOME is as easily set as AWSENV_CONFIG, and many set it to the usual place.
        let chosen = cfg!(unix) && base.as_ref().is_some_and(|base| *base != usual);
        (base.unwrap_or(usual).join("awsenv").join("config"), chosen)
    }

    /// The defaults.
    pub fn empty(path: PathBuf, from_environment: bool) -> Self {
        Settings {
            path,
            from_environment,
            profiles: Vec::new(),
            proxies: BTreeMap::new(),
            prompt: Prompt { format: "{profile} {left}".into() },
            guard: Guard {
                commands: GUARDED.map(String::from).into(),
                margin: 60,
                margins: BTreeMap::new(),
                pass: BTreeMap::new(),
                ask: true,
            },
            mfa: Mfa::default(),
        }
    }

    /// What the file says about `name`: every matching section applies in file order, the exact name last.
    pub fn profile(&self, name: &BStr) -> ProfileSettings {
        let name = name.to_str_lossy();
        let mut merged = ProfileSettings::default();
        let (exact, globs): (Vec<_>, Vec<_>) = self.profiles.iter().partition(|(pattern, _)| *pattern == name);
        let matching = globs.into_iter().filter(|(pattern, _)| WildMatch::new(pattern).matches(&name));
        for (_, section) in matching.chain(exact) {
            merged.overlay(section);
        }
        merged
    }

    /// The names of those whose password the system's keyring has.
    pub fn proxies_in_keyring(&self) -> impl Iterator<Item = &str> {
        self.proxies.iter().filter(|(_, proxy)| proxy.keyring).map(|(name, _)| name.as_str())
    }

    /// The `[proxy NAME]` section.
    ///
    /// # Errors
    /// Names the section that is missing, but not an address written in its place: people put passwords into those.
    pub fn proxy(&self, name: &str) -> Result<&ProxySettings> {
        self.proxies.get(name).ok_or_else(|| {
            let path = self.path.display();
            if name.contains(['@', '/']) {
                return Error::failed(format!("{path}: proxy = is an address there, and must be a section's name"))
                    .next("proxy = corp, and below [proxy corp] https = that address");
            }
            Error::failed(format!("{path}: there is no section [proxy {name}]")).next("add it, or set proxy = none")
        })
    }
}

/// Nothing is read that could be a pipe without an end, or somebody's disk image.
fn check_kind(path: &std::path::Path, found: &std::fs::Metadata) -> Result<()> {
    // /dev/null is a way to say "none".
    if !found.is_file() && path != std::path::Path::new("/dev/null") {
        return Err(Error::failed(format!("{}: is not a file: the settings are plain text", path.display())));
    }
    if found.len() > LIMIT {
        let size = LIMIT >> 20;
        return Err(Error::failed(format!("{}: larger than {size} MB: these are no settings", path.display())));
    }
    Ok(())
}

impl ProfileSettings {
    fn overlay(&mut self, other: &ProfileSettings) {
        fn over<T: Clone>(mine: &mut Option<T>, theirs: &Option<T>) {
            if theirs.is_some() {
                mine.clone_from(theirs);
            }
        }
        over(&mut self.proxy, &other.proxy);
        over(&mut self.production, &other.production);
        over(&mut self.export_region, &other.export_region);
        over(&mut self.session_profile, &other.session_profile);
        over(&mut self.ask, &other.ask);
        over(&mut self.duration, &other.duration);
        over(&mut self.browser, &other.browser);
        self.allow_endpoint.extend(other.allow_endpoint.iter().cloned());
        for (name, value) in &other.env {
            self.env.retain(|(n, _)| n != name);
            self.env.push((name.clone(), value.clone()));
        }
    }
}
