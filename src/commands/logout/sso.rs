//! Signing out of IAM Identity Center: at AWS, and on this machine the token and the keys that were fetched with it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::{Desk, remove_file};
use crate::commands::sign_in::{self, Wanted};
use crate::error::{Error, Result};
use crate::profile::{Profile, Recipe, Sso};
use crate::session::{Asking, Consent, SignedOut, cache_key, store, stray_tokens};
use crate::state::Memory;
use crate::terminal::{Tty, clean_to, say};

/// Ends one sign-in; gives how many sessions there were.
///
/// # Errors
/// Says that AWS could not be told; on this machine all is gone by then.
pub fn sign_out(desk: &Desk, profile: &Profile, sso: &Sso) -> Result<usize> {
    let tty = Tty::open().filter(Tty::is_foreground);
    let memory = Memory::of(&desk.host);
    let consent = Consent::Given { device_code: false };
    let asking = Asking { tty: tty.as_ref(), process: true, consent, ..Asking::default() };
    let name = sso.session.clone().unwrap_or_else(|| profile.name.to_string());
    let outcome = sign_in::renewal(desk, &memory, profile, asking, &Wanted::default()).sign_out(sso);
    let keys = remove_keys(desk, sso)?;
    let (was, told) = match outcome? {
        SignedOut::Nothing => (false, Ok(())),
        SignedOut::Done => (true, Ok(())),
        SignedOut::OnlyHere(why) => (true, Err(why)),
    };
    if !was && keys.count == 0 {
        return Ok(0);
    }
    let now = desk.host.now();
    let still = keys.until.filter(|end| *end > now).map(|end| {
        format!(
            "; copies of the keys it gave work at AWS until {}, and only an administrator can end that earlier",
            end.local(now)
        )
    });
    let still = still.unwrap_or_default();
    match told {
        Ok(()) => {
            say(format!("signed out of {name}{still}"));
            Ok(1)
        }
        Err(why) => {
            let line = format!("{name} is gone from this machine, but AWS could not be told to end it ({why}){still}");
            Err(Error::failed(line).next("sign out at the portal"))
        }
    }
}

/// What was fetched with a sign-in.
struct Keys {
    count: usize,
    until: Option<crate::time::Timestamp>,
}

/// Removes the keys of every role that a profile names behind this sign-in.
fn remove_keys(desk: &Desk, sso: &Sso) -> Result<Keys> {
    let mut paths = BTreeSet::new();
    for name in desk.files.names() {
        let recipe = desk.files.profile(&name).and_then(|profile| profile.recipe().ok());
        if let Some(Recipe::Sso(other)) = &recipe
            && (&other.session, &other.start_url) == (&sso.session, &sso.start_url)
            && let (Some(account), Some(role)) = (&other.account_id, &other.role_name)
        {
            let session = other.session.as_deref().ok_or(other.start_url.as_str());
            paths.insert(store::role_path(&desk.host, &cache_key::sso_role(account, role, session)));
        }
    }
    let mut keys = Keys { count: 0, until: None };
    for path in paths {
        if let Some(found) = store::read(&path) {
            remove_file(&path)?;
            keys.count += 1;
            keys.until = keys.until.max(Some(found.until));
        }
    }
    Ok(keys)
}

/// Removes tokens that no profile here stands for; gives how many there were.
///
/// # Errors
/// Names the file that cannot be removed.
pub fn remove_strays(desk: &Desk) -> Result<usize> {
    let strays: Vec<(PathBuf, String)> = stray_tokens(&desk.host);
    for (path, portal) in &strays {
        remove_file(path)?;
        say(format!(
            "a sign-in at {} that no profile uses is gone from this machine; AWS was not told, it ends there by itself",
            clean_to(portal, 100)
        ));
    }
    Ok(strays.len())
}
