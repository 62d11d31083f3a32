//! What PowerShell's hook hands over in `AWSENV_WORDS`: PowerShell 5.1 can give a program neither a quotation mark nor an
//! empty word as an argument.

use std::ffi::OsString;

use super::guard::words::{Word, Words};
use crate::cli::SwitchArgs;
use crate::host::Host;

/// Between two words, and between two commands of a line.
const NEXT_WORD: char = '\u{1f}';
const NEXT_COMMAND: char = '\u{1e}';

/// A guarded command of a typed line, as PowerShell's own parser found it.
pub struct Typed {
    /// What `$env:AWS_PROFILE = …` in front of it says.
    pub inline: Inline,
    pub words: Words,
}

/// The profile that the line itself has put into the environment before a command of it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inline {
    None,
    Profile(OsString),
    /// Not known before the line runs.
    Unknown,
}

/// The commands of the typed line. Each is one field for [`Inline`] (`-`, `?`, `=NAME`), then its words: `=WORD`, or `?SOURCE`
/// where only running the line would tell.
pub fn typed(host: &Host) -> Vec<Typed> {
    let text = host.var("AWSENV_WORDS").unwrap_or_default().to_string_lossy().into_owned();
    text.split(NEXT_COMMAND).filter(|command| !command.is_empty()).map(command).collect()
}

/// The words of `awsenv use`, the profile before and the one chosen last in front of them.
pub fn in_variables(args: &SwitchArgs, host: &Host) -> SwitchArgs {
    let text = host.raw_var("AWSENV_WORDS").unwrap_or_default().to_string_lossy().into_owned();
    let mut words = text.split(NEXT_WORD).map(OsString::from);
    let mut args = args.clone();
    args.previous = words.next().unwrap_or_default();
    args.current = words.next().unwrap_or_default();
    args.args = words.collect();
    args
}

fn command(text: &str) -> Typed {
    let mut fields = text.split(NEXT_WORD);
    let inline = match fields.next().unwrap_or_default().split_at_checked(1) {
        Some(("=", name)) => Inline::Profile(name.into()),
        Some(("?", _)) => Inline::Unknown,
        _ => Inline::None,
    };
    let mut words = Vec::new();
    let mut verbatim = false;
    for field in fields {
        match field.split_at_checked(1) {
            // Behind `--%` stands the rest of the line as one word, which the program sees cut at its blanks.
            Some(("=", rest)) if verbatim => words.extend(rest.split_whitespace().map(|w| Word::Known(w.into()))),
            Some(("=", "--%")) => verbatim = true,
            Some(("=", word)) => words.push(Word::Known(word.into())),
            Some((_, source)) => words.push(Word::Unknown(source.into())),
            None => {}
        }
    }
    Typed { inline, words: Words::new(words) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::guard::words::Named;
    use crate::settings::Settings;
    use crate::shell::Shell;
    use crate::time::Timestamp;
    use serde_json::Value;

    /// What a real PowerShell's parser found in these lines, and what ran.
    const LINES: &str = include_str!("../../tests/powershell/line-vectors.json");

    /// The command as the hook writes it down. Of a word that is no constant the data says only that it is none; its source
    /// is taken from the line.
    fn written(line: &str, command: &Value) -> String {
        let inline = match &command["env_profile"] {
            Value::Null => "-".to_owned(),
            Value::String(name) if name == "?" => "?".to_owned(),
            name => format!("={}", name.as_str().unwrap()),
        };
        let name = match command["name"].as_str().unwrap() {
            "a" | "aa" => "aws",
            "tf" => "terraform",
            name => name.rsplit('/').next().unwrap().trim_end_matches(".exe"),
        };
        let source = line.split(' ').find(|w| w.contains("--profile=")).unwrap_or("$x");
        let words = command["args"].as_array().unwrap().iter().map(|word| match word.as_str() {
            Some(word) => format!("\u{1f}={word}"),
            None => format!("\u{1f}?{source}"),
        });
        format!("{inline}\u{1f}={name}{}", words.collect::<String>())
    }

    /// The profile that a command is about: `None` for the session's own, `?` for one that is not known before the line runs.
    fn about(command: &Typed) -> Option<String> {
        match (command.words.profile(), &command.inline) {
            (Named::Profile(name), _) => Some(name.to_string()),
            (Named::Unknown, _) | (Named::None, Inline::Unknown) => Some("?".into()),
            (Named::None, Inline::Profile(name)) => Some(name.to_string_lossy().into_owned()),
            (Named::None, Inline::None) => None,
        }
    }

    #[test]
    fn every_recorded_line_is_about_the_right_profile_and_passes_where_it_may() {
        let data: Value = serde_json::from_str(LINES).unwrap();
        let guard = Settings::empty("x".into(), false).guard;
        let (mut seen, mut passed) = (0, Vec::new());
        for vector in data["vectors"].as_array().unwrap() {
            let line = vector["line"].as_str().unwrap();
            let found = vector["commands"].as_array().unwrap().iter();
            let guarded = |c: &&Value| {
                let name = c["name"].as_str().unwrap_or_default().rsplit('/').next().unwrap().trim_end_matches(".exe");
                ["aws", "a", "aa", "tf", "terraform", "tofu", "kubectl", "eksctl"].contains(&name)
                    && c["in_function"] == false
                    && vector["parse"] == "ok"
            };
            let found: Vec<&Value> = found.filter(guarded).collect();
            // The prototype's own reading agrees on which commands these are.
            assert_eq!(found.len(), vector["guard"].as_array().unwrap().len(), "{line}");
            let text = found.iter().map(|c| written(line, c)).collect::<Vec<_>>().join("\u{1e}");
            let host = Host::fixed(&[("AWSENV_WORDS", &text)], "/h".as_ref(), Timestamp(0));
            let commands = typed(&host);
            assert_eq!(commands.len(), found.len(), "{line}");
            for (command, recorded) in commands.iter().zip(&found) {
                seen += 1;
                let expected = match (line, recorded["profile"].as_str(), recorded["env_profile"].as_str()) {
                    // The parser sees one word; the program that ran saw `--profile`, `dev`.
                    ("aws --% s3 ls --profile dev %HOME%", ..) => Some("dev"),
                    // An empty name is none: the AWS CLI takes the environment's.
                    (_, Some("") | None, inline) => inline,
                    (_, named, _) => named,
                };
                assert_eq!(about(command).as_deref(), expected, "{line}");
                if command.words.need_no_session(&guard) {
                    passed.push(line);
                }
            }
        }
        assert!(seen > 150, "{seen}");
        assert_eq!(passed, ["aws", "aws --profile dev;echo x"]);
    }

    #[test]
    fn hostile_words_are_words_only() {
        for text in ["", "\u{1e}\u{1f}\u{1e}", "é", "=\u{1f}", "?\u{1f}?\u{1f}=aws", "-\u{1f}=aws\u{1f}=--%"] {
            let host = Host::fixed(&[("AWSENV_WORDS", text)], "/h".as_ref(), Timestamp(0));
            for command in typed(&host) {
                about(&command);
            }
            let args = SwitchArgs {
                shell: Shell::PowerShell,
                protocol: 1,
                typed: 1,
                previous: OsString::new(),
                current: OsString::new(),
                args: Vec::new(),
            };
            in_variables(&args, &host);
        }
    }
}
