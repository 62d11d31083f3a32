//! Many processes that need one code, on one terminal and on several: one question.

#![cfg(unix)]

mod asker;

use std::fs::File;

use asker::{Home, QUESTION, asker, count, is_line_mode, until};
use rustix::process::{Signal, kill_process};

/// Not a test: see `asker`.
#[test]
fn asking_process() {
    asker::play_role();
}

const PLAIN_QUESTION: &str = "MFA code for dev";

#[test]
fn twenty_processes_on_one_terminal_ask_one_question() {
    let home = Home::new();
    let mut terminal = home.script("join", "for i in {1..20}; do $ask & done; wait; echo all done");
    terminal.expect(QUESTION).line("492039").expect("all done");
    assert_eq!(count(&terminal, PLAIN_QUESTION), 1);
    assert_eq!((count(&terminal, "result signed in"), count(&terminal, "result settled")), (1, 19));
    assert_eq!(count(&terminal, "is asking"), 0, "the question stands on this very screen");
}

#[test]
fn one_answer_on_a_terminal_holds_for_all_that_wait_there() {
    for (key, first, others) in [
        (&b"\x03"[..], "result stopped.", "result Stopped by another."),
        (b"\r", "result declined.", "result Declined by another."),
    ] {
        let home = Home::new();
        let mut terminal = home.script("join aloud", "for i in {1..5}; do $ask & done; wait; echo all done");
        // All wait before the answer comes: whoever starts later is asked again.
        until("five have started", || count(&terminal, "process ") == 5);
        terminal.expect(QUESTION);
        until("all have looked at the question", || count(&terminal, "looked on") == 5);
        terminal.send(key).expect("all done");
        assert_eq!(count(&terminal, PLAIN_QUESTION), 1, "{}", terminal.screen());
        assert_eq!((count(&terminal, first), count(&terminal, others)), (1, 4), "{}", terminal.screen());
    }
}

#[test]
fn programs_that_nobody_typed_wait_for_a_question_on_their_terminal() {
    let home = Home::new();
    let script = "$ask & until [ -e $HOME/go ]; do sleep 0.02; done; $ask & $ask & wait; echo all done";
    let mut terminal = home.script("join unbidden", script);
    terminal.expect(QUESTION);
    File::create(home.path().join("go")).expect("a file for the script");
    until("all have looked at the question", || count(&terminal, "looked on") == 3);
    terminal.send(b"\x03").expect("all done");
    assert_eq!((count(&terminal, PLAIN_QUESTION), count(&terminal, "result Stopped by another.")), (1, 2));
}

#[test]
fn programs_that_nobody_typed_leave_a_full_screen_alone() {
    let home = Home::new();
    let mut screen = home.script("join unbidden", "stty raw -echo; $ask");
    screen.expect("result nobody asks.");
    let mut asking = home.ask("join");
    asking.expect(QUESTION);
    let mut screen = home.script("join unbidden", "stty raw -echo; $ask");
    screen.expect("looked on");
    asking.line("492039");
    screen.expect("result settled.");
    assert_eq!(count(&screen, "is asking") + count(&screen, PLAIN_QUESTION), 0);
}

#[test]
fn another_terminal_says_who_asks_and_follows_the_answer() {
    let home = Home::new();
    let mut first = home.ask("join");
    let asking = asker(&mut first);
    first.expect(QUESTION);
    let mut second = home.ask("join");
    second.expect(&format!("awsenv: {} on /dev/pts/", asking.as_raw_nonzero()));
    second.expect("is asking for the code of dev since ").expect("; Enter asks here too, Ctrl-C leaves");
    first.line("492039").expect("result signed in.");
    second.expect("result settled.");
    assert_eq!(count(&second, PLAIN_QUESTION), 0);
    until("the terminal is put back", || is_line_mode(&second));
}

#[test]
fn enter_takes_the_question_over_and_the_first_code_ends_the_other() {
    let home = Home::new();
    let mut first = home.ask("join");
    first.expect(QUESTION);
    let mut second = home.ask("join");
    second.expect("Enter asks here too").line("").expect(QUESTION).line("492039").expect("result signed in.");
    first.expect("result overtaken.");
}

#[test]
fn ctrl_c_leaves_the_wait_and_the_other_question_stands() {
    let home = Home::new();
    let mut first = home.ask("join");
    first.expect(QUESTION);
    let mut second = home.ask("join");
    second.expect("Ctrl-C leaves").send(b"\x03").expect("result left.");
    first.line("492039").expect("result signed in.");
}

#[test]
fn a_killed_asker_is_followed_by_one_that_waits() {
    let home = Home::new();
    let mut first = home.ask("join");
    let pid = asker(&mut first);
    first.expect(QUESTION);
    let mut second = home.ask("join");
    second.expect("is asking");
    kill_process(pid, Signal::KILL).expect("it runs");
    second.expect(QUESTION).line("492039").expect("result signed in.");
}

#[test]
fn a_stopped_job_that_asked_does_not_hold_its_terminal() {
    let home = Home::new();
    let mut terminal = home.script("join", "set -m; $ask; stty sane; $ask; kill -9 %1");
    let pid = asker(&mut terminal);
    terminal.expect(QUESTION);
    kill_process(pid, Signal::STOP).expect("it runs");
    terminal.mark().expect("is asking for the code of dev").line("").expect(QUESTION);
    terminal.line("492039").expect("result signed in.");
}

#[test]
fn two_codes_are_asked_for_one_after_the_other_on_a_terminal() {
    let home = Home::new();
    let mut terminal = home.script("join", "ASK_DEVICE=one $ask & ASK_DEVICE=two $ask & wait; echo all done");
    terminal.expect(PLAIN_QUESTION);
    until("both have started", || count(&terminal, "process ") == 2);
    assert_eq!(count(&terminal, PLAIN_QUESTION), 1);
    terminal.mark().line("492039").expect(PLAIN_QUESTION).mark().line("492039").expect("all done");
    assert_eq!(count(&terminal, "result signed in."), 2);
}

#[test]
fn without_a_terminal_it_waits_for_who_can_ask_and_never_asks() {
    let home = Home::new();
    let mut alone = home.script("join", "setsid --wait $ask");
    alone.expect("result nobody asks.");
    let mut first = home.ask("join");
    first.expect(QUESTION);
    let mut second = home.script("join", "setsid --wait $ask");
    asker(&mut second);
    first.line("492039").expect("result signed in.");
    second.expect("result settled.");
}

#[test]
fn without_a_place_for_locks_everybody_asks() {
    let home = Home::new();
    std::fs::write(home.path().join(".local"), "").expect("a file where the folder would be");
    let mut terminal = home.script("join", "TMPDIR=/nowhere $ask");
    terminal.expect(QUESTION).line("492039").expect("result signed in.");
}
