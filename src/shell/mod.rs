//! Text for a shell: quoting, and "these variables change" as that shell's own code.
//!
//! Quoting is the security boundary: every value that reaches a shell goes through that shell's one `quote`.

mod bash;
mod fish;
mod powershell;
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
}

impl Shell {
    /// The name as it is written in `awsenv init NAME`.
    pub fn name(self) -> &'static str {
        match self {
            Shell::Bash => "bash",
            Shell::Zsh => "zsh",
            Shell::Fish => "fish",
            Shell::PowerShell => "powershell",
        }
    }

    /// The shell of a program's path, as it stands in `SHELL`.
    pub fn of_program(path: &str) -> Option<Self> {
        let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
        match name.strip_suffix(".exe").unwrap_or(name) {
            "bash" => Some(Shell::Bash),
            "zsh" => Some(Shell::Zsh),
            "fish" => Some(Shell::Fish),
            "pwsh" | "powershell" => Some(Shell::PowerShell),
            _ => None,
        }
    }

    /// One word that this shell reads back as exactly these bytes. NUL cannot be in a Unix shell's word and is dropped.
    pub fn quote(self, value: &[u8]) -> Vec<u8> {
        match self {
            Shell::Bash => bash::quote(value),
            Shell::Zsh => zsh::quote(value),
            Shell::Fish => fish::quote(value),
            Shell::PowerShell => powershell::quote(value),
        }
    }

    /// A line that sets an unexported global variable to one value. `name` is one of our own names, never a user's text.
    pub fn assign(self, name: &str, value: &[u8]) -> Vec<u8> {
        let word = self.quote(value);
        match self {
            Shell::Bash => [name.as_bytes(), b"=", &word, b"\n"].concat(),
            // Plain `name=` in a function that loads the hook is a warning under warn_create_global.
            Shell::Zsh => [b"typeset -g ", name.as_bytes(), b"=", &word, b"\n"].concat(),
            Shell::Fish => [b"set -gu ", name.as_bytes(), b" ", &word, b"\n"].concat(),
            Shell::PowerShell => [b"$global:", name.as_bytes(), b" = ", &word, b"\n"].concat(),
        }
    }

    /// A line that sets an unexported global list.
    pub fn assign_list<T: AsRef<[u8]>>(self, name: &str, values: &[T]) -> Vec<u8> {
        let quoted: Vec<_> = values.iter().map(|v| self.quote(v.as_ref())).collect();
        let words: Vec<u8> = quoted.iter().flat_map(|word| [b" ", &word[..]].concat()).collect();
        match self {
            Shell::Bash => [name.as_bytes(), b"=(", &words, b" )\n"].concat(),
            Shell::Zsh => [b"typeset -g ", name.as_bytes(), b"=(", &words, b" )\n"].concat(),
            Shell::Fish => [b"set -gu ", name.as_bytes(), &words, b"\n"].concat(),
            Shell::PowerShell => [b"$global:", name.as_bytes(), b" = @(", &quoted.join(&b", "[..]), b")\n"].concat(),
        }
    }

    /// A line that exports an environment variable, for `awsenv export`. `name` must be a shell identifier.
    pub fn export(self, name: &str, value: &[u8]) -> Vec<u8> {
        let word = self.quote(value);
        match self {
            Shell::Bash | Shell::Zsh => [b"export ", name.as_bytes(), b"=", &word, b"\n"].concat(),
            Shell::Fish => [b"set -gx ", name.as_bytes(), b" ", &word, b"\n"].concat(),
            Shell::PowerShell => [b"$env:", name.as_bytes(), b" = ", &word, b"\n"].concat(),
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
        }
    }

    /// The hook: a real shell file, printed as it is behind the preamble of `init`.
    pub fn hook(self) -> &'static str {
        match self {
            Shell::Bash => include_str!("../../shell/bash.sh"),
            Shell::Zsh => include_str!("../../shell/zsh.zsh"),
            Shell::Fish => include_str!("../../shell/fish.fish"),
            Shell::PowerShell => include_str!("../../shell/powershell.ps1"),
        }
    }
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
        assert_eq!((known("/bin/rbash"), known("")), (None, None));
    }
}
