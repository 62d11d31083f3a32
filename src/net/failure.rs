//! A call that came to nothing.

use std::fmt;

use super::transport::MayBeFault;
use super::{Fault, StsError};
use crate::error::Error;

/// A call without result, and what is known nevertheless.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What happened.
    pub error: StsError,
    /// AWS's clock minus ours, seconds; none when nothing answered.
    pub skew: Option<i64>,
    /// AWS's own words, where it was AWS that said no.
    pub said: Option<Box<Said>>,
}

/// AWS's code and sentence, as boto3 shows them: without what could steer a terminal, and without what was secret in the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// `AccessDenied`
    pub code: String,
    /// `MultiFactorAuthentication failed with invalid MFA one time pass code. `
    pub message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for Failure {}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Failure { error: fault.into(), skew: None, said: None }
    }
}

impl MayBeFault for Failure {
    fn fault(&self) -> Option<&Fault> {
        match &self.error {
            StsError::Network(fault) => Some(fault),
            _ => None,
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Error::failed(failure.error.to_string())
    }
}

impl From<StsError> for Error {
    fn from(error: StsError) -> Self {
        Error::failed(error.to_string())
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Error::failed(fault.to_string())
    }
}
