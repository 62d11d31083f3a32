//! Questions on a real terminal, as a person sees them. The asking process is this test program itself, started again on a
//! pty with `ASK_ROLE` set.

#![cfg(unix)]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use awsenv::host::Host;
use awsenv::state::asking::{self, Outcome, Subject, Turn};
use awsenv::terminal::{Answer, Question, Row, Tty};
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{LocalModes, Termios, tcgetattr};
use testbed::pty::DEADLINE;
use testbed::{Spec, Terminal};

const DEVICE: &str = "arn:aws:iam::123456789012:mfa/taro";
const QUESTION: &str =
    "MFA code for dev (arn:aws:iam::123456789012:mfa/taro), Enter to go on without, Ctrl-C to stop: ";

// ---- The asking process ----

/// Not a test: what the program does when it is started again as the one that asks.
#[test]
fn asking_process() {
    let Some(role) = std::env::var_os("ASK_ROLE") else { return };
    println!("\nprocess {}", std::process::id());
    let say = |text: String| println!("result {text}.");
    match role.to_str().unwrap_or_default() {
        "code" => say(shown(terminal().ask_code(&code(true), || false).map_code())),
        "code or nothing" => say(shown(terminal().ask_code(&code(false), || false).map_code())),
        "choice" => {
            let question = Question::other("Add [profile dev-session]? [y/n/a] ").after("dev needs a second profile");
            say(shown(terminal().ask_choice(&question, &["yes", "no", "all"], || false)));
        }
        "hidden" => match terminal().ask_hidden(&Question::other("Password: "), || false) {
            Answer::Given(secret) => say(secrecy::ExposeSecret::expose_secret(&secret).to_owned()),
            _ => say("none".into()),
        },
        "pick" => {
            let rows = [("dev", "444455556666"), ("prod-admin", "111122223333"), ("staging", "444455556666")];
            let rows = rows.map(|(name, account)| Row::new(name, ["role", account]));
            say(format!("{:?}", terminal().pick(&rows)));
        }
        "where" => match Tty::open() {
            None => say("no terminal".into()),
            Some(tty) => say(format!("foreground {} line mode {}", tty.is_foreground(), tty.is_line_mode())),
        },
        "panic" => {
            // As with panic = "abort": nothing is unwound, no destructor runs.
            std::panic::set_hook(Box::new(|_| std::process::exit(99)));
            terminal().ask_code(&code(true), || panic!("a bug while asking"));
        }
        "join" => say(join(false)),
        "join aloud" => say(join(true)),
        other => panic!("no such role: {other}"),
    }
    std::process::exit(0);
}

fn terminal() -> Tty {
    Tty::open().expect("the test gave it a terminal")
}

fn code(may_go_on: bool) -> Question {
    Question::code("dev", DEVICE, may_go_on).after("the session of dev ended 2h05m ago")
}

fn shown<T: std::fmt::Debug>(answer: Answer<T>) -> String {
    format!("{answer:?}")
}

trait MapCode {
    fn map_code(self) -> Answer<String>;
}

impl MapCode for Answer<awsenv::terminal::Code> {
    fn map_code(self) -> Answer<String> {
        match self {
            Answer::Given(code) => Answer::Given(code.as_str().to_owned()),
            Answer::Enter => Answer::Enter,
            Answer::Stop => Answer::Stop,
            Answer::Overtaken => Answer::Overtaken,
        }
    }
}

/// Asks for the code of the device `ASK_DEVICE` and "signs in" by making a file, as `refresh` does.
fn join(aloud: bool) -> String {
    let device = std::env::var("ASK_DEVICE").unwrap_or_else(|_| DEVICE.into());
    let session = Host::real().home().expect("the test sets HOME").join(device.replace('/', "_"));
    let looks = std::cell::Cell::new(0);
    let is_there = || {
        looks.set(looks.get() + 1);
        if aloud && looks.get() == 6 {
            println!("looked on");
        }
        session.exists()
    };
    let subject = Subject { name: b"dev", key_id: b"AKIAEXAMPLE", device: device.as_bytes() };
    let tty = Tty::open();
    match asking::join(&Host::real(), subject, tty.as_ref(), &is_there) {
        Turn::Mine(turn) => {
            let question = Question::code("dev", &device, true);
            match tty.expect("a turn is given to who can ask").ask_code(&question, &is_there) {
                Answer::Given(_) => {
                    File::create(&session).expect("the session can be written");
                    "signed in".into()
                }
                Answer::Enter => {
                    turn.end(Outcome::Declined);
                    "declined".into()
                }
                Answer::Stop => {
                    turn.end(Outcome::Stopped);
                    "stopped".into()
                }
                Answer::Overtaken => "overtaken".into(),
            }
        }
        Turn::Same(outcome) => format!("{outcome:?} by another"),
        Turn::Settled => "settled".into(),
        Turn::Left => "left".into(),
        Turn::Nobody => "nobody asks".into(),
        Turn::TimedOut(_) => "timed out".into(),
    }
}

// ---- Starting it ----

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Home(tempfile::tempdir().expect("a folder for the test"))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// The program on a terminal of its own, started by `script`, in which `$ask` is its command line.
    fn script(&self, role: &str, script: &str) -> Terminal {
        let program = program();
        let ask = format!("'{}' --exact asking_process --nocapture", program.display());
        let spec = Spec::new("/bin/bash").args(["-c".to_owned(), script.replace("$ask", &ask)]);
        let path = std::env::var_os("PATH").unwrap_or_default();
        Terminal::start(spec.env("ASK_ROLE", role).env("HOME", self.path()).env("PATH", path).env("TERM", "xterm"))
    }

    fn ask(&self, role: &str) -> Terminal {
        self.script(role, "$ask; echo status $?")
    }
}

fn program() -> PathBuf {
    std::env::current_exe().expect("the system tells")
}

fn ask(role: &str) -> Terminal {
    Home::new().ask(role)
}

/// The process id that the asking process printed.
fn asker(terminal: &mut Terminal) -> Pid {
    let pid = terminal.find("the asking process", |text| {
        let digits = text.split("process ").nth(1)?.split_once('\n')?.0.trim();
        digits.parse().ok()
    });
    Pid::from_raw(pid).expect("a process id is not zero")
}

fn modes(terminal: &Terminal) -> Termios {
    tcgetattr(terminal.master()).expect("a pty has modes")
}

fn is_line_mode(terminal: &Terminal) -> bool {
    modes(terminal).local_modes.contains(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG)
}

fn until(what: &str, mut done: impl FnMut() -> bool) {
    let end = Instant::now() + DEADLINE;
    while !done() {
        assert!(Instant::now() < end, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn count(terminal: &Terminal, text: &str) -> usize {
    String::from_utf8_lossy(&terminal.raw()).matches(text).count()
}

// ---- One question ----

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

// ---- Many processes ----

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
