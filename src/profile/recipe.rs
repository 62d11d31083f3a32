//! What a profile is: the recipe by which its keys are made, as its sections say.

use std::sync::Arc;

use bstr::BString;

use super::{ProfileName, Value};
use crate::net::{Keys, shown_id};

/// How the keys of a profile come about. The order of recognition is that of [`super::recognise`].
#[derive(Debug, Clone)]
pub enum Recipe {
    /// `[NAME-long-term]` beside `[NAME]`: aws-mfa's layout.
    AwsMfa(Box<AwsMfa>),
    /// Long-term keys and `mfa_serial` in the profile itself.
    PlainMfa(Box<PlainMfa>),
    /// `role_arn` with a source.
    Role(Box<Role>),
    /// `role_arn` with `web_identity_token_file`.
    WebIdentity(Box<WebIdentity>),
    /// IAM Identity Center: `sso_session`, or a legacy `sso_start_url`.
    Sso(Sso),
    /// `login_session`, made by `aws login`. Holds the session's ARN.
    Login { session: String },
    /// `credential_process`.
    Process { command: Value },
    /// Keys in the file, with or without an end.
    Static(Box<Static>),
    /// A long-term key whose secret is in the system's keyring, without a device.
    Keyring(Box<Kept>),
    /// The profile exists and holds nothing that gives keys.
    None,
}

/// A role for the holder of a web identity token (OpenID Connect): CI systems and Kubernetes write such files.
#[derive(Debug, Clone)]
pub struct WebIdentity {
    pub role_arn: String,
    /// `web_identity_token_file`.
    pub token_file: Value,
    /// `role_session_name`.
    pub session_name: Option<String>,
}

/// Keys that stand in a file, with what is known about their end.
#[derive(Debug, Clone)]
pub struct Static {
    pub keys: Keys,
    /// The expiry key of whichever tool wrote it, and whether that tool writes local time.
    pub expiration: Option<(BString, bool)>,
}

/// Long-term keys as a section has them.
#[derive(Debug, Clone)]
pub enum Held {
    /// In plain text.
    Keys(Keys),
    /// The secret is in the system's keyring.
    Keyring(Kept),
}

/// A long-term key whose secret is in the system's keyring: the section has its id, as [`super::KEYRING_KEY`].
#[derive(Debug, Clone)]
pub struct Kept {
    pub key_id: String,
    /// As it stands in the file.
    pub value: Value,
}

impl Held {
    /// The access key's id.
    pub fn id(&self) -> &str {
        match self {
            Held::Keys(keys) => &keys.access_key_id,
            Held::Keyring(kept) => &kept.key_id,
        }
    }

    /// The id as it may be shown.
    pub fn shown_id(&self) -> String {
        match self {
            Held::Keys(keys) => keys.shown_id(),
            Held::Keyring(kept) => shown_id(&kept.key_id),
        }
    }
}

/// The layout of aws-mfa: long-term keys in `[NAME-long-term]`, the session in `[NAME]` of the credentials file.
#[derive(Debug, Clone)]
pub struct AwsMfa {
    /// `NAME`, where the session goes: not the profile in force when that is a role on top of this one.
    pub name: ProfileName,
    pub long_term: ProfileName,
    pub base: LongTerm,
    /// `aws_mfa_device` (or `mfa_serial`) of the long-term section.
    pub device: Option<String>,
    /// `assume_role` of the long-term section.
    pub assume_role: Option<String>,
    /// `external_id` of the long-term section, for that role.
    pub external_id: Option<String>,
    /// `duration_seconds` of the long-term section, where it is a whole number.
    pub duration: Option<u32>,
    /// `mfa_process` of either section.
    pub mfa_process: Option<Value>,
    /// The session keys in `[NAME]`, when they are there and complete.
    pub session: Option<Static>,
}

/// Where long-term keys come from.
#[derive(Debug, Clone)]
pub enum LongTerm {
    Held(Held),
    /// `credential_process` (pass, op, a keyring), which must give keys without a session token.
    Process(Value),
    /// Neither stands there; the text says what is missing and where.
    Missing(String),
}

/// Long-term keys and an MFA device in one profile.
#[derive(Debug, Clone)]
pub struct PlainMfa {
    pub keys: Held,
    pub device: String,
    pub mfa_process: Option<Value>,
}

/// A role and the way to it.
#[derive(Debug, Clone)]
pub struct Role {
    pub arn: String,
    pub external_id: Option<String>,
    /// `duration_seconds` where it is a whole number.
    pub duration_seconds: Option<i64>,
    pub session_name: Option<String>,
    pub mfa_serial: Option<String>,
    pub mfa_process: Option<Value>,
    /// aws-vault's `source_identity`.
    pub source_identity: Option<String>,
    /// aws-vault's `session_tags = k=v,k=v`.
    pub session_tags: Vec<(String, String)>,
    /// aws-vault's `transitive_session_tags = k,k`.
    pub transitive_tags: Vec<String>,
    pub source: Source,
}

/// What signs the AssumeRole call.
#[derive(Debug, Clone)]
pub enum Source {
    /// `source_profile`.
    Profile(ProfileName, Arc<Recipe>),
    /// `credential_source`.
    Credential(CredentialSource),
}

/// The values of `credential_source`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialSource {
    Environment,
    Ec2InstanceMetadata,
    EcsContainer,
}

/// An Identity Center profile.
#[derive(Debug, Clone)]
pub struct Sso {
    /// The `[sso-session NAME]` it refers to; a legacy profile has none.
    pub session: Option<String>,
    pub start_url: String,
    pub region: String,
    /// `sso_registration_scopes`; AWS's default for a session without the key, none for a legacy profile.
    pub scopes: Vec<String>,
    pub account_id: Option<String>,
    pub role_name: Option<String>,
}

impl Recipe {
    /// Whether SDKs cannot make these keys by themselves: plain MFA sessions, and roles with MFA anywhere on the way.
    pub fn needs_sibling(&self) -> bool {
        match self {
            Recipe::PlainMfa(_) => true,
            Recipe::Role(role) => role.mfa_serial.is_some() || role.is_aws_vaults() || role.source.needs_sibling(),
            _ => false,
        }
    }

    /// Whether the first keys come from a sign-in in the browser (Identity Center, `aws login`).
    pub fn begins_with_sign_in(&self) -> bool {
        matches!(self.first(), Recipe::Sso(_) | Recipe::Login { .. })
    }

    /// Whether the first keys come from `aws login`.
    pub fn begins_with_login(&self) -> bool {
        matches!(self.first(), Recipe::Login { .. })
    }

    /// The profile in which `aws login` signs in, where the first keys come from there: `own`, which has this recipe, or the
    /// one at the beginning of its chain.
    pub fn login_profile<'r>(&'r self, own: &'r ProfileName) -> Option<&'r ProfileName> {
        let (mut name, mut at) = (own, self);
        loop {
            match at {
                Recipe::Login { .. } => return Some(name),
                Recipe::Role(role) => match &role.source {
                    Source::Profile(source, below) => (name, at) = (source, below),
                    Source::Credential(_) => return None,
                },
                _ => return None,
            }
        }
    }

    /// Identity Center, where the first keys come from there.
    pub fn sso(&self) -> Option<&Sso> {
        match self.first() {
            Recipe::Sso(sso) => Some(sso),
            _ => None,
        }
    }

    /// The profile at the beginning of a chain of roles, `own` (which has this recipe) where there is none, and its recipe;
    /// `None` where the first keys come from no profile.
    pub fn root<'r>(&'r self, own: &'r ProfileName) -> Option<(&'r ProfileName, &'r Recipe)> {
        let (mut name, mut at) = (own, self);
        while let Recipe::Role(role) = at {
            let Source::Profile(source, below) = &role.source else { return None };
            (name, at) = (source, below);
        }
        Some((name, at))
    }

    /// The long-term keys that its sections have, not looking at where a chain of roles begins.
    pub fn long_term_keys(&self) -> Option<Held> {
        match self {
            Recipe::AwsMfa(mfa) => match &mfa.base {
                LongTerm::Held(held) => Some(held.clone()),
                _ => None,
            },
            Recipe::PlainMfa(mfa) => Some(mfa.keys.clone()),
            Recipe::Static(found) if found.keys.session_token.is_none() => Some(Held::Keys(found.keys.clone())),
            Recipe::Keyring(kept) => Some(Held::Keyring((**kept).clone())),
            _ => None,
        }
    }

    /// The beginning of a chain of roles; itself for what is none.
    fn first(&self) -> &Recipe {
        let mut at = self;
        while let Recipe::Role(role) = at
            && let Source::Profile(_, below) = &role.source
        {
            at = below;
        }
        at
    }
}

impl Role {
    /// Whether it uses keys that only aws-vault and awsenv know, so that an SDK would assume it differently.
    pub fn is_aws_vaults(&self) -> bool {
        self.source_identity.is_some() || !self.session_tags.is_empty() || !self.transitive_tags.is_empty()
    }
}

impl Source {
    fn needs_sibling(&self) -> bool {
        match self {
            // A plain MFA profile as a source gives its long-term keys, as in the SDKs.
            Source::Profile(_, recipe) => matches!(&**recipe, Recipe::Role(_)) && recipe.needs_sibling(),
            Source::Credential(_) => false,
        }
    }
}
