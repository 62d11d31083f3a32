//! The AWS config and credentials files: found, read without loss, edited line by line, replaced safely.
//!
//! They are read as the union of what botocore (the AWS CLI, boto3), the SDKs and their own specification accept, the
//! SDKs' reading first where both accept a line and differ. [`Document::complaints`] says what one of them would
//! refuse. The formats: botocore's `configloader.py` over Python's `configparser`, and aws-runtime's `env_config` with
//! its official cases.
//!
//! Reading: [`Paths::of`], [`Document::read`], [`Document::profile`], [`Section::get`]. Writing: [`check_writable`]
//! before a code is asked for, [`Ready::edit`] after it, or [`edit()`] alone; [`replace::write`] for files of our own.

mod bulk;
mod dialect;
mod document;
mod edit;
mod header;
mod hidden;
mod index;
mod lines;
mod locate;
mod lock;
mod property;
mod rename;
pub mod replace;
mod room;
mod section;
pub mod seek;
mod target;
mod transaction;

pub use bulk::{KeyChange, NewSection};
pub use dialect::{Complaint, Effect, Reader};
pub use document::Document;
pub use edit::EditError;
pub use locate::Paths;
pub use room::Room;
pub use section::{Section, Value};
pub use transaction::{Ready, check_own, check_writable, edit, edit_own};

use std::io;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// Which of the two files: their headers differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// `~/.aws/config`: `[default]`, `[profile dev]`, `[sso-session corp]`, `[services local]`.
    Config,
    /// `~/.aws/credentials`: `[dev]`, the name as it stands.
    Credentials,
}

/// What a section is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SectionKind {
    Profile,
    SsoSession,
    Services,
    /// Nothing that names a profile, an SSO session or services; kept, and not looked into.
    Other,
}

impl SectionKind {
    /// The word in front of the name in the config file.
    fn prefix(self) -> &'static str {
        match self {
            SectionKind::Profile => "profile",
            SectionKind::SsoSession => "sso-session",
            SectionKind::Services => "services",
            SectionKind::Other => "",
        }
    }
}

/// Why a file cannot be read. Each is one line that names the file, and the line where there is one.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("cannot read {}: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{} is not a file: AWS's files are plain text files", path.display())]
    NotAFile { path: PathBuf },
    #[error("{} is larger than {} MB: that is no AWS file", path.display(), limit >> 20)]
    TooBig { path: PathBuf, limit: u64 },
    #[error("{}:{line}: {what}", path.display())]
    Broken { path: PathBuf, line: u32, what: &'static str },
}

impl From<FileError> for Error {
    fn from(error: FileError) -> Self {
        Error::failed(error.to_string())
    }
}

impl From<EditError> for Error {
    fn from(error: EditError) -> Self {
        Error::failed(error.to_string())
    }
}

/// Why a file cannot be written. Each is one line that names the file or folder.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error("cannot write {}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("nothing can be written into the folder {}: {source}: chmod u+w {}", folder.display(), folder.display())]
    Folder { folder: PathBuf, source: io::Error },
    #[error("another program holds {} open and lets nobody replace it: close it there (an editor, a viewer, a backup) and try again", path.display())]
    Held { path: PathBuf },
    #[error("cannot lock {}: {source}: its file system has no locks, and without one two writers would lose a session", folder.display())]
    NoLocks { folder: PathBuf, source: io::Error },
    #[error("{} has been locked by {} for 10 s: wait for it to end, or end it, and try again", folder.display(), holder_name(*holder))]
    Busy { folder: PathBuf, holder: Option<u32> },
    #[error("{} leads through a link to {}, which has another owner than the link: root does not write there", path.display(), target.display())]
    ForeignLink { path: PathBuf, target: PathBuf },
    #[error("another program keeps writing {} at the same time: try again", path.display())]
    Lost { path: PathBuf },
    #[error("a write to {} was cut off; what it held before is in {}: copy that back, or delete it, and try again", path.display(), backup.display())]
    CutOff { path: PathBuf, backup: PathBuf },
}

impl WriteError {
    fn io(path: &Path, source: io::Error) -> Self {
        match path.parent() {
            Some(folder) if source.kind() == io::ErrorKind::PermissionDenied && is_closed(folder) => {
                WriteError::Folder { folder: folder.to_owned(), source }
            }
            _ => WriteError::Io { path: path.to_owned(), source },
        }
    }
}

/// Whether a folder is there, and its owner has taken the right to write from themselves.
#[cfg(unix)]
fn is_closed(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let us = rustix::process::geteuid().as_raw();
    std::fs::metadata(folder).is_ok_and(|about| about.is_dir() && about.uid() == us && about.mode() & 0o200 == 0)
}

#[cfg(windows)]
fn is_closed(_folder: &Path) -> bool {
    false
}

fn holder_name(holder: Option<u32>) -> String {
    holder.map_or_else(|| "another process".into(), |pid| format!("process {pid}"))
}

impl From<WriteError> for Error {
    fn from(error: WriteError) -> Self {
        Error::failed(error.to_string())
    }
}
