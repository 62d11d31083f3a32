//! Rows of numbers, some with a promise.

use std::process::ExitCode;
use std::time::Duration;

/// One line.
pub struct Row {
    what: String,
    shown: String,
    promise: Option<(String, bool)>,
}

impl Row {
    /// A number without a promise.
    pub fn plain(what: impl Into<String>, shown: impl Into<String>) -> Row {
        Row { what: what.into(), shown: shown.into(), promise: None }
    }

    /// At most so much.
    pub fn at_most(what: impl Into<String>, value: f64, most: f64, unit: &str) -> Row {
        let promise = Some((format!("at most {}", number(most, unit)), value <= most));
        Row { what: what.into(), shown: number(value, unit), promise }
    }

    /// At least so much.
    #[cfg(unix)]
    pub fn at_least(what: impl Into<String>, value: f64, least: f64, unit: &str) -> Row {
        let promise = Some((format!("at least {}", number(least, unit)), value >= least));
        Row { what: what.into(), shown: number(value, unit), promise }
    }

    fn holds(&self) -> bool {
        self.promise.as_ref().is_none_or(|(_, holds)| *holds)
    }

    fn print(&self) {
        let Row { what, shown, promise } = self;
        match promise {
            None => println!("     {what:<52} {shown:>10}"),
            Some((text, true)) => println!("ok   {what:<52} {shown:>10}   {text}"),
            Some((text, false)) => println!("MISS {what:<52} {shown:>10}   {text}"),
        }
    }
}

fn number(value: f64, unit: &str) -> String {
    format!("{value:.2} {unit}")
}

/// A time for people.
pub fn time(duration: Duration) -> String {
    format!("{:.3} ms", duration.as_secs_f64() * 1000.0)
}

/// What did not hold so far.
pub struct Report {
    /// Only groups with one of these words in their titles; all, where there is none.
    words: Vec<String>,
    missed: usize,
}

impl Report {
    /// A report of the groups that one of these words names.
    pub fn of(words: Vec<String>) -> Report {
        Report { words, missed: 0 }
    }

    /// Measures a group and prints it; again, where a promise does not hold.
    pub fn group(&mut self, title: &str, measure: impl Fn() -> Vec<Row>) {
        const TIMES: usize = 3;
        if !self.words.is_empty() && !self.words.iter().any(|word| title.contains(word.as_str())) {
            return;
        }
        for time in 1..=TIMES {
            println!("\n{title}{}", if time > 1 { " (again)" } else { "" });
            let rows = measure();
            rows.iter().for_each(Row::print);
            let missed = rows.iter().filter(|row| !row.holds()).count();
            if missed == 0 {
                return;
            }
            if time == TIMES {
                self.missed += missed;
            }
        }
    }

    /// The exit code, and a last line.
    pub fn end(self) -> ExitCode {
        match self.missed {
            0 => {
                println!("\nevery promise holds");
                ExitCode::SUCCESS
            }
            missed => {
                println!("\n{missed} promises do not hold");
                ExitCode::FAILURE
            }
        }
    }
}
