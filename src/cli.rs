//! The command line. Completions are made from it, so it is here alone, without what the commands do. What may hold a code or
//! a person's own words has
//! no `Debug` outside its own tests.

pub mod exact;
mod hooks;
mod iam;
mod keyring;
mod mfa;
mod sso;

use std::ffi::OsString;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::session::console::ServiceName;
use crate::shell::Shell;

pub use hooks::{GuardArgs, SwitchArgs, UseLine};
pub use iam::{
    IamArgs, IamCommand, IamShowArgs, KeyArgs, KeyListArgs, KeyRotateArgs, KeysCommand, MfaCommand, MfaDisableArgs,
    MfaEnableArgs, PasswordCommand, PasswordDeleteArgs, PasswordNewArgs, RevokeArgs, refuse,
};
use keyring::HELP as KEYRING_HELP;
pub use keyring::{KeyringCommand, KeyringRestoreArgs, KeyringStoreArgs, KeyringWhich};
use mfa::HELP as MFA_HELP;
pub use mfa::{LogLevel, MfaArgs, MfaLine};
pub use sso::{SsoAccountsArgs, SsoCommand, SsoProfilesArgs, SsoRolesArgs, SsoWhich};

/// AWS profiles, sessions and one-time codes for your shell.
#[derive(Parser)]
#[cfg_attr(test, derive(Debug))]
#[command(name = "awsenv", version, about, disable_help_subcommand = true, max_term_width = 110)]
#[command(
    after_help = "Start with:  eval \"$(awsenv init bash)\"   (zsh, fish, nushell, PowerShell: awsenv init --help)\nThen:        awsenv use dev"
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
#[cfg_attr(test, derive(Debug))]
pub enum Command {
    /// Switch this shell to a profile
    #[command(after_help = "Example:  awsenv use dev        awsenv use -        awsenv use --region eu-west-1")]
    Use(UseArgs),
    /// Take back what `use` changed in this shell
    #[command(after_help = "Example:  awsenv leave")]
    Leave {
        #[arg(hide = true, requires = "protocol")]
        shell: Option<Shell>,
        #[arg(hide = true)]
        protocol: Option<u32>,
    },
    /// Get a new session for a profile
    #[command(
        alias = "login",
        after_help = "Example:  awsenv refresh dev        awsenv refresh dev 123456 --duration 8h"
    )]
    Refresh(RefreshArgs),
    /// End a profile's session and remove its keys from this machine
    #[command(after_help = "Example:  awsenv logout dev        awsenv logout --all")]
    Logout(LogoutArgs),
    /// Show the profile in force: kind, state, end, account, region, proxy, conflicts
    #[command(
        after_help = "Example:  awsenv status        awsenv status prod --json        awsenv status --min 15m && make deploy"
    )]
    Status(StatusArgs),
    /// List all profiles with kind, state and time left
    #[command(after_help = "Example:  awsenv list        awsenv list --json | jq -r '.[].profile'")]
    List(JsonArgs),
    /// Run a command with a profile's session, signing in first if needed
    #[command(
        after_help = "Example:  awsenv exec prod -- terraform plan        awsenv exec --renew dev -- ./long-job.py"
    )]
    Exec(ExecArgs),
    /// Open the AWS console in the browser
    #[command(after_help = "Example:  awsenv console prod --service s3        awsenv console prod --print")]
    Console(ConsoleArgs),
    /// Print a profile's session for programs or shells
    #[command(
        after_help = "Example:  docker run --env-file <(awsenv export dev) image        eval \"$(awsenv export dev --format bash)\"\n          for /f \"delims=\" %i in ('awsenv export dev --format cmd') do @%i"
    )]
    Export(ExportArgs),
    /// Print a profile's keys as `credential_process` JSON
    #[command(after_help = "Example:  credential_process = /usr/local/bin/awsenv credentials dev   (in ~/.aws/config)")]
    Credentials(CredentialsArgs),
    /// What aws-mfa does: its flags, questions, lines and keys
    #[command(infer_long_args = true, args_override_self = true, after_help = MFA_HELP)]
    Mfa(MfaArgs),
    /// Print the prompt segment as plain text
    #[command(
        after_help = "Example:  PS1='$(awsenv prompt) \\$ '   (the hook of `awsenv init` does this without starting anything)"
    )]
    Prompt,
    /// Accounts, roles and profiles of IAM Identity Center
    #[command(
        after_help = "Example:  awsenv sso accounts        awsenv sso roles Sandbox        awsenv sso profiles --write"
    )]
    Sso {
        #[command(subcommand)]
        command: SsoCommand,
    },
    /// IAM users: passwords, access keys, MFA devices, ending sessions
    #[command(
        after_help = "Example:  awsenv iam show        awsenv iam keys rotate        awsenv iam revoke --user hanako"
    )]
    Iam(IamArgs),
    /// Long-term keys and proxy passwords in the system's keyring instead of a file
    #[command(after_help = KEYRING_HELP)]
    Keyring {
        #[command(subcommand)]
        command: KeyringCommand,
    },
    /// Lead through everything a profile needs: keys, MFA device, proxy, hook, first session
    ///
    /// It asks, step by step, and so needs a terminal, but for `--shell SHELL --yes`. Without PROFILE the first question is how
    /// you sign in: `k` by keys, `i` by IAM Identity Center, `h` not at all: only the hook.
    #[command(
        after_help = "Example:  awsenv setup        awsenv setup dev        awsenv setup --shell bash        awsenv setup --sso https://corp.awsapps.com/start"
    )]
    Setup(SetupArgs),
    /// Find what is wrong, and say how to mend it
    #[command(after_help = "Example:  awsenv doctor")]
    Doctor(JsonArgs),
    /// Print the hook for a shell
    #[command(
        after_help = "Example:  eval \"$(awsenv init bash)\"          in ~/.bashrc\n          eval \"$(awsenv init zsh)\"           in ~/.zshrc\n          awsenv init fish | source           in ~/.config/fish/config.fish\n          nushell, in config.nu (awsenv setup --shell nushell adds it):\n            mkdir ($nu.data-dir | path join vendor/autoload)\n            awsenv init nushell | save --force ($nu.data-dir | path join vendor/autoload/awsenv.nu)\n          awsenv init powershell | Out-String | Invoke-Expression           in $PROFILE\n          awsenv init cmd > \"%LOCALAPPDATA%\\awsenv.cmd\"     and `cmd /k` with that file in a shortcut, or it in AutoRun\n          load(io.popen('awsenv init clink'):read('*a'))()           in %LOCALAPPDATA%\\clink\\awsenv.lua"
    )]
    Init(InitArgs),
    /// Take the hook out of this shell
    #[command(after_help = "Example:  awsenv off")]
    Off,
    /// Print a shell's completions
    #[command(after_help = "Example:  awsenv completions zsh > _awsenv")]
    Completions { shell: Shell },
    /// awsenv's own settings file
    #[command(after_help = "Example:  $EDITOR \"$(awsenv config path)\"")]
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// For the hooks
    #[command(hide = true)]
    Hook {
        shell: Shell,
        protocol: u32,
        /// The answer begins with the part of the hook for the first prompt
        #[arg(value_parser = ["first"])]
        first: Option<String>,
    },
    /// For the hooks
    #[command(hide = true)]
    Guard(GuardArgs),
    /// For the hooks
    #[command(hide = true)]
    Switch(SwitchArgs),
    /// For the hooks
    #[command(hide = true)]
    Names {
        /// As a list of this shell's, instead of lines
        shell: Option<Shell>,
    },
}

#[derive(Subcommand, Debug)]
pub enum ConfigCommand {
    /// Print where the settings file is
    Path,
}

#[derive(Args, Default)]
#[cfg_attr(test, derive(Debug))]
pub struct UseArgs {
    /// A profile's name, or `-` for the one before; without one you pick
    pub profile: Option<OsString>,
    /// The one-time code, when the session is over
    pub code: Option<String>,
    /// Export this region too; alone it keeps the profile
    #[arg(long, value_name = "R")]
    pub region: Option<String>,
}

#[derive(Args)]
#[cfg_attr(test, derive(Debug))]
pub struct RefreshArgs {
    /// A profile's name [default: the profile in force]
    pub profile: Option<OsString>,
    /// The one-time code
    pub code: Option<String>,
    /// The one-time code
    #[arg(long, value_name = "CODE", conflicts_with = "code")]
    pub token: Option<String>,
    /// How long the session shall last: 12h, 90m, or seconds
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub duration: Option<u32>,
    /// A new session also where the present one is still good
    #[arg(long)]
    pub force: bool,
    /// For IAM Identity Center: show a link and a code instead of opening a browser
    #[arg(long)]
    pub device_code: bool,
}

#[derive(Args, Debug)]
pub struct LogoutArgs {
    /// A profile's name [default: the profile in force]
    pub profile: Option<OsString>,
    /// Every profile's session
    #[arg(long, conflicts_with = "profile")]
    pub all: bool,
}

#[derive(Args, Debug)]
pub struct StatusArgs {
    /// A profile's name [default: the profile in force]
    pub profile: Option<OsString>,
    /// For programs
    #[arg(long)]
    pub json: bool,
    /// Exit code 3 when less than this is left
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub min: Option<u32>,
}

#[derive(Args, Debug)]
pub struct JsonArgs {
    /// For programs
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
#[cfg_attr(test, derive(Debug))]
pub struct ExecArgs {
    /// Give the command a profile whose keys renew, instead of keys
    #[arg(long)]
    pub renew: bool,
    /// A profile's name
    pub profile: OsString,
    /// The command [default: your shell]
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "CMD")]
    pub command: Vec<OsString>,
}

#[derive(Args, Debug)]
pub struct ConsoleArgs {
    /// A profile's name [default: the profile in force]
    pub profile: Option<OsString>,
    /// The page of a service: such as s3, ec2, iam or cloudwatch
    #[arg(long, value_name = "S")]
    pub service: Option<ServiceName>,
    /// Print the link instead of opening it; whoever has it is in
    #[arg(long)]
    pub print: bool,
}

#[derive(Args, Debug)]
pub struct ExportArgs {
    /// A profile's name [default: the profile in force]
    pub profile: Option<OsString>,
    /// The form of the lines
    #[arg(long, value_enum, default_value_t = ExportFormat::Env)]
    pub format: ExportFormat,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// `NAME=value` as it is, for docker's `--env-file`
    Env,
    Bash,
    Zsh,
    Fish,
    #[value(name = "powershell")]
    PowerShell,
    /// A record: `awsenv export dev --format nushell | from nuon | load-env`
    #[value(alias = "nu")]
    Nushell,
    /// Lines for the for /f of cmd
    Cmd,
}

#[derive(Args, Debug)]
pub struct CredentialsArgs {
    /// Never ask, not even on the terminal
    #[arg(long)]
    pub no_ask: bool,
    /// The profile's long-term key out of the system's keyring, not a session
    #[arg(long)]
    pub long_term: bool,
    /// A profile's name
    pub profile: OsString,
}

#[derive(Args, Debug)]
pub struct SetupArgs {
    /// Alone: only add the hook to this shell's start file; with PROFILE: the shell to add it to
    #[arg(long, value_name = "SHELL")]
    pub shell: Option<Shell>,
    /// Sign in at this start URL of IAM Identity Center and write a profile of a role there
    #[arg(long, value_name = "START_URL", conflicts_with = "shell")]
    pub sso: Option<String>,
    /// The region of the start URL, as its portal shows it beside an account's access keys
    #[arg(long, value_name = "R", requires = "sso")]
    pub sso_region: Option<String>,
    /// The profile's name, new or there already; without one you are asked [with --sso: account and role]
    pub profile: Option<OsString>,
    /// Write what is shown without asking; what else is to be chosen is asked all the same
    #[arg(long)]
    pub yes: bool,
}

#[derive(Args, Debug)]
pub struct InitArgs {
    pub shell: Shell,
    /// Leave the prompt alone (AWSENV_PROMPT is still published)
    #[arg(long)]
    pub no_prompt: bool,
    /// Do not watch commands
    #[arg(long)]
    pub no_guard: bool,
    /// Switch to this profile when the shell starts with none
    #[arg(long = "use", value_name = "PROFILE")]
    pub use_profile: Option<OsString>,
    /// For the hooks: what is loaded later
    #[arg(long, hide = true, value_name = "PART")]
    pub part: Vec<Part>,
}

/// The parts of a hook that a shell loads only when it needs them.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What a prompt and the guard need
    FirstPrompt,
    /// `use`, `leave`, `off`, completion, the guard's question
    FirstUse,
}

fn duration(text: &str) -> Result<u32, String> {
    crate::settings::parse_duration(text).ok_or_else(|| "a length of time is 90 (seconds), 15m or 12h".into())
}
