//! The real file behind a path: links followed, owner and mode seen, and what root must not touch.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Component, Path, PathBuf};

use super::WriteError;

/// As many links as Linux follows.
const LINKS: usize = 40;

/// A file that shall be written, and the folder it is in.
#[derive(Debug, Clone)]
pub(super) struct Target {
    /// With every link followed.
    pub path: PathBuf,
    pub folder: PathBuf,
}

impl Target {
    /// Follows the links of a path, also where they lead to a file that is not there yet, and makes a missing folder
    /// (0700).
    ///
    /// As root, a link of somebody else may lead only to that person's own files: a user's home can hold links, and
    /// root would write wherever they point.
    pub fn resolve(path: &Path) -> Result<Target, WriteError> {
        let fail = |source| WriteError::io(path, source);
        let mut path_now = std::path::absolute(path).map_err(fail)?;
        let mut owners = Vec::new();
        for _ in 0..LINKS {
            owners.extend(owners_of_links(&path_now));
            let is_link = match fs::symlink_metadata(&path_now) {
                Ok(seen) if seen.is_symlink() => true,
                Ok(seen) if seen.is_file() => false,
                // Not even a lock file is made beside a device.
                Ok(_) => return Err(fail(io::Error::other("it is no plain file"))),
                Err(e) if e.kind() == io::ErrorKind::NotFound => false,
                Err(e) => return Err(fail(e)),
            };
            let (Some(folder), Some(name)) = (path_now.parent(), path_now.file_name()) else {
                return Err(fail(io::ErrorKind::IsADirectory.into()));
            };
            if is_link {
                path_now = folder.join(fs::read_link(&path_now).map_err(fail)?);
                continue;
            }
            make_folder(folder).map_err(fail)?;
            let folder = plain(folder.canonicalize().map_err(fail)?);
            let target = Target { path: folder.join(name), folder };
            target.check_owner(path, &owners)?;
            return Ok(target);
        }
        Err(fail(io::Error::other("too many links")))
    }

    /// What is there now; `None` where nothing is.
    pub fn look(&self) -> io::Result<Option<Metadata>> {
        match fs::symlink_metadata(&self.path) {
            Ok(seen) => Ok(Some(seen)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
        }
    }

    #[cfg(unix)]
    fn check_owner(&self, asked: &Path, owners: &[u32]) -> Result<(), WriteError> {
        use std::os::unix::fs::MetadataExt;
        if owners.is_empty() || !rustix::process::geteuid().is_root() {
            return Ok(());
        }
        let seen = match self.look() {
            Ok(None) => fs::metadata(&self.folder),
            Ok(Some(seen)) => Ok(seen),
            Err(e) => Err(e),
        };
        let owner = seen.map_err(|source| WriteError::io(asked, source))?.uid();
        if owners.iter().all(|uid| *uid == owner) {
            return Ok(());
        }
        Err(WriteError::ForeignLink { path: asked.to_owned(), target: self.path.clone() })
    }

    #[cfg(not(unix))]
    fn check_owner(&self, _: &Path, _: &[u32]) -> Result<(), WriteError> {
        Ok(())
    }
}

/// A resolved path as people and other programs write it: Windows gives `\\?\C:\…`.
fn plain(path: PathBuf) -> PathBuf {
    let short =
        path.to_str().and_then(|text| text.strip_prefix(r"\\?\")).filter(|rest| rest.as_bytes().get(1) == Some(&b':'));
    // Longer ones are only understood in the long form.
    short.filter(|rest| cfg!(windows) && rest.len() < 240).map(PathBuf::from).unwrap_or(path)
}

/// The owners, root aside, of the links on the way to a path, its last part included.
#[cfg(unix)]
fn owners_of_links(path: &Path) -> Vec<u32> {
    use std::os::unix::fs::MetadataExt;
    let ancestors = path.ancestors().filter_map(|part| fs::symlink_metadata(part).ok());
    ancestors.filter(|seen| seen.is_symlink() && seen.uid() != 0).map(|seen| seen.uid()).collect()
}

#[cfg(not(unix))]
fn owners_of_links(_: &Path) -> Vec<u32> {
    Vec::new()
}

/// Makes a folder that only its owner can look into, and the ones above it. Made by root in somebody's home it is
/// theirs.
fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if folder.components().next_back() == Some(Component::ParentDir) {
        return Err(io::ErrorKind::NotFound.into());
    }
    if let Some(above) = folder.parent() {
        make_folder(above)?;
    }
    #[cfg(unix)]
    let made = std::os::unix::fs::DirBuilderExt::mode(&mut fs::DirBuilder::new(), 0o700).create(folder);
    #[cfg(windows)]
    let made = crate::windows::create_folder(folder);
    match made {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(e) => Err(e),
        Ok(()) => {
            #[cfg(unix)]
            if let Some(above) = folder.parent() {
                give_to_owner_of(above, &fs::File::open(folder)?)?;
            }
            Ok(())
        }
    }
}

/// What root makes in a folder belongs to the folder's owner.
#[cfg(unix)]
pub(super) fn give_to_owner_of(folder: &Path, made: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let owner = fs::metadata(folder)?;
    if rustix::process::geteuid().is_root() && made.metadata()?.uid() != owner.uid() {
        fchown(made, Some(owner.uid()), Some(owner.gid()))?;
    }
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn give_to_owner_of(_: &Path, _: &fs::File) -> io::Result<()> {
    Ok(())
}
