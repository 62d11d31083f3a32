//! Keys and passwords that the system's keyring has.

use bstr::{BStr, ByteSlice};

use super::Findings;
use crate::aws_files::Document;
use crate::commands::Desk;
use crate::keyring::{Item, Keyring, Look};
use crate::profile::KEYRING_KEY;

pub fn look(desk: &Desk, found: &mut Findings) {
    let mut kept: Vec<String> = Vec::new();
    for document in [&desk.files.credentials, &desk.files.config] {
        for name in document.profile_names() {
            kept.extend(one(document, name, found));
        }
    }
    kept.sort();
    kept.dedup();
    let proxies: Vec<&str> = desk.settings.proxies_in_keyring().collect();
    // Nobody who keeps nothing there needs to hear of it.
    if kept.is_empty() && proxies.is_empty() {
        return;
    }
    match Keyring::look(&desk.host) {
        Look::Open => {}
        Look::Locked => {
            return found.note(Keyring::NAME, "is locked: its dialogue comes when a key that it has is needed");
        }
        Look::Unconfirmed(why) => {
            let asks = "`awsenv exec PROFILE` in a terminal asks";
            return found
                .problem(Keyring::NAME, format!("is not asked, and keys of the AWS files are in it: {why}: {asks}"));
        }
        Look::None(why) => {
            let what = if kept.is_empty() { "passwords of proxies" } else { "keys of the AWS files" };
            return found.problem(Keyring::NAME, format!("is not there, and {what} are in it: {why}"));
        }
    }
    let ids = kept.iter().map(|id| (Item::AccessKey(id), format!("the secret of {id}"), "PROFILE".to_owned()));
    let passwords = proxies
        .iter()
        .map(|name| (Item::Proxy(name), format!("the password of [proxy {name}]"), format!("--proxy {name}")));
    for (item, what, which) in ids.chain(passwords) {
        match Keyring::open(&desk.host, None).and_then(|keyring| keyring.read(item)) {
            Ok(Some(_)) => found.ok(Keyring::NAME, format!("has {what}")),
            Ok(None) => found.problem(Keyring::NAME, format!("does not have {what}: awsenv keyring store {which}")),
            Err(error) => found.problem(Keyring::NAME, error),
        }
    }
}

/// The id in a section; what is wrong with how it stands there is found.
fn one(document: &Document, name: &BStr, found: &mut Findings) -> Option<String> {
    let section = document.profile(name)?;
    let id = section.own(KEYRING_KEY)?;
    let about = format!("{}:{}", document.path().display(), id.line);
    if section.own("aws_access_key_id").is_some() {
        found.problem(
            &about,
            format!("[{name}] has its key in plain text, too, which counts: awsenv keyring store {name} or restore {name} finishes"),
        );
    }
    let command = section.own("credential_process").map(|v| v.bytes.to_str_lossy().into_owned());
    let program = command.as_deref().and_then(shlex::split).and_then(|words| words.into_iter().next());
    match (command, program) {
        (None, _) => {
            found.note(&about, format!("AWS CLI and SDKs get no key of [{name}]: it has no credential_process"))
        }
        (_, Some(program)) if which::which(&program).is_ok() => {}
        (Some(command), _) => {
            let lost = format!("AWS CLI and SDKs get no key of [{name}]: credential_process = {command}: that is gone");
            found.problem(&about, lost);
        }
    }
    Some(id.bytes.trim_ascii().to_str_lossy().into_owned())
}
