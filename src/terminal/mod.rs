//! The person at the terminal: clean text, messages, questions and the pick.
//!
//! Questions go to the controlling terminal and are answered there, never on stdin or stdout, which belong to the command
//! that the person typed; but for `awsenv mfa`, which asks as aws-mfa does ([`ask_on_stdin`]). The texts of the code and SSO questions live in [`Question`] and nowhere else.

mod browser;
mod browser_command;
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
mod secret;
mod stdin;
#[cfg_attr(windows, path = "tty_windows.rs")]
mod tty;

pub use browser::{Link, can_open_browser, open_browser, qr, show_link, show_qr};
pub use browser_command::{BrowserCommand, Opener};
pub use clean::{clean, clean_to, columns};
pub use code::{Code, WrongShape};
pub use message::{Colours, is_dumb, line, say, show_lines, warn};
pub use pick::Row;
pub use question::{Answer, Listening, Question};
#[cfg(unix)]
pub use raw::interrupted;
pub use raw::noting_ctrl_c;
#[cfg(windows)]
pub use relay::hide_from as hide_the_shell_from;
pub use secret::Secret;
pub use stdin::ask_on_stdin;
pub use tty::Tty;
pub(crate) use tty::own_group;
