//! A small D-Bus client, as much as the Secret Service needs: method calls one after the other and the signals that are
//! waited for, over the session bus's socket (D-Bus specification 0.43).

mod address;
mod connection;
mod fault;
mod message;
mod reader;
#[cfg(test)]
mod tests;
mod writer;

pub use connection::{Bus, Call};
pub use fault::Fault;
pub use message::Message;
pub use writer::Body;
