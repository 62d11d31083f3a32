//! Questions of the guided set-up.

use crate::commands::consent;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::terminal::{Answer, Question, Row, Tty, is_dumb, say};

/// Who is led through it, at a terminal.
pub struct Person<'t> {
    pub tty: &'t Tty,
    /// `--yes`: what is shown need not be agreed to.
    pub yes: bool,
    /// `TERM=dumb`: no list with a cursor.
    dumb: bool,
}

/// One thing of several: what it is called, and what else is known about it.
pub struct Item {
    pub name: String,
    pub about: String,
}

impl<'t> Person<'t> {
    pub fn at(tty: &'t Tty, yes: bool, host: &Host) -> Self {
        Person { tty, yes, dumb: is_dumb(host) }
    }

    /// The same person, who has agreed to what comes already.
    pub fn agreed(&self) -> Self {
        Person { yes: true, ..*self }
    }

    /// A question with `y` and `n` for answers.
    ///
    /// # Errors
    /// Ctrl-C.
    pub fn agrees(&self, before: &[&str], question: &str) -> Result<bool> {
        match consent::ask(self.tty, before, &format!("{question} [y/n] ")) {
            Answer::Given(agreed) => Ok(agreed),
            _ => Err(Error::stopped()),
        }
    }

    /// A question for a line behind what explains it, asked until `read` takes it; where there is a default, Enter alone takes
    /// that.
    ///
    /// # Errors
    /// Ctrl-C.
    pub fn line<T>(
        &self,
        before: &[&str],
        text: &str,
        default: Option<&str>,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T> {
        let again = Question::other(text);
        let again = if default.is_some() { again.or_enter() } else { again };
        let mut question = before.iter().fold(again.clone(), Question::after);
        loop {
            let typed = match (self.tty.ask_line(&question, || false), default) {
                (Answer::Given(typed), _) => typed,
                (Answer::Enter, Some(default)) => default.to_owned(),
                _ => return Err(Error::stopped()),
            };
            match read(&typed) {
                Ok(read) => return Ok(read),
                Err(why) => question = again.clone().after(why),
            }
        }
    }

    /// One of several; gives its number from 0.
    ///
    /// # Errors
    /// Ctrl-C.
    pub fn picks(&self, what: &str, items: &[Item]) -> Result<usize> {
        if !self.dumb {
            let rows: Vec<_> = items.iter().map(|item| Row::new(&item.name, [&item.about])).collect();
            return self.tty.pick_one_of(what, &rows).ok_or_else(Error::stopped);
        }
        for (at, item) in items.iter().enumerate() {
            say(format!("{:3}  {}  {}", at + 1, item.name, item.about));
        }
        self.line(&[], &format!("{what} (1 to {}): ", items.len()), None, |typed| match typed.parse::<usize>() {
            Ok(number) if (1..=items.len()).contains(&number) => Ok(number - 1),
            _ => Err(format!("a number from 1 to {} is needed", items.len())),
        })
    }
}
