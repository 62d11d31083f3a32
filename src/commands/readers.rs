//! Who may read a file that holds secrets.

use std::path::Path;

/// The command that keeps others from reading this file; `None` where only its owner can, or it is not there.
#[cfg(unix)]
pub fn mend(file: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt;
    let about = std::fs::metadata(file).ok()?;
    (about.permissions().mode() & 0o077 != 0).then(|| format!("chmod 600 {}", file.display()))
}

#[cfg(windows)]
pub fn mend(file: &Path) -> Option<String> {
    use crate::windows::{is_secret_to, own_sid, sddl};
    let (text, me) = (sddl(file).ok()?, own_sid().ok()?);
    let place = file.display();
    (!is_secret_to(&text, me)).then(|| format!("icacls \"{place}\" /inheritance:r /grant:r \"%USERNAME%:F\""))
}
