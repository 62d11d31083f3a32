//! `awsenv iam …`: what surrounds an IAM user's sessions.

mod generate;
mod keys;
pub(super) mod mfa;
mod password;
mod policy;
mod revoke;
mod rotate;
mod show;
pub(super) mod target;

use std::ffi::OsStr;

use super::sso::foreground;
use super::{Desk, consent, sign_in};
use crate::cli::{IamArgs, IamCommand, KeysCommand, MfaCommand};
use crate::error::{Error, Result};
use crate::host::Host;
use crate::net::Iam;
use crate::profile::Profile;
use crate::session::{Asking, Halt, IamAccess, InForce};
use crate::state::Memory;
use crate::terminal::Tty;
use crate::time::Timestamp;
use target::Caller;

pub fn run(args: &IamArgs, host: Host) -> Result<()> {
    with(args.profile.as_deref(), host, &|office| match &args.command {
        IamCommand::Show(args) => show::run(args, office),
        IamCommand::Password { command } => password::run(command, office),
        IamCommand::Revoke(args) => revoke::run(args, office),
        IamCommand::Keys { command } => match command {
            KeysCommand::List(args) => keys::list(args, office),
            KeysCommand::Rotate(args) => rotate::run(args, office),
            KeysCommand::Disable(args) => keys::disable(args, office),
            KeysCommand::Delete(args) => keys::delete(args, office),
        },
        IamCommand::Mfa { command } => match command {
            MfaCommand::List(args) => mfa::list(args, office),
            MfaCommand::Enable(args) => mfa::enable(args, office),
            MfaCommand::Disable(args) => mfa::disable(args, office),
        },
    })
}

/// A signed-in caller at IAM.
pub(super) struct Office<'a> {
    pub desk: &'a Desk,
    pub profile: &'a Profile<'a>,
    pub access: &'a IamAccess<'a>,
    pub tty: Option<&'a Tty>,
    pub caller: Caller,
}

/// Signs in as the profile in force, asking for the code where its session is over, and finds out who that is.
fn with(named: Option<&OsStr>, host: Host, work: &dyn Fn(&Office) -> Result<()>) -> Result<()> {
    let desk = Desk::open(host)?;
    if named.is_none() && InForce::of(&desk.host, &desk.files) == InForce::Environment {
        return Err(Error::failed(
            "AWS_ACCESS_KEY_ID is set, and beats every profile: whose IAM is meant is not clear",
        )
        .next("--profile NAME says it, or unset the key"));
    }
    let profile = desk.files.expect_profile(&desk.profile_name(named))?;
    let memory = Memory::of(&desk.host);
    let tty = foreground();
    let asking = Asking { tty: tty.as_ref(), process: true, ..Asking::default() };
    let wanted = sign_in::Wanted { min_left: i64::from(desk.settings.guard.margin), ..sign_in::Wanted::default() };
    let renewal = sign_in::renewal(&desk, &memory, &profile, asking, &wanted);
    let access = renewal.iam().map_err(|halt| match halt {
        Halt::Failed(error) => error,
        Halt::Declined => Error::stopped(),
    })?;
    let caller = Caller::of(access.caller(&access.keys).map_err(|e| Error::from(e).within(&profile.name))?);
    work(&Office { desk: &desk, profile: &profile, access: &access, tty: tty.as_ref(), caller })
}

impl Office<'_> {
    pub(super) fn iam(&self) -> Iam<'_> {
        self.access.iam()
    }

    /// The time now, on AWS's clock as far as it is known.
    fn now(&self) -> Timestamp {
        self.desk.host.now().plus(self.iam().skew)
    }

    /// Asks whether to do what `before` says.
    ///
    /// # Errors
    /// The answer was no, or there is nobody to ask; Ctrl-C. Then nothing was changed.
    fn consent(&self, yes: bool, before: &[String], question: &str) -> Result<()> {
        consent::consent(self.tty, yes, before, question)
    }
}

/// `1 key`, `2 keys`.
fn count(number: usize, one: &str) -> String {
    format!("{number} {one}{}", if number == 1 { "" } else { "s" })
}

/// How long ago, in the largest unit that says something: `3 days`, `5h12m`.
fn age(then: Timestamp, now: Timestamp) -> String {
    let seconds = now.since(then).max(0);
    match usize::try_from(seconds / 86_400).unwrap_or_default() {
        0 | 1 => crate::time::span(seconds),
        days => count(days, "day"),
    }
}
