//! Questions on a real terminal, as a person sees them.

#![cfg(unix)]

mod asker;

use asker::{Home, QUESTION, asker, count, is_line_mode, until};
use rustix::process::{Signal, kill_process};
use testbed::Terminal;

/// Not a test: see `asker`.
#[test]
fn asking_process() {
    asker::play_role();
}

fn ask(role: &str) -> Terminal {
    Home::new().ask(role)
}

#[test]
fn the_question_stands_on_the_terminal_and_takes_a_code_with_blanks() {
    let mut terminal = ask("code");
    terminal.expect("awsenv: the session of dev ended 2h05m ago").expect(QUESTION);
    terminal.line("492 039").expect("492 039").expect("result Given(\"492039\").");
}

#[test]
fn a_wrong_shape_is_said_and_asked_again_on_the_same_terms() {
    let mut terminal = ask("code");
    terminal.expect(QUESTION).mark().line("12345").expect("awsenv: a code is six digits").expect(QUESTION);
    terminal.mark().line("hunter22").expect("awsenv: a code is six digits").expect(QUESTION);
    terminal.mark().line("").expect("result Enter.");
}

#[test]
fn enter_alone_is_an_answer_only_where_the_question_says_so() {
    let mut terminal = ask("code or nothing");
    terminal.expect("(arn:aws:iam::123456789012:mfa/taro), Ctrl-C to stop: ");
    terminal.mark().line("").expect("awsenv: a code is six digits").expect("Ctrl-C to stop: ");
    terminal.line("492039").expect("result Given(\"492039\").");
    assert_eq!(count(&terminal, "Enter"), 0);
}

#[test]
fn ctrl_c_and_ctrl_d_stop_without_a_signal_and_leave_the_terminal_as_it_was() {
    for key in [b"\x03", b"\x04"] {
        let mut terminal = ask("code");
        terminal.expect(QUESTION).send(b"492").expect("492");
        assert!(!is_line_mode(&terminal));
        if key == b"\x04" {
            terminal.send(b"\x15");
        }
        terminal.send(key).expect("result Stop.").expect("status 0");
        assert!(is_line_mode(&terminal));
    }
}

#[test]
fn what_is_typed_can_be_corrected_and_is_seen() {
    let mut terminal = ask("code");
    terminal.expect(QUESTION).send(b"49x");
    terminal.wait_for(|s| s.contents().contains("stop: 49x"), "what was typed");
    terminal.send(b"\x7f2039");
    terminal.wait_for(|s| s.contents().contains("stop: 492039"), "the correction");
    terminal.line("").expect("result Given(\"492039\").");
}

#[test]
fn a_choice_is_answered_by_letter_or_word() {
    let mut terminal = ask("choice");
    terminal.expect("awsenv: dev needs a second profile").expect("? [y/n/a] ");
    terminal.line("x").expect("awsenv: the answer is y or n or a").line("ALL").expect("result Given(2).");
}

#[test]
fn a_secret_is_not_seen() {
    let mut terminal = ask("hidden");
    terminal.expect("Password: ").line("pa ss").expect("result pa ss.");
    assert_eq!(count(&terminal, "pa ss"), 1, "only the result");
}

#[test]
fn text_typed_before_the_question_is_no_answer() {
    let mut terminal = Home::new().script("code", "echo ready; read x; $ask");
    terminal.expect("ready").send(b"go\r111111\r").expect(QUESTION).line("492039").expect("result Given(\"492039\").");
}

#[test]
fn text_typed_behind_the_answer_stays_for_the_shell() {
    let mut terminal = Home::new().script("code", "$ask; read x; echo the shell got $x");
    terminal
        .expect(QUESTION)
        .send(b"492039\rls -l\r")
        .expect("result Given(\"492039\").")
        .expect("the shell got ls -l");
}

#[test]
fn the_rest_of_a_wrong_paste_is_no_answer() {
    let mut terminal = ask("code");
    terminal.expect(QUESTION).mark().send(b"export A=1\r\r\r111111\r").expect("a code is six digits").expect(QUESTION);
    terminal.line("492039").expect("result Given(\"492039\").");
}

// ---- Ways out ----

#[test]
fn a_signal_ends_the_process_with_the_terminal_put_back() {
    for (signal, status) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::QUIT, 131)] {
        let mut terminal = Home::new().script("code", "ulimit -c 0; $ask; echo status $?; read x");
        let pid = asker(&mut terminal);
        terminal.expect(QUESTION);
        assert!(!is_line_mode(&terminal));
        kill_process(pid, signal).expect("it runs");
        terminal.expect(&format!("status {status}"));
        assert!(is_line_mode(&terminal), "after {signal:?}");
    }
}

#[test]
fn sigint_from_elsewhere_is_a_stop() {
    let mut terminal = Home::new().script("code", "$ask; read x");
    let pid = asker(&mut terminal);
    terminal.expect(QUESTION);
    kill_process(pid, Signal::INT).expect("it runs");
    terminal.expect("result Stop.");
    assert!(is_line_mode(&terminal));
}

#[test]
fn a_panic_puts_the_terminal_back_though_nothing_is_unwound() {
    let mut terminal = Home::new().script("panic", "$ask; echo status $?; read x");
    terminal.expect("status 99");
    assert!(is_line_mode(&terminal));
}

#[test]
fn a_job_that_was_stopped_asks_again_when_it_is_back() {
    let mut terminal = Home::new().script("code", "set -m; $ask; stty sane; echo at the shell; read x; fg; read x");
    let pid = asker(&mut terminal);
    terminal.expect(QUESTION).send(b"492").expect("stop: 492");
    kill_process(pid, Signal::STOP).expect("it runs");
    terminal.expect("at the shell");
    until("the shell has set the terminal", || is_line_mode(&terminal));
    terminal.mark().line("").expect(&format!("{QUESTION}492"));
    terminal.line("039").expect("result Given(\"492039\").");
    until("the terminal is put back", || is_line_mode(&terminal));
}

#[test]
fn a_terminal_that_goes_away_ends_the_asker() {
    let mut terminal = Home::new().script("code", "$ask; read x");
    let pid = asker(&mut terminal);
    terminal.expect(QUESTION);
    drop(terminal);
    until("the asker has ended", || rustix::process::test_kill_process(pid).is_err());
}

// ---- The pick ----

/// The pick as `use` runs it: stdout is the shell's, and here stdin and stderr are elsewhere too.
fn pick() -> Terminal {
    let mut terminal =
        Home::new().script("pick", "x=$($ask 2>/dev/null </dev/null); echo \"the shell got $x\"; read x");
    terminal
        .wait_for(|s| s.contents().contains("> dev         role  444455556666"), "the list with the first selected");
    terminal
}

fn is_gone(screen: &testbed::pty::Screen) -> bool {
    !screen.contents().contains("444455556666")
}

#[test]
fn the_pick_narrows_as_one_types_and_leaves_nothing_behind() {
    let mut terminal = pick();
    terminal.send(b"adm");
    terminal.wait_for(|s| s.contents().starts_with("profile: adm\n1/3\n> prod-admin"), "the one that fits");
    terminal.send(b"\r").expect("result Some(1).");
    terminal.wait_for(is_gone, "a clean screen");
    assert!(is_line_mode(&terminal));
}

#[test]
fn the_pick_follows_the_arrows() {
    let mut terminal = pick();
    terminal.send(b"\x1b[B\x1b[B\x1b[A\x1bOB");
    terminal.wait_for(|s| s.contents().contains("> staging"), "the third");
    terminal.send(b"\r").expect("result Some(2).");
}

#[test]
fn escape_and_ctrl_c_pick_nothing() {
    for key in [b"\x1b", b"\x03"] {
        let mut terminal = pick();
        terminal.send(key).expect("result None.");
        terminal.wait_for(is_gone, "a clean screen");
        assert!(is_line_mode(&terminal));
    }
}

#[test]
fn a_signal_ends_the_pick_with_the_terminal_put_back() {
    let mut terminal = Home::new().script("pick", "$ask; echo status $?; read x");
    let pid = asker(&mut terminal);
    terminal.expect("> dev");
    kill_process(pid, Signal::TERM).expect("it runs");
    terminal.expect("status 143");
    assert!(is_line_mode(&terminal));
}

// ---- Where not to ask ----

#[test]
fn it_knows_the_background_and_the_screen_of_another_program() {
    let place = |script: &str| {
        let mut terminal = Home::new().script("where", script);
        terminal.find("the answer", |text| Some(text.split_once("result ")?.1.split_once('.')?.0.to_owned()))
    };
    assert_eq!(place("$ask"), "foreground true line mode true");
    assert_eq!(place("set -m; $ask & wait"), "foreground false line mode true");
    assert_eq!(place("stty raw -echo; $ask"), "foreground true line mode false");
    assert_eq!(place("setsid --wait $ask"), "no terminal");
}
