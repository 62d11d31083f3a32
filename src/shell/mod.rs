//! Text for a shell: quoting, and "these variables change" as that shell's own code.
//!
//! Quoting is the security boundary: every value that reaches a shell goes through that shell's one `quote`.

mod bash;
mod fish;
mod nushell;
mod zsh;

/// The shells that awsenv has a hook for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
    #[value(alias = "nu")]
    Nushell,
}

impl Shell {
    /// All of them.
    pub const ALL: [Shell; 4] = [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::Nushell];

    /// The name as it is written in `awsenv init NAME`.
    pub fn name(self) -> &'static str {
        match self {
            Shell::Bash => "bash",
            Shell::Zsh => "zsh",
            Shell::Fish => "fish",
            Shell::Nushell => "nushell",
        }
    }

    /// The name of its program.
    pub fn program(self) -> &'static str {
        match self {
            Shell::Nushell => "nu",
            other => other.name(),
        }
    }

    /// The shell whose program lies at the end of this path.
    pub fn of_program(path: &str) -> Option<Shell> {
        let name = path.rsplit(['/', '\\']).next().unwrap_or_default().trim_end_matches(".exe");
        Shell::ALL.into_iter().find(|shell| name == shell.program())
    }

    /// One word that this shell reads back as exactly these bytes. NUL cannot be in a shell's word and is dropped.
    pub fn quote(self, value: &[u8]) -> Vec<u8> {
        match self {
            Shell::Bash => bash::quote(value),
            Shell::Zsh => zsh::quote(value),
            Shell::Fish => fish::quote(value),
            Shell::Nushell => nushell::quote(value),
        }
    }

    /// Why a variable of this shell cannot have this value; `None` where it can. (Without NUL, which no variable of a
    /// program holds, the other shells take any bytes.)
    pub fn refusal(self, value: &[u8]) -> Option<&'static str> {
        match self {
            Shell::Nushell => nushell::refusal(value),
            Shell::Bash | Shell::Zsh | Shell::Fish => None,
        }
    }

    /// Lines of [`Shell::assign`] as the hook takes them: code, but for nushell, which runs no text that a program prints,
    /// the fields of one record.
    pub fn answer(self, lines: Vec<u8>) -> Vec<u8> {
        match self {
            Shell::Bash | Shell::Zsh | Shell::Fish => lines,
            Shell::Nushell => [b"{\n", lines.as_slice(), b"}\n"].concat(),
        }
    }

    /// Lines of [`Shell::assign`] in front of the hook.
    pub fn preamble(self, lines: Vec<u8>) -> Vec<u8> {
        match self {
            Shell::Bash | Shell::Zsh | Shell::Fish => lines,
            Shell::Nushell => [b"$env.__awsenv_given = ".to_vec(), self.answer(lines)].concat(),
        }
    }

    /// A line that sets an unexported global variable to one value (nushell: a field of the hook's record). `name` is one of
    /// our own names, never a user's text.
    pub fn assign(self, name: &str, value: &[u8]) -> Vec<u8> {
        let word = self.quote(value);
        match self {
            Shell::Bash => [name.as_bytes(), b"=", &word, b"\n"].concat(),
            // Plain `name=` in a function that loads the hook is a warning under warn_create_global.
            Shell::Zsh => [b"typeset -g ", name.as_bytes(), b"=", &word, b"\n"].concat(),
            Shell::Fish => [b"set -gu ", name.as_bytes(), b" ", &word, b"\n"].concat(),
            Shell::Nushell => [field(name), b": ", &word, b"\n"].concat(),
        }
    }

    /// A line that sets an unexported global list.
    pub fn assign_list<T: AsRef<[u8]>>(self, name: &str, values: &[T]) -> Vec<u8> {
        let words: Vec<u8> = values.iter().flat_map(|v| [b" ".to_vec(), self.quote(v.as_ref())].concat()).collect();
        match self {
            Shell::Bash => [name.as_bytes(), b"=(", &words, b" )\n"].concat(),
            Shell::Zsh => [b"typeset -g ", name.as_bytes(), b"=(", &words, b" )\n"].concat(),
            Shell::Fish => [b"set -gu ", name.as_bytes(), &words, b"\n"].concat(),
            Shell::Nushell => [field(name), b": [", &words, b" ]\n"].concat(),
        }
    }

    /// A line that exports an environment variable, for `awsenv export` (nushell: a field for `load-env`). `name` must be a
    /// shell identifier.
    pub fn export(self, name: &str, value: &[u8]) -> Vec<u8> {
        let word = self.quote(value);
        match self {
            Shell::Bash | Shell::Zsh => [b"export ", name.as_bytes(), b"=", &word, b"\n"].concat(),
            Shell::Fish => [b"set -gx ", name.as_bytes(), b" ", &word, b"\n"].concat(),
            Shell::Nushell => [name.as_bytes(), b": ", &word, b"\n"].concat(),
        }
    }

    /// A line that takes an environment variable away. `name` must be a shell identifier.
    pub fn unset(self, name: &str) -> Vec<u8> {
        match self {
            Shell::Bash | Shell::Zsh => [b"unset ", name.as_bytes(), b"\n"].concat(),
            Shell::Fish => [b"set -e ", name.as_bytes(), b"\n"].concat(),
            // A variable without a value reaches no program.
            Shell::Nushell => [name.as_bytes(), b": null\n"].concat(),
        }
    }

    /// The hook: a real shell file, printed as it is behind the preamble of `init`.
    pub fn hook(self) -> &'static str {
        match self {
            Shell::Bash => include_str!("../../shell/bash.sh"),
            Shell::Zsh => include_str!("../../shell/zsh.zsh"),
            Shell::Fish => include_str!("../../shell/fish.fish"),
            Shell::Nushell => include_str!("../../shell/nushell.nu"),
        }
    }
}

/// A name of ours as a field of the one record that holds all of them.
fn field(name: &str) -> &[u8] {
    name.strip_prefix("__awsenv_").unwrap_or(name).as_bytes()
}
