//! `keyring store` and `restore` killed at each of their steps: the secret is never lost, and the next call finishes.

use testbed::trace;

use super::desk::Desk;

/// What changes a file, and what speaks to the keyring.
const CALLS: [&str; 8] = ["openat", "write", "sendto", "fsync", "fchmod", "rename", "unlink", "flock"];

/// Where the key stands at first: the credentials file, or the config file, out of which it comes back into the other one.
#[derive(Clone, Copy, PartialEq)]
enum Layout {
    Credentials,
    Config,
}

fn files(desk: &Desk) -> String {
    desk.credentials() + &desk.home.text(".aws/config")
}

/// The secret stands in a file, or a file has the id and the keyring the secret.
#[track_caller]
fn is_somewhere(desk: &mut Desk) {
    desk.keyring.revive();
    let text = files(desk);
    let plain = text.contains(&format!("aws_secret_access_key = {}", desk.key.secret));
    let kept = text.contains(&format!("awsenv_keyring = {}", desk.key.id)) && desk.kept(&desk.key).is_some();
    assert!(plain || kept, "{text}");
    // Whichever it is: it gives a session.
    let gives = |desk: &Desk| desk.run(&["exec", "base", "--", "true"]);
    let first = gives(desk);
    if desk.keyring.revive() {
        gives(desk).ok();
    } else {
        first.ok();
    }
}

fn killed_at_each(layout: Layout, words: &[&str], back: &[&str], is_done: impl Fn(&Desk) -> bool) {
    if !trace::may_trace() {
        return;
    }
    let mut kills = 0;
    for call in CALLS {
        let Some(mut desk) = Desk::new() else { return };
        let lines = desk.key.lines();
        match layout {
            Layout::Credentials => desk.home.credentials(format!("[base]\n{lines}")),
            Layout::Config => desk.home.credentials("").config(format!("[profile base]\n{lines}")),
        };
        for nth in 1..300 {
            let _ = desk.run(back);
            if desk.keyring.revive() {
                desk.run(back).ok();
            }
            let ended = trace::killed(&desk.home, words, call, nth);
            is_somewhere(&mut desk);
            if ended {
                break;
            }
            kills += 1;
            let _ = desk.run(words);
            if desk.keyring.revive() {
                desk.run(words).ok();
            }
            assert!(is_done(&desk), "{call} {nth}: {}", files(&desk));
        }
    }
    assert!(kills > 20, "only {kills} kills: does strace follow the program?");
}

const STORE: &[&str] = &["keyring", "store", "base", "--yes"];
const RESTORE: &[&str] = &["keyring", "restore", "base", "--yes"];

#[test]
fn stored_although_killed_at_any_step() {
    let stored = |desk: &Desk| !files(desk).contains(&desk.key.secret) && desk.kept(&desk.key).is_some();
    for layout in [Layout::Credentials, Layout::Config] {
        killed_at_each(layout, STORE, RESTORE, stored);
    }
}

#[test]
fn restored_although_killed_at_any_step() {
    let restored = |desk: &Desk| {
        let text = files(desk);
        text.contains(&desk.key.secret) && !text.contains("awsenv_keyring") && desk.kept(&desk.key).is_none()
    };
    for layout in [Layout::Credentials, Layout::Config] {
        killed_at_each(layout, RESTORE, STORE, restored);
    }
}
