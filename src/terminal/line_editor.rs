//! One typed line: bytes from the terminal in, the text and what to show for it out. Does no input or output itself.

use secrecy::zeroize::{Zeroize, Zeroizing};

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

/// The editing characters that the person may have set with stty, besides the usual ones.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Keys {
    pub interrupt: u8,
    pub erase: u8,
    pub kill: u8,
    pub end_of_file: u8,
}

/// Where in an escape sequence (arrow keys, bracketed paste) the input is; all of it is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escape {
    No,
    Begun,
    Csi,
    Ss3,
}

/// The line as typed so far.
pub(super) struct LineEditor {
    text: Zeroizing<String>,
    /// Bytes of a character that is not complete yet.
    partial: Vec<u8>,
    escape: Escape,
    echo: Echo,
    keys: Keys,
}

/// No answer is longer. The text never grows beyond it, so that a typed secret is not left behind in freed memory.
const MOST_BYTES: usize = 1024;

impl LineEditor {
    pub fn new(echo: Echo, keys: Keys) -> Self {
        LineEditor {
            text: Zeroizing::new(String::with_capacity(MOST_BYTES)),
            partial: Vec::with_capacity(4),
            escape: Escape::No,
            echo,
            keys,
        }
    }

    /// Takes one byte; what a person should now see is added to `shown`.
    pub fn feed(&mut self, byte: u8, shown: &mut Vec<u8>) -> Step {
        // Stopping works everywhere, also in the middle of an escape sequence or a character.
        if byte == 3 || byte == 0x1c || self.is_key(byte, self.keys.interrupt) {
            return Step::Stop;
        }
        if self.in_escape(byte) {
            return Step::More;
        }
        match byte {
            b'\n' | b'\r' => return Step::Done,
            8 | 0x7f => self.erase(shown),
            0x15 => self.clear(shown),
            0x17 => self.erase_word(shown),
            4 if self.text.is_empty() => return Step::Stop,
            b if self.is_key(b, self.keys.erase) => self.erase(shown),
            b if self.is_key(b, self.keys.kill) => self.clear(shown),
            b if self.text.is_empty() && self.is_key(b, self.keys.end_of_file) => return Step::Stop,
            b'\t' => self.add(' ', shown),
            0..0x20 => {}
            _ => self.add_byte(byte, shown),
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

    // 0 is how termios says "none".
    fn is_key(&self, byte: u8, key: u8) -> bool {
        key != 0 && byte == key
    }

    fn in_escape(&mut self, byte: u8) -> bool {
        let (next, taken) = match (self.escape, byte) {
            (_, 0x1b) => (Escape::Begun, true),
            (Escape::No, _) => (Escape::No, false),
            (Escape::Begun, b'[') => (Escape::Csi, true),
            (Escape::Begun, b'O') => (Escape::Ss3, true),
            // ESC alone was pressed, or Alt with a key: the key counts.
            (Escape::Begun, _) => (Escape::No, false),
            (Escape::Csi, 0x20..=0x3f) => (Escape::Csi, true),
            (Escape::Csi | Escape::Ss3, 0x40..=0x7e) => (Escape::No, true),
            (Escape::Csi | Escape::Ss3, _) => (Escape::No, false),
        };
        self.escape = next;
        taken
    }

    fn add_byte(&mut self, byte: u8, shown: &mut Vec<u8>) {
        self.partial.push(byte);
        match std::str::from_utf8(&self.partial) {
            Ok(whole) => {
                let c = whole.chars().next();
                self.partial.zeroize();
                if let Some(c) = c {
                    self.add(c, shown);
                }
            }
            Err(e) if e.error_len().is_none() => {}
            Err(_) => {
                self.partial.zeroize();
                self.add('\u{fffd}', shown);
            }
        }
    }

    fn add(&mut self, c: char, shown: &mut Vec<u8>) {
        if self.text.len() + c.len_utf8() > MOST_BYTES || super::clean(c.to_string()).is_empty() {
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
    fn typed(bytes: &[u8], echo: Echo, keys: Keys) -> (Step, String, String) {
        let mut editor = LineEditor::new(echo, keys);
        let mut shown = Vec::new();
        for &b in bytes {
            let step = editor.feed(b, &mut shown);
            if step != Step::More {
                return (
                    step,
                    editor.finish().to_string(),
                    String::from_utf8(shown).expect("whole characters are shown"),
                );
            }
        }
        (Step::More, editor.finish().to_string(), String::from_utf8(shown).expect("whole characters are shown"))
    }

    fn text(bytes: &[u8]) -> String {
        typed(bytes, Echo::Shown, Keys::default()).1
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
        assert_eq!(typed("é日\x7f\x7f".as_bytes(), Echo::Shown, Keys::default()).2, "é日\x08 \x08\x08 \x08\x08 \x08");
    }

    #[test]
    fn ctrl_c_stops_wherever_it_comes() {
        for line in [&b"\x03"[..], b"492\x03", b"\x1b[\x03", b"\xe6\x97\x03", b"\x04", b"\x1c"] {
            assert_eq!(typed(line, Echo::Shown, Keys::default()).0, Step::Stop, "{line:?}");
        }
        assert_eq!(typed(b"1\x04\n", Echo::Shown, Keys::default()).0, Step::Done);
    }

    #[test]
    fn keys_set_with_stty_work_too() {
        let keys = Keys { interrupt: 0x18, erase: b'#', kill: b'@', end_of_file: 0x19 };
        assert_eq!(typed(b"12#3\n", Echo::Shown, keys).1, "13");
        assert_eq!(typed(b"12@3\n", Echo::Shown, keys).1, "3");
        assert_eq!(typed(b"\x18", Echo::Shown, keys).0, Step::Stop);
        assert_eq!(typed(b"\x19", Echo::Shown, keys).0, Step::Stop);
    }

    #[test]
    fn arrow_keys_and_the_marks_of_a_paste_are_not_part_of_the_text() {
        assert_eq!(text(b"\x1b[A\x1bOB4\x1b[1;5C92\n"), "492");
        assert_eq!(text(b"\x1b[200~492 039\x1b[201~\n"), "492 039");
    }

    #[test]
    fn a_secret_is_never_shown_and_a_flood_is_cut() {
        let (step, text, shown) = typed(b"pass\x7fword\n", Echo::Hidden, Keys::default());
        assert_eq!((step, text.as_str(), shown.as_str()), (Step::Done, "pasword", ""));
        assert_eq!(typed(&[b'7'; 5000], Echo::Shown, Keys::default()).1.len(), MOST_BYTES);
    }

    #[test]
    fn broken_bytes_and_controls_neither_show_nor_break() {
        let (_, text, shown) = typed(b"a\xff\xfeb\x01\x1a\xc2\x9b\xe2\x80\xaec\n", Echo::Shown, Keys::default());
        assert_eq!(text, "a\u{fffd}\u{fffd}bc");
        assert_eq!(shown, text);
    }
}
