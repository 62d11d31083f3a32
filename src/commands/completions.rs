//! `awsenv completions SHELL`: clap's script. The hook adds the profiles' names.

use clap::CommandFactory;

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
    };
    clap_complete::generate(generator, &mut Cli::command(), "awsenv", &mut out);
    out
}
