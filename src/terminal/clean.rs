//! The one function for all text that reaches a terminal, a stamp or a completion.
//!
//! Names, values and server texts come from files that others may have written. A control character in one of them could
//! move the cursor, rename the window or, replayed by some terminals, type a command; a bidi control makes one name look
//! like another.

use bstr::ByteSlice;
use unicode_width::UnicodeWidthChar;

/// `text` without C0, DEL, C1, bidi controls and line separators; invalid UTF-8 becomes U+FFFD.
pub fn clean(text: impl AsRef<[u8]>) -> String {
    text.as_ref().chars().filter(|&c| !is_unsafe(c)).collect()
}

/// The same, cut to at most `columns` terminal columns; what was cut shows as `…`, which counts as one column.
pub fn clean_to(text: impl AsRef<[u8]>, columns: usize) -> String {
    let bytes = text.as_ref();
    if bytes.len() <= columns && is_plain(bytes) {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    // Characters without a width must not make a short line of any number of bytes.
    let most_chars = columns.saturating_mul(4);
    let (mut kept, mut width, mut fits) = (String::new(), 0, 0);
    for (count, c) in text.as_ref().chars().filter(|&c| !is_unsafe(c)).enumerate() {
        let wide = c.width().unwrap_or(0);
        if width + wide > columns || count >= most_chars {
            kept.truncate(fits);
            if columns > 0 {
                kept.push('…');
            }
            return kept;
        }
        width += wide;
        kept.push(c);
        if width < columns {
            fits = kept.len();
        }
    }
    kept
}

/// The terminal columns that cleaned text takes.
pub fn columns(text: &str) -> usize {
    if is_plain(text.as_bytes()) {
        return text.len();
    }
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// Text that is a column for each byte, as almost all is.
fn is_plain(text: &[u8]) -> bool {
    text.iter().all(|byte| (b' '..=b'~').contains(byte))
}

fn is_unsafe(c: char) -> bool {
    matches!(
        c,
        '\0'..='\x1f' | '\x7f'..='\u{9f}' // C0, DEL, C1
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' // bidi
        | '\u{2028}' | '\u{2029}' // line and paragraph separator
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn controls_go_and_letters_of_every_script_stay() {
        assert_eq!(clean("a\x1b]0;title\x07b\r\n\tc\x7f\u{9b}31m"), "a]0;titlebc31m");
        assert_eq!(clean("admin\u{202e}dorp\u{2066}\u{2028}x"), "admindorpx");
        assert_eq!(clean(b"caf\xc3\xa9 \xff\x9b [0m"), "café \u{fffd}\u{fffd} [0m");
        assert_eq!(clean("開発 🚀 é"), "開発 🚀 é");
    }

    #[test]
    fn long_text_is_cut_by_columns_not_by_characters() {
        assert_eq!(clean_to("abcdef", 6), "abcdef");
        assert_eq!(clean_to("abcdefg", 6), "abcde…");
        assert_eq!(clean_to("開発環境", 8), "開発環境");
        assert_eq!(clean_to("開発環境x", 8), "開発環…");
        assert_eq!(clean_to("開発環境", 4), "開…");
        assert_eq!(clean_to("ab", 1), "…");
        assert_eq!(clean_to("ab", 0), "");
    }

    #[test]
    fn a_megabyte_of_combining_marks_does_not_pass_as_one_column() {
        let shown = clean_to(format!("a{}", "\u{301}".repeat(500_000)), 32);
        assert!(shown.chars().count() <= 32 * 4 + 1, "{} characters", shown.chars().count());
    }

    proptest! {
        #[test]
        fn whatever_goes_in_nothing_dangerous_comes_out(bytes: Vec<u8>, at_most in 0usize..40) {
            for shown in [clean(&bytes), clean_to(&bytes, at_most)] {
                let harmful = shown.chars().find(|c| c.is_control() || ('\u{2028}'..='\u{202e}').contains(c));
                prop_assert_eq!(harmful, None);
            }
            prop_assert!(columns(&clean_to(&bytes, at_most)) <= at_most);
        }
    }
}
