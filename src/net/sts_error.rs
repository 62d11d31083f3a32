//! What STS can say, as sentences for a person. AWS's codes and texts: the IAM and STS references, and the issues of tools
//! that met them (aws/aws-cli#2279, #6325; lonelyplanet/aws-mfa#21), since the ones about MFA are in no API model.

use super::{Fault, one_line, via};

/// Why a call gave no session. One line each, never a secret; text from the server is cleaned and short.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StsError {
    /// The six digits do not fit, or were already used.
    #[error("AWS refused the code: it is wrong or was already used; a new one comes every 30 seconds")]
    WrongOrUsedCode,
    /// The device is not this user's, or far out of step.
    #[error(
        "AWS refused the MFA device {serial}: it is not one of this user's ({hint}), or its clock is far off and it must be \
         resynchronised in the IAM console",
        hint = serial_hint(.serial)
    )]
    WrongDevice {
        /// `mfa_serial` as it was sent.
        serial: String,
    },
    /// The access key does not exist, is inactive, or belongs to another partition.
    #[error(
        "AWS does not know the access key {key}: it is deleted, inactive or mistyped; see its user in the IAM console"
    )]
    UnknownKey {
        /// The key id, short of its middle.
        key: String,
    },
    /// The secret does not belong to the key id.
    #[error("the secret of the access key {key} is wrong: compare aws_secret_access_key with where it was issued")]
    BadSecret {
        /// The key id, short of its middle.
        key: String,
    },
    /// A key with a character that no key has; nothing was sent.
    #[error(
        "{part} is empty, or holds a character that no key has (a blank, a control character, a letter that is not ASCII)"
    )]
    BrokenKey {
        /// The key in the file.
        part: &'static str,
    },
    /// The session that signed the call is over.
    #[error("the session of the access key {key} is over: it needs a new one first (awsenv refresh)")]
    ExpiredKeys {
        /// The key id, short of its middle.
        key: String,
    },
    /// Session keys where long-term keys are needed.
    #[error("the access key {key} belongs to a session, and a session cannot make another: long-term keys are needed")]
    SessionKeys {
        /// The key id, short of its middle.
        key: String,
    },
    /// This machine's clock differs from AWS's by more than a signature may.
    #[error("this machine's clock is {} AWS's: set it right", clock_words(*.seconds))]
    ClockOff {
        /// AWS's clock minus ours, seconds.
        seconds: i64,
    },
    /// A policy says no.
    #[error("AWS does not allow it: {text}")]
    NotAllowed {
        /// AWS's own sentence: who, what, on what.
        text: String,
    },
    /// Longer than the role, or a role assumed from a session, may have.
    #[error("AWS gives no session that long{}: {text}", asked(*.seconds))]
    TooLong {
        /// What was asked for, seconds.
        seconds: Option<u32>,
        /// AWS's own sentence.
        text: String,
    },
    /// Too many calls.
    #[error("AWS asks for fewer calls at the moment ({code}): try again in a minute")]
    Throttled {
        /// AWS's code.
        code: String,
    },
    /// STS is switched off there.
    #[error("STS is switched off for this account in {region}: choose another region, or have it activated in IAM")]
    RegionOff {
        /// The region.
        region: String,
    },
    /// Something that is not AWS's answer: a gateway's page, a redirect.
    #[error("{host}{} answered {status}, not as AWS does{}", via(.proxy), gateway_hint(*.status))]
    Gateway {
        /// The HTTP status.
        status: u16,
        /// The endpoint's host.
        host: String,
        /// The proxy on the way.
        proxy: Option<String>,
    },
    /// Anything else AWS says.
    #[error("AWS answered {code}: {message}")]
    Other {
        /// AWS's code.
        code: String,
        /// AWS's own sentence.
        message: String,
    },
    /// No answer at all.
    #[error(transparent)]
    Network(#[from] Fault),
}

/// What is known about a call that failed.
pub(super) struct Context<'a> {
    pub(super) host: &'a str,
    pub(super) proxy: Option<String>,
    pub(super) region: &'a str,
    pub(super) key: &'a str,
    pub(super) serial: Option<&'a str>,
    pub(super) duration: Option<u32>,
    /// AWS's clock minus the one that signed, seconds.
    pub(super) signed_off_by: i64,
    /// AWS's clock minus this machine's, seconds.
    pub(super) skew: i64,
}

/// More than this apart, AWS may refuse a signature; its own limit is five minutes.
pub(super) const SIGNATURE_SLACK: i64 = 240;

impl StsError {
    /// From AWS's answer; `code` is none when the answer was not in AWS's form.
    pub(super) fn from_answer(status: u16, code: Option<&str>, message: &str, about: &Context<'_>) -> Self {
        let Some(code) = code else {
            return StsError::Gateway { status, host: about.host.into(), proxy: about.proxy.clone() };
        };
        let key = || about.key.to_owned();
        let text = || if message.is_empty() { one_line(code) } else { one_line(message) };
        let says = |part: &str| message.contains(part);
        match code {
            "InvalidClientTokenId" | "UnrecognizedClientException" => StsError::UnknownKey { key: key() },
            "ExpiredToken" | "ExpiredTokenException" => StsError::ExpiredKeys { key: key() },
            _ if is_signature(code) => {
                let clock = about.signed_off_by.abs() > SIGNATURE_SLACK
                    || says("Signature expired")
                    || says("not yet current")
                    || code.starts_with("Request");
                if clock { StsError::ClockOff { seconds: about.skew } } else { StsError::BadSecret { key: key() } }
            }
            "AccessDenied" | "AccessDeniedException" => {
                if says("invalid MFA one time pass code") {
                    StsError::WrongOrUsedCode
                } else if says("unable to validate MFA code") {
                    StsError::WrongDevice { serial: one_line(about.serial.unwrap_or_default()) }
                } else if says("with session credentials") {
                    StsError::SessionKeys { key: key() }
                } else {
                    StsError::NotAllowed { text: text() }
                }
            }
            "ValidationError" if says("DurationSeconds") => StsError::TooLong { seconds: about.duration, text: text() },
            "RegionDisabledException" => StsError::RegionOff { region: about.region.into() },
            "Throttling" | "ThrottlingException" | "TooManyRequestsException" | "RequestLimitExceeded" | "SlowDown" => {
                StsError::Throttled { code: one_line(code) }
            }
            _ => StsError::Other { code: one_line(code), message: text() },
        }
    }

    /// Whether the same call may well work in a moment.
    pub(super) fn passes(&self) -> bool {
        match self {
            StsError::Throttled { .. } => true,
            StsError::Gateway { status, .. } => *status >= 500,
            StsError::Other { code, .. } => {
                matches!(code.as_str(), "ServiceUnavailable" | "InternalFailure" | "ServiceFailure")
            }
            StsError::Network(fault) => fault.passes(),
            _ => false,
        }
    }

    /// Whether a code that went with this call may be spent. AWS looks at the signature, the key and the parameters first.
    pub fn code_may_be_spent(&self) -> bool {
        match self {
            StsError::Network(fault) => fault.was_sent(),
            StsError::UnknownKey { .. }
            | StsError::BadSecret { .. }
            | StsError::BrokenKey { .. }
            | StsError::ExpiredKeys { .. }
            | StsError::SessionKeys { .. }
            | StsError::ClockOff { .. }
            | StsError::TooLong { .. }
            | StsError::Throttled { .. }
            | StsError::RegionOff { .. } => false,
            StsError::WrongOrUsedCode
            | StsError::WrongDevice { .. }
            | StsError::NotAllowed { .. }
            | StsError::Gateway { .. }
            | StsError::Other { .. } => true,
        }
    }
}

/// AWS refused the signature, so it looked at nothing else: the only answer after which a code may be sent once more.
pub(super) fn is_signature(code: &str) -> bool {
    matches!(
        code,
        "SignatureDoesNotMatch"
            | "InvalidSignatureException"
            | "RequestTimeTooSkewed"
            | "RequestExpired"
            | "RequestInTheFuture"
    )
}

fn serial_hint(serial: &str) -> &'static str {
    if serial.contains(":user/") {
        "this is a user's ARN; a device reads arn:aws:iam::ACCOUNT:mfa/NAME"
    } else if serial.contains(":u2f/") {
        "this is a security key, which gives no codes; an authenticator app is needed"
    } else {
        "compare mfa_serial with the IAM console"
    }
}

fn clock_words(seconds: i64) -> String {
    let minutes = seconds.unsigned_abs().div_ceil(60);
    match seconds {
        0 => "too far from".into(),
        1.. => format!("{minutes} min behind"),
        _ => format!("{minutes} min ahead of"),
    }
}

fn asked(seconds: Option<u32>) -> String {
    seconds.map(|s| format!(" ({} asked)", crate::time::span(i64::from(s)))).unwrap_or_default()
}

fn gateway_hint(status: u16) -> &'static str {
    match status {
        300..400 => ": a redirect, which is not followed; a sign-in page of the network may stand between",
        500.. => ": something on the way fails; try again, or look at the proxy and the endpoint",
        _ => ": something else answers there; look at the proxy and the endpoint",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(code: &str, message: &str) -> StsError {
        let about = Context {
            host: "sts.amazonaws.com",
            proxy: None,
            region: "eu-x-1",
            key: "AKIA…MPLE",
            serial: Some("arn:aws:iam::123456789012:user/taro"),
            duration: Some(43200),
            signed_off_by: 0,
            skew: -420,
        };
        StsError::from_answer(403, Some(code), message, &about)
    }

    #[test]
    fn what_aws_says_becomes_what_to_do() {
        let said = |code: &str, message: &str| error(code, message).to_string();
        let wrong = said("AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. ");
        assert!(wrong.contains("wrong or was already used"), "{wrong}");
        let device = said(
            "AccessDenied",
            "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid \
             and associated with this user.",
        );
        assert!(device.contains(":user/taro") && device.contains("mfa/NAME"), "{device}");
        assert!(said("InvalidClientTokenId", "x").contains("AKIA…MPLE"));
        assert!(said("SignatureDoesNotMatch", "The request signature we calculated").contains("aws_secret_access_key"));
        let clock = said("SignatureDoesNotMatch", "Signature expired: 20260101T000000Z is now earlier than …");
        assert!(clock.contains("7 min ahead"), "{clock}");
        assert!(
            said("AccessDenied", "Cannot call GetSessionToken with session credentials").contains("long-term keys")
        );
        let long =
            said("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
        assert!(long.contains("12h00m") && long.contains("MaxSessionDuration"), "{long}");
        assert!(said("RegionDisabledException", "x").contains("eu-x-1"));
        assert_eq!(said("Weird", "a\nb\x1b"), "AWS answered Weird: a b");
    }

    #[test]
    fn a_code_counts_as_untouched_only_where_aws_did_not_look_at_it() {
        assert!(error("AccessDenied", "invalid MFA one time pass code").code_may_be_spent());
        assert!(error("Weird", "").code_may_be_spent());
        assert!(!error("SignatureDoesNotMatch", "").code_may_be_spent());
        assert!(!error("Throttling", "Rate exceeded").code_may_be_spent());
    }
}
