//! The AWS console: which profiles it lets in, the page that is asked for, and the hand-over to a browser.

mod destination;
mod handover;

pub use destination::{ServiceName, destination};
pub use handover::hand_over;

use crate::error::{Error, Result};
use crate::host::Host;
use crate::net::Region;
use crate::profile::{CredentialSource, Profile, Recipe};
use crate::session::plan::{Gate, Plan, Root};

/// What is known about a profile's keys before anything is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// An ARN of the partition that they belong to; empty where nothing says.
    pub arn: String,
    /// Whether AssumeRole is called with long-term keys, so that AWS takes a wish for how long the console shall last.
    pub takes_duration: bool,
}

/// Whether the console lets this profile in. AWS takes keys of a role's session; those of GetSessionToken and long-term
/// keys it refuses with a bare 400, so that they are not sent.
///
/// # Errors
/// Says what the profile's keys are, and what helps.
pub fn entry(host: &Host, profile: &Profile, recipe: &Recipe, plan: &Plan) -> Result<Entry> {
    let name = &profile.name;
    if let Some(last) = plan.hops.last() {
        let takes_duration = plan.hops.len() == 1 && is_called_with_long_term_keys(host, plan);
        return Ok(Entry { arn: last.arn.clone(), takes_duration });
    }
    let refused = |what: &str| {
        let line = format!("{name} has {what}, and AWS lets only a role's session into the console");
        let next = format!("give another profile role_arn and source_profile = {name}, and open that one");
        Err(Error::failed(line).next(next))
    };
    match recipe {
        Recipe::AwsMfa(mfa) => match host.var("MFA_ASSUME_ROLE").map(|v| v.to_string_lossy().into_owned()) {
            Some(arn) => Ok(Entry { arn, takes_duration: true }),
            None => match &mfa.assume_role {
                Some(arn) => Ok(Entry { arn: arn.clone(), takes_duration: true }),
                None => refused("an MFA session of its user"),
            },
        },
        Recipe::PlainMfa(_) => refused("an MFA session of its user"),
        Recipe::Static(found) if found.keys.session_token.is_none() => refused("long-term keys"),
        Recipe::Keyring(_) => refused("long-term keys"),
        Recipe::Sso(sso) => {
            // A region of another partition than the portal's is none of this profile's.
            let partition = Region::new(&sso.region).map_or("aws", |region| region.partition().name);
            Ok(Entry { arn: format!("arn:{partition}:sso:::"), takes_duration: false })
        }
        Recipe::Login { session } => Ok(Entry { arn: session.clone(), takes_duration: false }),
        // Some program's session: AWS will tell.
        _ => Ok(Entry { arn: String::new(), takes_duration: false }),
    }
}

fn is_called_with_long_term_keys(host: &Host, plan: &Plan) -> bool {
    match (&plan.gate, plan.root) {
        (Gate::Direct { .. }, _) => true,
        (Gate::Session { .. }, _) => false,
        (Gate::None, Root::Profile(Recipe::Static(found))) => found.keys.session_token.is_none(),
        (Gate::None, Root::Profile(Recipe::PlainMfa(_) | Recipe::Keyring(_))) => true,
        (Gate::None, Root::Credential(CredentialSource::Environment)) => {
            ["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"].iter().all(|name| host.var(name).is_none())
        }
        (Gate::None, _) => false,
    }
}
