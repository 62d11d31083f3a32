//! One question for many: processes that need the code of the same key and device ask once. The kernel's lock on a file
//! decides who asks, so that a killed asker is followed by the next; what the file says is only shown.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::dir::StateDir;
use super::lock::{Lock, Try};
use crate::hex::hex;
use crate::host::Host;
use crate::process;
use crate::terminal::{Answer, Tty, clean_to, own_group, say};
use crate::time::Timestamp;

/// How long a process without a terminal waits for another one's question.
const PATIENCE: Duration = Duration::from_secs(45);
/// How often a waiting process looks.
const TICK: Duration = Duration::from_millis(100);

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// What it is, for people: `the code`, `the sign-in`.
    pub what: &'static str,
    /// The profile's name, to be shown.
    pub name: &'a [u8],
    /// The access key id whose user owns the device.
    pub key_id: &'a [u8],
    /// The MFA device's serial number or ARN.
    pub device: &'a [u8],
}

/// Who asks.
#[derive(Debug)]
pub enum Turn {
    /// This process. Others wait until this is dropped.
    Mine(Asking),
    /// No question is needed any more.
    Settled,
    /// The question stood on this very terminal, and the person's answer there holds for this process too.
    Same(Outcome),
    /// A person pressed Ctrl-C rather than wait.
    Left,
    /// This process cannot ask, and nobody else does.
    Nobody,
    /// This process cannot ask, and the one that does has waited too long.
    TimedOut(Holder),
}

/// How a question ended without a session, for those that waited on the same terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Ctrl-C.
    Stopped,
    /// Enter: go on without.
    Declined,
    /// The renewal failed, and the reason was shown.
    Failed,
}

/// The right to ask.
#[derive(Debug)]
pub struct Asking {
    lock: Option<Lock>,
    _screen: Option<Screen>,
    note: Holder,
}

/// The terminal's own lock: one question at a time stands on a terminal. Its note goes with it, so that nobody takes a later
/// full-screen program of the same group for a question.
#[derive(Debug)]
struct Screen(Lock);

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.0.set_note("");
    }
}

/// The process that asks, as it describes itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holder {
    /// Its process id.
    pub pid: u32,
    /// Its terminal, cleaned.
    pub tty: String,
    /// Since when it asks.
    pub since: Timestamp,
    session: u32,
    group: u32,
    outcome: Option<Outcome>,
}

impl Holder {
    /// `4711 on /dev/pts/3 is asking for the code of dev since 10:31`, for people.
    pub fn sentence(&self, what: &str, name: &[u8], now: Timestamp) -> String {
        let (name, since) = (clean_to(name, 64), self.since.local(now));
        format!("{} on {} is asking for {what} of {name} since {since}", self.pid, self.tty)
    }

    /// Whether it asks on `tty`, in the foreground: then the keys are its own.
    fn is_reading(&self, tty: &Tty) -> bool {
        self.tty == tty.name() && self.session == tty.session() && tty.foreground_group().is_ok_and(|g| g == self.group)
    }
}

impl Asking {
    /// Ends the turn with an answer that is no session. A session ends it by being there.
    pub fn end(mut self, outcome: Outcome) {
        let note = Holder { outcome: Some(outcome), ..self.note.clone() };
        if let Some(lock) = &mut self.lock {
            // Who cannot read this asks again; that is all.
            let _ = lock.set_note(&note.write());
        }
    }
}

/// Waits for the turn to ask for a code. `tty` is `None` where this process must not ask (no terminal, background, another
/// program's screen). `settled` is looked at a few times a second and must look at the files themselves: whether the session is
/// there now, or the person has declined elsewhere.
///
/// The other questions that are still open end by the same means: pass the same closure to `Tty::ask_code`.
pub fn join(host: &Host, subject: Subject<'_>, tty: Option<&Tty>, mut settled: impl FnMut() -> bool) -> Turn {
    let dir = StateDir::for_locks(host);
    let name = lock_name(&subject);
    let mut waiting = Waiting { host, subject, dir: dir.as_ref(), seen: None, looked_at: None, screen: None };
    let (begun, mut told) = (Instant::now(), false);
    loop {
        if settled() {
            return Turn::Settled;
        }
        match waiting.attempt(&name) {
            // A place without locks, or no place: everybody asks for himself.
            Err(_) if tty.is_some() => return waiting.mine(None, tty),
            Err(_) => return Turn::Nobody,
            Ok(Try::Got(lock)) => return waiting.first(lock, tty, settled),
            Ok(Try::Held) => {}
        }
        let holder = waiting.holder(&name);
        match tty {
            None if begun.elapsed() >= PATIENCE => return Turn::TimedOut(holder),
            None => {
                // A terminal that this process must not ask on may show another program's screen.
                if !told && holder.pid != 0 && !io::stderr().is_terminal() {
                    told = true;
                    say(format!(
                        "{}; waiting for it",
                        holder.sentence(waiting.subject.what, waiting.subject.name, host.now())
                    ));
                }
                std::thread::sleep(TICK);
            }
            Some(tty) => match waiting.beside(tty, holder, &name, &mut settled) {
                Next::Turn(turn) => return turn,
                Next::Lock(lock) => return waiting.first(lock, Some(tty), settled),
                Next::Look => std::thread::sleep(TICK),
            },
        }
    }
}

/// What a look at somebody else's question led to.
enum Next {
    Turn(Turn),
    /// It ended, and the lock is ours.
    Lock(Lock),
    Look,
}

/// Whether a program that nobody typed (`credentials`, run by an SDK) may ask on `tty`: in the foreground, and with the
/// terminal as a command line leaves it, not the screen of vim or k9s. Another question of ours leaves it otherwise too, but
/// that one is waited for.
pub fn may_ask_unbidden(host: &Host, tty: &Tty) -> bool {
    let question_stands = || {
        let note = StateDir::for_locks(host)?.read(&screen_name(tty))?;
        Holder::read(&note).filter(|holder| holder.is_reading(tty) && process::is_alive(holder.pid))
    };
    // Looked at twice: the question may have ended in between.
    tty.is_foreground() && (tty.is_line_mode() || question_stands().is_some() || tty.is_line_mode())
}

/// One process's wait.
struct Waiting<'a> {
    host: &'a Host,
    subject: Subject<'a>,
    dir: Option<&'a StateDir>,
    /// The holder whose question on this terminal was waited for.
    seen: Option<Holder>,
    looked_at: Option<Holder>,
    screen: Option<Screen>,
}

impl Waiting<'_> {
    fn attempt(&self, name: &str) -> io::Result<Try> {
        Lock::attempt(self.dir.ok_or(io::ErrorKind::NotFound)?, name)
    }

    fn holder(&self, name: &str) -> Holder {
        let text = self.dir.and_then(|d| d.read(name)).unwrap_or_default();
        Holder::read(&text).unwrap_or_default()
    }

    /// Nobody else asks: this process does, unless the answer is already known.
    fn first(mut self, mut lock: Lock, tty: Option<&Tty>, mut settled: impl FnMut() -> bool) -> Turn {
        // It may have been settled between the look and the lock.
        if settled() {
            return Turn::Settled;
        }
        let last = lock.note().ok().and_then(|text| Holder::read(&text));
        if let (Some(last), Some(seen)) = (last, &self.seen)
            && let Some(outcome) = last.outcome
            && (Holder { outcome: None, ..last }) == *seen
        {
            return Turn::Same(outcome);
        }
        let Some(tty) = tty else { return Turn::Nobody };
        let note = self.describe(tty);
        let _ = lock.set_note(&note.write());
        // Another question on this terminal, for another code: after it.
        while !self.have_screen(tty) {
            if settled() {
                return Turn::Settled;
            }
            std::thread::sleep(TICK);
        }
        self.mine(Some(lock), Some(tty))
    }

    /// Somebody else asks.
    fn beside(&mut self, tty: &Tty, holder: Holder, name: &str, settled: &mut impl FnMut() -> bool) -> Next {
        // The same at two looks: a lock just taken still bears the note of the one before, or none.
        let again = self.looked_at.as_ref() == Some(&holder);
        self.looked_at = Some(holder.clone());
        if !again || holder.pid == 0 {
            return Next::Look;
        }
        if holder.is_reading(tty) {
            self.screen = None;
            self.seen = Some(holder);
            return Next::Look;
        }
        // Of several processes that wait on this terminal one says so and listens to the keys.
        if !self.have_screen(tty) {
            return Next::Look;
        }
        let sentence = holder.sentence(self.subject.what, self.subject.name, self.host.now());
        let mut next = Next::Look;
        let answer = tty.wait_for_enter(format!("{sentence}; Enter asks here too, Ctrl-C leaves"), || {
            if settled() {
                next = Next::Turn(Turn::Settled);
                return true;
            }
            match self.attempt(name) {
                Ok(Try::Held) => self.holder(name) != holder,
                Ok(Try::Got(lock)) => {
                    next = Next::Lock(lock);
                    true
                }
                Err(_) => true,
            }
        });
        match answer {
            Answer::Enter => {
                let screen = self.screen.take();
                Next::Turn(Turn::Mine(Asking { lock: None, _screen: screen, note: self.describe(tty) }))
            }
            Answer::Stop => Next::Turn(Turn::Left),
            Answer::Given(()) | Answer::Overtaken => next,
        }
    }

    fn mine(self, lock: Option<Lock>, tty: Option<&Tty>) -> Turn {
        let note = tty.map(|tty| self.describe(tty)).unwrap_or_default();
        Turn::Mine(Asking { lock, _screen: self.screen, note })
    }

    fn describe(&self, tty: &Tty) -> Holder {
        Holder {
            pid: std::process::id(),
            tty: tty.name().to_owned(),
            since: self.host.now(),
            session: tty.session(),
            group: own_group(),
            outcome: None,
        }
    }

    /// Takes the terminal's lock if it can be had. Also true where it means nothing: no place for locks, or its holder is not
    /// in the foreground and so does not read keys (a stopped job).
    fn have_screen(&mut self, tty: &Tty) -> bool {
        let Some(dir) = self.dir.filter(|_| self.screen.is_none()) else { return true };
        let name = screen_name(tty);
        match Lock::attempt(dir, &name) {
            Ok(Try::Got(mut lock)) => {
                let _ = lock.set_note(&self.describe(tty).write());
                self.screen = Some(Screen(lock));
                true
            }
            Ok(Try::Held) => {
                let holder = self.holder(&name);
                // A dead one's note: the living one has not written its own yet.
                process::is_alive(holder.pid) && !holder.is_reading(tty)
            }
            Err(_) => true,
        }
    }
}

/// Whether this file of the state folder is one of ours.
pub(super) fn is_lock_name(name: &str) -> bool {
    name.starts_with("asking-") || name.starts_with("tty-")
}

fn screen_name(tty: &Tty) -> String {
    format!("tty-{}", hash(&[tty.name().as_bytes(), &tty.session().to_le_bytes()]))
}

fn lock_name(subject: &Subject<'_>) -> String {
    format!("asking-{}", hash(&[subject.key_id, subject.device]))
}

/// Sixteen hex digits.
fn hash(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hex(&hash.finalize()[..8])
}

impl Holder {
    fn write(&self) -> String {
        let outcome = match self.outcome {
            None => "-",
            Some(Outcome::Stopped) => "stopped",
            Some(Outcome::Declined) => "declined",
            Some(Outcome::Failed) => "failed",
        };
        format!("{}\n{}\n{}\n{}\n{outcome}\n{}\n", self.pid, self.session, self.group, self.since.0, self.tty)
    }

    fn read(text: &[u8]) -> Option<Holder> {
        let mut lines = text.split(|&b| b == b'\n').map(|l| std::str::from_utf8(l).unwrap_or_default());
        let pid = lines.next()?.parse().ok().filter(|&pid| pid != 0)?;
        let (session, group) = (lines.next()?.parse().ok()?, lines.next()?.parse().ok()?);
        let since = lines.next().filter(|t| t.len() <= 11)?.parse().ok().filter(|&t: &i64| t >= 0).map(Timestamp)?;
        let outcome = match lines.next()? {
            "stopped" => Some(Outcome::Stopped),
            "declined" => Some(Outcome::Declined),
            "failed" => Some(Outcome::Failed),
            _ => None,
        };
        let tty = clean_to(lines.next()?, 40);
        // The last line is complete: a note is not read half written.
        lines.next()?;
        Some(Holder { pid, tty, since, session, group, outcome })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_holder_is_read_as_it_was_written_and_shown_without_its_tricks() {
        let holder = Holder {
            pid: 4711,
            tty: "/dev/pts/3".into(),
            since: Timestamp(1_795_350_556),
            session: 12,
            group: 13,
            outcome: Some(Outcome::Declined),
        };
        assert_eq!(Holder::read(holder.write().as_bytes()), Some(holder.clone()));
        let half = holder.write();
        assert_eq!(Holder::read(&half.as_bytes()[..half.len() - 1]), None);
        let hostile = Holder::read(b"1\n2\n3\n4\n-\n\x1b]0;x\x07\n").map(|h| h.tty);
        assert_eq!(hostile.as_deref(), Some("]0;x"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_harm(bytes: Vec<u8>) {
            prop_assert!(Holder::read(&bytes).is_none_or(|h| h.pid != 0));
        }
    }
}
