//! A shell that answers for a person: below mintty, where this program has no console, the bash that started it does.
//!
//! It says so in `AWSENV_ANSWERS` (`1 PID`, with ` background` where the terminal does not listen to it): the version of what
//! follows, and its process id. Questions go to it on our stdout, answers come on stdin, a line each:
//!
//! | line | |
//! |---|---|
//! | `\x01!TEXT` | show this line |
//! | `\x01?NUMBER TEXT` | ask, and show what is typed |
//! | `\x01*NUMBER TEXT` | ask, and show nothing |
//! | `\x01/NUMBER` | nobody needs this answer any more; one comes all the same |
//! | `NUMBER=LINE` | what was typed |
//! | `NUMBER^` | Ctrl-C, end of input, no terminal |
//!
//! Every other line on stdout is what it would be without. None of them can begin with `\x01`: what we print there is text
//! without control characters, quoted for a shell, or JSON. Numbers keep an answer that came too late from being the next one's.

use std::fmt;
use std::io::{BufRead, Write};
use std::process::Command;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use secrecy::zeroize::Zeroizing;

use super::keys::OwnKeys;
use super::line_editor::{Echo, LineEditor, Step};
use super::question::{Answer, Lines};
use crate::host::Host;

/// The variable by which a shell says that it answers.
const VARIABLE: &str = "AWSENV_ANSWERS";
/// The variable that says which words on a command line MSYS2 does not take for paths. Its hook has this program's all left
/// alone…
const WORDS: &str = "MSYS2_ARG_CONV_EXCL";
/// … and hands the person's own value on in this one, empty for none.
const OWN_WORDS: &str = "AWSENV_ARG_CONV_EXCL";
/// How often a question looks up: has another process renewed the session.
const TICK: Duration = Duration::from_millis(200);
/// How long a shell may take to end a question; nothing but the look of the screen hangs on it.
const PATIENCE: Duration = Duration::from_secs(2);

/// Takes from a command's environment what the hook has put there for this process alone: what the shell answers is for nobody
/// else, and programs of MSYS2 further down are to get their words as they do elsewhere.
pub fn hide_from(command: &mut Command, host: &Host) {
    command.env_remove(VARIABLE);
    let Some(own) = host.raw_var(OWN_WORDS) else { return };
    command.env_remove(OWN_WORDS);
    match own.is_empty() {
        true => command.env_remove(WORDS),
        false => command.env(WORDS, own),
    };
}

/// The shell that answers.
#[derive(Clone)]
pub struct Relay {
    pid: u32,
    is_foreground: bool,
    pipes: Arc<Mutex<Pipes>>,
}

struct Pipes {
    questions: Box<dyn Write + Send>,
    answers: Receiver<Zeroizing<Vec<u8>>>,
    number: u32,
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay").field("pid", &self.pid).field("is_foreground", &self.is_foreground).finish()
    }
}

impl Relay {
    /// The shell that started this process, if it says that it answers.
    #[cfg(windows)]
    pub fn offered(host: &Host) -> Option<Relay> {
        Self::new(host, std::io::stdout(), || std::io::stdin().lock())
    }

    /// The same with any two streams. Answers are read by a thread, so that a question can end without one.
    fn new<R: BufRead>(
        host: &Host,
        questions: impl Write + Send + 'static,
        answers: impl FnOnce() -> R + Send + 'static,
    ) -> Option<Relay> {
        let said = host.var(VARIABLE)?;
        let words: Vec<&str> = said.to_str()?.split(' ').collect();
        let (pid, is_foreground) = match words[..] {
            ["1", pid] => (pid, true),
            ["1", pid, "background"] => (pid, false),
            _ => return None,
        };
        let pid = pid.parse().ok()?;
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            let mut answers = answers();
            loop {
                let mut line = Zeroizing::new(Vec::new());
                if !answers.read_until(b'\n', &mut line).is_ok_and(|_| line.ends_with(b"\n"))
                    || sender.send(line).is_err()
                {
                    return;
                }
            }
        });
        let pipes = Pipes { questions: Box::new(questions), answers: receiver, number: 0 };
        Some(Relay { pid, is_foreground, pipes: Arc::new(Mutex::new(pipes)) })
    }

    /// The shell's process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Whether the terminal listens to the shell's command.
    pub fn is_foreground(&self) -> bool {
        self.is_foreground
    }
}

impl Pipes {
    fn send(&mut self, line: &str) -> std::io::Result<()> {
        self.questions.write_all(format!("\x01{line}\n").as_bytes())?;
        self.questions.flush()
    }

    fn ask(&mut self, text: &str, echo: Echo, until: &mut dyn FnMut() -> bool) -> Answer<Zeroizing<String>> {
        self.number += 1;
        let number = self.number;
        let kind = if echo == Echo::Shown { '?' } else { '*' };
        if self.send(&format!("{kind}{number} {text}")).is_err() {
            return Answer::Stop;
        }
        loop {
            match self.answers.recv_timeout(TICK) {
                Ok(line) => {
                    if let Some(answer) = line.strip_prefix(format!("{number}").as_bytes()).and_then(read) {
                        return answer;
                    }
                }
                Err(RecvTimeoutError::Timeout) if until() => {
                    self.take_back(number);
                    return Answer::Overtaken;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Answer::Stop,
            }
        }
    }

    /// Waits until the shell has put its terminal back and ended the line of the question: what is said next has its own.
    fn take_back(&mut self, number: u32) {
        if self.send(&format!("/{number}")).is_ok() {
            while self.answers.recv_timeout(PATIENCE).is_ok_and(|line| !is_about(&line, number)) {}
        }
    }
}

/// Whether a line answers the question of this number.
fn is_about(line: &[u8], number: u32) -> bool {
    line.strip_prefix(number.to_string().as_bytes()).is_some_and(|rest| matches!(rest, [b'=' | b'^', ..]))
}

/// An answer behind its number. What was typed goes the way of single keys, so that an arrow key or the marks of a paste are no
/// part of it here either.
fn read(answer: &[u8]) -> Option<Answer<Zeroizing<String>>> {
    let typed = match answer {
        [b'^', ..] => return Some(Answer::Stop),
        [b'=', typed @ ..] => typed,
        _ => return None,
    };
    let mut editor = LineEditor::new(Echo::Hidden, OwnKeys::default());
    for &byte in typed {
        match editor.feed(byte, &mut Vec::new()) {
            Step::More => {}
            Step::Done => break,
            Step::Stop => return Some(Answer::Stop),
        }
    }
    Some(Answer::Given(editor.finish()))
}

impl Lines for Relay {
    fn say(&mut self, line: &str) {
        let mut pipes = self.pipes.lock().unwrap_or_else(PoisonError::into_inner);
        // A shell that is gone does not answer either.
        let _ = pipes.send(&format!("!{line}"));
    }

    fn line(&mut self, text: &str, echo: Echo, until: &mut dyn FnMut() -> bool) -> Answer<Zeroizing<String>> {
        self.pipes.lock().unwrap_or_else(PoisonError::into_inner).ask(text, echo, until)
    }

    /// The shell does so before each question.
    fn flush(&mut self) {}
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;
    use std::path::Path;

    use super::*;
    use crate::terminal::{Code, Question};
    use crate::time::Timestamp;

    /// A shell that has said these lines already, and what it was told.
    fn shell(offer: &str, said: &str) -> Option<(Relay, Told)> {
        let host = Host::fixed(&[(VARIABLE, offer)], Path::new("/h"), Timestamp(0));
        let (told, said) = (Told::default(), said.to_owned());
        let relay = Relay::new(&host, told.clone(), || BufReader::new(std::io::Cursor::new(said)))?;
        Some((relay, told))
    }

    #[derive(Clone, Default)]
    struct Told(Arc<Mutex<Vec<u8>>>);

    impl Told {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().expect("nobody panics").clone()).expect("UTF-8")
        }
    }

    impl Write for Told {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("nobody panics").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn ask(said: &str, may_go_on: bool) -> (Answer<Code>, String) {
        let (mut relay, told) = shell("1 4711", said).expect("it answers");
        let question = Question::code("dev", "phone", may_go_on).after("one");
        let read = |text: &str| Code::parse(text).map_err(|wrong| wrong.to_string());
        (question.ask(&mut relay, Echo::Shown, || false, read), told.text())
    }

    fn given(digits: &str) -> Answer<Code> {
        Answer::Given(Code::parse(digits).expect("a code"))
    }

    #[test]
    fn a_question_goes_out_as_a_line_and_its_answer_comes_as_one() {
        let (answer, told) = ask("1=492 039\n", false);
        assert_eq!(answer, given("492039"));
        assert_eq!(told, "\x01!awsenv: one\n\x01?1 MFA code for dev (phone), Ctrl-C to stop: \n");
    }

    #[test]
    fn the_answers_count_as_they_do_on_a_terminal() {
        assert_eq!(ask("1=\n", true).0, Answer::Enter);
        assert_eq!(ask("1=  \r\n", true).0, Answer::Enter);
        let (answer, told) = ask("1=\n2=hunter2\n3=\x1b[A\x1b[200~492039\x1b[201~\r\n", false);
        assert_eq!(answer, given("492039"));
        assert_eq!(told.matches("\x01!awsenv: a code is six digits\n").count(), 2, "{told}");
        for stop in ["1^\n", "1=492\x03\n", "", "1=492039"] {
            assert_eq!(ask(stop, true).0, Answer::Stop, "{stop:?}");
        }
    }

    #[test]
    fn an_answer_to_another_question_is_none() {
        let late = "0=111111\n2^\n12=222222\nnonsense\n1 =3\n=4\n\n1=492039\n";
        assert_eq!(ask(late, false).0, given("492039"));
    }

    #[test]
    fn a_question_that_nobody_needs_any_more_ends_by_itself() {
        let (mut relay, told) = shell("1 4711", "").expect("it answers");
        // A pipe that stays open, and silent until the question is taken back.
        let (open, silent) = mpsc::channel();
        relay.pipes.lock().expect("nobody panics").answers = silent;
        let mut looks = 0;
        let mut settled = || {
            looks += 1;
            if looks == 2 {
                open.send(Zeroizing::new(b"1^\n".to_vec())).expect("somebody listens");
            }
            looks == 2
        };
        assert_eq!(relay.line("Now? ", Echo::Hidden, &mut settled), Answer::Overtaken);
        assert_eq!(told.text(), "\x01*1 Now? \n\x01/1\n");
    }

    #[test]
    fn a_child_gets_the_environment_of_the_persons_own_shell() {
        let changes = |vars: &[(&str, &str)]| {
            let mut command = Command::new("x");
            hide_from(&mut command, &Host::fixed(vars, Path::new("/h"), Timestamp(0)));
            let text = |text: &std::ffi::OsStr| text.to_string_lossy().into_owned();
            command.get_envs().map(|(name, value)| (text(name), value.map(text))).collect::<Vec<_>>()
        };
        let gone = |name: &str| (name.to_owned(), None);
        assert_eq!(changes(&[(WORDS, "/own")]), [gone(VARIABLE)], "not the hook's");
        assert_eq!(changes(&[(WORDS, "*"), (OWN_WORDS, "")]), [gone(VARIABLE), gone(OWN_WORDS), gone(WORDS)]);
        let own = (WORDS.to_owned(), Some("/own".to_owned()));
        assert_eq!(changes(&[(WORDS, "*"), (OWN_WORDS, "/own")]), [gone(VARIABLE), gone(OWN_WORDS), own]);
    }

    #[test]
    fn only_an_offer_of_this_version_counts() {
        let offered = |offer| shell(offer, "").map(|(relay, _)| (relay.pid(), relay.is_foreground()));
        assert_eq!(offered("1 4711"), Some((4711, true)));
        assert_eq!(offered("1 4711 background"), Some((4711, false)));
        for other in ["", "1", "2 4711", "1 x", "1 4711 more", "1  4711"] {
            assert_eq!(offered(other), None, "{other:?}");
        }
    }
}
