//! PowerShell: quoting.

use bstr::decode_utf8;

/// A PowerShell expression for these bytes: single quotes for printable ASCII, else `[regex]::Unescape('…')` with `\uXXXX`
/// for everything outside it.
///
/// So all text for PowerShell is ASCII: what a console's encoding, a pipe (CR becomes LF) or a typographic quote, which is a
/// quote to PowerShell, would change never stands in it. Both forms work in Constrained Language Mode.
///
/// A string of PowerShell is UTF-16. On Windows what is no Unicode (a lone surrogate) is kept; bytes that are no text at
/// all become U+FFFD, as .NET itself reads them.
pub fn quote(value: &[u8]) -> Vec<u8> {
    if value.iter().all(|b| (b' '..=b'~').contains(b)) {
        return single(value);
    }
    let mut word = b"[regex]::Unescape(".to_vec();
    word.extend(single(&escaped(value)));
    word.push(b')');
    word
}

fn single(text: &[u8]) -> Vec<u8> {
    let mut word = b"'".to_vec();
    for &b in text {
        if b == b'\'' { word.extend(b"''") } else { word.push(b) }
    }
    word.push(b'\'');
    word
}

fn escaped(mut value: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    while !value.is_empty() {
        if let Some(unit) = surrogate(value) {
            out.extend(format!("\\u{unit:04x}").bytes());
            value = &value[3..];
            continue;
        }
        let (found, length) = decode_utf8(value);
        value = &value[length..];
        match found.unwrap_or(char::REPLACEMENT_CHARACTER) {
            '\\' => out.extend(b"\\\\"),
            plain @ ' '..='~' => out.push(plain as u8),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    out.extend(format!("\\u{unit:04x}").bytes());
                }
            }
        }
    }
    out
}

/// A lone surrogate as Windows' names have it in Rust's encoding of them.
fn surrogate(value: &[u8]) -> Option<u16> {
    match value {
        [0xed, second @ 0xa0..=0xbf, third @ 0x80..=0xbf, ..] => {
            Some(0xd000 | u16::from(second & 0x3f) << 6 | u16::from(third & 0x3f))
        }
        _ => None,
    }
}
