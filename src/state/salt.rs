//! Hashes that mean nothing outside this state folder.

use sha2::{Digest, Sha256};

use super::dir::StateDir;
use crate::hex::hex;

/// Random bytes of this state folder, so that its hashes mean nothing elsewhere.
pub(super) struct Salt(Vec<u8>);

const SALT_BYTES: usize = 32;

impl Salt {
    /// Those that are there.
    pub(super) fn find(dir: &StateDir) -> Option<Salt> {
        dir.read("salt").filter(|bytes| bytes.len() == SALT_BYTES).map(Salt)
    }

    /// Those that are there, else new ones; `None` where nothing can be kept.
    pub(super) fn find_or_make(dir: &StateDir) -> Option<Salt> {
        Salt::find(dir).or_else(|| {
            let _lock = super::lock::Lock::shortly(dir, "lock").ok()?;
            // Another process may have been faster.
            Salt::find(dir).or_else(|| {
                let mut bytes = vec![0; SALT_BYTES];
                getrandom::fill(&mut bytes).ok()?;
                dir.write("salt", &bytes, None).ok()?;
                Some(Salt(bytes))
            })
        })
    }

    /// A hash of all parts, which cannot be shifted into each other.
    pub(super) fn hash(&self, kind: &str, parts: &[&[u8]]) -> String {
        hex(&self.digest(kind, parts))
    }

    /// So short that guesses at a password fit by the thousand and nobody learns which is right; that another proxy's
    /// password has the same one is rare enough.
    pub(super) fn proxy_hash(&self, key: &[u8]) -> String {
        self.hash("proxy", &[key])[..4].to_owned()
    }

    pub(super) fn digest(&self, kind: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut hash = Sha256::new();
        for part in [&self.0, kind.as_bytes()].into_iter().chain(parts.iter().copied()) {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }
}
