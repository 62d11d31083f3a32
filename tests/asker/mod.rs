//! The asking process: the test program itself, started again on a pty with `ASK_ROLE` set.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use awsenv::host::Host;
use awsenv::state::asking::{self, Outcome, Subject, Turn};
use awsenv::terminal::{Answer, Question, Row, Tty};
use rustix::process::Pid;
use rustix::termios::{LocalModes, Termios, tcgetattr};
use testbed::pty::DEADLINE;
use testbed::{Spec, Terminal};

const DEVICE: &str = "arn:aws:iam::123456789012:mfa/taro";
pub const QUESTION: &str =
    "MFA code for dev (arn:aws:iam::123456789012:mfa/taro), Enter to go on without, Ctrl-C to stop: ";

/// What the test program does when it is started again as the one that asks; returns at once otherwise.
pub fn play_role() {
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
        "join" => say(join(Tty::open(), false)),
        "join aloud" => say(join(Tty::open(), true)),
        "join unbidden" => {
            let may_ask = |tty: &Tty| asking::may_ask_unbidden(&Host::real(), tty);
            say(join(Tty::open().filter(may_ask), true));
        }
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
fn join(tty: Option<Tty>, aloud: bool) -> String {
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
    let subject = Subject { what: "the code", name: b"dev", key_id: b"AKIAEXAMPLE", device: device.as_bytes() };
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

pub struct Home(tempfile::TempDir);

impl Home {
    pub fn new() -> Self {
        Home(tempfile::tempdir().expect("a folder for the test"))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The program on a terminal of its own, started by `script`, in which `$ask` is its command line.
    pub fn script(&self, role: &str, script: &str) -> Terminal {
        let program = program();
        let ask = format!("'{}' --exact asking_process --nocapture", program.display());
        let spec = Spec::new("/bin/bash").args(["-c".to_owned(), script.replace("$ask", &ask)]);
        let path = std::env::var_os("PATH").unwrap_or_default();
        Terminal::start(spec.env("ASK_ROLE", role).env("HOME", self.path()).env("PATH", path).env("TERM", "xterm"))
    }

    pub fn ask(&self, role: &str) -> Terminal {
        self.script(role, "$ask; echo status $?")
    }
}

fn program() -> PathBuf {
    std::env::current_exe().expect("the system tells")
}

/// The process id that the asking process printed.
pub fn asker(terminal: &mut Terminal) -> Pid {
    let pid = terminal.find("the asking process", |text| {
        let digits = text.split("process ").nth(1)?.split_once('\n')?.0.trim();
        digits.parse().ok()
    });
    Pid::from_raw(pid).expect("a process id is not zero")
}

fn modes(terminal: &Terminal) -> Termios {
    tcgetattr(terminal.master()).expect("a pty has modes")
}

pub fn is_line_mode(terminal: &Terminal) -> bool {
    modes(terminal).local_modes.contains(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG)
}

pub fn until(what: &str, mut done: impl FnMut() -> bool) {
    let end = Instant::now() + DEADLINE;
    while !done() {
        assert!(Instant::now() < end, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub fn count(terminal: &Terminal, text: &str) -> usize {
    String::from_utf8_lossy(&terminal.raw()).matches(text).count()
}
