//! `awsenv leave` where this shell never used `use`: which inherited variables are awsenv's, for the hook to unset.

use std::ffi::OsString;

use super::{check_protocol, cmd, hook_missing, print};
use crate::environment::fitting_names;
use crate::error::Result;
use crate::host::Host;
use crate::shell::Shell;
use crate::terminal::say;

pub fn run(hook: Option<(Shell, u32)>, host: &Host) -> Result<()> {
    let Some((shell, protocol)) = hook else {
        return Err(hook_missing(host, "leave", "changes the shell through its hook"));
    };
    if shell == Shell::Cmd {
        return cmd::leave(protocol, host);
    }
    check_protocol(protocol)?;
    let (ours, changed) = fitting_names(host);
    tell_inherited(&ours, &changed);
    let mut names = ours;
    if host.raw_var(OsString::from("AWSENV_NAMES")).is_some() {
        names.extend(["AWSENV_NAMES".to_owned(), "AWSENV_PROMPT".to_owned()]);
    }
    print(&shell.answer(shell.assign_list("__awsenv_unset_names", &names)))
}

/// Says what becomes of the variables that come from another shell.
pub fn tell_inherited(ours: &[String], changed: &[String]) {
    if ours.is_empty() && changed.is_empty() {
        say("nothing to leave: no profile was chosen with `awsenv use`");
    } else if !ours.is_empty() {
        say(format!("this shell inherited its profile, so its former values are unknown: unset {}", ours.join(", ")));
    }
    if !changed.is_empty() {
        say(format!("kept, because it has another value by now: {}", changed.join(", ")));
    }
}
