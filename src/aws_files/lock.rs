//! One writer at a time: `.awsenv.lock` beside the file.
//!
//! Never the data file itself: it is replaced by a rename, and a lock on the old one would lock nothing.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::WriteError;
use super::target::give_to_owner_of;
#[cfg(windows)]
use crate::windows::{Created, MOMENT, open_private, patiently, try_lock};

/// How long a writer waits for the one before it.
pub(super) const WAIT: Duration = Duration::from_secs(10);

/// How often it looks: writers hold the lock for milliseconds.
const PAUSE: Duration = Duration::from_millis(15);

const NAME: &str = ".awsenv.lock";

/// Held until it is dropped, or the process ends in whatever way.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of a folder; an error that names the holder after `wait`.
    pub fn take(folder: &Path, wait: Duration) -> Result<Lock, WriteError> {
        let path = folder.join(NAME);
        let deadline = Instant::now() + wait;
        loop {
            let mut file = open(&path, folder).map_err(|source| WriteError::io(&path, source))?;
            match try_lock(&file) {
                Ok(()) if still_there(&file, &path) => {
                    // For the message of whoever waits; the lock holds without it.
                    let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
                    return Ok(Lock { _file: file });
                }
                Ok(()) => {}
                Err(TryLockError::WouldBlock) if Instant::now() >= deadline => {
                    return Err(WriteError::Busy { folder: folder.to_owned(), holder: holder(&mut file) });
                }
                Err(TryLockError::WouldBlock) => sleep(PAUSE),
                Err(TryLockError::Error(e)) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(TryLockError::Error(source)) => {
                    return Err(WriteError::NoLocks { folder: folder.to_owned(), source });
                }
            }
        }
    }
}

#[cfg(unix)]
fn try_lock(file: &File) -> Result<(), TryLockError> {
    file.try_lock()
}

fn open(path: &Path, folder: &Path) -> io::Result<File> {
    #[cfg(unix)]
    let file = {
        use std::os::unix::fs::OpenOptionsExt;
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        options.mode(0o600).custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed()).open(path)?
    };
    #[cfg(windows)]
    let file = patiently(MOMENT, || open_private(path, Created::IfMissing))?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is no plain file"));
    }
    give_to_owner_of(folder, &file)?;
    Ok(file)
}

/// Somebody may have deleted the lock file while we waited: a lock on it would be ours alone.
#[cfg(unix)]
fn still_there(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |seen: std::fs::Metadata| (seen.dev(), seen.ino());
    matches!((file.metadata().map(id), std::fs::symlink_metadata(path).map(id)), (Ok(a), Ok(b)) if a == b)
}

#[cfg(windows)]
fn still_there(file: &File, path: &Path) -> bool {
    use crate::windows::identify;
    matches!((identify(file), File::open(path).and_then(|now| identify(&now))), (Ok(a), Ok(b)) if a == b)
}

/// The process that wrote its number into the lock file last.
fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(16).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_writer_waits_and_then_names_the_first() {
        let folder = std::env::temp_dir().join(format!("awsenv-lock-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let held = Lock::take(&folder, WAIT).expect("the lock is free");
        match Lock::take(&folder, Duration::from_millis(50)) {
            Err(WriteError::Busy { holder, .. }) => assert_eq!(holder, Some(std::process::id())),
            other => panic!("not busy: {other:?}"),
        }
        drop(held);
        // Not at once: another test may start a program, whose fork holds all open files until its exec.
        Lock::take(&folder, WAIT).expect("the lock is free again");
        std::fs::remove_dir_all(&folder).expect("our own folder");
    }
}
