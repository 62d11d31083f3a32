//! AWS Sign-In: the federation endpoint, which takes keys and gives a link into the console, and the tokens of `aws login`.
//!
//! Forms: the IAM User Guide ("Enable custom identity broker access to the AWS console"), botocore's model
//! `signin/2023-01-01` and its `LoginCredentialFetcher`. Keys go there in the body of a POST, never in a URL.

use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::dpop::DpopKey;
use super::transport::MayBeFault;
use super::unsigned::{Body, Call, Refusal};
use super::{Answer, Fault, Keys, Transport, one_line, told, via};
use crate::error::Error;
use crate::time::Timestamp;

/// What a form or a query holds as it is (RFC 3986, unreserved).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The federation endpoint of one partition.
#[derive(Clone, Copy)]
pub struct Federation<'a>(pub Transport<'a>);

impl Federation<'_> {
    /// `getSigninToken`: AWS takes keys of a role's session and of GetFederationToken. `seconds` is how long the console
    /// shall last (900 to 43,200): only where AssumeRole was called with long-term keys; without it the console lasts as
    /// long as AWS thinks fit.
    ///
    /// # Errors
    /// What AWS says, or why it says nothing; [`SignInError::Unexplained`]: it takes no such keys, or no such duration.
    pub fn signin_token(&self, keys: &Keys, seconds: Option<u32>) -> Result<SecretString, SignInError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Given {
            signin_token: SecretString,
        }
        let token = keys.session_token.as_ref().map(|t| t.expose_secret()).unwrap_or_default();
        let session = Zeroizing::new(
            json!({
                "sessionId": keys.access_key_id,
                "sessionKey": keys.secret_access_key.expose_secret(),
                "sessionToken": token,
            })
            .to_string(),
        );
        let duration = seconds.map(|s| format!("&SessionDuration={s}")).unwrap_or_default();
        let session = utf8_percent_encode(&session, ENCODED);
        let form = Zeroizing::new(format!("Action=getSigninToken{duration}&Session={session}"));
        let body = Body::Form(&form);
        let secrets = &[keys.secret_access_key.expose_secret(), token];
        let call = Call { method: Method::POST, path: "/federation", header: None, body, secrets, again: true };
        let answer = call.send::<Given, SignInError>(&self.0)?;
        Ok(answer.value.signin_token)
    }

    /// The link that signs a browser in and leads it to `destination`: once, and within 15 minutes.
    pub fn login_link(&self, token: &SecretString, destination: &str) -> SecretString {
        let part = |text| utf8_percent_encode(text, ENCODED);
        let (url, token) = (self.0.endpoint.url(), part(token.expose_secret()));
        let to = part(destination);
        format!("{url}/federation?Action=login&Issuer=awsenv&Destination={to}&SigninToken={token}").into()
    }
}

/// New keys of an `aws login` session, and what renews them.
pub struct LoginToken {
    /// The keys; a quarter of an hour long.
    pub keys: Keys,
    /// Seconds until they end.
    pub expires_in: i64,
    /// The refresh token for the next time.
    pub refresh: SecretString,
}

/// AWS Sign-In of one region.
#[derive(Clone, Copy)]
pub struct SignIn<'a>(pub Transport<'a>);

impl SignIn<'_> {
    /// CreateOAuth2Token with a refresh token, which is sent once. `now` is AWS's time as far as it is known.
    ///
    /// # Errors
    /// What AWS says, or why it says nothing.
    pub fn refresh(
        &self,
        client_id: &str,
        refresh: &SecretString,
        key: &DpopKey,
        now: Timestamp,
    ) -> Result<Answer<LoginToken>, SignInError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Given {
            access_token: GivenKeys,
            expires_in: i64,
            refresh_token: SecretString,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct GivenKeys {
            access_key_id: String,
            secret_access_key: SecretString,
            session_token: SecretString,
        }
        let path = "/v1/token";
        let (url, host) = (format!("{}{path}", self.0.endpoint.url()), self.0.endpoint.host());
        let unsigned = || Fault::Internal { host: host.into(), why: "the proof of the key could not be made".into() };
        let proof = key.proof(&url, now).ok_or_else(unsigned)?;
        let asked = json!({
            "clientId": client_id, "grantType": "refresh_token", "refreshToken": refresh.expose_secret(),
        });
        let (header, body) = (Some(("dpop", &proof)), Body::Json(&asked));
        let secrets = &[refresh.expose_secret()];
        let call = Call { method: Method::POST, path, header, body, secrets, again: false };
        let answer = call.send::<Given, SignInError>(&self.0)?;
        let given = answer.value;
        let keys = Keys {
            access_key_id: given.access_token.access_key_id,
            secret_access_key: given.access_token.secret_access_key,
            session_token: Some(given.access_token.session_token),
        };
        let value = LoginToken { keys, expires_in: given.expires_in, refresh: given.refresh_token };
        Ok(Answer { value, skew: answer.skew })
    }
}

/// Why AWS Sign-In gave nothing. One line each, never a secret; text from the server is cleaned and short.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// The refresh token is over or spent.
    #[error("AWS takes this sign-in no longer: it is over")]
    Over,
    /// A new password, or somebody ended the sessions.
    #[error("AWS takes this sign-in no longer: the password was changed, or somebody ended it")]
    Changed,
    /// The user may not use `aws login`.
    #[error("AWS does not allow it, for want of the policy SignInLocalDevelopmentAccess{}", told(.text))]
    NotAllowed {
        /// AWS's own sentence.
        text: String,
    },
    /// The bare 400 of the federation endpoint.
    #[error("{host} refused these keys ({status}) and gave no reason")]
    Unexplained {
        /// The HTTP status.
        status: u16,
        /// The endpoint's host.
        host: String,
    },
    /// Too many calls.
    #[error("AWS asks for fewer calls at the moment: try again in a minute")]
    Throttled,
    /// Something that is not AWS's answer: a gateway's page, a redirect.
    #[error("{host}{} answered {status}, not as AWS does", via(.proxy))]
    Gateway {
        /// The HTTP status.
        status: u16,
        /// The endpoint's host.
        host: String,
        /// The proxy on the way.
        proxy: Option<String>,
    },
    /// Anything else AWS says.
    #[error("AWS answered {code}{}", told(.text))]
    Other {
        /// AWS's code.
        code: String,
        /// AWS's own sentence.
        text: String,
        /// AWS's clock minus ours, seconds: a proof with another time is refused.
        skew: Option<i64>,
    },
    /// No answer at all.
    #[error(transparent)]
    Network(#[from] Fault),
}

impl SignInError {
    /// Whether the sign-in itself is over, so that only a new one helps.
    pub fn ends_sign_in(&self) -> bool {
        matches!(self, SignInError::Over | SignInError::Changed)
    }
}

impl MayBeFault for SignInError {
    fn fault(&self) -> Option<&Fault> {
        match self {
            SignInError::Network(fault) => Some(fault),
            _ => None,
        }
    }
}

impl From<SignInError> for Error {
    fn from(error: SignInError) -> Self {
        Error::failed(error.to_string())
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Refused {
    error: String,
    message: String,
}

impl Refusal for SignInError {
    fn from_answer(status: u16, kind: Option<&str>, body: &[u8], host: &str, proxy: Option<String>) -> Self {
        let body: Refused = serde_json::from_slice(body).unwrap_or_default();
        let text = one_line(&body.message);
        match (status, body.error.as_str()) {
            (_, "TOKEN_EXPIRED" | "invalid_grant") => SignInError::Over,
            (_, "USER_CREDENTIALS_CHANGED") => SignInError::Changed,
            (_, "INSUFFICIENT_PERMISSIONS") => SignInError::NotAllowed { text },
            (429, _) | (_, "rate_exceeded") => SignInError::Throttled,
            (500.., "") => Self::gateway(status, host, proxy),
            (_, "") if kind.is_some() => {
                SignInError::Other { code: one_line(kind.unwrap_or_default()), text, skew: None }
            }
            (400, "") => SignInError::Unexplained { status, host: host.into() },
            (_, "") => Self::gateway(status, host, proxy),
            (_, code) => SignInError::Other { code: one_line(code), text, skew: None },
        }
    }

    fn gateway(status: u16, host: &str, proxy: Option<String>) -> Self {
        SignInError::Gateway { status, host: host.into(), proxy }
    }

    fn with_skew(mut self, heard: Option<i64>) -> Self {
        if let SignInError::Other { skew, .. } = &mut self {
            *skew = heard;
        }
        self
    }

    fn passes(&self) -> bool {
        match self {
            SignInError::Throttled | SignInError::Gateway { status: 500.., .. } => true,
            SignInError::Network(fault) => fault.passes(),
            _ => false,
        }
    }
}
