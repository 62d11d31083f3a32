//! `aws login`: keys for a quarter of an hour, renewed without a person for as long as AWS lets the sign-in live. A new one
//! is the AWS CLI's.

use std::path::Path;

use super::{Outcome, Ready, Renewal};
use crate::error::Error;
use crate::net::{Region, SignIn, SignInError};
use crate::session::call::Goal;
use crate::session::login::{self, LoginFile, LoginRenewal, LoginTarget, RENEW_BEFORE};
use crate::session::store;
use crate::time::span;

/// Why there are no new keys.
enum Refused {
    /// AWS takes this sign-in no longer.
    ByAws(SignInError),
    Otherwise(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Refused::Otherwise(error)
    }
}

impl Renewal<'_> {
    /// The keys of an `aws login` session.
    pub(super) fn login_keys(&self, session: &str) -> Outcome<Ready> {
        let path = store::login_path(self.host, session);
        let name = &self.profile.name;
        let Some(found) = login::read(&path) else {
            return Err(self.log_in(Error::failed(format!("{name} has no session yet"))).into());
        };
        if !self.force && self.login_lasts(&found) {
            return Ok(ready(&found));
        }
        let left = found.until.since(self.host.now());
        let as_found = ready(&found);
        let Some(refresh) = found.renewal.as_ref().map(|r| r.refresh.clone()) else {
            let over = || Error::failed(format!("the session of {name} ended {} ago", span(-left)));
            return if left > 0 { Ok(as_found) } else { Err(self.log_in(over()).into()) };
        };
        match self.renew_login(session, &path, found) {
            Ok(ready) => Ok(ready),
            // What still works is used on; the next command tries again.
            Err(_) if left > 0 && !self.force => Ok(as_found),
            Err(Refused::ByAws(why)) => {
                login::drop_dead(&path, &refresh);
                Err(self.log_in(Error::from(why).within(name)).into())
            }
            Err(Refused::Otherwise(error)) => Err(error.into()),
        }
    }

    fn login_lasts(&self, found: &LoginFile) -> bool {
        let least = if found.renewal.is_some() { RENEW_BEFORE } else { 0 };
        found.until.since(self.host.now()) > least
    }

    /// New keys without a person. AWS gives a new refresh token with each, so of many processes one renews for all.
    fn renew_login(&self, session: &str, path: &Path, before: LoginFile) -> Result<Ready, Refused> {
        let newer = || {
            let found = login::read(path)?;
            (found.keys.access_key_id != before.keys.access_key_id && self.login_lasts(&found)).then_some(found)
        };
        let _turn = self.memory.session_turn(path.as_os_str().as_encoded_bytes(), || newer().is_some());
        if let Some(found) = newer() {
            return Ok(ready(&found));
        }
        let Some(LoginRenewal { client_id, refresh, key, region }) = &before.renewal else {
            return Err(Error::failed("the session's file has no refresh token").into());
        };
        let (region, place) = self.login_region(session, region.as_deref());
        let way = self.way_to(Goal::SignIn { region: &region, place })?;
        way.check_silent(self.profile, self.asking.tty)?;
        let target = LoginTarget::prepare(path)?;
        // A proof is good for minutes only, by AWS's clock; what was refused is not spent.
        let known = self.memory.skew().map_or(0, |s| s.seconds);
        let at = |skew| SignIn(way.transport()).refresh(client_id, refresh, key, self.host.now().plus(skew));
        let answer = match at(known) {
            Err(SignInError::Other { skew: Some(skew), .. }) if (skew - known).abs() >= 60 => at(skew),
            answer => answer,
        };
        let answer = match answer {
            Ok(answer) => answer,
            // A tool without our lock may have been faster.
            Err(error) if error.ends_sign_in() => {
                return newer().map(|found| ready(&found)).ok_or(Refused::ByAws(error));
            }
            Err(error) => return Err(Error::from(error).within(&self.profile.name).into()),
        };
        self.learn_skew(answer.skew);
        let until = target.write(before, &answer.value, self.host.now())?;
        Ok(Ready { keys: answer.value.keys, until: Some(until) })
    }

    /// Where it signed in, and what says so: the file, else what the SDKs take for a client without a region of its own.
    fn login_region(&self, session: &str, noted: Option<&str>) -> (String, &'static str) {
        let variable = |name: &'static str| Some((self.host.var(name)?.to_string_lossy().into_owned(), name));
        let of_profile = || {
            let recipe = self.profile.recipe().ok()?;
            self.files.profile(recipe.login_profile(&self.profile.name)?)?.region()
        };
        noted
            .map(|region| (region.to_owned(), "signInRegion in the session's file"))
            .or_else(|| variable("AWS_REGION"))
            .or_else(|| variable("AWS_DEFAULT_REGION"))
            .or_else(|| Some((of_profile()?, "region")))
            .unwrap_or_else(|| (Region::for_arn(session).as_str().to_owned(), "login_session"))
    }

    fn log_in(&self, why: Error) -> Error {
        why.next(format!("`awsenv refresh {}` starts `aws login`", self.profile.name))
    }
}

fn ready(found: &LoginFile) -> Ready {
    Ready { keys: found.keys.clone(), until: Some(found.until) }
}
