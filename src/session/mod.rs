//! Sessions: how long a profile is still good for, and how it is renewed.

pub mod browser;
pub mod cache_key;
mod call;
mod code;
pub mod command;
pub mod console;
pub mod expiry;
mod in_force;
pub mod login;
pub mod plan;
pub mod proxy;
mod proxy_password;
mod renew;
mod rescue;
mod sso;
mod standing;
pub mod store;
pub mod trust;
mod write;

pub use code::{Asking, Consent, Halt, Notes, OwnWords};
pub use in_force::InForce;
pub use proxy_password::password;
pub use renew::{
    Assignment, AwsMfaCall, Chosen, ConsoleLink, IamAccess, Ready, Renewal, SignedOut, kept_keys, session_name_of,
};
pub use rescue::{path_for as kept_beside, path_of as kept_session};
pub use sso::strays as stray_tokens;
pub use standing::{Kind, Standing, State, arn_account, end_of, of_environment, of_known, of_one_of_many, of_profile};

use crate::host::Host;
use crate::profile::{Profile, Role};
use crate::settings::{Settings, parse_duration};

/// aws-mfa's variable for how long a session is asked for.
pub const DURATION_VARIABLE: &str = "MFA_STS_DURATION";

/// How long a role's session is asked for, in seconds: flag, then `MFA_STS_DURATION`, then the profile's
/// `duration_seconds`, then the settings, then one hour.
pub fn role_seconds(host: &Host, settings: &Settings, profile: &Profile, role: &Role, flag: Option<u32>) -> u32 {
    let from_file = role.duration_seconds.and_then(|d| u32::try_from(d).ok());
    let ours = settings.profile(profile.name.as_bstr()).duration.or(settings.mfa.role_duration);
    flag.or_else(|| duration_variable(host)).or(from_file).or(ours).unwrap_or(3600)
}

/// How long a plain MFA session is asked for, in seconds; in the same order, twelve hours at the end.
pub fn mfa_seconds(host: &Host, settings: &Settings, profile: &Profile, flag: Option<u32>) -> u32 {
    let from_file = profile.text("duration_seconds").ok().flatten().and_then(|d| d.parse().ok());
    let ours = settings.profile(profile.name.as_bstr()).duration.or(settings.mfa.duration);
    flag.or_else(|| duration_variable(host)).or(from_file).or(ours).unwrap_or(12 * 3600)
}

/// How long a session of aws-mfa's layout is asked for, in seconds: flag, then `MFA_STS_DURATION`, then `duration_seconds` of
/// the long-term section; then as for any MFA session, or for a role what the settings say, then one hour.
fn long_term_seconds(
    host: &Host,
    settings: &Settings,
    profile: &Profile,
    of_section: Option<u32>,
    is_role: bool,
    flag: Option<u32>,
) -> u32 {
    let first = flag.or_else(|| duration_variable(host)).or(of_section);
    let ours = || settings.profile(profile.name.as_bstr()).duration.or(settings.mfa.role_duration);
    match is_role {
        true => first.or_else(ours).unwrap_or(3600),
        false => mfa_seconds(host, settings, profile, first),
    }
}

fn duration_variable(host: &Host) -> Option<u32> {
    parse_duration(host.var(DURATION_VARIABLE)?.to_str()?)
}
