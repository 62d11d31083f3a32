//! `awsenv iam …`: what surrounds an IAM user's sessions.

use std::ffi::OsString;

use clap::{Args, Subcommand};

use super::Cli;
use crate::terminal::say;

#[derive(Args, Debug)]
pub struct IamArgs {
    /// Whose keys sign the calls [default: the profile in force]
    #[arg(long, value_name = "NAME", global = true)]
    pub profile: Option<OsString>,
    #[command(subcommand)]
    pub command: IamCommand,
}

#[derive(Subcommand, Debug)]
pub enum IamCommand {
    /// Show what a user has: password, MFA devices, access keys, ended sessions, and the account's password policy
    #[command(after_help = "Example:  awsenv iam show        awsenv iam show hanako --json")]
    Show(IamShowArgs),
    /// The password for the console
    #[command(
        after_help = "Example:  awsenv iam password create hanako --generate        awsenv iam password change\nA password comes from a hidden question, from stdin when that is no terminal, or from --generate; never from the command line."
    )]
    Password {
        #[command(subcommand)]
        command: PasswordCommand,
    },
    /// End the sessions of a user or role that were given out before now
    #[command(
        after_help = "Example:  awsenv iam revoke --user hanako        awsenv iam revoke --role deploy --before '2026-01-02 15:00'\n          awsenv iam revoke --role deploy --undo"
    )]
    Revoke(RevokeArgs),
    /// Access keys, the long-term ones
    #[command(
        after_help = "Example:  awsenv iam keys list        awsenv iam keys rotate        awsenv iam keys delete AKIA…"
    )]
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// MFA devices
    #[command(after_help = "Example:  awsenv iam mfa list        awsenv iam mfa enable        awsenv iam mfa disable")]
    Mfa {
        #[command(subcommand)]
        command: MfaCommand,
    },
}

#[derive(Args, Debug)]
pub struct IamShowArgs {
    /// A user's name [default: the caller]
    pub user: Option<String>,
    /// For programs
    #[arg(long)]
    pub json: bool,
}

#[derive(Subcommand, Debug)]
pub enum PasswordCommand {
    /// Give a user a password
    #[command(after_help = "Example:  awsenv iam password create hanako --generate | pass insert -e aws/hanako")]
    Create(PasswordNewArgs),
    /// Give a user another password
    #[command(after_help = "Example:  awsenv iam password set hanako --no-reset")]
    Set(PasswordNewArgs),
    /// Change your own password: the old one and a new one (on stdin: a line each)
    #[command(after_help = "Example:  awsenv iam password change")]
    Change,
    /// Take a user's password away; access keys and running sessions go on
    #[command(after_help = "Example:  awsenv iam password delete hanako")]
    Delete(PasswordDeleteArgs),
}

#[derive(Args, Debug)]
pub struct PasswordNewArgs {
    /// The user's name
    pub user: String,
    /// Make one that fits the account's policy, and print it alone on stdout
    #[arg(long)]
    pub generate: bool,
    /// It must be changed at the next sign-in (the default)
    #[arg(long, conflicts_with = "no_reset")]
    pub reset: bool,
    /// It may stay
    #[arg(long)]
    pub no_reset: bool,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

#[derive(Args, Debug)]
pub struct PasswordDeleteArgs {
    /// The user's name
    pub user: String,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

#[derive(Args, Debug)]
pub struct RevokeArgs {
    /// This user's [default: the caller's own]
    #[arg(long, value_name = "NAME", conflicts_with = "role")]
    pub user: Option<String>,
    /// This role's: a name, or an ARN
    #[arg(long, value_name = "NAME")]
    pub role: Option<String>,
    /// Those given out before this time [default: now]: `2026-01-02 15:00` (local), RFC 3339, or 2h (ago)
    #[arg(long, value_name = "TIME", conflicts_with_all = ["show", "undo"])]
    pub before: Option<String>,
    /// Print the policy that ends sessions, as it is now
    #[arg(long, conflicts_with = "undo")]
    pub show: bool,
    /// Take that policy away: sessions that it ended and that are not over work again
    #[arg(long)]
    pub undo: bool,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

#[derive(Subcommand, Debug)]
pub enum KeysCommand {
    /// List a user's access keys with age and last use
    #[command(after_help = "Example:  awsenv iam keys list        awsenv iam keys list --user hanako --json")]
    List(KeyListArgs),
    /// Make a new key, put it wherever the old one stands in the AWS files, and disable the old one
    #[command(after_help = "Example:  awsenv iam keys rotate        awsenv iam --profile dev keys rotate")]
    Rotate(KeyRotateArgs),
    /// Make a key useless, until it is enabled again in the console
    #[command(after_help = "Example:  awsenv iam keys disable AKIAIOSFODNN7EXAMPLE")]
    Disable(KeyArgs),
    /// Delete a key for good
    #[command(after_help = "Example:  awsenv iam keys delete AKIAIOSFODNN7EXAMPLE")]
    Delete(KeyArgs),
}

#[derive(Args, Debug)]
pub struct KeyListArgs {
    /// This user's [default: the caller's]
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
    /// For programs
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Debug)]
pub struct KeyRotateArgs {
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

#[derive(Args, Debug)]
pub struct KeyArgs {
    /// The key's id [default: the only one that stands in no AWS file]
    pub key_id: Option<String>,
    /// This user's [default: the caller's]
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

#[derive(Subcommand, Debug)]
pub enum MfaCommand {
    /// List a user's MFA devices
    #[command(after_help = "Example:  awsenv iam mfa list        awsenv iam mfa list --user hanako --json")]
    List(KeyListArgs),
    /// Enrol an authenticator app: a QR code, then two codes
    #[command(after_help = "Example:  awsenv iam mfa enable        awsenv iam mfa enable --name taro-phone --text")]
    Enable(MfaEnableArgs),
    /// Take an MFA device from a user
    #[command(
        after_help = "Example:  awsenv iam mfa disable        awsenv iam mfa disable arn:aws:iam::123456789012:mfa/taro"
    )]
    Disable(MfaDisableArgs),
}

#[derive(Args, Debug)]
pub struct MfaEnableArgs {
    /// The device's name [default: the user's name]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Show the secret as text, too, to be typed into an app
    #[arg(long)]
    pub text: bool,
}

#[derive(Args, Debug)]
pub struct MfaDisableArgs {
    /// The device's serial number (ARN) [default: the only one]
    pub serial: Option<String>,
    /// This user's [default: the caller's]
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// Ends the program for a command line that clap refuses. One about passwords is not repeated, as clap would: there is a
/// password in it when somebody took passwords for arguments.
pub fn refuse(words: &[OsString], error: clap::Error) -> Cli {
    let has = |wanted: &str| words.iter().any(|word| word == wanted);
    let not_repeated = if has("iam") && has("password") {
        "there may be a password in it: passwords come from a hidden question, from stdin, or from --generate: \
         awsenv iam password --help"
    } else if words.first().is_some_and(|word| word == "keyring") {
        "there may be a secret in it: secrets come from the file, from --from-env, a hidden question or stdin: \
         awsenv keyring store --help"
    } else {
        error.exit()
    };
    use clap::error::ErrorKind::{
        ArgumentConflict, DisplayHelpOnMissingArgumentOrSubcommand, MissingRequiredArgument, MissingSubcommand,
    };
    // These say what is missing, and nothing of what is there.
    let harmless =
        [ArgumentConflict, DisplayHelpOnMissingArgumentOrSubcommand, MissingRequiredArgument, MissingSubcommand];
    if !error.use_stderr() || harmless.contains(&error.kind()) {
        error.exit();
    }
    say(format!("this command line makes no sense, and is not repeated, for {not_repeated}"));
    std::process::exit(2);
}
