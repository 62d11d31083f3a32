//! Taking turns: at a proxy that may refuse, so that many processes at once do not send it the same wrong password, and at a
//! session that one call can renew for all.

use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::Memory;
use super::dir::StateDir;
use super::lock::{Lock, Try};
use crate::hex::hex;

/// How the lock files of sessions begin; old ones are swept.
pub(super) const SESSION_TURN: &str = "session-turn-";

/// A proxy answers CONNECT within a second or two; who waits for longer goes without a turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// A call ends after 20 s, see `net::Route`.
const SESSION_PATIENCE: Duration = Duration::from_secs(25);

/// Held from before a session is fetched until it is written.
#[derive(Debug)]
pub struct SessionTurn {
    _lock: Lock,
}

/// Held from before a password is sent until it is known to be taken, or the refusal is noted.
#[derive(Debug)]
pub struct ProxyTurn {
    _lock: Lock,
}

impl Memory {
    /// Waits until nobody else holds a turn for `key`, or until `settled`. `None` also where there is no state folder, no
    /// locks there, or it took too long: then everybody calls for himself.
    pub fn session_turn(&self, key: impl AsRef<[u8]>, mut settled: impl FnMut() -> bool) -> Option<SessionTurn> {
        let dir: &StateDir = self.dir.as_ref()?;
        let hash = Sha256::digest(key.as_ref());
        let name = format!("{SESSION_TURN}{}", hex(&hash[..8]));
        let end = Instant::now() + SESSION_PATIENCE;
        loop {
            match Lock::attempt(dir, &name).ok()? {
                Try::Got(lock) => return Some(SessionTurn { _lock: lock }),
                Try::Held if Instant::now() >= end || settled() => return None,
                Try::Held => std::thread::sleep(Duration::from_millis(20)),
            }
        }
    }

    /// Waits until nobody else holds a turn for `key`. `None`: no state folder, no locks there, or it took too long.
    pub fn proxy_turn(&self, key: impl AsRef<[u8]>) -> Option<ProxyTurn> {
        let dir: &StateDir = self.dir.as_ref()?;
        // Sixteen files at most, which therefore need no sweeping. Two proxies that share one only wait for each other.
        let name = format!("proxy-turn-{:x}", Sha256::digest(key.as_ref())[0] >> 4);
        let end = Instant::now() + PATIENCE;
        loop {
            match Lock::attempt(dir, &name).ok()? {
                Try::Got(lock) => return Some(ProxyTurn { _lock: lock }),
                Try::Held if Instant::now() >= end => return None,
                Try::Held => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }
}
