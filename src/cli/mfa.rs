//! `awsenv mfa`, and the program under the name of aws-mfa.

use std::ffi::OsString;

use clap::{Args, Parser, ValueEnum};

use super::duration;

/// The flags of aws-mfa (awsmfa/__init__.py). An empty value and 0 count as not given, as there.
#[derive(Args, Default)]
#[cfg_attr(test, derive(Debug))]
pub struct MfaArgs {
    /// The MFA device [else: MFA_DEVICE, aws_mfa_device in the long-term section]
    #[arg(long, value_name = "ARN")]
    pub device: Option<String>,
    /// How long the session shall last: seconds, or 12h [else: MFA_STS_DURATION, duration_seconds; 43200, for a role 3600]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub duration: Option<u32>,
    /// The profile [else: AWS_PROFILE, default]
    #[arg(long)]
    pub profile: Option<OsString>,
    /// The long-term keys are in [PROFILE-SUFFIX], or with `none` in [PROFILE] [else: MFA_LONG_TERM_SUFFIX, long-term]
    #[arg(long, alias = "long-suffix", value_name = "SUFFIX")]
    pub long_term_suffix: Option<OsString>,
    /// The session goes to [PROFILE-SUFFIX] [else: MFA_SHORT_TERM_SUFFIX, none: to [PROFILE]]
    #[arg(long, alias = "short-suffix", value_name = "SUFFIX")]
    pub short_term_suffix: Option<OsString>,
    /// A session of this role [else: MFA_ASSUME_ROLE, assume_role in the long-term section]
    #[arg(long, alias = "assume", value_name = "ARN")]
    pub assume_role: Option<String>,
    /// The role's session is called this [else: who is logged in]
    #[arg(long, value_name = "NAME")]
    pub role_session_name: Option<String>,
    /// The external id that the role wants [else: external_id in the long-term section]
    #[arg(long, value_name = "ID")]
    pub external_id: Option<String>,
    /// A new session also where the present one is still good
    #[arg(long)]
    pub force: bool,
    /// Print nothing below this
    #[arg(long, value_enum, value_name = "LEVEL", default_value_t = LogLevel::Debug)]
    pub log_level: LogLevel,
    /// Ask for long-term keys, and write them to [PROFILE-long-term]
    #[arg(long)]
    pub setup: bool,
    /// The one-time code
    #[arg(long, alias = "mfa-token", value_name = "CODE")]
    pub token: Option<String>,
}

pub(super) const HELP: &str = concat!(
    "Example:  awsenv mfa --profile dev        awsenv mfa --duration 3600 --token 123456\n",
    "          ln -s \"$(type -P awsenv)\" ~/.local/bin/aws-mfa   (then `aws-mfa` is this, too)"
);

/// Python's levels of logging, by their names there.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq, Default)]
#[value(rename_all = "UPPER")]
pub enum LogLevel {
    Critical,
    Error,
    Warning,
    Info,
    #[default]
    Debug,
    #[value(name = "NOTSET")]
    NotSet,
}

/// The words behind the program's name where that is aws-mfa.
#[derive(Parser)]
#[cfg_attr(test, derive(Debug))]
#[command(
    name = "aws-mfa",
    bin_name = "aws-mfa",
    about = "aws-mfa, as awsenv does it",
    disable_version_flag = true,
    infer_long_args = true,
    args_override_self = true,
    max_term_width = 110,
    after_help = "Example:  aws-mfa --profile dev        aws-mfa --duration 3600 --token 123456"
)]
pub struct MfaLine {
    #[command(flatten)]
    pub args: MfaArgs,
}
