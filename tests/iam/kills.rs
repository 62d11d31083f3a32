//! `iam keys rotate` killed at each of its steps: the file always holds a key that works, and the next call comes to the
//! same end.

use std::process::Stdio;

use testbed::aws::{Fault, Gate};
use testbed::trace;

use super::desk::Desk;
use super::keys::{held, keys, works};

/// Kills a rotation when this AWS has (or has not yet) carried out a call.
fn killed_at(action: &str, done: bool) -> Desk {
    let desk = Desk::new();
    let gate = Gate::new();
    let fault = if done { Fault::HoldAnswer(gate.clone()) } else { Fault::Hold(gate.clone()) };
    desk.aws.fault_on(action, fault, 1);
    let mut command = desk.home.command_alone("awsenv");
    let words = ["iam", "keys", "rotate", "--yes"];
    let mut child = command.args(words).stdin(Stdio::null()).stderr(Stdio::null()).spawn().expect("awsenv starts");
    gate.wait_arrived(1);
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    gate.open();
    desk
}

#[test]
fn killed_at_any_answer_the_next_call_comes_to_the_same_end() {
    for action in ["GetCallerIdentity", "ListAccessKeys", "CreateAccessKey", "UpdateAccessKey"] {
        for done in [false, true] {
            let desk = killed_at(action, done);
            works(&desk);
            // One call finishes; a later one deletes the old key.
            for _ in 0..3 {
                if keys(&desk).len() == 1 && held(&desk) != desk.key.id {
                    break;
                }
                desk.run(&["keys", "rotate", "--yes"]).ok();
                works(&desk);
            }
            assert_eq!(keys(&desk), [(held(&desk), true)], "{action}, done: {done}");
            let text = desk.home.text(".aws/credentials");
            assert!(text.starts_with("# taro's\n[dev-long-term]\n") && !text.contains(&desk.key.id), "{text}");
            let left = std::fs::read_dir(desk.home.path().join(".aws")).unwrap().map(|e| e.unwrap().file_name());
            let strange = |n: &std::ffi::OsString| n.to_string_lossy().contains("tmp");
            assert_eq!(left.filter(strange).count(), 0);
        }
    }
}

#[test]
fn killed_at_each_system_call_that_changes_a_file_a_key_that_works_is_left() {
    if !trace::may_trace() {
        return;
    }
    let mut kills = 0;
    for call in ["openat", "write", "ftruncate", "fsync", "fchmod", "rename", "unlink", "flock"] {
        let desk = Desk::new();
        for nth in 1..300 {
            // From the old key on each time: what the kill before left is brought to its end first.
            if keys(&desk).len() > 1 {
                desk.run(&["keys", "rotate", "--yes"]).ok();
            }
            let is_done = trace::killed(&desk.home, &["iam", "keys", "rotate", "--yes"], call, nth);
            works(&desk);
            assert!(keys(&desk).len() <= 2);
            if is_done {
                break;
            }
            kills += 1;
        }
        for _ in 0..3 {
            if keys(&desk).len() > 1 {
                desk.run(&["keys", "rotate", "--yes"]).ok();
            }
        }
        assert_eq!(keys(&desk), [(held(&desk), true)], "{call}");
    }
    assert!(kills > 40, "only {kills} kills: does strace follow the program?");
}
