//! The controlling terminal: the console of this process, opened apart from stdin and stdout; where the person sees none, the
//! shell that started us, if it says that it answers.

use std::fs::File;
use std::io;
use std::os::windows::io::AsRawHandle;
use std::sync::{Arc, OnceLock};

use super::mintty::{self, Stream};
pub(super) use super::raw::{Event, Raw};
use super::relay::Relay;
use crate::host::Host;
use crate::windows;

/// Where a person is asked.
#[derive(Debug, Clone)]
pub struct Tty {
    way: Way,
}

#[derive(Debug, Clone)]
enum Way {
    Console(Console),
    Shell(Relay),
}

/// The console of this process: what is typed, and the screen.
#[derive(Debug, Clone)]
pub(super) struct Console {
    pub input: Arc<File>,
    pub screen: Arc<File>,
}

impl Tty {
    /// Opens it. `None`: there is none (a service, a scheduled task), or only one that nobody sees (mintty without winpty).
    pub fn open() -> Option<Tty> {
        // First of all: see there.
        let streams = streams();
        if !streams.contains(&Stream::Console) {
            if let Some(shell) = Self::shell_that_answers() {
                return Some(Tty { way: Way::Shell(shell) });
            }
            if mintty::hides_the_console(streams, &Host::real(), windows::shows_console) {
                return None;
            }
        }
        let open = |name| File::options().read(true).write(true).open(name).map(Arc::new);
        let console = Console { input: open("CONIN$").ok()?, screen: open("CONOUT$").ok()? };
        let is_one = windows::mode(&console.input).is_ok() && windows::mode(&console.screen).is_ok();
        is_one.then_some(Tty { way: Way::Console(console) })
    }

    /// Why there is none, for a sentence that goes on with what it would be for.
    pub fn none() -> &'static str {
        match mintty::hides_the_console(streams(), &Host::real(), windows::shows_console) {
            true => "under mintty without `winpty awsenv …` there is no console",
            false => "there is no terminal",
        }
    }

    /// One for the whole process: there is one stdin.
    fn shell_that_answers() -> Option<Relay> {
        static SHELL: OnceLock<Option<Relay>> = OnceLock::new();
        SHELL.get_or_init(|| Relay::offered(&Host::real())).clone()
    }

    pub(super) fn console(&self) -> Option<&Console> {
        match &self.way {
            Way::Console(console) => Some(console),
            Way::Shell(_) => None,
        }
    }

    pub(super) fn shell(&self) -> Option<&Relay> {
        match &self.way {
            Way::Console(_) => None,
            Way::Shell(shell) => Some(shell),
        }
    }

    /// Whether other programs can ask here too.
    pub fn is_for_all(&self) -> bool {
        self.console().is_some()
    }

    /// Its name for people.
    pub fn name(&self) -> &'static str {
        if self.is_for_all() { "the console" } else { "a terminal of bash" }
    }

    /// A number that tells this console from the others.
    pub fn session(&self) -> u32 {
        self.shell().map_or_else(windows::identity, Relay::pid)
    }

    /// Whether keys come to this process: they come to every process of a console.
    pub fn is_foreground(&self) -> bool {
        self.shell().map_or_else(|| self.foreground_group().is_ok(), Relay::is_foreground)
    }

    /// The process group that the console listens to; there is one. An error: the console is gone.
    pub fn foreground_group(&self) -> io::Result<u32> {
        self.console().map_or(Ok(0), |console| windows::mode(&console.input)).map(|_| own_group())
    }

    /// Whether the console is as a command line leaves it: whole lines, with echo. Not inside vim, k9s or a pager, which
    /// read single keys and own the screen.
    pub fn is_line_mode(&self) -> bool {
        let all = |mode| mode & super::raw::LINE_MODE == super::raw::LINE_MODE;
        self.console().is_none_or(|console| windows::mode(&console.input).is_ok_and(all))
    }

    /// Rows and columns; 24 by 80 where the console does not tell.
    pub fn size(&self) -> (usize, usize) {
        let size = self.console().and_then(|console| windows::screen_size(&console.screen).ok());
        size.filter(|&(rows, columns)| rows > 0 && columns > 0).unwrap_or((24, 80))
    }

    /// From now on what this process writes to stderr is shown here.
    pub fn take_stderr(&self) {
        if let Some(console) = self.console() {
            // Else it goes where it went.
            let _ = windows::set_stderr(&console.screen);
        }
    }

    /// Writes to the console. Failures are dropped: there is nobody else to tell, and what follows will notice.
    pub(super) fn show(&self, bytes: impl AsRef<[u8]>) {
        if let Some(console) = self.console() {
            let _ = windows::write(&console.screen, &String::from_utf8_lossy(bytes.as_ref()));
        }
    }
}

/// What stdin, stdout and stderr are. Looked at once, and before anybody waits for a shell's answer: Windows does one thing at a
/// time with a pipe that was opened as these are, so that a question about stdin would wait for the next line there.
fn streams() -> &'static [Stream; 3] {
    static STREAMS: OnceLock<[Stream; 3]> = OnceLock::new();
    let about = |stream: &dyn AsRawHandle| match windows::pipe_name(stream) {
        Some(name) => Stream::Pipe(name),
        None if windows::is_console(stream) => Stream::Console,
        None => Stream::Other,
    };
    STREAMS.get_or_init(|| [about(&io::stdin()), about(&io::stdout()), about(&io::stderr())])
}

/// This process's group: all of a console are one.
pub(crate) fn own_group() -> u32 {
    0
}
