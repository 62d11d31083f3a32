//! zsh: quoting.

/// A zsh word for these bytes: single quotes, or `$'…'` where a byte needs it.
///
/// Always quoted, also what looks harmless: a user's global alias expands any bare word, and `a:=ls` or `~x` in an
/// assignment is a file name to zsh. Nothing in either form depends on an option (`rc_quotes` gives a meaning to `''`
/// inside quotes only, `csh_junkie_quotes` forbids newlines, which are never inside single quotes here).
pub fn quote(value: &[u8]) -> Vec<u8> {
    if value.iter().all(|b| (b' '..=b'~').contains(b)) { single_quoted(value) } else { escaped(value) }
}

fn single_quoted(value: &[u8]) -> Vec<u8> {
    let mut word = b"'".to_vec();
    for &b in value {
        match b {
            b'\'' => word.extend(b"'\\''"),
            _ => word.push(b),
        }
    }
    word.push(b'\'');
    word
}

/// Bytes outside printable ASCII as three octal digits, so that the word means the same in every locale.
fn escaped(value: &[u8]) -> Vec<u8> {
    let mut word = b"$'".to_vec();
    for &b in value {
        match b {
            // No word of a shell can hold it.
            0 => {}
            b'\'' | b'\\' => word.extend([b'\\', b]),
            b' '..=b'~' => word.push(b),
            _ => word.extend([b'\\', b'0' + (b >> 6), b'0' + (b >> 3 & 7), b'0' + (b & 7)]),
        }
    }
    word.push(b'\'');
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_whatever_they_hold() {
        let quoted = |value: &[u8]| String::from_utf8(quote(value)).unwrap();
        assert_eq!(quoted(b""), "''");
        assert_eq!(quoted(b"dev"), "'dev'");
        assert_eq!(quoted(b"it's $(x)"), r"'it'\''s $(x)'");
        assert_eq!(quoted(b"a\nb\x1b\0'\xc3\xa97"), r"$'a\012b\033\'\303\2517'");
    }
}
