//! Replacing files on Unix.

use std::fs::{self, File, Metadata, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::Path;

pub use fs::rename;

use super::Temp;
use crate::aws_files::target::Target;

/// A new file, readable by its owner only.
pub fn create_private(path: &Path) -> io::Result<File> {
    File::options().read(true).write(true).create_new(true).mode(0o600).open(path)
}

pub fn try_lock(file: &File) -> Result<(), TryLockError> {
    file.try_lock()
}

/// Whether nothing can be renamed to this place, but it can be written: a single file that is mounted.
pub fn cannot_be_replaced(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ResourceBusy | io::ErrorKind::CrossesDevices)
}

/// Whoever reads a file here keeps the one that was replaced.
pub fn is_held(_: &Path) -> bool {
    false
}

pub fn has_other_names(_: &Target, seen: &Metadata) -> bool {
    seen.nlink() > 1
}

/// Owner and mode of the file that is replaced.
pub fn keep_access(temp: &Temp, _: &Target, seen: &Metadata) -> io::Result<()> {
    let made = temp.file.metadata()?;
    if (made.uid(), made.gid()) != (seen.uid(), seen.gid()) {
        fchown(&temp.file, Some(seen.uid()), Some(seen.gid()))?;
    }
    set_mode(temp, None, seen.permissions().mode() & 0o7777)
}

/// The mode of a file that takes the place of `_target`, if of any.
pub fn set_mode(temp: &Temp, _target: Option<&Target>, mode: u32) -> io::Result<()> {
    temp.file.set_permissions(Permissions::from_mode(mode))
}

/// Takes a file that is there from everybody but its owner.
pub fn make_private(path: &Path) -> io::Result<()> {
    let mode = fs::metadata(path)?.permissions().mode() & 0o7777;
    if mode & 0o077 == 0 { Ok(()) } else { fs::set_permissions(path, Permissions::from_mode(mode & 0o7700)) }
}

pub fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        // Some network file systems cannot sync a folder.
        Err(e) if e.kind() == io::ErrorKind::InvalidInput => Ok(()),
        other => other,
    }
}
