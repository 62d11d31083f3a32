//! Sessions of roles: with the code itself where it is to last over an hour, else from the session below.

use super::{Outcome, Ready, Renewal, check_seconds, vanished};
use crate::host::Host;
use crate::net::{AssumeRole, Keys, Mfa};
use crate::profile::{Role, Value};
use crate::session::code::{Got, Halt, Held};
use crate::session::plan::{self, CHAINED_MAX, Root};
use crate::session::{store, write};

impl Renewal<'_> {
    /// A role of over an hour: the code goes with AssumeRole itself.
    pub(super) fn direct(&self, root: Root, role: &Role, device: &str, process: Option<&Value>) -> Outcome<Ready> {
        let path = plan::role_cache(self.host, role);
        if let Some(ready) = self.still_good(&path) {
            return Ok(ready);
        }
        let keys = &self.long_term(root)?;
        let seconds = self.role_seconds(role);
        check_seconds(seconds, false)?;
        self.cached_by_code(&path, keys, &role.arn, device, process, |sts, code| {
            sts.assume_role(&AssumeRole { mfa: Some(code.clone()), ..self.call(role, Some(seconds)) })
        })
    }

    /// A role without a code.
    pub(super) fn assume(&self, keys: &Keys, role: &Role) -> Outcome<Ready> {
        let path = plan::role_cache(self.host, role);
        let before = store::read(&path).map(|found| found.until);
        if let Some(ready) = self.still_good(&path) {
            return Ok(ready);
        }
        let wanted = self.role_seconds(role);
        // A session's roles last an hour at most.
        let seconds = if keys.session_token.is_some() { wanted.min(CHAINED_MAX) } else { wanted };
        check_seconds(seconds, false)?;
        let target = write::CacheTarget::prepare(&path)?;
        let way = self.way(&role.arn)?;
        way.check_silent(self.profile, self.asking.tty)?;
        // Of many processes that need this role's session one fetches it for all.
        let newer = || {
            let found =
                store::read(&path).filter(|s| s.until > self.host.now() && before.is_none_or(|b| s.until > b))?;
            Some(Ready { keys: found.keys, until: Some(found.until) })
        };
        let _turn = self.memory.session_turn(path.as_os_str().as_encoded_bytes(), || newer().is_some());
        if let Some(ready) = newer() {
            return Ok(ready);
        }
        let answer = way.sts(keys).assume_role(&self.call(role, Some(seconds)));
        let answer = match self.learn(answer.map(|a| Got::New(a, Held::Unasked(None))).map_err(Halt::from))? {
            Got::New(answer, _) => answer,
            Got::Settled => return Err(vanished(self.profile).into()),
        };
        target.write(&answer.value)?;
        Ok(Ready { keys: answer.value.keys, until: Some(answer.value.expiration) })
    }

    pub(super) fn call(&self, role: &Role, duration: Option<u32>) -> AssumeRole {
        AssumeRole {
            role_arn: role.arn.clone(),
            session_name: role.session_name.clone().unwrap_or_else(|| session_name(self.host)),
            external_id: role.external_id.clone(),
            duration,
            mfa: None::<Mfa>,
            source_identity: role.source_identity.clone(),
            tags: role.session_tags.clone(),
            transitive_tags: role.transitive_tags.clone(),
        }
    }
}

/// RoleSessionName where the profile has none: who is logged in here, in the letters that AWS takes.
pub(super) fn session_name(host: &Host) -> String {
    let user = host.login_name().unwrap_or_else(|| "user".into());
    allowed(&format!("awsenv-{user}"))
}

/// A RoleSessionName in the letters and of the length that AWS takes.
pub fn allowed(name: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    name.chars().map(|c| if allowed(c) { c } else { '-' }).take(64).collect()
}
