//! What the hooks call, in words that no person types.

use std::ffi::OsString;

use clap::{Args, Parser};

use super::UseArgs;
use crate::shell::Shell;

#[derive(Args)]
#[cfg_attr(test, derive(Debug))]
pub struct GuardArgs {
    pub shell: Shell,
    pub protocol: u32,
    /// The interactive shell's process id
    pub pid: u32,
    /// The number of its prompt
    pub line: u64,
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub command: Vec<OsString>,
}

#[derive(Args, Clone)]
#[cfg_attr(test, derive(Debug))]
pub struct SwitchArgs {
    pub shell: Shell,
    pub protocol: u32,
    /// 1 while a typed line runs
    pub typed: u8,
    /// The profile before
    #[arg(allow_hyphen_values = true)]
    pub previous: OsString,
    /// The profile that `use` chose last
    #[arg(allow_hyphen_values = true)]
    pub current: OsString,
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub args: Vec<OsString>,
}

/// The words behind `awsenv use`, as the hook hands them on.
#[derive(Parser)]
#[cfg_attr(test, derive(Debug))]
#[command(
    name = "awsenv use",
    bin_name = "awsenv use",
    about = "Switch this shell to a profile",
    disable_version_flag = true
)]
#[command(after_help = "Example:  awsenv use dev        awsenv use -        awsenv use --region eu-west-1")]
pub struct UseLine {
    #[command(flatten)]
    pub args: UseArgs,
}
