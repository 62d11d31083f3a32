//! A file is replaced whole or not at all: a temporary file beside it, synced, renamed over it.

use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

#[cfg_attr(windows, path = "replace/windows.rs")]
#[cfg_attr(unix, path = "replace/unix.rs")]
mod system;

use super::WriteError;
use super::target::{Target, give_to_owner_of};
use system::{cannot_be_replaced, create_private, has_other_names, keep_access, rename, set_mode, try_lock};
pub(super) use system::{is_held, make_private, sync_folder};

const PREFIX: &str = ".awsenv-";
const SUFFIX: &str = ".tmp";

/// Where there are no locks, a temporary file of this age has no writer any more.
const ABANDONED: Duration = Duration::from_secs(3600);

/// Writes a small file of our own, such as a session cache, whole or not at all: folder 0700 when it is new, the file
/// with `mode`, links followed. Leftovers of writers that were killed go.
pub fn write(path: &Path, bytes: &[u8], mode: u32) -> Result<(), WriteError> {
    let target = Target::resolve(path)?;
    let fail = |source| WriteError::io(path, source);
    sweep(&target.folder);
    loop {
        let mut temp = Temp::create(&target.folder).map_err(fail)?;
        temp.fill(bytes).map_err(fail)?;
        set_mode(&temp, Some(&target), mode).map_err(fail)?;
        give_to_owner_of(&target.folder, &temp.file).map_err(fail)?;
        match temp.rename_to(&target.path) {
            // Swept by another writer before it was locked: again.
            Err(e) if e.kind() == io::ErrorKind::NotFound && target.folder.is_dir() => {}
            Err(e) => return Err(not_replaced(&target.path, e)),
            Ok(()) => return sync_folder(&target.folder).map_err(fail),
        }
    }
}

/// Why a file could not be replaced.
pub(super) fn not_replaced(path: &Path, source: io::Error) -> WriteError {
    match is_held(path) {
        true => WriteError::Held { path: path.to_owned() },
        false => WriteError::io(path, source),
    }
}

/// A temporary file, locked while its writer lives, gone when it is dropped.
#[derive(Debug)]
pub(super) struct Temp {
    pub file: File,
    path: PathBuf,
    renamed: bool,
}

impl Temp {
    /// A new one, readable by its owner only, that nobody else can have made.
    pub fn create(folder: &Path) -> io::Result<Temp> {
        loop {
            let mut name = [0; 8];
            getrandom::fill(&mut name).map_err(|e| io::Error::other(e.to_string()))?;
            let path = folder.join(format!("{PREFIX}{:016x}{SUFFIX}", u64::from_ne_bytes(name)));
            match create_private(&path) {
                Ok(file) => {
                    // Where there are no locks the sweeper goes by age.
                    let _ = try_lock(&file);
                    return Ok(Temp { file, path, renamed: false });
                }
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
                Err(e) => return Err(e),
            }
        }
    }

    /// These bytes and no others, on the disk.
    pub fn fill(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.rewind()?;
        self.file.write_all(bytes)?;
        self.file.set_len(bytes.len() as u64)?;
        self.file.sync_all()
    }

    /// Puts it in the place of another file, or where there was none.
    pub fn rename_to(&mut self, path: &Path) -> io::Result<()> {
        rename(&self.path, path)?;
        self.renamed = true;
        Ok(())
    }
}

impl Drop for Temp {
    fn drop(&mut self) {
        if !self.renamed {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Takes away what killed writers left: temporary files that nobody has locked.
pub(super) fn sweep(folder: &Path) {
    let is_ours = |name: &OsStr| name.to_str().is_some_and(|n| n.starts_with(PREFIX) && n.ends_with(SUFFIX));
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| is_ours(&entry.file_name())) {
        if is_abandoned(&entry.path()).unwrap_or(false) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn is_abandoned(path: &Path) -> io::Result<bool> {
    let seen = fs::symlink_metadata(path)?;
    if !seen.is_file() {
        return Ok(false);
    }
    match try_lock(&File::options().write(true).open(path)?) {
        Ok(()) => Ok(true),
        Err(fs::TryLockError::WouldBlock) => Ok(false),
        Err(fs::TryLockError::Error(_)) => {
            Ok(SystemTime::now().duration_since(seen.modified()?).is_ok_and(|age| age > ABANDONED))
        }
    }
}

/// Puts new bytes in the place of a file: by rename, with the old mode and owner. Where that cannot work (a single
/// file mounted into a container, other hard links, an owner we cannot give, Windows and a reader that shares nothing) in place, behind a synced backup.
pub(super) fn put(target: &Target, seen: Option<&Metadata>, mut temp: Temp, bytes: &[u8]) -> Result<(), WriteError> {
    let fail = |source| WriteError::io(&target.path, source);
    if seen.is_some_and(|seen| has_other_names(target, seen)) {
        return in_place(target, temp, bytes);
    }
    temp.fill(bytes).map_err(fail)?;
    let owned = match seen {
        Some(seen) => keep_access(&temp, target, seen),
        None => give_to_owner_of(&target.folder, &temp.file),
    };
    match owned {
        Err(e) if e.kind() == io::ErrorKind::PermissionDenied && seen.is_some() => {
            return in_place(target, temp, bytes);
        }
        other => other.map_err(fail)?,
    }
    match temp.rename_to(&target.path) {
        Err(e) if seen.is_some() && cannot_be_replaced(&e) => in_place(target, temp, bytes),
        Err(e) => Err(fail(e)),
        Ok(()) => sync_folder(&target.folder).map_err(fail),
    }
}

/// The one way of writing that a crash can cut off: what was there before is on the disk first, under a name that the
/// next writer looks for.
fn in_place(target: &Target, mut temp: Temp, bytes: &[u8]) -> Result<(), WriteError> {
    let fail = |source| WriteError::io(&target.path, source);
    let old = fs::read(&target.path).map_err(fail)?;
    let file = File::options().write(true).open(&target.path);
    let mut file = file.map_err(|e| not_replaced(&target.path, e))?;
    let backup = backup_of(target);
    temp.fill(&old).map_err(fail)?;
    set_mode(&temp, None, 0o600).map_err(fail)?;
    temp.rename_to(&backup).map_err(fail)?;
    sync_folder(&target.folder).map_err(fail)?;
    if let Err(source) = overwrite(&mut file, &old, bytes) {
        // The old bytes need no new room.
        let restored = overwrite(&mut file, bytes, &old).is_ok();
        if restored {
            let _ = fs::remove_file(&backup);
            return Err(fail(source));
        }
        return Err(WriteError::CutOff { path: target.path.clone(), backup });
    }
    fs::remove_file(&backup).and_then(|()| sync_folder(&target.folder)).map_err(fail)
}

/// Overwrites a file without ever making it shorter than need be: what goes beyond the old end comes first, because
/// only that can find the disk full.
fn overwrite(file: &mut File, old: &[u8], new: &[u8]) -> io::Result<()> {
    if let Some(tail) = new.get(old.len()..).filter(|tail| !tail.is_empty()) {
        file.seek(io::SeekFrom::Start(old.len() as u64))?;
        file.write_all(tail)?;
        file.sync_all()?;
    }
    file.rewind()?;
    file.write_all(&new[..new.len().min(old.len())])?;
    file.set_len(new.len() as u64)?;
    file.sync_all()
}

fn backup_of(target: &Target) -> PathBuf {
    let mut name = std::ffi::OsString::from(PREFIX);
    name.push("backup-");
    name.push(target.path.file_name().unwrap_or_default());
    target.folder.join(name)
}

/// Whether a write in place was cut off before: then a person has to look. A backup of what is there goes.
pub(super) fn check_backup(target: &Target) -> Result<(), WriteError> {
    let backup = backup_of(target);
    let Ok(old) = fs::read(&backup) else { return Ok(()) };
    if fs::read(&target.path).is_ok_and(|now| now == old) {
        return fs::remove_file(&backup).map_err(|source| WriteError::io(&backup, source));
    }
    Err(WriteError::CutOff { path: target.path.clone(), backup })
}
