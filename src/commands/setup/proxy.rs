//! The proxy that the environment names, kept for one profile.

use bstr::{ByteSlice, ByteVec};
use secrecy::{ExposeSecret, SecretString};

use super::ask::Person;
use crate::commands::Desk;
use crate::error::{Error, Result};
use crate::keyring::{Keyring, Look};
use crate::net::{Fault, ProxyAddress};
use crate::profile::ProfileName;
use crate::session::proxy::masked;
use crate::settings::edit::{Change, Section, edited};
use crate::settings::{ProxyChoice, ProxySettings, Settings};
use crate::terminal::say;

/// What the settings shall say about a profile's proxy.
pub struct Proxied {
    /// `[proxy NAME]`
    pub name: String,
    /// The section that is new, or takes the place of one; none where it stays.
    section: Option<NewSection>,
}

struct NewSection {
    address: ProxyAddress,
    direct: Option<String>,
    /// The keys that a section there already has, and would be in the way.
    removed: &'static [&'static str],
    /// Where the password goes into the system's keyring.
    kept: Option<Login>,
}

/// The user and password of a proxy.
#[derive(Clone)]
pub struct Login {
    /// `[proxy NAME]`
    pub proxy: String,
    /// `HOST:PORT`
    pub at: String,
    pub user: String,
    pub password: SecretString,
}

/// What takes the place of a user or password in an address.
const BESIDE: &[&str] = &["username", "password_process", "keyring"];

impl Proxied {
    /// The changes to the settings file, with the password in the address: also to be used before anything is written.
    pub fn changes<'n>(&'n self, profile: &'n str) -> Vec<Change<'n>> {
        self.with(profile, None)
    }

    /// The same as it is written: without a password that goes into the keyring.
    pub fn written<'n>(&'n self, profile: &'n str) -> Vec<Change<'n>> {
        self.with(profile, self.login())
    }

    /// The password that goes into the keyring.
    pub fn login(&self) -> Option<&Login> {
        self.section.as_ref()?.kept.as_ref()
    }

    /// Has the password in the settings.
    pub fn without_keyring(&mut self) {
        if let Some(section) = &mut self.section {
            section.kept = None;
        }
    }

    fn with<'n>(&'n self, profile: &'n str, kept: Option<&'n Login>) -> Vec<Change<'n>> {
        let own = Section::Proxy(&self.name);
        let mut changes = Vec::new();
        if let Some(section) = &self.section {
            changes.extend(section.removed.iter().map(|key| Change::remove(own, key)));
            match kept {
                None => changes.push(Change::set(own, "https", section.address.full_url())),
                Some(login) => changes.extend([
                    Change::set(own, "https", section.address.plain_url()),
                    Change::set(own, "username", login.user.as_str()),
                    Change::set(own, "keyring", "yes"),
                ]),
            }
            changes.extend(section.direct.as_deref().map(|list| Change::set(own, "no_proxy", list)));
        }
        changes.push(Change::set(Section::Profile(profile), "proxy", self.name.as_str()));
        changes
    }
}

/// Offers to keep the proxy of the environment for this profile. `None`: there is none, or it has one, or the answer was no.
///
/// # Errors
/// Ctrl-C.
pub fn offer(desk: &Desk, profile: &ProfileName, person: &Person) -> Result<Option<Proxied>> {
    match desk.settings.profile(profile.as_bstr()).proxy {
        Some(ProxyChoice::Named(name)) => {
            say(format!("proxy: [proxy {name}], as the settings say"));
            return Ok(None);
        }
        Some(ProxyChoice::None) => {
            say("proxy: none, as the settings say");
            return Ok(None);
        }
        None => {}
    }
    let named = ["HTTPS_PROXY", "https_proxy"].iter().find_map(|name| Some((*name, desk.host.var(name)?)));
    let Some((variable, value)) = named else { return Ok(None) };
    let value = Vec::from_os_string(value).unwrap_or_default();
    let address = match ProxyAddress::parse(&value) {
        Ok(address) => address,
        Err(why) => {
            say(format!("{variable} is left alone: {why}"));
            return Ok(None);
        }
    };
    let may_stand = profile.as_bstr().to_str().is_ok_and(|name| edited(b"", &[with("x", name)]).is_ok());
    if !may_stand {
        return Ok(None);
    }
    let shown = format!("proxy: {variable} is {}", masked(&address));
    let means = format!("y: kept in awsenv's settings; n: {variable} alone decides, for every profile");
    let question = format!("Shall `awsenv use {profile}` set it, and `awsenv leave` take it back?");
    let Some((name, there)) = same(&desk.settings, &address) else {
        return match person.agrees(&[&shown, &means], &question)? {
            true => new(desk, address, person).map(Some),
            false => Ok(None),
        };
    };
    let place = format!("[proxy {name}] in {}", desk.settings.path.display());
    let Some(differs) = different(desk.settings.proxy(&name)?, &there, &address) else {
        let also = format!("{place} is the same");
        let agreed = person.agrees(&[&shown, &also, &means], &question)?;
        return Ok(agreed.then_some(Proxied { name, section: None }));
    };
    if !person.agrees(&[&shown, &means], &question)? {
        return Ok(None);
    }
    let before = format!("{place} leads there too, but {differs}");
    if !person.agrees(&[&before], &format!("Does {variable} count, and replace it there?"))? {
        return Ok(Some(Proxied { name, section: None }));
    }
    let kept = into_keyring(desk, &name, &address, person)?;
    let section = Some(NewSection { address, direct: None, removed: BESIDE, kept });
    Ok(Some(Proxied { name, section }))
}

/// A section that is not there yet.
fn new(desk: &Desk, address: ProxyAddress, person: &Person) -> Result<Proxied> {
    let name = person.line(&[], "A name for this proxy [corp]: ", Some("corp"), |name| match name {
        "none" => Err("`none` stands for no proxy there".into()),
        name if desk.settings.proxy_names().any(|there| there == name) => {
            Err(format!("there is a [proxy {name}] already, with another address"))
        }
        name => edited(b"", &[with(name, "x")]).map(|_| name.to_owned()).map_err(|error| error.to_string()),
    })?;
    let direct = ["NO_PROXY", "no_proxy"].iter().find_map(|name| desk.host.var(name));
    let direct = direct.and_then(|list| list.into_string().ok()).map(|list| list.trim().to_owned());
    let kept = into_keyring(desk, &name, &address, person)?;
    let direct = direct.filter(|list| !list.is_empty());
    Ok(Proxied { name, section: Some(NewSection { address, direct, removed: &[], kept }) })
}

/// Where the password goes: offered is the system's keyring where it is open, else it is said that it is the settings.
fn into_keyring(desk: &Desk, name: &str, address: &ProxyAddress, person: &Person) -> Result<Option<Login>> {
    let Some(password) = &address.password else { return Ok(None) };
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok();
    let login = || {
        let (user, password) = (text(address.username.as_ref()?)?, text(password.expose_secret())?.into());
        Some(Login { proxy: name.to_owned(), at: address.authority(), user, password })
    };
    let file = desk.settings.path.display();
    if let (Some(login), Look::Open) = (login(), Keyring::look(&desk.host)) {
        let before = format!("its password can go into {}, else it stands in {file} in plain text", Keyring::NAME);
        if person.agrees(&[&before], &format!("Keep it in {}?", Keyring::NAME))? {
            return Ok(Some(login));
        }
    }
    say(format!("its password goes into {file}, for you alone; `awsenv keyring store --proxy {name}` moves it later"));
    Ok(None)
}

fn with<'n>(proxy: &'n str, profile: &'n str) -> Change<'n> {
    match profile {
        "x" => Change::set(Section::Proxy(proxy), "https", "http://x"),
        profile => Change::set(Section::Profile(profile), "proxy", proxy),
    }
}

/// The section that leads to the same place, whoever comes, and its address.
fn same(settings: &Settings, address: &ProxyAddress) -> Option<(String, ProxyAddress)> {
    settings.proxy_names().find_map(|name| {
        let text = settings.proxy(name).ok()?.https.clone()?;
        let other = ProxyAddress::parse(text.as_bytes()).ok()?;
        (other.plain_url() == address.plain_url()).then(|| (name.to_owned(), other))
    })
}

/// How the section's user or password differs from the environment's, in words without either password. One without a user is
/// nobody else.
fn different(section: &ProxySettings, there: &ProxyAddress, here: &ProxyAddress) -> Option<String> {
    let own = section.username.clone().map(String::into_bytes).or_else(|| there.username.clone());
    let user = here.username.as_ref()?;
    match own {
        None => return Some("has no user and password".into()),
        Some(own) if own != *user => return Some(format!("with the user {}", own.to_str_lossy())),
        Some(_) => {}
    }
    // Where the password comes from elsewhere, that is what was wanted.
    let password = here.password.as_ref().filter(|_| section.password_from().is_none())?;
    match &there.password {
        None => Some("has no password".into()),
        Some(own) if own.expose_secret() != password.expose_secret() => Some("with another password".into()),
        Some(_) => None,
    }
}

/// What went wrong on the way to AWS, where the proxy of the environment did: `name` is what it would be called in the
/// settings, which do not have it yet.
pub fn failed(fault: &Fault, proxied: Option<&Proxied>, profile: &ProfileName) -> Option<Error> {
    let text = match fault {
        Fault::ProxyAuth { proxy, given: false, schemes, .. }
            if schemes.is_empty() || schemes.iter().any(|scheme| scheme.eq_ignore_ascii_case("basic")) =>
        {
            format!("the proxy {proxy} wants a user and password")
        }
        Fault::ProxyRemembered { proxy, given: false, .. } => format!("the proxy {proxy} wants a user and password"),
        Fault::ProxyAuth { .. }
        | Fault::ProxyRemembered { .. }
        | Fault::ProxyUnreachable { .. }
        | Fault::ProxyGarbled { .. } => fault.to_string(),
        _ => return None,
    };
    let text = match proxied {
        Some(proxied) => text.replace(&format!("([proxy {}])", proxied.name), "(HTTPS_PROXY)"),
        None => text,
    };
    let step = format!("set HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT and run `awsenv setup {profile}` again");
    Some(Error::failed(text).next(step))
}
