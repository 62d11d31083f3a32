//! fish: quoting.

/// A fish word for these bytes: single quotes for printable text, `\XHH` outside them for every other byte.
///
/// Characters beyond ASCII are escaped too: read as text they would change in the C locale, where fish takes each byte for
/// a character of Latin-1 and exports it as UTF-8. Bytes that follow each other stand together: fish makes one letter of
/// `\Xc3\Xa9`, but two stray bytes of `\Xc3''\Xa9`, which are not equal to the letter.
pub fn quote(value: &[u8]) -> Vec<u8> {
    let mut word = vec![b'\''];
    let mut quoted = true;
    for &b in value {
        let printable = (b' '..=b'~').contains(&b);
        if b != 0 && printable != quoted {
            word.push(b'\'');
            quoted = printable;
        }
        match b {
            0 => {}
            b'\'' | b'\\' => word.extend([b'\\', b]),
            b' '..=b'~' => word.push(b),
            _ => word.extend(format!("\\X{b:02x}").bytes()),
        }
    }
    if quoted {
        word.push(b'\'');
    }
    word
}
