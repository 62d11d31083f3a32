//! A program that owns the screen (vim, k9s) and whose SDK runs `credentials`: nothing is written to its terminal, nothing
//! read from it.

use testbed::FakeAws;

use crate::stage::{expired, script};

/// Sets the terminal as such programs do, runs `credentials` on it, then shows what it said and the key that waited.
const PARENT: &str = "
    stty raw -echo; printf 'screen up\\n'
    read -r -n 2 go
    awsenv credentials dev >\"$HOME/out\" 2>\"$HOME/err\" </dev/null; code=$?
    printf 'back %s\\n' $code
    read -r -t 5 -n 1 key; stty sane
    printf 'the key was <%s>\\n' \"$key\"";

#[test]
fn a_raw_mode_parent_is_neither_written_to_nor_read_from() {
    let aws = FakeAws::start();
    let (home, _) = expired(&aws);
    let mut terminal = script(&home, PARENT);
    terminal.expect("screen up").mark();
    // The third key is typed for the program, before the SDK asks for credentials.
    terminal.send("gox").expect("the key was <x>");
    assert_eq!(terminal.since_mark().trim(), "back 1\nthe key was <x>", "{}", terminal.everything());
    assert_eq!(home.text("out"), "");
    let err = home.text("err");
    assert!(err.lines().count() == 1 && err.contains("awsenv refresh dev"), "{err}");
    assert_eq!(aws.calls(), []);
}

#[test]
fn in_line_mode_the_same_parent_is_asked() {
    let aws = FakeAws::start();
    let (home, taro) = expired(&aws);
    let mut terminal = script(&home, &PARENT.replace("stty raw -echo;", "stty sane;"));
    terminal.expect("screen up").line("g").expect("MFA code for dev").line(&taro.device.code());
    terminal.expect("back 0").line("x").expect("the key was");
    assert!(home.text("out").contains("\"SessionToken\""));
}

#[test]
fn a_background_job_is_never_stopped_by_a_question() {
    let aws = FakeAws::start();
    let (home, _) = expired(&aws);
    let mut terminal = script(&home, "set -m; awsenv credentials dev & wait $!; echo ended $?.");
    terminal.expect("ended 1.");
    assert!(!terminal.everything().contains("MFA code for"), "{}", terminal.everything());
    assert_eq!(aws.calls(), []);
}
