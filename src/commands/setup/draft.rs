//! What is there of a profile already, and what the set-up is about to add to it.

use bstr::{BString, ByteSlice};
use secrecy::SecretString;

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
    /// `None` where only the place is there.
    pub from: Option<From>,
    pub device: Option<String>,
    pub has_process: bool,
}

/// How the files give long-term keys.
#[derive(Clone)]
pub enum From {
    Plain,
    Keyring,
    /// `credential_process`
    Process(Value),
}

impl From {
    fn of(held: &Held) -> From {
        match held {
            Held::Keys(_) => From::Plain,
            Held::Keyring(_) => From::Keyring,
        }
    }
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
                    LongTerm::Held(held) => Some(From::of(&held)),
                    LongTerm::Process(command) => Some(From::Process(command)),
                    LongTerm::Missing(_) => None,
                },
                device: mfa.device,
                has_process: mfa.mfa_process.is_some(),
            })),
            Recipe::PlainMfa(mfa) => Ok(Found::Keys(OnKeys {
                long_term: false,
                from: Some(From::of(&mfa.keys)),
                device: Some(mfa.device),
                has_process: mfa.mfa_process.is_some(),
            })),
            Recipe::Static(found) if found.keys.session_token.is_none() => Ok(Found::Keys(OnKeys {
                long_term: false,
                from: Some(From::Plain),
                device: None,
                has_process: profile.get("mfa_process").is_some(),
            })),
            Recipe::Keyring(_) => Ok(Found::Keys(OnKeys {
                long_term: false,
                from: Some(From::Keyring),
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

    /// The files and settings with the region and the proxy: the way on which AWS is asked before anything is written. What
    /// the files say besides keeps its place, which messages name and trust looks at.
    ///
    /// # Errors
    /// Names what cannot be written into a file.
    pub fn imagined(&self, desk: &Desk, name: &ProfileName) -> Result<Desk> {
        let mut files = Files::read(&desk.host)?;
        if let Some(region) = &self.region {
            let region = region.as_bytes().as_bstr();
            files.credentials.set(SectionKind::Profile, name.as_bstr(), "region", region)?;
        }
        let settings = match &self.proxy {
            None => desk.settings.clone(),
            Some(proxy) => {
                let changes = proxy.changes(name.as_bstr().to_str().unwrap_or_default());
                desk.settings.imagined(&edited(&super::write::bytes_of(&desk.settings.path)?, &changes)?)?
            }
        };
        Ok(Desk { host: desk.host.clone(), settings, files })
    }
}
