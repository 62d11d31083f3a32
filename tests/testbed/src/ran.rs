//! What one run of a program brought.

use std::process::Output;
#[cfg(unix)]
use std::time::{Duration, Instant};

#[cfg(unix)]
use crate::pty::{DEADLINE, Terminal};

/// A program that ran to its end without a terminal.
#[derive(Debug)]
pub struct Ran {
    /// Its exit code.
    pub status: i32,
    /// Its stdout.
    pub out: String,
    /// Its stderr.
    pub err: String,
}

impl Ran {
    /// What it left; it was not killed, and printed UTF-8.
    pub fn of(done: Output) -> Ran {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("what is printed is UTF-8");
        Ran { status: done.status.code().expect("it is not killed"), out: text(done.stdout), err: text(done.stderr) }
    }

    /// It did what was asked.
    #[track_caller]
    pub fn ok(self) -> Ran {
        assert_eq!(self.status, 0, "{self:?}");
        self
    }

    /// It failed, and says all of this.
    #[track_caller]
    pub fn failed(self, says: &[&str]) -> Ran {
        assert!(self.status == 1 && self.out.is_empty(), "{self:?}");
        self.says(says)
    }

    /// It prints all of this on stdout.
    #[track_caller]
    pub fn prints(self, texts: &[&str]) -> Ran {
        for text in texts {
            assert!(self.out.contains(text), "{text:?} is missing: {self:?}");
        }
        self
    }

    /// It says all of this on stderr.
    #[track_caller]
    pub fn says(self, says: &[&str]) -> Ran {
        for text in says {
            assert!(self.err.contains(text), "{text:?} is missing: {self:?}");
        }
        self
    }
}

/// The exit code of a program on a terminal, once all that it wrote is on the screen.
#[cfg(unix)]
pub fn exit(terminal: &mut Terminal) -> i32 {
    let status = terminal.exit_status(DEADLINE).code().expect("it is not killed");
    // What it wrote last may still be on its way to the screen.
    let end = Instant::now() + DEADLINE;
    while !terminal.is_over() && Instant::now() < end {
        terminal.changed(terminal.raw().len(), Duration::from_millis(20));
    }
    status
}
