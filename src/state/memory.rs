//! The remembered facts, each with its rule for how long it counts.

use std::collections::HashSet;
use std::time::Duration;

use bstr::{BStr, BString};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use sha2::{Digest, Sha256};

use super::asking;
use super::dir::StateDir;
use super::ledger::{Entry, Ledger};
use super::salt::Salt;
use super::turn::{LINE_TURN, SESSION_TURN};
use crate::hex::hex;
use crate::host::Host;
use crate::process;
use crate::terminal::Code;
use crate::time::Timestamp;

/// A code is taken once by AWS, and for one step before and after its own: it is not worth sending for so long.
const CODE_SECONDS: i64 = 90;
/// A refused proxy password is not sent again for so long: some proxies lock an account after three tries.
const PROXY_SECONDS: i64 = 600;
/// A typed line that runs for longer is asked again.
const LINE_SECONDS: i64 = 7 * 86_400;
/// A clock that was off so long ago may have been set since.
const SKEW_SECONDS: i64 = 86_400;
/// No clock that still signs anything is further off, and no line in a file makes it so.
const MOST_SKEW: i64 = 86_400;
/// A lock file that nobody has asked under for so long goes.
const LOCK_FILE_AGE: Duration = Duration::from_secs(7 * 86_400);
/// The most names that are kept for the pick.
const RECENT: usize = 64;
/// A longer profile name is not kept for the pick: with the bound above it keeps the file small.
const LONGEST_NAME: usize = 512;

/// What awsenv remembers. Without a state folder it forgets at once, and says nothing.
#[derive(Clone)]
pub struct Memory {
    host: Host,
    pub(super) dir: Option<StateDir>,
    home: Option<StateDir>,
}

/// An interactive shell: its process id is not enough, since another shell may get it later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shell {
    pid: u32,
    started: String,
}

/// One typed line of a shell: the shell counts its prompts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The shell.
    pub shell: Shell,
    /// Its count.
    pub number: u64,
}

/// How far the local clock was off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Skew {
    /// Seconds: the service's time minus ours.
    pub seconds: i64,
    /// When this was learnt, by our clock.
    pub learnt: Timestamp,
}

impl Shell {
    /// The shell of this process id.
    pub fn of(pid: u32) -> Shell {
        Shell { pid, started: process::start_time(pid).unwrap_or_default() }
    }
}

impl Line {
    /// A name for it, good for a file.
    pub(super) fn file_name(&self) -> String {
        hex(&Sha256::digest(format!("{} {} {}", self.shell.pid, self.shell.started, self.number))[..8])
    }
}

impl Memory {
    /// The memory of this user.
    pub fn of(host: &Host) -> Memory {
        Memory { host: host.clone(), dir: StateDir::of(host), home: StateDir::of_home(host) }
    }

    /// Notes that a code was sent for `device`. Only a salted hash is kept.
    pub fn note_code(&self, device: impl AsRef<[u8]>, code: &Code) {
        // Rare, and slow anyway: the moment to tidy up.
        if let Some(dir) = &self.dir {
            let is_turn = |name: &str| [SESSION_TURN, LINE_TURN].iter().any(|kind| name.starts_with(kind));
            let is_lock = |name: &str| asking::is_lock_name(name) || is_turn(name);
            dir.sweep(|name, age| is_lock(name) && age > LOCK_FILE_AGE);
        }
        self.note("codes", 64, Some(CODE_SECONDS), |salt| {
            (salt.hash("code", &[device.as_ref(), code.as_str().as_bytes()]), String::new())
        });
    }

    /// When this code was sent for `device`, if that is less than 90 seconds ago: AWS would refuse it.
    pub fn code_sent(&self, device: impl AsRef<[u8]>, code: &Code) -> Option<Timestamp> {
        self.noted("codes", |salt| salt.hash("code", &[device.as_ref(), code.as_str().as_bytes()])).map(|e| e.when)
    }

    /// Notes that a proxy refused `key` (address, user, password in whatever form the caller likes).
    pub fn note_refused_proxy(&self, key: impl AsRef<[u8]>) {
        self.note("proxies", 64, Some(PROXY_SECONDS), |salt| (salt.proxy_hash(key.as_ref()), String::new()));
    }

    /// When a proxy refused `key`, if that is less than ten minutes ago.
    pub fn refused_proxy(&self, key: impl AsRef<[u8]>) -> Option<Timestamp> {
        self.noted("proxies", |salt| salt.proxy_hash(key.as_ref())).map(|e| e.when)
    }

    /// A proxy took `key`: nothing is held against it any more.
    pub fn forget_refused_proxy(&self, key: impl AsRef<[u8]>) {
        let Some(salt) = self.dir.as_ref().and_then(Salt::find) else { return };
        self.put("proxies", 64, Some(-1), salt.proxy_hash(key.as_ref()), String::new());
    }

    /// Notes Ctrl-C at a question: nothing guarded runs on the rest of this line.
    pub fn note_stopped(&self, line: &Line) {
        self.note("lines", 256, Some(LINE_SECONDS), |salt| (line_hash(salt, "stopped", line, &[]), String::new()));
    }

    /// Whether a question on this line was stopped.
    pub fn stopped(&self, line: &Line) -> bool {
        self.noted("lines", |salt| line_hash(salt, "stopped", line, &[])).is_some()
    }

    /// Notes that a process of this group waits for the answer that another one of its line gets.
    pub fn note_waiting(&self, line: &Line, group: u32) {
        let group = group.to_string();
        let group = BStr::new(&group);
        self.note("lines", 256, Some(LINE_SECONDS), |salt| (line_hash(salt, "waiting", line, group), String::new()));
    }

    /// Whether [`Memory::note_waiting`] was said.
    pub fn is_waiting(&self, line: &Line, group: u32) -> bool {
        let group = group.to_string();
        self.noted("lines", |salt| line_hash(salt, "waiting", line, BStr::new(&group))).is_some()
    }

    /// Notes that commands of this line go on without a session of `profile`: Enter at its question, or its renewal failed.
    pub fn note_declined(&self, line: &Line, profile: &BStr) {
        self.note("lines", 256, Some(LINE_SECONDS), |salt| (line_hash(salt, "declined", line, profile), String::new()));
    }

    /// Whether [`Memory::note_declined`] was said.
    pub fn declined(&self, line: &Line, profile: &BStr) -> bool {
        self.noted("lines", |salt| line_hash(salt, "declined", line, profile)).is_some()
    }

    /// Whether `topic` is to be told in this shell: true once. Without a memory always true: better twice than never.
    pub fn first_time(&self, shell: &Shell, topic: &str) -> bool {
        let Some((dir, salt)) = self.dir.as_ref().and_then(|d| Some((d, Salt::find_or_make(d)?))) else { return true };
        let whose = Line { shell: shell.clone(), number: 0 };
        let key = line_hash(&salt, "told", &whose, topic.as_bytes());
        let (now, until) = (self.host.now(), Some(LINE_SECONDS));
        Ledger::new(dir, "told", 256).put_first(now, entry(now, until, key, String::new())).unwrap_or(true)
    }

    /// Notes that a person looked at `lines` of the file `path` and wants them to count. Kept in the home only: a cloned
    /// repository can set AWSENV_STATE_DIR to a folder of its own, with confirmations in it.
    pub fn confirm(&self, path: impl AsRef<[u8]>, lines: impl AsRef<[u8]>) -> bool {
        let Some((dir, salt)) = self.home.as_ref().and_then(|d| Some((d, Salt::find_or_make(d)?))) else {
            return false;
        };
        let now = self.host.now();
        let key = salt.hash("confirmed", &[path.as_ref(), lines.as_ref()]);
        Ledger::new(dir, "confirmed", 256).put(now, vec![entry(now, None, key, String::new())]).is_ok()
    }

    /// Whether a person has confirmed exactly these lines of this file.
    pub fn confirmed(&self, path: impl AsRef<[u8]>, lines: impl AsRef<[u8]>) -> bool {
        let Some((dir, salt)) = self.home.as_ref().and_then(|d| Some((d, Salt::find(d)?))) else { return false };
        let key = salt.hash("confirmed", &[path.as_ref(), lines.as_ref()]);
        Ledger::new(dir, "confirmed", 256).get(self.host.now(), &key).is_some()
    }

    /// Notes that a profile was switched to.
    pub fn note_used(&self, profile: &BStr) {
        if profile.len() <= LONGEST_NAME {
            let (Some(dir), now) = (&self.dir, self.host.now()) else { return };
            let name = percent_encode(profile, NON_ALPHANUMERIC).to_string();
            // A list that cannot be written is no list; `use` has nothing to say about it.
            let _ = Ledger::new(dir, "recent", RECENT).add(now, entry(now, None, name, String::new()));
        }
    }

    /// The profiles used last, the last one first. Some may be gone.
    pub fn recent(&self) -> Vec<BString> {
        let Some(dir) = &self.dir else { return Vec::new() };
        let entries = Ledger::new(dir, "recent", RECENT).entries(self.host.now());
        let mut seen = HashSet::new();
        let newest = entries.iter().rev().filter(|e| seen.insert(&e.key)).take(RECENT);
        newest.map(|e| percent_decode_str(&e.key).collect::<Vec<u8>>().into()).collect()
    }

    /// Notes how far the local clock is off; 0 forgets it.
    pub fn note_skew(&self, seconds: i64) {
        let keep = if seconds == 0 { -1 } else { SKEW_SECONDS };
        self.put("skew", 1, Some(keep), "aws".into(), seconds.clamp(-MOST_SKEW, MOST_SKEW).to_string());
    }

    /// How far the local clock was off, if that was learnt within the last day.
    pub fn skew(&self) -> Option<Skew> {
        let found = Ledger::new(self.dir.as_ref()?, "skew", 1).get(self.host.now(), "aws")?;
        let seconds = found.value.parse().ok().filter(|s: &i64| s.abs() <= MOST_SKEW && *s != 0)?;
        Some(Skew { seconds, learnt: found.when })
    }

    fn note(
        &self,
        name: &'static str,
        most: usize,
        seconds: Option<i64>,
        fact: impl FnOnce(&Salt) -> (String, String),
    ) {
        let Some(salt) = self.dir.as_ref().and_then(Salt::find_or_make) else { return };
        let (key, value) = fact(&salt);
        self.put(name, most, seconds, key, value);
    }

    /// A fact that cannot be written down is a fact forgotten.
    fn put(&self, name: &'static str, most: usize, seconds: Option<i64>, key: String, value: String) {
        let (Some(dir), now) = (&self.dir, self.host.now()) else { return };
        let _ = Ledger::new(dir, name, most).put(now, vec![entry(now, seconds, key, value)]);
    }

    fn noted(&self, name: &'static str, key: impl FnOnce(&Salt) -> String) -> Option<Entry> {
        let dir = self.dir.as_ref()?;
        let salt = Salt::find(dir)?;
        Ledger::new(dir, name, 1).get(self.host.now(), &key(&salt))
    }
}

fn entry(now: Timestamp, seconds: Option<i64>, key: String, value: String) -> Entry {
    Entry { until: seconds.map(|s| now.plus(s)), when: now, key, value }
}

/// The hash of a typed line and what was said about it.
fn line_hash(salt: &Salt, kind: &str, line: &Line, subject: &[u8]) -> String {
    let (pid, number) = (line.shell.pid.to_string(), line.number.to_string());
    salt.hash(kind, &[pid.as_bytes(), line.shell.started.as_bytes(), number.as_bytes(), subject])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    const NOW: i64 = 1_795_350_556;
    const DEVICE: &str = "arn:aws:iam::123456789012:mfa/taro";

    fn at(home: &Path, seconds: i64) -> Memory {
        Memory::of(&Host::fixed(&[], home, Timestamp(NOW + seconds)))
    }

    fn home() -> tempfile::TempDir {
        tempfile::tempdir().expect("a folder for the test")
    }

    fn code(text: &str) -> Code {
        Code::parse(text).expect("six digits")
    }

    fn line(number: u64) -> Line {
        Line { shell: Shell { pid: 4711, started: "777".into() }, number }
    }

    #[test]
    fn a_code_counts_as_used_for_its_device_and_for_ninety_seconds() {
        let home = home();
        at(home.path(), 0).note_code(DEVICE, &code("492039"));
        assert_eq!(at(home.path(), 89).code_sent(DEVICE, &code("492 039")), Some(Timestamp(NOW)));
        assert_eq!(at(home.path(), 90).code_sent(DEVICE, &code("492039")), None);
        assert_eq!(at(home.path(), 1).code_sent(DEVICE, &code("492038")), None);
        assert_eq!(at(home.path(), 1).code_sent("other", &code("492039")), None);
    }

    #[test]
    fn no_file_holds_a_code_or_a_password() {
        let home = home();
        let memory = at(home.path(), 0);
        memory.note_code(DEVICE, &code("492039"));
        memory.note_refused_proxy("http://proxy:3128 taro hunter2");
        let dir = StateDir::of(&memory.host).expect("a folder");
        for file in std::fs::read_dir(dir.path()).expect("a folder").flatten() {
            let bytes = std::fs::read(file.path()).expect("our file");
            let holds = |what: &str| bytes.windows(what.len()).any(|w| w == what.as_bytes());
            assert!(!holds("492039") && !holds("hunter2") && !holds("taro"), "{:?}", file.path());
        }
    }

    #[test]
    fn a_refused_proxy_is_left_alone_for_ten_minutes_or_until_it_takes_the_password() {
        let home = home();
        at(home.path(), 0).note_refused_proxy("corp taro old");
        assert_eq!(at(home.path(), 599).refused_proxy("corp taro old"), Some(Timestamp(NOW)));
        assert_eq!(at(home.path(), 600).refused_proxy("corp taro old"), None);
        at(home.path(), 5).forget_refused_proxy("corp taro old");
        assert_eq!(at(home.path(), 6).refused_proxy("corp taro old"), None);
    }

    #[test]
    fn an_answer_counts_for_its_line_and_profile_only() {
        let home = home();
        let memory = at(home.path(), 0);
        memory.note_declined(&line(7), "dev".into());
        assert!(memory.declined(&line(7), "dev".into()));
        assert!(!memory.declined(&line(7), "prod".into()) && !memory.declined(&line(8), "dev".into()));
        assert!(!memory.stopped(&line(7)));
        memory.note_stopped(&line(8));
        assert!(memory.stopped(&line(8)) && !memory.stopped(&line(9)));
        let later_shell = Line { shell: Shell { pid: 4711, started: "999".into() }, number: 8 };
        assert!(!memory.stopped(&later_shell));
    }

    #[test]
    fn something_is_told_once_in_a_shell() {
        let home = home();
        let memory = at(home.path(), 0);
        let told = |topic| memory.first_time(&line(1).shell, topic);
        assert_eq!([told("no terminal"), told("no terminal"), told("other")], [true, false, true]);
    }

    #[test]
    fn a_folder_that_the_environment_names_confirms_nothing() {
        let (home, clone) = (home(), home());
        let state = clone.path().join("state");
        let state = state.to_str().expect("a plain path");
        // The attacker's own confirmation, made with the same program.
        Memory::of(&Host::fixed(&[], clone.path(), Timestamp(NOW))).confirm("clone/config", "mfa_process = evil");
        let made =
            StateDir::of_home(&Host::fixed(&[], clone.path(), Timestamp(NOW))).expect("a folder").path().to_owned();
        std::fs::rename(&made, state).expect("the attacker may arrange the folder");

        let victim = Memory::of(&Host::fixed(&[("AWSENV_STATE_DIR", state)], home.path(), Timestamp(NOW)));
        assert!(!victim.confirmed("clone/config", "mfa_process = evil"));
        assert!(victim.confirm("work/config", "mfa_process = ykman"));
        assert!(at(home.path(), 9).confirmed("work/config", "mfa_process = ykman"));
        assert!(!at(home.path(), 9).confirmed("work/config", "mfa_process = other"));
        assert!(!at(home.path(), 9).confirmed("other/config", "mfa_process = ykman"));
    }

    #[test]
    fn profiles_come_back_with_the_last_used_first_whatever_their_bytes() {
        let home = home();
        for name in [&b"dev"[..], b"a b\n\xff%20", b"dev", b"prod"] {
            at(home.path(), 0).note_used(name.into());
        }
        assert_eq!(at(home.path(), 1).recent(), [&b"prod"[..], b"dev", b"a b\n\xff%20"]);
    }

    #[test]
    fn the_list_of_profiles_stays_short_however_often_they_change() {
        let home = home();
        for round in 0..2000 {
            at(home.path(), round).note_used(if round % 2 == 0 { "dev".into() } else { "prod".into() });
        }
        at(home.path(), 2000).note_used("third".into());
        assert_eq!(at(home.path(), 2001).recent(), ["third", "prod", "dev"]);
        let file = StateDir::of(&at(home.path(), 0).host).expect("a folder").path().join("recent");
        assert!(std::fs::metadata(file).expect("it is there").len() < 8192);
    }

    #[test]
    fn a_clock_that_was_off_is_known_for_a_day_and_never_by_much() {
        let home = home();
        at(home.path(), 0).note_skew(-420);
        assert_eq!(at(home.path(), 60).skew(), Some(Skew { seconds: -420, learnt: Timestamp(NOW) }));
        assert_eq!(at(home.path(), 90_000).skew(), None);
        at(home.path(), 60).note_skew(0);
        assert_eq!(at(home.path(), 61).skew(), None);
        let dir = StateDir::of(&at(home.path(), 0).host).expect("a folder");
        dir.write("skew", b"0 1 aws 999999999", None).expect("it is writable");
        assert_eq!(at(home.path(), 61).skew(), None);
    }

    #[test]
    fn without_a_folder_everything_is_forgotten_in_silence() {
        let home = home();
        let first = if cfg!(windows) { "AppData" } else { ".local" };
        std::fs::write(home.path().join(first), "a file where the folder would be").expect("a file");
        let memory = at(home.path(), 0);
        memory.note_code(DEVICE, &code("492039"));
        memory.note_used("dev".into());
        memory.note_stopped(&line(1));
        assert_eq!(memory.code_sent(DEVICE, &code("492039")), None);
        assert!(memory.recent().is_empty() && !memory.stopped(&line(1)) && memory.skew().is_none());
        assert!(memory.first_time(&line(1).shell, "x") && !memory.confirm("f", "l"));
    }
}
