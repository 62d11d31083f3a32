//! `awsenv init SHELL`: a preamble of assignments, then the shell's file. Starts nothing and reads only the settings.

use std::path::PathBuf;

use super::{PROTOCOL, cmd, print};
use crate::aws_files::seek;
use crate::cli::InitArgs;
pub use crate::cli::Part;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::settings::Settings;
use crate::shell::Shell;
use crate::shell::cmd::readable;
use crate::terminal::warn;

/// What stands below this line in a shell's file comes with the answer to the first prompt's question, and what stands
/// below the other when `awsenv` or its completion is first used: parsing it would be most of what a new shell waits for.
const FIRST_PROMPT: &[u8] = b"# ==== loaded with the first prompt ====\n";
const FIRST_USE: &[u8] = b"# ==== loaded at first use ====\n";
/// What stands between these lines only a program for Windows prints.
const ON_WINDOWS: &[u8] = b"# ==== only with a program for Windows ====\n";
const EVERYWHERE: &[u8] = b"# ==== with any program ====\n";

pub fn run(args: &InitArgs, host: &Host) -> Result<()> {
    if !args.part.is_empty() {
        return print(&args.part.iter().flat_map(|p| part(args.shell, *p)).collect::<Vec<_>>());
    }
    if let Some(profile) = args.use_profile.as_ref().filter(|_| args.shell == Shell::Cmd) {
        readable(profile.as_encoded_bytes()).map_err(|why| Error::usage(format!("--use: the name {why}")))?;
    }
    // Broken settings must not cost the user the hook: the defaults guard until they are mended.
    let settings = Settings::load(host).unwrap_or_else(|error| {
        warn(error.to_string());
        let (path, from_environment) = Settings::locate(host);
        Settings::empty(path, from_environment)
    });
    let binary = own_path()?;
    if let Some(why) = args.shell.refusal(binary.as_os_str().as_encoded_bytes()) {
        return Err(Error::failed(format!("{}: {why}", binary.display())).next("install awsenv in another folder"));
    }
    let text = text(args, &settings, &binary);
    if args.shell == Shell::Cmd { cmd::print_batch(&text) } else { print(&text) }
}

fn text(args: &InitArgs, settings: &Settings, binary: &std::path::Path) -> Vec<u8> {
    let shell = args.shell;
    let flag = |on: bool| if on { b"1" } else { b"0" };
    let profile = args.use_profile.as_deref().unwrap_or_default();
    let preamble = [
        shell.assign("__awsenv_bin", &shell.path(binary)),
        shell.assign("__awsenv_protocol", PROTOCOL.to_string().as_bytes()),
        shell.assign("__awsenv_want_prompt", flag(!args.no_prompt)),
        shell.assign("__awsenv_want_guard", flag(!args.no_guard)),
        shell.assign("__awsenv_want_profile", profile.as_encoded_bytes()),
        shell.assign_list("__awsenv_commands", &guarded(settings)),
        // nushell draws its own: there this text may be a file that was saved once.
        if shell == Shell::Nushell { Vec::new() } else { shell.assign("__awsenv_seed", seed().as_bytes()) },
    ];
    [shell.preamble(preamble.concat()), spare(shell, None, cfg!(windows))].concat()
}

/// Where the shell begins to count its lines: after `exec bash` the new one has the process id and start time of the old,
/// and what was answered on the old one's lines must not count for its own.
fn seed() -> String {
    let mut bytes = [0; 4];
    // Without randomness the count begins at the same number: what was always so, and rarely matters.
    let _ = getrandom::fill(&mut bytes);
    (1_000_000 + u32::from_le_bytes(bytes) / 5).to_string()
}

/// What a shell loads later.
pub fn part(shell: Shell, part: Part) -> Vec<u8> {
    spare(shell, Some(part), cfg!(windows))
}

/// A part of the shell's file (`None`: what each new shell reads) without what only a reader of the file needs: comments
/// and indentation, a third of its bytes. What a linter reads (`# shellcheck …`) stays. No string in these files goes over
/// several lines, so that no line is anything but code.
fn spare(shell: Shell, part: Option<Part>, on_windows: bool) -> Vec<u8> {
    let (mut hook, comment) = (shell.hook().as_bytes(), shell.comment().as_bytes());
    let mut out = Vec::with_capacity(hook.len() / 2);
    let (mut here, mut is_meant) = (None, true);
    while !hook.is_empty() {
        let (line, below) = hook.split_at(seek::find(b'\n', hook).map_or(hook.len(), |end| end + 1));
        hook = below;
        let line = line.trim_ascii_start();
        if line == FIRST_PROMPT {
            here = Some(Part::FirstPrompt);
        } else if line == FIRST_USE {
            here = Some(Part::FirstUse);
        } else if line == ON_WINDOWS {
            is_meant = on_windows;
        } else if line == EVERYWHERE {
            is_meant = true;
        }
        if here != part && !out.is_empty() {
            break;
        }
        let is_code = !line.is_empty() && (!line.starts_with(comment) || line.starts_with(b"# shellcheck"));
        if is_code && is_meant && here == part {
            out.extend_from_slice(line);
        }
    }
    out
}

/// The commands that the guard watches; none where `ask = never`.
pub fn guarded(settings: &Settings) -> Vec<String> {
    settings.guard.commands.clone()
}

/// The path under which this program was found: not the target of a link, which an update may replace.
pub fn own_path() -> Result<PathBuf> {
    // Windows has no links that an update replaces, and calls a program without its `.exe`.
    #[cfg(windows)]
    return std::env::current_exe().map_err(|e| Error::failed(format!("cannot find myself: {e}")));
    #[cfg(unix)]
    path_as_called()
}

#[cfg(unix)]
fn path_as_called() -> Result<PathBuf> {
    let called = std::env::args_os().next().map(PathBuf::from).unwrap_or_default();
    if called.is_absolute() {
        return Ok(called);
    }
    let resolved = std::env::current_exe().map_err(|e| Error::failed(format!("cannot find myself: {e}")))?;
    // A bare name was looked up on PATH; keep the name it was found under when it is this very file.
    let found = which::which(&called).ok().filter(|p| p.is_absolute());
    let same = |p: &PathBuf| p.canonicalize().ok() == resolved.canonicalize().ok();
    Ok(found.filter(same).unwrap_or(resolved))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_for_windows_alone_is_printed_there_alone() {
        let text = |on_windows| {
            let parts = [None, Some(Part::FirstPrompt), Some(Part::FirstUse)];
            let text = parts.map(|part| spare(Shell::Bash, part, on_windows)).concat();
            String::from_utf8(text).expect("UTF-8")
        };
        let (there, elsewhere) = (text(true), text(false));
        for word in ["OSTYPE", "__awsenv_talk", "coproc", "winpid"] {
            assert!(there.contains(word) && !elsewhere.contains(word), "{word}");
        }
        let rest: Vec<&str> = elsewhere.lines().collect();
        assert!(rest.iter().all(|line| there.contains(line)) && rest.last() == Some(&"__awsenv_loaded=1"));
    }
}
