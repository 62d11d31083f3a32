//! The controlling terminal: the console of this process, opened apart from stdin and stdout.

use std::fs::File;
use std::io;
use std::sync::Arc;

pub(super) use super::raw::{Event, Raw};
use crate::windows;

/// The console of this process: what is typed, and the screen.
#[derive(Debug, Clone)]
pub struct Tty {
    pub(super) input: Arc<File>,
    pub(super) screen: Arc<File>,
}

impl Tty {
    /// Opens it. `None`: there is none (a service, a scheduled task, mintty without winpty).
    pub fn open() -> Option<Tty> {
        let open = |name| File::options().read(true).write(true).open(name).map(Arc::new);
        let tty = Tty { input: open("CONIN$").ok()?, screen: open("CONOUT$").ok()? };
        (windows::mode(&tty.input).is_ok() && windows::mode(&tty.screen).is_ok()).then_some(tty)
    }

    /// Its name for people.
    pub fn name(&self) -> &'static str {
        "the console"
    }

    /// A number that tells this console from the others.
    pub fn session(&self) -> u32 {
        windows::identity()
    }

    /// Whether keys come to this process: they come to every process of a console.
    pub fn is_foreground(&self) -> bool {
        self.foreground_group().is_ok()
    }

    /// The process group that the console listens to; there is one. An error: the console is gone.
    pub fn foreground_group(&self) -> io::Result<u32> {
        windows::mode(&self.input).map(|_| own_group())
    }

    /// Whether the console is as a command line leaves it: whole lines, with echo. Not inside vim, k9s or a pager, which
    /// read single keys and own the screen.
    pub fn is_line_mode(&self) -> bool {
        windows::mode(&self.input).is_ok_and(|mode| mode & super::raw::LINE_MODE == super::raw::LINE_MODE)
    }

    /// Rows and columns; 24 by 80 where the console does not tell.
    pub fn size(&self) -> (usize, usize) {
        windows::screen_size(&self.screen).ok().filter(|&(rows, columns)| rows > 0 && columns > 0).unwrap_or((24, 80))
    }

    /// From now on what this process writes to stderr is shown here.
    pub fn take_stderr(&self) {
        // Else it goes where it went.
        let _ = windows::set_stderr(&self.screen);
    }

    /// Writes to the console. Failures are dropped: there is nobody else to tell, and what follows will notice.
    pub(super) fn show(&self, bytes: impl AsRef<[u8]>) {
        let _ = windows::write(&self.screen, &String::from_utf8_lossy(bytes.as_ref()));
    }
}

/// This process's group: all of a console are one.
pub(crate) fn own_group() -> u32 {
    0
}
