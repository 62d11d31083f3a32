//! `awsenv iam keys list|disable|delete`: access keys, and where in the AWS files they stand.

use super::show::{JsonKey, Seen, last_used, looked, seen};
use super::{Office, age};
use crate::cli::{KeyArgs, KeyListArgs};
use crate::commands::sso::table;
use crate::commands::{print, report};
use crate::error::{Error, Result};
use crate::keyring::{Item, Keyring};
use crate::net::LastUse;
use crate::profile::Held;
use crate::terminal::{Colours, say, warn};

pub(super) fn list(args: &KeyListArgs, office: &Office) -> Result<()> {
    let user = office.user(args.user.as_deref())?;
    let mut keys = Vec::new();
    for key in office.iam().list_access_keys(Some(&user))? {
        let used = uses(office, &key.id)?;
        keys.push((key, used));
    }
    if args.json {
        let rows: Vec<_> =
            keys.iter().map(|(key, used)| JsonKey::of(key, used.as_ref().ok().and_then(Option::as_ref))).collect();
        return print(&report::json(&rows)?);
    }
    if keys.is_empty() {
        say(format!("{user} has no access key"));
        return Ok(());
    }
    // A column has no room for it.
    if let Some(missing) = keys.iter().find_map(|(_, used)| used.as_ref().err()) {
        warn(format!("when they were used cannot be seen: {}", missing.why));
    }
    let now = office.now();
    let rows: Vec<_> = keys
        .iter()
        .map(|(key, used)| {
            let used = match used {
                Ok(used) => last_used(used.as_ref(), now),
                Err(_) => "not shown".into(),
            };
            let places =
                office.desk.files.places_of(&key.id).iter().map(|p| format!("[{}]", p.section)).collect::<Vec<_>>();
            let state = if key.active { "active" } else { "inactive" };
            [key.id.clone(), state.into(), key.created.map(|t| age(t, now)).unwrap_or_default(), used, places.join(" ")]
        })
        .collect();
    let colours = Colours::on_stdout(&office.desk.host);
    print(table(["KEY", "STATE", "AGE", "USE", "IN THE AWS FILES"], &rows, |text| colours.faint(text)).as_bytes())
}

/// When a key was used last.
pub(super) fn uses(office: &Office, id: &str) -> Result<Seen<Option<LastUse>>> {
    seen(office.iam().last_use(id))
}

/// `never used`, or when; empty where it may not be seen.
pub(super) fn use_words(office: &Office, id: &str) -> Result<String> {
    Ok(match uses(office, id)? {
        Ok(used) => last_used(used.as_ref(), office.now()),
        Err(missing) => format!("last use not shown: {}", missing.why),
    })
}

pub(super) fn disable(args: &KeyArgs, office: &Office) -> Result<()> {
    let (user, key) = chosen(args, office)?;
    if key.active == Some(false) {
        say(format!("{} of {user} is inactive already", key.id));
        return Ok(());
    }
    let mut before = vec![format!(
        "{} of {user} ({}) stops working, until it is made active again in the console",
        key.id,
        use_words(office, &key.id)?
    )];
    before.push("sessions that were made with it go on: awsenv iam revoke ends them".into());
    before.extend(warning(office, &key.id));
    office.consent(args.yes, &before, "Disable it? [y/n] ")?;
    office.iam().set_access_key(&user, &key.id, false)?;
    say(format!("{} is inactive", key.id));
    Ok(())
}

pub(super) fn delete(args: &KeyArgs, office: &Office) -> Result<()> {
    let (user, key) = chosen(args, office)?;
    let state = match key.active {
        Some(true) => "ACTIVE, ",
        Some(false) => "inactive, ",
        None => "",
    };
    let mut before = vec![format!("{} of {user} ({state}{}) is deleted for good", key.id, use_words(office, &key.id)?)];
    if key.active != Some(false) {
        before.push("`awsenv iam keys disable` first can be taken back; this cannot".into());
    }
    before.extend(warning(office, &key.id));
    office.consent(args.yes, &before, "Delete it? [y/n] ")?;
    office.iam().delete_access_key(&user, &key.id)?;
    let held = office.profile.recipe().ok().and_then(|recipe| recipe.root(&office.profile.name)?.1.long_term_keys());
    let is_kept = office.desk.files.places_of(&key.id).iter().any(|place| place.kept);
    if is_kept || matches!(held, Some(Held::Keyring(_))) {
        forget(office, &key.id);
    }
    say(format!("{} is deleted", key.id));
    Ok(())
}

/// Takes the secret of a deleted key out of the system's keyring, where it is of no use any more.
pub(super) fn forget(office: &Office, id: &str) {
    let keyring = Keyring::open(&office.desk.host, office.tty);
    if let Err(error) = keyring.and_then(|keyring| keyring.remove(Item::AccessKey(id))) {
        say(error.within(format!("the secret of {id} stays in the keyring")).to_string());
    }
}

/// What else is lost with a key.
fn warning(office: &Office, id: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let found = office.desk.files.places_of(id);
    if !found.is_empty() {
        lines.push(format!("it stands in {}, which then gives no keys", office.desk.files.place_words(&found)));
    }
    if office.access.keys.access_key_id == id {
        lines.push("this very call is signed with it".into());
    }
    lines
}

/// The key that is meant.
struct Chosen {
    id: String,
    /// `None` where it may not be seen.
    active: Option<bool>,
}

/// The key that is meant, and whose it is.
fn chosen(args: &KeyArgs, office: &Office) -> Result<(String, Chosen)> {
    let user = office.user(args.user.as_deref())?;
    let listed = office.iam().list_access_keys(Some(&user));
    let keys = match &args.key_id {
        // Which one is meant is clear without the list.
        Some(id) => match looked(&format!("which access keys {user} has"), listed)? {
            Some(keys) => keys,
            None => return Ok((user, Chosen { id: id.clone(), active: None })),
        },
        None => listed?,
    };
    let ids = || keys.iter().map(|key| key.id.as_str()).collect::<Vec<_>>().join(", ");
    let found = match &args.key_id {
        Some(id) => keys.iter().find(|key| key.id == *id),
        None => {
            let elsewhere: Vec<_> = keys.iter().filter(|key| office.desk.files.places_of(&key.id).is_empty()).collect();
            match elsewhere[..] {
                [only] => Some(only),
                _ if keys.is_empty() => None,
                _ => return Err(Error::usage(format!("which key of {user}?")).next(ids())),
            }
        }
    };
    match found {
        Some(key) => Ok((user, Chosen { id: key.id.clone(), active: Some(key.active) })),
        None if keys.is_empty() => Err(Error::failed(format!("{user} has no access key"))),
        None => Err(Error::failed(format!("{user} has no such access key"))
            .next(format!("it has {}; --user NAME names another user", ids()))),
    }
}
