//! `awsenv setup [PROFILE]`: from nothing to a session that works, a question at a time. What is there already is taken as it
//! is, so that a second run goes on where the first one stopped.

use std::path::PathBuf;

use bstr::ByteSlice;

use super::ask::Person;
use super::draft::{Draft, Found, OnKeys};
use super::proxy::Proxied;
use super::reach::Reach;
use super::{device, finish, held, keys, proxy, sso, way, write, ykman};
use crate::aws_files::{self, FileKind};
use crate::cli::SetupArgs;
use crate::commands::iam::Office;
use crate::commands::iam::target::{Caller, Who};
use crate::commands::sso::{bare_start_url, fitting};
use crate::commands::{Desk, sign_in};
use crate::error::{Error, Kind, Result};
use crate::host::Host;
use crate::net::{Keys, Region, StsError};
use crate::profile::ProfileName;
use crate::session::{Asking, Halt, InForce};
use crate::state::Memory;
use crate::terminal::{Answer, Link, Question, Tty, say};

/// How often keys may be typed that AWS does not know.
const TRIES: usize = 3;

/// What has happened that stays, whatever comes next.
#[derive(Default)]
pub struct Done {
    /// The serial number of a device that was enrolled.
    pub enrolled: Option<String>,
    /// Whether the keyring has a secret that no file refers to, and could not give it back.
    pub kept: bool,
    /// The files that were written.
    pub written: Vec<PathBuf>,
    /// Whether the keyring is being written: what fails then is its fault.
    pub storing: bool,
}

pub fn run(args: &SetupArgs, host: Host) -> Result<()> {
    let Some(tty) = Tty::open().filter(Tty::is_foreground) else {
        return Err(Error::failed(format!("nothing was changed: the set-up asks, and {}", Tty::none()))
            .next("run it in a terminal; awsenv setup --shell bash --yes adds the hook alone"));
    };
    let desk = Desk::open(host)?;
    let person = Person::at(&tty, args.yes, &desk.host);
    let name = match &args.profile {
        Some(given) => named(&desk, given)?,
        None => match way(&person).map_err(unchanged)? {
            Way::Keys => ask_name(&desk, &person).map_err(unchanged)?,
            Way::IdentityCenter => return identity_center(args, None, desk, &person),
            Way::Hook => {
                return match finish::hook(args, &desk.host, None, &mut Done::default()).map_err(unchanged)? {
                    Reach::ByHand => Err(Error::failed("nothing was changed")),
                    _ => Ok(()),
                };
            }
        },
    };
    let found = Found::of(&desk.files, &name).map_err(|error| held::half(&desk.files, &name, error))?;
    if let (Found::Nothing, Some(_)) = (&found, &args.profile)
        && matches!(way_of_new(&name, &person).map_err(unchanged)?, Way::IdentityCenter)
    {
        return identity_center(args, Some(name), desk, &person);
    }
    let mut done = Done::default();
    let outcome = profile(&desk, &name, found, &person, &mut done)
        .and_then(|()| finish::hook(args, &desk.host, Some(&name), &mut done))
        .and_then(|reach| finish::session(&desk.host, &name, &reach, &person, &mut done));
    if outcome.is_err() {
        left_behind(&name, &done);
    }
    outcome
}

/// Says so where a question was stopped before anything was done.
fn unchanged(error: Error) -> Error {
    if error.kind() == Kind::Stopped {
        say("nothing was changed");
    }
    error
}

/// What exists after a run that was stopped or failed.
fn left_behind(name: &ProfileName, done: &Done) {
    let again = format!("`awsenv setup {name}` goes on from there");
    if let (Some(serial), true) = (&done.enrolled, done.written.is_empty()) {
        say(format!("nothing is written, but the MFA device {serial} is enrolled, and stays: {again}"));
    } else if done.written.is_empty() && !done.kept {
        say("nothing was changed");
    } else if !done.written.is_empty() {
        let written: Vec<String> = done.written.iter().map(|path| path.display().to_string()).collect();
        say(format!("written: {}; {again}", written.join(", ")));
    }
}

/// How a person comes to AWS.
#[derive(Clone, Copy)]
enum Way {
    Keys,
    IdentityCenter,
    Hook,
}

const KEYS: &str = "  k  with access keys of an IAM user (AKIA…), with or without MFA";
const CENTER: &str = "  i  with IAM Identity Center (SSO): https://corp.awsapps.com/start";

fn way(person: &Person) -> Result<Way> {
    let question = Question::other("k, i or h: ")
        .after("here is the way to a session, step by step")
        .after("nothing is written before you have seen it")
        .after("how do you sign in to AWS?")
        .after(KEYS)
        .after(CENTER)
        .after("  h  neither: only the hook for the shell");
    chosen(person, &question, &["keys", "identity", "hook"])
}

fn way_of_new(name: &ProfileName, person: &Person) -> Result<Way> {
    let question = Question::other("k or i: ")
        .after(format!("{name} has no keys yet: here is the way to a session, step by step"))
        .after("nothing is written before you have seen it")
        .after("how do you sign in to AWS?")
        .after(KEYS)
        .after(CENTER);
    chosen(person, &question, &["keys", "identity"])
}

fn chosen(person: &Person, question: &Question, words: &[&str]) -> Result<Way> {
    match person.tty.ask_choice(question, words, || false) {
        Answer::Given(at) => Ok([Way::Keys, Way::IdentityCenter, Way::Hook][at]),
        _ => Err(Error::stopped()),
    }
}

/// The profile that was named: also by its section of long-term keys, or by its sibling.
fn named(desk: &Desk, given: &std::ffi::OsStr) -> Result<ProfileName> {
    if given.is_empty() {
        return Err(Error::usage("a profile has a name: awsenv setup dev, or awsenv setup alone"));
    }
    let name = desk.profile_name(Some(given));
    let base = name.as_bytes().strip_suffix(b"-long-term").filter(|base| !base.is_empty());
    let name = base.map_or(name.clone(), |base| ProfileName::from(base.as_bstr()));
    if desk.files.profile(&name).is_none() {
        may_be_new(&name.to_string()).map_err(Error::usage)?;
    }
    Ok(name)
}

fn may_be_new(name: &str) -> Result<(), String> {
    if fitting::fit(name) != name || name.starts_with('-') {
        return Err(format!("{name}: a name that every tool reads is made of A-Z a-z 0-9 - _ . / @ : +"));
    }
    match ["-long-term", "-session"].iter().find(|end| name.ends_with(**end)) {
        Some(end) => Err(format!("{name}: {end} at the end stands for sections beside a profile: take another name")),
        None => Ok(()),
    }
}

fn ask_name(desk: &Desk, person: &Person) -> Result<ProfileName> {
    let usual = match InForce::by_name(&desk.host, &desk.files) {
        InForce::Chosen(name) => name.to_string(),
        _ if desk.files.profile(&ProfileName::default_profile()).is_some() => "default".to_owned(),
        _ => "dev".to_owned(),
    };
    let before = "what you will type: awsenv use NAME; a profile that is there already gets only what it lacks";
    person.line(&[before], &format!("A name for the profile [{usual}]: "), Some(&usual), |typed| {
        let name = ProfileName::from(typed);
        if desk.files.profile(&name).is_none() {
            may_be_new(typed)?;
        }
        Ok(name)
    })
}

fn identity_center(args: &SetupArgs, name: Option<ProfileName>, desk: Desk, person: &Person) -> Result<()> {
    let before =
        "the address of your AWS access portal, from your company: https://corp.awsapps.com/start, or the like";
    let url = person.line(&[before], "Start URL: ", None, |typed| match Link::of(bare_start_url(typed)) {
        Ok(link) => Ok(link.as_str().to_owned()),
        Err(why) => Err(format!("that cannot be a start URL: {why}")),
    });
    let url = url.map_err(unchanged)?;
    let (host, profile) = (desk.host, name.map(|name| name.to_os_string()));
    let sso = SetupArgs { shell: None, sso: None, sso_region: args.sso_region.clone(), profile, yes: args.yes };
    let name = sso::run(&sso, &url, host.clone())?;
    let desk = Desk::open(host)?;
    let mut done = Done { written: vec![desk.files.paths.config.clone()], ..Done::default() };
    let outcome = other(&desk, &name, person, &mut done)
        .and_then(|()| finish::hook(args, &desk.host, Some(&name), &mut done))
        .and_then(|reach| finish::session(&desk.host, &name, &reach, person, &mut done));
    if outcome.is_err() {
        left_behind(&name, &done);
    }
    outcome
}

/// Everything up to the files.
fn profile(desk: &Desk, name: &ProfileName, found: Found, person: &Person, done: &mut Done) -> Result<()> {
    let held = match found {
        Found::Nothing => None,
        Found::Keys(held) => Some(held),
        Found::Other(what) => {
            say(format!("{name} {what}: that stays as it is"));
            return other(desk, name, person, done);
        }
    };
    let mut draft = Draft::default();
    if held.is_none() {
        draft.region = region(desk, name, person)?;
    }
    draft.proxy = proxy::offer(desk, name, person)?;
    let known = held.as_ref().and_then(|held| held.device.clone());
    let mut user = None;
    match held.as_ref().and_then(|held| held.from.clone()) {
        Some(from) => held::tried(desk, name, &mut draft, &mut user, (&from, known.as_deref()), person, done)?,
        None => {
            let paths = &desk.files.paths;
            aws_files::check_writable(&paths.credentials, FileKind::Credentials)?;
            if draft.region.is_some() {
                aws_files::check_writable(&paths.config, FileKind::Config)?;
            }
            way::check(desk, name, &draft, person)?;
            let new = typed(desk, name, &mut draft, &mut user, known.as_deref(), person, done)?;
            draft.keyring = keys::into_keyring(person, desk, &new)?;
            draft.keys = Some(new);
        }
    }
    let device = draft.device.clone().or(known);
    if let Some(device) = device.filter(|_| !held.as_ref().is_some_and(|held| held.has_process)) {
        draft.mfa_process = ykman::offer(person, &device, user.as_deref())?;
    }
    save(desk, name, &mut draft, held.as_ref(), person, done)
}

/// Keys that a person types, until AWS knows them; then their device, unless `known` is one of theirs.
pub fn typed(
    desk: &Desk,
    name: &ProfileName,
    draft: &mut Draft,
    user: &mut Option<String>,
    known: Option<&str>,
    person: &Person,
    done: &mut Done,
) -> Result<Keys> {
    let shown = name.to_string();
    let mut attempt = 1;
    loop {
        let new = keys::ask(person, &desk.host, &shown, attempt == 1)?;
        match at_aws(desk, name, draft, Some(&new), known, person, done)? {
            Seen::Caller { device, user: who } => {
                (draft.device, *user) = (device, who);
                return Ok(new);
            }
            Seen::Refused(refusal) => {
                let error = Error::failed(refusal.to_string());
                if attempt == TRIES {
                    return Err(error);
                }
                say(error.to_string());
                if matches!(refusal, Refusal::Unknown { .. }) && attempt == 1 && draft.region.is_none() {
                    say("(one of AWS China or GovCloud? Ctrl-C, and name a region there the next time)");
                }
            }
        }
        attempt += 1;
    }
}

/// What AWS says to keys.
pub enum Seen {
    Caller {
        /// The device to be written; none where the one that is known stays.
        device: Option<String>,
        user: Option<String>,
    },
    /// It does not know them, or not so.
    Refused(Refusal),
}

/// What of a key AWS refuses; `key` is its id, short of its middle.
#[derive(thiserror::Error, Debug)]
pub enum Refusal {
    #[error("AWS does not know the access key {key}: it is mistyped, inactive or deleted")]
    Unknown { key: String },
    #[error("the secret of the access key {key} is wrong: paste it again, or make a new key in the console")]
    Secret { key: String },
}

/// Asks AWS whose keys these are, the ones that were typed, else those that the files have; and which device they have: another
/// one where `known` is none of theirs.
pub fn at_aws(
    desk: &Desk,
    name: &ProfileName,
    draft: &Draft,
    typed: Option<&Keys>,
    known: Option<&str>,
    person: &Person,
    done: &mut Done,
) -> Result<Seen> {
    let of_environment = desk.settings.profile(name.as_bstr()).proxy.is_none();
    let (real, desk) = (desk, draft.imagined(desk, name)?);
    let memory = Memory::of(&desk.host);
    let (written, profile) = (real.files.named(name), desk.files.named(name));
    let asking = Asking { tty: Some(person.tty), ..Asking::default() };
    let wanted = sign_in::Wanted::default();
    let renewal = sign_in::renewal(&desk, &memory, &profile, asking.clone(), &wanted);
    let held = || sign_in::renewal(real, &memory, &written, asking, &wanted).long_term_keys();
    let access = renewal.iam_with(|| typed.map_or_else(held, |keys| Ok(keys.clone()))).map_err(|halt| match halt {
        Halt::Failed(error) => error,
        Halt::Declined => Error::stopped(),
    })?;
    let caller = match access.caller(&access.keys) {
        Ok(caller) => Caller::of(caller),
        Err(failure) => {
            return match failure.error {
                StsError::UnknownKey { key } => Ok(Seen::Refused(Refusal::Unknown { key })),
                StsError::BadSecret { key } => Ok(Seen::Refused(Refusal::Secret { key })),
                StsError::Network(fault) if of_environment => {
                    Err(proxy::failed(&fault, draft.proxy.as_ref(), name).unwrap_or_else(|| fault.into()))
                }
                error => Err(error.into()),
            };
        }
    };
    match &caller.who {
        Who::User(user) => say(format!("keys: they are {user}'s, in the account {}", caller.account)),
        _ => say(format!("keys: they are those of {}", caller.arn)),
    }
    let user = match &caller.who {
        Who::User(user) => Some(user.clone()),
        _ => None,
    };
    let office = Office { desk: &desk, profile: &profile, access: &access, tty: Some(person.tty), caller };
    let device = match known {
        Some(serial) => device::confirmed(&office, serial, person, done)?,
        None => device::find(&office, person, done)?,
    };
    Ok(Seen::Caller { device, user })
}

/// A profile that is complete, but for its proxy.
fn other(desk: &Desk, name: &ProfileName, person: &Person, done: &mut Done) -> Result<()> {
    let mut draft = Draft { proxy: proxy::offer(desk, name, person)?, ..Draft::default() };
    save(desk, name, &mut draft, None, person, done)
}

pub fn save(
    desk: &Desk,
    name: &ProfileName,
    draft: &mut Draft,
    held: Option<&OnKeys>,
    person: &Person,
    done: &mut Done,
) -> Result<()> {
    let Err(error) = write(desk, name, draft, held, person, done) else { return Ok(()) };
    if !done.storing || error.kind() == Kind::Stopped {
        return Err(error);
    }
    // One that nobody has made yet can be asked for what it has, and fails only now.
    say(error.to_string());
    let (of_keys, of_proxy) = (draft.keys.is_some() && draft.keyring, draft.proxy.as_ref().and_then(Proxied::login));
    let files = [of_keys.then_some(&desk.files.paths.credentials), of_proxy.map(|_| &desk.settings.path)];
    let files: Vec<String> = files.into_iter().flatten().map(|path| path.display().to_string()).collect();
    let later = "`awsenv keyring store` moves it later";
    if !person.agrees(&[later], &format!("Keep it in {}, in plain text?", files.join(" and ")))? {
        return Err(Error::silent(Kind::Failed));
    }
    (draft.keyring, done.storing) = (false, false);
    if let Some(proxy) = &mut draft.proxy {
        proxy.without_keyring();
    }
    write(desk, name, draft, held, &person.agreed(), done)
}

fn write(
    desk: &Desk,
    name: &ProfileName,
    draft: &Draft,
    held: Option<&OnKeys>,
    person: &Person,
    done: &mut Done,
) -> Result<()> {
    let text = name.as_bstr().to_str_lossy().into_owned();
    let changes = draft.proxy.as_ref().map(|proxy| proxy.written(&text)).unwrap_or_default();
    let secret = draft.keys.as_ref().filter(|_| draft.keyring);
    let login = draft.proxy.as_ref().and_then(Proxied::login);
    write::run(desk, &draft.lines(desk, name, held)?, &changes, (secret, login), person, done)
}

fn region(desk: &Desk, name: &ProfileName, person: &Person) -> Result<Option<String>> {
    if let Some(region) = desk.files.profile(name).and_then(|profile| profile.region()) {
        say(format!("region: {region}, as the files say"));
        return Ok(None);
    }
    let named = ["AWS_REGION", "AWS_DEFAULT_REGION"].iter().find_map(|name| desk.host.var(name)?.into_string().ok());
    let usual = named.filter(|region| Region::new(region).is_ok());
    let question = match &usual {
        Some(region) => format!("Region [{region}], or none: "),
        None => "Region (such as eu-west-1; Enter: none): ".to_owned(),
    };
    let before = "region: the one for commands that name none";
    person.line(&[before], &question, Some(usual.as_deref().unwrap_or("none")), |typed| match typed {
        "none" => Ok(None),
        region => Region::new(region).map(|_| Some(region.to_owned())).map_err(|error| error.to_string()),
    })
}
