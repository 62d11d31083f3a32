//! An interactive bash, zsh, fish or nushell in a sandbox home, driven line by line.

use std::path::Path;

use crate::home::Home;
use crate::pty::{Spec, Terminal};

/// The shells with a hook on Unix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
    Nushell,
}

impl Shell {
    /// All of them.
    pub const ALL: [Shell; 4] = [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::Nushell];

    /// Its name for `awsenv init`.
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
        if self == Shell::Nushell { "nu" } else { self.name() }
    }

    /// A line that does nothing. (nushell would print `true`.)
    pub fn nothing(self) -> &'static str {
        if self == Shell::Nushell { "ignore" } else { "true" }
    }

    /// A line that fails with status 1, silently.
    pub fn failure(self) -> &'static str {
        if self == Shell::Nushell { "^false" } else { "false" }
    }

    /// A line that exports a variable. `value` has no quotation mark in it.
    pub fn set(self, name: &str, value: &str) -> String {
        match self {
            Shell::Bash | Shell::Zsh => format!("export {name}='{value}'"),
            Shell::Fish => format!("set -gx {name} '{value}'"),
            Shell::Nushell => format!("$env.{name} = '{value}'"),
        }
    }

    /// A line that defines a command `name` of the person's own; it prints "mine".
    pub fn own_command(self, name: &str) -> String {
        match self {
            Shell::Bash | Shell::Zsh => format!("{name}() {{ echo mine; }}"),
            Shell::Fish => format!("function {name}; echo mine; end"),
            Shell::Nushell => format!("def {name} [] {{ 'mine' }}"),
        }
    }

    /// The rc line that loads the hook.
    pub fn hook(self) -> &'static str {
        match self {
            Shell::Bash => r#"eval "$(awsenv init bash)""#,
            Shell::Zsh => r#"eval "$(awsenv init zsh)""#,
            Shell::Fish => "awsenv init fish | source",
            Shell::Nushell => {
                "mkdir ($nu.data-dir | path join vendor/autoload); \
                 awsenv init nushell | save --force ($nu.data-dir | path join vendor/autoload/awsenv.nu)"
            }
        }
    }

    /// Its rc file under the home.
    pub fn rc_file(self) -> &'static str {
        match self {
            Shell::Bash => ".bashrc",
            Shell::Zsh => ".zshrc",
            Shell::Fish => ".config/fish/config.fish",
            Shell::Nushell => ".config/nushell/config.nu",
        }
    }

    /// A prompt `@N:STATUS>` where N grows with every prompt, never with a redraw of one.
    fn prompt(self) -> &'static str {
        match self {
            Shell::Bash => "AT_PROMPT=0\nPS1='@$((AT_PROMPT+=1)):$?>'\n",
            // No % where a command left the line unfinished: the prompt's line is read by the test.
            Shell::Zsh => {
                "unsetopt prompt_sp prompt_cr\ntypeset -i at_prompt=0\nat_count() { (( ++at_prompt )) }\n\
                 precmd_functions+=(at_count)\nsetopt prompt_subst\nPS1='@${at_prompt}:%?>'\n"
            }
            Shell::Fish => {
                "set -g fish_greeting\nset -g at_prompt 0\n\
                 function at_count --on-event fish_prompt; set -g at_prompt (math $at_prompt + 1); end\n\
                 function fish_prompt; echo -n \"@$at_prompt:$status>\"; end\n"
            }
            // The count is in a record: what is not text stays out of the environment of programs.
            Shell::Nushell => {
                "$env.config.show_banner = false\n$env.at = {prompt: 0}\n\
                 $env.config.hooks.pre_prompt = [{|| $env.at.prompt += 1 }]\n\
                 $env.PROMPT_COMMAND = {|| $\"@($env.at.prompt):($env.LAST_EXIT_CODE)>\" }\n\
                 $env.PROMPT_COMMAND_RIGHT = ''\n$env.PROMPT_INDICATOR = ''\n"
            }
        }
    }

    /// The arguments of an interactive shell that reads its own rc file and as little else as possible.
    pub fn arguments(self) -> &'static [&'static str] {
        match self {
            Shell::Bash => &["--noprofile", "-i"],
            // No /etc/zsh/zshrc: distributions put prompts and compinit there.
            Shell::Zsh => &["-d", "-i"],
            Shell::Fish => &["-i"],
            Shell::Nushell => &[],
        }
    }
}

/// What a typed line brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Everything between the typed line and the next prompt's line, lines ended by `\n`.
    pub text: String,
    /// `$?` as the next prompt saw it.
    pub status: i32,
    /// What stands in front of the test's own prompt on its line: the segment (and in bash, which does not
    /// mark it, the end of an output without a newline).
    pub segment: String,
}

/// A shell that waits for lines.
pub struct Session {
    /// Its terminal, for everything that the functions here do not offer.
    pub terminal: Terminal,
    shell: Shell,
    prompts: u64,
}

impl Session {
    /// Starts the shell in `home`, with `rc` as the lines of its rc file behind the test's prompt, and waits for the
    /// first prompt. `None` where the shell is missing (see [`crate::require`]).
    pub fn start(shell: Shell, home: &Home, rc: &str) -> Option<Session> {
        let program = crate::require(shell.program())?;
        Some(Self::start_program(shell, &program, home, rc))
    }

    /// [`Session::start`] with another build of the shell.
    pub fn start_program(shell: Shell, program: &Path, home: &Home, rc: &str) -> Session {
        let mut session = Self::open(shell, program, home, rc);
        session.prompt();
        session
    }

    /// Starts the shell without waiting for its first prompt.
    pub fn open(shell: Shell, program: &Path, home: &Home, rc: &str) -> Session {
        home.write(shell.rc_file(), format!("{}{rc}\n", shell.prompt()));
        if shell == Shell::Fish {
            // Where this folder is missing fish starts Python in the background to fill it.
            let folder = home.path().join(".local/share/fish/generated_completions");
            std::fs::create_dir_all(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        }
        let mut spec = Spec::new(program).args(shell.arguments().iter().copied()).cwd(home.path());
        spec.env = home.env();
        Session { terminal: Terminal::start(spec), shell, prompts: 0 }
    }

    /// Which shell this is.
    pub fn shell(&self) -> Shell {
        self.shell
    }

    /// Types a line (one line, no newline in it), waits for the next prompt, and says what came.
    pub fn run(&mut self, line: &str) -> Output {
        self.type_line(line).prompt()
    }

    /// Sets the mark and types a line, without waiting.
    pub fn type_line(&mut self, line: &str) -> &mut Self {
        self.terminal.mark().line(line);
        self
    }

    /// Waits for the next prompt, and says what came since the mark, the typed line left out.
    pub fn prompt(&mut self) -> Output {
        let last = self.prompts;
        let why = format!("a prompt of {} after @{last}", self.shell.name());
        let (number, output) = self.terminal.find(&why, |text| next_prompt(text, last));
        self.prompts = number;
        output
    }

    /// Waits for a question for a code on the last line since the mark, and gives it.
    pub fn expect_question(&mut self) -> String {
        self.terminal.find("the question for a code", |text| {
            let line = text.lines().next_back()?;
            let start = line.find("MFA code for ")?;
            line.ends_with(": ").then(|| line[start..].to_owned())
        })
    }

    /// Types an answer to a question, and Enter; sets the mark, so that the next question or text is a new one.
    pub fn answer(&mut self, text: &str) -> &mut Self {
        self.type_line(text)
    }
}

/// The last prompt in `text` when it is numbered above `last`.
fn next_prompt(text: &str, last: u64) -> Option<(u64, Output)> {
    let line_start = text.rfind('\n').map_or(0, |n| n + 1);
    let line = &text[line_start..];
    let at = line.rfind('@')?;
    let (number, rest) = line[at + 1..].split_once(':')?;
    let (status, _) = rest.split_once('>')?;
    let (number, status) = (number.parse().ok()?, status.parse().ok()?);
    // The first line is the typed one, as the shell echoed it.
    let typed = text.find('\n').map_or(0, |n| n + 1).min(line_start);
    let output = Output { text: text[typed..line_start].to_owned(), status, segment: line[..at].to_owned() };
    (number > last).then_some((number, output))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> Home {
        Home::new("/usr/bin/env")
    }

    fn each(test: impl Fn(Session)) {
        for shell in Shell::ALL {
            if let Some(session) = Session::start(shell, &home(), "") {
                test(session);
            }
        }
    }

    #[test]
    fn lines_give_text_and_status() {
        each(|mut shell| {
            let echo = shell.run("sh -c 'echo one; echo two'");
            assert_eq!((echo.text.as_str(), echo.status, echo.segment.as_str()), ("one\ntwo\n", 0, ""));
            assert_eq!(shell.run(shell.shell().failure()).status, 1);
            let nothing = shell.run(shell.shell().nothing());
            assert_eq!((nothing.text.as_str(), nothing.status), ("", 0));
            assert_eq!(shell.run("sh -c 'echo x >&2; exit 42'").status, 42);
            let long = "word ".repeat(30);
            assert_eq!(shell.run(&format!("sh -c 'echo {long}'")).text, format!("{}\n", long.trim_end()));
        });
    }

    #[test]
    fn ctrl_c_gives_the_next_prompt() {
        each(|mut shell| {
            shell.type_line("sh -c 'echo ready; exec sleep 60'").terminal.expect("ready\n").send(b"\x03");
            let after = shell.prompt();
            // nushell's way of saying which signal it was.
            let interrupted = if shell.shell() == Shell::Nushell { -2 } else { 130 };
            assert_eq!(after.status, interrupted, "{after:?}");
            assert_eq!(shell.run("echo alive").text, "alive\n");
        });
    }

    #[test]
    fn a_question_is_seen_and_answered() {
        each(|mut shell| {
            // The line as it is typed must not look like the question, of which it would be an early sight.
            let ask = "sh -c 'printf \"MFA %s for dev (x): \" code >/dev/tty; read c </dev/tty; echo got $c'";
            shell.type_line(ask);
            assert_eq!(shell.expect_question(), "MFA code for dev (x): ");
            let after = shell.answer("123456").prompt();
            assert!(after.text.contains("got 123456"), "{after:?}");
        });
    }
}
