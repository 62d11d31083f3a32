//! What goes wrong on the bus.

use std::io;

/// Why there is no answer. None of its texts comes from a message's secret parts.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// No bus can be reached.
    #[error("{0}")]
    NoBus(String),
    /// The connection broke.
    #[error("the session bus: {0}")]
    Io(io::Error),
    /// Nothing came within the time a call may take.
    #[error("the session bus does not answer")]
    Silent,
    /// The other side does not keep to the protocol.
    #[error("an answer on the session bus is broken: {0}")]
    Broken(&'static str),
    /// The call was answered by an error.
    #[error("{message} ({name})")]
    Refused {
        /// The error's name, `org.freedesktop.DBus.Error.ServiceUnknown`.
        name: String,
        /// What it says for people.
        message: String,
    },
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Fault::Silent,
            _ => Fault::Io(error),
        }
    }
}
