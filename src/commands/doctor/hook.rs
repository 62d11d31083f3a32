//! The hook: whether the shell that started this has it, how often, and what keeps it from working.

use super::Findings;
use crate::host::Host;
use crate::process;
use crate::shell::start_files::{Line, Reading, readings};
use crate::shell::{Shell, hook_line, start_file};

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
        found.problem("hook", displaced(&name, shell, words.contains(&"mended"), &culprits));
    } else {
        found.ok("hook", format!("loaded in this {name}"));
    }
    let loads = words.iter().find_map(|word| word.strip_prefix("loads=")?.parse().ok()).unwrap_or(1);
    match shell {
        // It does not count.
        Some(Shell::Cmd) => repeated_in_files(&read, found),
        Some(shell) if loads > 1 => repeated(shell, loads, &read, found),
        _ => {}
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

/// `mended`: the hook's function has put it back since.
fn displaced(name: &str, shell: Option<Shell>, mended: bool, culprits: &[&Line]) -> String {
    let hooks = match shell {
        Some(Shell::Zsh) => "precmd_functions",
        Some(Shell::Nushell) => "$env.config.hooks",
        _ => "PROMPT_COMMAND",
    };
    let (who, it) = match culprits {
        [] => (format!("something behind it in the start file of this {name}"), "it"),
        [line] => (line.to_string(), "it"),
        // The last one counts, where it runs.
        [before @ .., last] => {
            let before: Vec<&Line> = before.iter().rev().copied().collect();
            (format!("perhaps {last}, or else {},", listed(&before, "or")), "that")
        }
    };
    match mended {
        true => format!(
            "{who} assigned {hooks} anew, which threw the hook out; the first awsenv put it back: move the line of `awsenv init` behind {it}"
        ),
        false => {
            format!("{who} assigned {hooks} anew, so no prompt has run it: move the line of `awsenv init` to the end")
        }
    }
}

/// This shell has loaded it more than once, which does no harm, but a new shell waits for it.
fn repeated(shell: Shell, loads: u32, read: &[Reading], found: &mut Findings) {
    let mut lines: Vec<&Line> = Vec::new();
    for line in read.iter().flat_map(Reading::hooks) {
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    let name = shell.name();
    match lines.as_slice() {
        [] => found.note(
            "hook",
            format!("loaded {loads} times in this {name}, which only makes the start slower: keep one of the lines with `awsenv init`"),
        ),
        [line] => {
            let others = if loads == 2 { "the other" } else { "the others" };
            found.note("hook", format!("loaded {loads} times in this {name}, which does no harm: one by {line}; {others} could not be found"));
        }
        _ if read.iter().any(|reading| reading.hooks().len() > 1) => repeated_in_files(read, found),
        lines => slower(&listed(lines, "and"), "", found),
    }
}

/// What one way of starting a shell reads has more than one line.
fn repeated_in_files(read: &[Reading], found: &mut Findings) {
    if let Some(reading) = read.iter().find(|reading| reading.hooks().len() > 1) {
        let lines = listed(&reading.hooks(), "and");
        let when = if reading.when.is_empty() { String::new() } else { format!(" {}", reading.when) };
        slower(&lines, &when, found);
    }
}

fn slower(lines: &str, when: &str, found: &mut Findings) {
    found.note("hook", format!("{lines} load it{when}, which only makes the start slower: keep one of them"));
}

/// Another prompt stands in the place of ours, and does not call it.
fn prompt(by: &str, culprits: &[&Line], found: &mut Findings) {
    let who = match culprits {
        [] => "what was loaded behind it".to_owned(),
        lines => listed(lines, "and"),
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
    let line = start_file::line(shell);
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
        return repeated_in_files(&read, found);
    }
    match (start_file::of(shell, host), shell) {
        (_, Shell::Cmd) => found.problem("hook", format!("not loaded in this cmd: {line} once, then `cmd /k \"%LOCALAPPDATA%\\awsenv.cmd\"` in a shortcut, or that file in AutoRun; with Clink `awsenv setup --shell clink`")),
        (Ok(file), _) => found.problem("hook", format!("not loaded: `awsenv setup --shell {}` adds {line} to {}", shell.name(), file.display())),
        (Err(error), _) => found.problem("hook", format!("not loaded: {line} loads it ({error})")),
    }
}

/// The lines behind the hook's that do this.
fn behind<'a>(shell: Shell, read: &'a [Reading], does: &dyn Fn(Shell, &str) -> bool) -> Vec<&'a Line> {
    let mut found: Vec<&Line> = Vec::new();
    for line in read.iter().flat_map(|reading| reading.behind_hook()) {
        if does(shell, line.text.trim()) && !found.contains(&line) {
            found.push(line);
        }
    }
    found
}

/// Whether a line gives the list of hooks a value that does not hold the former one.
fn throws_hooks_away(shell: Shell, line: &str) -> bool {
    let name = match shell {
        Shell::Bash => "PROMPT_COMMAND",
        Shell::Zsh => "precmd_functions",
        _ => return false,
    };
    let mut places = line.match_indices(name).map(|(at, _)| at);
    !line.starts_with('#') && places.any(|at| throws_away_at(line, at, name))
}

/// The same of the name at the byte `at`.
fn throws_away_at(line: &str, at: usize, name: &str) -> bool {
    let is_of_name = |c: char| c.is_alphanumeric() || c == '_' || c == '$' || c == '{';
    let (before, behind) = (&line[..at], &line[at + name.len()..]);
    if before.ends_with(is_of_name) || before.contains(" #") {
        return false;
    }
    let command = hook_line::command_at(line, at);
    let mut words = command.split_whitespace();
    match words.next() {
        // Gone with the function it stands in.
        Some("local") => false,
        Some("unset") => !behind.starts_with(is_of_name),
        Some("printf") => words.next() == Some("-v") && words.next() == Some(name) && !behind.contains(name),
        _ if hook_line::says(command) => false,
        _ => {
            // Its first element is all there is, or where ours stands.
            let value = behind.strip_prefix("[0]").unwrap_or(behind).strip_prefix('=');
            value.is_some_and(|value| !value.contains(name))
        }
    }
}

/// Whether a line of PowerShell brings another prompt.
fn defines_a_prompt(_: Shell, line: &str) -> bool {
    let line = line.to_lowercase();
    let tools =
        ["starship init", "oh-my-posh init", "oh-my-posh prompt init", "function prompt", "function global:prompt"];
    let sets = ["$function:prompt =", "$function:global:prompt =", "function:prompt -value"];
    !line.starts_with('#') && tools.iter().chain(&sets).any(|word| line.contains(word))
}

fn listed(lines: &[&Line], and: &str) -> String {
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    match lines.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} {and} {last}", rest.join(", ")),
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
        assert!(throws("PROMPT_COMMAND[0]=mine") && throws("printf -v PROMPT_COMMAND %s mine"));
        assert!(throws("set_it() { PROMPT_COMMAND=mine; }") && !throws("clean() { local PROMPT_COMMAND=; bash; }"));
        assert!(!throws("PROMPT_COMMAND[1]=mine") && !throws("printf -v PROMPT_COMMAND '%s;x' \"$PROMPT_COMMAND\""));
        assert!(!throws("alias quiet='PROMPT_COMMAND='") && !throws("echo PROMPT_COMMAND=mine") && !throws("unset x"));
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
