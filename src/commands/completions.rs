//! `awsenv completions SHELL`: clap's script. The hook adds the profiles' names.

use clap::{Command, CommandFactory};

use super::print;
use crate::cli::Cli;
use crate::error::{Error, Result};
use crate::shell::Shell;

pub fn run(shell: Shell) -> Result<()> {
    match script(shell) {
        Some(script) => print(&script),
        None if shell == Shell::Clink => Err(Error::usage("the hook of `awsenv init clink` completes by itself")),
        None => Err(Error::usage("cmd has no completion of its own").next("Clink has: awsenv init clink")),
    }
}

/// The script, as it is also kept under `completions/`. `None`: this shell has no scripts for that.
pub fn script(shell: Shell) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let generator = match shell {
        Shell::Bash => clap_complete::Shell::Bash,
        Shell::Zsh => clap_complete::Shell::Zsh,
        Shell::Fish => clap_complete::Shell::Fish,
        Shell::Cmd | Shell::Clink => return None,
    };
    clap_complete::generate(generator, &mut typed(&Cli::command()), "awsenv", &mut out);
    Some(out)
}

/// The commands and arguments that a person types: clap_complete offers hidden ones too.
fn typed(all: &Command) -> Command {
    // clap keeps names for ever; the process ends with this script.
    let mut command = Command::new(&*all.get_name().to_owned().leak()).disable_help_subcommand(true);
    command = command.about(all.get_about().cloned().unwrap_or_default());
    if all.get_version().is_some() {
        command = command.version(env!("CARGO_PKG_VERSION"));
    }
    let arguments = all.get_arguments().filter(|a| !a.is_hide_set()).cloned();
    let commands = all.get_subcommands().filter(|c| !c.is_hide_set()).map(typed);
    command.args(arguments).subcommands(commands)
}
