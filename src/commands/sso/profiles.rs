//! `awsenv sso profiles`: a profile for each role that the signed-in person may use. A profile that is awsenv's own, by its
//! `awsenv_assignment`, stays as it is whatever was changed in it.

use std::collections::{HashMap, HashSet};

use bstr::{BStr, BString, ByteSlice};

use super::fitting::{Template, described};
use super::{Portal, foreground, session_of_url};
use crate::aws_files::{self, Document, FileKind, NewSection, SectionKind};
use crate::cli::SsoProfilesArgs;
use crate::commands::consent::consent;
use crate::commands::{diff, print};
use crate::error::{Error, Result};
use crate::host::Host;
use crate::profile::ASSIGNMENT_KEY;
use crate::session::Assignment;
use crate::terminal::{Colours, say, show_lines};

/// What is to be written, and what is to be said.
#[derive(Debug, PartialEq, Eq)]
struct Plan {
    new: Vec<NewSection>,
    /// A line each about what stays.
    notes: Vec<String>,
}

pub fn run(args: &SsoProfilesArgs, host: Host) -> Result<()> {
    let template = Template::parse(&args.template)?;
    if let Some(region) = &args.region {
        crate::net::Region::new(region).map_err(|e| Error::usage(format!("--region: {e}")))?;
    }
    let portal = Portal::of(&args.which, host)?;
    let session = session(&portal)?;
    let roles = portal.roles(&portal.accounts()?)?;
    let wanted = template.names(&roles)?.into_iter().zip(&roles).collect::<Vec<_>>();
    for role in &roles {
        check(role)?;
    }
    let files = &portal.desk().files;
    // In place of the file as this run sees it, which may hold a profile that only stands for the session.
    let config = Document::read(&files.paths.config, FileKind::Config)?;
    let make = |config: &Document| plan(config, &files.credentials, session.as_bstr(), &wanted, args.region.as_deref());
    let planned = make(&config);
    let file = files.paths.config.display();
    let mut after = Document::parse(config.bytes().to_vec(), FileKind::Config);
    after.append(&planned.new)?;
    let colours = if args.write { Colours::none() } else { Colours::on_stdout(&portal.desk().host) };
    let shown = diff::shown(config.bytes(), after.bytes(), colours);
    if args.write {
        show_lines(shown);
    } else {
        print(shown.as_bytes())?;
    }
    planned.notes.iter().for_each(say);
    let count = match planned.new.len() {
        0 => {
            say(match roles.len() {
                0 => format!("{}: no role is assigned to you", portal.name()),
                n if planned.notes.is_empty() => {
                    format!("{file} has a profile for each of the {n} roles: nothing to write")
                }
                _ => "nothing to write".into(),
            });
            return Ok(());
        }
        1 => "1 profile is".to_owned(),
        n => format!("{n} profiles are"),
    };
    if !args.write {
        say(format!("{count} not in {file} yet: --write writes what is shown above"));
        return Ok(());
    }
    consent(foreground().as_ref(), args.yes, &[format!("{count} new in {file}")], "Write them? [y/n] ")?;
    aws_files::edit(&files.paths.config, FileKind::Config, |config| {
        // What was shown is what is written.
        if make(config) != planned {
            return Err(Error::failed(format!("{file} was changed in the meantime, so nothing was written"))
                .next("run it again"));
        }
        Ok(config.append(&planned.new)?)
    })?;
    say(format!("{count} written: `awsenv use` lets you pick"));
    Ok(())
}

/// The section that new profiles refer to.
fn session(portal: &Portal) -> Result<BString> {
    if let Some(session) = &portal.sso.session {
        return Ok(session.as_str().into());
    }
    let (url, region) = (&portal.sso.start_url, &portal.sso.region);
    match session_of_url(portal.desk(), url) {
        Some((name, its)) if its == *region => Ok(name),
        _ => {
            Err(Error::failed(format!("there is no [sso-session] for {url} in {region}, which new profiles refer to"))
                .next(format!("awsenv setup --sso {url} --sso-region {region}")))
        }
    }
}

/// What the portal sends goes into a file: it must be what it says it is (IAM's own rules for the names of roles).
pub fn check(role: &Assignment) -> Result<()> {
    let id = role.account.id.len() == 12 && role.account.id.bytes().all(|b| b.is_ascii_digit());
    let name = !role.role.is_empty() && role.role.chars().all(|c| c.is_ascii_alphanumeric() || "+=,.@-_".contains(c));
    match id && name {
        true => Ok(()),
        false => {
            Err(Error::failed(format!("the portal named something that is no role of IAM's: {}", described(role))))
        }
    }
}

fn plan(
    config: &Document,
    credentials: &Document,
    session: &BStr,
    wanted: &[(BString, &Assignment)],
    region: Option<&str>,
) -> Plan {
    let mut own: HashMap<BString, (&BStr, u32)> = HashMap::new();
    for name in config.profile_names() {
        let Some(section) = config.profile(name) else { continue };
        let value = |key: &str| section.own(key).map(|v| BString::from(v.bytes.trim_ascii()));
        if let Some(assignment) = value(ASSIGNMENT_KEY)
            && value("sso_session").is_some_and(|s| s == session)
        {
            own.entry(assignment).or_insert((name, section.line()));
        }
    }
    let mut plan = Plan { new: Vec::new(), notes: Vec::new() };
    let mut assigned = HashSet::with_capacity(wanted.len());
    let file = config.path().display();
    // Each look-up is quick then.
    let _ = credentials.profile_names();
    for (name, role) in wanted {
        let assignment = BString::from(format!("{}/{}", role.account.id, role.role));
        let there = own.get(&assignment).map(|(own, _)| *own);
        if let Some(theirs) = there.filter(|own| *own != name.as_bstr()) {
            plan.notes.push(format!("{} is there as {theirs}, and stays so", described(role)));
        }
        if there.is_none() {
            let place = |document: &Document| {
                document.profile(name.as_bstr()).map(|s| format!("{}:{}", document.path().display(), s.line()))
            };
            match place(config).or_else(|| place(credentials)) {
                Some(place) => plan.notes.push(format!(
                    "{place}: {name} is there already, as something that awsenv did not make: left alone (it would be {})",
                    described(role)
                )),
                None => plan.new.push(section(name.clone(), session, role, region)),
            }
        }
        assigned.insert(assignment);
    }
    let mut gone: Vec<_> = own.iter().filter(|(assignment, _)| !assigned.contains(*assignment)).collect();
    gone.sort_by_key(|(_, (_, line))| *line);
    for (assignment, (name, line)) in gone {
        let (account, role) = assignment.split_once_str("/").unwrap_or((assignment, b""));
        let (account, role) = (account.as_bstr(), role.as_bstr());
        plan.notes.push(format!(
            "{file}:{line}: {name} is of role {role} in account {account}, which is not assigned to you any more: the \
             section can go, and stays until you take it out"
        ));
    }
    plan
}

/// The profile of a role.
pub fn section(name: BString, session: &BStr, role: &Assignment, region: Option<&str>) -> NewSection {
    let mut entries = vec![
        ("sso_session", session.into()),
        ("sso_account_id", role.account.id.as_str().into()),
        ("sso_role_name", role.role.as_str().into()),
    ];
    entries.extend(region.map(|region| ("region", region.into())));
    entries.push((ASSIGNMENT_KEY, format!("{}/{}", role.account.id, role.role).into()));
    NewSection { kind: SectionKind::Profile, name, entries }
}
