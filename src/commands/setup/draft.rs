//! What is there of a profile already, and what the set-up is about to add to it.

use bstr::{BString, ByteSlice};
use secrecy::{ExposeSecret, SecretString};

use super::keys;
use super::proxy::Proxied;
use crate::aws_files::{Document, FileKind, SectionKind};
use crate::commands::Desk;
use crate::error::Result;
use crate::net::Keys;
use crate::profile::{Files, Held, KEYRING_KEY, LongTerm, ProfileName, Recipe, Value};
use crate::settings::edit::edited;

/// A key of a section and its value, which may be a secret.
#[derive(Clone)]
pub struct Entry {
    pub key: &'static str,
    pub value: SecretString,
}

impl Entry {
    /// One whose value is no secret.
    pub fn open(key: &'static str, value: &str) -> Self {
        Entry { key, value: value.into() }
    }
}

/// What the files say about a profile.
pub enum Found {
    /// Nothing that gives keys.
    Nothing,
    /// Long-term keys, or a place for them.
    Keys(OnKeys),
    /// Another kind of profile: in which words it is to be called.
    Other(String),
}

/// A profile that stands on long-term keys.
pub struct OnKeys {
    /// In `[NAME-long-term]`, as aws-mfa has it; else in the profile itself.
    long_term: bool,
    pub from: Option<From>,
    pub device: Option<String>,
    pub has_process: bool,
}

/// Where long-term keys come from.
#[derive(Clone)]
pub enum From {
    Held(Held),
    /// `credential_process`
    Process(Value),
}

impl Found {
    /// # Errors
    /// Says which key is missing or contradicts another, with its place.
    pub fn of(files: &Files, name: &ProfileName) -> Result<Found> {
        let Some(profile) = files.profile(name) else { return Ok(Found::Nothing) };
        let other = |what: &str| Ok(Found::Other(what.to_owned()));
        match profile.recipe()? {
            Recipe::None => Ok(Found::Nothing),
            Recipe::AwsMfa(mfa) => Ok(Found::Keys(OnKeys {
                long_term: true,
                from: match mfa.base {
                    LongTerm::Held(held) => Some(From::Held(held)),
                    LongTerm::Process(command) => Some(From::Process(command)),
                    LongTerm::Missing(_) => None,
                },
                device: mfa.device,
                has_process: mfa.mfa_process.is_some(),
            })),
            Recipe::PlainMfa(mfa) => Ok(Found::Keys(OnKeys {
                long_term: false,
                from: Some(From::Held(mfa.keys)),
                device: Some(mfa.device),
                has_process: mfa.mfa_process.is_some(),
            })),
            Recipe::Static(found) if found.keys.session_token.is_none() => Ok(Found::Keys(OnKeys {
                long_term: false,
                from: Some(From::Held(Held::Keys(found.keys))),
                device: None,
                has_process: profile.get("mfa_process").is_some(),
            })),
            Recipe::Keyring(kept) => Ok(Found::Keys(OnKeys {
                long_term: false,
                from: Some(From::Held(Held::Keyring(*kept))),
                device: None,
                has_process: profile.get("mfa_process").is_some(),
            })),
            Recipe::Static(_) => other("has the keys of a session that another tool wrote"),
            Recipe::Role(role) => other(&format!("is the role {}", role.arn)),
            Recipe::Sso(_) => other("signs in by IAM Identity Center"),
            Recipe::Login { .. } => other("signs in by `aws login`"),
            Recipe::Process { .. } => other("gets its keys from its credential_process"),
            Recipe::WebIdentity(_) => other("gets its keys for a web identity token"),
        }
    }
}

/// What is to be written.
#[derive(Default)]
pub struct Draft {
    pub region: Option<String>,
    pub proxy: Option<Proxied>,
    pub keys: Option<Keys>,
    /// Whether the keys' secret goes into the system's keyring, and their id alone into the file.
    pub keyring: bool,
    pub device: Option<String>,
    pub mfa_process: Option<String>,
}

/// Lines of one section of one AWS file.
pub struct Lines {
    pub kind: FileKind,
    pub section: BString,
    pub entries: Vec<Entry>,
}

impl Draft {
    /// The new lines of the AWS files, sections without any left out.
    ///
    /// # Errors
    /// Names what cannot be written into a file.
    pub fn lines(&self, desk: &Desk, name: &ProfileName, held: Option<&OnKeys>) -> Result<Vec<Lines>> {
        let config = [("region", &self.region), ("mfa_process", &self.mfa_process)];
        let config = config.into_iter().filter_map(|(key, value)| Some(Entry::open(key, value.as_deref()?))).collect();
        // aws-mfa's layout needs a device; keys alone are a plain profile, which every tool reads.
        let has_device = self.device.is_some() || held.is_some_and(|held| held.device.is_some());
        let long_term = held.map_or(has_device, |held| held.long_term);
        let section = if long_term { name.long_term() } else { name.clone() };
        let mut beside_keys = match &self.keys {
            Some(keys) => keys::lines(keys, self.keyring, &section)?,
            None => Vec::new(),
        };
        let key = if long_term { "aws_mfa_device" } else { "mfa_serial" };
        beside_keys.extend(self.device.as_deref().map(|serial| Entry::open(key, serial)));
        let in_config = {
            let has_keys = |document: &Document| {
                let section = document.profile(section.as_bstr());
                let sources = ["aws_access_key_id", "credential_process", KEYRING_KEY];
                section.is_some_and(|s| sources.iter().any(|key| s.own(key).is_some()))
            };
            !has_keys(&desk.files.credentials) && has_keys(&desk.files.config)
        };
        let place = if in_config { FileKind::Config } else { FileKind::Credentials };
        let all = [
            Lines { kind: FileKind::Config, section: name.as_bstr().into(), entries: config },
            Lines { kind: place, section: section.as_bstr().into(), entries: beside_keys },
        ];
        Ok(all.into_iter().filter(|lines| !lines.entries.is_empty()).collect())
    }

    /// The files as if the keys stood alone in the profile, with its region and proxy: to ask AWS with them before anything
    /// is written.
    ///
    /// # Errors
    /// Names what cannot be written into a file.
    pub fn imagined(&self, desk: &Desk, name: &ProfileName, from: &From) -> Result<Desk> {
        let again = Files::read(&desk.host)?;
        let mut own = Document::parse(Vec::new(), FileKind::Credentials);
        let mut set = |key: &str, value: &[u8]| own.set(SectionKind::Profile, name.as_bstr(), key, value.as_bstr());
        match from {
            From::Held(Held::Keyring(kept)) => set(KEYRING_KEY, kept.key_id.as_bytes())?,
            From::Held(Held::Keys(keys)) => {
                set("aws_access_key_id", keys.access_key_id.as_bytes())?;
                set("aws_secret_access_key", keys.secret_access_key.expose_secret().as_bytes())?;
            }
            From::Process(command) => set("credential_process", &command.text)?,
        }
        let mut config = again.config;
        config.remove_section(SectionKind::Profile, name.long_term().as_bstr())?;
        if let Some(region) = &self.region {
            config.set(SectionKind::Profile, name.as_bstr(), "region", region.as_bytes().as_bstr())?;
        }
        let settings = match &self.proxy {
            None => desk.settings.clone(),
            Some(proxy) => {
                let changes = proxy.changes(name.as_bstr().to_str().unwrap_or_default());
                desk.settings.imagined(&edited(&super::write::bytes_of(&desk.settings.path)?, &changes)?)?
            }
        };
        Ok(Desk { host: desk.host.clone(), settings, files: Files::of(again.paths, config, own) })
    }
}
