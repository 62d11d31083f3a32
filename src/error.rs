//! The one error that reaches a person: what happened, where, and what to do next.
//!
//! Rooms below have their own typed errors; they become an [`Error`] where a command can no longer act on them.
//! `main` prints it as one line and turns its [`Kind`] into the exit code.

use std::fmt;

/// What an error means to a calling program; each kind has one exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Something went wrong. Exit code 1.
    Failed,
    /// The command line makes no sense. Exit code 2.
    Usage,
    /// `status --min` is not met. Exit code 3.
    NotMet,
    /// A person pressed Ctrl-C at a question. Exit code 130.
    Stopped,
    /// `exec`: the code is given, as `env` gives it (125 ours, 126 not executable, 127 not found, or the command's own).
    Exit(u8),
}

impl Kind {
    /// The process exit code of this kind.
    pub fn exit_code(self) -> u8 {
        match self {
            Kind::Failed => 1,
            Kind::Usage => 2,
            Kind::NotMet => 3,
            Kind::Stopped => 130,
            Kind::Exit(code) => code,
        }
    }
}

/// One line for a person. Never holds a secret; text from files and servers in it is cleaned when it is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: Kind,
    message: String,
}

/// The result of everything that ends in a line for a person.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of `kind`; an empty message means that nothing is printed.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Error { kind, message: message.into() }
    }

    /// Something went wrong (exit code 1).
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(Kind::Failed, message)
    }

    /// The command line makes no sense (exit code 2).
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// Stopped by a person at a question (exit code 130); nothing is printed.
    pub fn stopped() -> Self {
        Self::new(Kind::Stopped, "")
    }

    /// Only an exit code, no line.
    pub fn silent(kind: Kind) -> Self {
        Self::new(kind, "")
    }

    /// The same error, followed by what to do next.
    #[must_use]
    pub fn next(mut self, step: impl fmt::Display) -> Self {
        self.message = format!("{}: {step}", self.message);
        self
    }

    /// The same error with its place or subject in front.
    #[must_use]
    pub fn within(mut self, place: impl fmt::Display) -> Self {
        // One without a text, as after Ctrl-C, has no place either.
        if self.is_silent() {
            return self;
        }
        self.message = format!("{place}: {}", self.message);
        self
    }

    /// What kind of error this is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether there is nothing to print.
    pub fn is_silent(&self) -> bool {
        self.message.is_empty()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
