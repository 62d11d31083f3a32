//! Killed at any moment, after STS has answered, and at each system call that changes a file: the old session or the new
//! one, and nothing is left behind.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use testbed::aws::{Fault, Gate};
use testbed::{FakeAws, Home};

use crate::stage::{Person, all_files, detached, home, leftovers, run, said, value, without_ours, works};

/// Long enough that no single write could be taken for a whole one.
fn filler() -> String {
    (0..150).map(|n| format!("# line {n} of a long file\n")).collect()
}

struct Victim {
    aws: FakeAws,
    home: Home,
    taro: Person,
    original: String,
}

impl Victim {
    fn new() -> Victim {
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

    fn text(&self) -> String {
        self.home.text(".aws/credentials")
    }

    fn refresh(&self) -> Command {
        let mut command = self.home.awsenv(&["refresh", "--force", "dev", &self.taro.device.code()]);
        detached(&mut command).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// The file is the one before, or it holds a whole new session and is otherwise the same. Whether it is new.
    fn is_old_or_new(&self, before: &str, when: &str) -> bool {
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
    fn settle(&self) {
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

#[test]
fn at_least_three_hundred_kills_after_sts_has_answered() {
    // Two homes at a time: one for each processor of the smallest machine this runs on.
    let counts: Vec<(u32, u32)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2).map(|seed| scope.spawn(move || after_the_answer(160, seed))).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    let (old, new): (u32, u32) = counts.into_iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    assert!(old + new >= 300, "{old} old, {new} new");
    // The moments are spread over what happens after the answer, or the test shows nothing.
    assert!(old >= 15 && new >= 15, "{old} old, {new} new");
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
    for round in 0..60_u32 {
        let before = victim.text();
        let child = victim.refresh().spawn().unwrap();
        std::thread::sleep(whole * (round * 7919 % 120) / 100);
        kill(child);
        victim.is_old_or_new(&before, &format!("round {round}"));
    }
    victim.settle();
}

pub fn strace() -> bool {
    let works = Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).status().is_ok_and(|s| s.success());
    if !works {
        crate::stage::skip("strace is not on this machine or may not trace");
    }
    works
}

/// A command under strace, which does to system calls what `inject` says.
pub fn traced(command: &Command, inject: &str) -> Command {
    let mut strace = Command::new(testbed::find("strace").unwrap());
    strace.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("inject={inject}"), crate::stage::AWSENV]);
    strace.args(command.get_args()).env_clear().current_dir(command.get_current_dir().unwrap());
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            strace.env(name, value);
        }
    }
    detached(&mut strace).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    strace
}

#[test]
fn a_kill_at_each_system_call_that_changes_a_file() {
    if !strace() {
        return;
    }
    let calls = [
        "openat",
        "write",
        "pwrite64",
        "ftruncate",
        "fsync",
        "fchmod",
        "fchown",
        "rename",
        "unlink",
        "mkdir",
        "flock",
        "close",
    ];
    let kills: u32 = std::thread::scope(|scope| {
        let halves: Vec<_> =
            calls.chunks(6).map(|half| scope.spawn(|| half.iter().map(|call| at_each(call)).sum::<u32>())).collect();
        halves.into_iter().map(|t| t.join().unwrap()).sum()
    });
    assert!(kills > 60, "only {kills} kills: does strace follow the program?");
}

fn at_each(call: &str) -> u32 {
    let victim = Victim::new();
    let mut kills = 0;
    for nth in 1..400 {
        let before = victim.text();
        let inject = format!("{call}:signal=KILL:when={nth}");
        let command = victim.refresh();
        let done = traced(&command, &inject).output().unwrap();
        let is_new = victim.is_old_or_new(&before, &inject);
        if done.status.success() {
            assert!(is_new, "{inject}: {}", String::from_utf8_lossy(&done.stderr));
            break;
        }
        kills += 1;
    }
    victim.settle();
    kills
}

#[test]
fn a_role_and_an_mfa_session_in_the_caches_are_whole_or_not_there() {
    if !strace() {
        return;
    }
    let aws = FakeAws::start();
    let (home, taro) = (home(&aws), Person::new(&aws, "taro"));
    let role = aws.role("admin").trusts(taro.user.arn()).needs_mfa();
    home.config(format!(
        "[profile base]\n[profile admin]\nrole_arn = {}\nsource_profile = base\nmfa_serial = {}\n",
        role.arn(),
        taro.device.serial()
    ));
    home.credentials(format!("[base]\n{}", taro.key.lines()));
    for call in ["write", "fsync", "rename"] {
        for nth in 1..60 {
            let code = taro.device.code();
            let done = traced(
                &home.awsenv(&["refresh", "--force", "admin", &code]),
                &format!("{call}:signal=KILL:when={nth}"),
            )
            .output()
            .unwrap();
            for file in all_files(&home.path().join(".aws")) {
                if file.extension().is_some_and(|e| e == "json") {
                    let text = std::fs::read_to_string(&file).unwrap();
                    let keys = serde_json::from_str::<serde_json::Value>(&text)
                        .unwrap_or_else(|e| panic!("{call} {nth}: {e}: {text}"));
                    assert!(keys["Credentials"]["SessionToken"].is_string(), "{call} {nth}: {text}");
                }
            }
            if done.status.success() {
                break;
            }
        }
    }
    let (code, out, err) = said(&run(&mut home.awsenv(&["refresh", "--force", "admin", &taro.device.code()])));
    assert_eq!((code, leftovers(&home)), (0, Vec::new()), "{out}{err}");
}
