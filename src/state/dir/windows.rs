//! The state folder on Windows.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::path::Path;

pub use crate::windows::rename;
use crate::windows::{self, Created, MOMENT};

use super::Use;

/// `FILE_FLAG_OPEN_REPARSE_POINT`: a link itself, not what it leads to.
const NO_LINKS: u32 = 0x0020_0000;

/// Opens without following a link.
pub fn open(path: &Path, how: Use) -> io::Result<File> {
    windows::patiently(MOMENT, || match how {
        Use::Read => OpenOptions::new().read(true).custom_flags(NO_LINKS).open(path),
        Use::New => windows::open_private(path, Created::New),
        Use::Lock => windows::open_private(path, Created::IfMissing),
        Use::Append => windows::open_private(path, Created::ToAppend),
    })
}

/// Makes the folder and those above it, the last one for its owner alone: the others are the system's (`AppData\Local`).
pub fn make(path: &Path) -> io::Result<()> {
    if let Some(above) = path.parent() {
        std::fs::create_dir_all(above)?;
    }
    match windows::create_folder(path) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

/// The folder for temporary files is the user's own here and needs no name in it.
pub fn own_user() -> &'static str {
    "own"
}

pub fn is_own(path: &Path, _: &Metadata) -> bool {
    judged(path, windows::is_owned_by)
}

pub fn is_private(path: &Path, _: &Metadata) -> bool {
    judged(path, |sddl, me| windows::is_owned_by(sddl, me) && windows::is_safe_from_others(sddl, me))
}

/// There are no folders like /tmp.
pub fn is_shared(_: &Metadata) -> bool {
    false
}

pub fn is_writable(path: &Path) -> bool {
    path.metadata().is_ok_and(|m| !m.permissions().readonly())
}

fn judged(path: &Path, judge: impl Fn(&str, &str) -> bool) -> bool {
    matches!((windows::sddl(path), windows::own_sid()), (Ok(sddl), Ok(me)) if judge(&sddl, me))
}
