//! The STS calls.
//!
//! A call that carries a one-time code is sent once. The one exception is a refused signature when the clocks differ: AWS
//! has then looked at nothing else, so the call goes out again, once, with AWS's time. Calls without a code are tried up to
//! three times when the failure is of the passing kind (throttling, 5xx, a cut connection).

use std::ffi::OsString;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use aws_sdk_sts::Client;
use aws_sdk_sts::config::{BehaviorVersion, Config, Credentials, StalledStreamProtectionConfig};
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::types::Tag;
use aws_smithy_async::time::TimeSource;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use secrecy::{ExposeSecret, SecretString};

use super::echo::{hide, hide_in_name};
use super::http::{Heard, client};
use super::route::Line;
use super::sts_error::{Context, SIGNATURE_SLACK, is_signature};
use super::transport::Transport;
use super::{Endpoint, Failure, Fault, Keys, RefusedProxies, Region, Route, Said, StsError, one_line};
use crate::host::Host;
use crate::terminal::{Code, clean_to};
use crate::time::Timestamp;

/// What a call to STS is made with.
#[derive(Debug, Clone, Copy)]
pub enum Signer<'a> {
    /// These keys sign it.
    Keys(&'a Keys),
    /// Nobody signs it: a web identity token in it says who asks.
    WebIdentity(&'a SecretString),
}

/// STS at one endpoint, as one holder of keys.
pub struct Sts<'a> {
    /// Environment and clock.
    pub machine: &'a Host,
    /// The way there.
    pub route: &'a Route,
    /// The region that signatures name.
    pub region: &'a Region,
    /// Where it is.
    pub endpoint: &'a Endpoint,
    /// Whose call it is.
    pub signer: Signer<'a>,
    /// AWS's clock minus ours as learnt earlier, seconds; signatures use it.
    pub skew: i64,
    /// The memory of proxies that answered 407.
    pub refused: &'a dyn RefusedProxies,
}

/// A one-time code and the device it comes from.
#[derive(Debug, Clone)]
pub struct Mfa {
    /// `mfa_serial`.
    pub serial: String,
    /// What it shows.
    pub code: Code,
}

/// What to ask of AssumeRole.
#[derive(Debug, Clone, Default)]
pub struct AssumeRole {
    /// The role's ARN.
    pub role_arn: String,
    /// `role_session_name`: 2 to 64 of `[A-Za-z0-9_+=,.@-]`.
    pub session_name: String,
    /// `external_id`.
    pub external_id: Option<String>,
    /// Seconds, from 900; AWS gives 3600 when absent.
    pub duration: Option<u32>,
    /// Device and code.
    pub mfa: Option<Mfa>,
    /// `source_identity`.
    pub source_identity: Option<String>,
    /// `session_tags`: key, value.
    pub tags: Vec<(String, String)>,
    /// `transitive_session_tags`: keys.
    pub transitive_tags: Vec<String>,
}

/// New keys and their end.
#[derive(Debug, Clone)]
pub struct Session {
    /// The keys, with a token.
    pub keys: Keys,
    /// When they end, on AWS's clock.
    pub expiration: Timestamp,
    /// For a role: who we are now.
    pub assumed_role: Option<AssumedRole>,
}

/// AWS's `AssumedRoleUser`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssumedRole {
    /// `AROA…:session-name`.
    pub id: String,
    /// `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
    pub arn: String,
}

/// Who the keys belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account's number.
    pub account: String,
    /// The user's or session's ARN.
    pub arn: String,
    /// AWS's own id of it.
    pub user_id: String,
}

/// An answer, and what its date says about our clock.
#[derive(Debug, Clone)]
pub struct Answer<T> {
    /// What was asked for.
    pub value: T,
    /// AWS's clock minus ours, seconds; none when the answer had no date.
    pub skew: Option<i64>,
}

impl Sts<'_> {
    /// A session of the user itself (long-term keys only). Seconds, 900 to 129600; AWS gives 12 hours when absent.
    pub fn get_session_token(&self, mfa: Option<&Mfa>, duration: Option<u32>) -> Result<Answer<Session>, Failure> {
        let answer = self.call(mfa, duration, |sts| {
            sts.get_session_token()
                .set_duration_seconds(duration.and_then(|s| i32::try_from(s).ok()))
                .set_serial_number(mfa.map(|m| m.serial.clone()))
                .set_token_code(mfa.map(|m| m.code.as_str().to_owned()))
                .send()
        })?;
        self.session(answer.value.credentials, None, answer.skew)
    }

    /// A session of a role.
    pub fn assume_role(&self, asked: &AssumeRole) -> Result<Answer<Session>, Failure> {
        let (mfa, duration) = (asked.mfa.as_ref(), asked.duration);
        let mut tags = Vec::new();
        for (key, value) in &asked.tags {
            let tag = Tag::builder().key(key).value(value).build();
            tags.push(tag.map_err(|e| self.internal(&e.to_string()))?);
        }
        let some = |list: &[_]| (!list.is_empty()).then(|| list.to_vec());
        let answer = self.call(mfa, duration, |sts| {
            sts.assume_role()
                .role_arn(&asked.role_arn)
                .role_session_name(&asked.session_name)
                .set_external_id(asked.external_id.clone())
                .set_duration_seconds(duration.and_then(|s| i32::try_from(s).ok()))
                .set_serial_number(mfa.map(|m| m.serial.clone()))
                .set_token_code(mfa.map(|m| m.code.as_str().to_owned()))
                .set_source_identity(asked.source_identity.clone())
                .set_tags((!tags.is_empty()).then(|| tags.clone()))
                .set_transitive_tag_keys(some(&asked.transitive_tags))
                .send()
        })?;
        let role = answer.value.assumed_role_user;
        let role = role.map(|r| AssumedRole { id: r.assumed_role_id, arn: r.arn });
        self.session(answer.value.credentials, role, answer.skew)
    }

    /// A session of a role for the holder of a web identity token: for [`Signer::WebIdentity`].
    pub fn assume_role_with_web_identity(&self, asked: &AssumeRole) -> Result<Answer<Session>, Failure> {
        let Signer::WebIdentity(token) = self.signer else { return Err(self.internal("there is no token")) };
        let answer = self.call(None, asked.duration, |sts| {
            sts.assume_role_with_web_identity()
                .role_arn(&asked.role_arn)
                .role_session_name(&asked.session_name)
                .web_identity_token(token.expose_secret())
                .set_duration_seconds(asked.duration.and_then(|s| i32::try_from(s).ok()))
                .send()
        })?;
        let role = answer.value.assumed_role_user;
        let role = role.map(|r| AssumedRole { id: r.assumed_role_id, arn: r.arn });
        self.session(answer.value.credentials, role, answer.skew)
    }

    /// Who the keys belong to; works with any valid keys.
    pub fn get_caller_identity(&self) -> Result<Answer<Caller>, Failure> {
        let answer = self.call(None, None, |sts| sts.get_caller_identity().send())?;
        let who = answer.value;
        match (who.account, who.arn, who.user_id) {
            (Some(account), Some(arn), Some(user_id)) => {
                Ok(Answer { value: Caller { account, arn, user_id }, skew: answer.skew })
            }
            _ => Err(self.not_aws(answer.skew)),
        }
    }

    fn session(
        &self,
        credentials: Option<aws_sdk_sts::types::Credentials>,
        assumed_role: Option<AssumedRole>,
        skew: Option<i64>,
    ) -> Result<Answer<Session>, Failure> {
        let given = credentials.filter(|c| !c.access_key_id.is_empty() && !c.secret_access_key.is_empty());
        let given = given.ok_or_else(|| self.not_aws(skew))?;
        let keys = Keys {
            access_key_id: given.access_key_id,
            secret_access_key: given.secret_access_key.into(),
            session_token: Some(given.session_token.into()),
        };
        let value = Session { keys, expiration: Timestamp(given.expiration.secs()), assumed_role };
        Ok(Answer { value, skew })
    }

    /// A 200 without what STS always sends.
    fn not_aws(&self, skew: Option<i64>) -> Failure {
        let error = StsError::Gateway { status: 200, host: self.endpoint.host().into(), proxy: None };
        Failure { error, skew, said: None }
    }

    fn internal(&self, why: &str) -> Failure {
        let fault = Fault::Internal { host: self.endpoint.host().into(), why: one_line(why) };
        Failure { error: fault.into(), skew: None, said: None }
    }

    fn call<T, E, F>(
        &self,
        mfa: Option<&Mfa>,
        duration: Option<u32>,
        send: impl Fn(Client) -> F,
    ) -> Result<Answer<T>, Failure>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        check_environment(self.machine)?;
        if let Signer::Keys(keys) = self.signer
            && let Some(part) = keys.broken_part()
        {
            return Err(Failure { error: StsError::BrokenKey { part }, skew: None, said: None });
        }
        let way =
            Transport { machine: self.machine, route: self.route, endpoint: self.endpoint, refused: self.refused };
        way.call(async |line| self.attempts(line, mfa, duration, send).await)
    }

    async fn attempts<T, E, F>(
        &self,
        line: Arc<Line>,
        mfa: Option<&Mfa>,
        duration: Option<u32>,
        send: impl Fn(Client) -> F,
    ) -> Result<Answer<T>, Failure>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        let started = Instant::now();
        let mut pauses = if mfa.is_some() { [].iter() } else { [200, 800].iter() };
        let (mut signed_with, mut resigned) = (self.skew, false);
        loop {
            let heard = Arc::new(Heard::default());
            let failed = match send(self.client(&line, signed_with, heard.clone())).await {
                Ok(value) => return Ok(Answer { value, skew: heard.skew() }),
                Err(failed) => failed,
            };
            let skew = heard.skew();
            let off = skew.unwrap_or(signed_with) - signed_with;
            if !resigned && off.abs() > SIGNATURE_SLACK && failed.code().is_some_and(is_signature) {
                (signed_with, resigned) = (skew.unwrap_or(signed_with), true);
                continue;
            }
            let error = match heard.fault() {
                Some(fault) => fault.into(),
                None => self.told(&failed, &line, mfa, duration, off, skew.unwrap_or(signed_with)),
            };
            let pause = if error.passes() { pauses.next() } else { None };
            match pause {
                Some(pause) if started.elapsed() < line.whole_timeout => {
                    tokio::time::sleep(Duration::from_millis(*pause)).await;
                }
                _ => return Err(Failure { error, skew, said: self.said(&failed, mfa) }),
            }
        }
    }

    fn told<E: ProvideErrorMetadata + std::error::Error + 'static>(
        &self,
        failed: &SdkError<E, HttpResponse>,
        line: &Line,
        mfa: Option<&Mfa>,
        duration: Option<u32>,
        signed_off_by: i64,
        skew: i64,
    ) -> StsError {
        let Some(answer) = failed.raw_response() else {
            // Nothing was sent: the request could not even be built.
            let mut cause: &dyn std::error::Error = failed;
            while let Some(inner) = cause.source() {
                cause = inner;
            }
            let why = cause.to_string();
            return Fault::Internal { host: line.host.clone(), why: self.without_secrets(&why, mfa) }.into();
        };
        let about = Context {
            host: &line.name(),
            proxy: line.proxy.as_ref().map(|p| p.to_string()),
            region: self.region.as_str(),
            key: &match self.signer {
                Signer::Keys(keys) => keys.shown_id(),
                Signer::WebIdentity(_) => String::new(),
            },
            serial: mfa.map(|m| m.serial.as_str()),
            duration,
            signed_off_by,
            skew,
        };
        let message = self.without_secrets(failed.message().unwrap_or_default(), mfa);
        let code = failed.code().map(|code| hide_in_name(code, self.secrets()));
        StsError::from_answer(answer.status().as_u16(), code.as_deref(), &message, &about)
    }

    fn said<E: ProvideErrorMetadata>(
        &self,
        failed: &SdkError<E, HttpResponse>,
        mfa: Option<&Mfa>,
    ) -> Option<Box<Said>> {
        let code = hide_in_name(failed.raw_response().and(failed.code())?, self.secrets());
        let message = self.hide_secrets(failed.message().unwrap_or_default(), mfa);
        Some(Box::new(Said { code: clean_to(&code, 100), message: clean_to(message, 1000) }))
    }

    /// A server can echo what it was sent.
    fn without_secrets(&self, text: &str, mfa: Option<&Mfa>) -> String {
        one_line(&self.hide_secrets(text, mfa))
    }

    fn hide_secrets(&self, text: &str, mfa: Option<&Mfa>) -> String {
        hide(text, self.secrets().chain(mfa.map(|m| m.code.as_str())))
    }

    fn secrets(&self) -> impl Iterator<Item = &str> {
        let keys = match self.signer {
            Signer::Keys(keys) => [Some(&keys.secret_access_key), keys.session_token.as_ref()],
            Signer::WebIdentity(token) => [Some(token), None],
        };
        keys.into_iter().flatten().map(|s| s.expose_secret())
    }

    fn client(&self, line: &Arc<Line>, skew: i64, heard: Arc<Heard>) -> Client {
        let mut config = Config::builder();
        if let Signer::Keys(keys) = self.signer {
            let token = keys.session_token.as_ref().map(|t| t.expose_secret().to_owned());
            let secret = keys.secret_access_key.expose_secret();
            config = config.credentials_provider(Credentials::new(&keys.access_key_id, secret, token, None, "awsenv"));
        }
        let config = config
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(aws_sdk_sts::config::Region::new(self.signing_region()))
            .endpoint_url(self.endpoint.url())
            .http_client(client(line.clone(), self.machine, heard))
            .time_source(Clock { machine: self.machine.clone(), skew })
            .disable_clock_skew_correction(true)
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        Client::from_conf(config.build())
    }

    fn signing_region(&self) -> String {
        match self.region.as_str() {
            "aws-global" => "us-east-1".into(),
            name => name.to_owned(),
        }
    }
}

/// Two variables reach the SDK past [`Host`]: one replaces AWS's hosts (and panics on a missing file), the other one goes
/// into a header, where a control character makes every call fail without a word.
fn check_environment(machine: &Host) -> Result<(), Fault> {
    if machine.var("SMITHY_CLIENT_SDK_CUSTOM_PARTITION").is_some() {
        let why = "would replace AWS's hosts by others";
        return Err(Fault::Environment { name: "SMITHY_CLIENT_SDK_CUSTOM_PARTITION", why });
    }
    let printable = |v: &OsString| v.to_str().is_some_and(|t| t.bytes().all(|b| b == b' ' || b.is_ascii_graphic()));
    if machine.var("AWS_EXECUTION_ENV").is_some_and(|v| !printable(&v)) {
        return Err(Fault::Environment {
            name: "AWS_EXECUTION_ENV",
            why: "holds characters that no request can carry",
        });
    }
    Ok(())
}

/// The machine's clock, corrected by what is known of AWS's.
#[derive(Clone)]
struct Clock {
    machine: Host,
    skew: i64,
}

impl TimeSource for Clock {
    fn now(&self) -> SystemTime {
        let seconds = self.machine.now().plus(self.skew).0;
        UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clock").field("skew", &self.skew).finish_non_exhaustive()
    }
}
