//! Sessions in aws-mfa's layout: `[NAME]` of the credentials file, made with the keys of its long-term section.

use super::role::session_name;
use super::{Outcome, Ready, Renewal, accepted, check_seconds, vanished};
use crate::aws_files::{Document, FileKind};
use crate::error::Error;
use crate::net::{AssumeRole, Keys};
use crate::profile::{AwsMfa, Files, LongTerm, ProfileName};
use crate::session::code::{self, Got};
use crate::session::{long_term_seconds, plan, rescue, standing, write};

/// What the command line says about a new session; `None` leaves it to the environment and the files.
#[derive(Debug, Clone, Default)]
pub struct Chosen {
    /// The MFA device.
    pub device: Option<String>,
    /// The role's ARN.
    pub role: Option<String>,
    /// RoleSessionName.
    pub session_name: Option<String>,
    /// For the role.
    pub external_id: Option<String>,
}

/// Everything that a new session is asked for with.
#[derive(Debug, Clone)]
pub struct AwsMfaCall {
    /// The MFA device.
    pub device: String,
    /// The role's ARN; without one it is GetSessionToken.
    pub role: Option<String>,
    /// How long it shall last.
    pub seconds: u32,
    session_name: String,
    external_id: Option<String>,
}

impl Renewal<'_> {
    /// The session in `[NAME]`, renewed where it must be.
    pub(super) fn aws_mfa(&self, mfa: &AwsMfa) -> Outcome<Ready> {
        if let Some(found) = &mfa.session
            && let Some(until) = standing::end_of(found).filter(|until| !self.force && self.is_enough(*until))
        {
            return Ok(Ready { keys: found.keys.clone(), until: Some(until) });
        }
        let call = self.aws_mfa_call(mfa, Chosen::default()).ok_or_else(|| {
            Error::failed(format!("[{}] names no MFA device", mfa.long_term))
                .next("add aws_mfa_device = arn:aws:iam::ACCOUNT:mfa/NAME to it")
        })?;
        self.new_aws_mfa(mfa, &call)
    }

    /// What a new session will be asked for with; `None` where nothing names the MFA device.
    pub fn aws_mfa_call(&self, mfa: &AwsMfa, chosen: Chosen) -> Option<AwsMfaCall> {
        let device = chosen.device.or_else(|| plan::device(self.host, mfa.device.as_deref()))?;
        let from_environment = || self.host.var("MFA_ASSUME_ROLE").map(|v| v.to_string_lossy().into_owned());
        let role = chosen.role.or_else(from_environment).or_else(|| mfa.assume_role.clone());
        let is_role = role.is_some();
        let seconds = long_term_seconds(self.host, self.settings, self.profile, mfa.duration, is_role, self.duration);
        let session_name = chosen.session_name.unwrap_or_else(|| session_name(self.host));
        let external_id = chosen.external_id.or_else(|| mfa.external_id.clone());
        Some(AwsMfaCall { device, role, seconds, session_name, external_id })
    }

    /// A new session, whatever stands in `[NAME]`.
    ///
    /// # Errors
    /// As [`Renewal::keys`].
    pub fn new_aws_mfa(&self, mfa: &AwsMfa, call: &AwsMfaCall) -> Outcome<Ready> {
        let AwsMfaCall { device, seconds, .. } = call;
        let (name, role) = (&mfa.name, call.role.as_deref());
        let before = mfa.session.as_ref().and_then(standing::end_of);
        let keys = self.base(mfa)?;
        check_seconds(*seconds, role.is_none())?;
        let target = write::AwsMfaTarget::prepare(&self.files.paths.credentials, name)?;
        let way = self.way(role.unwrap_or(device))?;
        let mut need = self.need(&keys, device, mfa.mfa_process.as_ref(), before, &way)?;
        if let Some(role) = role.filter(|role| self.host.var("MFA_ASSUME_ROLE").is_some_and(|named| named == *role)) {
            need.notes.push(format!("it becomes a session of the role {role} (MFA_ASSUME_ROLE)"));
        }
        if self.files.paths.credentials_from_env {
            let file = self.files.paths.credentials.display();
            need.notes.push(format!("the session is written to {file} (AWS_SHARED_CREDENTIALS_FILE)"));
        }
        let rescued = rescue::path(self.host, name, &keys.access_key_id, device, role);
        if let Some(kept) = self.still_good(&rescued) {
            return Ok(rescue::take_up(&rescued, kept, target, role)?);
        }
        let newer = || self.read_aws_mfa(name, role).filter(|found| self.is_new(found, before));
        let got = code::with_code(
            self.host,
            self.memory,
            &self.asking,
            &need,
            || newer().is_some(),
            |code| {
                let sts = way.sts(&keys);
                match role {
                    None => sts.get_session_token(Some(code), Some(*seconds)),
                    Some(arn) => sts.assume_role(&AssumeRole {
                        role_arn: arn.to_owned(),
                        session_name: call.session_name.clone(),
                        external_id: call.external_id.clone(),
                        duration: Some(*seconds),
                        mfa: Some(code.clone()),
                        ..AssumeRole::default()
                    }),
                }
            },
        );
        match self.learn(got)? {
            Got::New(answer, turn) => {
                let _others_wait = accepted(&way, turn);
                if let Err(error) = target.write(&answer.value, role) {
                    return Err(rescue::keep(&rescued, &answer.value, error).into());
                }
                Ok(Ready { keys: answer.value.keys, until: Some(answer.value.expiration) })
            }
            Got::Settled => newer().ok_or_else(|| vanished(self.profile).into()),
        }
    }

    /// The session of this role, or of none, that stands in `[NAME]` now, whoever wrote it.
    fn read_aws_mfa(&self, name: &ProfileName, role: Option<&str>) -> Option<Ready> {
        let document = Document::read(&self.files.paths.credentials, FileKind::Credentials).ok()?;
        let config = Document::read(&self.files.paths.config, FileKind::Config).ok()?;
        let files = Files::of(self.files.paths.clone(), config, document);
        let profile = files.named(name);
        let found =
            profile.session().filter(|_| profile.text("assumed_role_arn").is_ok_and(|r| r.as_deref() == role))?;
        Some(Ready { until: standing::end_of(&found), keys: found.keys })
    }

    pub(super) fn base(&self, mfa: &AwsMfa) -> Outcome<Keys> {
        match &mfa.base {
            LongTerm::Held(held) => Ok(self.held(held)?),
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
}
