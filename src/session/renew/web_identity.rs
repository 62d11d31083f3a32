//! A role for the holder of a web identity token. The token's file is written by somebody else, a CI system or Kubernetes.

use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use super::role::session_name;
use super::{Outcome, Ready, Renewal};
use crate::error::{Error, Result};
use crate::net::{AssumeRole, StsError};
use crate::profile::{Value, WebIdentity};
use crate::session::cache_key::{self, RoleCall};
use crate::session::{code, store, write};

/// The longest token that STS takes, bytes.
const LONGEST: u64 = 20_000;

impl Renewal<'_> {
    /// The role's keys: from the AWS CLI's cache, else for the token.
    pub(super) fn web_identity(&self, identity: &WebIdentity) -> Outcome<Ready> {
        let call = RoleCall {
            role_arn: &identity.role_arn,
            role_session_name: identity.session_name.as_deref(),
            ..RoleCall::default()
        };
        let path = store::role_path(self.host, &cache_key::role(&call));
        if let Some(ready) = self.still_good(&path) {
            return Ok(ready);
        }
        let before = store::read(&path).map(|found| found.until);
        let newer = || {
            let found = store::read(&path).filter(|s| self.is_enough(s.until) && before.is_none_or(|b| s.until > b))?;
            Some(Ready { keys: found.keys, until: Some(found.until) })
        };
        let token = token(&identity.token_file)?;
        let target = write::CacheTarget::prepare(&path)?;
        let way = self.way(&identity.role_arn)?;
        way.check_silent(self.profile, self.asking.tty)?;
        let _turn = self.memory.session_turn(path.as_os_str().as_encoded_bytes(), || newer().is_some());
        if let Some(ready) = newer() {
            return Ok(ready);
        }
        let asked = AssumeRole {
            role_arn: identity.role_arn.clone(),
            session_name: identity.session_name.clone().unwrap_or_else(|| session_name(self.host)),
            duration: self.duration,
            ..AssumeRole::default()
        };
        let answer = way.sts_by_token(&token).assume_role_with_web_identity(&asked);
        let answer = answer.map_err(|failure| {
            let place = &identity.token_file.place;
            let error = match failure.error {
                StsError::ExpiredKeys { .. } => Error::failed("it is over; whoever writes its file has to renew it"),
                error => error.into(),
            };
            error.within(format!("{}: the web identity token ({place})", self.profile.name))
        })?;
        self.learn_skew(answer.skew);
        target.write(&answer.value)?;
        Ok(Ready { keys: answer.value.keys, until: Some(answer.value.expiration) })
    }
}

/// The token in its file.
///
/// # Errors
/// Names the file and the place that names it.
fn token(file: &Value) -> Result<SecretString> {
    let name = code::os_string(file);
    let path = std::path::Path::new(&name);
    let fail =
        |why: String| Error::failed(format!("{}: web_identity_token_file {}: {why}", file.place, path.display()));
    let about = std::fs::metadata(path).map_err(|e| fail(e.to_string()))?;
    if !about.is_file() || about.len() > LONGEST {
        return Err(fail("holds no token".into()));
    }
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(|e| fail(e.to_string()))?);
    match text.trim() {
        "" => Err(fail("is empty".into())),
        token => Ok(token.to_owned().into()),
    }
}
