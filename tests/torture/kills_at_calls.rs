//! Killed at each system call that changes a file, by strace.

use std::process::{Command, Stdio};

use testbed::FakeAws;

use crate::kills::Victim;
use crate::stage::{Person, all_files, detached, home, leftovers, run, said};

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
