//! A small file of remembered facts, one a line: `UNTIL WHEN KEY VALUE` (epoch seconds; UNTIL 0: for good; the value may
//! be missing). A line that is not so is not there.

use std::io;

use super::dir::StateDir;
use super::lock::Lock;
use crate::time::Timestamp;

/// One remembered fact. Key and value are ASCII without blanks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// When it is forgotten.
    pub until: Option<Timestamp>,
    /// When it was noted.
    pub when: Timestamp,
    pub key: String,
    pub value: String,
}

/// The file.
pub(super) struct Ledger<'a> {
    dir: &'a StateDir,
    name: &'static str,
    /// At most so many entries are kept, the newest.
    most: usize,
}

impl<'a> Ledger<'a> {
    pub fn new(dir: &'a StateDir, name: &'static str, most: usize) -> Self {
        Ledger { dir, name, most }
    }

    /// What is remembered at `now`, oldest first.
    pub fn entries(&self, now: Timestamp) -> Vec<Entry> {
        let bytes = self.dir.read(self.name).unwrap_or_default();
        // A time in the future was noted by a clock that has since been set back, or by nobody.
        let counts = |e: &Entry| e.when.since(now) <= 300 && e.until.is_none_or(|end| end > now);
        bytes.split(|&b| b == b'\n').filter_map(Entry::read).filter(counts).collect()
    }

    /// The fact under `key`, the newest if there are several.
    pub fn get(&self, now: Timestamp, key: &str) -> Option<Entry> {
        self.entries(now).into_iter().rev().find(|e| e.key == key)
    }

    /// Notes facts in place of those under the same keys; drops what is over.
    pub fn put(&self, now: Timestamp, new: Vec<Entry>) -> io::Result<()> {
        self.change(now, |entries| {
            entries.extend(new);
            let keys: Vec<String> = entries.iter().map(|e| e.key.clone()).collect();
            let mut at = 0;
            // The newest of each key stays.
            entries.retain(|e| {
                at += 1;
                !keys[at..].contains(&e.key)
            });
        })
    }

    /// Notes a fact behind those that are there, without a look at them: one under the same key stays, as the older one.
    /// Once in a while that is cleared up.
    pub fn add(&self, now: Timestamp, new: Entry) -> io::Result<()> {
        const SURPLUS: usize = 4;
        let line = new.line();
        let most = u64::try_from(SURPLUS * self.most * line.len()).unwrap_or(u64::MAX);
        match self.dir.append(self.name, line.as_bytes(), most)? {
            true => Ok(()),
            false => self.put(now, vec![new]),
        }
    }

    /// Notes a fact unless one is there under its key; whether it was new.
    pub fn put_first(&self, now: Timestamp, new: Entry) -> io::Result<bool> {
        let mut is_new = false;
        self.change(now, |entries| {
            is_new = entries.iter().all(|e| e.key != new.key);
            if is_new {
                entries.push(new);
            }
        })?;
        Ok(is_new)
    }

    fn change(&self, now: Timestamp, change: impl FnOnce(&mut Vec<Entry>)) -> io::Result<()> {
        let _lock = Lock::shortly(self.dir, "lock")?;
        let mut entries = self.entries(now);
        change(&mut entries);
        let surplus = entries.len().saturating_sub(self.most);
        let text: String = entries[surplus..].iter().map(Entry::line).collect();
        self.dir.write(self.name, text.as_bytes(), None)
    }
}

impl Entry {
    fn line(&self) -> String {
        let until = self.until.map_or(0, |t| t.0);
        let blank = if self.value.is_empty() { "" } else { " " };
        format!("{until} {} {}{blank}{}\n", self.when.0, self.key, self.value)
    }

    fn read(line: &[u8]) -> Option<Entry> {
        let mut words = std::str::from_utf8(line).ok()?.split(' ');
        let (until, when) = (epoch(words.next()?)?, epoch(words.next()?)?);
        let key = words.next().filter(|k| !k.is_empty())?.to_owned();
        let value = words.next().unwrap_or_default().to_owned();
        let until = (until.0 > 0).then_some(until);
        words.next().is_none().then_some(Entry { until, when, key, value })
    }
}

/// One to eleven digits.
fn epoch(text: &str) -> Option<Timestamp> {
    let plain = (1..=11).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok().map(Timestamp)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp(1_795_350_556);

    fn entry(key: &str, seconds: Option<i64>) -> Entry {
        Entry { until: seconds.map(|s| NOW.plus(s)), when: NOW, key: key.into(), value: "v".into() }
    }

    fn in_folder<T>(run: impl FnOnce(&StateDir) -> T) -> T {
        let home = tempfile::tempdir().expect("a folder for the test");
        let host = crate::host::Host::fixed(&[], home.path(), NOW);
        run(&StateDir::of(&host).expect("a state folder in it"))
    }

    #[test]
    fn facts_are_kept_until_their_time_and_in_bounds() {
        in_folder(|dir| {
            let ledger = Ledger::new(dir, "facts", 3);
            ledger.put(NOW, vec![entry("short", Some(90)), entry("long", None)]).expect("it is writable");
            assert_eq!(ledger.entries(NOW), [entry("short", Some(90)), entry("long", None)]);
            assert_eq!(ledger.get(NOW.plus(89), "short"), Some(entry("short", Some(90))));
            assert_eq!(ledger.get(NOW.plus(90), "short"), None);
            for key in ["a", "b", "a", "c"] {
                ledger.put(NOW, vec![entry(key, None)]).expect("it is writable");
            }
            let keys: Vec<_> = ledger.entries(NOW).into_iter().map(|e| e.key).collect();
            assert_eq!(keys, ["b", "a", "c"]);
        });
    }

    #[test]
    fn a_file_filled_by_an_enemy_is_read_as_what_it_holds_in_the_right_form() {
        in_folder(|dir| {
            let hostile = b"0 1 good v\n0 a[$(touch X)] k v\n-1 1 k v\n08 1  v\n99999999999999999999 1 k v\n\
                \x00\xff\x1b[31m\n0 1 k v more\n0 99999999999 future v\n0 1 last";
            dir.write("facts", hostile, None).expect("it is writable");
            let keys: Vec<_> = Ledger::new(dir, "facts", 9).entries(NOW).into_iter().map(|e| e.key).collect();
            assert_eq!(keys, ["good", "last"]);
        });
    }

    #[test]
    fn parallel_writers_lose_nothing() {
        in_folder(|dir| {
            std::thread::scope(|scope| {
                for writer in 0..4 {
                    scope.spawn(move || {
                        for n in 0..10 {
                            let ledger = Ledger::new(dir, "facts", 100);
                            ledger.put(NOW, vec![entry(&format!("{writer}-{n}"), None)]).expect("it is writable");
                        }
                    });
                }
            });
            assert_eq!(Ledger::new(dir, "facts", 100).entries(NOW).len(), 40);
        });
    }

    #[test]
    fn of_many_who_note_the_same_one_is_the_first() {
        in_folder(|dir| {
            let first = |_| Ledger::new(dir, "facts", 9).put_first(NOW, entry("told", None)).expect("it is writable");
            let firsts = std::thread::scope(|scope| {
                let all: Vec<_> = (0..8).map(|n| scope.spawn(move || first(n))).collect();
                all.into_iter().filter_map(|t| t.join().ok()).filter(|&was_first| was_first).count()
            });
            assert_eq!(firsts, 1);
        });
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_harm(bytes: Vec<u8>) {
            if let Some(entry) = Entry::read(&bytes) {
                prop_assert!(entry.when.0 >= 0 && !entry.key.is_empty());
            }
        }
    }
}
