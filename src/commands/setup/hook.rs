//! The hook's line in a shell's start file.

use std::path::Path;

use crate::aws_files::replace;
use crate::commands::consent;
use crate::commands::sso::foreground;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::shell::{Shell, start_file, start_files};
use crate::terminal::say;

/// What became of the hook's line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hook {
    There,
    Added,
    /// The person said no.
    Declined,
}

/// Adds the hook's line to the file that this shell reads at its start, unless that or a file that it reads has it.
///
/// # Errors
/// Ctrl-C, nobody to ask, or what cannot be read or written.
pub fn add(yes: bool, shell: Shell, host: &Host) -> Result<Hook> {
    let file = start_file::of(shell, host)?;
    if let Some(place) = start_files::first_hook(shell, host) {
        say(format!("{place} loads the hook already: nothing to do"));
        return Ok(Hook::There);
    }
    add_line(yes, shell, &file)
}

/// Adds the hook's line to this file of the shell, after showing it.
///
/// # Errors
/// As [`add`].
pub fn add_line(yes: bool, shell: Shell, file: &Path) -> Result<Hook> {
    let line = start_file::line(shell);
    if has_line(&read(file)?, shell, file) {
        return Ok(Hook::There);
    }
    say(format!("this line goes to the end of {}:", file.display()));
    say(format!("  {line}"));
    if !consent(yes)? {
        return Ok(Hook::Declined);
    }
    // Who answers may have taken their time, and installers write there, too.
    let before = read(file)?;
    if has_line(&before, shell, file) {
        return Ok(Hook::There);
    }
    let mode = std::fs::metadata(file).map_or(0o644, |about| mode(&about));
    replace::write(file, &start_file::with_line(&before, &line), mode)?;
    match shell {
        // There the line is for a shell that starts.
        Shell::Nushell => say("done: start a new nushell"),
        _ => say(format!("done: start a new {}, or run: {line}", shell.name())),
    }
    Ok(Hook::Added)
}

fn read(file: &Path) -> Result<Vec<u8>> {
    match std::fs::read(file) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        read => read.map_err(|e| Error::failed(format!("{}: cannot be read: {e}", file.display()))),
    }
}

/// Whether the hook is loaded there; then that is said.
fn has_line(text: &[u8], shell: Shell, file: &Path) -> bool {
    let has = start_file::has_hook(&start_file::text_of(text), shell);
    if has {
        say(format!("{} loads the hook already: nothing to do", file.display()));
    }
    has
}

/// Asks whether to add what was just shown.
///
/// # Errors
/// There is nobody to ask; Ctrl-C.
pub fn consent(yes: bool) -> Result<bool> {
    consent::agreed(foreground().as_ref(), yes, &[], "Add it? [y/n] ")
}

#[cfg(unix)]
fn mode(about: &std::fs::Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o7777
}

#[cfg(windows)]
fn mode(_about: &std::fs::Metadata) -> u32 {
    0o644
}
