//! Files that other processes have open: locks that keep nobody from reading, patience with those who share nothing, and
//! which file a handle is.

use std::fs::{File, TryLockError};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::AsRawHandle;
use std::path::Path;
use std::time::{Duration, Instant};

use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_IO_PENDING, ERROR_LOCK_VIOLATION, ERROR_SHARING_VIOLATION, ERROR_USER_MAPPED_FILE,
};
use windows_sys::Win32::Storage::FileSystem::{
    BY_HANDLE_FILE_INFORMATION, GetFileInformationByHandle, LOCKFILE_EXCLUSIVE_LOCK, LOCKFILE_FAIL_IMMEDIATELY,
    LockFileEx,
};
use windows_sys::Win32::System::IO::OVERLAPPED;

/// For how long to be patient where a person waits for an answer: "access denied" may be meant.
pub const MOMENT: Duration = Duration::from_millis(300);

/// How often somebody who holds a file is asked again.
const PAUSE: Duration = Duration::from_millis(10);

/// Locks a file for this process alone, until it is closed.
///
/// One byte far behind the end: Windows lets nobody else read what is locked, and others read in our lock files who holds
/// them. (`File::try_lock` locks every byte.)
///
/// # Errors
/// `WouldBlock`: somebody else has it.
pub fn try_lock(file: &File) -> Result<(), TryLockError> {
    // SAFETY: plain data, for which zeros are valid: no event.
    let mut place: OVERLAPPED = unsafe { std::mem::zeroed() };
    place.Anonymous.Anonymous.OffsetHigh = 0x4000_0000;
    let how = LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY;
    // SAFETY: the handle is open and synchronous, so that `place` is used during the call only.
    match super::check(unsafe { LockFileEx(file.as_raw_handle(), how, 0, 1, 0, &mut place) }) {
        Ok(()) => Ok(()),
        Err(e) if is(&e, &[ERROR_LOCK_VIOLATION, ERROR_IO_PENDING]) => Err(TryLockError::WouldBlock),
        Err(e) => Err(TryLockError::Error(e)),
    }
}

/// Which file it is, whatever its names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    pub volume: u32,
    pub index: u64,
    /// How many names it has.
    pub names: u32,
}

/// The identity of an open file.
///
/// # Errors
/// As the system gives them.
pub fn identify(file: &File) -> io::Result<Identity> {
    // SAFETY: plain data, for which zeros are valid.
    let mut found: BY_HANDLE_FILE_INFORMATION = unsafe { std::mem::zeroed() };
    // SAFETY: the handle is open, the pointer is to a structure of ours.
    super::check(unsafe { GetFileInformationByHandle(file.as_raw_handle(), &mut found) })?;
    let index = u64::from(found.nFileIndexHigh) << 32 | u64::from(found.nFileIndexLow);
    Ok(Identity { volume: found.dwVolumeSerialNumber, index, names: found.nNumberOfLinks })
}

/// Does something to a file again and again while another process holds it in a way that excludes us, for `most` at most:
/// readers, virus scanners and indexers hold files for moments.
///
/// # Errors
/// The last one.
pub fn patiently<T>(most: Duration, mut attempt: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    let end = Instant::now() + most;
    loop {
        match attempt() {
            Err(e) if is_busy(&e) && Instant::now() < end => std::thread::sleep(PAUSE),
            done => return done,
        }
    }
}

/// Whether an error can mean that another process holds the file. "Access denied" is also what a file says that is being
/// replaced, and what `rename` says of one that somebody holds.
pub fn is_busy(error: &io::Error) -> bool {
    is(error, &[ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION, ERROR_ACCESS_DENIED, ERROR_USER_MAPPED_FILE])
}

/// Whether another process holds a file and lets nobody delete or replace it; "access denied" alone would not tell that from
/// a lack of permission.
pub fn is_held(path: &Path) -> bool {
    const DELETE: u32 = 0x0001_0000;
    const EVERYTHING: u32 = 7;
    let opened = File::options().access_mode(DELETE).share_mode(EVERYTHING).open(path);
    opened.is_err_and(|e| is(&e, &[ERROR_SHARING_VIOLATION]))
}

/// Puts a file in the place of another, which readers may hold for moments.
///
/// # Errors
/// As `std::fs::rename`; [`is_busy`] ones after two seconds.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    patiently(Duration::from_secs(2), || std::fs::rename(from, to))
}

fn is(error: &io::Error, codes: &[u32]) -> bool {
    error.raw_os_error().is_some_and(|code| codes.contains(&code.cast_unsigned()))
}
