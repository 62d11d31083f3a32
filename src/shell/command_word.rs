//! Words of a command that stands in an AWS file: `credential_process`, `mfa_process`. botocore takes it apart with shlex, the
//! SDKs, aws-vault and awsenv give it to `sh -c` or `cmd /C`, and all of them shall read the same.

/// One word; `None` where it cannot be written so. Plain letters stand as they are; others go into quotes, unless a comment could begin inside them, which the
/// SDKs cut off before any quoting counts.
pub fn quote(text: &str) -> Option<String> {
    let plain = |c: char| c.is_alphanumeric() && c.is_ascii() || "_-./:@+,=".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return Some(text.to_owned());
    }
    let comment = text.starts_with(['#', ';']) || [" #", " ;", "\t#", "\t;"].iter().any(|c| text.contains(c));
    if comment || text.is_empty() || text.chars().any(char::is_control) {
        return None;
    }
    if cfg!(windows) {
        let safe = |c: char| plain(c) || c == ' ' || c == '\\' || c == '(' || c == ')';
        return text.chars().all(safe).then(|| format!("\"{text}\""));
    }
    Some(format!("'{}'", text.replace('\'', "'\"'\"'")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(windows)]
    #[test]
    fn a_name_that_cmd_would_read_otherwise_is_refused() {
        assert_eq!(quote("dev").as_deref(), Some("dev"));
        assert_eq!(quote("my prof").as_deref(), Some("\"my prof\""));
        for name in ["%PATH%", "a&b", "a\"b", "a^b", "a|b", "a>b", "a!b"] {
            assert_eq!(quote(name), None, "{name}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_name_reads_back_the_same_in_shlex_and_sh() {
        for name in ["dev", "my prof", "it's", "$(touch X)", "a;b", "a&b|c", "`x`", "é", "a\"b\\c", "~", "*"] {
            let word = quote(name).expect(name);
            assert_eq!(shlex::split(&word), Some(vec![name.to_owned()]), "{word}");
            let echoed =
                std::process::Command::new("sh").arg("-c").arg(format!("printf %s {word}")).output().expect("sh");
            assert_eq!(String::from_utf8_lossy(&echoed.stdout), name);
        }
    }

    #[test]
    fn what_a_comment_or_a_line_end_would_break_is_refused() {
        for name in ["a #b", "#a", "a ;b", "a\nb", ""] {
            assert_eq!(quote(name), None, "{name}");
        }
    }
}
