//! The command lines that hooks, prompts and SDKs send, read without clap.
//!
//! Building clap's tree costs these commands as much as everything else they do (0.3 of 0.6 ms), and they are started at
//! prompts and by every SDK call. Only lines of exactly the expected form are read here; flags, help and mistakes are
//! clap's, so that one place explains. A test compares both readings.

use std::ffi::{OsStr, OsString};

use super::{Command, CredentialsArgs, GuardArgs, InitArgs, SwitchArgs, UseArgs};
use crate::shell::Shell;

/// The command in the words behind the program's name; `None` where clap shall read them.
pub fn command(words: &[OsString]) -> Option<Command> {
    let (name, rest) = words.split_first()?;
    match (name.to_str()?, rest) {
        ("prompt", []) => Some(Command::Prompt),
        ("init", [shell]) => {
            let (no_prompt, no_guard, use_profile, part) = (false, false, None, Vec::new());
            Some(Command::Init(InitArgs { shell: self::shell(shell)?, no_prompt, no_guard, use_profile, part }))
        }
        ("hook", [shell, protocol]) => hook(shell, protocol, None),
        ("hook", [shell, protocol, first]) if first == "first" => hook(shell, protocol, Some("first".into())),
        ("guard", [shell, protocol, pid, line, dashes, command @ ..]) if dashes == "--" => {
            Some(Command::Guard(GuardArgs {
                shell: self::shell(shell)?,
                protocol: number(protocol)?,
                pid: number(pid)?,
                line: number(line)?,
                command: command.to_vec(),
            }))
        }
        ("switch", [shell, protocol, typed, previous, current, dashes, args @ ..]) if dashes == "--" => {
            Some(Command::Switch(SwitchArgs {
                shell: self::shell(shell)?,
                protocol: number(protocol)?,
                typed: number(typed)?,
                previous: value(previous)?,
                current: value(current)?,
                args: args.to_vec(),
            }))
        }
        ("credentials", [flag, profile]) if flag == "--no-ask" => {
            Some(Command::Credentials(CredentialsArgs { no_ask: true, long_term: false, profile: value(profile)? }))
        }
        ("credentials", [profile]) => {
            Some(Command::Credentials(CredentialsArgs { no_ask: false, long_term: false, profile: value(profile)? }))
        }
        _ => None,
    }
}

/// `awsenv use NAME`, and nothing more.
pub fn use_line(words: &[OsString]) -> Option<UseArgs> {
    match words {
        [profile] if profile == "-" || !profile.is_empty() => {
            let profile = if profile == "-" { profile.clone() } else { value(profile)? };
            Some(UseArgs { profile: Some(profile), code: None, region: None })
        }
        _ => None,
    }
}

fn hook(shell: &OsStr, protocol: &OsStr, first: Option<String>) -> Option<Command> {
    Some(Command::Hook { shell: self::shell(shell)?, protocol: number(protocol)?, first })
}

fn shell(word: &OsStr) -> Option<Shell> {
    Shell::ALL.into_iter().find(|shell| word == shell.name())
}

/// A number as it is printed; `+1`, `01` and the like go to clap.
fn number<N: std::str::FromStr + ToString>(word: &OsStr) -> Option<N> {
    let word = word.to_str()?;
    word.parse().ok().filter(|number: &N| number.to_string() == word)
}

/// A word that cannot be meant as a flag.
fn value(word: &OsStr) -> Option<OsString> {
    (!word.as_encoded_bytes().starts_with(b"-")).then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use proptest::prelude::*;

    use super::*;
    use crate::cli::{Cli, UseLine};

    fn words() -> impl Strategy<Value = Vec<OsString>> {
        let word = prop_oneof![
            4 => proptest::sample::select(vec![
                "bash", "zsh", "fish", "powershell", "nushell", "nu", "cmd", "clink", "1", "0", "2", "300", "+1", "01", "-1", "--", "-", "", "dev", "--help", "--no-ask", "-h",
                "--region", "first", "eu", "aws", "it's",
            ]).prop_map(OsString::from),
            1 => "[a-z -]{0,4}".prop_map(OsString::from),
        ];
        proptest::collection::vec(word, 0..8)
    }

    fn commands() -> impl Strategy<Value = Vec<OsString>> {
        let name = proptest::sample::select(vec!["prompt", "init", "hook", "guard", "switch", "credentials", "use"]);
        (name, words()).prop_map(|(name, rest)| [vec![OsString::from(name)], rest].concat())
    }

    /// The lines as the hooks send them, with any words at the end.
    fn hooks() -> impl Strategy<Value = Vec<OsString>> {
        let fixed = proptest::sample::select(vec![
            "guard bash 1 77 3 --",
            "guard fish 1 77 3 --",
            "guard powershell 1 77 3 --",
            "guard nushell 1 77 3 --",
            "switch zsh 1 1 dev prod --",
            "switch zsh 1 0 - dev --",
            "switch clink 1 1 . . --",
            "guard cmd 1 0 0 --",
            "credentials --no-ask",
            "init fish",
        ]);
        let split = |line: &str| line.split(' ').map(OsString::from).collect::<Vec<_>>();
        (fixed, words()).prop_map(move |(fixed, rest)| [split(fixed), rest].concat())
    }

    fn agree(words: &[OsString]) {
        if let Some(ours) = command(words) {
            let line = [vec![OsString::from("awsenv")], words.to_vec()].concat();
            let theirs = Cli::try_parse_from(&line).unwrap_or_else(|e| panic!("{words:?}: {ours:?}\n{e}"));
            assert_eq!(format!("{ours:?}"), format!("{:?}", theirs.command), "{words:?}");
        }
        if let Some(ours) = use_line(words) {
            let line = [vec![OsString::from("use")], words.to_vec()].concat();
            let theirs = UseLine::try_parse_from(&line).unwrap_or_else(|e| panic!("{words:?}: {ours:?}\n{e}"));
            assert_eq!(format!("{ours:?}"), format!("{:?}", theirs.args), "{words:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_read_here_clap_reads_the_same(any in commands(), hook in hooks(), line in words()) {
            agree(&any);
            agree(&hook);
            agree(&line);
        }
    }

    #[test]
    fn the_hooks_lines_are_read_here() {
        for line in [
            "prompt",
            "init bash",
            "hook zsh 1",
            "hook zsh 1 first",
            "guard fish 1 4242 7 -- aws s3 ls --profile x",
            "switch bash 1 1 dev prod -- dev",
            "switch cmd 1 1 . . --",
            "guard cmd 1 0 0 -- aws s3 ls",
            "hook clink 1",
            "credentials dev",
            "credentials --no-ask dev",
        ] {
            let words: Vec<_> = line.split(' ').map(OsString::from).collect();
            assert!(command(&words).is_some(), "{line}");
            agree(&words);
        }
    }
}
