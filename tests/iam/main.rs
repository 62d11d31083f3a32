//! `awsenv iam …` as a person and a script see it, against an IAM that refuses what AWS's refuses.
#![allow(clippy::unwrap_used, reason = "a test may end here")]
#![cfg(unix)]

mod denied;
mod desk;
mod keys;
mod kills;
mod mfa;
mod ministack;
mod network;
mod password;
mod revoke;
mod secrets;
mod show;
mod typed;
