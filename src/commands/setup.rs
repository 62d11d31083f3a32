//! `awsenv setup --shell SHELL`: adds the hook's line to the shell's start file, after showing it.

use std::path::PathBuf;

use crate::aws_files::replace;
use crate::cli::SetupArgs;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::shell::Shell;
use crate::terminal::{Answer, Question, Tty, say};

pub fn run(args: &SetupArgs, host: &Host) -> Result<()> {
    let Some(shell) = args.shell else { return Err(Error::usage("which shell?").next("awsenv setup --shell bash")) };
    let file = start_file(shell, host)?;
    let line = line(shell);
    let before = match std::fs::read(&file) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(e) => return Err(Error::failed(format!("{}: cannot be read: {e}", file.display()))),
    };
    if has_hook(&before, shell) {
        say(format!("{} loads the hook already: nothing to do", file.display()));
        return Ok(());
    }
    say(format!("this line goes to the end of {}:", file.display()));
    say(format!("  {line}"));
    if !args.yes {
        let Some(tty) = Tty::open().filter(Tty::is_foreground) else {
            return Err(Error::failed("there is no terminal to ask on").next("--yes adds it without a question"));
        };
        match tty.ask_choice(&Question::other("Add it? [y/n] "), &["yes", "no"], || false) {
            Answer::Given(0) => {}
            Answer::Given(_) => return Err(Error::failed("nothing was changed")),
            _ => return Err(Error::stopped()),
        }
    }
    let newline = if before.is_empty() || before.ends_with(b"\n") { "" } else { "\n" };
    let after = [before.as_slice(), newline.as_bytes(), line.as_bytes(), b"\n"].concat();
    let mode = std::fs::metadata(&file).map_or(0o644, |about| mode(&about));
    replace::write(&file, &after, mode)?;
    say(format!("done: start a new {}, or run: {line}", shell.name()));
    Ok(())
}

#[cfg(unix)]
fn mode(about: &std::fs::Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o7777
}

#[cfg(not(unix))]
fn mode(_about: &std::fs::Metadata) -> u32 {
    0o644
}

/// The line that loads the hook.
pub fn line(shell: Shell) -> String {
    match shell {
        Shell::Bash | Shell::Zsh => format!("eval \"$(awsenv init {})\"", shell.name()),
        Shell::Fish => "awsenv init fish | source".into(),
        Shell::Cmd => "awsenv init cmd > \"%LOCALAPPDATA%\\awsenv.cmd\"".into(),
        Shell::Clink => "load(io.popen('awsenv init clink'):read('*a'))()".into(),
    }
}

/// The user's own shell, by `SHELL`; bash where that is none of ours.
pub fn login_shell(host: &Host) -> Shell {
    let shell = host.var("SHELL").map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    [Shell::Zsh, Shell::Fish].into_iter().find(|s| shell.ends_with(s.name())).unwrap_or(Shell::Bash)
}

/// Where an interactive shell reads it: `~/.bashrc`, `$ZDOTDIR/.zshrc`, fish's `config.fish`.
pub fn start_file(shell: Shell, host: &Host) -> Result<PathBuf> {
    let home = host.home().ok_or_else(|| Error::failed("no home folder: HOME is not set"))?;
    Ok(match shell {
        Shell::Bash => home.join(".bashrc"),
        Shell::Zsh => host.var("ZDOTDIR").map_or_else(|| home.to_owned(), PathBuf::from).join(".zshrc"),
        Shell::Fish => {
            let base = host.var("XDG_CONFIG_HOME").map_or_else(|| home.join(".config"), PathBuf::from);
            base.join("fish").join("config.fish")
        }
        Shell::Clink => {
            let base = host.var("LOCALAPPDATA").map(PathBuf::from);
            let base = base.ok_or_else(|| Error::failed("LOCALAPPDATA is not set: where are Clink's scripts?"))?;
            base.join("clink").join("awsenv.lua")
        }
        // AutoRun is a value in the registry, which is nobody's to overwrite, and there may be something in it.
        Shell::Cmd => {
            return Err(Error::failed("cmd has no start file")
                .next(format!("{}, then that file behind `cmd /k` in a shortcut, or in AutoRun", line(shell))));
        }
    })
}

/// Whether a line that is no comment runs `awsenv init SHELL`.
pub fn has_hook(text: &[u8], shell: Shell) -> bool {
    let wanted = format!("init {}", shell.name());
    String::from_utf8_lossy(text)
        .lines()
        .map(str::trim)
        .any(|l| !l.starts_with('#') && l.contains("awsenv") && l.contains(&wanted))
}
