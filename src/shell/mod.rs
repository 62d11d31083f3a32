//! Text for a shell: quoting, and "these variables change" as that shell's own code.
//!
//! Quoting is the security boundary: every value that reaches a shell goes through that shell's one `quote`.

mod bash;
mod clink;
pub mod cmd;
mod code_page;
pub mod command_word;
mod fish;
pub mod hook_line;
mod nushell;
mod powershell;
pub mod start_file;
pub mod start_files;
mod zsh;

/// The shells that awsenv has a hook for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
    /// 5.1 and 7.
    #[value(name = "powershell")]
    PowerShell,
    #[value(alias = "nu")]
    Nushell,
    /// cmd.exe on its own.
    Cmd,
    /// cmd.exe with Clink, whose scripts are Lua.
    Clink,
}

impl Shell {
    /// All of them.
    pub const ALL: [Shell; 7] =
        [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::PowerShell, Shell::Nushell, Shell::Cmd, Shell::Clink];

    /// The name as it is written in `awsenv init NAME`.
    pub fn name(self) -> &'static str {
        match self {
            Shell::Bash => "bash",
            Shell::Zsh => "zsh",
            Shell::Fish => "fish",
            Shell::PowerShell => "powershell",
            Shell::Nushell => "nushell",
            Shell::Cmd => "cmd",
            Shell::Clink => "clink",
        }
    }

    /// The name of its program.
    pub fn program(self) -> &'static str {
        match self {
            Shell::PowerShell => "pwsh",
            Shell::Nushell => "nu",
            other => other.name(),
        }
    }

    /// The shell whose program lies at the end of this path, as it stands in `SHELL`.
    pub fn of_program(path: &str) -> Option<Shell> {
        let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
        let name = name.strip_suffix(".exe").unwrap_or(name);
        // Windows' own PowerShell has the other name.
        Shell::ALL.into_iter().find(|shell| name == shell.program() || name == shell.name())
    }

    /// One word that this shell reads back as exactly these bytes. NUL cannot be in a Unix shell's word and is dropped;
    /// for what cmd cannot read see [`cmd::readable`].
    pub fn quote(self, value: &[u8]) -> Vec<u8> {
        match self {
            Shell::Bash => bash::quote(value),
            Shell::Zsh => zsh::quote(value),
            Shell::Fish => fish::quote(value),
            Shell::PowerShell => powershell::quote(value),
            Shell::Nushell => nushell::quote(value),
            Shell::Cmd => cmd::quote(value),
            Shell::Clink => clink::quote(value),
        }
    }

    /// Why a variable of this shell cannot have this value; `None` where it can. (Without NUL, which no variable of a
    /// program holds, the other shells take any bytes.)
    pub fn refusal(self, value: &[u8]) -> Option<&'static str> {
        match self {
            Shell::Nushell => nushell::refusal(value),
            _ => None,
        }
    }

    /// A path as the shell itself tests and runs it. On Windows the shells of Unix live below MSYS2 or Cygwin.
    pub fn path(self, path: &std::path::Path) -> Vec<u8> {
        let path = path.as_os_str().as_encoded_bytes();
        match self {
            Shell::Bash | Shell::Zsh | Shell::Fish if cfg!(windows) => bash::mixed(path),
            _ => path.to_vec(),
        }
    }

    /// Lines of [`Shell::assign`] as the hook takes them: code, but for nushell, which runs no text that a program prints,
    /// the fields of one record.
    pub fn answer(self, lines: Vec<u8>) -> Vec<u8> {
        match self {
            Shell::Nushell => [b"{\n", lines.as_slice(), b"}\n"].concat(),
            _ => lines,
        }
    }

    /// Lines of [`Shell::assign`] in front of the hook.
    pub fn preamble(self, lines: Vec<u8>) -> Vec<u8> {
        match self {
            Shell::Nushell => [b"$env.__awsenv_given = ".to_vec(), self.answer(lines)].concat(),
            _ => lines,
        }
    }

    /// A line that sets an unexported global variable to one value (nushell: a field of the hook's record; cmd: an environment variable). `name` is one of
    /// our own names, never a user's text.
    pub fn assign(self, name: &str, value: &[u8]) -> Vec<u8> {
        let word = self.quote(value);
        match self {
            Shell::Bash => [name.as_bytes(), b"=", &word, b"\n"].concat(),
            // Plain `name=` in a function that loads the hook is a warning under warn_create_global.
            Shell::Zsh => [b"typeset -g ", name.as_bytes(), b"=", &word, b"\n"].concat(),
            Shell::Fish => [b"set -gu ", name.as_bytes(), b" ", &word, b"\n"].concat(),
            Shell::PowerShell => [b"$global:", name.as_bytes(), b" = ", &word, b"\n"].concat(),
            Shell::Nushell => [field(name), b": ", &word, b"\n"].concat(),
            Shell::Cmd => cmd::assign(name, value),
            Shell::Clink => [name.as_bytes(), b" = ", &word, b"\n"].concat(),
        }
    }

    /// A line that sets an unexported global list; in cmd, which has no lists, words with blanks between them.
    pub fn assign_list<T: AsRef<[u8]>>(self, name: &str, values: &[T]) -> Vec<u8> {
        let quoted: Vec<_> = values.iter().map(|v| self.quote(v.as_ref())).collect();
        let words: Vec<u8> = quoted.iter().flat_map(|word| [b" ", &word[..]].concat()).collect();
        match self {
            Shell::Bash => [name.as_bytes(), b"=(", &words, b" )\n"].concat(),
            Shell::Zsh => [b"typeset -g ", name.as_bytes(), b"=(", &words, b" )\n"].concat(),
            Shell::Fish => [b"set -gu ", name.as_bytes(), &words, b"\n"].concat(),
            Shell::PowerShell => [b"$global:", name.as_bytes(), b" = @(", &quoted.join(&b", "[..]), b")\n"].concat(),
            Shell::Nushell => [field(name), b": [", &words, b" ]\n"].concat(),
            Shell::Cmd => {
                let plain: Vec<&[u8]> = values.iter().map(AsRef::as_ref).collect();
                cmd::assign(name, &plain.join(&b' '))
            }
            Shell::Clink => [name.as_bytes(), b" = { ", &quoted.join(&b", "[..]), b" }\n"].concat(),
        }
    }

    /// A line that exports an environment variable, for `awsenv export` (nushell: a field for `load-env`). `name` must be a
    /// shell identifier.
    pub fn export(self, name: &str, value: &[u8]) -> Vec<u8> {
        let word = self.quote(value);
        match self {
            Shell::Bash | Shell::Zsh => [b"export ", name.as_bytes(), b"=", &word, b"\n"].concat(),
            Shell::Fish => [b"set -gx ", name.as_bytes(), b" ", &word, b"\n"].concat(),
            Shell::PowerShell => [b"$env:", name.as_bytes(), b" = ", &word, b"\n"].concat(),
            Shell::Nushell => [name.as_bytes(), b": ", &word, b"\n"].concat(),
            Shell::Cmd => [b"set \"", name.as_bytes(), b"=", value, b"\"\n"].concat(),
            Shell::Clink => [b"os.setenv(\"", name.as_bytes(), b"\", ", &word, b")\n"].concat(),
        }
    }

    /// A line that takes an environment variable away. `name` must be a shell identifier.
    pub fn unset(self, name: &str) -> Vec<u8> {
        match self {
            Shell::Bash | Shell::Zsh => [b"unset ", name.as_bytes(), b"\n"].concat(),
            Shell::Fish => [b"set -e ", name.as_bytes(), b"\n"].concat(),
            // The only form of them all that leaves nothing behind in every version.
            Shell::PowerShell => {
                [b"Remove-Item -LiteralPath Env:", name.as_bytes(), b" -ErrorAction Ignore\n"].concat()
            }
            // A variable without a value reaches no program.
            Shell::Nushell => [name.as_bytes(), b": null\n"].concat(),
            Shell::Cmd => [b"set \"", name.as_bytes(), b"=\"\n"].concat(),
            Shell::Clink => [b"os.setenv(\"", name.as_bytes(), b"\", nil)\n"].concat(),
        }
    }

    /// What a line of the hook begins with when it is only for readers of the file.
    pub fn comment(self) -> &'static str {
        match self {
            Shell::Bash | Shell::Zsh | Shell::Fish | Shell::PowerShell | Shell::Nushell => "#",
            Shell::Cmd => "@rem",
            Shell::Clink => "--",
        }
    }

    /// The hook: a real shell file, printed as it is behind the preamble of `init`.
    pub fn hook(self) -> &'static str {
        match self {
            Shell::Bash => include_str!("../../shell/bash.sh"),
            Shell::Zsh => include_str!("../../shell/zsh.zsh"),
            Shell::Fish => include_str!("../../shell/fish.fish"),
            Shell::PowerShell => include_str!("../../shell/powershell.ps1"),
            Shell::Nushell => include_str!("../../shell/nushell.nu"),
            Shell::Cmd => include_str!("../../shell/cmd.cmd"),
            Shell::Clink => include_str!("../../shell/clink.lua"),
        }
    }
}

/// A name of ours as a field of the one record that holds all of them.
fn field(name: &str) -> &[u8] {
    name.strip_prefix("__awsenv_").unwrap_or(name).as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_is_known_by_its_program() {
        let known = |path: &str| Shell::of_program(path).map(Shell::name);
        assert_eq!(known("/usr/local/bin/bash"), Some("bash"));
        assert_eq!(known("/usr/bin/pwsh"), Some("powershell"));
        assert_eq!(known(r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe"), Some("powershell"));
        assert_eq!(known("/opt/nu/bin/nu"), Some("nushell"));
        assert_eq!((known("/bin/rbash"), known("")), (None, None));
    }
}
