//! `awsenv completions SHELL`: clap's script. The hook adds the profiles' names.

use clap::{Command, CommandFactory};

use super::print;
use crate::cli::Cli;
use crate::error::Result;
use crate::shell::Shell;

pub fn run(shell: Shell) -> Result<()> {
    print(&script(shell))
}

/// The script, as it is also kept under `completions/`.
pub fn script(shell: Shell) -> Vec<u8> {
    let mut out = Vec::new();
    let generator = match shell {
        Shell::Bash => clap_complete::Shell::Bash,
        Shell::Zsh => clap_complete::Shell::Zsh,
        Shell::Fish => clap_complete::Shell::Fish,
        Shell::PowerShell => clap_complete::Shell::PowerShell,
    };
    clap_complete::generate(generator, &mut typed(&Cli::command()), "awsenv", &mut out);
    if shell == Shell::PowerShell { self_contained(&String::from_utf8_lossy(&out)).into_bytes() } else { out }
}

/// clap's script for PowerShell begins with `using namespace`, which must stand before everything else in a file or a
/// string: with the types' whole names it can be loaded anywhere. `.Where{…}` without parentheses is more than every
/// reader of PowerShell knows.
fn self_contained(script: &str) -> String {
    let mut text = script.replace("[CompletionResult", "[System.Management.Automation.CompletionResult");
    text = text.replace("[StringConstant", "[System.Management.Automation.Language.StringConstant");
    text = text.replace(
        ".Where{ $_.CompletionText -like \"$wordToComplete*\" }",
        ".Where({ $_.CompletionText -like \"$wordToComplete*\" })",
    );
    let lines = text.lines().skip_while(|line| line.is_empty() || line.starts_with("using namespace"));
    lines.map(|line| format!("{line}\n")).collect()
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
