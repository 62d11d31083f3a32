//! Replacing files on Windows.

use std::fs::{File, Metadata};
use std::io;
use std::path::Path;

pub use crate::windows::{is_busy as cannot_be_replaced, is_held, rename, try_lock};

use super::Temp;
use crate::aws_files::target::Target;
use crate::windows::{Created, copy_access, identify, open_private};

/// A new file, readable by its owner only.
pub fn create_private(path: &Path) -> io::Result<File> {
    open_private(path, Created::New)
}

pub fn has_other_names(target: &Target, _: &Metadata) -> bool {
    File::open(&target.path).and_then(|file| identify(&file)).is_ok_and(|found| found.names > 1)
}

/// The access of the file that is replaced. (Its owner is who makes the new one: only an administrator can give it away.)
pub fn keep_access(temp: &Temp, target: &Target, _: &Metadata) -> io::Result<()> {
    copy_access(&target.path, &temp.path)
}

/// There are no modes: a file that takes the place of another has its access, one that is new is its owner's.
pub fn set_mode(temp: &Temp, target: Option<&Target>, _: u32) -> io::Result<()> {
    match target {
        Some(target) if target.look()?.is_some() => copy_access(&target.path, &temp.path),
        _ => Ok(()),
    }
}

/// What lies in a user's own folders is his alone already.
pub fn make_private(_: &Path) -> io::Result<()> {
    Ok(())
}

/// A rename is the file system's own to keep: a folder cannot be synced here.
pub fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
