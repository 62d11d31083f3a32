//! The MFA session behind plain MFA profiles and short roles, in a cache file.

use std::path::Path;

use super::{Outcome, Ready, Renewal, accepted, check_seconds, no_keys, vanished};
use crate::net::{Failure, Keys, Mfa, Sts};
use crate::profile::Value;
use crate::session::code::{self, Answered, Got};
use crate::session::plan::{self, Root};
use crate::session::{mfa_seconds, rescue, store, write};
use crate::time::Timestamp;

impl Renewal<'_> {
    pub(super) fn is_new(&self, found: &Ready, before: Option<Timestamp>) -> bool {
        found.until.is_some_and(|until| self.is_enough(until) && (!self.force || Some(until) > before))
    }

    /// The MFA session of these keys and this device, which serves every role that accepts it.
    pub(super) fn mfa_session(&self, root: Root, device: &str, process: Option<&Value>) -> Outcome<Ready> {
        let subject = plan::key_subject(self.host, &root).ok_or_else(|| no_keys(self.profile))?;
        let path = store::mfa_path(self.host, &subject, device);
        if let Some(ready) = self.still_good(&path) {
            return Ok(ready);
        }
        let keys = &self.long_term(root)?;
        // The profile's duration is the role's where it has one; the session behind it has its own.
        let is_role = self.profile.get("role_arn").is_some();
        let seconds = if is_role {
            self.settings.mfa.duration.unwrap_or(12 * 3600)
        } else {
            mfa_seconds(self.host, self.settings, self.profile, self.duration)
        };
        check_seconds(seconds, true)?;
        self.cached_by_code(&path, keys, device, device, process, |sts, code| {
            sts.get_session_token(Some(code), Some(seconds))
        })
    }

    /// A call with a code whose session goes into a cache file. `arn` decides the partition.
    pub(super) fn cached_by_code(
        &self,
        path: &Path,
        keys: &Keys,
        arn: &str,
        device: &str,
        process: Option<&Value>,
        call: impl Fn(&Sts, &Mfa) -> std::result::Result<Answered, Failure>,
    ) -> Outcome<Ready> {
        let target = write::CacheTarget::prepare(path)?;
        let rescued = rescue::path_for(self.host, path);
        if let Some(kept) = self.still_good(&rescued) {
            return Ok(rescue::take_up_cache(&rescued, kept, target)?);
        }
        let way = self.way(arn)?;
        let before = store::read(path).map(|found| found.until);
        let need = self.need(keys, device, process, before, &way)?;
        let read = || store::read(path).map(|s| Ready { keys: s.keys, until: Some(s.until) });
        let newer = || read().filter(|found| self.is_new(found, before));
        let got = code::with_code(
            self.host,
            self.memory,
            &self.asking,
            &need,
            || newer().is_some(),
            |code| call(&way.sts(keys), code),
        );
        match self.learn(got)? {
            Got::New(answer, turn) => {
                let _others_wait = accepted(&way, turn);
                if let Err(error) = target.write(&answer.value) {
                    return Err(rescue::keep(&rescued, &answer.value, error).into());
                }
                Ok(Ready { keys: answer.value.keys, until: Some(answer.value.expiration) })
            }
            Got::Settled => newer().ok_or_else(|| vanished(self.profile).into()),
        }
    }
}
