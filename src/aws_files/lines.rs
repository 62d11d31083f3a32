//! The physical lines of a document and what each one is, in one pass.
//!
//! Whether an indented line continues the value above it is decided as Python's `configparser` does (deeper than the
//! line that opened the value). For every file that the SDKs accept this is also their answer: they refuse indentation
//! anywhere else.

use super::seek::find;

/// What a line is to the union of the readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// Nothing but blanks.
    Blank,
    /// `#` or `;` first, at any indentation.
    Comment,
    /// `[…`
    Header,
    /// Opens a value: `key = value`.
    Property,
    /// Continues the value above.
    Continuation,
    /// Anything else before the first header.
    Stray,
}

/// One physical line.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    /// Counted from 1.
    pub number: u32,
    /// Where it begins in the document.
    pub start: usize,
    /// Where the next one begins.
    pub next: usize,
    /// Without its end (`\n`, `\r\n`; at the end of the file also a lone `\r`).
    pub text: &'a [u8],
    /// How many blanks and tabs come first.
    pub indent: usize,
    pub what: What,
}

impl<'a> Line<'a> {
    /// The text without the blanks around it.
    pub fn trimmed(&self) -> &'a [u8] {
        trim(self.text)
    }
}

/// The lines of a document from some place on.
pub(super) struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    number: u32,
    in_section: bool,
    /// The indentation of the property whose value may go on.
    open: Option<usize>,
}

impl<'a> Lines<'a> {
    /// From the start of a document, behind a byte order mark.
    pub fn of(bytes: &'a [u8]) -> Self {
        Self::from(bytes, bom(bytes), 1, false)
    }

    /// The lines below a section's header: `at` is where line `number` begins.
    pub fn below_header(bytes: &'a [u8], at: usize, number: u32) -> Self {
        Self::from(bytes, at, number, true)
    }

    fn from(bytes: &'a [u8], at: usize, number: u32, in_section: bool) -> Self {
        Lines { bytes, at, number, in_section, open: None }
    }

    fn classify(&mut self, text: &[u8]) -> (usize, What) {
        // Almost every line, and a file may have a hundred thousand.
        if self.in_section && text.first().is_some_and(u8::is_ascii_lowercase) {
            self.open = Some(0);
            return (0, What::Property);
        }
        let indent = text.iter().take_while(|b| is_blank(**b)).count();
        let Some(&first) = text.get(indent) else { return (indent, What::Blank) };
        let what = match first {
            b'#' | b';' => What::Comment,
            _ if is_odd_space(first) && odd_spaces_only(&text[indent..]) => What::Blank,
            _ if self.open.is_some_and(|open| indent > open) => What::Continuation,
            b'[' => {
                self.in_section = true;
                self.open = None;
                What::Header
            }
            _ if self.in_section => {
                self.open = Some(indent);
                What::Property
            }
            _ => What::Stray,
        };
        (indent, what)
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        if self.at >= self.bytes.len() {
            return None;
        }
        let start = self.at;
        let (mut end, next) = match find(b'\n', &self.bytes[start..]) {
            Some(newline) => (start + newline, start + newline + 1),
            None => (self.bytes.len(), self.bytes.len()),
        };
        if end > start && self.bytes[end - 1] == b'\r' {
            end -= 1;
        }
        let text = &self.bytes[start..end];
        let (indent, what) = self.classify(text);
        let line = Line { number: self.number, start, next, text, indent, what };
        self.at = next;
        self.number += 1;
        Some(line)
    }
}

/// The length of a UTF-8 byte order mark at the start.
pub(super) fn bom(bytes: &[u8]) -> usize {
    if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 }
}

/// A blank as the SDKs define it.
pub(super) fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// Without the blanks and tabs around it.
pub(super) fn trim(mut text: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = text
        && is_blank(*first)
    {
        text = rest;
    }
    while let [rest @ .., last] = text
        && is_blank(*last)
    {
        text = rest;
    }
    text
}

/// The first byte of what only Python calls a space.
fn is_odd_space(byte: u8) -> bool {
    matches!(byte, 0x0b | 0x0c | 0x0d | 0x1c..=0x1f | 0x80..)
}

fn odd_spaces_only(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| text.chars().all(is_python_space))
}

/// What Python's `str.strip` takes off.
pub(super) fn is_python_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}
