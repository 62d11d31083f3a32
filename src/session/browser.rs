//! The browser of a profile: the command that the settings name for it, where it may count.

use crate::error::{Kind, Result};
use crate::profile::Profile;
use crate::settings::Settings;
use crate::state::Memory;
use crate::terminal::{Opener, Tty, say};

use super::{command, trust};

/// What opens links for a profile; `None`: what opens them for everybody. A command that may not count is left out with
/// one line.
///
/// # Errors
/// Ctrl-C at the question whether it may count.
pub fn of_profile(
    settings: &Settings,
    memory: &Memory,
    tty: Option<&Tty>,
    profile: &Profile,
    account: Option<String>,
) -> Result<Option<Opener>> {
    let Some((text, command)) = settings.profile(profile.name.as_bstr()).browser else { return Ok(None) };
    let file = &settings.path;
    let may_count = command::check_owner(file).and_then(|()| {
        let line = format!("browser = {text}");
        trust::confirm(memory, tty, settings.from_environment, file, &line).map_err(|e| e.within(file.display()))
    });
    match may_count {
        Ok(()) => Ok(Some(Opener { command, profile: profile.name.to_string(), account })),
        Err(error) if error.kind() == Kind::Stopped => Err(error),
        Err(error) => {
            say(error.to_string());
            Ok(None)
        }
    }
}
