//! What the AWS files say a profile is: its keys with their places, its kind, its chain.

mod key_place;
mod name;
mod recipe;
mod recognise;
mod tool;

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};

use crate::aws_files::{Document, FileKind, Paths, Section, SectionKind};
use crate::error::{Error, Result};
use crate::host::Host;

pub use key_place::KeyPlace;
pub use name::ProfileName;
pub use recipe::{
    AwsMfa, CredentialSource, Held, Kept, LongTerm, PlainMfa, Recipe, Role, Source, Sso, Static, WebIdentity,
};
pub use tool::Tool;

/// The key that marks a sibling profile in the config file and names the profile it stands for.
pub const SIBLING_KEY: &str = "awsenv_profile";

/// The key that holds a long-term key's id where its secret is in the system's keyring. AWS's tools pass over it.
pub const KEYRING_KEY: &str = "awsenv_keyring";

/// The key that marks a profile which awsenv made of a role in Identity Center: `ACCOUNT/ROLE`. AWS's tools pass over it.
pub const ASSIGNMENT_KEY: &str = "awsenv_assignment";

/// The two AWS files, read once.
pub struct Files {
    pub paths: Paths,
    pub config: Document,
    pub credentials: Document,
    /// Their paths, for the places of values.
    config_file: Arc<Path>,
    credentials_file: Arc<Path>,
    /// What the profiles are that others name as their source: thousands of roles may stand on one.
    sources: RefCell<HashMap<ProfileName, Arc<Recipe>>>,
}

/// Where a value stands, for messages and for trust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub file: Arc<Path>,
    /// Counted from 1.
    pub line: u32,
    /// Whether an environment variable named the file: a command in it then needs the user's confirmation.
    pub file_from_environment: bool,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)
    }
}

/// A value with its place.
#[derive(Clone, PartialEq, Eq)]
pub struct Value {
    pub text: BString,
    pub place: Place,
}

impl fmt::Debug for Value {
    /// It may be a key, or a command with one in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Value").field(&self.place).finish()
    }
}

impl Value {
    /// The value as text, without the blanks around it.
    ///
    /// # Errors
    /// Names the place of a value that is not UTF-8.
    pub fn str(&self) -> Result<&str> {
        let text = self.text.to_str().map_err(|_| Error::failed(format!("{}: not UTF-8 text", self.place)))?;
        Ok(text.trim())
    }
}

impl Files {
    /// Reads both files; a missing one is empty.
    ///
    /// # Errors
    /// Names the file that cannot be read and why.
    pub fn read(host: &Host) -> Result<Self> {
        let paths = Paths::of(host)?;
        let config = Document::read(&paths.config, FileKind::Config)?;
        let credentials = Document::read(&paths.credentials, FileKind::Credentials)?;
        Ok(Self::of(paths, config, credentials))
    }

    /// Documents that were read already.
    pub fn of(paths: Paths, config: Document, credentials: Document) -> Self {
        let (config_file, credentials_file) = (Arc::from(&*paths.config), Arc::from(&*paths.credentials));
        Files { paths, config, credentials, config_file, credentials_file, sources: RefCell::default() }
    }

    fn known_source(&self, name: &ProfileName) -> Option<Arc<Recipe>> {
        self.sources.borrow().get(name).cloned()
    }

    fn know_source(&self, name: ProfileName, recipe: Recipe) -> Arc<Recipe> {
        let recipe = Arc::new(recipe);
        self.sources.borrow_mut().insert(name, Arc::clone(&recipe));
        recipe
    }

    /// The same with a config file that is only thought of: nothing is written.
    ///
    /// # Errors
    /// Those of `edit`.
    pub fn imagine(self, edit: impl FnOnce(&mut Document) -> Result<()>) -> Result<Self> {
        let Files { paths, mut config, credentials, .. } = self;
        edit(&mut config)?;
        Ok(Self::of(paths, config, credentials))
    }

    /// Where the files are, without reading them.
    ///
    /// # Errors
    /// Says that there is no home folder.
    pub fn unread(host: &Host) -> Result<Self> {
        let empty = |kind| Document::parse(Vec::new(), kind);
        let (config, credentials) = (empty(FileKind::Config), empty(FileKind::Credentials));
        Ok(Self::of(Paths::of(host)?, config, credentials))
    }

    /// A profile that stands in either file, or that only has its long-term section yet (aws-mfa before the first run).
    pub fn profile(&self, name: &ProfileName) -> Option<Profile<'_>> {
        let profile = self.named(name);
        let here = profile.config.is_some() || profile.credentials.is_some() || self.has_section(&name.long_term());
        here.then_some(profile)
    }

    /// What the files have under this name, and be it nothing.
    pub fn named(&self, name: &ProfileName) -> Profile<'_> {
        let (config, credentials) = (self.config.profile(name.as_bstr()), self.credentials.profile(name.as_bstr()));
        Profile { name: name.clone(), config, credentials, files: self, includes: OnceCell::new() }
    }

    /// The layout of aws-mfa, with the session in `[session]` and the long-term keys in `[long_term]`, whatever they are
    /// called.
    ///
    /// # Errors
    /// Names the place of half a key, or that there is no such long-term section.
    pub fn aws_mfa(&self, session: &ProfileName, long_term: ProfileName) -> Result<AwsMfa> {
        recognise::aws_mfa(&self.named(session), long_term)
    }

    /// The same, or an error with the nearest names.
    pub fn expect_profile(&self, name: &ProfileName) -> Result<Profile<'_>> {
        self.profile(name).ok_or_else(|| self.unknown(name))
    }

    /// Whether there is a section of this name in either file.
    pub fn has_section(&self, name: &ProfileName) -> bool {
        self.config.has_profile(name.as_bstr()) || self.credentials.has_profile(name.as_bstr())
    }

    /// All names that a person would use, in file order: no long-term sections beside their profile, no siblings.
    pub fn names(&self) -> Vec<ProfileName> {
        let most = self.config.count() + self.credentials.count();
        let mut seen = HashSet::with_capacity(most);
        let mut names = Vec::with_capacity(most);
        for name in self.config.profile_names().chain(self.credentials.profile_names()) {
            let name: &BStr = name;
            let name =
                name.strip_suffix(b"-long-term").filter(|base| !base.is_empty()).map_or(name, ByteSlice::as_bstr);
            if seen.insert(name) && !self.is_sibling(name) {
                names.push(ProfileName::from(name));
            }
        }
        names
    }

    fn is_sibling(&self, name: &BStr) -> bool {
        name.ends_with(b"-session") && self.config.profile(name).is_some_and(|s| s.get(SIBLING_KEY).is_some())
    }

    /// The profile that `name` stands for: itself, or the one whose sibling it is.
    pub fn behind_sibling(&self, name: &ProfileName) -> ProfileName {
        if !name.as_bytes().ends_with(b"-session") {
            return name.clone();
        }
        let marked = self.config.profile(name.as_bstr()).and_then(|s| s.get(SIBLING_KEY).map(|v| v.bytes.to_vec()));
        marked.map(ProfileName::from).unwrap_or_else(|| name.clone())
    }

    /// The error for a name that no file has, with the nearest names.
    pub fn unknown(&self, name: &ProfileName) -> Error {
        let wanted = name.to_string();
        let mut near: Vec<(usize, String)> = self
            .names()
            .iter()
            .map(ToString::to_string)
            .map(|n| (strsim::damerau_levenshtein(&wanted.to_lowercase(), &n.to_lowercase()), n))
            .filter(|(d, n)| *d <= 1 + wanted.chars().count() / 3 || n.contains(&wanted))
            .collect();
        near.sort();
        near.truncate(3);
        let near: Vec<_> = near.into_iter().map(|(_, n)| n).collect();
        let places = format!("{} or {}", self.paths.config.display(), self.paths.credentials.display());
        let error = Error::failed(format!("no profile {wanted} in {places}"));
        match near.is_empty() {
            true if self.names().is_empty() => error.next("`awsenv setup` leads to the first one"),
            true => error.next("`awsenv list` shows what there is"),
            false => error.next(format!("did you mean {}?", near.join(", "))),
        }
    }

    fn place(&self, credentials: bool, line: u32) -> Place {
        let (file, from_environment) = match credentials {
            true => (&self.credentials_file, self.paths.credentials_from_env),
            false => (&self.config_file, self.paths.config_from_env),
        };
        Place { file: Arc::clone(file), line, file_from_environment: from_environment }
    }
}

/// One profile: the sections of its name in both files, read as one.
pub struct Profile<'f> {
    pub name: ProfileName,
    config: Option<Section<'f>>,
    credentials: Option<Section<'f>>,
    files: &'f Files,
    /// The name in `include_profile`: every key that is missing here asks for it.
    includes: OnceCell<Option<ProfileName>>,
}

impl Profile<'_> {
    /// A key's value; the credentials file wins, as in botocore and the SDKs. An empty value counts as absent.
    pub fn get(&self, key: &str) -> Option<Value> {
        self.get_own(key).or_else(|| self.included(0)?.get_own(key))
    }

    /// What the two sections of this name say themselves comes before botocore's `[DEFAULT]`, which leaks into every one.
    fn get_own(&self, key: &str) -> Option<Value> {
        self.value(true, |s| s.own(key)).or_else(|| self.value(false, |s| s.own(key))).or_else(|| self.anywhere(key))
    }

    fn anywhere(&self, key: &str) -> Option<Value> {
        // Almost no file has such a section, and most keys that are asked for are missing.
        if !self.files.credentials.lends() && !self.files.config.lends() {
            return None;
        }
        self.value(true, |s| s.get(key)).or_else(|| self.value(false, |s| s.get(key)))
    }

    fn in_credentials(&self, key: &str) -> Option<Value> {
        self.value(true, |s| s.get(key))
    }

    fn value<'s>(
        &'s self,
        credentials: bool,
        get: impl FnOnce(&'s Section<'s>) -> Option<crate::aws_files::Value<'s>>,
    ) -> Option<Value> {
        let section = if credentials { &self.credentials } else { &self.config };
        let value = get(section.as_ref()?)?;
        let text = BString::from(value.bytes.trim_ascii());
        (!text.is_empty()).then(|| Value { text, place: self.files.place(credentials, value.line) })
    }

    /// The profile that aws-vault's `include_profile` names.
    fn included(&self, depth: u8) -> Option<Profile<'_>> {
        let name = || Some(ProfileName::from(self.get_own("include_profile")?.text.as_bstr()));
        let included = self.files.profile(self.includes.get_or_init(name).as_ref()?)?;
        (depth == 0).then_some(included)
    }

    /// A key's value as text.
    ///
    /// # Errors
    /// Names the place of a value that is not UTF-8.
    pub fn text(&self, key: &str) -> Result<Option<String>> {
        self.get(key).map(|v| v.str().map(String::from)).transpose()
    }

    /// The profile's region, as it is written.
    pub fn region(&self) -> Option<String> {
        self.get("region").and_then(|v| v.str().ok().map(String::from))
    }

    /// `endpoint_url` of a service (`sts`) in the `[services NAME]` section that the profile names.
    pub fn service_endpoint(&self, service: &str) -> Option<Value> {
        let services = self.get("services")?;
        let section = self.files.config.section(SectionKind::Services, services.text.as_bstr())?;
        let value = section.nested(service, "endpoint_url")?;
        Some(Value { text: value.bytes.trim_ascii().into(), place: self.files.place(false, value.line) })
    }

    /// The long-term key of it whose secret is in the system's keyring.
    ///
    /// # Errors
    /// Names the place of an id that is none.
    pub fn kept(&self) -> Result<Option<Kept>> {
        recognise::kept(self)
    }

    /// The session keys that stand in it, where they are complete: half a one is none.
    pub fn session(&self) -> Option<Static> {
        recognise::static_keys(self).ok().flatten().filter(|found| found.keys.session_token.is_some())
    }

    /// What this profile is.
    ///
    /// # Errors
    /// Says which key is missing, contradicts another or makes a loop, with its place.
    pub fn recipe(&self) -> Result<Recipe> {
        recognise::recipe(self)
    }
}
