//! Terminal output as the text a person would have read, line by line.

/// `bytes` drawn on lines without end: carriage returns, cursor moves inside a line and erasures are carried out
/// (fish and zsh redraw the line while it is typed), colours, titles and moves between lines are dropped.
pub fn drawn(bytes: &[u8]) -> String {
    let mut page = Page::default();
    let text = String::from_utf8_lossy(bytes);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\x1b' => match rest.next() {
                Some('[') => {
                    let mut parameters = String::new();
                    let last = loop {
                        match rest.next() {
                            Some(c @ '\x40'..='\x7e') => break c,
                            Some(c) => parameters.push(c),
                            None => break '\0',
                        }
                    };
                    page.control(last, &parameters);
                }
                // A title or another string: up to BEL or ESC \.
                Some(']' | 'P' | '_' | '^' | 'X' | 'k') => {
                    while let Some(c) = rest.next() {
                        if c == '\x07' || (c == '\x1b' && rest.next_if_eq(&'\\').is_some()) {
                            break;
                        }
                    }
                }
                Some('(' | ')' | '*' | '+' | '#' | '%') => drop(rest.next()),
                _ => {}
            },
            '\r' => page.column = 0,
            '\n' => page.newline(),
            '\x08' => page.column = page.column.saturating_sub(1),
            '\t' => page.put('\t'),
            c if c.is_control() => {}
            c => page.put(c),
        }
    }
    page.newline();
    page.done.pop();
    page.done
}

/// `bytes` without escape sequences and carriage returns, in the order in which they came; nothing is overwritten.
pub fn plain(bytes: &[u8]) -> String {
    // The same reading, with the moves that could hide something left out.
    drawn(&bytes.iter().copied().filter(|b| !matches!(b, b'\r' | 8)).collect::<Vec<_>>())
}

#[derive(Default)]
struct Page {
    done: String,
    line: Vec<char>,
    column: usize,
    /// The row of the screen on which `line` stands, once a program has told.
    row: Option<usize>,
}

impl Page {
    fn put(&mut self, c: char) {
        if self.line.len() <= self.column {
            self.line.resize(self.column + 1, ' ');
        }
        self.line[self.column] = c;
        self.column += 1;
    }

    fn newline(&mut self) {
        self.done.extend(self.line.drain(..));
        self.done.push('\n');
        self.column = 0;
        self.row = self.row.map(|row| row + 1);
    }

    /// nushell draws its line from its beginning with each key, and goes to the next row where a program ended its output
    /// without a newline.
    fn place(&mut self, parameters: &str) {
        let mut numbers = parameters.split(';').map(|number| number.parse().unwrap_or(1));
        let (row, column) = (numbers.next().unwrap_or(1), numbers.next().unwrap_or(1).max(1));
        if self.row.is_some_and(|now| now < row) {
            self.newline();
        }
        (self.row, self.column) = (Some(row), column - 1);
    }

    fn control(&mut self, last: char, parameters: &str) {
        let count = parameters.parse().unwrap_or(1).max(1);
        match (last, parameters) {
            ('C', _) => self.column += count,
            ('D', _) => self.column = self.column.saturating_sub(count),
            ('G', _) => self.column = count - 1,
            ('H', _) => self.place(parameters),
            ('K', "" | "0") | ('J', "" | "0") => self.line.truncate(self.column),
            ('K' | 'J', "2") => self.line.clear(),
            ('P', _) => {
                drop(self.line.drain(self.column.min(self.line.len())..(self.column + count).min(self.line.len())))
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redrawn_lines_read_as_their_last_state() {
        assert_eq!(drawn(b"ec\x1b[31m\r\x1b[Kecho hi\x1b[0m\r\nhi\r\n"), "echo hi\nhi\n");
        assert_eq!(drawn(b"\x1b]0;title\x07\x1b[?2004h@1>\x1b[4Gx\x08y"), "@1>y");
        assert_eq!(drawn(b"abc\x1b[2D\x1b[1P!"), "a!");
        assert_eq!(drawn(b"\x1b[7;1H\x1b[J@1>a\x1b[7;1H\x1b[J@1>ab\r\nout\x1b[9;1H\x1b[J@2>"), "@1>ab\nout\n@2>");
    }

    #[test]
    fn nothing_is_lost_in_plain_text() {
        assert_eq!(plain(b"first\r\x1b[31msecond\n"), "firstsecond\n");
    }
}
