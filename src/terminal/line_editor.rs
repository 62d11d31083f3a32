//! One typed line: bytes from the terminal in, the text and what to show for it out. Does no input or output itself.

use secrecy::zeroize::Zeroizing;

use super::keys::{Decoder, Key, OwnKeys};

/// What happens after a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The line goes on.
    More,
    /// Enter.
    Done,
    /// Ctrl-C, Ctrl-\, or Ctrl-D on an empty line.
    Stop,
}

/// Whether a person sees what is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Echo {
    Shown,
    Hidden,
}

/// The line as typed so far.
pub(super) struct LineEditor {
    text: Zeroizing<String>,
    decoder: Decoder,
    echo: Echo,
}

/// No answer is longer. The text never grows beyond it, so that a typed secret is not left behind in freed memory.
const MOST_BYTES: usize = 1024;

impl LineEditor {
    pub fn new(echo: Echo, keys: OwnKeys) -> Self {
        let text = Zeroizing::new(String::with_capacity(MOST_BYTES));
        LineEditor { text, decoder: Decoder::new(keys), echo }
    }

    /// Takes one byte; what a person should now see is added to `shown`.
    pub fn feed(&mut self, byte: u8, shown: &mut Vec<u8>) -> Step {
        match self.decoder.feed(byte) {
            Some(Key::Stop) => return Step::Stop,
            Some(Key::EndOfInput) if self.text.is_empty() => return Step::Stop,
            Some(Key::Enter) => return Step::Done,
            Some(Key::Char(c)) => self.add(c, shown),
            Some(Key::Erase) => self.erase(shown),
            Some(Key::EraseWord) => self.erase_word(shown),
            Some(Key::Clear) => self.clear(shown),
            _ => {}
        }
        Step::More
    }

    /// What a person sees of the line: to show it again.
    pub fn shown(&self) -> &str {
        if self.echo == Echo::Shown { &self.text } else { "" }
    }

    /// The text.
    pub fn finish(self) -> Zeroizing<String> {
        self.text
    }

    fn add(&mut self, c: char, shown: &mut Vec<u8>) {
        if self.text.len() + c.len_utf8() > MOST_BYTES {
            return;
        }
        self.text.push(c);
        if self.echo == Echo::Shown {
            shown.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }

    fn erase(&mut self, shown: &mut Vec<u8>) {
        if let Some(c) = self.text.pop()
            && self.echo == Echo::Shown
        {
            for _ in 0..super::columns(c.encode_utf8(&mut [0; 4])) {
                shown.extend_from_slice(b"\x08 \x08");
            }
        }
    }

    fn erase_word(&mut self, shown: &mut Vec<u8>) {
        while self.text.ends_with(' ') {
            self.erase(shown);
        }
        while !self.text.is_empty() && !self.text.ends_with(' ') {
            self.erase(shown);
        }
    }

    fn clear(&mut self, shown: &mut Vec<u8>) {
        while !self.text.is_empty() {
            self.erase(shown);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Types bytes until Enter or stop: how it ended, the text, what was shown.
    fn typed(bytes: &[u8], echo: Echo) -> (Step, String, String) {
        let mut editor = LineEditor::new(echo, OwnKeys::default());
        let mut shown = Vec::new();
        let mut step = Step::More;
        for &byte in bytes {
            step = editor.feed(byte, &mut shown);
            if step != Step::More {
                break;
            }
        }
        (step, editor.finish().to_string(), String::from_utf8(shown).expect("whole characters are shown"))
    }

    fn text(bytes: &[u8]) -> String {
        typed(bytes, Echo::Shown).1
    }

    #[test]
    fn a_line_is_edited_as_in_line_mode() {
        assert_eq!(text(b"49x\x7f2 039\r"), "492 039");
        assert_eq!(text("日本\x08語\n".as_bytes()), "日語");
        assert_eq!(text(b"wrong\x15492039\n"), "492039");
        assert_eq!(text(b"one two  \x17three\n"), "one three");
        assert_eq!(text(b"\x7f\x7f\x15\x17a\n"), "a");
    }

    #[test]
    fn erasing_takes_away_the_columns_that_were_shown() {
        assert_eq!(typed("é日\x7f\x7f".as_bytes(), Echo::Shown).2, "é日\x08 \x08\x08 \x08\x08 \x08");
    }

    #[test]
    fn ctrl_c_stops_and_ctrl_d_does_on_an_empty_line() {
        for line in [&b"\x03"[..], b"492\x03", b"\x1b[\x03", b"\x04", b"1\x7f\x04"] {
            assert_eq!(typed(line, Echo::Shown).0, Step::Stop, "{line:?}");
        }
        assert_eq!(typed(b"1\x04\n", Echo::Shown).0, Step::Done);
    }

    #[test]
    fn arrow_keys_and_the_marks_of_a_paste_are_not_part_of_the_text() {
        assert_eq!(text(b"\x1b[A\x1bOB4\x1b[1;5C92\n"), "492");
        assert_eq!(text(b"\x1b[200~492 039\x1b[201~\n"), "492 039");
    }

    #[test]
    fn a_secret_is_never_shown_and_a_flood_is_cut() {
        assert_eq!(typed(b"pass\x7fword\n", Echo::Hidden), (Step::Done, "pasword".into(), String::new()));
        assert_eq!(text(&[b'7'; 5000]).len(), MOST_BYTES);
    }
}
