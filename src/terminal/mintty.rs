//! mintty, the window of Git Bash, MSYS2 and Cygwin: no console, but pipes that their programs take for a terminal. Cygwin gives
//! each of its windows a console all the same, for programs that need one, and hides it: a question there waits for keys that
//! nobody can type.

use crate::host::Host;

/// What one of the three standard streams is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stream {
    /// A console: a program that was given one has a window around it.
    Console,
    /// A pipe of this name; empty for one without.
    Pipe(String),
    /// A file, nothing, or not to be told.
    Other,
}

/// Whether the console of a process with these streams would be one that nobody sees. Where all three go elsewhere, the
/// environment tells, by the name that mintty gives itself in `TERM_PROGRAM`. That is inherited by programs in other windows
/// too, so `is_shown`, whether the console has a window that is shown, overrules it. It is no proof of the contrary: a pseudo
/// console's window is never shown, be it Windows Terminal's, which people see. Started from mintty, with all streams piped, such
/// a one counts as hidden: nothing sound tells it from Cygwin's, and a refusal says what to do, which a question to nobody
/// does not.
pub fn hides_the_console(streams: &[Stream], host: &Host, is_shown: impl FnOnce() -> bool) -> bool {
    if streams.contains(&Stream::Console) {
        return false;
    }
    let is_pty = |stream: &Stream| matches!(stream, Stream::Pipe(name) if is_pty(name));
    streams.iter().any(is_pty) || (is_named_by(host) && !is_shown())
}

/// Whether the environment is mintty's, or that of MSYS2's tmux (3.2 and later set `TERM_PROGRAM`), whose panes are such ptys
/// wherever it is seen.
fn is_named_by(host: &Host) -> bool {
    let is_set = |name| host.var(name).is_some();
    match host.var("TERM_PROGRAM") {
        Some(program) if program == "mintty" => true,
        Some(program) if program == "tmux" => is_set("TMUX") && is_set("MSYSTEM"),
        _ => false,
    }
}

/// Whether a pipe's name is that of a pty: `\msys-KEY-ptyN-from-master` or `…-to-master`, by Cygwin's own programs with
/// `cygwin` (winsup/cygwin/fhandler/pty.cc, `fhandler_pty_master::setup`); since Cygwin 3.1 those for other programs end with
/// `-nat`.
fn is_pty(name: &str) -> bool {
    let name = name.rsplit('\\').next().unwrap_or_default();
    let Some(rest) = name.strip_prefix("msys-").or_else(|| name.strip_prefix("cygwin-")) else { return false };
    let rest = rest.strip_suffix("-nat").unwrap_or(rest);
    let Some(rest) = rest.strip_suffix("-from-master").or_else(|| rest.strip_suffix("-to-master")) else {
        return false;
    };
    let Some((key, number)) = rest.rsplit_once("-pty") else { return false };
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    is_number && !key.is_empty() && key.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::time::Timestamp;

    /// Whether it is hidden, where its window is shown and where not.
    fn hidden(streams: &[Stream], vars: &[(&str, &str)]) -> [bool; 2] {
        let host = Host::fixed(vars, Path::new("/h"), Timestamp(0));
        [true, false].map(|is_shown| hides_the_console(streams, &host, || is_shown))
    }

    #[test]
    fn the_pipes_of_a_pty_are_known_by_name() {
        for name in [
            r"\msys-dd50a72ab4668b33-pty0-from-master",
            r"\msys-1888ae32e00d56aa-pty12-to-master",
            r"\cygwin-e022582115c10879-pty4-to-master-nat",
            r"\Device\NamedPipe\msys-dd50a72ab4668b33-pty1-to-master",
        ] {
            assert!(is_pty(name), "{name}");
        }
        for name in [
            "",
            r"\mojo.1234",
            r"\msys-dd50a72ab4668b33-123-pipe-0x4",
            r"\msys-dd50a72ab4668b33-pty-to-master",
            r"\msys-dd50a72ab4668b33-pty1-echoloop",
            r"\msys--pty1-to-master",
            r"\my-msys-dd50-pty1-to-master",
        ] {
            assert!(!is_pty(name), "{name}");
        }
    }

    #[test]
    fn a_console_among_the_streams_is_one_that_is_seen() {
        let pty = Stream::Pipe(r"\msys-dd50a72ab4668b33-pty0-to-master".into());
        let plain = Stream::Pipe(String::new());
        let mintty = [("TERM_PROGRAM", "mintty"), ("MSYSTEM", "MINGW64")];
        assert_eq!(hidden(&[Stream::Other, plain, pty.clone()], &[]), [true; 2], "a window of something else");
        assert_eq!(hidden(&[Stream::Other, pty, Stream::Console], &mintty), [false; 2], "winpty, a pseudo console");
    }

    #[test]
    fn where_an_sdk_reads_all_of_it_the_environment_tells() {
        let streams = [Stream::Pipe(String::new()), Stream::Pipe(String::new()), Stream::Other];
        let inside = |vars: &[(&str, &str)]| hidden(&streams, vars);
        assert_eq!(inside(&[("TERM_PROGRAM", "mintty")]), [false, true], "a window of its own, started from mintty");
        let (tmux, pane, system) = (("TERM_PROGRAM", "tmux"), ("TMUX", "/tmp/tmux-1/x,1,0"), ("MSYSTEM", "MSYS"));
        assert_eq!(inside(&[tmux, pane, system]), [false, true]);
        for other in
            [&[tmux, system][..], &[tmux, pane], &[pane, system], &[("TERM_PROGRAM", "vscode"), pane, system], &[]]
        {
            assert_eq!(inside(other), [false; 2], "{other:?}");
        }
    }
}
