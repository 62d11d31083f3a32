//! The lines with which awsenv writes itself into the config file as a `credential_process`.

use bstr::{BStr, ByteSlice};

use super::init;
use crate::error::{Error, Result};
use crate::profile::ProfileName;

/// Gives a profile's session.
///
/// # Errors
/// A name or path that cannot be written so is refused by name.
pub fn session(name: &ProfileName) -> Result<String> {
    line("credentials", name)
}

/// Gives the long-term key of a profile whose secret is in the system's keyring.
///
/// # Errors
/// As [`session`].
pub fn long_term(name: &ProfileName) -> Result<String> {
    line("credentials --long-term", name)
}

/// Whether this is a line of [`long_term`], whoever's program it names.
pub fn is_long_term(line: &BStr) -> bool {
    let words = shlex::split(&line.to_str_lossy()).unwrap_or_default();
    matches!(&words[..], [_, credentials, long_term, ..] if credentials == "credentials" && long_term == "--long-term")
}

/// Whether a line that was written earlier still works: its program is there, and the rest is as it would be written now.
pub fn is_alike(line: &BStr, now: &str) -> bool {
    let words = |text: &str| shlex::split(text).unwrap_or_default();
    let (old, new) = (words(&line.to_str_lossy()), words(now));
    let program = old.first().map(std::path::PathBuf::from).unwrap_or_default();
    program.is_absolute() && program.is_file() && old.get(1..) == new.get(1..)
}

/// In words that botocore's shlex and the SDKs' `sh -c` (`cmd /C`) read alike.
fn line(command: &str, name: &ProfileName) -> Result<String> {
    let program = init::own_path()?;
    let refuse = |what: &str| {
        Error::failed(format!("{what} cannot be written into a credential_process that every SDK reads alike"))
            .next("`awsenv exec` and `awsenv export` work for this profile")
    };
    let program = program.to_str().and_then(word).ok_or_else(|| refuse(&format!("the path {}", program.display())))?;
    let text = name.as_bytes().to_str().ok().and_then(word).ok_or_else(|| refuse(&format!("the name {name}")))?;
    let dashes = if name.as_bytes().starts_with(b"-") { "-- " } else { "" };
    Ok(format!("{program} {command} {dashes}{text}"))
}

/// One word. Plain letters stand as they are; others go into quotes, unless a comment could begin inside them, which the
/// SDKs cut off before any quoting counts.
fn word(text: &str) -> Option<String> {
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
        assert_eq!(word("dev").as_deref(), Some("dev"));
        assert_eq!(word("my prof").as_deref(), Some("\"my prof\""));
        for name in ["%PATH%", "a&b", "a\"b", "a^b", "a|b", "a>b", "a!b"] {
            assert_eq!(word(name), None, "{name}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_name_reads_back_the_same_in_shlex_and_sh() {
        for name in ["dev", "my prof", "it's", "$(touch X)", "a;b", "a&b|c", "`x`", "é", "a\"b\\c", "~", "*"] {
            let word = word(name).expect(name);
            assert_eq!(shlex::split(&word), Some(vec![name.to_owned()]), "{word}");
            let echoed =
                std::process::Command::new("sh").arg("-c").arg(format!("printf %s {word}")).output().expect("sh");
            assert_eq!(String::from_utf8_lossy(&echoed.stdout), name);
        }
    }

    #[test]
    fn what_a_comment_or_a_line_end_would_break_is_refused() {
        for name in ["a #b", "#a", "a ;b", "a\nb", ""] {
            assert_eq!(word(name), None, "{name}");
        }
    }
}
