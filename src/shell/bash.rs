//! bash: quoting, and paths of Windows.

/// A bash word for these bytes: single quotes, or `$'…'` where a byte needs it.
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

/// A path of Windows as bash below MSYS2 and Cygwin takes it, and as Windows' own programs do: with slashes, `C:/Users/taro`,
/// `//server/share`, without the prefix that turns off Windows' own reading of a path.
///
/// Not `/c/Users/taro`: what stands in front of `c` is the user's to set (`cygdrive` in /etc/fstab), only a `cygpath` would
/// tell, and a program of Windows that is handed such a path takes it for one on the drive it is on.
pub fn mixed(path: &[u8]) -> Vec<u8> {
    let path = match (path.strip_prefix(br"\\?\UNC\"), path.strip_prefix(br"\\?\")) {
        (Some(share), _) => [br"\\", share].concat(),
        (None, Some(path)) => path.to_vec(),
        (None, None) => path.to_vec(),
    };
    path.into_iter().map(|b| if b == b'\\' { b'/' } else { b }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_windows_get_slashes() {
        for (path, expected) in [
            (r"C:\Users\O'Brien (x)\.aws", "C:/Users/O'Brien (x)/.aws"),
            (r"\\server\share\home", "//server/share/home"),
            (r"\\?\C:\Users\taro", "C:/Users/taro"),
            (r"\\?\UNC\server\share\home", "//server/share/home"),
            (r"C:/Users/taro\.aws", "C:/Users/taro/.aws"),
            ("", ""),
        ] {
            assert_eq!(mixed(path.as_bytes()), expected.as_bytes(), "{path}");
        }
    }
}
