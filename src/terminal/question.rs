//! Questions on the controlling terminal. The texts of the code and SSO questions are fixed, here and nowhere else: people
//! and their terminal's triggers recognise them.

use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use super::clean::clean_to;
use super::code::Code;
use super::line_editor::{Echo, LineEditor, Step};
use super::message;
use super::tty::{Event, Raw, Tty};

/// A question and the lines that stand before it.
#[derive(Debug, Clone)]
pub struct Question {
    before: Vec<String>,
    text: String,
    may_go_on: bool,
}

/// What a person answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer<T> {
    /// This.
    Given(T),
    /// Enter alone, where the question allows it: go on without.
    Enter,
    /// Ctrl-C, end of input, or the terminal is gone or belongs to another process group.
    Stop,
    /// Nobody answered here, and the answer is not needed any more.
    Overtaken,
}

impl Question {
    /// The question for the one-time code of `device` (serial number or ARN), for profile `name`. With `may_go_on` Enter
    /// alone is an answer.
    pub fn code(name: impl AsRef<[u8]>, device: impl AsRef<[u8]>, may_go_on: bool) -> Self {
        let subject = format!("MFA code for {} ({})", clean_to(name, 64), clean_to(device, 160));
        Question { before: Vec::new(), text: format!("{subject}{}: ", exits(may_go_on)), may_go_on }
    }

    /// Whether to sign in to the SSO session `name` at `host`; over SSH there is no browser to open. Ask with
    /// [`Tty::ask_choice`] and the one choice `yes`.
    pub fn sso(name: impl AsRef<[u8]>, host: impl AsRef<[u8]>, over_ssh: bool, may_go_on: bool) -> Self {
        let yes = if over_ssh { "y shows a link and a code" } else { "y opens the browser" };
        let subject = format!("SSO session {} ({}): {yes}", clean_to(name, 64), clean_to(host, 160));
        Question { before: Vec::new(), text: format!("{subject}{}: ", exits(may_go_on)), may_go_on }
    }

    /// Any other question. `text` ends as it should be shown, e.g. with `? [y/n/a] `; Enter alone is no answer.
    pub fn other(text: impl AsRef<[u8]>) -> Self {
        Question { before: Vec::new(), text: super::clean(text), may_go_on: false }
    }

    /// The same with a line `awsenv: LINE` before it, behind those already there.
    #[must_use]
    pub fn after(mut self, line: impl AsRef<[u8]>) -> Self {
        self.before.push(message::line(line));
        self
    }

    /// Lets Enter alone be an answer.
    #[must_use]
    pub fn or_enter(mut self) -> Self {
        self.may_go_on = true;
        self
    }
}

fn exits(may_go_on: bool) -> &'static str {
    if may_go_on { ", Enter to go on without, Ctrl-C to stop" } else { ", Ctrl-C to stop" }
}

/// The first letter of a choice.
fn first(word: &str) -> &str {
    word.char_indices().nth(1).map_or(word, |(end, _)| &word[..end])
}

impl Tty {
    /// Asks for a code until there is one of the right shape. `until` is looked at a few times a second: true ends the
    /// question with [`Answer::Overtaken`].
    pub fn ask_code(&self, question: &Question, until: impl FnMut() -> bool) -> Answer<Code> {
        self.ask(question, Echo::Shown, until, |text| Code::parse(text).map_err(|wrong| wrong.to_string()))
    }

    /// Asks for one of `choices`, words whose first letters differ; the letter or the word answers. Gives its index.
    pub fn ask_choice(&self, question: &Question, choices: &[&str], until: impl FnMut() -> bool) -> Answer<usize> {
        self.ask(question, Echo::Shown, until, |text| {
            let said = text.trim().to_lowercase();
            choices.iter().position(|&word| word == said || first(word) == said).ok_or_else(|| {
                let letters: Vec<_> = choices.iter().map(|word| first(word)).collect();
                format!("the answer is {}", letters.join(" or "))
            })
        })
    }

    /// Asks for a line of text, which is shown while it is typed; given without blanks around it.
    pub fn ask_line(&self, question: &Question, until: impl FnMut() -> bool) -> Answer<String> {
        self.ask(question, Echo::Shown, until, |text| match text.trim() {
            "" => Err("nothing was typed".into()),
            text => Ok(text.to_owned()),
        })
    }

    /// Asks for a secret, of which nothing is shown; given exactly as typed.
    pub fn ask_hidden(&self, question: &Question, until: impl FnMut() -> bool) -> Answer<SecretString> {
        self.ask(question, Echo::Hidden, until, |text| match text {
            "" => Err("nothing was typed".into()),
            text => Ok(SecretString::from(text)),
        })
    }

    /// Shows whole lines as they are, cleaned by whoever made them, where the question about them will be.
    pub fn show_lines(&self, lines: &str) {
        #[cfg(windows)]
        if self.shell().is_some() {
            return message::show_lines(lines);
        }
        self.show(lines);
    }

    /// Shows `line` and waits for Enter, Ctrl-C or the moment when `until` is true; other keys do nothing.
    pub fn wait_for_enter(&self, line: impl AsRef<[u8]>, until: impl FnMut() -> bool) -> Answer<()> {
        #[cfg(windows)]
        if let Some(shell) = self.shell() {
            let mut until = until;
            return match shell.clone().line(&message::line(line), Echo::Hidden, &mut until) {
                Answer::Given(_) | Answer::Enter => Answer::Enter,
                Answer::Stop => Answer::Stop,
                Answer::Overtaken => Answer::Overtaken,
            };
        }
        let Ok(raw) = Raw::begin(self) else { return Answer::Stop };
        let line = format!("{}\r\n", message::line(line));
        self.show(&line);
        self.wait_with(raw, &line, true, until)
    }

    /// From here on Ctrl-C is for [`Listening::wait`], so that what is shown meanwhile can already be stopped. `None`: this
    /// is not the foreground.
    pub fn listen(&self) -> Option<Listening<'_>> {
        #[cfg(windows)]
        if self.shell().is_some() {
            return Some(Listening { tty: self, raw: None });
        }
        Raw::begin(self).ok().map(|raw| Listening { tty: self, raw: Some(raw) })
    }

    fn wait_with(&self, mut raw: Raw<'_>, line: &str, enter_ends: bool, mut until: impl FnMut() -> bool) -> Answer<()> {
        // An editor, so that an arrow key or a paste is taken apart as in a question.
        let mut editor = LineEditor::new(Echo::Hidden, raw.keys());
        loop {
            if until() {
                return Answer::Overtaken;
            }
            match raw.next() {
                Event::Byte(byte) => match editor.feed(byte, &mut Vec::new()) {
                    Step::Done if enter_ends => return Answer::Enter,
                    Step::More | Step::Done => {}
                    Step::Stop => {
                        if !enter_ends {
                            self.show("^C\r\n");
                        }
                        return Answer::Stop;
                    }
                },
                Event::Tick => {}
                Event::Back => self.show(line),
                Event::Interrupted | Event::Gone => return Answer::Stop,
            }
        }
    }

    fn ask<T>(
        &self,
        question: &Question,
        echo: Echo,
        until: impl FnMut() -> bool,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Answer<T> {
        #[cfg(windows)]
        if let Some(shell) = self.shell() {
            return question.ask(&mut shell.clone(), echo, until, read);
        }
        // Set and flushed first: what is typed once the question is on the screen counts, nothing before.
        let Ok(raw) = Raw::begin(self) else { return Answer::Stop };
        question.ask(&mut Keys { tty: self, raw }, echo, until, read)
    }
}

/// How a question reaches a person. What is asked, and what counts as an answer, is the same everywhere.
pub(super) trait Lines {
    /// Shows a line.
    fn say(&mut self, line: &str);

    /// Asks for one line behind `text`: given, stopped or overtaken.
    fn line(&mut self, text: &str, echo: Echo, until: &mut dyn FnMut() -> bool) -> Answer<Zeroizing<String>>;

    /// Drops what was typed behind the last line.
    fn flush(&mut self);
}

impl Question {
    pub(super) fn ask<T>(
        &self,
        lines: &mut impl Lines,
        echo: Echo,
        mut until: impl FnMut() -> bool,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Answer<T> {
        for line in &self.before {
            lines.say(line);
        }
        loop {
            let text = match lines.line(&self.text, echo, &mut until) {
                Answer::Given(text) if text.trim().is_empty() && self.may_go_on => return Answer::Enter,
                Answer::Given(text) => text,
                Answer::Enter => return Answer::Enter,
                Answer::Stop => return Answer::Stop,
                Answer::Overtaken => return Answer::Overtaken,
            };
            match read(&text) {
                Ok(answer) => return Answer::Given(answer),
                Err(why) => {
                    // The rest of a paste is not the next answer.
                    lines.flush();
                    lines.say(&message::line(why));
                }
            }
        }
    }
}

/// The keys of a terminal, one by one.
struct Keys<'a> {
    tty: &'a Tty,
    raw: Raw<'a>,
}

impl Lines for Keys<'_> {
    fn say(&mut self, line: &str) {
        self.tty.show(format!("{line}\r\n"));
    }

    fn flush(&mut self) {
        self.raw.flush();
    }

    fn line(&mut self, text: &str, echo: Echo, until: &mut dyn FnMut() -> bool) -> Answer<Zeroizing<String>> {
        let Keys { tty, raw } = self;
        tty.show(text);
        let mut editor = LineEditor::new(echo, raw.keys());
        loop {
            if until() {
                tty.show("\r\n");
                return Answer::Overtaken;
            }
            match raw.next() {
                Event::Byte(byte) => {
                    let mut shown = Vec::new();
                    let step = editor.feed(byte, &mut shown);
                    tty.show(&shown);
                    match step {
                        Step::More => {}
                        Step::Done => {
                            tty.show("\r\n");
                            return Answer::Given(editor.finish());
                        }
                        Step::Stop => {
                            tty.show("^C\r\n");
                            return Answer::Stop;
                        }
                    }
                }
                Event::Tick => {}
                Event::Back => tty.show(format!("\r\n{text}{}", editor.shown())),
                Event::Interrupted => {
                    tty.show("^C\r\n");
                    return Answer::Stop;
                }
                Event::Gone => return Answer::Stop,
            }
        }
    }
}

/// How often is looked where no keys are heard.
const LOOK: std::time::Duration = std::time::Duration::from_millis(100);

/// A terminal whose keys are heard while something else is waited for.
pub struct Listening<'a> {
    tty: &'a Tty,
    /// None where a shell has the keys: there Ctrl-C ends this process.
    raw: Option<Raw<'a>>,
}

impl Listening<'_> {
    /// Waits for Ctrl-C or the moment when `until` is true; other keys do nothing.
    pub fn wait(self, mut until: impl FnMut() -> bool) -> Answer<()> {
        let Some(raw) = self.raw else {
            while !until() {
                std::thread::sleep(LOOK);
            }
            return Answer::Overtaken;
        };
        self.tty.wait_with(raw, "", false, until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_questions_read_as_people_know_them() {
        let device = "arn:aws:iam::123456789012:mfa/taro";
        assert_eq!(
            Question::code("dev", device, true).text,
            "MFA code for dev (arn:aws:iam::123456789012:mfa/taro), Enter to go on without, Ctrl-C to stop: "
        );
        assert_eq!(
            Question::code("dev", device, false).text,
            "MFA code for dev (arn:aws:iam::123456789012:mfa/taro), Ctrl-C to stop: "
        );
        assert_eq!(
            Question::sso("corp", "corp.awsapps.com", false, true).text,
            "SSO session corp (corp.awsapps.com): y opens the browser, Enter to go on without, Ctrl-C to stop: "
        );
        assert_eq!(
            Question::sso("corp", "corp.awsapps.com", true, true).text,
            "SSO session corp (corp.awsapps.com): y shows a link and a code, Enter to go on without, Ctrl-C to stop: "
        );
    }

    #[test]
    fn a_hostile_name_cannot_fake_a_question() {
        let question = Question::code("a\r\nMFA\x1b[2J\u{202e}", "s\x07", false).after("one\ntwo\x1b[A");
        assert_eq!(question.text, "MFA code for aMFA[2J (s), Ctrl-C to stop: ");
        assert_eq!(question.before, ["awsenv: onetwo[A"]);
    }
}
