//! `awsenv sso profiles --adopt`: profiles that granted wrote become ones of an [sso-session], which every SDK reads and
//! awsenv signs in to, under the same names.

use bstr::{BString, ByteSlice};

use super::{bare_start_url, foreground, same_start_url};
use crate::aws_files::{self, Document, FileKind, KeyChange, NewSection, Section, SectionKind};
use crate::cli::SsoProfilesArgs;
use crate::commands::consent::consent;
use crate::commands::{Desk, diff};
use crate::error::{Error, Result};
use crate::host::Host;
use crate::net::Region;
use crate::profile::{ASSIGNMENT_KEY, Tool};
use crate::terminal::{Colours, Link, say, show_lines};

/// What an sso-session asks for where granted asked for nothing else: AWS's default.
const SCOPES: &str = "sso:account:access";

/// Keys of granted that have nothing in their place.
const DROPPED: [&str; 4] =
    ["granted_sso_registration_scopes", "granted_generated_from", "common_fate_generated_from", "credential_process"];

/// What changes, and what is to be said.
#[derive(Debug, Default, PartialEq, Eq)]
struct Plan {
    profiles: usize,
    sessions: Vec<NewSection>,
    changes: Vec<KeyChange>,
    notes: Vec<String>,
}

/// An sso-session that is there, or will be.
struct Known {
    name: BString,
    start_url: String,
    region: String,
}

pub fn run(args: &SsoProfilesArgs, host: Host) -> Result<()> {
    let desk = Desk::open(host)?;
    let config = &desk.files.config;
    let planned = plan(config);
    let file = desk.files.paths.config.display();
    let mut after = Document::parse(config.bytes().to_vec(), FileKind::Config);
    apply(&mut after, &planned)?;
    show_lines(diff::shown(config.bytes(), after.bytes(), Colours::none()));
    planned.notes.iter().for_each(say);
    let count = match planned.profiles {
        0 => {
            say(format!("{file} has no profile of granted's that awsenv can take over"));
            return Ok(());
        }
        1 => "1 profile of granted's".to_owned(),
        n => format!("{n} profiles of granted's"),
    };
    consent(foreground().as_ref(), args.yes, &[format!("{count} in {file} can do without it")], "Change them? [y/n] ")?;
    aws_files::edit(&desk.files.paths.config, FileKind::Config, |config| {
        // What was shown is what is written.
        if plan(config) != planned {
            return Err(Error::failed(format!("{file} was changed in the meantime, so nothing was written"))
                .next("run it again"));
        }
        apply(config, &planned)
    })?;
    say(format!("{count} changed: `awsenv use` and every AWS tool read them now"));
    Ok(())
}

fn apply(config: &mut Document, plan: &Plan) -> Result<()> {
    config.replace_keys(&plan.changes)?;
    Ok(config.append(&plan.sessions)?)
}

fn plan(config: &Document) -> Plan {
    let mut plan = Plan::default();
    let mut known = sessions(config);
    for name in config.profile_names() {
        let Some(section) = config.profile(name) else { continue };
        let [Some(url), Some(account), Some(role)] =
            ["granted_sso_start_url", "granted_sso_account_id", "granted_sso_role_name"]
                .map(|key| value(&section, key))
        else {
            continue;
        };
        let place = format!("{}:{}: {name}", config.path().display(), section.line());
        let url = bare_start_url(&url).to_owned();
        let region = value(&section, "granted_sso_region");
        if let Some(why) = obstacle(&section, &url) {
            plan.notes.push(format!("{place} stays as it is: {why}"));
            continue;
        }
        let session = match known.iter().find(|k| same_start_url(&k.start_url, &url)) {
            Some(k) if region.as_ref().is_none_or(|r| *r == k.region) => k.name.clone(),
            Some(k) => {
                let (theirs, ours) = (region.unwrap_or_default(), &k.region);
                let why = format!("its region is {theirs}, that of [sso-session {}] is {ours}", k.name);
                plan.notes.push(format!("{place} stays as it is: {why}"));
                continue;
            }
            None => {
                let Some(region) = region.clone() else {
                    plan.notes.push(format!("{place} stays as it is: it has no granted_sso_region"));
                    continue;
                };
                if let Err(why) = Region::new(&region) {
                    plan.notes.push(format!("{place} stays as it is: granted_sso_region: {why}"));
                    continue;
                }
                let scopes = value(&section, "granted_sso_registration_scopes").unwrap_or(SCOPES.into());
                let taken = |name: &str| known.iter().any(|k| k.name == name);
                let session = new_session(&url, &region, &scopes, taken);
                known.push(Known { name: session.name.clone(), start_url: url, region });
                plan.sessions.push(session.clone());
                session.name
            }
        };
        let mut change = |key, by| plan.changes.push(KeyChange { profile: name.into(), key, by });
        let assignment = BString::from(format!("{account}/{role}"));
        change("granted_sso_start_url", Some(("sso_session", session)));
        change("granted_sso_account_id", Some(("sso_account_id", account.into())));
        change("granted_sso_role_name", Some(("sso_role_name", role.into())));
        // In the place of the first key that goes.
        let gone = ["granted_sso_region"].into_iter().chain(DROPPED);
        let home = gone.clone().find(|key| section.own(key).is_some());
        for key in gone {
            change(key, (home == Some(key)).then(|| (ASSIGNMENT_KEY, assignment.clone())));
        }
        plan.profiles += 1;
    }
    plan
}

/// Why a profile with granted's keys is not taken over.
fn obstacle(section: &Section, url: &str) -> Option<String> {
    let own = ["sso_session", "sso_start_url", "role_arn", "aws_access_key_id", "login_session"];
    if let Some(key) = own.into_iter().find(|key| section.own(key).is_some()) {
        return Some(format!("it has {key} too"));
    }
    if let Some(command) = value(section, "credential_process")
        && Tool::of_command(&command) != Some(Tool::Granted)
    {
        return Some("its credential_process is not granted's".into());
    }
    Link::of(url).err().map(|why| format!("its start URL cannot be used: {why}"))
}

fn sessions(config: &Document) -> Vec<Known> {
    let section = |name: &bstr::BStr| {
        let section = config.section(SectionKind::SsoSession, name)?;
        let start_url = value(&section, "sso_start_url").unwrap_or_default();
        Some(Known { name: name.into(), start_url, region: value(&section, "sso_region").unwrap_or_default() })
    };
    config.names(SectionKind::SsoSession).filter_map(section).collect()
}

/// A new `[sso-session]`, named after the start URL's host.
pub fn new_session(url: &str, region: &str, scopes: &str, taken: impl Fn(&str) -> bool) -> NewSection {
    let name = free(&host_label(url), taken);
    named_session(&name, url, region, scopes)
}

/// A new `[sso-session]` of this name.
pub fn named_session(name: &str, url: &str, region: &str, scopes: &str) -> NewSection {
    let entries =
        vec![("sso_start_url", url.into()), ("sso_region", region.into()), ("sso_registration_scopes", scopes.into())];
    NewSection { kind: SectionKind::SsoSession, name: name.into(), entries }
}

/// `corp` for `https://corp.awsapps.com/start`.
pub fn host_label(url: &str) -> String {
    let host = Link::of(url).map(|link| link.host().to_owned()).unwrap_or_default();
    let label = super::fitting::fit(host.split('.').next().unwrap_or_default());
    if label.is_empty() { "sso".into() } else { label }
}

/// The name, or the first `NAME-2`, `NAME-3` that nobody has.
pub fn free(name: &str, taken: impl Fn(&str) -> bool) -> String {
    if !taken(name) {
        return name.to_owned();
    }
    (2..).map(|n: u32| format!("{name}-{n}")).find(|n| !taken(n)).unwrap_or_default()
}

/// A value as it is meant: granted's writer puts some in backticks.
fn value(section: &Section, key: &str) -> Option<String> {
    let value = section.own(key)?;
    let text = value.bytes.to_str_lossy();
    let text = text.trim().trim_matches('`');
    (!text.is_empty()).then(|| text.to_owned())
}
