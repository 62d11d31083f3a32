//! `awsenv setup --sso START_URL`: from nothing to a profile that works.

use bstr::{BString, ByteSlice};

use super::ask::{Item, Person};
use crate::aws_files::{self, Document, FileKind, NewSection, SectionKind};
use crate::cli::SetupArgs;
use crate::commands::consent::consent;
use crate::commands::sso::{self, Portal, fitting};
use crate::commands::{Desk, diff};
use crate::error::{Error, Result};
use crate::host::Host;
use crate::net::{Account, Region};
use crate::profile::ProfileName;
use crate::session::{Assignment, Consent};
use crate::terminal::{Colours, Link, say, show_lines};

const SCOPES: &str = "sso:account:access";

/// Gives the name of the profile that is there now.
pub fn run(args: &SetupArgs, url: &str, host: Host) -> Result<ProfileName> {
    let url = sso::bare_start_url(url.trim());
    Link::of(url).map_err(|why| Error::usage(format!("--sso: the start URL cannot be used: {why}")))?;
    if let Some(region) = &args.sso_region {
        Region::new(region).map_err(|e| Error::usage(format!("--sso-region: {e}")))?;
    }
    let desk = Desk::open(host)?;
    let (config, tty) = (desk.files.paths.config.clone(), sso::foreground());
    if tty.is_none() && !args.yes {
        return Err(Error::failed("there is no terminal to ask on, and nothing was changed")
            .next("--yes does it without a question"));
    }
    let person = tty.as_ref().map(|tty| Person::at(tty, args.yes, &desk.host));
    let name = args.profile.as_deref().map(ProfileName::from);
    if let Some(name) = &name {
        refuse_taken([&desk.files.config, &desk.files.credentials], name)?;
        let empty = NewSection { kind: SectionKind::Profile, name: name.as_bstr().into(), entries: Vec::new() };
        Document::parse(Vec::new(), FileKind::Config).append(&[empty])?;
    }
    let (session, section) = match sso::session_of_url(&desk, url) {
        Some((session, region)) => {
            if let Some(wanted) = args.sso_region.as_ref().filter(|wanted| **wanted != region) {
                let line = format!("[sso-session {session}] in {} has region {region}, not {wanted}", config.display());
                return Err(Error::failed(line).next("change it there, or leave --sso-region out"));
            }
            (session, None)
        }
        None => {
            let region = match &args.sso_region {
                Some(region) => region.clone(),
                None => region(url, person.as_ref())?,
            };
            let sessions = sso::sessions(&desk);
            let label = sso::free(&sso::host_label(url), |name| sessions.iter().any(|s| s == name));
            let session = session_name(label, person.as_ref().filter(|person| !person.yes), &sessions)?;
            (BString::from(session.as_str()), Some(sso::named_session(&session, url, &region, SCOPES)))
        }
    };
    // What can fail is tried before anybody is asked.
    let ready = aws_files::check_writable(&config, FileKind::Config)?;
    let more: Vec<_> = section.into_iter().collect();
    let portal = Portal::imagined(desk, &session, &more, Consent::Given { device_code: false })?;
    let role = chosen(&portal, person.as_ref())?;
    let name = match name {
        Some(name) => name,
        None => ProfileName::from(&*fitting::Template::parse(fitting::USUAL)?.name(&role)?),
    };
    let region = portal.sso.region.clone();
    let profile = sso::section(name.as_bstr().into(), session.as_bstr(), &role, Some(&region));

    let before = Document::read(&config, FileKind::Config)?;
    if before.profile(name.as_bstr()).is_some_and(|there| is_same(&there, &profile)) {
        say(format!("{name} is there already and signed in: awsenv use {name}"));
        return Ok(name);
    }
    refuse_taken([&before, &portal.desk().files.credentials], &name)?;
    let sections = [more, vec![profile]].concat();
    let mut after = Document::parse(before.bytes().to_vec(), FileKind::Config);
    after.append(&sections)?;
    show_lines(diff::shown(before.bytes(), after.bytes(), Colours::none()));
    let new = format!("this is new in {}", config.display());
    consent(tty.as_ref(), args.yes, &[new], "Write it? [y/n] ").inspect_err(|_| {
        say("nothing is written; the sign-in stays, and `awsenv logout --all` ends it here");
    })?;
    ready.edit(|config| Ok(config.append(&sections)?))?;
    say(format!("{name} is {} and signed in: awsenv use {name}", fitting::described(&role)));
    say(format!("(its region is {region}, that of the portal; change it in {})", config.display()));
    Ok(name)
}

fn is_same(there: &aws_files::Section, wanted: &NewSection) -> bool {
    let sso = wanted.entries.iter().filter(|(key, _)| key.starts_with("sso_"));
    sso.into_iter().all(|(key, value)| there.own(key).is_some_and(|v| v.bytes.as_ref() == value.as_bstr()))
}

/// A profile of that name, in either file.
fn refuse_taken(documents: [&Document; 2], name: &ProfileName) -> Result<()> {
    let found = documents.into_iter().find_map(|document| {
        let section = document.profile(name.as_bstr())?;
        Some(format!("{}:{}", document.path().display(), section.line()))
    });
    match found {
        Some(place) => {
            Err(Error::failed(format!("{place}: there is a profile {name} already, and nothing was changed"))
                .next("give another name behind the start URL"))
        }
        None => Ok(()),
    }
}

/// The region of a portal: in its address since 2024 (`https://ssoins-….portal.eu-west-1.app.aws`), else asked.
fn region(url: &str, person: Option<&Person>) -> Result<String> {
    let link = Link::of(url).map_err(Error::usage)?;
    let labels: Vec<&str> = link.host().split('.').collect();
    if let [_, "portal", region, "app", "aws"] = labels[..]
        && Region::new(region).is_ok()
    {
        return Ok(region.to_owned());
    }
    let where_shown = "the AWS access portal shows it under 'Access keys' of any account, as SSO Region";
    let Some(person) = person else {
        return Err(Error::usage("which region is it in? --sso-region R").next(where_shown));
    };
    let which = format!("in which region is {}?", link.host());
    person.line(&[&which, where_shown], "SSO region (such as eu-west-1): ", None, |typed| {
        Region::new(typed).map(|_| typed.to_owned()).map_err(|error| error.to_string())
    })
}

/// The name of the new [sso-session]: the host's first label, where that says something to a person; else asked.
fn session_name(label: String, person: Option<&Person>, taken: &[BString]) -> Result<String> {
    let is_number = label.strip_prefix("d-").is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_hexdigit()))
        || label.starts_with("ssoins-");
    let Some(person) = person.filter(|_| is_number) else { return Ok(label) };
    person.line(&[], &format!("A name for this sign-in [{label}]: "), Some(&label), |name| match name {
        name if fitting::fit(name) != name => {
            Err(format!("{name}: a name that every tool reads is made of A-Z a-z 0-9 - _ . / @ : +"))
        }
        name if taken.iter().any(|t| *t == name) => {
            Err(format!("there is an [sso-session {name}] already, for another start URL"))
        }
        name => Ok(name.to_owned()),
    })
}

/// The role: the only one there is, or the one that the person picks.
fn chosen(portal: &Portal, person: Option<&Person>) -> Result<Assignment> {
    let mut accounts = portal.accounts()?;
    if accounts.is_empty() {
        return Err(nothing_assigned(portal));
    }
    let about = |a: &Account| Item { name: a.name.clone(), about: format!("{}  {}", a.id, a.email) };
    let items: Vec<_> = accounts.iter().map(about).collect();
    let account = accounts.swap_remove(pick(person, "account", &items)?);
    let mut roles = portal.roles(&[account])?;
    if roles.is_empty() {
        return Err(nothing_assigned(portal));
    }
    let about = |r: &Assignment| Item { name: r.role.clone(), about: r.account.name.clone() };
    let items: Vec<_> = roles.iter().map(about).collect();
    let role = roles.swap_remove(pick(person, "role", &items)?);
    sso::check(&role)?;
    Ok(role)
}

fn nothing_assigned(portal: &Portal) -> Error {
    Error::failed(format!("{}: you are signed in, but no role in any account is assigned to you", portal.name()))
        .next("an administrator of IAM Identity Center assigns them")
}

fn pick(person: Option<&Person>, what: &str, items: &[Item]) -> Result<usize> {
    if items.len() == 1 {
        return Ok(0);
    }
    let Some(person) = person else {
        let line = format!("there are {} {what}s, and no terminal to pick one on", items.len());
        return Err(Error::failed(line).next("awsenv sso profiles --write makes a profile of each role"));
    };
    person.picks(what, items)
}
