//! Which other tool wrote a profile, by its keys alone: nothing is run.
//!
//! The forms: granted's `pkg/cfaws/granted_config.go` and awsconfigfile, aws-sso-cli's config template
//! (`PATH/aws-sso -S "NAME" process --arn ARN`), aws-vault's documented `credential_process` lines.

use bstr::ByteSlice;

use super::Profile;

/// A tool whose profiles get their keys by running it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tool {
    Granted,
    AwsSsoCli,
    AwsVault,
}

impl Tool {
    /// The name that its users know.
    pub fn name(self) -> &'static str {
        match self {
            Tool::Granted => "granted",
            Tool::AwsSsoCli => "aws-sso-cli",
            Tool::AwsVault => "aws-vault",
        }
    }

    /// The tool behind a `credential_process`.
    pub fn of_command(line: &str) -> Option<Tool> {
        let (program, arguments) = program(line);
        let has = |word: &str| arguments.split_whitespace().any(|argument| argument == word);
        match program {
            "granted" | "dgranted" if has("credential-process") => Some(Tool::Granted),
            "aws-sso" if has("process") => Some(Tool::AwsSsoCli),
            "aws-vault" if has("exec") || has("export") => Some(Tool::AwsVault),
            _ => None,
        }
    }
}

impl Profile<'_> {
    /// The tool that its keys come from.
    pub fn tool(&self) -> Option<Tool> {
        let command = self.get("credential_process")?;
        Tool::of_command(command.text.to_str().ok()?)
    }
}

/// The file name of a command's program without `.exe`, and what stands behind it. Blanks, and backslashes as Windows'
/// paths have them, count as they do to the one who wrote the line.
fn program(line: &str) -> (&str, &str) {
    let line = line.trim();
    let quote = line.chars().next().filter(|c| matches!(c, '"' | '\''));
    let (path, rest) = match quote {
        Some(quote) => line[1..].split_once(quote).unwrap_or((&line[1..], "")),
        None => line.split_once(char::is_whitespace).unwrap_or((line, "")),
    };
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let is_exe = name.len() > 4 && name.as_bytes()[name.len() - 4..].eq_ignore_ascii_case(b".exe");
    (if is_exe { &name[..name.len() - 4] } else { name }, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_are_known_by_what_they_write() {
        for (line, tool) in [
            ("granted credential-process --profile prod/Admin", Some(Tool::Granted)),
            ("/opt/homebrew/bin/granted credential-process --auto-login --profile a", Some(Tool::Granted)),
            ("/usr/bin/aws-sso -u open -S \"Default\" process --arn arn:aws:iam::1:role/x", Some(Tool::AwsSsoCli)),
            ("\"C:\\Program Files\\aws-sso.exe\" -S \"Default\" process --arn x", Some(Tool::AwsSsoCli)),
            ("aws-vault exec --json --no-session dev", Some(Tool::AwsVault)),
            ("C:\\bin\\aws-vault.EXE export --format=json dev", Some(Tool::AwsVault)),
            ("aws-vault list", None),
            ("/usr/local/bin/keys process", None),
            ("granted-wrapper credential-process", None),
            ("\"open", None),
            ("", None),
            ("é.x", None),
        ] {
            assert_eq!(Tool::of_command(line), tool, "{line}");
        }
    }
}
