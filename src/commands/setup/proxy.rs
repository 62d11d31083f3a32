//! The proxy that the environment names, kept for one profile.

use bstr::{ByteSlice, ByteVec};
use secrecy::SecretString;

use super::ask::Person;
use crate::commands::Desk;
use crate::error::Result;
use crate::net::ProxyAddress;
use crate::profile::ProfileName;
use crate::session::proxy::masked;
use crate::settings::edit::{Change, Section, edited};
use crate::settings::{ProxyChoice, Settings};
use crate::terminal::say;

/// What the settings shall say about a profile's proxy.
pub struct Proxied {
    /// `[proxy NAME]`
    name: String,
    /// The keys of that section; none where it is there already.
    entries: Vec<(&'static str, SecretString)>,
}

impl Proxied {
    /// The changes to the settings file.
    pub fn changes<'n>(&'n self, profile: &'n str) -> Vec<Change<'n>> {
        let section = Section::Proxy(&self.name);
        let entries = self.entries.iter().map(|(key, value)| Change::set(section, key, value.clone()));
        entries.chain([Change::set(Section::Profile(profile), "proxy", self.name.as_str())]).collect()
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
    let question = format!("Shall `awsenv use {profile}` set it, and `awsenv leave` take it back?");
    if let Some(name) = same(&desk.settings, &address) {
        let also = format!("[proxy {name}] in {} is the same", desk.settings.path.display());
        let agreed = person.agrees(&[&shown, &also], &question)?;
        return Ok(agreed.then(|| Proxied { name, entries: Vec::new() }));
    }
    if !person.agrees(&[&shown], &question)? {
        return Ok(None);
    }
    let secret = format!(
        "its password goes into {}, which nobody but you may read then; `awsenv keyring store --proxy` moves it on",
        desk.settings.path.display()
    );
    let before: &[&str] = if address.password.is_some() { &[&secret] } else { &[] };
    let name = person.line(before, "A name for this proxy [corp]: ", Some("corp"), |name| match name {
        "none" => Err("`none` stands for no proxy there".into()),
        name if desk.settings.proxy_names().any(|there| there == name) => {
            Err(format!("there is a [proxy {name}] already, with another address"))
        }
        name => edited(b"", &[with(name, "x")]).map(|_| name.to_owned()).map_err(|error| error.to_string()),
    })?;
    let direct = ["NO_PROXY", "no_proxy"].iter().find_map(|name| desk.host.var(name));
    let direct = direct.and_then(|list| list.into_string().ok()).filter(|list| !list.trim().is_empty());
    let mut entries = vec![("https", address.full_url())];
    entries.extend(direct.map(|list| ("no_proxy", SecretString::from(list.trim()))));
    Ok(Some(Proxied { name, entries }))
}

fn with<'n>(proxy: &'n str, profile: &'n str) -> Change<'n> {
    match profile {
        "x" => Change::set(Section::Proxy(proxy), "https", "http://x"),
        profile => Change::set(Section::Profile(profile), "proxy", proxy),
    }
}

/// The section that leads to the same place, whoever comes.
fn same(settings: &Settings, address: &ProxyAddress) -> Option<String> {
    let leads_there = |text: &Option<String>| {
        let other = text.as_ref().and_then(|text| ProxyAddress::parse(text.as_bytes()).ok());
        other.is_some_and(|other| other.plain_url() == address.plain_url())
    };
    let found = settings.proxy_names().find(|name| settings.proxy(name).is_ok_and(|proxy| leads_there(&proxy.https)));
    found.map(str::to_owned)
}
