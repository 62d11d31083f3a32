//! One change to one file: locked, read again, edited, replaced, checked.

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

use super::lock::{self, Lock};
use super::replace::{self, Temp};
use super::target::Target;
use super::{Document, FileKind, WriteError};
use crate::error::Result;

/// How often an edit is made again because a program that takes no lock wrote at the same time.
const TRIES: usize = 5;

/// What a new session and its section may add to a file.
const GROWTH: usize = 16 << 10;

/// Changes a file: `edit` gets the document as it is under the lock, and may be called again when another program
/// wrote meanwhile, so it must not depend on how often. Nothing is written when it fails or changes nothing.
pub fn edit<T>(path: &Path, kind: FileKind, edit: impl FnMut(&mut Document) -> Result<T>) -> Result<T> {
    run(path, None, of_document(path, kind, edit))
}

/// The same for a text file of our own: `edit` gets its bytes, none where it is not there, and gives the new ones. A new
/// file is 0600; one that is `private` from now on becomes it before anything is written.
pub fn edit_own(path: &Path, private: bool, mut edit: impl FnMut(&[u8]) -> Result<Vec<u8>>) -> Result<()> {
    run(path, None, |target| {
        let (before, exists) = match std::fs::read(&target.path) {
            Ok(bytes) => (bytes, true),
            Err(e) if e.kind() == io::ErrorKind::NotFound => (Vec::new(), false),
            Err(source) => return Err(WriteError::io(path, source).into()),
        };
        let after = edit(&before)?;
        if private && exists && after != before {
            replace::make_private(&target.path).map_err(|source| WriteError::io(path, source))?;
        }
        Ok(Round { before, after, exists, value: () })
    })
}

/// Checks, before a person is asked, what could fail in [`edit_own`].
pub fn check_own(path: &Path) -> Result<()> {
    let target = Target::resolve(path)?;
    let _lock = Lock::take(&target.folder, lock::WAIT)?;
    replace::check_backup(&target)?;
    let fail = |source| WriteError::io(path, source);
    if target.look().map_err(fail)?.is_some() {
        check_access(&target.path)?;
    }
    Temp::create(&target.folder).map_err(fail)?;
    Ok(())
}

/// Checks, before a code is asked for, everything that could fail when its session is written: the file can be read,
/// it and its folder can be written, the lock can be had, and there is room on the disk, which is kept.
pub fn check_writable(path: &Path, kind: FileKind) -> Result<Ready> {
    let target = Target::resolve(path)?;
    let _lock = Lock::take(&target.folder, lock::WAIT)?;
    replace::sweep(&target.folder);
    let document = Document::read(path, kind)?;
    if document.exists() {
        check_access(&target.path)?;
    }
    replace::check_backup(&target)?;
    let fail = |source| WriteError::io(path, source);
    let mut temp = Temp::create(&target.folder).map_err(fail)?;
    temp.fill(&vec![0; document.bytes().len() + GROWTH]).map_err(fail)?;
    Ok(Ready { path: path.to_owned(), kind, folder: target.folder, temp })
}

/// A file that can be written, with the room for it; the room is given back when this is dropped.
#[derive(Debug)]
pub struct Ready {
    path: PathBuf,
    kind: FileKind,
    folder: PathBuf,
    temp: Temp,
}

impl Ready {
    /// As [`edit()`], in the room that is kept.
    pub fn edit<T>(self, edit: impl FnMut(&mut Document) -> Result<T>) -> Result<T> {
        run(&self.path, Some((self.folder, self.temp)), of_document(&self.path, self.kind, edit))
    }
}

/// A file as it is, and as it shall be.
struct Round<T> {
    before: Vec<u8>,
    after: Vec<u8>,
    exists: bool,
    value: T,
}

fn of_document<T>(
    path: &Path,
    kind: FileKind,
    mut edit: impl FnMut(&mut Document) -> Result<T>,
) -> impl FnMut(&Target) -> Result<Round<T>> {
    move |_| {
        let mut document = Document::read(path, kind)?;
        let before = document.bytes().to_vec();
        let value = edit(&mut document)?;
        Ok(Round { before, exists: document.exists(), after: document.into_bytes(), value })
    }
}

fn run<T>(
    path: &Path,
    mut room: Option<(PathBuf, Temp)>,
    mut round: impl FnMut(&Target) -> Result<Round<T>>,
) -> Result<T> {
    let fail = |source| WriteError::io(path, source);
    let target = Target::resolve(path)?;
    let _lock = Lock::take(&target.folder, lock::WAIT)?;
    replace::sweep(&target.folder);
    replace::check_backup(&target)?;
    for _ in 0..TRIES {
        let seen = target.look().map_err(fail)?;
        let Round { before, after, exists, value } = round(&target)?;
        // Also how a later round ends: the file that another program wrote has what we wanted.
        if after == before {
            return Ok(value);
        }
        if exists {
            check_access(&target.path)?;
        }
        let temp = match room.take() {
            // The link may lead elsewhere by now.
            Some((folder, temp)) if folder == target.folder => temp,
            _ => Temp::create(&target.folder).map_err(fail)?,
        };
        if !unchanged(seen.as_ref(), target.look().map_err(fail)?.as_ref()) {
            continue;
        }
        replace::put(&target, seen.as_ref(), temp, &after)?;
        // Other tools write without locks: is it still ours?
        if std::fs::read(&target.path).map_err(fail)? == after {
            return Ok(value);
        }
    }
    Err(WriteError::Lost { path: path.to_owned() }.into())
}

/// Whether two looks saw the same file in the same state.
fn unchanged(before: Option<&Metadata>, now: Option<&Metadata>) -> bool {
    match (before, now) {
        (None, None) => true,
        (Some(a), Some(b)) => {
            #[cfg(unix)]
            {
                use std::os::unix::fs::MetadataExt;
                if (a.dev(), a.ino(), a.ctime(), a.ctime_nsec()) != (b.dev(), b.ino(), b.ctime(), b.ctime_nsec()) {
                    return false;
                }
            }
            #[cfg(windows)]
            {
                use std::os::windows::fs::MetadataExt;
                if a.creation_time() != b.creation_time() {
                    return false;
                }
            }
            a.len() == b.len() && a.modified().ok() == b.modified().ok()
        }
        _ => false,
    }
}

/// A file that its owner made read-only stays as it is, though a rename could replace it.
fn check_access(path: &Path) -> Result<(), WriteError> {
    #[cfg(unix)]
    let access =
        rustix::fs::accessat(rustix::fs::CWD, path, rustix::fs::Access::WRITE_OK, rustix::fs::AtFlags::EACCESS)
            .map_err(io::Error::from);
    #[cfg(not(unix))]
    let access = match std::fs::metadata(path) {
        Ok(seen) if seen.permissions().readonly() => Err(io::ErrorKind::PermissionDenied.into()),
        other => other.map(drop),
    };
    access.map_err(|source| WriteError::io(path, source))
}
