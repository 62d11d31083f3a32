//! A guarded command's words: which profile it names, and whether it needs a session at all.

use std::ffi::OsString;

use crate::host::Host;
use crate::profile::ProfileName;
use crate::settings::Guard;

/// Options of the AWS CLI that take a value, and may stand before the service's name.
const AWS_GLOBAL_VALUES: [&str; 10] = [
    "--output",
    "--query",
    "--profile",
    "--region",
    "--color",
    "--ca-bundle",
    "--cli-read-timeout",
    "--cli-connect-timeout",
    "--endpoint-url",
    "--cli-binary-format",
];

/// A word as far as it is known before the command runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    Known(OsString),
    /// As it was typed: what it becomes, only running the line would tell.
    Unknown(String),
}

/// The profile that a command's words name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    None,
    Profile(ProfileName),
    Unknown,
}

/// The command's name without a folder, and what stands behind it.
pub struct Words {
    command: String,
    args: Vec<Word>,
}

impl Word {
    /// The word as it is known, else nothing that is equal to any word.
    fn text(&self) -> &str {
        match self {
            Word::Known(word) => word.to_str().unwrap_or("?"),
            Word::Unknown(_) => "?",
        }
    }
}

impl Words {
    pub fn of(line: &[OsString]) -> Self {
        Self::new(line.iter().cloned().map(Word::Known).collect())
    }

    pub fn new(mut line: Vec<Word>) -> Self {
        let args = line.split_off(line.len().min(1));
        let name = match line.first() {
            Some(Word::Known(name)) => name.to_string_lossy().into_owned(),
            _ => String::new(),
        };
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default().trim_end_matches(".exe").to_owned();
        Words { command: name, args }
    }

    /// The words of one command as Clink's hook hands it over: as it was typed, in a variable, for a second cmd, the one
    /// that starts us, would read it again.
    pub fn typed_in_cmd(host: &Host) -> Self {
        let text = host.var("__awsenv_words").map(|w| w.to_string_lossy().into_owned()).unwrap_or_default();
        Self::of(&split_as_cmd(&text))
    }

    pub fn command(&self) -> &str {
        &self.command
    }

    /// The profile named by an option, in any of its spellings: `--profile X`, `--profile=X`, the AWS CLI's abbreviations
    /// (`--prof X`), serverless's `--aws-profile X`, eksctl's `-p X`.
    pub fn profile(&self) -> Named {
        let mut found = Named::None;
        let mut args = self.args.iter();
        while let Some(arg) = args.next() {
            let (bytes, is_known) = match arg {
                Word::Known(word) => (word.as_encoded_bytes(), true),
                // `"--profile=$x"` says that much.
                Word::Unknown(source) => {
                    (source.trim_start_matches(['"', '\u{201c}', '\u{201d}', '\u{201e}']).as_bytes(), false)
                }
            };
            if is_known && bytes == b"--" {
                break;
            }
            let (option, joined) = match bytes.iter().position(|b| *b == b'=') {
                Some(at) if bytes.starts_with(b"--") => (&bytes[..at], Some(&bytes[at + 1..])),
                _ => (bytes, None),
            };
            if !self.names_profile(option) {
                continue;
            }
            let named = match joined {
                Some(_) if !is_known => Named::Unknown,
                Some(value) => named(value),
                None if !is_known => continue,
                None => match args.next() {
                    Some(Word::Known(value)) => named(value.as_encoded_bytes()),
                    Some(Word::Unknown(_)) => Named::Unknown,
                    None => Named::None,
                },
            };
            // The last one counts, as in every option parser.
            if named != Named::None {
                found = named;
            }
        }
        found
    }

    fn names_profile(&self, option: &[u8]) -> bool {
        match option {
            b"--profile" => true,
            b"--aws-profile" => true,
            b"-p" => self.command == "eksctl",
            // argparse takes any beginning that fits one option only; `--p` and `--pr` fit none other either.
            _ => self.command == "aws" && option.len() >= 4 && b"--profile".starts_with(option),
        }
    }

    /// Whether this needs no session: help, versions, signing in and out, work on local files.
    pub fn need_no_session(&self, guard: &Guard) -> bool {
        let has = |word: &str| self.args.iter().any(|a| a.text() == word);
        if self.args.is_empty() || has("--help") || has("--version") {
            return true;
        }
        let Some(first) = self.first_word() else { return true };
        let second = self.args.iter().map(Word::text).skip_while(|a| *a != first).nth(1).unwrap_or_default();
        let passed = match self.command.as_str() {
            "aws" => {
                ["configure", "login", "logout", "help"].contains(&first)
                    || (first == "sso" && ["login", "logout", "help", ""].contains(&second))
                    || self.args.last().is_some_and(|a| a.text() == "help")
                    || has("--no-sign-request")
            }
            "terraform" | "tofu" | "terragrunt" => ["fmt", "validate", "version", "get", "providers"].contains(&first),
            "packer" => ["fmt", "validate", "version", "init", "plugins"].contains(&first),
            "cdk" => ["init", "doctor"].contains(&first),
            "sam" => ["init", "validate"].contains(&first),
            "eksctl" => ["version", "completion"].contains(&first),
            "pulumi" => ["version", "plugin"].contains(&first),
            _ => false,
        };
        passed || guard.pass.get(&self.command).is_some_and(|words| words.iter().any(|w| w == first))
    }

    /// The first word that is no option and no option's value.
    fn first_word(&self) -> Option<&str> {
        let mut args = self.args.iter();
        while let Some(arg) = args.next() {
            let arg = arg.text();
            if self.command == "aws"
                && AWS_GLOBAL_VALUES.iter().any(|o| o == &arg || (arg.len() >= 4 && o.starts_with(arg)))
            {
                args.next();
            } else if !arg.starts_with('-') {
                return Some(arg);
            }
        }
        None
    }
}

/// An empty name is none.
fn named(value: &[u8]) -> Named {
    if value.is_empty() { Named::None } else { Named::Profile(ProfileName::from(value.to_vec())) }
}

/// Words as cmd and the programs under it see them, without redirections: blanks separate outside quotes, a caret outside
/// quotes escapes, `>file`, `2>&1` and the like are nobody's arguments.
fn split_as_cmd(text: &str) -> Vec<OsString> {
    let mut words = Vec::new();
    let (mut word, mut begun, mut quoted, mut redirects) = (String::new(), false, false, false);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                (quoted, begun) = (!quoted, true);
                continue;
            }
            '^' if !quoted => word.extend(chars.next()),
            ' ' | '\t' if !quoted => {
                // Behind a bare `>` the file's name is still to come.
                if begun && !(redirects && word.is_empty()) {
                    let ended = std::mem::take(&mut word);
                    words.extend(Some(ended.into()).filter(|_| !std::mem::take(&mut redirects)));
                    begun = false;
                }
                continue;
            }
            '<' | '>' if !quoted => {
                // The number of a handle belongs to it, and so does the second `>`.
                let before = std::mem::take(&mut word);
                if begun && !redirects && !before.is_empty() && before.parse::<u8>().is_err() {
                    words.push(before.into());
                }
                redirects = true;
            }
            _ => word.push(c),
        }
        begun = true;
    }
    if begun && !redirects {
        words.push(word.into());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    fn words(line: &str) -> Words {
        Words::of(&line.split(' ').map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn the_profile_is_found_in_every_spelling() {
        for line in [
            "aws s3 ls --profile x",
            "aws --profile=x s3 ls",
            "aws --prof x s3 ls",
            "sls deploy --aws-profile x",
            "eksctl get cluster -p x",
        ] {
            assert_eq!(words(line).profile(), Named::Profile("x".into()), "{line}");
        }
        for line in ["aws s3 ls", "kubectl -p x", "aws s3 cp -- --profile x", "aws s3 ls --page-size 5"] {
            assert_eq!(words(line).profile(), Named::None, "{line}");
        }
    }

    #[test]
    fn a_line_of_cmd_gives_its_words() {
        let words = |line: &str| split_as_cmd(line).iter().map(|w| w.to_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(words(r#"aws  s3 ls "a b"c --profile "x y""#), ["aws", "s3", "ls", "a bc", "--profile", "x y"]);
        assert_eq!(words(r#"aws s3 ls >out.txt 2>&1 x"#), ["aws", "s3", "ls", "x"]);
        assert_eq!(words("aws s3 ls > out.txt 2>nul"), ["aws", "s3", "ls"]);
        assert_eq!(words(r#"aws a^&b "c^d" """#), ["aws", "a&b", "c^d", ""]);
        assert_eq!(words("aws s3 ls<in"), ["aws", "s3", "ls"]);
    }

    #[test]
    fn what_needs_no_session_passes() {
        let guard = Settings::empty("x".into(), false).guard;
        let passed = [
            "aws",
            "aws --version",
            "aws sso login --profile x",
            "aws --region eu-west-1 configure list-profiles",
            "aws s3 help",
            "aws s3 ls --no-sign-request",
            "aws login",
            "terraform fmt",
            "terraform -chdir=x validate",
            "cdk init",
            "pulumi version",
        ];
        for line in passed {
            assert!(words(line).need_no_session(&guard), "{line}");
        }
        for line in [
            "aws s3 ls",
            "aws sso list-accounts",
            "aws --output json sts get-caller-identity",
            "terraform plan",
            "aws s3 cp a b",
        ] {
            assert!(!words(line).need_no_session(&guard), "{line}");
        }
    }
}
