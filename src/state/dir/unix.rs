//! The state folder on Unix.

use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

pub use std::fs::rename;

use rustix::fs::{Access, AtFlags, CWD, OFlags, accessat};

use super::Use;

/// Opens without following a link and without waiting for a pipe's other end.
pub fn open(path: &Path, how: Use) -> io::Result<File> {
    let mut options = OpenOptions::new();
    match how {
        Use::Read => options.read(true),
        Use::New => options.write(true).create_new(true),
        Use::Lock => options.read(true).write(true).create(true),
        Use::Append => options.append(true).create(true),
    };
    options.mode(0o600).custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed()).open(path)
}

/// Makes the folder and those above it, 0700.
pub fn make(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

pub fn own_user() -> u32 {
    rustix::process::geteuid().as_raw()
}

pub fn is_own(_: &Path, found: &Metadata) -> bool {
    found.uid() == own_user()
}

pub fn is_private(path: &Path, found: &Metadata) -> bool {
    is_own(path, found) && found.mode() & 0o022 == 0
}

/// A folder like /tmp: anybody may add to it, nobody may take away what is another's.
pub fn is_shared(found: &Metadata) -> bool {
    found.mode() & 0o1002 == 0o1002
}

pub fn is_writable(path: &Path) -> bool {
    accessat(CWD, path, Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS).is_ok()
}
