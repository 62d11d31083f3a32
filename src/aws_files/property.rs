//! `key = value` in one line.

use super::lines::{is_blank, trim};
use super::seek::{find, find_either};

/// A property line taken apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Pair<'a> {
    /// As it is written; compared without ASCII case.
    pub key: &'a [u8],
    /// Without the comment behind it and the blanks around it.
    pub value: &'a [u8],
    /// `=`, or `:` in a line that only botocore understands as meant.
    pub delimiter: Delimiter,
}

/// Which character parts key and value, and where it stands in the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delimiter {
    Equals(usize),
    Colon(usize),
}

/// Reads a property line: as the SDKs do where they see a valid key, else as botocore does. `None`: no reader
/// finds a key and a value here.
pub(super) fn split(line: &[u8]) -> Option<Pair<'_>> {
    let text = strip_comment(line);
    let equals = find(b'=', text);
    if let Some(at) = equals {
        let pair = pair(text, at, Delimiter::Equals(at));
        if !pair.key.is_empty() && is_identifier(pair.key) {
            return Some(pair);
        }
    }
    // botocore takes the first of `=` and `:`, and knows no comment behind a value.
    for text in [text, line] {
        if let Some(at) = find_either(b'=', b':', text) {
            let delimiter = if text[at] == b'=' { Delimiter::Equals(at) } else { Delimiter::Colon(at) };
            let pair = pair(text, at, delimiter);
            if !pair.key.is_empty() {
                return Some(pair);
            }
        }
    }
    // `:a b = c`: the SDKs accept the line and ignore the key.
    equals.map(|at| pair(text, at, Delimiter::Equals(at))).filter(|pair| !pair.key.is_empty())
}

/// Whether some reader finds a key and a value: the same answer as [`split`], quickly for ordinary lines.
pub(super) fn is_property(line: &[u8]) -> bool {
    match find_either(b'=', b':', line) {
        Some(1..) if !is_blank(line[0]) => true,
        _ => split(line).is_some(),
    }
}

fn pair(text: &[u8], at: usize, delimiter: Delimiter) -> Pair<'_> {
    Pair { key: trim(&text[..at]), value: trim(&text[at + 1..]), delimiter }
}

/// The line up to a comment: `#` or `;` behind white space, as the SDKs read it.
pub(super) fn strip_comment(line: &[u8]) -> &[u8] {
    comment(line).map_or(line, |at| &line[..at])
}

/// Where the comment behind a property begins.
pub(super) fn comment(line: &[u8]) -> Option<usize> {
    let start = line.iter().take_while(|b| is_blank(**b)).count();
    let mut from = start;
    while let Some(found) = find_either(b'#', b';', &line[from..]) {
        let at = from + found;
        if at > start && ends_in_space(&line[start..at]) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

fn ends_in_space(text: &[u8]) -> bool {
    match text.last() {
        Some(b' ' | b'\t' | 0x0b | 0x0c | 0x0d) => true,
        Some(0x80..) => bstr::decode_last_utf8(text).0.is_some_and(char::is_whitespace),
        _ => false,
    }
}

/// What the SDKs accept as the name of a profile or a key; they ignore others with a warning.
pub(super) fn is_identifier(name: &[u8]) -> bool {
    name.iter().all(|b| IN_IDENTIFIERS[usize::from(*b)])
}

/// Looked up sooner than compared: a file may have thousands of names.
static IN_IDENTIFIERS: [bool; 256] = {
    let mut table = [false; 256];
    let all = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-/.%@:+";
    let mut at = 0;
    while at < all.len() {
        table[all[at] as usize] = true;
        at += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<(&str, &str)> {
        let text = |bytes| std::str::from_utf8(bytes).expect("cut from text");
        split(line.as_bytes()).map(|pair| (text(pair.key), text(pair.value)))
    }

    #[test]
    fn a_line_reads_as_the_sdks_read_it_and_as_botocore_where_they_refuse() {
        let cases = [
            ("region = us-east-1 # home", Some(("region", "us-east-1"))),
            ("x = a ;b", Some(("x", "a"))),
            ("x = a;b", Some(("x", "a;b"))),
            ("x = #c", Some(("x", ""))),
            ("x=#c", Some(("x", "#c"))),
            ("region: x", Some(("region", "x"))),
            ("credential_process: run --a=b", Some(("credential_process", "run --a=b"))),
            ("my:key = v", Some(("my:key", "v"))),
            ("in valid = v", Some(("in valid", "v"))),
            ("key # a = b", Some(("key # a", "b"))),
            ("  x \t=  \tv=w \t", Some(("x", "v=w"))),
            ("region = \"us-east-1\"", Some(("region", "\"us-east-1\""))),
            ("= v", None),
            ("word", None),
        ];
        for (line, expected) in cases {
            assert_eq!(read(line), expected, "{line}");
            assert_eq!(is_property(line.as_bytes()), expected.is_some(), "{line}");
        }
    }
}
