//! What goes wrong on the bus.

use std::io;

/// Why there is no answer. None of its texts comes from a message's secret parts.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// No bus can be reached.
    #[error("{0}")]
    NoBus(String),
    /// The environment names a bus that nobody has confirmed.
    #[error("{0}")]
    Unconfirmed(String),
    /// Ctrl-C where somebody was asked for that.
    #[error("stopped")]
    Stopped,
    /// The connection broke.
    #[error("the session bus: {0}")]
    Io(#[from] io::Error),
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
