//! `awsenv sso …`: what a person may use through IAM Identity Center, and profiles made from it.

use std::ffi::OsString;

use clap::{Args, Subcommand};

#[derive(Subcommand, Debug)]
pub enum SsoCommand {
    /// List the accounts that you may use
    #[command(after_help = "Example:  awsenv sso accounts        awsenv sso accounts --session corp --json")]
    Accounts(SsoAccountsArgs),
    /// List the roles that you may use, in one account or in all
    #[command(
        after_help = "Example:  awsenv sso roles        awsenv sso roles 111122223333        awsenv sso roles Sandbox"
    )]
    Roles(SsoRolesArgs),
    /// Make a profile of each role that you may use; without --write only show them
    #[command(
        after_help = "Example:  awsenv sso profiles        awsenv sso profiles --write --template '{account}-{role}'\n          awsenv sso profiles --adopt        (takes over the profiles that granted wrote)"
    )]
    Profiles(SsoProfilesArgs),
}

/// Which sign-in a command is about.
#[derive(Args, Debug, Default)]
pub struct SsoWhich {
    /// The [sso-session NAME] [default: that of the profile in force, else the only one]
    #[arg(long, value_name = "NAME", conflicts_with = "profile")]
    pub session: Option<OsString>,
    /// The sign-in of this profile
    #[arg(long, value_name = "NAME")]
    pub profile: Option<OsString>,
}

#[derive(Args, Debug)]
pub struct SsoAccountsArgs {
    #[command(flatten)]
    pub which: SsoWhich,
    /// For programs
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Debug)]
pub struct SsoRolesArgs {
    /// An account's number or name [default: all accounts]
    pub account: Option<String>,
    #[command(flatten)]
    pub which: SsoWhich,
    /// For programs
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Debug)]
pub struct SsoProfilesArgs {
    /// Write them into the AWS config file, after showing the difference
    #[arg(long)]
    pub write: bool,
    /// How they are named: `{account}`, `{account_id}`, `{role}` and what stands between them
    #[arg(long, value_name = "TEMPLATE", default_value = "{account}-{role}")]
    pub template: String,
    /// The region that new profiles get [default: none]
    #[arg(long, value_name = "R")]
    pub region: Option<String>,
    /// Turn profiles that granted wrote into ones that need no granted, under the same names
    #[arg(long, conflicts_with_all = ["write", "template", "region", "session", "profile"])]
    pub adopt: bool,
    #[command(flatten)]
    pub which: SsoWhich,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}
