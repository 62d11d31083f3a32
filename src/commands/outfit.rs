//! What a profile brings besides its keys: its proxy and its own variables, where they may count.

use super::Desk;
use crate::error::{Kind, Result};
use crate::profile::Profile;
use crate::session::proxy::{self, ProfileProxy};
use crate::session::{self, trust};
use crate::state::Memory;
use crate::terminal::{Tty, say};

/// Proxy and variables of a profile.
pub struct Outfit {
    pub proxy: ProfileProxy,
    pub env: Vec<(String, String)>,
}

/// The outfit of a profile; runs its proxy's `password_process`, or reads its password out of the keyring.
///
/// # Errors
/// Names what is wrong with the proxy's section, or the command that failed.
pub fn of(desk: &Desk, memory: &Memory, profile: &Profile, tty: Option<&Tty>) -> Result<Outfit> {
    let settings = desk.settings.profile(profile.name.as_bstr());
    let proxy = proxy::of_profile(&desk.settings, settings.proxy.as_ref(), |name, from| {
        session::password(&desk.host, &desk.settings, memory, tty, name, from).map(Some)
    })?;
    let mut env = settings.env;
    if !env.is_empty() {
        let lines: Vec<String> = env.iter().map(|(name, value)| format!("env.{name} = {value}")).collect();
        let file = &desk.settings.path;
        if let Err(error) = trust::confirm(memory, tty, desk.settings.from_environment, file, &lines.join(", ")) {
            if error.kind() == Kind::Stopped {
                return Err(error);
            }
            // The rest of the profile is still good for something.
            say(error.within(file.display()).to_string());
            env.clear();
        }
    }
    Ok(Outfit { proxy, env })
}
