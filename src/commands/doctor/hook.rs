//! The hook: whether the shell that started this has it, how often, and what keeps it from working.

use super::Findings;
use super::start_files::{Line, Reading, readings};
use crate::commands::setup;
use crate::host::Host;
use crate::process;
use crate::shell::Shell;

pub fn look(host: &Host, found: &mut Findings) {
    // The hook's function tells what only the shell knows, for this one command.
    match host.var("AWSENV_HOOK") {
        Some(told) => loaded(&told.to_string_lossy(), host, found),
        None => missing(host, found),
    }
}

/// `told`: the shell's name, and what there is to say of its hook.
fn loaded(told: &str, host: &Host, found: &mut Findings) {
    let mut words = told.split_whitespace();
    let name = words.next().unwrap_or("this shell").to_owned();
    let shell = Shell::ALL.into_iter().find(|shell| shell.name() == name);
    let read = shell.map(|shell| readings(shell, host)).unwrap_or_default();
    let words: Vec<&str> = words.collect();
    if words.contains(&"displaced") {
        let culprits = shell.map_or_else(Vec::new, |shell| behind(shell, &read, &throws_hooks_away));
        found.problem("hook", displaced(&name, shell, &culprits));
    } else {
        found.ok("hook", format!("loaded in this {name}"));
    }
    let loads = words.iter().find_map(|word| word.strip_prefix("loads=")?.parse().ok()).unwrap_or(1);
    if let Some(shell) = shell {
        repeated(shell, loads, &read, found);
    }
    for word in words {
        match word.split_once('=') {
            Some(("guard", "off")) => found.note("guard", format!("does not work in this {name}: too old, in posix mode, without promptvars or PSReadLine; `awsenv exec` asks")),
            Some(("kept", command)) => found.note("guard", format!("`{command}` is a function of your own and is not guarded: call `awsenv exec` in it")),
            Some(("prompt", by)) => {
                let culprits = shell.map_or_else(Vec::new, |shell| behind(shell, &read, &defines_a_prompt));
                prompt(by, &culprits, found);
            }
            _ => {}
        }
    }
    if shell == Some(Shell::Cmd) {
        prompt_of_cmd(host, found);
    }
}

fn displaced(name: &str, shell: Option<Shell>, culprits: &[&Line]) -> String {
    let hooks = match shell {
        Some(Shell::Zsh) => "precmd_functions",
        Some(Shell::Nushell) => "$env.config.hooks",
        _ => "PROMPT_COMMAND",
    };
    let who = match culprits {
        [] => format!("something behind it in the start file of this {name}"),
        lines => listed(lines),
    };
    format!("{who} assigned {hooks} anew, so no prompt has run it: move the line of `awsenv init` to the end")
}

/// A second load does no harm, but a new shell waits for it.
fn repeated(shell: Shell, loads: u32, read: &[Reading], found: &mut Findings) {
    let twice = read.iter().find(|reading| reading.hooks().len() > 1);
    let once = read.iter().find_map(|reading| reading.hooks().first().map(ToString::to_string));
    match (twice, once) {
        (Some(reading), _) => {
            let lines = listed(&reading.hooks());
            let when = if reading.when.is_empty() { String::new() } else { format!(" {}", reading.when) };
            found.note("hook", format!("{lines} load it{when}, which only makes the start slower: keep one of them"));
        }
        (None, Some(line)) if loads > 1 => found.note(
            "hook",
            format!("loaded {loads} times in this {}, which does no harm, and by one line ({line}): that file was read again", shell.name()),
        ),
        (None, None) if loads > 1 => found.note(
            "hook",
            format!("loaded {loads} times in this {}, which only makes the start slower: keep one of the lines with `awsenv init`", shell.name()),
        ),
        _ => {}
    }
}

/// Another prompt stands in the place of ours, and does not call it.
fn prompt(by: &str, culprits: &[&Line], found: &mut Findings) {
    let who = match culprits {
        [] => "what was loaded behind it".to_owned(),
        lines => listed(lines),
    };
    let mend = "move the line of `awsenv init` behind that";
    match by {
        "oh-my-posh" => {
            found.note("prompt", format!("{who} draws the prompt before AWSENV_PROMPT is up to date: {mend}"))
        }
        _ => found.problem(
            "prompt",
            format!("{who} put another prompt in the place of awsenv's, which is not shown: {mend}"),
        ),
    }
}

/// cmd's prompt is a text, which the hook can only write anew after awsenv's own commands.
fn prompt_of_cmd(host: &Host, found: &mut Findings) {
    let var = |name: &str| host.raw_var(name).map(|value| value.to_string_lossy().into_owned());
    if let (Some(ours), Some(shown)) = (var("__awsenv_prompt_ours"), var("PROMPT"))
        && ours != shown
        && shown != "$P$G"
    {
        found.note("prompt", "PROMPT was set anew since awsenv's last own command: it says nothing of the session until the next one, so set PROMPT before the hook is loaded");
    }
}

/// The shell that started this, or else the user's, has no hook.
fn missing(host: &Host, found: &mut Findings) {
    let started_by = process::parent_program().and_then(|name| Shell::of_program(&name.to_lowercase()));
    let users = || Shell::of_program(&host.var("SHELL")?.to_string_lossy());
    let Some(shell) = started_by.or_else(users) else {
        return found.note("hook", "not loaded in the shell that started this");
    };
    let line = setup::line(shell);
    let read = readings(shell, host);
    let places: Vec<&Line> = read.iter().flat_map(|reading| reading.hooks()).collect();
    if let Some(place) = places.first() {
        let or_run = match shell {
            Shell::Bash | Shell::Zsh | Shell::Fish | Shell::PowerShell => format!(", or run: {line}"),
            // It is for a shell that starts.
            Shell::Nushell | Shell::Cmd | Shell::Clink => String::new(),
        };
        let not_everywhere = match read.as_slice() {
            [_, login] if shell == Shell::Bash && login.hooks().is_empty() => {
                " (a login shell does not read it: let ~/.bash_profile read ~/.bashrc)"
            }
            _ => "",
        };
        let text = format!("{place} loads it, but this shell has not: start a new one{or_run}{not_everywhere}");
        found.note("hook", text);
        return repeated(shell, 1, &read, found);
    }
    match (setup::start_file(shell, host), shell) {
        (_, Shell::Cmd) => found.problem("hook", format!("not loaded in this cmd: {line} once, then `cmd /k \"%LOCALAPPDATA%\\awsenv.cmd\"` in a shortcut, or that file in AutoRun; with Clink `awsenv setup --shell clink`")),
        (Ok(file), _) => found.problem("hook", format!("not loaded: `awsenv setup --shell {}` adds {line} to {}", shell.name(), file.display())),
        (Err(error), _) => found.problem("hook", format!("not loaded: {line} loads it ({error})")),
    }
}

/// The lines behind the hook's that do this.
fn behind<'a>(shell: Shell, read: &'a [Reading], does: &dyn Fn(Shell, &str) -> bool) -> Vec<&'a Line> {
    let lines = read.iter().flat_map(|reading| reading.behind_hook());
    lines.filter(|line| does(shell, line.text.trim())).collect()
}

/// Whether a line gives the list of hooks a value that does not hold the former one.
fn throws_hooks_away(shell: Shell, line: &str) -> bool {
    let name = match shell {
        Shell::Bash => "PROMPT_COMMAND",
        Shell::Zsh => "precmd_functions",
        _ => return false,
    };
    if line.starts_with("unset ") {
        return line.contains(name);
    }
    let Some((before, value)) = line.split_once(&format!("{name}=")) else { return false };
    let is_word = before.chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != '$');
    is_word && !before.contains('#') && !value.contains(name)
}

/// Whether a line of PowerShell brings another prompt.
fn defines_a_prompt(_: Shell, line: &str) -> bool {
    let line = line.to_lowercase();
    let tools =
        ["starship init", "oh-my-posh init", "oh-my-posh prompt init", "function prompt", "function global:prompt"];
    let sets = ["$function:prompt =", "$function:global:prompt =", "function:prompt -value"];
    !line.starts_with('#') && tools.iter().chain(&sets).any(|word| line.contains(word))
}

fn listed(lines: &[&Line]) -> String {
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    match lines.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => lines.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_keeps_the_hooks_before_it_throws_nothing_away() {
        let throws = |line: &str| throws_hooks_away(Shell::Bash, line);
        assert!(throws("PROMPT_COMMAND=mine") && throws("export PROMPT_COMMAND='history -a'"));
        assert!(throws("[ -n \"$x\" ] && PROMPT_COMMAND=(mine)") && throws("unset PROMPT_COMMAND"));
        assert!(!throws("PROMPT_COMMAND=\"mine;$PROMPT_COMMAND\"") && !throws("PROMPT_COMMAND+=(mine)"));
        assert!(!throws("OLD_PROMPT_COMMAND=x") && !throws("# PROMPT_COMMAND=mine") && !throws("echo $PROMPT_COMMAND"));
        assert!(throws_hooks_away(Shell::Zsh, "precmd_functions=(mine)"));
        assert!(!throws_hooks_away(Shell::Zsh, "precmd_functions=(mine $precmd_functions)"));
    }

    #[test]
    fn a_prompt_of_powershell_is_seen_in_its_usual_forms() {
        let defines = |line: &str| defines_a_prompt(Shell::PowerShell, line);
        assert!(defines("function prompt { 'x' }") && defines("Invoke-Expression (&starship init powershell)"));
        assert!(defines("oh-my-posh init pwsh --config x | iex") && defines("Function Global:Prompt {"));
        assert!(!defines("# function prompt {}") && !defines("Import-Module PSReadLine"));
    }
}
