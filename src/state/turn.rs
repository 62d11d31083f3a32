//! Taking turns: at a proxy that may refuse, so that many processes at once do not send it the same wrong password, and at a
//! session that one call can renew for all.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::dir::StateDir;
use super::lock::{Lock, Try};
use super::{Line, Memory};
use crate::hex::hex;

/// How the lock files of sessions begin; old ones are swept.
pub(super) const SESSION_TURN: &str = "session-turn-";

/// How those of typed lines begin; what is left of one whose holder was killed goes the same way.
pub(super) const LINE_TURN: &str = "line-turn-";

/// A proxy answers CONNECT within a second or two; who waits for longer goes without a turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// A call ends after 20 s, see `net::Route`.
const SESSION_PATIENCE: Duration = Duration::from_secs(25);

/// Held from before a session is fetched until it is written.
#[derive(Debug)]
pub struct SessionTurn {
    _lock: Lock,
}

/// Held while one guarded command of a line is decided on.
#[derive(Debug)]
pub struct LineTurn {
    file: PathBuf,
    _lock: Lock,
}

impl Drop for LineTurn {
    fn drop(&mut self) {
        // Each line has its own; who has it open already looks again.
        let _ = std::fs::remove_file(&self.file);
    }
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

    /// Waits until nobody else moves secrets into the system's keyring or out of it, for as long as that takes without a person.
    pub fn keyring_turn(&self) -> Option<SessionTurn> {
        self.session_turn("keyring", || false)
    }

    /// Waits until no other guarded command of this line is being decided on, for as long as a person takes to answer; `beside`
    /// is called once, if there is one. `None`: no state folder, or no locks there.
    pub fn line_turn(&self, line: &Line, beside: impl FnOnce()) -> Option<LineTurn> {
        let dir: &StateDir = self.dir.as_ref()?;
        let name = format!("{LINE_TURN}{}", line.file_name());
        let mut beside = Some(beside);
        loop {
            match Lock::attempt(dir, &name).ok()? {
                Try::Got(lock) => return Some(LineTurn { file: dir.path().join(name), _lock: lock }),
                Try::Held => {
                    if let Some(beside) = beside.take() {
                        beside();
                    }
                    std::thread::sleep(Duration::from_millis(20));
                }
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
