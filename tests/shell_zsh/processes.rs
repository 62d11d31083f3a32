//! How many processes a prompt and a guarded command start.

use testbed::{Session, trace};

use crate::desk::{home_with_session, zsh};

/// How many processes a shell makes while `work` is done, and the programs among them.
fn started(session: &mut Session, work: impl FnOnce(&mut Session)) -> Option<(usize, Vec<String>)> {
    let trace = trace::of(session, work)?;
    let forks = ["fork(", "clone(", "clone3("].map(|call| trace.matches(call).count());
    let programs = trace.lines().filter(|l| l.contains("execve(") && l.contains("= 0"));
    Some((forks.iter().sum(), programs.map(str::to_owned).collect()))
}

#[test]
fn ten_prompts_start_no_process() {
    let home = home_with_session(7230);
    let Some(mut zsh) = zsh(&home) else { return };
    zsh.run("");
    let Some((forks, programs)) = started(&mut zsh, |zsh| {
        for _ in 0..9 {
            assert_eq!(zsh.run("").segment, "dev 2h00m ");
        }
        // One that must be seen, so that a blind strace is no success.
        zsh.run("sh -c :");
    }) else {
        return;
    };
    assert_eq!((forks, programs.len()), (1, 1), "{programs:?}");
    assert!(programs[0].contains("\"-c\", \":\""), "{programs:?}");
}

#[test]
fn a_guarded_command_starts_only_itself() {
    let home = home_with_session(7230);
    home.command_that_tells("aws");
    let Some(mut zsh) = zsh(&home) else { return };
    zsh.run("");
    let Some((forks, programs)) = started(&mut zsh, |zsh| {
        assert_eq!(zsh.run("aws s3 ls").text, "aws ran: s3 ls profile=dev ask=\n");
    }) else {
        return;
    };
    assert_eq!((forks, programs.len()), (1, 1), "{programs:?}");
}

#[test]
fn without_a_place_for_a_stamp_the_binary_is_not_asked_again_and_again() {
    let mut home = home_with_session(7230);
    // A folder that others can write to is no place for state, and neither is a file.
    home.write("no-folder", "");
    let no_folder = home.path().join("no-folder");
    home.set("AWSENV_STATE_DIR", &no_folder).set("XDG_RUNTIME_DIR", &no_folder);
    home.set("XDG_STATE_HOME", &no_folder);
    let Some(mut zsh) = zsh(&home) else { return };
    zsh.run("");
    let Some((_, programs)) = started(&mut zsh, |zsh| {
        for _ in 0..10 {
            let prompt = zsh.run("");
            assert_eq!((prompt.segment.as_str(), prompt.text.as_str()), ("dev 2h00m ", ""));
        }
    }) else {
        return;
    };
    assert!(programs.len() <= 1, "{programs:?}");
}
