//! What cmd.exe's hook asks for: lines `NAME=value` for its `for /f`, and guarded commands, which it has run.
//!
//! A doskey macro is text in front of a line, and what the line holds behind the command (`| more`, `& echo`) stays cmd's.
//! Put in front of a copy of the line, a guard would get those too, so the macro makes it the command: `awsenv guard cmd
//! 1 0 0 -- aws s3 ls | more`. It asks, and if the answer is no, nothing runs and the code is 130; else it runs the
//! command, with what the answer brings for this one command, and ends with its exit code.

use std::ffi::OsString;
use std::process::Command;

use super::{check_protocol, exec, leave, print, switch};
use crate::cli::SwitchArgs;
use crate::environment::Changes;
use crate::environment::carried::{self, GivenBack};
use crate::environment::stamp::Segment;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::profile::Files;
use crate::settings::Settings;
use crate::shell::{Shell, cmd, start_file};
use crate::terminal::{clean, say};

/// Words that a batch file hands over: more than `use` has.
const WORDS: usize = 7;

/// cmd's own prompt where nobody has set one: the folder and `>`.
const PLAIN_PROMPT: &str = "$P$G";

/// `use`: gives back what the last one changed, then changes the environment and keeps what was there.
pub fn switch(args: &SwitchArgs, host: &Host) -> Result<()> {
    reply(host, || {
        check(args.protocol)?;
        let back = GivenBack::of(host);
        let before = carried::after(host, &back.changes);
        let var = |name: &str| host.var(name).unwrap_or_default();
        let by_hand = back.changed.iter().any(|name| name == "AWS_PROFILE");
        let former = if by_hand { OsString::new() } else { var("AWSENV_PROFILE") };
        let former = if former.is_empty() { var("AWS_PROFILE") } else { former };
        let seen = before.with([("__awsenv_current", host.var("AWSENV_PROFILE"))]);
        let changes = switch::decide(args, seen)?;
        tell_changed(&back);
        let mut all = back.changes;
        all.add(carried::keeping(&before, &changes));
        all.set("__awsenv_previous", former.as_encoded_bytes());
        Ok(with_prompt(host, all))
    })
}

/// What cmd and Clink hand over in variables: a second cmd, which starts us for them, would read words on its line again.
pub fn in_variables(args: &SwitchArgs, host: &Host) -> SwitchArgs {
    let mut args = args.clone();
    if matches!(args.shell, Shell::Cmd | Shell::Clink) {
        args.previous = host.var("__awsenv_previous").unwrap_or_default();
        args.current = host.var("__awsenv_current").unwrap_or_default();
        args.args = (1..=WORDS).map_while(|n| host.var(&format!("__awsenv_word_{n}"))).collect();
    }
    args
}

/// `leave`, also where this cmd never used `use`.
pub fn leave(protocol: u32, host: &Host) -> Result<()> {
    reply(host, || {
        check(protocol)?;
        let back = GivenBack::of(host);
        if host.raw_var("__awsenv_kept").is_some() {
            tell_changed(&back);
        } else {
            leave::tell_inherited(&back.inherited, &back.changed);
        }
        let former = host.var("AWSENV_PROFILE").filter(|_| !back.is_empty());
        let mut all = back.changes;
        if let Some(former) = former {
            all.set("__awsenv_previous", former.as_encoded_bytes());
        }
        Ok(with_prompt(host, all))
    })
}

/// The hook is a file here, which a new cmd loads as it is.
fn check(protocol: u32) -> Result<()> {
    check_protocol(protocol)
        .map_err(|_| Error::failed("awsenv was updated after this hook was written").next(start_file::line(Shell::Cmd)))
}

/// The prompt as it is now: after each of awsenv's own commands.
pub fn hook(host: &Host) -> Result<()> {
    reply(host, || Ok(with_prompt(host, Changes::default())))
}

fn tell_changed(back: &GivenBack) {
    if !back.changed.is_empty() {
        say(format!("changed since `awsenv use`, so left as it is: {}", back.changed.join(", ")));
    }
}

/// Prints the lines, the last of them with the exit code: `for /f` keeps that of no command. Nothing is printed before
/// everything is known to be readable, so that a failure changes nothing.
fn reply(host: &Host, make: impl FnOnce() -> Result<Changes>) -> Result<()> {
    let delayed = host.var("__awsenv_delayed").is_some();
    let made = make().and_then(|changes| lines(&changes, delayed));
    let (text, result) = match made {
        Ok(text) => (text, Ok(())),
        Err(error) => (Vec::new(), Err(error)),
    };
    let code = result.as_ref().map_or_else(|e: &Error| e.kind().exit_code(), |()| 0);
    let code = cmd::line("__awsenv_code", Some(code.to_string().as_bytes()), delayed).unwrap_or_default();
    print(&[text, code].concat())?;
    result
}

fn lines(changes: &Changes, delayed: bool) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    let set = changes.set.iter().map(|(name, value)| (name, Some(value.as_slice())));
    for (name, value) in set.chain(changes.unset.iter().map(|name| (name, None))) {
        text.extend(cmd::line(name, value, delayed).map_err(|why| refused(name, &why))?);
    }
    Ok(text)
}

fn refused(name: &str, why: &str) -> Error {
    Error::failed(format!("{name} {why}"))
}

/// `awsenv export --format cmd`.
pub fn print_export(changes: &Changes) -> Result<()> {
    let mut text = Vec::new();
    let unset = changes.unset.iter().map(|name| (name, &b""[..]));
    for (name, value) in unset.chain(changes.set.iter().map(|(name, value)| (name, value.as_slice()))) {
        text.extend(cmd::export(name, value).map_err(|why| refused(name, &why))?);
    }
    print(&text)
}

/// The hook: a batch file in the console's code page. Its lines end in CR LF, alone of all that awsenv prints: in files
/// without CR cmd looks past labels that lie where it ends a block of 512 bytes.
pub fn print_batch(text: &[u8]) -> Result<()> {
    let text = String::from_utf8_lossy(text).replace('\n', "\r\n");
    print(&cmd::encode(&text).map_err(|why| Error::failed(format!("the hook {why}")))?)
}

/// `changes`, with the prompt and what else is published for the environment that they make.
fn with_prompt(host: &Host, mut changes: Changes) -> Changes {
    let host = carried::after(host, &changes);
    let segment = segment(&host);
    let text = segment.as_ref().map(|s| s.until(&host)).unwrap_or_default();
    if text.is_empty() {
        changes.unset("AWSENV_PROMPT")
    } else {
        changes.set("AWSENV_PROMPT", text.as_bytes())
    }
    let listed = host.var("AWSENV_NAMES").is_some_and(|n| n.to_string_lossy().contains(" AWS_SESSION_EXPIRATION:"));
    if listed {
        match segment.and_then(|s| s.published()) {
            Some(end) => changes.set("AWS_SESSION_EXPIRATION", end.as_bytes()),
            None => changes.unset("AWS_SESSION_EXPIRATION"),
        }
    }
    if host.var("__awsenv_want_prompt").is_some_and(|w| w == "1") {
        prompt(&host, &text, &mut changes);
    }
    changes
}

/// PROMPT is only text to cmd, which cannot count: it shows when the session ends. What the user has put there since
/// counts as the new prompt of his.
fn prompt(host: &Host, text: &str, changes: &mut Changes) {
    let var = |name: &str| host.raw_var(name).map(|v| v.to_string_lossy().into_owned());
    let (shown, ours, base) = (var("PROMPT"), var("__awsenv_prompt_ours"), var("__awsenv_prompt_base"));
    // The plain one tells nothing: it is what a cmd has where there is none, and wine's gives it to each cmd anew, also to
    // that of `for /f`, through which we see it.
    let is_plain = shown.as_deref().is_none_or(|p| p == PLAIN_PROMPT);
    let is_ours = ours.is_some() && (is_plain || shown == ours);
    if text.is_empty() && !is_ours {
        return;
    }
    let own = if is_ours { base } else { shown };
    let own = own.unwrap_or_else(|| PLAIN_PROMPT.to_owned());
    if text.is_empty() {
        changes.set("PROMPT", own.as_bytes());
        ["__awsenv_prompt_ours", "__awsenv_prompt_base"].iter().for_each(|name| changes.unset(name));
        return;
    }
    // A character that the code page has not is no reason to lose the prompt.
    let text = match cmd::encode(text) {
        Ok(_) => text.to_owned(),
        Err(_) => text.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect(),
    };
    let new = format!("{} {own}", text.replace('$', "$$"));
    changes.set("PROMPT", new.as_bytes());
    changes.set("__awsenv_prompt_ours", new.as_bytes());
    changes.set("__awsenv_prompt_base", own.as_bytes());
}

fn segment(host: &Host) -> Option<Segment> {
    let settings = Settings::load(host).ok()?;
    Segment::of(host, &settings, &Files::read(host).ok()?).ok()
}

/// Runs a guarded command, with these variables of its own; comes back only when it could not be started.
pub fn hand_over(words: &[OsString], own: Option<(&str, &[u8])>) -> Error {
    let Some((name, args)) = words.split_first() else { return Error::usage("no command") };
    // `cdk` is `cdk.cmd`, for which the system itself does not look.
    let Ok(program) = which::which(name) else {
        return Error::new(
            crate::error::Kind::Exit(127),
            format!("{}: not found on PATH", clean(name.as_encoded_bytes())),
        );
    };
    let mut command = Command::new(program);
    command.args(args);
    if let Some((name, value)) = own {
        command.env(name, crate::profile::ProfileName::from(value.to_vec()).to_os_string());
    }
    exec::hand_over(command)
}
