//! Other tools read what awsenv wrote, and awsenv what they wrote: the AWS CLI v1 and v2, boto3, aws-mfa.
//!
//! The Python ones come from the virtual environment that AWSENV_TEST_VENV names (`pip install aws-mfa boto3 awscli`); the
//! AWS CLI v2 is `aws` on the PATH, or what AWSENV_TEST_AWS_V2 names.
#![cfg(unix)]

mod desk;
mod login;
mod proxies;
mod reading;
mod shell;
mod sso;
