//! From a profile's keys to IAM.

use std::cell::Cell;

use super::{Outcome, Renewal};
use crate::net::{Caller, Failure, Iam, Keys, Partition};
use crate::profile::Recipe;
use crate::session::call::{Goal, Way};

/// The way to IAM, and whose keys go it.
pub struct IamAccess<'r> {
    iam: Way<'r>,
    sts: Way<'r>,
    /// A session made with a code, where the profile has a device: IAM wants that of a user's session.
    pub keys: Keys,
    /// AWS's clock minus ours, seconds, once an answer told it.
    skew: Cell<Option<i64>>,
}

impl Renewal<'_> {
    /// IAM, as the profile; its session is renewed first where it must be.
    ///
    /// # Errors
    /// As [`Renewal::keys`].
    pub fn iam(&self) -> Outcome<IamAccess<'_>> {
        self.iam_with(|| Ok(self.keys()?.keys))
    }

    /// IAM by the profile's way, with other keys than its own: `keys` gives them, once that way may be gone.
    ///
    /// # Errors
    /// Those of `keys`; the way is not known, or not to be gone in silence.
    pub fn iam_with(&self, keys: impl FnOnce() -> Outcome<Keys>) -> Outcome<IamAccess<'_>> {
        // What fails afterwards is tried before a code is asked for.
        let recipe = self.profile.recipe()?;
        let arn = match &recipe {
            Recipe::AwsMfa(mfa) => mfa.assume_role.as_deref().or(mfa.device.as_deref()),
            Recipe::PlainMfa(mfa) => Some(mfa.device.as_str()),
            Recipe::Role(role) => Some(role.arn.as_str()),
            _ => None,
        };
        let arn = arn.unwrap_or_default();
        let (iam, sts) = (self.way_to(Goal::Iam { arn })?, self.way(arn)?);
        iam.check_endpoint()?;
        sts.check_endpoint()?;
        let keys = keys()?;
        iam.check_silent(self.profile, self.asking.tty)?;
        sts.check_silent(self.profile, self.asking.tty)?;
        Ok(IamAccess { iam, sts, keys, skew: Cell::new(None) })
    }
}

impl IamAccess<'_> {
    /// IAM, as the profile.
    pub fn iam(&self) -> Iam<'_> {
        let known = self.iam.iam(&self.keys);
        Iam { skew: self.skew.get().unwrap_or(known.skew), ..known }
    }

    /// Whose keys these are.
    ///
    /// # Errors
    /// As AWS has it.
    pub fn caller(&self, keys: &Keys) -> Result<Caller, Failure> {
        let answer = self.sts.sts(keys).get_caller_identity()?;
        self.skew.set(answer.skew.or(self.skew.get()));
        Ok(answer.value)
    }

    /// The world that the account lies in.
    pub fn partition(&self) -> &'static Partition {
        self.iam.region.partition()
    }
}
