//! Bytes from the terminal, read as keys.

use secrecy::zeroize::Zeroize;

/// A key that means something here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// A character to be typed; never a control.
    Char(char),
    Enter,
    /// Ctrl-C or Ctrl-\.
    Stop,
    /// Ctrl-D.
    EndOfInput,
    Erase,
    EraseWord,
    Clear,
    Up,
    Down,
    PageUp,
    PageDown,
    /// The escape key alone.
    Escape,
}

/// The editing characters that the person may have set with stty, besides the usual ones. 0: none.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct OwnKeys {
    pub interrupt: u8,
    pub erase: u8,
    pub kill: u8,
    pub end_of_file: u8,
}

/// Puts bytes together. Escape sequences without a meaning here, and the marks of a bracketed paste, are dropped.
pub(super) struct Decoder {
    own: OwnKeys,
    /// Bytes of a character that is not complete yet.
    partial: Vec<u8>,
    escape: Escape,
}

/// How much of an escape sequence has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escape {
    No,
    Begun,
    /// `ESC [` and, as far as it matters, its number.
    Csi(u8),
    /// `ESC O`
    Ss3,
}

impl Decoder {
    pub fn new(own: OwnKeys) -> Self {
        Decoder { own, partial: Vec::with_capacity(4), escape: Escape::No }
    }

    /// The key that this byte completes.
    pub fn feed(&mut self, byte: u8) -> Option<Key> {
        // Stopping works everywhere, also in the middle of an escape sequence or a character.
        if byte == 3 || byte == 0x1c || is_set(self.own.interrupt, byte) {
            return Some(Key::Stop);
        }
        match (self.escape, byte) {
            (Escape::No, 0x20..=0xff) if byte != 0x7f && !self.is_own_key(byte) => self.character(byte),
            (Escape::No, _) => self.control(byte),
            (_, 0x1b) => {
                self.escape = Escape::Begun;
                None
            }
            (Escape::Begun, b'[') => self.go_on(Escape::Csi(0)),
            (Escape::Begun, b'O') => self.go_on(Escape::Ss3),
            (Escape::Csi(number), b'0'..=b'9') => {
                self.go_on(Escape::Csi(number.saturating_mul(10).saturating_add(byte - b'0')))
            }
            (Escape::Csi(_), 0x20..=0x3f) => self.go_on(Escape::Csi(0)),
            (Escape::Csi(number), 0x40..=0x7e) => {
                self.escape = Escape::No;
                arrow(byte).or(match (number, byte) {
                    (5, b'~') => Some(Key::PageUp),
                    (6, b'~') => Some(Key::PageDown),
                    _ => None,
                })
            }
            (Escape::Ss3, 0x40..=0x7e) => {
                self.escape = Escape::No;
                arrow(byte)
            }
            // Alt with a key, or a sequence broken off: the byte counts by itself.
            _ => {
                self.escape = Escape::No;
                self.feed(byte)
            }
        }
    }

    /// Nothing came for a moment: an escape begun is the escape key.
    pub fn pause(&mut self) -> Option<Key> {
        let alone = self.escape == Escape::Begun;
        self.escape = Escape::No;
        alone.then_some(Key::Escape)
    }

    fn go_on(&mut self, escape: Escape) -> Option<Key> {
        self.escape = escape;
        None
    }

    fn is_own_key(&self, byte: u8) -> bool {
        [self.own.erase, self.own.kill, self.own.end_of_file].iter().any(|&key| is_set(key, byte))
    }

    fn control(&mut self, byte: u8) -> Option<Key> {
        match byte {
            b'\n' | b'\r' => Some(Key::Enter),
            8 | 0x7f => Some(Key::Erase),
            0x15 => Some(Key::Clear),
            0x17 => Some(Key::EraseWord),
            4 => Some(Key::EndOfInput),
            b if is_set(self.own.erase, b) => Some(Key::Erase),
            b if is_set(self.own.kill, b) => Some(Key::Clear),
            b if is_set(self.own.end_of_file, b) => Some(Key::EndOfInput),
            b'\t' => Some(Key::Char(' ')),
            0x10 => Some(Key::Up),
            0x0e => Some(Key::Down),
            0x1b => self.go_on(Escape::Begun),
            _ => None,
        }
    }

    fn character(&mut self, byte: u8) -> Option<Key> {
        self.partial.push(byte);
        let read = match std::str::from_utf8(&self.partial) {
            Ok(whole) => whole.chars().next(),
            Err(e) if e.error_len().is_none() => return None,
            Err(_) => Some('\u{fffd}'),
        };
        self.partial.zeroize();
        read.filter(|c| !super::clean(c.encode_utf8(&mut [0; 4])).is_empty()).map(Key::Char)
    }
}

fn is_set(key: u8, byte: u8) -> bool {
    key != 0 && key == byte
}

fn arrow(last: u8) -> Option<Key> {
    match last {
        b'A' => Some(Key::Up),
        b'B' => Some(Key::Down),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(bytes: &[u8]) -> Vec<Key> {
        let mut decoder = Decoder::new(OwnKeys::default());
        let mut keys: Vec<_> = bytes.iter().filter_map(|&b| decoder.feed(b)).collect();
        keys.extend(decoder.pause());
        keys
    }

    #[test]
    fn arrows_come_in_both_dialects_and_other_sequences_are_dropped() {
        assert_eq!(keys(b"\x1b[A\x1bOB\x1b[5~\x1b[6~"), [Key::Up, Key::Down, Key::PageUp, Key::PageDown]);
        assert_eq!(keys(b"\x1b[200~4\x1b[201~\x1b[1;5C\x1bOP"), [Key::Char('4')]);
        assert_eq!(keys(b"\x10\x0e"), [Key::Up, Key::Down]);
    }

    #[test]
    fn escape_is_a_key_only_when_nothing_follows() {
        assert_eq!(keys(b"\x1b"), [Key::Escape]);
        assert_eq!(keys(b"\x1bx"), [Key::Char('x')]);
        assert_eq!(keys(b"\x1b\x1b[A"), [Key::Up]);
    }

    #[test]
    fn characters_are_whole_and_never_controls() {
        assert_eq!(keys("é日\u{202e}\u{9b}".as_bytes()), [Key::Char('é'), Key::Char('日')]);
        assert_eq!(keys(b"a\xff\xfeb\x01\x1a"), "a\u{fffd}\u{fffd}b".chars().map(Key::Char).collect::<Vec<_>>());
    }

    #[test]
    fn ctrl_c_counts_in_the_middle_of_anything() {
        for bytes in [&b"\x03"[..], b"\x1b[\x03", b"\xe6\x97\x03", b"\x1c"] {
            assert_eq!(keys(bytes), [Key::Stop], "{bytes:?}");
        }
    }

    #[test]
    fn keys_set_with_stty_work_too() {
        let mut decoder = Decoder::new(OwnKeys { interrupt: 0x18, erase: b'#', kill: b'@', end_of_file: 0x19 });
        let keys: Vec<_> = b"1#@\x19\x18".iter().filter_map(|&b| decoder.feed(b)).collect();
        assert_eq!(keys, [Key::Char('1'), Key::Erase, Key::Clear, Key::EndOfInput, Key::Stop]);
    }
}
