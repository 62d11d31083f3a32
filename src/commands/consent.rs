//! The question before something is changed.

use crate::error::{Error, Result};
use crate::terminal::{Answer, Question, Tty, say};

/// Asks whether to do what `before` says; with `yes` (`--yes`) that is said, and done.
///
/// # Errors
/// The answer was no, or there is nobody to ask; Ctrl-C. Then nothing was changed.
pub fn consent(tty: Option<&Tty>, yes: bool, before: &[String], question: &str) -> Result<()> {
    match agreed(tty, yes, before, question)? {
        true => Ok(()),
        false => Err(Error::failed("nothing was changed")),
    }
}

/// The same where a no is an answer, too.
///
/// # Errors
/// There is nobody to ask; Ctrl-C.
pub fn agreed(tty: Option<&Tty>, yes: bool, before: &[String], question: &str) -> Result<bool> {
    if yes {
        before.iter().for_each(say);
        return Ok(true);
    }
    let Some(tty) = tty else {
        before.iter().for_each(say);
        return Err(Error::failed(format!("nothing was changed: {} to ask on", Tty::none()))
            .next("--yes does it without a question"));
    };
    match ask(tty, before, question) {
        Answer::Given(agreed) => Ok(agreed),
        _ => Err(Error::stopped()),
    }
}

/// A yes or no, below what it is about.
pub fn ask<S: AsRef<str>>(tty: &Tty, before: &[S], question: &str) -> Answer<bool> {
    let asked = before.iter().fold(Question::other(question), |question, line| question.after(line.as_ref()));
    match tty.ask_choice(&asked, &["yes", "no"], || false) {
        Answer::Given(choice) => Answer::Given(choice == 0),
        Answer::Enter => Answer::Enter,
        Answer::Stop => Answer::Stop,
        Answer::Overtaken => Answer::Overtaken,
    }
}
