//! The way to AWS: endpoint and proxy, as the environment and the files have them.

use super::ask::Person;
use super::draft::Draft;
use crate::commands::{Desk, sign_in};
use crate::error::{Error, Result};
use crate::net::Keys;
use crate::profile::ProfileName;
use crate::session::{Asking, Halt};
use crate::state::Memory;

/// Tries what leads to AWS, but for AWS itself, before keys are typed for it.
///
/// # Errors
/// Names what cannot be used, and the variable to unset. Ctrl-C at a question whether it may be.
pub fn check(desk: &Desk, name: &ProfileName, draft: &Draft, person: &Person) -> Result<()> {
    let keys = Keys { access_key_id: "-".into(), secret_access_key: "-".into(), session_token: None };
    let imagined = draft.imagined(desk, name)?;
    let (memory, profile) = (Memory::of(&imagined.host), imagined.files.named(name));
    let asking = Asking { tty: Some(person.tty), ..Asking::default() };
    let renewal = sign_in::renewal(&imagined, &memory, &profile, asking, &sign_in::Wanted::default());
    let Err(halt) = renewal.iam_with(|| Ok(keys)).map(drop) else { return Ok(()) };
    let Halt::Failed(error) = halt else { return Err(Error::stopped()) };
    let names =
        ["AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_IAM", "AWS_ENDPOINT_URL", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"];
    let says = error.to_string();
    // By its name, or by the host in it.
    let is_said = |name: &&&str| {
        let Some(value) = desk.host.var(name) else { return false };
        let value = value.to_string_lossy().into_owned();
        let host = value.split_once("://").and_then(|(_, rest)| rest.split('/').next()).filter(|host| !host.is_empty());
        says.contains(**name) || host.is_some_and(|host| says.contains(host))
    };
    match names.iter().find(is_said) {
        Some(variable) => Err(error.next(format!("or unset {variable}"))),
        None => Err(error),
    }
}
