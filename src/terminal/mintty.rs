//! mintty, the window of Git Bash, MSYS2 and Cygwin: no console, but pipes that their programs take for a terminal. Cygwin gives
//! each of its windows a console all the same, for programs that need one, and hides it: a question there waits for keys that
//! nobody can type.

use std::ffi::OsStr;

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

/// Whether the console of a process with these streams would be one that nobody sees. `term_program`: `TERM_PROGRAM`, by which
/// mintty names itself where all three streams go elsewhere.
pub fn hides_the_console(streams: &[Stream], term_program: Option<&OsStr>) -> bool {
    if streams.contains(&Stream::Console) {
        return false;
    }
    let is_pty = |stream: &Stream| matches!(stream, Stream::Pipe(name) if is_pty(name));
    streams.iter().any(is_pty) || term_program.is_some_and(|program| program == "mintty")
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
    use super::*;

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
        let mintty = Some(OsStr::new("mintty"));
        assert!(hides_the_console(&[Stream::Other, plain.clone(), pty.clone()], None));
        assert!(hides_the_console(&[plain.clone(), plain.clone(), Stream::Other], mintty), "an SDK reads all of it");
        assert!(!hides_the_console(&[Stream::Other, pty, Stream::Console], mintty), "winpty, a pseudo console");
        assert!(!hides_the_console(&[plain.clone(), plain, Stream::Other], Some(OsStr::new("vscode"))));
    }
}
