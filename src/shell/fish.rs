//! fish: quoting.

/// A fish word for these bytes: single quotes for printable text, `\\XHH` outside them for every other byte.
pub fn quote(value: &[u8]) -> Vec<u8> {
    let mut word = vec![b'\''];
    for &b in value {
        match b {
            0 => {}
            b'\'' | b'\\' => word.extend([b'\\', b]),
            b' '..=b'~' => word.push(b),
            _ => word.extend(format!("'\\X{b:02x}'").bytes()),
        }
    }
    word.push(b'\'');
    word
}
