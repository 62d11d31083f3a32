//! `keyring store` and `restore` killed at each of their steps: the secret is never lost, and the next call finishes.

use testbed::trace;

use super::desk::Desk;

/// What changes a file, and what speaks to the keyring.
const CALLS: [&str; 8] = ["openat", "write", "sendto", "fsync", "fchmod", "rename", "unlink", "flock"];

/// The secret stands in the file, or the file has the id and the keyring the secret.
#[track_caller]
fn is_somewhere(desk: &Desk) {
    let text = desk.credentials();
    let plain = text.contains(&format!("aws_secret_access_key = {}", desk.key.secret));
    let kept = text.contains(&format!("awsenv_keyring = {}", desk.key.id)) && desk.kept(&desk.key).is_some();
    assert!(plain || kept, "{text}");
    // Whichever it is: it gives a session.
    desk.run(&["exec", "base", "--", "true"]).ok();
}

fn killed_at_each(words: &[&str], back: &[&str], is_done: impl Fn(&Desk) -> bool) {
    if !trace::may_trace() {
        return;
    }
    let mut kills = 0;
    for call in CALLS {
        let Some(desk) = Desk::new() else { return };
        desk.home.credentials(format!("[base]\n{}", desk.key.lines()));
        for nth in 1..300 {
            desk.run(back).ok();
            let ended = trace::killed(&desk.home, words, call, nth);
            is_somewhere(&desk);
            if ended {
                break;
            }
            kills += 1;
            desk.run(words).ok();
            assert!(is_done(&desk), "{call} {nth}: {}", desk.credentials());
        }
    }
    assert!(kills > 20, "only {kills} kills: does strace follow the program?");
}

#[test]
fn stored_although_killed_at_any_step() {
    let stored = |desk: &Desk| !desk.credentials().contains(&desk.key.secret) && desk.kept(&desk.key).is_some();
    killed_at_each(&["keyring", "store", "base", "--yes"], &["keyring", "restore", "base", "--yes"], stored);
}

#[test]
fn restored_although_killed_at_any_step() {
    let restored = |desk: &Desk| desk.credentials().contains(&desk.key.secret) && desk.kept(&desk.key).is_none();
    killed_at_each(&["keyring", "restore", "base", "--yes"], &["keyring", "store", "base", "--yes"], restored);
}
