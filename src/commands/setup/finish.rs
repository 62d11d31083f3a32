//! The last steps of the guided set-up: the hook, the first session, and what to type from now on.

use super::ask::Person;
use super::hook::Hook;
use crate::cli::{RefreshArgs, SetupArgs};
use crate::commands::{Desk, refresh};
use crate::error::Kind::Stopped;
use crate::error::Result;
use crate::host::Host;
use crate::process;
use crate::profile::ProfileName;
use crate::session::{self, Kind, State};
use crate::shell::{Shell, start_file};
use crate::terminal::say;

/// The hook's line, for the shell that was named, or the one that this runs in. Gives where `awsenv use` works from now on, in
/// words: a new shell, where only such has the hook.
///
/// # Errors
/// Ctrl-C.
pub fn hook(args: &SetupArgs, host: &Host) -> Result<&'static str> {
    #[cfg(windows)]
    if args.shell.is_none() {
        return super::windows::run(args, host).map(|()| "in a new window: ");
    }
    let shell = args.shell.unwrap_or_else(|| own_shell(host));
    match super::hook::add(args.yes, shell, host) {
        Ok(Hook::There) => Ok(""),
        Ok(Hook::Added) => Ok("in a new shell: "),
        Err(error) if error.kind() == Stopped => Err(error),
        // A start file that another tool writes (home-manager) is no reason to go without a session.
        outcome => {
            if let Err(error) = outcome {
                say(error.to_string());
            }
            say(format!("without it `awsenv use` cannot change the shell; this loads it: {}", start_file::line(shell)));
            Ok("with the hook: ")
        }
    }
}

/// The shell that started this, else the user's.
fn own_shell(host: &Host) -> Shell {
    let parent = process::parent_program().and_then(|name| Shell::of_program(&name.to_lowercase()));
    parent.unwrap_or_else(|| start_file::login_shell(host))
}

/// A session, by the code or by what else the profile needs, as `refresh` gets it.
///
/// # Errors
/// Those of `refresh`.
pub fn session(host: &Host, name: &ProfileName, shell: &str, person: &Person) -> Result<()> {
    let desk = Desk::open(host.clone())?;
    let profile = desk.files.expect_profile(name)?;
    let standing = session::of_profile(host, &desk.settings, &profile)?;
    let browser = matches!(standing.kind, Kind::Sso | Kind::Login) && standing.state.needs_person();
    let wanted = match (standing.kind, standing.state) {
        (Kind::Process | Kind::WebIdentity | Kind::Static | Kind::None, _) | (_, State::Permanent) => false,
        _ => !browser || person.agrees(&[], &format!("{name} is not signed in: do it now, in the browser?"))?,
    };
    if wanted {
        let profile = Some(name.to_os_string());
        let (code, token, duration) = (None, None, None);
        refresh::run(&RefreshArgs { profile, code, token, duration, force: false, device_code: false }, host.clone())?;
    }
    if host.var("AWS_ACCESS_KEY_ID").is_some() {
        say(
            "AWS_ACCESS_KEY_ID is set in this shell and beats every profile: unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY",
        );
    }
    say(format!("{name} is set up; {shell}awsenv use {name}"));
    Ok(())
}
