//! Lines for a person on stderr, and whether to colour what is shown.

use std::io::{IsTerminal, Write};

use super::clean::{clean, clean_to};
use crate::host::Host;

/// Columns of a message; a name of a megabyte must not flood the screen.
const LONGEST: usize = 2000;

/// One line on stderr: `awsenv: TEXT`, cleaned. A stderr that is closed or full is nobody's problem.
pub fn say(text: impl AsRef<[u8]>) {
    // One write, so that lines of parallel processes do not run into each other.
    let _ = std::io::stderr().write_all(format!("{}\n", line(text)).as_bytes());
}

/// One line on stderr: `awsenv: warning: TEXT`, cleaned.
pub fn warn(text: impl AsRef<[u8]>) {
    say(format!("warning: {}", clean(text)));
}

/// Whole lines on stderr as they are, cleaned by whoever made them: what a question is about.
pub fn show_lines(lines: impl AsRef<[u8]>) {
    let _ = std::io::stderr().write_all(lines.as_ref());
}

/// The line as [`say`] writes it, without the newline: for text that goes to the terminal before a question.
pub fn line(text: impl AsRef<[u8]>) -> String {
    format!("awsenv: {}", clean_to(text, LONGEST))
}

/// Whether a terminal shows colours at all; a console has to be told to.
#[cfg(windows)]
fn can_be_shown(stream: &impl std::os::windows::io::AsRawHandle) -> bool {
    crate::windows::enable_colours(stream)
}

#[cfg(unix)]
fn can_be_shown(_stream: &impl IsTerminal) -> bool {
    true
}

/// Whether the terminal moves no cursor and knows no colours: `TERM=dumb`, or on Unix none.
pub fn is_dumb(host: &Host) -> bool {
    host.var("TERM").map_or(cfg!(unix), |term| term == "dumb")
}

/// The colours of text for people, or none where they would not be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colours {
    on: bool,
}

impl Colours {
    /// For text on a stream that is a terminal or not (`std::io::IsTerminal`): none when it is not, `NO_COLOR` is set
    /// (no-color.org: to anything but empty) or the terminal is [dumb](is_dumb).
    pub fn of(host: &Host, is_terminal: bool) -> Self {
        Colours { on: is_terminal && host.var("NO_COLOR").is_none() && !is_dumb(host) }
    }

    /// For text on stdout.
    pub fn on_stdout(host: &Host) -> Self {
        let stdout = std::io::stdout();
        Self::of(host, stdout.is_terminal() && can_be_shown(&stdout))
    }

    /// No colours.
    pub fn none() -> Self {
        Colours { on: false }
    }

    /// Whether there are any.
    pub fn are_on(self) -> bool {
        self.on
    }

    /// All is well.
    pub fn good(self, text: &str) -> String {
        self.paint("32", text)
    }

    /// Soon to end, or needs a look.
    pub fn warning(self, text: &str) -> String {
        self.paint("33", text)
    }

    /// Over, or wrong.
    pub fn bad(self, text: &str) -> String {
        self.paint("31", text)
    }

    /// Less important.
    pub fn faint(self, text: &str) -> String {
        self.paint("2", text)
    }

    /// More important.
    pub fn strong(self, text: &str) -> String {
        self.paint("1", text)
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.on { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;
    use std::path::Path;

    #[test]
    fn colour_only_where_it_is_seen_and_wanted() {
        let red = |vars: &[(&str, &str)], is_terminal| {
            Colours::of(&Host::fixed(vars, Path::new("/h"), Timestamp(0)), is_terminal).bad("x")
        };
        assert_eq!(red(&[("TERM", "xterm"), ("NO_COLOR", "")], true), "\x1b[31mx\x1b[0m");
        assert_eq!(red(&[("TERM", "xterm")], false), "x");
        assert_eq!(red(&[("TERM", "dumb")], true), "x");
        assert_eq!(red(&[("TERM", "xterm"), ("NO_COLOR", "1")], true), "x");
    }
}
