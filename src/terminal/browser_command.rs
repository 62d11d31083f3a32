//! A browser by the user's own command: `browser = firefox 'ext+container:name={profile}&url={url}'`.

use std::ffi::OsString;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::browser::Link;

/// What a part of another link may hold as it is (RFC 3986, unreserved).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A command with places for a link and for whose it is. Its words are split once, and no shell reads them.
///
/// `{url}`, `{profile}` and `{account}` stand for themselves; in a word that is itself a link (`ext+container:…`) they are
/// percent-encoded. Without `{url}` the link becomes the last word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrowserCommand {
    words: Vec<String>,
}

/// Whose link it is.
#[derive(Debug, Clone)]
pub struct Opener {
    /// The command.
    pub command: BrowserCommand,
    /// The profile's name.
    pub profile: String,
    /// Its account, where it is known.
    pub account: Option<String>,
}

impl BrowserCommand {
    /// Splits a command into its words: on Unix as a shell would (quotes, backslashes, nothing else of a shell); on Windows
    /// at blanks outside double quotes, where a backslash is only a backslash.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let words = if cfg!(windows) { windows_words(text) } else { shlex::split(text) };
        let words = words.ok_or("a quote is not closed")?;
        match words.first().map(String::as_str) {
            None | Some("") => return Err("must be a command such as firefox {url}"),
            Some(program) if program.contains('{') => return Err("begins with a program's name"),
            _ => {}
        }
        for part in words.iter().flat_map(|word| word.split('{').skip(1)) {
            let name = part.split_once('}').map(|(name, _)| name);
            if !name.is_some_and(|name| ["url", "profile", "account"].contains(&name)) {
                return Err("knows {url}, {profile} and {account}");
            }
        }
        Ok(BrowserCommand { words })
    }

    /// The program that it starts.
    pub fn program(&self) -> &str {
        &self.words[0]
    }
}

impl Opener {
    /// The words with everything in its place.
    ///
    /// # Errors
    /// Says what is not known, or could be taken for an option of the program.
    pub(super) fn filled(&self, link: &Link) -> Result<Vec<OsString>, String> {
        let words = &self.command.words;
        let mut filled = Vec::with_capacity(words.len() + 1);
        for word in words {
            let mut text = String::new();
            let mut rest = word.as_str();
            while let Some((before, (name, after))) =
                rest.split_once('{').and_then(|(before, behind)| Some((before, behind.split_once('}')?)))
            {
                text += before;
                let value = match name {
                    "url" => link.as_str(),
                    "profile" => &self.profile,
                    _ => self
                        .account
                        .as_deref()
                        .ok_or("the account of this profile is not known, and {account} needs it")?,
                };
                if text.is_empty() && value.starts_with('-') {
                    return Err(format!("the profile's name {value} would be taken for an option of {}", words[0]));
                }
                match is_link(word) {
                    true => text.extend(utf8_percent_encode(value, ENCODED)),
                    false => text += value,
                }
                rest = after;
            }
            text += rest;
            filled.push(text.into());
        }
        if !words.iter().any(|word| word.contains("{url}")) {
            filled.push(link.as_str().into());
        }
        Ok(filled)
    }
}

/// Whether a word begins as a link does: `scheme:`, of more than the one letter of a drive.
fn is_link(word: &str) -> bool {
    let Some((scheme, _)) = word.split_once(':') else { return false };
    scheme.len() > 1
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

/// Words at blanks outside double quotes; a backslash is only a backslash. `None`: a quote is not closed.
fn windows_words(text: &str) -> Option<Vec<String>> {
    let (mut words, mut word, mut quoted) = (Vec::new(), None::<String>, false);
    for c in text.chars() {
        match c {
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' | '\t' if !quoted => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    (!quoted).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(command: &str, profile: &str) -> Result<Vec<String>, String> {
        let command = BrowserCommand::parse(command).expect("a command");
        let opener = Opener { command, profile: profile.into(), account: Some("123456789012".into()) };
        let link = Link::of("http://127.0.0.1:7/a?b=c&d").expect("a link");
        Ok(opener.filled(&link)?.into_iter().map(|w| w.into_string().expect("text")).collect())
    }

    #[test]
    fn a_link_in_a_link_is_encoded_and_nothing_else_is() {
        let url = "http://127.0.0.1:7/a?b=c&d";
        assert_eq!(
            filled("firefox \"ext+container:name={profile}&url={url}\"", "a b&c").expect("words"),
            ["firefox", "ext+container:name=a%20b%26c&url=http%3A%2F%2F127.0.0.1%3A7%2Fa%3Fb%3Dc%26d"]
        );
        let chrome = "google-chrome --profile-directory={profile} --app={url}";
        let app = format!("--app={url}");
        assert_eq!(filled(chrome, "a b").expect("words"), ["google-chrome", "--profile-directory=a b", &app]);
        assert_eq!(filled("x {account} {url} {url}", "").expect("words"), ["x", "123456789012", url, url]);
        assert_eq!(filled("firefox -P \"{profile}\"", "$(id)").expect("words"), ["firefox", "-P", "$(id)", url]);
        assert!(filled("x {profile} {url}", "--evil").is_err_and(|why| why.contains("an option of x")));
    }

    #[test]
    fn what_is_no_command_is_refused() {
        for (command, why) in [
            ("", "must be a command"),
            ("\"\"", "must be a command"),
            ("{url}", "begins with a program"),
            ("firefox {link}", "knows {url}"),
            ("firefox {url", "knows {url}"),
        ] {
            assert!(BrowserCommand::parse(command).is_err_and(|said| said.contains(why)), "{command}");
        }
        assert_eq!(BrowserCommand::parse("firefox \"{url}"), Err("a quote is not closed"));
    }

    #[test]
    fn backslashes_of_windows_stay() {
        let words = |text: &str| windows_words(text).expect("words");
        assert_eq!(
            words(r#""C:\Program Files\Mozilla Firefox\firefox.exe" -P "a b"  "ext+container:url={url}""#),
            [r"C:\Program Files\Mozilla Firefox\firefox.exe", "-P", "a b", "ext+container:url={url}"]
        );
        assert_eq!(words(r#"C:\x\y.exe "" --dir="C:\z\""#), [r"C:\x\y.exe", "", r"--dir=C:\z\"]);
        assert_eq!(windows_words("a \"b"), None);
    }
}
