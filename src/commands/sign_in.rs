//! What `use`, `refresh`, `guard`, `exec`, `export` and `credentials` share: one renewal of one profile.

use super::Desk;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::profile::{Profile, Recipe};
use crate::session::console::ServiceName;
use crate::session::{self, Asking, ConsoleLink, Halt, Kind, Ready, Renewal};
use crate::state::Memory;
use crate::terminal::Code;
use crate::time::{Timestamp, span};

/// How much of a session is wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted {
    /// A session with this many seconds left or fewer is renewed.
    pub min_left: i64,
    /// Renew also what still works.
    pub force: bool,
    /// How long the new session shall last, seconds.
    pub duration: Option<u32>,
}

/// The profile's keys, renewed where needed.
///
/// # Errors
/// [`Halt::Declined`] for Enter at the question, else one line.
pub fn keys(
    desk: &Desk,
    memory: &Memory,
    profile: &Profile,
    asking: Asking,
    wanted: &Wanted,
) -> std::result::Result<Ready, Halt> {
    renewal(desk, memory, profile, asking, wanted).keys()
}

/// A link into the console for the profile, renewed where needed.
///
/// # Errors
/// As [`keys`].
pub fn console(
    desk: &Desk,
    memory: &Memory,
    profile: &Profile,
    asking: Asking,
    wanted: &Wanted,
    service: Option<&ServiceName>,
) -> std::result::Result<ConsoleLink, Halt> {
    renewal(desk, memory, profile, asking, wanted).console(service)
}

/// One renewal, not yet begun.
pub fn renewal<'a>(
    desk: &'a Desk,
    memory: &'a Memory,
    profile: &'a Profile<'a>,
    asking: Asking<'a>,
    wanted: &Wanted,
) -> Renewal<'a> {
    Renewal {
        host: &desk.host,
        settings: &desk.settings,
        files: &desk.files,
        memory,
        profile,
        asking,
        min_left: wanted.min_left,
        force: wanted.force,
        duration: wanted.duration,
        proxy: std::cell::OnceCell::new(),
        again: None,
    }
}

/// Renews the profile; gives the time when the next code will be needed.
///
/// # Errors
/// As [`keys`].
pub fn renew(
    desk: &Desk,
    memory: &Memory,
    profile: &Profile,
    asking: Asking,
    wanted: &Wanted,
) -> std::result::Result<Option<Timestamp>, Halt> {
    let until = renewal(desk, memory, profile, asking, wanted).renew()?;
    let again = Desk::open(desk.host.clone())?;
    let standing =
        again.files.profile(&profile.name).and_then(|p| session::of_profile(&again.host, &again.settings, &p).ok());
    Ok(match standing {
        Some(standing) if standing.kind != Kind::None => standing.expires_at,
        _ => until,
    })
}

/// `dev is good until 21:14 (12h00m)`.
pub fn good_until(host: &Host, profile: &Profile, until: Option<Timestamp>) -> String {
    let (now, name) = (host.now(), &profile.name);
    // Whether AWS gives the role on top of a sign-in is seen by whoever assumes it.
    let recipe = profile.recipe();
    let on_top = recipe.as_ref().is_ok_and(|recipe| matches!(recipe, Recipe::Role(_)) && !recipe.needs_sibling());
    if on_top && let Some(sso) = recipe.ok().as_ref().and_then(|recipe| recipe.sso()) {
        return format!("signed in to {} for {name}", sso.session.as_ref().unwrap_or(&sso.start_url));
    }
    match until {
        // The service counts from its answer on; a second on the way must not show as 11h59m.
        Some(end) => format!("{name} is good until {} ({})", end.local(now), span(end.since(now) + 5)),
        None => format!("{name} is good"),
    }
}

/// A code given as an argument.
///
/// # Errors
/// Says that a code has six digits, without repeating what was given.
pub fn code(text: &str) -> Result<Code> {
    Code::parse(text).map_err(|_| Error::usage("a code is six digits"))
}
