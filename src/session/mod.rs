//! Sessions: how long a profile is still good for, and how it is renewed.

pub mod cache_key;
mod call;
mod code;
pub mod command;
pub mod expiry;
mod in_force;
pub mod plan;
pub mod proxy;
mod renew;
mod rescue;
mod standing;
pub mod store;
pub mod trust;
mod write;

pub use code::{Asking, Halt};
pub use in_force::InForce;
pub use renew::{Ready, Renewal, password};
pub use rescue::{path_for as kept_beside, path_of as kept_session};
pub use standing::{Kind, Standing, State, arn_account, end_of, of_environment, of_known, of_one_of_many, of_profile};

use crate::host::Host;
use crate::profile::{Profile, Role};
use crate::settings::{Settings, parse_duration};

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

/// How long the role of a long-term section (aws-mfa's `assume_role`) is asked for, in seconds; that section has no key for it.
fn long_term_role_seconds(host: &Host, settings: &Settings, profile: &Profile, flag: Option<u32>) -> u32 {
    let ours = settings.profile(profile.name.as_bstr()).duration.or(settings.mfa.role_duration);
    flag.or_else(|| duration_variable(host)).or(ours).unwrap_or(3600)
}

fn duration_variable(host: &Host) -> Option<u32> {
    parse_duration(host.var("MFA_STS_DURATION")?.to_str()?)
}
