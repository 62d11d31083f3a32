//! Which profile is in force, everywhere the same: raw keys in the environment, `AWS_PROFILE`, `AWS_DEFAULT_PROFILE`, `default`.

use crate::host::Host;
use crate::profile::{Files, ProfileName};

/// What a command started here would run with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InForce {
    /// `AWS_ACCESS_KEY_ID` and its secret are set: they beat every profile.
    Environment,
    /// A variable names a profile (or its sibling; the profile behind it is meant).
    Chosen(ProfileName),
    /// Nothing is set: the profile `default`.
    Default,
}

impl InForce {
    /// What this environment says.
    pub fn of(host: &Host, files: &Files) -> Self {
        let keys = host.var("AWS_ACCESS_KEY_ID").is_some() && host.var("AWS_SECRET_ACCESS_KEY").is_some();
        if keys { InForce::Environment } else { Self::by_name(host, files) }
    }

    /// The same without a look at raw keys: what commands mean that act on a profile.
    pub fn by_name(host: &Host, files: &Files) -> Self {
        match host.var("AWS_PROFILE").or_else(|| host.var("AWS_DEFAULT_PROFILE")) {
            Some(name) => InForce::Chosen(files.behind_sibling(&ProfileName::from(name.as_os_str()))),
            None => InForce::Default,
        }
    }

    /// The profile's name; `None` for raw keys.
    pub fn name(&self) -> Option<ProfileName> {
        match self {
            InForce::Environment => None,
            InForce::Chosen(name) => Some(name.clone()),
            InForce::Default => Some(ProfileName::default_profile()),
        }
    }
}
