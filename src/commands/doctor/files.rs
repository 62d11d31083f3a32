//! The AWS files, profile by profile.

use std::collections::{BTreeMap, BTreeSet};

use bstr::ByteSlice;

use super::Findings;
use crate::aws_files::{Document, Effect, SectionKind};
use crate::commands::{Desk, readers};
use crate::net::Region;
use crate::profile::{LongTerm, Profile, ProfileName, Recipe, SIBLING_KEY, Tool};
use crate::session::proxy;
use crate::terminal::Link;

pub fn look(desk: &Desk, found: &mut Findings) {
    let files =
        [(&desk.files.config, &desk.files.paths.config), (&desk.files.credentials, &desk.files.paths.credentials)];
    for (document, path) in files {
        let before = found.0.len();
        complaints(document, found);
        if !document.exists() {
            found.note(path.display(), "does not exist");
        } else if found.0.len() == before {
            found.ok(path.display(), "every AWS tool reads it alike");
        }
    }
    let credentials = &desk.files.paths.credentials;
    if let Some(mend) = readers::mend(credentials) {
        found.problem(credentials.display(), format!("other users of this machine can read it: {mend}"));
    }
    for name in desk.files.names() {
        if let Some(profile) = desk.files.profile(&name) {
            one(desk, &profile, found);
        }
    }
    sign_ins(desk, found);
    siblings(desk, found);
    tools(desk, found);
}

/// What keeps a sign-in to Identity Center from beginning, once for all profiles that it serves.
fn sign_ins(desk: &Desk, found: &mut Findings) {
    let mut told = BTreeSet::new();
    for profile in desk.files.names().iter().filter_map(|name| desk.files.profile(name)) {
        let Ok(Recipe::Sso(sso)) = profile.recipe() else { continue };
        let section = sso
            .session
            .as_ref()
            .and_then(|name| desk.files.config.section(SectionKind::SsoSession, name.as_bytes().as_bstr()));
        for (key, why) in [
            ("sso_start_url", Link::of(&sso.start_url).err().map(str::to_owned)),
            ("sso_region", Region::new(&sso.region).err().map(|why| why.to_string())),
        ] {
            let Some(why) = why else { continue };
            let place = match &section {
                Some(section) => section.get(key).map(|v| format!("{}:{}", desk.files.config.path().display(), v.line)),
                None => profile.get(key).map(|value| value.place.to_string()),
            };
            let place = place.unwrap_or_else(|| format!("profile {}", profile.name));
            if told.insert((place.clone(), key)) {
                found.problem(place, format!("{key} cannot be used: {why}"));
            }
        }
    }
}

/// Profiles whose keys come from another tool, a line for each tool.
fn tools(desk: &Desk, found: &mut Findings) {
    let mut of_tool: BTreeMap<Tool, Vec<String>> = BTreeMap::new();
    for profile in desk.files.names().iter().filter_map(|name| desk.files.profile(name)) {
        if let (Some(tool), Ok(Recipe::Process { .. })) = (profile.tool(), profile.recipe()) {
            of_tool.entry(tool).or_default().push(profile.name.to_string());
        }
    }
    for (tool, names) in of_tool {
        let more = names.len().saturating_sub(3);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let names = names[..names.len().min(3)].join(", ");
        let text = match tool {
            Tool::Granted => {
                "their keys come from running it: `awsenv sso profiles --adopt` shows how they would do without".into()
            }
            _ => format!("their keys come from running it, so only {} knows how long they are good for", tool.name()),
        };
        found.note(tool.name(), format!("wrote {names}{more}: {text}"));
    }
}

fn complaints(document: &Document, found: &mut Findings) {
    for complaint in document.complaints() {
        let place = format!("{}:{}", document.path().display(), complaint.line);
        let who = complaint.who;
        match complaint.effect {
            Effect::FileRefused => {
                found.problem(place, format!("{} (for {who} the whole file is unreadable)", complaint.text))
            }
            Effect::Ignored => found.note(place, format!("{} ({who} pass over it)", complaint.text)),
            Effect::ReadDifferently => found.note(place, format!("{} ({who} read something else)", complaint.text)),
        }
    }
}

fn one(desk: &Desk, profile: &Profile, found: &mut Findings) {
    let about = format!("profile {}", profile.name);
    let recipe = match profile.recipe() {
        Ok(recipe) => recipe,
        Err(error) => return found.problem(about, error),
    };
    match &recipe {
        Recipe::AwsMfa(mfa) => {
            if let LongTerm::Missing(what) = &mfa.base {
                found.problem(&about, format!("{what}: add the long-term keys to [{}]", mfa.long_term));
            }
            match mfa.device.as_deref().map(device_complaint) {
                None if desk.host.var("MFA_DEVICE").is_none() => {
                    found.problem(&about, format!("no MFA device: add aws_mfa_device to [{}]", mfa.long_term));
                }
                Some(Some(why)) => found.problem(&about, why),
                _ => {}
            }
        }
        Recipe::PlainMfa(mfa) => found_device(&about, &mfa.device, found),
        Recipe::Role(role) => {
            if let Some(device) = &role.mfa_serial {
                found_device(&about, device, found);
            }
        }
        _ => {}
    }
    let settings = desk.settings.profile(profile.name.as_bstr());
    if let Err(error) = proxy::of_profile(&desk.settings, settings.proxy.as_ref(), |_, _| Ok(None)) {
        found.problem(&about, error);
    }
    if let Some((text, command)) = &settings.browser
        && let Err(_) = which::which(command.program())
    {
        found.note(&about, format!("browser = {text}: {} is not on PATH", command.program()));
    }
    if let Some(region) = profile.get("region")
        && let Err(error) = crate::net::Region::new(&region.text)
    {
        found.problem(region.place, error);
    }
    if recipe.needs_sibling() && !super::super::sibling::exists(desk, &profile.name) {
        let name = &profile.name;
        found.note(
            about,
            format!(
                "SDKs cannot get its keys by themselves: `awsenv use {name}` offers the profile {name}-session for them"
            ),
        );
    }
}

fn found_device(about: &str, device: &str, found: &mut Findings) {
    if let Some(why) = device_complaint(device) {
        found.problem(about, why);
    }
}

fn device_complaint(device: &str) -> Option<String> {
    if [":u2f/", ":fido/", ":passkey/"].iter().any(|kind| device.contains(kind)) {
        return Some(format!(
            "{device} is a security key, and AWS takes only six-digit codes for sessions: add an authenticator app as a second device"
        ));
    }
    let user = device.contains(":user/");
    user.then(|| format!("{device} names a user, not a device: arn:aws:iam::ACCOUNT:mfa/NAME"))
}

/// Siblings whose profile is gone, or whose program is.
fn siblings(desk: &Desk, found: &mut Findings) {
    for name in desk.files.config.profile_names() {
        let Some(section) = desk.files.config.profile(name) else { continue };
        let Some(of) = section.get(SIBLING_KEY) else { continue };
        let about = format!("profile {name}");
        if desk.files.profile(&ProfileName::from(of.bytes.as_ref())).is_none() {
            found.problem(
                &about,
                format!("is the sibling of {}, which does not exist any more: remove the section", of.bytes),
            );
        }
        let command =
            section.get("credential_process").map(|v| v.bytes.to_str_lossy().into_owned()).unwrap_or_default();
        let program = shlex::split(&command).and_then(|words| words.into_iter().next()).unwrap_or_default();
        if !std::path::Path::new(&program).is_file() {
            found.problem(&about, format!("its program {program} is gone: `awsenv use {}` mends it", of.bytes));
        }
    }
}
