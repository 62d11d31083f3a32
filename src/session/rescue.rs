//! A session that AWS has given and that could not be written where it belongs: somebody held the lock for too long, or
//! broke or locked the file while the person looked for the phone. Its code is spent, so it is kept, and the next renewal
//! takes it up instead of asking again.

use std::path::{Path, PathBuf};

use secrecy::zeroize::Zeroizing;

use super::renew::Ready;
use super::write::{AwsMfaTarget, CacheTarget};
use super::{plan, store};
use crate::aws_files::replace;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::net::Session;
use crate::profile::{AwsMfa, LongTerm, ProfileName};

/// Where the session of this section, key, device and role is kept until then.
pub fn path(host: &Host, name: &ProfileName, key_id: &str, device: &str, role: Option<&str>) -> PathBuf {
    let subject = format!("{key_id}\0{}\0{}", name, role.unwrap_or_default());
    store::mfa_path(host, &subject, device)
}

/// Where one of this profile's would be kept; `None` where a program gives the keys, which only running it would name.
pub fn path_of(host: &Host, profile: &ProfileName, mfa: &AwsMfa) -> Option<PathBuf> {
    let LongTerm::Held(keys) = &mfa.base else { return None };
    let device = plan::device(host, mfa.device.as_deref())?;
    Some(path(host, profile, keys.id(), &device, mfa.assume_role.as_deref()))
}

/// Where the session of a cache file is kept until then.
pub fn path_for(host: &Host, cache: &Path) -> PathBuf {
    store::mfa_path(host, "kept", &cache.to_string_lossy())
}

/// Keeps it; gives the error that says so.
pub fn keep(path: &Path, session: &Session, why: Error) -> Error {
    let bytes = store::json(&session.keys, session.expiration, session.assumed_role.as_ref());
    match replace::write(path, &bytes, 0o600) {
        Ok(()) => why.next(format!("the new session is kept in {}, and the next refresh takes it up", path.display())),
        Err(_) => why,
    }
}

/// Writes it where it belongs, without a code.
///
/// # Errors
/// Names what still cannot be written; then it stays where it is.
pub fn take_up(path: &Path, kept: Ready, target: AwsMfaTarget, role: Option<&str>) -> Result<Ready> {
    if let Some(expiration) = kept.until {
        target.write(&Session { keys: kept.keys.clone(), expiration, assumed_role: None }, role)?;
        // Left behind it would only be found again, and is over with the session.
        let _ = std::fs::remove_file(path);
    }
    Ok(kept)
}

/// [`take_up`] for a cache file.
///
/// # Errors
/// As there.
pub fn take_up_cache(path: &Path, kept: Ready, target: CacheTarget) -> Result<Ready> {
    let bytes = std::fs::read(path).map_err(|e| Error::failed(format!("{}: {e}", path.display())))?;
    target.write_again(&Zeroizing::new(bytes))?;
    let _ = std::fs::remove_file(path);
    Ok(kept)
}
