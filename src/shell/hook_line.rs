//! Lines of start files: which of them loads the hook, and with what command a part of a line begins.

use super::Shell;

/// Words that a command may stand behind.
const IN_FRONT: [&str; 11] = ["then", "do", "else", "elif", "if", "while", "!", "and", "or", "builtin", "\\builtin"];

/// Commands that only say their words, or keep them for later.
const SAYING: [&str; 10] =
    ["alias", "abbr", "echo", "printf", "print", "write-host", "write-output", "bind", "complete", "set-alias"];

/// Whether this line loads the hook, or saves what loads it to a file: no comment, and no text that only mentions it.
pub fn is_hook_line(line: &str, shell: Shell) -> bool {
    let line = line.trim();
    if is_comment(line, shell) {
        return false;
    }
    let names = [format!("init {}", shell.name()), format!("init {}", shell.program())];
    let Some(at) = names.iter().filter_map(|name| line.find(name)).min() else { return false };
    let Some(at) = line[..at].rfind("awsenv") else { return false };
    let command = command_at(line, at);
    !says(command) && is_used(line, &line[at..], command, shell)
}

/// Whether the whole line is a comment.
pub fn is_comment(line: &str, shell: Shell) -> bool {
    ["#", shell.comment()].iter().any(|mark| line.trim_start().starts_with(mark))
}

/// The command around the byte `at` of a line, from its first word to the line's end: quotes hold what is in them
/// together.
pub fn command_at(line: &str, at: usize) -> &str {
    let (mut start, mut quote) = (0, None);
    let mut escaped = false;
    for (index, c) in line.char_indices().take_while(|(index, _)| *index < at) {
        match (c, quote) {
            _ if escaped => escaped = false,
            ('\\', None | Some('"')) => escaped = true,
            (_, Some(open)) if c == open => quote = None,
            (_, Some(_)) => {}
            ('"' | '\'', None) => quote = Some(c),
            // One `&` calls in PowerShell.
            ('&', None) if line[..index].ends_with('&') => start = index + 1,
            (';' | '|' | '{', None) => start = index + 1,
            _ => {}
        }
    }
    let mut command = line[start..].trim_start();
    while let Some((word, rest)) = command.split_once(char::is_whitespace)
        && IN_FRONT.contains(&word)
    {
        command = rest.trim_start();
    }
    command
}

/// Whether a command only says its words, or keeps them for later.
pub fn says(command: &str) -> bool {
    let first = command.split_whitespace().next().unwrap_or_default().to_lowercase();
    SAYING.contains(&first.as_str())
}

/// Whether what `awsenv init` prints (`from` there) is run, kept in a variable, or saved.
fn is_used(line: &str, from: &str, command: &str, shell: Shell) -> bool {
    let lower = line.to_lowercase();
    let mut words = lower.split(|c: char| c.is_whitespace() || "\"'`;|&(){}$\\".contains(c));
    let runs =
        |word: &str| matches!(word, "eval" | "source" | "." | "invoke-expression" | "iex" | "load" | "loadstring");
    // `name=$(…`, `$name = …`, `let name = …`, `set name (…`.
    let first = command.split_whitespace().next().unwrap_or_default();
    let assigns = match shell {
        Shell::Bash | Shell::Zsh => command.split_once('=').is_some_and(|(name, value)| {
            !name.is_empty() && !name.contains('(') && value.trim_start_matches('"').starts_with(['$', '`'])
        }),
        Shell::Fish => first == "set",
        Shell::Nushell => first == "let",
        Shell::PowerShell => first.starts_with('$') && command.contains('='),
        Shell::Cmd | Shell::Clink => command.contains('='),
    };
    let saves = ["save", "tee", "out-file", "set-content"];
    let behind = from.to_lowercase();
    let saved = behind.contains('>') || behind.split_whitespace().any(|word| saves.contains(&word));
    words.any(runs) || assigns || saved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_only_mentions_the_hook_does_not_load_it() {
        for (shell, line) in [
            (Shell::Bash, "alias x='awsenv init bash'"),
            (Shell::Bash, "alias x='eval \"$(awsenv init bash)\"'"),
            (Shell::Bash, "echo \"add eval \\\"\\$(awsenv init bash)\\\" to it\""),
            (Shell::Zsh, "if true; then print 'run; eval awsenv init zsh'; fi"),
            (Shell::Bash, "awsenv init bash"),
            (Shell::Fish, "abbr hook 'awsenv init fish | source'"),
            (Shell::PowerShell, "Write-Host 'awsenv init powershell | Invoke-Expression'"),
        ] {
            assert!(!is_hook_line(line, shell), "{line}");
        }
    }

    #[test]
    fn a_line_that_runs_or_saves_it_does() {
        for (shell, line) in [
            (Shell::Bash, "eval \"$(awsenv init bash)\""),
            (Shell::Bash, "command -v awsenv >/dev/null && eval \"$(~/bin/awsenv init bash --no-prompt)\""),
            (Shell::Bash, "echo hello; \\builtin eval \"$(awsenv init bash)\""),
            (Shell::Bash, "if [ -t 0 ]; then . <(awsenv init bash); fi"),
            (Shell::Bash, "hook=$(awsenv init bash); eval \"$hook\""),
            (Shell::Zsh, "hook=\"$(awsenv init zsh)\""),
            (Shell::Zsh, "awsenv init zsh >~/.cache/awsenv.zsh"),
            (Shell::Fish, "status is-interactive; and awsenv init fish | source"),
            (Shell::Nushell, "awsenv init nushell | save --force x.nu"),
            (Shell::PowerShell, "Invoke-Expression (& awsenv init powershell | Out-String)"),
            (Shell::PowerShell, "(& awsenv init pwsh | Out-String) | iex"),
            (Shell::PowerShell, ". ([scriptblock]::Create((awsenv init powershell) -join \"`n\"))"),
            (Shell::Cmd, "awsenv init cmd > \"%LOCALAPPDATA%\\awsenv.cmd\""),
            (Shell::Clink, "load(io.popen('awsenv init clink'):read('*a'))()"),
            (Shell::Clink, "local f = io.popen('awsenv init clink')"),
        ] {
            assert!(is_hook_line(line, shell), "{line}");
        }
    }
}
