//! `awsenv completions SHELL`: clap's script. The hook adds the profiles' names.

use clap::{Command, CommandFactory};
use clap_complete::generate;

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

/// nushell takes `awsenv use` in an `extern` for a command of its own, in front of the hook's `awsenv`.
const NUSHELL_HEAD: &str = "# For a nushell without awsenv's hook, which completes by itself: beside it these would hide \
                            `awsenv use`.\n\n";

/// The script, as it is also kept under `completions/`. `None`: this shell has no scripts for that.
pub fn script(shell: Shell) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut command = typed(&Cli::command());
    let mut write = |generator: &dyn Fn(&mut Command, &mut Vec<u8>)| generator(&mut command, &mut out);
    match shell {
        Shell::Bash => write(&|c, out| generate(clap_complete::Shell::Bash, c, "awsenv", out)),
        Shell::Zsh => write(&|c, out| generate(clap_complete::Shell::Zsh, c, "awsenv", out)),
        Shell::Fish => write(&|c, out| generate(clap_complete::Shell::Fish, c, "awsenv", out)),
        Shell::PowerShell => {
            write(&|c, out| generate(clap_complete::Shell::PowerShell, c, "awsenv", out));
            return Some(self_contained(&String::from_utf8_lossy(&out)).into_bytes());
        }
        Shell::Nushell => {
            write(&|_, out| out.extend(NUSHELL_HEAD.as_bytes()));
            write(&|c, out| generate(clap_complete_nushell::Nushell, c, "awsenv", out));
        }
        Shell::Cmd | Shell::Clink => return None,
    }
    Some(out)
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
