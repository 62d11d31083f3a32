//! The last steps of the guided set-up: the hook, the first session, and what to type from now on.

use super::ask::Person;
use super::held;
use super::hook::Hook;
use super::newcomer::Done;
use super::reach::{Own, Reach, login_bash_without};
use crate::cli::{RefreshArgs, SetupArgs};
use crate::commands::{Desk, refresh};
use crate::error::Kind::Stopped;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::profile::ProfileName;
use crate::session::{self, Kind, State};
use crate::shell::{Shell, start_file};
use crate::terminal::say;
use crate::time::{Timestamp, span};

/// The hook's line, for the shell that was named, or the one that this runs in. Gives where `awsenv use` works from now on.
///
/// # Errors
/// Ctrl-C.
pub fn hook(args: &SetupArgs, host: &Host, name: Option<&ProfileName>, done: &mut Done) -> Result<Reach> {
    #[cfg(windows)]
    if args.shell.is_none() {
        return super::windows::run(args, host, &mut done.written).map(|()| Reach::NewWindow);
    }
    let Some(shell) = args.shell.or_else(|| with_hook(host, name)) else { return Ok(Reach::Nowhere) };
    match super::hook::add(args.yes, shell, host) {
        Ok(outcome @ (Hook::There | Hook::Added)) => {
            if outcome == Hook::Added {
                done.written.push(start_file::of(shell, host)?);
            }
            if let Some(file) = login_bash_without(host).filter(|_| shell == Shell::Bash && cfg!(unix)) {
                say(format!(
                    "a login shell (ssh, a terminal on macOS) does not read it: put `. ~/.bashrc` into {}",
                    file.display()
                ));
            }
            Ok(Reach::of(shell, host))
        }
        Err(error) if error.kind() == Stopped => Err(error),
        Ok(Hook::Declined) => {
            say("without that line `awsenv use` cannot change the shell");
            Ok(Reach::ByHand)
        }
        // A start file that another tool writes (home-manager) is no reason to go without a session.
        Err(error) => {
            say(error.to_string());
            say(format!("without it `awsenv use` cannot change the shell; this loads it: {}", start_file::line(shell)));
            Ok(Reach::ByHand)
        }
    }
}

/// The shell that gets the hook: the person's, or bash, which is said, where that has none.
fn with_hook(host: &Host, name: Option<&ProfileName>) -> Option<Shell> {
    let command = name.map_or("awsenv exec PROFILE -- CMD".to_owned(), |name| format!("awsenv exec {name} -- CMD"));
    match Own::of(host) {
        Own::Ours(shell) => return Some(shell),
        Own::Other(shell) => say(format!("{shell} has no hook: {command} works; or use bash, zsh, fish")),
        Own::Unknown => say(format!("SHELL does not say which shell you use: {command} works in every one")),
    }
    which::which("bash").is_ok().then_some(Shell::Bash)
}

/// A session, by the code or by what else the profile needs, as `refresh` gets it.
///
/// # Errors
/// Those of `refresh`; the profile's keys are over, and awsenv cannot renew them.
pub fn session(host: &Host, name: &ProfileName, reach: &Reach, person: &Person, done: &mut Done) -> Result<()> {
    let desk = Desk::open(host.clone())?;
    let profile = desk.files.expect_profile(name)?;
    let standing = session::of_profile(host, &desk.settings, &profile)?;
    let browser = matches!(standing.kind, Kind::Sso | Kind::Login) && standing.state.needs_person();
    let mut state = "is set up".to_owned();
    let untried = |what: &str| {
        format!("is there, its {what} was not tried (`awsenv exec {name} -- aws sts get-caller-identity` does)")
    };
    match (standing.kind, standing.state) {
        (Kind::Static, state) if state.needs_person() => {
            let line = format!("{name}: its session is over, and awsenv cannot renew it");
            return Err(Error::failed(line).next("the tool that wrote it has to"));
        }
        (Kind::Process, _) => state = untried("credential_process"),
        (Kind::WebIdentity, _) => state = untried("web identity token"),
        (Kind::Static | Kind::None, _) | (_, State::Permanent) => {}
        (_, State::Valid) => say(still_good(host, name, standing.expires_at)),
        _ if browser && !person.agrees(&[], &format!("{name} is not signed in: do it now, in the browser?"))? => {
            state = "is there, and not signed in".to_owned();
        }
        _ => first(host, name, person, done)?,
    }
    if host.var("AWS_ACCESS_KEY_ID").is_some() {
        say(
            "AWS_ACCESS_KEY_ID is set in this shell and beats every profile: unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY",
        );
    }
    say(format!("{name} {state}; {}", reach.closing(name, host)));
    Ok(())
}

fn still_good(host: &Host, name: &ProfileName, end: Option<Timestamp>) -> String {
    let now = host.now();
    let until = end.map(|end| format!(" until {} ({})", end.local(now), span(end.since(now)))).unwrap_or_default();
    format!("{name} is still good{until}: `awsenv refresh {name} --force` renews it anyway")
}

/// The first session, with another device where AWS refuses that of the files.
fn first(host: &Host, name: &ProfileName, person: &Person, done: &mut Done) -> Result<()> {
    loop {
        let profile = Some(name.to_os_string());
        let (code, token, duration) = (None, None, None);
        let wanted = RefreshArgs { profile, code, token, duration, force: false, device_code: false };
        let Err(error) = refresh::run(&wanted, host.clone()) else { return Ok(()) };
        if held::other_device(host, name, &error, person, done)?.is_none() {
            return Err(error);
        }
    }
}
