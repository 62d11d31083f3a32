//! The person at the terminal: clean text, messages, questions and the pick.
//!
//! Questions go to the controlling terminal and are answered there, never on stdin or stdout, which belong to the command
//! that the person typed. The texts of the code and SSO questions live in [`Question`] and nowhere else.

mod clean;
mod code;
mod keys;
mod line_editor;
mod message;
#[cfg(any(windows, test))]
mod mintty;
mod pick;
mod question;
#[cfg_attr(windows, path = "raw_windows.rs")]
mod raw;
#[cfg(any(windows, test))]
mod relay;
#[cfg_attr(windows, path = "tty_windows.rs")]
mod tty;

pub use clean::{clean, clean_to, columns};
pub use code::{Code, WrongShape};
pub use message::{Colours, line, say, warn};
pub use pick::Row;
pub use question::{Answer, Question};
pub use raw::beside_a_program;
#[cfg(windows)]
pub use relay::VARIABLE as SHELL_ANSWERS;
pub use tty::Tty;
pub(crate) use tty::own_group;
