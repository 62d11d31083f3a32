//! Calls of Windows that std has not. The one place with unsafe code besides `main`: each function takes and gives safe
//! types, and what may be decided without the system is decided elsewhere.
#![allow(unsafe_code, reason = "the system's functions take pointers; each use says why it holds")]
#![deny(clippy::undocumented_unsafe_blocks)]

mod access;
mod access_text;
mod console;
mod ctrl_c;
mod files;
mod folders;
mod process;
mod registry;

pub use access::{Created, copy_access, create_folder, open_private, own_sid, sddl};
pub use access_text::{is_owned_by, is_safe_from_others, is_secret_to};
pub use console::{
    Input, Key, enable_colours, flush, identity, is_console, mode, next, pipe_name, screen_size, set_mode, set_stderr,
    shows_console, wait, write,
};
pub use ctrl_c::{Watch, watch};
pub use files::{Identity, MOMENT, identify, is_busy, is_held, patiently, rename, try_lock};
pub use folders::{documents, expand};
pub use process::{is_alive, is_wine, parent_program, start_time};
pub use registry::{Hive, Text, announce_environment, registry_text, set_registry_text};

use std::ffi::OsStr;
use std::io;
use std::os::windows::ffi::OsStrExt;

/// Text as the system takes it: UTF-16 and a NUL. An error where a NUL is inside, which would cut it.
fn wide(text: impl AsRef<OsStr>) -> io::Result<Vec<u16>> {
    let mut units: Vec<u16> = text.as_ref().encode_wide().collect();
    if units.contains(&0) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    units.push(0);
    Ok(units)
}

/// What a function that answers with BOOL means.
fn check(answer: i32) -> io::Result<()> {
    if answer == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
