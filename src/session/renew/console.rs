//! From a profile's keys to a link into the AWS console.

use secrecy::SecretString;

use super::{Outcome, Renewal};
use crate::error::Error;
use crate::net::{Federation, Region, SignInError};
use crate::profile::{Recipe, Role};
use crate::session::call::Goal;
use crate::session::console::{self, ServiceName};
use crate::session::long_term_seconds;
use crate::session::plan::Plan;

/// A link that signs in to the console: once, and within a quarter of an hour. Whoever has it is in.
pub struct ConsoleLink {
    pub link: SecretString,
    /// The host that it leads to first.
    pub host: String,
}

impl Renewal<'_> {
    /// A link into the console, to the page of a service where one is wanted.
    ///
    /// # Errors
    /// As [`Renewal::keys`]; says why AWS lets no such keys in, before anything is asked or sent where that is known.
    pub fn console(&self, service: Option<&ServiceName>) -> Outcome<ConsoleLink> {
        let recipe = self.profile.recipe()?;
        let plan = Plan::of(self.host, &recipe, |role| self.role_seconds(role));
        let entry = console::entry(self.host, self.profile, &recipe, &plan)?;
        // What fails afterwards is tried before a code is asked for.
        let way = self.way_to(Goal::Federation { arn: &entry.arn })?;
        way.check_endpoint()?;
        let own = self.profile.region().map(Region::new).transpose();
        let own = own.map_err(|e| Error::failed(format!("profile {}: region: {e}", self.profile.name)))?;
        let page = console::destination(service, &way.region, own.as_ref());
        let keys = self.keys()?.keys;
        if keys.session_token.is_none() {
            let line = format!(
                "{} has long-term keys, and AWS lets only a role's session into the console",
                self.profile.name
            );
            return Err(Error::failed(line).next("give the profile a role_arn").into());
        }
        way.check_silent(self.profile, self.asking.tty)?;
        let federation = Federation(way.transport());
        let seconds = entry.takes_duration.then(|| self.console_seconds(&recipe, plan.hops.last().copied()));
        let token = match (federation.signin_token(&keys, seconds), seconds) {
            // A session from a cache may have been made in another way than this one would be.
            (Err(SignInError::Unexplained { .. }), Some(_)) => federation.signin_token(&keys, None),
            (outcome, _) => outcome,
        };
        let token = token.map_err(|error| match error {
            SignInError::Unexplained { .. } => Error::from(error)
                .within(&self.profile.name)
                .next("AWS lets only a role's session into the console, and only while it lasts"),
            error => Error::from(error).within(&self.profile.name),
        })?;
        let link = federation.login_link(&token, &page);
        Ok(ConsoleLink { link, host: way.endpoint.host().to_owned() })
    }

    /// How long the console shall last: as long as the role's session is asked for.
    fn console_seconds(&self, recipe: &Recipe, role: Option<&Role>) -> u32 {
        let seconds = match (role, recipe) {
            (Some(role), _) => self.role_seconds(role),
            (None, recipe) => {
                let of_section = if let Recipe::AwsMfa(mfa) = recipe { mfa.duration } else { None };
                long_term_seconds(self.host, self.settings, self.profile, of_section, true, self.duration)
            }
        };
        seconds.clamp(900, 43_200)
    }
}
