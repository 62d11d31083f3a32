//! zsh: quoting.

/// A zsh word for these bytes: single quotes, or `$'…'` where a byte needs it.
pub fn quote(value: &[u8]) -> Vec<u8> {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"_-./:@%+,=".contains(b);
    if !value.is_empty() && value.iter().all(plain) && value[0] != b'=' {
        return value.to_vec();
    }
    if value.iter().all(|b| (b' '..=b'~').contains(b)) {
        let mut word = vec![b'\''];
        for &b in value {
            if b == b'\'' { word.extend(b"'\\''") } else { word.push(b) }
        }
        word.push(b'\'');
        return word;
    }
    let mut word = b"$'".to_vec();
    for &b in value {
        match b {
            0 => {}
            b'\'' | b'\\' => word.extend([b'\\', b]),
            b' '..=b'~' => word.push(b),
            _ => word.extend(format!("\\{b:03o}").bytes()),
        }
    }
    word.push(b'\'');
    word
}
