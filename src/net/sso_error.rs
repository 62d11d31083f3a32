//! What IAM Identity Center can say, as sentences for a person. The codes: botocore's models `sso-oidc/2019-06-10` and
//! `sso/2019-06-10`; `ForbiddenException` is in neither, but is what an unassigned role gets.

use serde::Deserialize;

use super::transport::MayBeFault;
use super::unsigned::Refusal;
use super::{Fault, one_line, told, via};
use crate::error::Error;

/// Why a call to IAM Identity Center gave nothing. One line each, never a secret; text from the server is cleaned and short.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SsoError {
    /// Nobody has approved the device code yet.
    #[error("the sign-in is not approved yet")]
    AuthorizationPending,
    /// The same, and the looks come too fast.
    #[error("the sign-in is not approved yet, and AWS asks for fewer looks")]
    SlowDown,
    /// Nobody approved it in its time.
    #[error("the sign-in was not approved in its time")]
    Expired,
    /// The person said no.
    #[error("the sign-in was refused in the browser")]
    Denied,
    /// The code or refresh token is spent, revoked or somebody else's.
    #[error("AWS takes this sign-in no longer{}", told(.text))]
    InvalidGrant {
        /// AWS's own sentence.
        text: String,
    },
    /// The registration is over or was deleted.
    #[error("AWS does not know this client any more{}", told(.text))]
    InvalidClient {
        /// AWS's own sentence.
        text: String,
    },
    /// The access token is over, revoked, or signed out of.
    #[error("AWS takes this sign-in no longer: it was ended or is over")]
    Unauthorized,
    /// No such role in this account for this person.
    #[error("AWS does not allow it{}", told(.text))]
    Forbidden {
        /// AWS's own sentence.
        text: String,
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
    },
    /// No answer at all.
    #[error(transparent)]
    Network(#[from] Fault),
}

impl SsoError {
    /// Whether the sign-in itself is over, so that only a new one helps.
    pub fn ends_sign_in(&self) -> bool {
        matches!(
            self,
            SsoError::InvalidGrant { .. } | SsoError::InvalidClient { .. } | SsoError::Unauthorized | SsoError::Expired
        )
    }
}

impl MayBeFault for SsoError {
    fn fault(&self) -> Option<&Fault> {
        match self {
            SsoError::Network(fault) => Some(fault),
            _ => None,
        }
    }
}

impl From<SsoError> for Error {
    fn from(error: SsoError) -> Self {
        Error::failed(error.to_string())
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Body {
    error: Option<String>,
    error_description: Option<String>,
    #[serde(alias = "Message")]
    message: Option<String>,
    #[serde(rename = "__type")]
    kind: Option<String>,
}

impl Refusal for SsoError {
    fn from_answer(status: u16, kind: Option<&str>, body: &[u8], host: &str, proxy: Option<String>) -> Self {
        let body: Body = serde_json::from_slice(body).unwrap_or_default();
        // `Code:http://internal.amazon.com/…`, `com.amazonaws…#Code`.
        let bare = |text: &str| {
            let text = text.split(':').next().unwrap_or_default();
            one_line(text.rsplit('#').next().unwrap_or_default())
        };
        let code = kind.or(body.kind.as_deref()).or(body.error.as_deref()).map(bare).unwrap_or_default();
        let text = one_line(body.error_description.as_deref().or(body.message.as_deref()).unwrap_or_default());
        // The OAuth word where there is no name of an exception.
        match (status, code.trim_end_matches("Exception")) {
            (_, "AuthorizationPending" | "authorization_pending") => SsoError::AuthorizationPending,
            (_, "SlowDown" | "slow_down") => SsoError::SlowDown,
            (_, "ExpiredToken" | "expired_token") => SsoError::Expired,
            (_, "AccessDenied" | "access_denied") => SsoError::Denied,
            (_, "InvalidGrant" | "invalid_grant") => SsoError::InvalidGrant { text },
            (_, "InvalidClient" | "UnauthorizedClient" | "invalid_client" | "unauthorized_client") => {
                SsoError::InvalidClient { text }
            }
            (_, "Unauthorized") => SsoError::Unauthorized,
            (_, "Forbidden" | "ResourceNotFound") => SsoError::Forbidden { text },
            (_, "TooManyRequests" | "Throttling") => SsoError::Throttled,
            // No name that AWS gives: a gateway's page.
            (429, "") => SsoError::Throttled,
            (status, "") => Self::gateway(status, host, proxy),
            _ => SsoError::Other { code, text },
        }
    }

    fn gateway(status: u16, host: &str, proxy: Option<String>) -> Self {
        SsoError::Gateway { status, host: host.into(), proxy }
    }

    fn passes(&self) -> bool {
        match self {
            SsoError::Throttled | SsoError::Gateway { status: 500.., .. } => true,
            SsoError::Network(fault) => fault.passes(),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(status: u16, kind: Option<&str>, body: &str) -> SsoError {
        SsoError::from_answer(status, kind, body.as_bytes(), "oidc.eu-west-1.amazonaws.com", None)
    }

    #[test]
    fn an_answer_is_known_by_its_header_or_its_body() {
        let pending = r#"{"error":"authorization_pending","error_description":null}"#;
        assert_eq!(from(400, Some("AuthorizationPendingException"), pending), SsoError::AuthorizationPending);
        assert_eq!(from(400, None, pending), SsoError::AuthorizationPending);
        assert_eq!(
            from(
                401,
                Some("UnauthorizedException:http://internal.amazon.com/x/"),
                r#"{"message":"Session token not found or invalid"}"#
            ),
            SsoError::Unauthorized
        );
        assert_eq!(from(400, None, r#"{"__type":"com.amazonaws.switchboard#SlowDownException"}"#), SsoError::SlowDown);
        assert_eq!(
            from(403, Some("ForbiddenException"), r#"{"message":"No access"}"#).to_string(),
            "AWS does not allow it (No access)"
        );
    }

    #[test]
    fn a_page_of_somebody_else_is_no_answer_of_aws() {
        let page = from(403, None, "<html>blocked by policy</html>");
        assert_eq!(page.to_string(), "oidc.eu-west-1.amazonaws.com answered 403, not as AWS does");
        assert_eq!(from(429, None, ""), SsoError::Throttled);
    }
}
