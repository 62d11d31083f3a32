//! nushell: quoting.

use std::str::from_utf8;

/// A nushell string for this text: double quotes, `\u{…}` for what is no printable character. The same literal is data to
/// `from nuon`, which is how the hook reads answers: nothing in either is run, for only `$"…"` would look inside.
///
/// nushell's strings are UTF-8: other bytes become U+FFFD, and [`refusal`] tells before it matters. NUL cannot be in a
/// variable and is dropped.
pub fn quote(value: &[u8]) -> Vec<u8> {
    let mut word = String::from("\"");
    for c in String::from_utf8_lossy(value).chars() {
        match c {
            '\0' => {}
            '"' | '\\' => word.extend(['\\', c]),
            // A file of another line ending, or an editor, must not change it.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                word += &format!("\\u{{{:x}}}", u32::from(c));
            }
            c => word.push(c),
        }
    }
    word.push('"');
    word.into_bytes()
}

/// Why a variable of nushell cannot have this value: then programs would see another one, or none would start.
pub fn refusal(value: &[u8]) -> Option<&'static str> {
    match from_utf8(value) {
        Err(_) => Some("nushell holds only UTF-8 text"),
        Ok(text) if text.contains('\0') => Some("no variable holds a NUL"),
        Ok(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_quoted_whatever_it_holds() {
        let quoted = |value: &str| String::from_utf8(quote(value.as_bytes())).unwrap_or_default();
        assert_eq!(quoted(""), r#""""#);
        assert_eq!(quoted("it's $(x) $env.HOME `y`"), r#""it's $(x) $env.HOME `y`""#);
        assert_eq!(quoted("a\"b\\c\n\u{9b}\0"), r#""a\"b\\c\u{a}\u{9b}""#);
    }

    #[test]
    fn what_cannot_be_held_has_a_reason() {
        assert_eq!((refusal("プロファイル".as_bytes()), refusal(b"")), (None, None));
        assert!(refusal(b"a\xff").is_some() && refusal(b"a\0b").is_some());
    }
}
