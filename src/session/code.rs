//! The one-time code: where it comes from, and that each is sent once.

use crate::error::{Error, Kind, Result};
use crate::host::Host;
use crate::net::{self, Failure, Mfa, StsError};
use crate::profile::Value;
use crate::state::asking::{self, Outcome, Subject, Turn};
use crate::state::{Memory, SessionTurn};
use crate::terminal::{Answer, Code, Question, Tty, say};

use super::command::{self, Terminal};
use super::trust;

/// How often a refused code is asked for again.
const TRIES: u8 = 3;

/// How a code may be got in this run.
#[derive(Clone, Default)]
pub struct Asking<'a> {
    /// Given as an argument: used once, and not asked for again when it is refused.
    pub code: Option<Code>,
    /// The terminal to ask on; `None` where this run must not ask.
    pub tty: Option<&'a Tty>,
    /// Whether `mfa_process` may run: it may wait for a person's touch.
    pub process: bool,
    /// Whether Enter alone means "go on without" (the guard, `use`).
    pub may_go_on: bool,
    /// Whether a browser sign-in needs a word first.
    pub consent: Consent,
    /// A question of the caller's own in place of ours.
    pub own: Option<&'a dyn OwnWords>,
}

/// Whether a person has already agreed to a sign-in in the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Consent {
    /// The question comes first.
    #[default]
    Ask,
    /// The command itself says so (`refresh`).
    Given {
        /// `--device-code`: a link and a code, though there is a browser.
        device_code: bool,
    },
}

impl Asking<'_> {
    /// Whether the code comes without a question that says where it goes.
    pub fn is_silent(&self) -> bool {
        self.code.is_some() || self.own.is_some_and(|own| !own.asks())
    }
}

/// Lines that a person should see before a question.
pub type Notes<'a> = &'a [String];

/// The question and the words of a program that awsenv stands in for (aws-mfa). One code, one try.
pub trait OwnWords {
    /// Whether a person reads the question, and with it the lines before it.
    fn asks(&self) -> bool;

    /// Gets the code. `process` runs `mfa_process`, where the profile has one.
    ///
    /// # Errors
    /// Its own.
    fn code(&self, notes: Notes, process: Option<&dyn Fn() -> Result<Code>>) -> Result<Code>;

    /// The error for a code that was sent a moment ago and is not sent again; `wait` says so.
    fn just_used(&self, wait: &str) -> Error;

    /// The error for a call that failed.
    fn refused(&self, failure: &Failure) -> Error;
}

/// Why there is no session.
#[derive(Debug)]
pub enum Halt {
    /// Enter at the question: go on without.
    Declined,
    /// Everything else, Ctrl-C included (see its [`Kind`]).
    Failed(Error),
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Halt::Failed(error)
    }
}

impl From<Failure> for Halt {
    fn from(failure: Failure) -> Self {
        Halt::Failed(failure.into())
    }
}

/// What a code is needed for.
pub struct Need<'a> {
    /// The profile's name as it is shown.
    pub name: &'a str,
    pub key_id: &'a str,
    pub device: &'a str,
    /// `mfa_process`.
    pub process: Option<&'a Value>,
    /// Also where the session is still good.
    pub forced: bool,
    /// What is over, or was never there.
    pub over: String,
    /// Lines between that and the question.
    pub notes: Vec<String>,
}

/// A turn for which others wait: hold it until the session is written.
pub enum Held {
    /// The question stood here, and a person typed the code.
    Asked(#[expect(dead_code, reason = "held")] asking::Asking),
    /// The same at a question of the caller's own.
    Typed(#[expect(dead_code, reason = "held")] Option<SessionTurn>),
    /// The code came otherwise, or none was needed.
    Unasked(#[expect(dead_code, reason = "held")] Option<SessionTurn>),
}

/// What came of it.
pub enum Got<T> {
    /// The call's answer.
    New(T, Held),
    /// Another process has got a session meanwhile: read it from its file.
    Settled,
}

/// Gets a code and makes the call with it. `settled` looks whether another process has got the session meanwhile.
///
/// # Errors
/// The call's own, as one line; Ctrl-C; no way to ask.
pub fn with_code<T>(
    host: &Host,
    memory: &Memory,
    asking: &Asking,
    need: &Need,
    mut settled: impl FnMut() -> bool,
    call: impl Fn(&Mfa) -> std::result::Result<T, Failure>,
) -> std::result::Result<Got<T>, Halt> {
    refuse_fido(need)?;
    let send = |code: &Code| {
        let mfa = Mfa { serial: need.device.to_owned(), code: code.clone() };
        let result = call(&mfa);
        if result.as_ref().err().is_none_or(|failure| failure.error.code_may_be_spent()) {
            memory.note_code(need.device, code);
        }
        result
    };
    if let Some(own) = asking.own {
        let process = need.process.filter(|_| asking.process);
        let run = process.map(|process| move || from_process(memory, asking.tty, process));
        let code = own.code(&need.notes, run.as_ref().map(|run| run as &dyn Fn() -> Result<Code>))?;
        let turn = code_turn(memory, need, &mut settled);
        if settled() {
            return Ok(Got::Settled);
        }
        if let Some(wait) = just_used(host, memory, need, &code) {
            return Err(own.just_used(&wait).into());
        }
        let answer = send(&code).map_err(|failure| own.refused(&failure))?;
        return Ok(Got::New(answer, if own.asks() { Held::Typed(turn) } else { Held::Unasked(turn) }));
    }
    if let Some(code) = &asking.code {
        // Many processes may have been given the same code: one call serves all.
        let turn = code_turn(memory, need, &mut settled);
        if settled() {
            return Ok(Got::Settled);
        }
        if let Some(wait) = just_used(host, memory, need, code) {
            return Err(Error::failed(wait).into());
        }
        return Ok(Got::New(send(code)?, Held::Unasked(turn)));
    }
    if let Some(process) = need.process.filter(|_| asking.process) {
        let turn = code_turn(memory, need, &mut settled);
        if settled() {
            return Ok(Got::Settled);
        }
        let code = from_process(memory, asking.tty, process)?;
        if let Some(wait) = just_used(host, memory, need, &code) {
            return if settled() { Ok(Got::Settled) } else { Err(Error::failed(wait).into()) };
        }
        return Ok(Got::New(send(&code)?, Held::Unasked(turn)));
    }
    let subject = Subject {
        what: "the code",
        name: need.name.as_bytes(),
        key_id: need.key_id.as_bytes(),
        device: need.device.as_bytes(),
    };
    match asking::join(host, subject, asking.tty, &mut settled) {
        Turn::Settled => Ok(Got::Settled),
        Turn::Same(Outcome::Declined) => Err(Halt::Declined),
        Turn::Same(Outcome::Stopped) | Turn::Left => Err(Error::stopped().into()),
        Turn::Same(Outcome::Failed) => Err(Error::silent(Kind::Failed).into()),
        Turn::Nobody => Err(nobody(need).into()),
        Turn::TimedOut(holder) => {
            let line =
                format!("{} and got no answer yet", holder.sentence(subject.what, need.name.as_bytes(), host.now()));
            Err(Error::failed(line).next(format!("awsenv refresh {}", need.name)).into())
        }
        Turn::Mine(turn) => {
            let Some(tty) = asking.tty else { return Err(nobody(need).into()) };
            let result = ask(host, memory, tty, asking.may_go_on, need, &mut settled, send);
            match result {
                Ok(Some(answer)) => return Ok(Got::New(answer, Held::Asked(turn))),
                Ok(None) => return Ok(Got::Settled),
                Err(Halt::Declined) => turn.end(Outcome::Declined),
                Err(Halt::Failed(ref error)) if error.kind() == Kind::Stopped => turn.end(Outcome::Stopped),
                Err(Halt::Failed(_)) => turn.end(Outcome::Failed),
            }
            result.map(|_| Got::Settled)
        }
    }
}

/// Waits while another process gets a session for the same key and device without a question.
fn code_turn(memory: &Memory, need: &Need, settled: impl FnMut() -> bool) -> Option<SessionTurn> {
    memory.session_turn([need.key_id.as_bytes(), b"\0", need.device.as_bytes()].concat(), settled)
}

fn nobody(need: &Need) -> Error {
    // With a terminal: another program's screen, the background, or told not to ask.
    let why = match Tty::open() {
        Some(_) => "its code cannot be asked for here".to_owned(),
        None => format!("{} to ask for its code on", Tty::none()),
    };
    // A session that is still good is renewed with `--force` alone.
    let force = if need.forced { " CODE --force" } else { "" };
    Error::failed(format!("{}, and {why}", need.over)).next(format!("awsenv refresh {}{force}", need.name))
}

/// Asks until there is an answer; `None` where another process has got the session meanwhile.
fn ask<T>(
    host: &Host,
    memory: &Memory,
    tty: &Tty,
    may_go_on: bool,
    need: &Need,
    settled: &mut impl FnMut() -> bool,
    send: impl Fn(&Code) -> std::result::Result<T, Failure>,
) -> std::result::Result<Option<T>, Halt> {
    let question = Question::code(need.name, need.device, may_go_on);
    let mut next = need.notes.iter().fold(question.clone().after(&need.over), |q, line| q.after(line));
    let mut refused = 0;
    loop {
        let code = match tty.ask_code(&next, &mut *settled) {
            Answer::Given(code) => code,
            Answer::Enter => return Err(Halt::Declined),
            Answer::Stop => return Err(Error::stopped().into()),
            Answer::Overtaken => return Ok(None),
        };
        if let Some(wait) = just_used(host, memory, need, &code) {
            next = question.clone().after(wait);
            continue;
        }
        match send(&code) {
            Ok(answer) => return Ok(Some(answer)),
            Err(Failure { error: StsError::WrongOrUsedCode, .. }) if settled() => return Ok(None),
            Err(Failure { error: error @ StsError::WrongOrUsedCode, .. }) if refused + 1 < TRIES => {
                refused += 1;
                next = question.clone().after(error.to_string());
            }
            Err(failure) => return Err(failure.into()),
        }
    }
}

/// Why this code is not sent: it was sent a moment ago, and AWS takes each once.
fn just_used(host: &Host, memory: &Memory, need: &Need, code: &Code) -> Option<String> {
    memory.code_sent(need.device, code)?;
    // Codes change at every full half minute.
    let wait = 30 - host.now().0.rem_euclid(30);
    Some(format!("this code was just used, and AWS takes each only once: the next one comes in {wait} s"))
}

/// The output of `mfa_process`.
fn from_process(memory: &Memory, tty: Option<&Tty>, process: &Value) -> Result<Code> {
    trust::check(memory, tty, "mfa_process", process)?;
    let line = os_string(process);
    let what = format!("{}: mfa_process", process.place);
    let program = process.text.to_string();
    let program =
        program.split_whitespace().next().unwrap_or_default().rsplit('/').next().unwrap_or_default().to_owned();
    let (done, waits) = std::sync::mpsc::channel::<()>();
    let notice = std::thread::spawn(move || {
        // Only a process that takes long needs a word: it probably waits for a touch.
        if waits
            .recv_timeout(std::time::Duration::from_secs(1))
            .is_err_and(|e| e == std::sync::mpsc::RecvTimeoutError::Timeout)
        {
            say(format!("waiting for {program} … (touch the key)"));
        }
    });
    let printed = command::output(&what, &line, Terminal::of(tty));
    drop(done);
    let _ = notice.join();
    let printed = printed?;
    let text = std::str::from_utf8(&printed).unwrap_or_default();
    Code::parse(text).map_err(|_| Error::failed(format!("{what} printed something that is not six digits")))
}

/// A command line as the operating system takes it.
pub fn os_string(value: &Value) -> std::ffi::OsString {
    crate::profile::ProfileName::from(value.text.to_vec()).to_os_string()
}

/// STS knows codes only; a security key has none.
fn refuse_fido(need: &Need) -> Result<()> {
    let fido = [":u2f/", ":fido/", ":passkey/"].iter().any(|kind| need.device.contains(kind));
    if !fido {
        return Ok(());
    }
    Err(Error::failed(format!(
        "{}: {} is a security key, and AWS takes only six-digit codes for sessions",
        need.name, need.device
    ))
    .next("add an authenticator app as a second MFA device and name that one, or use `aws login`"))
}

/// Keeps the type in the signature of callers short.
pub type Answered = net::Answer<net::Session>;
