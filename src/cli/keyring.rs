//! `awsenv keyring …`: secrets in the system's keyring instead of a file.

use std::ffi::OsString;

use clap::{Args, Subcommand};

/// gnome-keyring's own way without a desktop: it takes all of stdin for the password, the newline of Enter too, and hides
/// nothing that is typed there.
pub const HELP: &str = "Example:  awsenv keyring store dev        awsenv keyring restore dev\n\nA locked gnome-keyring without a desktop (SSH) opens so, in bash and zsh; type its password and Enter:\n  read -rs P; printf %s \"$P\" | gnome-keyring-daemon --replace --unlock; unset P";

#[derive(Subcommand, Debug)]
pub enum KeyringCommand {
    /// Move a profile's long-term key, or a proxy's password, from its file into the keyring; where the file has none, ask
    #[command(
        after_help = "Example:  awsenv keyring store dev        awsenv keyring store --proxy corp\n          aws-vault exec --no-session dev -- awsenv keyring store dev --from-env\nA secret comes from the file, from --from-env, from a hidden question, or from stdin when that is no terminal (a line with\nthe key's id, one with its secret; for a proxy the password); never from the command line."
    )]
    Store(KeyringStoreArgs),
    /// Move it back into the file, in plain text
    #[command(after_help = "Example:  awsenv keyring restore dev        awsenv keyring restore --proxy corp")]
    Restore(KeyringRestoreArgs),
}

/// What a command of the keyring is about.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub struct KeyringWhich {
    /// A profile's name
    pub profile: Option<OsString>,
    /// The password of [proxy NAME] in the settings
    #[arg(long, value_name = "NAME")]
    pub proxy: Option<String>,
}

#[derive(Args, Debug)]
pub struct KeyringStoreArgs {
    #[command(flatten)]
    pub which: KeyringWhich,
    /// Take it from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; for a proxy from the address in HTTPS_PROXY
    #[arg(long)]
    pub from_env: bool,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

#[derive(Args, Debug)]
pub struct KeyringRestoreArgs {
    #[command(flatten)]
    pub which: KeyringWhich,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}
