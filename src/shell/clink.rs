//! Clink: Lua 5.2's quoting.

/// A Lua string of exactly these bytes, NUL included. Everything beyond printable ASCII is three decimal digits: the text
/// then goes through any code page unchanged.
pub fn quote(value: &[u8]) -> Vec<u8> {
    let mut word = b"\"".to_vec();
    for &b in value {
        match b {
            b'"' | b'\\' => word.extend([b'\\', b]),
            b' '..=b'~' => word.push(b),
            _ => word.extend([b'\\', b'0' + b / 100, b'0' + b / 10 % 10, b'0' + b % 10]),
        }
    }
    word.push(b'"');
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_ascii_and_end_where_they_should() {
        assert_eq!(quote("a\"]]\\\n\u{e9}7\0".as_bytes()), br#""a\"]]\\\010\195\1697\000""#);
        assert_eq!(quote(b""), b"\"\"");
    }
}
