//! Sessions that a code makes: aws-mfa's `[NAME]`, and the one behind plain MFA profiles and short roles.

use std::path::Path;

use super::role::session_name;
use super::{Outcome, Ready, Renewal, accepted, check_seconds, no_keys, vanished};
use crate::aws_files::{Document, FileKind};
use crate::error::Error;
use crate::net::{AssumeRole, Failure, Keys, Mfa, Sts};
use crate::profile::{AwsMfa, Files, LongTerm, Recipe, Value};
use crate::session::code::{self, Answered, Got};
use crate::session::plan::{self, Root};
use crate::session::{long_term_role_seconds, mfa_seconds, rescue, standing, store, write};
use crate::time::Timestamp;

impl Renewal<'_> {
    /// The session in `[NAME]` of aws-mfa's layout.
    pub(super) fn aws_mfa(&self, mfa: &AwsMfa) -> Outcome<Ready> {
        let before = mfa.session.as_ref().and_then(|found| Some((found.keys.clone(), standing::end_of(found)?)));
        if let Some((keys, until)) = before.clone().filter(|(_, until)| !self.force && self.is_enough(*until)) {
            return Ok(Ready { keys, until: Some(until) });
        }
        let role = self.host.var("MFA_ASSUME_ROLE").map(|v| v.to_string_lossy().into_owned());
        let role = role.or(mfa.assume_role.clone());
        let device = plan::device(self.host, mfa.device.as_deref()).ok_or_else(|| {
            Error::failed(format!("[{}] names no MFA device", mfa.long_term))
                .next("add aws_mfa_device = arn:aws:iam::ACCOUNT:mfa/NAME to it")
        })?;
        let keys = self.base(mfa)?;
        let seconds = match &role {
            None => mfa_seconds(self.host, self.settings, self.profile, self.duration),
            Some(_) => long_term_role_seconds(self.host, self.settings, self.profile, self.duration),
        };
        check_seconds(seconds, role.is_none())?;
        let name = &self.profile.name;
        let target = write::AwsMfaTarget::prepare(&self.files.paths.credentials, name)?;
        let way = self.way(role.as_deref().unwrap_or(&device))?;
        let mut need =
            self.need(&keys, &device, mfa.mfa_process.as_ref(), before.as_ref().map(|(_, until)| *until), &way)?;
        if let Some(role) = role.as_ref().filter(|_| self.host.var("MFA_ASSUME_ROLE").is_some()) {
            need.before.push(format!("it becomes a session of the role {role} (MFA_ASSUME_ROLE)"));
        }
        if self.files.paths.credentials_from_env {
            let file = self.files.paths.credentials.display();
            need.before.push(format!("the session is written to {file} (AWS_SHARED_CREDENTIALS_FILE)"));
        }
        let rescued = rescue::path(self.host, name, &keys.access_key_id, &device, role.as_deref());
        if let Some(kept) = self.still_good(&rescued) {
            return Ok(rescue::take_up(&rescued, kept, target, role.as_deref())?);
        }
        let newer = || self.read_aws_mfa().filter(|found| self.is_new(found, before.as_ref().map(|(_, until)| *until)));
        let got = code::with_code(
            self.host,
            self.memory,
            &self.asking,
            &need,
            || newer().is_some(),
            |code| {
                let sts = way.sts(&keys);
                match &role {
                    None => sts.get_session_token(Some(code), Some(seconds)),
                    Some(arn) => sts.assume_role(&AssumeRole {
                        role_arn: arn.clone(),
                        session_name: session_name(self.host),
                        duration: Some(seconds),
                        mfa: Some(code.clone()),
                        ..AssumeRole::default()
                    }),
                }
            },
        );
        match self.learn(got)? {
            Got::New(answer, turn) => {
                let _others_wait = accepted(&way, turn);
                if let Err(error) = target.write(&answer.value, role.as_deref()) {
                    return Err(rescue::keep(&rescued, &answer.value, error).into());
                }
                Ok(Ready { keys: answer.value.keys, until: Some(answer.value.expiration) })
            }
            Got::Settled => newer().ok_or_else(|| vanished(self.profile).into()),
        }
    }

    /// What stands in `[NAME]` now, whoever wrote it.
    pub(super) fn read_aws_mfa(&self) -> Option<Ready> {
        let document = Document::read(&self.files.paths.credentials, FileKind::Credentials).ok()?;
        // The long-term section may stand in either file.
        let config = Document::read(&self.files.paths.config, FileKind::Config).ok()?;
        let files = Files::of(self.files.paths.clone(), config, document);
        let Recipe::AwsMfa(mfa) = files.profile(&self.profile.name)?.recipe().ok()? else { return None };
        let found = mfa.session?;
        Some(Ready { until: standing::end_of(&found), keys: found.keys })
    }

    pub(super) fn is_new(&self, found: &Ready, before: Option<Timestamp>) -> bool {
        found.until.is_some_and(|until| self.is_enough(until) && (!self.force || Some(until) > before))
    }

    pub(super) fn base(&self, mfa: &AwsMfa) -> Outcome<Keys> {
        match &mfa.base {
            LongTerm::Keys(keys) => Ok(keys.clone()),
            LongTerm::Process(command) => {
                let keys = self.process(command)?.keys;
                match keys.session_token {
                    None => Ok(keys),
                    Some(_) => Err(Error::failed(format!(
                        "{}: gives a session's keys where long-term keys are needed",
                        command.place
                    ))
                    .into()),
                }
            }
            LongTerm::Missing(what) => Err(Error::failed(what.clone())
                .next(format!("add aws_access_key_id and aws_secret_access_key to [{}]", mfa.long_term))
                .into()),
        }
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
