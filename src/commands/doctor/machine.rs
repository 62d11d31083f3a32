//! Everything around the files: the program itself, hooks, the state folder, the clock, proxies.

use super::Findings;
use crate::commands::{init, setup};
use crate::host::Host;
use crate::net::ProxyAddress;
use crate::shell::Shell;
use crate::state::{Memory, StateDir};
use crate::time::span;

pub fn look(host: &Host, found: &mut Findings) {
    programs(found);
    hooks(host, found);
    match StateDir::of(host) {
        Some(state) => found.ok("state", state.path().display()),
        None => found.problem("state", "no folder can be written for it: nothing is remembered, and the prompt may start a process every minute (AWSENV_STATE_DIR names another place)"),
    }
    match Memory::of(host).skew() {
        Some(skew) if skew.seconds.abs() >= 60 => {
            let direction = if skew.seconds > 0 { "behind" } else { "ahead of" };
            let by = span(skew.seconds.abs());
            found.problem("clock", format!("this machine's clock was {by} {direction} AWS's at the last call: set it right (WSL: wsl --shutdown)"));
        }
        _ => {}
    }
    for name in ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        if let Some(value) = host.var(name)
            && let Err(why) = ProxyAddress::parse(value.as_encoded_bytes())
        {
            found.problem(name, why);
        }
    }
    if let Some(bundle) = host.var("AWS_CA_BUNDLE")
        && !std::path::Path::new(&bundle).is_file()
    {
        found.problem("AWS_CA_BUNDLE", format!("{} is not a file", bundle.to_string_lossy()));
    }
}

/// Every `awsenv` on PATH: other programs of that name exist (a Python package's script, Luzifer/awsenv).
fn programs(found: &mut Findings) {
    let Ok(own) = init::own_path() else { return };
    found.ok("awsenv", format!("{} {}", own.display(), env!("CARGO_PKG_VERSION")));
    let real = own.canonicalize().ok();
    let on_path: Vec<_> = which::which_all("awsenv").map(Iterator::collect).unwrap_or_default();
    if on_path.is_empty() {
        found.problem("PATH", format!("awsenv is not on it: add {}", own.parent().unwrap_or(&own).display()));
    }
    for (index, other) in on_path.iter().enumerate().filter(|(_, p)| p.canonicalize().ok() != real) {
        let text = format!("{} is another program of this name", other.display());
        if index == 0 { found.problem("PATH", format!("{text}, and comes first")) } else { found.note("PATH", text) }
    }
}

/// Whether the shell that started this has the hook. The hook's function tells by AWSENV_HOOK, for this one command.
fn hooks(host: &Host, found: &mut Findings) {
    let told = host.var("AWSENV_HOOK").map(|h| h.to_string_lossy().into_owned());
    if let Some(told) = told {
        let mut words = told.split_whitespace();
        let shell = words.next().unwrap_or("this shell").to_owned();
        let mut words = words.peekable();
        if words.peek() == Some(&"displaced") {
            found.problem("hook", format!("something behind it in the start file of this {shell} assigned PROMPT_COMMAND anew, so no prompt has run it: move the line of `awsenv init` to the end"));
        } else {
            found.ok("hook", format!("loaded in this {shell}"));
        }
        for word in words {
            match word.split_once('=') {
                Some(("guard", "off")) => found.note("guard", format!("does not work in this {shell}: too old, in posix mode, without promptvars or PSReadLine; `awsenv exec` asks")),
                Some(("kept", name)) => found.note("guard", format!("`{name}` is a function of your own and is not guarded: call `awsenv exec` in it")),
                _ => {}
            }
        }
        return;
    }
    let shell = host.var("SHELL").map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let Some(shell) = Shell::of_program(&shell) else {
        return found.note("hook", "not loaded in the shell that started this");
    };
    let line = setup::line(shell);
    let in_file = setup::start_file(shell, host)
        .ok()
        .filter(|f| std::fs::read(f).is_ok_and(|text| setup::has_hook(&text, shell)));
    match in_file {
        Some(file) => found.note(
            "hook",
            format!("{} loads it, but this shell has not: start a new one, or run: {line}", file.display()),
        ),
        None => found.problem("hook", format!("not loaded: `awsenv setup --shell {}` adds {line}", shell.name())),
    }
}
