//! `awsenv logout [PROFILE|--all]`: ends what this machine holds of a session, and says what lives on at AWS.

mod sso;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::Desk;
use crate::aws_files::{self, FileKind, SectionKind};
use crate::cli::LogoutArgs;
use crate::error::{Error, Kind, Result};
use crate::host::Host;
use crate::profile::{Profile, ProfileName, Recipe};
use crate::session::plan::{self, Plan};
use crate::session::{self, State, store};
use crate::terminal::say;
use crate::time::Timestamp;

/// The keys that aws-mfa and awsenv write into `[NAME]`.
const SESSION_KEYS: [&str; 8] = [
    "assumed_role",
    "assumed_role_arn",
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "aws_security_token",
    "expiration",
    "manager",
];

pub fn run(args: &LogoutArgs, host: Host) -> Result<()> {
    let desk = Desk::open(host)?;
    let names = if args.all { desk.files.names() } else { vec![desk.profile_name(args.profile.as_deref())] };
    let (mut ended, mut failed) = (0, false);
    let mut done = BTreeSet::new();
    for name in names {
        let profile = desk.files.expect_profile(&name)?;
        match profile.recipe().and_then(|recipe| one(&desk, &profile, &recipe, args.all, &mut done)) {
            Ok(count) => ended += count,
            // With --all one profile must not keep the others logged in.
            Err(error) if args.all => {
                failed = true;
                say(error.to_string());
            }
            Err(error) => return Err(error),
        }
    }
    if args.all {
        ended += sso::remove_strays(&desk)?;
    }
    if failed {
        return Err(Error::silent(Kind::Failed));
    }
    if ended == 0 {
        say(if args.all { "there was no session on this machine" } else { "there was no session to end" });
    }
    Ok(())
}

/// Ends one profile's sessions; gives how many there were. `done` holds the files that are gone already.
fn one(desk: &Desk, profile: &Profile, recipe: &Recipe, all: bool, done: &mut BTreeSet<PathBuf>) -> Result<usize> {
    let name = &profile.name;
    match recipe {
        Recipe::AwsMfa(mfa) => {
            // One that could not be written in its time would come back with the next refresh.
            let kept = session::kept_session(&desk.host, name, mfa).filter(|path| path.exists());
            if let Some(path) = &kept {
                remove_file(path)?;
            }
            if mfa.session.is_some() {
                remove_keys(desk, name)?;
            }
            let ended = kept.is_some() || mfa.session.is_some();
            if ended {
                said(desk, name, mfa.session.as_ref().and_then(session::end_of));
            }
            Ok(usize::from(ended))
        }
        Recipe::Sso(sso) if !done.insert(store::token_path(&desk.host, sso)) => Ok(0),
        Recipe::Sso(sso) => sso::sign_out(desk, profile, sso),
        Recipe::Login { .. } if is_missing(desk, profile)? => Ok(0),
        // What `aws logout` does. AWS lets nobody end the sign-in itself from here.
        Recipe::Login { session } => {
            let path = store::login_path(&desk.host, session);
            if !done.insert(path.clone()) {
                return Ok(0);
            }
            let until = store::login(&path).map(|found| found.until);
            remove_file(&path)?;
            said(desk, name, until);
            Ok(1)
        }
        _ => {
            let standing = session::of_profile(&desk.host, &desk.settings, profile)?;
            let plan = Plan::of(&desk.host, recipe, |role| {
                session::role_seconds(&desk.host, &desk.settings, profile, role, None)
            });
            // A role's own cache file; what lies below it serves other profiles too and goes with them, or with --all.
            let own: Vec<PathBuf> = match plan.hops.last() {
                Some(role) => vec![plan::role_cache(&desk.host, role)],
                None => standing.files.clone(),
            };
            let below =
                || plan.hops.iter().map(|role| plan::role_cache(&desk.host, role)).chain(standing.files.clone());
            let files: BTreeSet<PathBuf> = if all { below().collect() } else { own.into_iter().collect() };
            let mut ended = 0;
            let mut until = None;
            for path in files {
                if !done.insert(path.clone()) {
                    continue;
                }
                // One that could not be written in its time would come back with the next refresh.
                let kept = session::kept_beside(&desk.host, &path);
                let found: Vec<_> =
                    [path, kept].into_iter().filter_map(|p| Some((store::read(&p)?.until, p))).collect();
                for (end, path) in &found {
                    remove_file(path)?;
                    until = until.max(Some(*end));
                }
                ended += usize::from(!found.is_empty());
            }
            let left = below().filter_map(|path| store::read(&path)).map(|found| found.until).max();
            if let Some(end) = left.filter(|end| *end > desk.host.now()) {
                let now = desk.host.now();
                say(format!(
                    "the session that {name} is made from stays good until {}, for other profiles too: awsenv logout --all",
                    end.local(now)
                ));
            }
            if ended > 0 {
                said(desk, name, until);
            }
            Ok(ended)
        }
    }
}

fn is_missing(desk: &Desk, profile: &Profile) -> Result<bool> {
    Ok(session::of_profile(&desk.host, &desk.settings, profile)?.state == State::Missing)
}

fn said(desk: &Desk, name: &ProfileName, until: Option<Timestamp>) {
    let now = desk.host.now();
    let still = until.filter(|end| *end > now).map(|end| {
        format!(
            "; copies of its keys work at AWS until {}, and only an administrator can end that earlier",
            end.local(now)
        )
    });
    say(format!("the session of {name} is gone from this machine{}", still.unwrap_or_default()));
}

/// Takes aws-mfa's keys out of `[NAME]`; other keys stay, an emptied section goes.
fn remove_keys(desk: &Desk, name: &ProfileName) -> Result<()> {
    aws_files::edit(&desk.files.paths.credentials, FileKind::Credentials, |document| {
        for key in SESSION_KEYS {
            document.remove_key(SectionKind::Profile, name.as_bstr(), key)?;
        }
        if document.is_empty_section(SectionKind::Profile, name.as_bstr()) {
            document.remove_section(SectionKind::Profile, name.as_bstr())?;
        }
        Ok(())
    })
}

pub(super) fn remove_file(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(Error::failed(format!("{}: {e}", path.display()))),
        _ => Ok(()),
    }
}
