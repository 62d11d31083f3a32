//! cmd.exe: text for a batch file, and the lines that its `for /f` reads.
//!
//! A batch file is read by a parser, so values in it are quoted. What `for /f` puts into a variable is not: by then the
//! parser is done, and `set "%%v"` takes everything up to the last quote as it is.

use super::code_page;

/// `set` takes no more with the name (cmd's lines end at 8191 characters).
const LONGEST: usize = 8000;

/// In front of each line for `for /f`, ended by the delimiter: what another program's AutoRun prints has no such mark.
const MARK: &str = "awsenv>";

/// A value as it stands in `set ^"NAME=VALUE^"` in a batch file: nothing outside quotes has a meaning behind a caret, and
/// quotes behind one open nothing. NUL and ends of lines cannot be in a batch file's word and are dropped;
/// [`readable`] tells before.
pub fn quote(value: &[u8]) -> Vec<u8> {
    let mut word = Vec::with_capacity(value.len() + 8);
    for &b in value {
        match b {
            0 | b'\n' | b'\r' => {}
            b'%' => word.extend(b"%%"),
            b'"' | b'&' | b'|' | b'<' | b'>' | b'^' | b'(' | b')' => word.extend([b'^', b]),
            _ => word.push(b),
        }
    }
    word
}

/// A line of a batch file that sets a variable.
pub fn assign(name: &str, value: &[u8]) -> Vec<u8> {
    if !value.contains(&b'"') && !value.iter().any(u8::is_ascii_control) {
        // What a person reads more easily: between plain quotes only the percent sign is special.
        let value: Vec<u8> = value.iter().flat_map(|&b| if b == b'%' { vec![b, b] } else { vec![b] }).collect();
        return [b"@set \"", name.as_bytes(), b"=", &value, b"\"\n"].concat();
    }
    [b"@set ^\"", name.as_bytes(), b"=", &quote(value), b"^\"\n"].concat()
}

/// A line for `for /f` that sets a variable, or unsets it: cmd has no empty ones. `delayed`: in a cmd with delayed
/// expansion `!` begins a name, and where there is one, carets escape.
///
/// # Errors
/// As [`readable`].
pub fn line(name: &str, value: Option<&[u8]>, delayed: bool) -> Result<Vec<u8>, String> {
    let value = value.unwrap_or_default();
    let escape = delayed && value.contains(&b'!');
    let escaped: Vec<u8> =
        value.iter().flat_map(|&b| if escape && (b == b'!' || b == b'^') { vec![b'^', b] } else { vec![b] }).collect();
    Ok([MARK.as_bytes(), name.as_bytes(), b"=", &readable(&escaped)?[..], b"\n"].concat())
}

/// A line of `awsenv export --format cmd`, for `for /f "delims=" %i in ('…') do @%i`.
///
/// # Errors
/// As [`readable`].
pub fn export(name: &str, value: &[u8]) -> Result<Vec<u8>, String> {
    Ok([b"set \"", name.as_bytes(), b"=", &readable(value)?[..], b"\"\n"].concat())
}

/// A value as `for /f` reads it: in the console's code page.
///
/// # Errors
/// Says why cmd cannot have it, in words that follow the name.
pub fn readable(value: &[u8]) -> Result<Vec<u8>, String> {
    if value.iter().any(|b| matches!(b, b'\n' | b'\r')) {
        return Err("holds a newline, which cmd cannot read".into());
    }
    // 26 ends a file, and with it what `for /f` reads.
    if value.iter().any(|b| matches!(b, 0 | 26)) {
        return Err("holds a control character that cmd cannot read".into());
    }
    let text = std::str::from_utf8(value).map_err(|_| "is not Unicode, and cmd reads nothing else".to_owned())?;
    if text.encode_utf16().count() > LONGEST {
        return Err(format!("is longer than the {LONGEST} characters that cmd can read"));
    }
    encode(text)
}

/// Text in the code page in which cmd reads what programs print.
///
/// # Errors
/// Says which character that code page has not, in words that follow the text's name.
pub fn encode(text: &str) -> Result<Vec<u8>, String> {
    let page = code_page::of_console();
    page.encode(text).ok_or_else(|| {
        let missing = text.chars().find(|c| page.encode(c.encode_utf8(&mut [0; 4])).is_none());
        let missing = missing.map_or_else(String::new, |c| format!("{c:?}, "));
        format!("holds {missing}which the console's code page {page} has not: chcp 65001")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_only_where_a_quote_would_open_them() {
        let set = |value: &str| String::from_utf8(assign("A", value.as_bytes())).unwrap();
        assert_eq!(set(r"C:\Program Files (x86)\100%\a&b"), "@set \"A=C:\\Program Files (x86)\\100%%\\a&b\"\n");
        assert_eq!(set("a\"b&%x%"), "@set ^\"A=a^\"b^&%%x%%^\"\n");
    }

    #[test]
    fn delayed_expansion_takes_nothing() {
        let escaped = |value: &str| String::from_utf8(line("A", Some(value.as_bytes()), true).unwrap()).unwrap();
        assert_eq!(escaped("a^b"), "awsenv>A=a^b\n");
        assert_eq!(escaped("a^b!c"), "awsenv>A=a^^b^!c\n");
        assert_eq!(line("A", None, true).unwrap(), b"awsenv>A=\n");
    }

    #[test]
    fn what_cmd_cannot_read_is_refused_by_name() {
        let odd = b"a \"&|<>^%!()\t";
        assert_eq!(readable(odd), Ok(odd.to_vec()));
        // What a Windows console can show depends on its code page.
        #[cfg(not(windows))]
        assert_eq!(readable("\u{8868}".as_bytes()), Ok("\u{8868}".into()));
        for bad in [&b"a\nb"[..], b"\r", b"\0", b"\x1a", b"\xff", &[b'x'; 8001]] {
            assert!(readable(bad).is_err(), "{bad:?}");
        }
    }
}
