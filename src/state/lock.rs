//! Locks between processes of one user: kernel locks on files in the state folder, which a killed holder loses by itself.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::time::{Duration, Instant};

use super::dir::StateDir;
#[cfg(windows)]
use crate::windows::try_lock;

/// A lock that is held until this is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
}

/// Whether a lock could be had.
#[derive(Debug)]
pub(super) enum Try {
    Got(Lock),
    /// Somebody has it.
    Held,
}

impl Lock {
    /// Takes the lock if it is free. An error: no file, or a file system without locks.
    pub fn attempt(dir: &StateDir, name: &str) -> io::Result<Try> {
        loop {
            let file = dir.open_lock(name)?;
            match try_lock(&file) {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(Try::Held),
                Err(TryLockError::Error(e)) => return Err(e),
            }
            // A sweep may have removed the file between open and lock: then this lock keeps nobody out.
            if is_still(dir, name, &file) {
                return Ok(Try::Got(Lock { file }));
            }
        }
    }

    /// Takes the lock, waiting for a short time: holders only read and write a small file.
    pub fn shortly(dir: &StateDir, name: &str) -> io::Result<Lock> {
        let end = Instant::now() + Duration::from_secs(2);
        loop {
            match Lock::attempt(dir, name)? {
                Try::Got(lock) => return Ok(lock),
                Try::Held if Instant::now() >= end => return Err(io::ErrorKind::TimedOut.into()),
                Try::Held => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }

    /// What the lock file says.
    pub fn note(&mut self) -> io::Result<Vec<u8>> {
        self.file.seek(SeekFrom::Start(0))?;
        let mut text = Vec::new();
        (&self.file).take(4096).read_to_end(&mut text)?;
        Ok(text)
    }

    /// Writes into the lock file, for those who wait.
    pub fn set_note(&mut self, text: &str) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(0))?;
        self.file.set_len(0)?;
        self.file.write_all(text.as_bytes())
    }
}

#[cfg(unix)]
fn try_lock(file: &File) -> Result<(), TryLockError> {
    file.try_lock()
}

#[cfg(unix)]
fn is_still(dir: &StateDir, name: &str, file: &File) -> bool {
    use std::os::unix::fs::MetadataExt;
    let (Ok(held), Ok(named)) = (file.metadata(), std::fs::symlink_metadata(dir.path().join(name))) else {
        return false;
    };
    (held.dev(), held.ino()) == (named.dev(), named.ino())
}

#[cfg(windows)]
fn is_still(dir: &StateDir, name: &str, file: &File) -> bool {
    use crate::windows::identify;
    let named = File::open(dir.path().join(name)).and_then(|now| identify(&now));
    matches!((identify(file), named), (Ok(held), Ok(named)) if held == named)
}
