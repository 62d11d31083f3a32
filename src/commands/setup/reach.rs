//! Where `awsenv use` works once the set-up is done: in this shell, in a new one, or in none.

use std::path::PathBuf;

use crate::host::Host;
use crate::process;
use crate::profile::ProfileName;
use crate::shell::{Shell, start_file, start_files};

/// The shell of the person, as far as it can be told.
pub enum Own {
    /// One of ours.
    Ours(Shell),
    /// Another one, by its name.
    Other(String),
    Unknown,
}

impl Own {
    /// By what its hook says, else the program that started this one, else `SHELL`.
    pub fn of(host: &Host) -> Own {
        let parent = process::parent_program().map(|name| name.to_lowercase());
        let named = |name: &str| Shell::ALL.into_iter().find(|shell| shell.name() == name);
        let told = hook_here(host).and_then(|told| named(&told));
        let by_parent = || Shell::of_program(parent.as_deref()?);
        let login = host.var("SHELL").map(|path| path.to_string_lossy().into_owned());
        let by_login = || Shell::of_program(login.as_deref()?);
        if let Some(shell) = told.or_else(by_parent).or_else(by_login) {
            return Own::Ours(shell);
        }
        let login = login.as_deref().and_then(|path| path.rsplit(['/', '\\']).next()).filter(|name| !name.is_empty());
        let other = login.or(parent.as_deref().filter(|name| OTHERS.contains(name)));
        other.map_or(Own::Unknown, |name| Own::Other(name.to_owned()))
    }
}

/// Shells without a hook, by their programs: what else starts this one (an editor, a terminal) is none.
const OTHERS: [&str; 10] = ["sh", "dash", "ash", "busybox", "ksh", "mksh", "csh", "tcsh", "elvish", "xonsh"];

/// The name of the shell that started this and has the hook: that tells it, for this one command.
fn hook_here(host: &Host) -> Option<String> {
    let told = host.var("AWSENV_HOOK")?;
    told.to_string_lossy().split_whitespace().next().map(str::to_owned)
}

/// Where `awsenv use` works from now on.
pub enum Reach {
    /// In this shell.
    Here,
    /// In a new one of these; not in this one, which may be another.
    New(Shell),
    /// Where its hook is loaded by hand: the line in the start file was not wanted, or could not be written.
    ByHand,
    /// In no shell that is known to be here.
    Nowhere,
    #[cfg(windows)]
    NewWindow,
}

impl Reach {
    /// Once the start file of `shell` loads the hook.
    pub fn of(shell: Shell, host: &Host) -> Reach {
        if hook_here(host).is_some() { Reach::Here } else { Reach::New(shell) }
    }

    /// What to type from now on.
    pub fn closing(&self, name: &ProfileName, host: &Host) -> String {
        let own = Own::of(host);
        let without = match &own {
            Own::Other(shell) => format!("in {shell}: awsenv exec {name} -- CMD"),
            _ => format!("without it: awsenv exec {name} -- CMD"),
        };
        match self {
            Reach::Here => format!("awsenv use {name}"),
            Reach::New(shell) => {
                let new = format!("in a new {}: awsenv use {name}", shell.name());
                match own {
                    Own::Ours(own) if own == *shell && can_load(own) => {
                        format!("{new} (in this one behind: {})", start_file::line(own))
                    }
                    Own::Other(_) => format!("{new}; {without}"),
                    _ => new,
                }
            }
            Reach::ByHand => format!("with the hook: awsenv use {name}; {without}"),
            Reach::Nowhere => format!("awsenv exec {name} -- CMD"),
            #[cfg(windows)]
            Reach::NewWindow => format!("in a new window: awsenv use {name}"),
        }
    }
}

/// Whether a shell that runs can load the hook by that line: nushell's is for one that starts.
fn can_load(shell: Shell) -> bool {
    matches!(shell, Shell::Bash | Shell::Zsh | Shell::Fish | Shell::PowerShell)
}

/// The file that a bash reads as a login shell, where that loads no hook though others do.
pub fn login_bash_without(host: &Host) -> Option<PathBuf> {
    let [every, login] = <[_; 2]>::try_from(start_files::readings(Shell::Bash, host)).ok()?;
    let only_there = !every.hooks().is_empty() && login.hooks().is_empty();
    only_there.then(|| start_files::login_file(host))
}
