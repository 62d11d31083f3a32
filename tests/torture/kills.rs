//! Killed at any moment, and after STS has answered: the old session or the new one, and nothing is left behind.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use testbed::aws::{Fault, Gate};
use testbed::{FakeAws, Home};

use crate::stage::{Person, detached, home, leftovers, run, said, value, without_ours, works};

/// Long enough that no single write could be taken for a whole one.
fn filler() -> String {
    (0..150).map(|n| format!("# line {n} of a long file\n")).collect()
}

/// Somebody whose file is long, and what was in it.
pub struct Victim {
    aws: FakeAws,
    home: Home,
    taro: Person,
    original: String,
}

impl Victim {
    pub fn new() -> Victim {
        let aws = FakeAws::start();
        let (home, taro) = (home(&aws), Person::new(&aws, "taro"));
        let original = format!(
            "{}{}region = x\n# mine\n\n[other]\nk = v\n{}",
            taro.long_term("dev"),
            taro.session("dev", -60),
            filler()
        );
        home.credentials(&original);
        Victim { aws, home, taro, original }
    }

    pub fn text(&self) -> String {
        self.home.text(".aws/credentials")
    }

    pub fn refresh(&self) -> Command {
        let mut command = self.home.awsenv(&["refresh", "--force", "dev", &self.taro.device.code()]);
        detached(&mut command).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// The file is the one before, or it holds a whole new session and is otherwise the same. Whether it is new.
    pub fn is_old_or_new(&self, before: &str, when: &str) -> bool {
        let now = self.text();
        let (ours, theirs) = (without_ours(now.as_bytes(), &["dev"]), without_ours(self.original.as_bytes(), &["dev"]));
        assert_eq!(ours, theirs, "{when}");
        if now == before {
            return false;
        }
        assert!(works(&self.aws, &now, "dev"), "{when}: neither old nor new:\n{}", now.replace(&filler(), "…"));
        assert_ne!(value(&now, "dev", "aws_access_key_id"), value(before, "dev", "aws_access_key_id"), "{when}");
        true
    }

    /// One more refresh works and leaves nothing of the dead.
    pub fn settle(&self) {
        let (code, out, err) =
            said(&run(&mut self.home.awsenv(&["refresh", "--force", "dev", &self.taro.device.code()])));
        assert_eq!(code, 0, "{out}{err}");
        assert!(works(&self.aws, &self.text(), "dev"));
        assert_eq!(
            leftovers(&self.home).into_iter().filter(|p| !p.ends_with(".awsenv.lock")).collect::<Vec<_>>(),
            [] as [PathBuf; 0]
        );
    }
}

fn kill(mut child: Child) {
    let _ = child.kill();
    child.wait().unwrap();
}

/// In each of two homes. A process takes a hundred times as long to start under wine.
const AFTER_THE_ANSWER: u32 = if cfg!(windows) { 20 } else { 160 };
const AT_ANY_MOMENT: u32 = 60;

#[test]
fn many_kills_after_sts_has_answered() {
    // Two homes at a time: one for each processor of the smallest machine this runs on.
    let counts: Vec<(u32, u32)> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..2).map(|seed| scope.spawn(move || after_the_answer(AFTER_THE_ANSWER, seed))).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    let (old, new): (u32, u32) = counts.into_iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    assert_eq!(old + new, 2 * AFTER_THE_ANSWER);
    // The moments are spread over what happens after the answer, or the test shows nothing.
    let few = AFTER_THE_ANSWER / 10;
    assert!(old >= few && new >= few, "{old} old, {new} new");
}

/// How often the old file was left, and the new one.
fn after_the_answer(times: u32, seed: u32) -> (u32, u32) {
    let victim = Victim::new();
    let (mut old, mut new) = (0, 0);
    // Moves to where half of the kills are too late.
    let mut middle = Duration::from_millis(8);
    for round in 0..times {
        let before = victim.text();
        let gate = Gate::new();
        victim.aws.fault(Fault::HoldAnswer(gate.clone()), 1);
        let child = victim.refresh().spawn().unwrap();
        gate.wait_arrived(1);
        gate.open();
        let factor = (round * 7919 + seed * 31) % 200;
        std::thread::sleep(middle * factor / 100);
        kill(child);
        match victim.is_old_or_new(&before, &format!("round {round}")) {
            true => {
                new += 1;
                middle = middle * 9 / 10;
            }
            false => {
                old += 1;
                middle = (middle * 11 / 10).min(Duration::from_millis(500)) + Duration::from_micros(20);
            }
        }
    }
    victim.settle();
    (old, new)
}

#[test]
fn kills_at_any_moment_of_a_refresh() {
    let victim = Victim::new();
    let begun = Instant::now();
    victim.settle();
    let whole = begun.elapsed();
    for round in 0..AT_ANY_MOMENT {
        let before = victim.text();
        let child = victim.refresh().spawn().unwrap();
        std::thread::sleep(whole * (round * 7919 % 120) / 100);
        kill(child);
        victim.is_old_or_new(&before, &format!("round {round}"));
    }
    victim.settle();
}
