//! A recipe laid out as a way: where the first keys come from, where a code enters, which roles follow.

use std::path::PathBuf;

use super::cache_key::{self, RoleCall};
use super::store;
use crate::host::Host;
use crate::profile::{CredentialSource, Recipe, Role, Source, Value};

/// The longest session that a role gives to another session ("role chaining"), in seconds.
pub const CHAINED_MAX: u32 = 3600;

/// The way to a profile's keys.
pub struct Plan<'r> {
    pub root: Root<'r>,
    pub gate: Gate<'r>,
    /// Roles in the order in which they are assumed; empty for a profile without one.
    pub hops: Vec<&'r Role>,
}

/// Where the first keys come from.
#[derive(Clone, Copy)]
pub enum Root<'r> {
    Profile(&'r Recipe),
    Credential(CredentialSource),
}

/// Where a one-time code enters.
#[derive(Clone)]
pub enum Gate<'r> {
    /// Nowhere, or in the root itself (aws-mfa's layout has its own).
    None,
    /// GetSessionToken with the code; everything after it builds on that session.
    Session { device: String, process: Option<&'r Value> },
    /// AssumeRole with the code, straight from the long-term keys: the only way to a role session of over an hour.
    Direct { device: String, process: Option<&'r Value> },
}

impl<'r> Plan<'r> {
    /// Lays out a recipe. `first_role_seconds` is how long the session of a role is wanted, for the first hop.
    pub fn of(host: &Host, recipe: &'r Recipe, first_role_seconds: impl Fn(&Role) -> u32) -> Self {
        let mut hops = Vec::new();
        let mut at = recipe;
        let root = loop {
            let Recipe::Role(role) = at else { break Root::Profile(at) };
            hops.push(&**role);
            match &role.source {
                Source::Profile(_, next) => at = next,
                Source::Credential(source) => break Root::Credential(*source),
            }
        };
        hops.reverse();
        let gate = gate(host, &root, hops.first().copied(), first_role_seconds);
        Plan { root, gate, hops }
    }
}

/// The MFA device: `MFA_DEVICE` before what a profile says. It makes no device where the profile has none.
pub fn device(host: &Host, of_profile: Option<&str>) -> Option<String> {
    host.var("MFA_DEVICE").map(|d| d.to_string_lossy().into_owned()).or(of_profile.map(String::from))
}

fn gate<'r>(host: &Host, root: &Root<'r>, first: Option<&'r Role>, seconds: impl Fn(&Role) -> u32) -> Gate<'r> {
    let Some(role) = first else {
        return match root {
            Root::Profile(Recipe::PlainMfa(mfa)) => {
                let device = device(host, Some(&mfa.device)).unwrap_or_default();
                Gate::Session { device, process: mfa.mfa_process.as_ref() }
            }
            _ => Gate::None,
        };
    };
    let Some(device) = role.mfa_serial.as_deref().and_then(|d| device(host, Some(d))) else { return Gate::None };
    let process = role.mfa_process.as_ref();
    let long = seconds(role) > CHAINED_MAX;
    match root {
        // The session in [dev] has its own code; only a long role has to go past it.
        Root::Profile(Recipe::AwsMfa(mfa)) if long => {
            Gate::Direct { device, process: process.or(mfa.mfa_process.as_ref()) }
        }
        Root::Profile(Recipe::AwsMfa(_)) => Gate::None,
        Root::Profile(Recipe::Static(found)) if found.keys.session_token.is_some() => Gate::None,
        Root::Profile(Recipe::Static(_) | Recipe::Keyring(_) | Recipe::PlainMfa(_) | Recipe::Process { .. })
        | Root::Credential(CredentialSource::Environment) => {
            let process = process.or(match root {
                Root::Profile(Recipe::PlainMfa(mfa)) => mfa.mfa_process.as_ref(),
                _ => None,
            });
            if long { Gate::Direct { device, process } } else { Gate::Session { device, process } }
        }
        _ => Gate::None,
    }
}

/// What stands for the long-term keys in the name of their MFA session's file: the key id, or the command that gives the
/// keys, so that a live session is found without running it.
pub fn key_subject(host: &Host, root: &Root) -> Option<String> {
    match root {
        Root::Profile(Recipe::PlainMfa(mfa)) => Some(mfa.keys.id().to_owned()),
        Root::Profile(Recipe::Keyring(kept)) => Some(kept.key_id.clone()),
        Root::Profile(Recipe::Static(found)) => Some(found.keys.access_key_id.clone()),
        Root::Profile(Recipe::Process { command }) => Some(command.text.to_string()),
        Root::Credential(CredentialSource::Environment) => {
            host.var("AWS_ACCESS_KEY_ID").map(|k| k.to_string_lossy().into_owned())
        }
        _ => None,
    }
}

/// The cache file of a role's session, under the AWS CLI's name for it.
pub fn role_cache(host: &Host, role: &Role) -> PathBuf {
    let name = cache_key::role(&RoleCall {
        role_arn: &role.arn,
        duration_seconds: role.duration_seconds,
        external_id: role.external_id.as_deref(),
        role_session_name: role.session_name.as_deref(),
        serial_number: role.mfa_serial.as_deref(),
        source_identity: role.source_identity.as_deref(),
        tags: &role.session_tags,
        transitive_tags: &role.transitive_tags,
    });
    store::role_path(host, &name)
}
