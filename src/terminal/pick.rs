//! The pick: a list under the cursor, narrowed by typing.
//!
//! Matching is nucleo's (Helix's). The drawing is our own because the whole-picker crates leave the terminal raw or the
//! cursor hidden when a signal ends them, or need a stderr that is a terminal; the shell captures our stdout.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::clean::{clean, clean_to, columns};
use super::keys::{Decoder, Key};
#[cfg(any(windows, test))]
use super::line_editor::Echo;
#[cfg(any(windows, test))]
use super::message;
#[cfg(any(windows, test))]
use super::question::{Answer, Lines};
use super::tty::{Event, Raw, Tty};

/// One line of the pick.
#[derive(Debug, Clone)]
pub struct Row {
    name: String,
    columns: Vec<String>,
}

/// At most so many lines are shown at once.
const MOST_LINES: usize = 15;
/// The widest that a name is shown.
const NAME_COLUMNS: usize = 40;

impl Row {
    /// A row with the name first; `columns` stand behind it and are searched too.
    pub fn new<C: AsRef<[u8]>>(name: impl AsRef<[u8]>, columns: impl IntoIterator<Item = C>) -> Self {
        Row { name: clean_to(name, NAME_COLUMNS), columns: columns.into_iter().map(clean).collect() }
    }
}

impl Tty {
    /// Lets a person pick one of `rows`; the first is selected at the start. Gives its index, `None` on Esc and Ctrl-C.
    /// Needs a terminal that moves its cursor: not for `TERM=dumb`.
    pub fn pick(&self, rows: &[Row]) -> Option<usize> {
        self.pick_one_of("profile", rows)
    }

    /// [`Tty::pick`] of something else than profiles: `what` stands in front of what is typed.
    pub fn pick_one_of(&self, what: &str, rows: &[Row]) -> Option<usize> {
        #[cfg(windows)]
        if let Some(shell) = self.shell() {
            return pick_by_lines(&mut shell.clone(), what, rows);
        }
        let mut raw = Raw::begin(self).ok()?;
        let mut keys = Decoder::new(raw.keys());
        let mut list = List::new(what, rows);
        let mut drawn = Drawn::default();
        self.show(drawn.draw(&list, self.size()));
        let picked = loop {
            let key = match raw.next() {
                Event::Byte(byte) => keys.feed(byte),
                Event::Tick => keys.pause(),
                Event::Back => {
                    drawn = Drawn::default();
                    self.show(drawn.draw(&list, self.size()));
                    None
                }
                Event::Interrupted | Event::Gone => break None,
            };
            let Some(key) = key else { continue };
            match key {
                Key::Enter => match list.selected() {
                    Some(index) => break Some(index),
                    None => continue,
                },
                Key::Stop | Key::Escape | Key::EndOfInput => break None,
                key => list.press(key),
            }
            self.show(drawn.draw(&list, self.size()));
        };
        self.show(drawn.erase());
        picked
    }
}

/// The same where nobody gives single keys: the list as lines, then a number, a name or a part of one. What still fits several
/// is shown again.
#[cfg(any(windows, test))]
fn pick_by_lines(lines: &mut impl Lines, what: &str, rows: &[Row]) -> Option<usize> {
    let mut list = List::new(what, rows);
    let question = format!("{what} (number, name or a part of it, Enter for the first, Ctrl-C to stop): ");
    loop {
        for (n, &row) in list.left.iter().enumerate().take(MOST_LINES) {
            lines.say(&format!("{:3}  {}", n + 1, list.texts[row]));
        }
        if let Some(more) = list.left.len().checked_sub(MOST_LINES).filter(|more| *more > 0) {
            lines.say(&format!("     and {more} more"));
        }
        let Answer::Given(typed) = lines.line(&question, Echo::Shown, &mut || false) else { return None };
        let typed = typed.trim();
        let named = rows.iter().position(|row| row.name == typed);
        let numbered = || list.left.get(typed.parse::<usize>().ok()?.checked_sub(1)?).copied();
        let first = || list.selected().filter(|_| typed.is_empty());
        if let Some(picked) = named.or_else(numbered).or_else(first) {
            return Some(picked);
        }
        list.edit(|text| typed.clone_into(text));
        match list.left[..] {
            [only] => return Some(only),
            [] => {
                lines.say(&message::line(format!("nothing fits `{}`", clean_to(typed, NAME_COLUMNS))));
                list.edit(String::clear);
            }
            _ => {}
        }
    }
}

/// What is typed and what of the rows is left.
struct List<'a> {
    /// What is picked.
    what: &'a str,
    rows: &'a [Row],
    /// Each row's text as shown, all columns aligned.
    texts: Vec<String>,
    typed: String,
    /// Indices into `rows`, best first.
    left: Vec<usize>,
    /// Index into `left`.
    at: usize,
    matcher: Matcher,
}

impl<'a> List<'a> {
    fn new(what: &'a str, rows: &'a [Row]) -> Self {
        let matcher = Matcher::new(Config::DEFAULT);
        List { what, rows, texts: aligned(rows), typed: String::new(), left: (0..rows.len()).collect(), at: 0, matcher }
    }

    fn selected(&self) -> Option<usize> {
        self.left.get(self.at).copied()
    }

    fn press(&mut self, key: Key) {
        let last = self.left.len().saturating_sub(1);
        match key {
            Key::Up => self.at = self.at.saturating_sub(1),
            Key::Down => self.at = (self.at + 1).min(last),
            Key::PageUp => self.at = self.at.saturating_sub(MOST_LINES),
            Key::PageDown => self.at = (self.at + MOST_LINES).min(last),
            Key::Char(c) => self.edit(|typed| typed.push(c)),
            Key::Erase => self.edit(|typed| {
                typed.pop();
            }),
            Key::EraseWord => self.edit(|typed| typed.truncate(typed.trim_end().rfind(' ').map_or(0, |at| at + 1))),
            Key::Clear => self.edit(String::clear),
            Key::Enter | Key::Stop | Key::Escape | Key::EndOfInput => {}
        }
    }

    fn edit(&mut self, change: impl FnOnce(&mut String)) {
        change(&mut self.typed);
        self.at = 0;
        let pattern = Pattern::parse(&self.typed, CaseMatching::Smart, Normalization::Smart);
        let mut buffer = Vec::new();
        let mut score = |text: &str| pattern.score(Utf32Str::new(text, &mut buffer), &mut self.matcher);
        let mut found: Vec<_> = self
            .rows
            .iter()
            .zip(&self.texts)
            .enumerate()
            // A match in the name is meant before one in an account number.
            .filter_map(|(n, (row, text))| Some((score(&row.name).map(|s| (1, s)).or(score(text).map(|s| (0, s)))?, n)))
            .collect();
        // Stable: equally good ones keep the caller's order (last used first).
        found.sort_by_key(|&(score, _)| std::cmp::Reverse(score));
        self.left = found.into_iter().map(|(_, n)| n).collect();
    }
}

fn aligned(rows: &[Row]) -> Vec<String> {
    let most = rows.iter().map(|row| row.columns.len()).max().unwrap_or(0);
    let widest = |cell: &dyn Fn(&Row) -> usize| rows.iter().map(cell).max().unwrap_or(0);
    let name = widest(&|row| columns(&row.name));
    let others: Vec<_> = (0..most).map(|n| widest(&|row| row.columns.get(n).map_or(0, |c| columns(c)))).collect();
    let pad = |text: &str, width: usize| format!("{text}{}", " ".repeat(width.saturating_sub(columns(text))));
    rows.iter()
        .map(|row| {
            let cells = row.columns.iter().zip(&others).map(|(text, &width)| format!("  {}", pad(text, width)));
            format!("{}{}", pad(&row.name, name), cells.collect::<String>()).trim_end().to_owned()
        })
        .collect()
}

/// What stands on the screen: the cursor is kept on its first line.
#[derive(Default)]
struct Drawn {
    begun: bool,
}

impl Drawn {
    /// The bytes that draw the list in a terminal of so many rows and columns, over what was drawn before.
    fn draw(&mut self, list: &List<'_>, (high, wide): (usize, usize)) -> String {
        let most = MOST_LINES.min(high.saturating_sub(2)).max(1);
        let first = list.at.saturating_sub(most - 1);
        let mut lines = vec![format!("{}/{}", list.left.len(), list.rows.len())];
        for (n, &row) in list.left.iter().enumerate().skip(first).take(most) {
            let mark = if n == list.at { "> " } else { "  " };
            lines.push(format!("{mark}{}", list.texts[row]));
        }
        let question = format!("{}: {}", list.what, list.typed);
        let question = clean_to(&question, wide.saturating_sub(1));
        let mut out = self.erase();
        self.begun = true;
        out.push_str(&question);
        for line in &lines {
            // A line that wrapped would be counted as one.
            out.push_str(&format!("\r\n{}", clean_to(line, wide.saturating_sub(1))));
        }
        out.push_str(&format!("\x1b[{}A\r\x1b[{}C", lines.len(), columns(&question).max(1)));
        out
    }

    /// The bytes that take everything away.
    fn erase(&self) -> String {
        if self.begun { "\r\x1b[J".into() } else { String::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::zeroize::Zeroizing;

    fn rows() -> Vec<Row> {
        [("prod-admin", "111122223333"), ("dev", "444455556666"), ("dev-readonly", "444455556666"), ("開発", "1")]
            .map(|(name, account)| Row::new(name, ["role", account]))
            .into()
    }

    fn left(typed: &str) -> Vec<String> {
        let rows = rows();
        let mut list = List::new("profile", &rows);
        typed.chars().for_each(|c| list.press(Key::Char(c)));
        list.left.iter().map(|&n| rows[n].name.clone()).collect()
    }

    #[test]
    fn typing_narrows_to_names_first_and_then_to_the_other_columns() {
        assert_eq!(left(""), ["prod-admin", "dev", "dev-readonly", "開発"]);
        assert_eq!(left("dev"), ["dev", "dev-readonly"]);
        assert_eq!(left("dro")[0], "dev-readonly");
        assert_eq!(left("1111"), ["prod-admin"]);
        assert_eq!(left("開"), ["開発"]);
        assert_eq!(left("nothing"), [""; 0]);
    }

    #[test]
    fn the_selection_stays_in_the_list_and_starts_at_the_best() {
        let rows = rows();
        let mut list = List::new("profile", &rows);
        list.press(Key::Up);
        assert_eq!(list.selected(), Some(0));
        list.press(Key::PageDown);
        list.press(Key::Down);
        assert_eq!(list.selected(), Some(3));
        list.press(Key::Char('d'));
        assert_eq!(list.at, 0);
        for _ in 0..3 {
            list.press(Key::Char('z'));
        }
        assert_eq!(list.selected(), None);
        list.press(Key::Clear);
        assert_eq!(list.selected(), Some(0));
    }

    /// A person who types these lines, and what is shown.
    struct Typist(Vec<&'static str>, Vec<String>);

    impl Lines for Typist {
        fn say(&mut self, line: &str) {
            self.1.push(line.to_owned());
        }

        fn line(&mut self, text: &str, _: Echo, _: &mut dyn FnMut() -> bool) -> Answer<Zeroizing<String>> {
            self.1.push(text.to_owned());
            if self.0.is_empty() { Answer::Stop } else { Answer::Given(Zeroizing::new(self.0.remove(0).to_owned())) }
        }

        fn flush(&mut self) {}
    }

    #[test]
    fn without_single_keys_a_number_a_name_or_a_part_of_it_picks() {
        let picked =
            |typed: &[&'static str]| pick_by_lines(&mut Typist(typed.to_vec(), Vec::new()), "profile", &rows());
        assert_eq!(picked(&["3"]), Some(2));
        assert_eq!(picked(&[" dev "]), Some(1), "the whole name, though another begins with it");
        assert_eq!(picked(&["adm"]), Some(0));
        assert_eq!(picked(&[""]), Some(0));
        assert_eq!(picked(&["0", "9", "no such", "dev", "2"]), Some(1));
        assert_eq!(picked(&["de", "2"]), Some(2), "a number is one of the list that was shown last");
        assert_eq!(picked(&["de"]), None);
        let mut typist = Typist(vec!["zz"], Vec::new());
        assert_eq!(pick_by_lines(&mut typist, "profile", &rows()), None);
        assert_eq!(typist.1[0], "  1  prod-admin    role  111122223333");
        let question = "profile (number, name or a part of it, Enter for the first, Ctrl-C to stop): ";
        assert_eq!(typist.1[4..6], [question, "awsenv: nothing fits `zz`"]);
    }

    #[test]
    fn columns_are_aligned_and_names_cannot_draw() {
        assert_eq!(aligned(&rows())[3], "開発          role  1");
        let hostile = [Row::new(b"a\x1b[2J\xff", ["x\r\ny"])];
        assert_eq!(aligned(&hostile), ["a[2J\u{fffd}  xy"]);
    }
}
