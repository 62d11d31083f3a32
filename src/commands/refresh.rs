//! `awsenv refresh [PROFILE] [CODE]`: a new session of whatever kind the profile has.

use super::{Desk, login, sibling, sign_in};
use crate::cli::RefreshArgs;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::profile::Tool;
use crate::session::{self, Asking, Consent, Halt, Kind, State};
use crate::state::Memory;
use crate::terminal::{Code, Tty, say};
use crate::time::span;

pub fn run(args: &RefreshArgs, host: Host) -> Result<()> {
    let desk = Desk::open(host)?;
    let (name, code) = named_and_code(&desk, args)?;
    let profile = desk.files.expect_profile(&name)?;
    let standing = session::of_profile(&desk.host, &desk.settings, &profile)?;
    if let Some(why) = nothing_to_renew(standing.kind) {
        if let (Kind::Process, Some(tool)) = (standing.kind, profile.tool()) {
            say(format!("{name} gets its keys from {}, which renews them itself: nothing to refresh", tool.name()));
            if tool == Tool::Granted {
                say("(`awsenv sso profiles --adopt` lets awsenv sign in instead)");
            }
            return Ok(());
        }
        if standing.state.needs_person() {
            return Err(Error::failed(format!("{name} {why}, they are over, and awsenv cannot renew them"))
                .next("get new ones with the tool that wrote them"));
        }
        let state = if standing.state == State::Permanent { "has keys without an end" } else { why };
        say(format!("{name} {state}: nothing to refresh"));
        return Ok(());
    }
    if sibling::exists(&desk, &name)
        && let Err(error) = sibling::ensure(&desk, &profile, None)
    {
        say(error.to_string());
    }
    if standing.state == State::Valid && !args.force {
        let until = standing.expires_at.map(|end| {
            let now = desk.host.now();
            format!(" until {} ({})", end.local(now), span(end.since(now)))
        });
        say(format!("{name} is still good{}: --force renews it anyway", until.unwrap_or_default()));
        return Ok(());
    }
    let tty = Tty::open().filter(Tty::is_foreground);
    let memory = Memory::of(&desk.host);
    let consent = Consent::Given { device_code: args.device_code };
    let asking = Asking { code, tty: tty.as_ref(), process: true, consent, ..Asking::default() };
    let renewal =
        sign_in::Wanted { force: args.force, duration: args.duration, min_left: i64::from(desk.settings.guard.margin) };
    let mut outcome = sign_in::renew(&desk, &memory, &profile, asking.clone(), &renewal);
    if let Err(Halt::Failed(_)) = &outcome
        && let Some(signs_in) = profile.recipe()?.login_profile(&name)
        && session::of_profile(&desk.host, &desk.settings, &profile)?.state.needs_person()
    {
        login::run(&desk, &memory, &profile, signs_in, tty.as_ref())?;
        // It may have changed the profile.
        let desk = Desk::open(desk.host.clone())?;
        let wanted = sign_in::Wanted { force: false, ..renewal };
        outcome = sign_in::renew(&desk, &memory, &desk.files.expect_profile(&name)?, asking, &wanted);
    }
    match outcome {
        Ok(until) => {
            say(sign_in::good_until(&desk.host, &profile, until));
            Ok(())
        }
        Err(Halt::Failed(error)) => Err(error),
        Err(Halt::Declined) => Err(Error::stopped()),
    }
}

/// Kinds that hold nothing awsenv could renew.
fn nothing_to_renew(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Static => Some("has keys that another tool wrote"),
        Kind::Process => Some("gets its keys from its credential_process"),
        Kind::WebIdentity => Some("gets its keys from a web identity token"),
        Kind::Environment => Some("takes its keys from the environment"),
        _ => None,
    }
}

/// `refresh dev 123456`, `refresh 123456` (six digits that are no profile's name), `refresh --token 123456`.
fn named_and_code(desk: &Desk, args: &RefreshArgs) -> Result<(crate::profile::ProfileName, Option<Code>)> {
    let given = args.token.as_ref().or(args.code.as_ref());
    let alone = args.profile.as_deref().and_then(|p| p.to_str()).and_then(|p| Code::parse(p).ok());
    if let (Some(code), None) = (alone, given) {
        let name = desk.profile_name(args.profile.as_deref());
        if desk.files.profile(&name).is_none() {
            return Ok((desk.profile_name(None), Some(code)));
        }
    }
    let code = given.map(|text| sign_in::code(text)).transpose()?;
    Ok((desk.profile_name(args.profile.as_deref()), code))
}
