//! One file per command: read, decide, present.

mod cmd;
pub mod completions;
mod consent;
mod console;
mod credentials;
mod diff;
mod doctor;
mod exec;
mod export;
mod guard;
mod hook;
mod iam;
mod init;
mod keyring;
mod leave;
mod list;
mod login;
mod logout;
mod long_term_key;
mod mfa;
mod outfit;
mod own_process;
mod pick;
mod piped;
mod powershell;
mod prompt;
mod readers;
mod refresh;
mod report;
mod setup;
mod sibling;
mod sign_in;
mod sso;
mod status;
mod switch;

use std::ffi::OsStr;
use std::io::Write;

use crate::cli::{Cli, Command, ConfigCommand};
use crate::error::{Error, Result};
use crate::host::Host;
use crate::profile::{Files, ProfileName};
use crate::session::InForce;
use crate::settings::Settings;
use crate::shell::{Shell, start_file};

/// The version of the private protocol between the hooks and the binary.
pub const PROTOCOL: u32 = 1;

/// What almost every command begins with.
pub struct Desk {
    pub host: Host,
    pub settings: Settings,
    pub files: Files,
}

impl Desk {
    /// Reads settings and AWS files.
    ///
    /// # Errors
    /// Names the file and line of what cannot be read.
    pub fn open(host: Host) -> Result<Self> {
        let settings = Settings::load(&host)?;
        let files = Files::read(&host)?;
        Ok(Desk { host, settings, files })
    }

    /// The profile that a command is about: the one named (or the one it is the sibling of), else the one in force by its
    /// name; raw keys in the environment are no profile.
    pub fn profile_name(&self, named: Option<&OsStr>) -> ProfileName {
        match named {
            Some(name) => self.files.behind_sibling(&ProfileName::from(name)),
            None => InForce::by_name(&self.host, &self.files).name().unwrap_or_else(ProfileName::default_profile),
        }
    }
}

/// Runs the command.
///
/// # Errors
/// One line for a person, and the exit code.
pub fn run(cli: Cli, host: Host) -> Result<()> {
    match cli.command {
        Command::Init(args) => init::run(&args, &host),
        Command::Hook { shell, protocol, first } => hook::run(shell, protocol, first.is_some(), host),
        Command::Mfa(args) => mfa::run(&args, host),
        Command::Prompt => prompt::run(host),
        Command::Status(args) => status::run(&args, host),
        Command::List(args) => list::run(&args, host),
        Command::Leave { shell, protocol } => with_code(shell, leave::run(shell.zip(protocol), &host)),
        Command::Names { shell } => list::names(shell, host),
        Command::Completions { shell } => completions::run(shell),
        Command::Config { command: ConfigCommand::Path } => {
            print(format!("{}\n", Settings::locate(&host).0.display()).as_bytes())
        }
        Command::Use(_) => Err(hook_missing(&host, "use", "changes the shell through its hook")),
        Command::Off => Err(hook_missing(&host, "off", "takes the hook out of a shell that has it")),
        Command::Refresh(args) => refresh::run(&args, host),
        Command::Logout(args) => logout::run(&args, host),
        Command::Exec(args) => exec::run(&args, host),
        Command::Console(args) => console::run(&args, host),
        Command::Export(args) => export::run(&args, host),
        Command::Credentials(args) => credentials::run(&args, host),
        Command::Iam(args) => iam::run(&args, host),
        Command::Keyring { command } => keyring::run(&command, host),
        Command::Sso { command } => sso::run(&command, host),
        Command::Setup(args) => setup::run(&args, host),
        Command::Doctor(args) => doctor::run(&args, host),
        Command::Guard(args) => with_code(Some(args.shell), guard::run(&args, host)),
        Command::Switch(args) => with_code(Some(args.shell), switch::run(args, host)),
    }
}

/// Clink's hook reads exit codes in the answer: Clink promises none of a program that it reads from.
fn with_code(shell: Option<Shell>, result: Result<()>) -> Result<()> {
    if shell == Some(Shell::Clink) {
        let code = result.as_ref().map_or_else(|error| error.kind().exit_code(), |()| 0);
        print(&Shell::Clink.assign("__awsenv_code", code.to_string().as_bytes()))?;
    }
    result
}

/// Writes what programs read to stdout; a reader that went away is no error.
///
/// # Errors
/// Says why it could not be written (a full disk).
pub fn print(bytes: &[u8]) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(Error::failed(format!("stdout: {e}"))),
        _ => Ok(()),
    }
}

/// For the commands that only the hook's function can carry out.
pub fn hook_missing(host: &Host, command: &str, what: &str) -> Error {
    Error::failed(format!("`awsenv {command}` {what}, and this shell has not loaded it")).next(format!(
        "{} (awsenv init --help shows each shell's line)",
        start_file::line(start_file::login_shell(host))
    ))
}

/// Refuses a hook of another version.
pub fn check_protocol(protocol: u32) -> Result<()> {
    if protocol == PROTOCOL {
        return Ok(());
    }
    Err(Error::failed("awsenv was updated after this shell started").next("start a new shell, or load the hook again"))
}
