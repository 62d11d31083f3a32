//! fish: quoting.

/// A fish word for these bytes: single quotes for printable text, `\\XHH` outside them for every other byte.
///
/// Characters beyond ASCII are escaped byte by byte too: read as text they would change in the C locale, where fish takes
/// each byte for a character of Latin-1 and exports it as UTF-8. The price: to fish's own string functions such a value
/// is bytes, so that what is looked at there has to be read from a pipe first.
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
