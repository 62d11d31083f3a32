//! The long-term key of a profile: whether and how the AWS files have it, and the section where it belongs.

use super::Vault;
use crate::aws_files::FileKind;
use crate::error::{Error, Result};
use crate::net::is_key_id;
use crate::profile::{Held, KeyPlace, LongTerm, ProfileName, Recipe};

/// What there is of a profile's long-term key.
pub(super) struct Found {
    /// The key, where the files have it or its id.
    pub held: Option<Held>,
    /// Every section that has it; where none has, the one it belongs into.
    pub places: Vec<KeyPlace>,
}

/// What is on the command line in a profile's place, and looks like a part of a key: it is not repeated.
///
/// # Errors
/// It does, and no profile has that name.
pub(super) fn refuse_secret_as_name(vault: &Vault, name: &ProfileName) -> Result<()> {
    let text = name.to_string();
    let is_secret = text.len() == 40
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/+=".contains(&b))
        && text.bytes().any(|b| b.is_ascii_uppercase())
        && text.bytes().any(|b| b.is_ascii_lowercase());
    if text.trim().is_empty() || text.chars().any(char::is_control) {
        return Err(Error::usage("that is no profile's name"));
    }
    match (is_secret || is_key_id(&text)) && vault.desk.files.profile(name).is_none() {
        true => Err(Error::usage(
            "that looks like a part of a key, not like a profile's name: it is asked for, or read from stdin",
        )),
        false => Ok(()),
    }
}

impl Found {
    /// Looks a profile up. One that no file has is one to be made.
    ///
    /// # Errors
    /// The profile's keys come from elsewhere: a role, a sign-in, a command, a session.
    pub(super) fn of(vault: &Vault, name: &ProfileName) -> Result<Found> {
        let files = &vault.desk.files;
        let refused = |what: String| Err(Error::failed(format!("{name} {what}")));
        let Some(profile) = files.profile(name) else { return Ok(Found::nothing(vault, name)) };
        let recipe = profile.recipe()?;
        let (section, held) = match &recipe {
            Recipe::AwsMfa(mfa) => match &mfa.base {
                LongTerm::Held(held) => (&mfa.long_term, Some(held.clone())),
                LongTerm::Missing(_) => (&mfa.long_term, None),
                LongTerm::Process(command) => {
                    return refused(format!(
                        "has its long-term key from a command ({}), not from a file",
                        command.place
                    ));
                }
            },
            Recipe::PlainMfa(_) | Recipe::Keyring(_) => (name, recipe.long_term_keys()),
            Recipe::Static(_) => match recipe.long_term_keys() {
                None => return refused("has the keys of a session, which end by themselves".into()),
                held => (name, held),
            },
            Recipe::None => (name, None),
            Recipe::Role(_) if recipe.root(name).is_some_and(|(root, _)| root == name) => {
                let line = format!("{name} is a role on top of its own key, which AWS's tools take in plain text only");
                return Err(
                    Error::failed(line).next("give the key a profile of its own, and name that as source_profile")
                );
            }
            Recipe::Role(_) => {
                let root = recipe.root(name).map(|(root, _)| format!("awsenv keyring store {root}"));
                let error = Error::failed(format!("{name} is a role, which has no key of its own"));
                return Err(root.into_iter().fold(error, Error::next));
            }
            Recipe::Sso(_) | Recipe::Login { .. } => {
                return refused("signs in with the browser, and has no key".into());
            }
            Recipe::WebIdentity(_) => return refused("signs in with a token, and has no key".into()),
            Recipe::Process { command } => {
                return refused(format!("has its keys from a command ({}), not from a file", command.place));
            }
        };
        let Some(held) = held else { return Ok(Found::nothing(vault, section)) };
        if !is_key_id(held.id()) || held.id().starts_with("ASIA") {
            return refused(format!("has no long-term access key there: {}", held.shown_id()));
        }
        let mut places = files.places_of(held.id());
        if places.is_empty() {
            // It comes to this section from elsewhere (include_profile, [DEFAULT]).
            return refused(format!("has its key {} from another section", held.shown_id()));
        }
        files.refuse_halves(&places)?;
        places.sort_by_key(|place| place.section != section.as_bstr());
        Ok(Found { held: Some(held), places })
    }

    /// No key yet, and where it belongs: beside what the files have of the section.
    fn nothing(vault: &Vault, section: &ProfileName) -> Found {
        let files = &vault.desk.files;
        let there = |document: &crate::aws_files::Document| document.profile(section.as_bstr()).map(|s| s.line());
        let (file, line) = match (there(&files.config), there(&files.credentials)) {
            (Some(line), _) => (FileKind::Config, line),
            (None, Some(line)) => (FileKind::Credentials, line),
            (None, None) if section.as_bytes().ends_with(b"-long-term") => (FileKind::Credentials, 0),
            (None, None) => (FileKind::Config, 0),
        };
        Found { held: None, places: vec![KeyPlace { file, section: section.as_bstr().into(), line, kept: true }] }
    }

    /// Whether the secret stands in plain text somewhere.
    pub(super) fn is_plain(&self) -> bool {
        self.places.iter().any(|place| !place.kept)
    }
}
