//! Room for a small file of our own, kept before a one-time code is spent on what goes into it.

use std::path::Path;

use super::WriteError;
use super::replace::{self, Temp, is_held, not_replaced, sync_folder};
use super::target::{Target, give_to_owner_of};

/// A place that can be written, with disk space taken; given back when this is dropped.
#[derive(Debug)]
pub struct Room {
    target: Target,
    temp: Temp,
}

impl Room {
    /// Makes the folder (0700) where it is missing and takes `bytes` of disk for the file at `path`.
    ///
    /// # Errors
    /// Names the file that could not be written, and why.
    pub fn keep(path: &Path, bytes: usize) -> Result<Self, WriteError> {
        let target = Target::resolve(path)?;
        let fail = |source| WriteError::io(path, source);
        replace::sweep(&target.folder);
        let mut temp = Temp::create(&target.folder).map_err(fail)?;
        temp.fill(&vec![0; bytes]).map_err(fail)?;
        Ok(Room { target, temp })
    }

    /// Puts the file in its place, whole, 0600.
    ///
    /// # Errors
    /// Names the file that could not be written, and why.
    pub fn write(mut self, path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
        let fail = |source| WriteError::io(path, source);
        self.temp.fill(bytes).map_err(fail)?;
        give_to_owner_of(&self.target.folder, &self.temp.file).map_err(fail)?;
        match self.temp.rename_to(&self.target.path) {
            Ok(()) => sync_folder(&self.target.folder).map_err(fail),
            // It has been waited for.
            Err(e) if is_held(&self.target.path) => Err(not_replaced(&self.target.path, e)),
            // Swept by a writer to whom a file without a lock looked abandoned: the long way.
            Err(_) => replace::write(path, bytes, 0o600),
        }
    }
}
