//! The controlling terminal.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;

use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, getpgrp, getsid, setpgid, test_kill_process_group};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcgetpgrp, tcgetwinsize};

pub(super) use super::raw::{Event, Raw};
use crate::process;

/// The controlling terminal of this process, opened apart from stdin and stdout.
#[derive(Debug, Clone)]
pub struct Tty {
    pub(super) file: Arc<File>,
    name: String,
    siblings: Siblings,
}

/// Tells the process groups of those that let this process ask in their place.
#[derive(Clone, Default)]
struct Siblings(Option<Arc<dyn Fn(u32) -> bool + Send + Sync>>);

impl std::fmt::Debug for Siblings {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(if self.0.is_some() { "some" } else { "none" })
    }
}

impl Tty {
    /// Opens it. `None`: there is none (cron, a service, `setsid`).
    pub fn open() -> Option<Tty> {
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let fd = rustix::fs::open("/dev/tty", flags, Mode::empty()).ok()?;
        let name = process::controlling_terminal().unwrap_or_else(|| "/dev/tty".into());
        Some(Tty { file: Arc::new(File::from(fd)), name, siblings: Siblings::default() })
    }

    /// The same where others of this shell start at the same time and wait for this process's answer: each that starts takes
    /// the terminal for its own group. This process then goes over to that group, for which it needs no right: to take the
    /// terminal back from the background it would.
    #[must_use]
    pub fn among(mut self, is_sibling: impl Fn(u32) -> bool + Send + Sync + 'static) -> Tty {
        self.siblings = Siblings(Some(Arc::new(is_sibling)));
        self
    }

    /// Whether others may let this process ask in their place.
    pub(super) fn has_siblings(&self) -> bool {
        self.siblings.0.is_some()
    }

    /// Why there is none, for a sentence that goes on with what it would be for.
    pub fn none() -> &'static str {
        "there is no terminal"
    }

    /// Whether other programs can ask here too.
    pub fn is_for_all(&self) -> bool {
        true
    }

    /// Its path for people (`/dev/pts/3`), or `/dev/tty` where the system does not tell.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The session that owns it: with the name it tells one terminal from another.
    pub fn session(&self) -> u32 {
        getsid(None).map_or(0, |s| s.as_raw_nonzero().get().cast_unsigned())
    }

    /// Whether this process belongs to the group that the terminal listens to. A question from the background would be
    /// answered by "Stopped (tty output)".
    pub fn is_foreground(&self) -> bool {
        self.listens().unwrap_or(false)
    }

    /// [`Tty::is_foreground`]. An error: the terminal is gone, or nobody has it any more.
    pub(super) fn listens(&self) -> io::Result<bool> {
        let group = self.foreground_group()?;
        if group == own_group() {
            return Ok(true);
        }
        let Some(is_sibling) = &self.siblings.0 else { return Ok(false) };
        let id = i32::try_from(group).ok().and_then(Pid::from_raw).ok_or(io::ErrorKind::NotFound)?;
        if is_sibling(group) && setpgid(None, Some(id)).is_ok() {
            return Ok(true);
        }
        // The shell gives it back only when the last of us has ended.
        match test_kill_process_group(id) {
            Err(rustix::io::Errno::SRCH) => Err(io::ErrorKind::NotFound.into()),
            // Somebody else's, too: `sudo`.
            _ => Ok(false),
        }
    }

    /// The process group that the terminal listens to. An error: the terminal is gone.
    pub fn foreground_group(&self) -> io::Result<u32> {
        Ok(tcgetpgrp(&self.file)?.as_raw_nonzero().get().cast_unsigned())
    }

    /// Whether the terminal is as a command line leaves it: whole lines, with echo. Not inside vim, k9s or a pager, which
    /// read single keys and own the screen.
    pub fn is_line_mode(&self) -> bool {
        tcgetattr(&self.file).is_ok_and(|t| t.local_modes.contains(LocalModes::ICANON | LocalModes::ECHO))
    }

    /// Rows and columns; 24 by 80 where the terminal does not know them.
    pub fn size(&self) -> (usize, usize) {
        match tcgetwinsize(&self.file) {
            Ok(Winsize { ws_row, ws_col, .. }) if ws_row > 0 && ws_col > 0 => (ws_row.into(), ws_col.into()),
            _ => (24, 80),
        }
    }

    /// From now on what this process writes to stderr is shown here.
    pub fn take_stderr(&self) {
        // Else it goes where it went.
        let _ = rustix::stdio::dup2_stderr(&self.file);
    }

    /// Writes to the terminal. Failures are dropped: there is nobody else to tell, and what follows will notice.
    pub(super) fn show(&self, bytes: impl AsRef<[u8]>) {
        let _ = (&*self.file).write_all(bytes.as_ref());
    }
}

/// This process's group.
pub(crate) fn own_group() -> u32 {
    getpgrp().as_raw_nonzero().get().cast_unsigned()
}
