//! Text for a shell: quoting, and "these variables change" as that shell's own code.
//!
//! Quoting is the security boundary: every value that reaches a shell goes through that shell's one `quote`.

mod bash;
mod clink;
pub mod cmd;
mod code_page;
mod fish;
mod zsh;

/// The shells that awsenv has a hook for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
    /// cmd.exe on its own.
    Cmd,
    /// cmd.exe with Clink, whose scripts are Lua.
    Clink,
}

impl Shell {
    /// The name as it is written in `awsenv init NAME`.
    pub fn name(self) -> &'static str {
        match self {
            Shell::Bash => "bash",
            Shell::Zsh => "zsh",
            Shell::Fish => "fish",
            Shell::Cmd => "cmd",
            Shell::Clink => "clink",
        }
    }

    /// All of them.
    pub const ALL: [Shell; 5] = [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::Cmd, Shell::Clink];

    /// One word that this shell reads back as exactly these bytes. NUL cannot be in a Unix shell's word and is dropped;
    /// for what cmd cannot read see [`cmd::readable`].
    pub fn quote(self, value: &[u8]) -> Vec<u8> {
        match self {
            Shell::Bash => bash::quote(value),
            Shell::Zsh => zsh::quote(value),
            Shell::Fish => fish::quote(value),
            Shell::Cmd => cmd::quote(value),
            Shell::Clink => clink::quote(value),
        }
    }

    /// A line that sets an unexported global variable (cmd has none: an environment variable) to one value. `name` is one
    /// of our own names, never a user's text.
    pub fn assign(self, name: &str, value: &[u8]) -> Vec<u8> {
        let word = self.quote(value);
        match self {
            Shell::Bash => [name.as_bytes(), b"=", &word, b"\n"].concat(),
            // Plain `name=` in a function that loads the hook is a warning under warn_create_global.
            Shell::Zsh => [b"typeset -g ", name.as_bytes(), b"=", &word, b"\n"].concat(),
            Shell::Fish => [b"set -gu ", name.as_bytes(), b" ", &word, b"\n"].concat(),
            Shell::Cmd => cmd::assign(name, value),
            Shell::Clink => [name.as_bytes(), b" = ", &word, b"\n"].concat(),
        }
    }

    /// A line that sets an unexported global list; in cmd, which has no lists, words with blanks between them.
    pub fn assign_list<T: AsRef<[u8]>>(self, name: &str, values: &[T]) -> Vec<u8> {
        let words: Vec<u8> = values.iter().flat_map(|v| [b" ".to_vec(), self.quote(v.as_ref())].concat()).collect();
        match self {
            Shell::Bash => [name.as_bytes(), b"=(", &words, b" )\n"].concat(),
            Shell::Zsh => [b"typeset -g ", name.as_bytes(), b"=(", &words, b" )\n"].concat(),
            Shell::Fish => [b"set -gu ", name.as_bytes(), &words, b"\n"].concat(),
            Shell::Cmd => {
                let plain: Vec<&[u8]> = values.iter().map(AsRef::as_ref).collect();
                cmd::assign(name, &plain.join(&b' '))
            }
            Shell::Clink => {
                let quoted: Vec<_> = values.iter().map(|v| self.quote(v.as_ref())).collect();
                [name.as_bytes(), b" = { ", &quoted.join(&b", "[..]), b" }\n"].concat()
            }
        }
    }

    /// A line that exports an environment variable, for `awsenv export`. `name` must be a shell identifier.
    pub fn export(self, name: &str, value: &[u8]) -> Vec<u8> {
        let word = self.quote(value);
        match self {
            Shell::Bash | Shell::Zsh => [b"export ", name.as_bytes(), b"=", &word, b"\n"].concat(),
            Shell::Fish => [b"set -gx ", name.as_bytes(), b" ", &word, b"\n"].concat(),
            Shell::Cmd => [b"set \"", name.as_bytes(), b"=", value, b"\"\n"].concat(),
            Shell::Clink => [b"os.setenv(\"", name.as_bytes(), b"\", ", &word, b")\n"].concat(),
        }
    }

    /// A line that takes an environment variable away. `name` must be a shell identifier.
    pub fn unset(self, name: &str) -> Vec<u8> {
        match self {
            Shell::Bash | Shell::Zsh => [b"unset ", name.as_bytes(), b"\n"].concat(),
            Shell::Fish => [b"set -e ", name.as_bytes(), b"\n"].concat(),
            Shell::Cmd => [b"set \"", name.as_bytes(), b"=\"\n"].concat(),
            Shell::Clink => [b"os.setenv(\"", name.as_bytes(), b"\", nil)\n"].concat(),
        }
    }

    /// What a line of the hook begins with when it is only for readers of the file.
    pub fn comment(self) -> &'static str {
        match self {
            Shell::Bash | Shell::Zsh | Shell::Fish => "#",
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
            Shell::Cmd => include_str!("../../shell/cmd.cmd"),
            Shell::Clink => include_str!("../../shell/clink.lua"),
        }
    }
}
