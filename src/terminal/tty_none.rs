//! Where there is no controlling terminal yet that this program can ask on (Windows: `CONIN$` is to come).

use std::io;

use super::keys::OwnKeys;

/// Never made here.
#[derive(Debug, Clone)]
pub enum Tty {}

impl Tty {
    /// `None`: nothing to ask on.
    pub fn open() -> Option<Tty> {
        None
    }

    /// Its name for people.
    pub fn name(&self) -> &str {
        match *self {}
    }

    /// The session that owns it.
    pub fn session(&self) -> u32 {
        match *self {}
    }

    /// Whether keys come to this process.
    pub fn is_foreground(&self) -> bool {
        match *self {}
    }

    /// The process group that the terminal listens to.
    pub fn foreground_group(&self) -> io::Result<u32> {
        match *self {}
    }

    /// Whether the terminal is as a command line leaves it.
    pub fn is_line_mode(&self) -> bool {
        match *self {}
    }

    /// Rows and columns.
    pub fn size(&self) -> (usize, usize) {
        match *self {}
    }

    /// From now on what this process writes to stderr is shown here.
    pub fn take_stderr(&self) {
        match *self {}
    }

    pub(super) fn show(&self, _bytes: impl AsRef<[u8]>) {
        match *self {}
    }
}

/// This process's group: there are none here.
pub(crate) fn own_group() -> u32 {
    0
}

/// Something that happened while a person answers.
#[allow(dead_code, reason = "the same set as on Unix; nothing makes one here")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    Byte(u8),
    Tick,
    Back,
    Interrupted,
    Gone,
}

/// Never made here.
pub(crate) struct Raw<'a> {
    tty: &'a Tty,
}

impl<'a> Raw<'a> {
    pub fn begin(tty: &'a Tty) -> io::Result<Self> {
        match *tty {}
    }

    pub fn flush(&self) {
        match *self.tty {}
    }

    pub fn keys(&self) -> OwnKeys {
        match *self.tty {}
    }

    pub fn next(&mut self) -> Event {
        match *self.tty {}
    }
}

/// Does work that waits for another program; nothing is known of Ctrl-C here.
pub fn beside_a_program<T>(work: impl FnOnce() -> T) -> (T, bool) {
    (work(), false)
}
