//! What IAM can say, as sentences for a person. Codes and texts: the IAM API reference and botocore's model of 2010-05-08.

use super::sts_error::Context;
use super::transport::MayBeFault;
use super::{Fault, StsError, one_line};
use crate::error::Error;

/// Why a call came to nothing. One line each, never a secret; text from the server is cleaned and short.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IamError {
    /// The permission for the call is missing, or a policy takes it away.
    #[error("AWS does not allow it: {} ({text}){}", denied(.action, .text), if_ended(*.session, .text))]
    Denied {
        /// `DeleteLoginProfile`.
        action: &'static str,
        /// AWS's own sentence: who, what, on what.
        text: String,
        /// A session asked, which may be one that `awsenv iam revoke` has ended.
        session: bool,
    },
    /// IAM answers so to the session of a user that was made without a code, and to keys that are no more.
    #[error(
        "IAM refuses the session of the access key {key}: it was made without an MFA code, which IAM wants from a user's session, or its key was taken away"
    )]
    WithoutMfa {
        /// The key id, short of its middle.
        key: String,
    },
    /// There is no such user, role, key, device, policy or password.
    #[error("{text}")]
    NoSuchEntity {
        /// AWS's own sentence.
        text: String,
    },
    /// There is one already.
    #[error("there is one already: {text}")]
    AlreadyThere {
        /// AWS's own sentence.
        text: String,
    },
    /// The password breaks the account's policy, or is one that was used before.
    #[error("AWS refuses the password: {text}")]
    WeakPassword {
        /// AWS's own sentence.
        text: String,
    },
    /// A quota is reached.
    #[error("AWS allows no more: {text}")]
    LimitExceeded {
        /// AWS's own sentence.
        text: String,
    },
    /// Somebody else changes the same thing, or it was made a moment ago.
    #[error("AWS is still busy with an earlier change of the same thing: try again in a minute ({text})")]
    Busy {
        /// AWS's own sentence.
        text: String,
    },
    /// The two codes are not two that follow each other on this device.
    #[error("AWS refused the codes: they must be two that the device shows one after the other, and not used before")]
    WrongCodes,
    /// The old password is wrong, or this caller has none to change.
    #[error("AWS refuses to change the password: {text}")]
    NotYours {
        /// AWS's own sentence.
        text: String,
    },
    /// Everything that any service may say: keys, clock, throttling, the way there.
    #[error(transparent)]
    Common(#[from] StsError),
}

impl IamError {
    /// From IAM's answer; `code` is none when the answer was not in AWS's form.
    pub(super) fn from_answer(
        action: &'static str,
        session: bool,
        status: u16,
        code: Option<&str>,
        message: &str,
        about: &Context<'_>,
    ) -> Self {
        let text = || if message.is_empty() { one_line(code.unwrap_or_default()) } else { one_line(message) };
        match code.unwrap_or_default() {
            // The old password is wrong.
            "AccessDenied" if action == "ChangePassword" && !message.contains("not authorized to perform") => {
                IamError::NotYours { text: text() }
            }
            "AccessDenied" | "AccessDeniedException" => IamError::Denied { action, text: text(), session },
            "InvalidClientTokenId" if session => IamError::WithoutMfa { key: about.key.to_owned() },
            "NoSuchEntity" => IamError::NoSuchEntity { text: text() },
            "EntityAlreadyExists" => IamError::AlreadyThere { text: text() },
            "PasswordPolicyViolation" => IamError::WeakPassword { text: text() },
            "LimitExceeded" => IamError::LimitExceeded { text: text() },
            "EntityTemporarilyUnmodifiable" | "ConcurrentModification" => IamError::Busy { text: text() },
            "InvalidAuthenticationCode" => IamError::WrongCodes,
            "InvalidUserType" => IamError::NotYours { text: text() },
            _ => StsError::from_answer(status, code, message, about).into(),
        }
    }

    /// Whether the same call may work in a moment, and has done nothing yet.
    pub(super) fn was_put_off(&self) -> bool {
        matches!(self, IamError::Common(StsError::Throttled { .. }))
    }

    /// Whether a call that changes nothing may be made again.
    pub(super) fn passes(&self) -> bool {
        matches!(self, IamError::Common(error) if error.passes())
    }

    /// Whether the call may have been carried out though no answer came.
    pub fn may_be_done(&self) -> bool {
        match self {
            IamError::Common(StsError::Network(fault)) => fault.was_sent(),
            IamError::Common(StsError::Gateway { .. }) => true,
            // What AWS refuses in its own words it has not done; what broke in it, nobody knows.
            IamError::Common(StsError::Other { code, .. }) => {
                matches!(code.as_str(), "ServiceFailure" | "InternalFailure" | "ServiceUnavailable")
            }
            _ => false,
        }
    }

    /// Why a look-up was denied, in short, and the permission for it; `None` for every other error.
    pub fn missing(&self) -> Option<(String, String)> {
        match self {
            IamError::Denied { action, text, .. } => Some((denied(action, text), format!("iam:{action}"))),
            _ => None,
        }
    }

    /// Whether the user is there and has no console password. (AWS has one code for "no user" and "no password", and "Login
    /// Profile for User NAME cannot be found." for the latter.)
    pub fn is_without_password(&self) -> bool {
        matches!(self, IamError::NoSuchEntity { text } if text.to_ascii_lowercase().contains("login profile"))
    }

    /// Whether what was asked about does not exist.
    pub fn is_absent(&self) -> bool {
        matches!(self, IamError::NoSuchEntity { .. })
    }
}

/// `the permission iam:GetUser is missing`, or that a policy takes it away.
fn denied(action: &str, text: &str) -> String {
    if is_explicit(text) {
        format!("a policy denies iam:{action}")
    } else {
        format!("the permission iam:{action} is missing")
    }
}

fn is_explicit(text: &str) -> bool {
    text.contains("explicit deny")
}

fn if_ended(session: bool, text: &str) -> &'static str {
    if session && is_explicit(text) { "; if this session was ended: awsenv refresh --force gets a new one" } else { "" }
}

impl MayBeFault for IamError {
    fn fault(&self) -> Option<&Fault> {
        match self {
            IamError::Common(StsError::Network(fault)) => Some(fault),
            _ => None,
        }
    }
}

impl From<Fault> for IamError {
    fn from(fault: Fault) -> Self {
        IamError::Common(fault.into())
    }
}

impl From<IamError> for Error {
    fn from(error: IamError) -> Self {
        Error::failed(error.to_string())
    }
}
