//! The proxy of a profile: from `[profile NAME] proxy` and `[proxy NAME]` in the settings to addresses with user and password.

use secrecy::{ExposeSecret, SecretString};

use crate::error::{Error, Result};
use crate::net::{ProxyAddress, ProxyChoice};
use crate::settings::{self, PasswordFrom, Settings};

/// Always reached directly: the metadata services of EC2, ECS and EKS, and this machine.
pub const ALWAYS_DIRECT: [&str; 6] =
    ["169.254.169.254", "169.254.170.2", "169.254.170.23", "localhost", "127.0.0.1", "::1"];

/// The proxy that the settings give a profile.
#[derive(Debug, Clone)]
pub enum ProfileProxy {
    /// The settings say nothing: what the environment says stays.
    Unsaid,
    /// `proxy = none`.
    None,
    /// A `[proxy NAME]` section.
    Named(NamedProxy),
}

/// A `[proxy NAME]` section with its password.
#[derive(Debug, Clone)]
pub struct NamedProxy {
    pub name: String,
    pub http: Option<ProxyAddress>,
    pub https: Option<ProxyAddress>,
    /// The section's own list; [`ALWAYS_DIRECT`] and what the environment says come on top.
    pub no_proxy: Vec<String>,
    /// Whether the settings file that has the section was named by an environment variable.
    pub from_environment: bool,
}

/// The proxy of a profile. `password` gets one that is not in the settings, given the section's name; where only
/// the address matters (`status`, `list`) it gives `None`.
///
/// # Errors
/// Names the section that is missing or the key whose value is no proxy's address; and the errors of `password`.
pub fn of_profile(
    settings: &Settings,
    choice: Option<&settings::ProxyChoice>,
    password: impl FnOnce(&str, PasswordFrom) -> Result<Option<SecretString>>,
) -> Result<ProfileProxy> {
    let name = match choice {
        None => return Ok(ProfileProxy::Unsaid),
        Some(settings::ProxyChoice::None) => return Ok(ProfileProxy::None),
        Some(settings::ProxyChoice::Named(name)) => name,
    };
    let section = settings.proxy(name)?;
    let secret = match section.password_from() {
        Some(from) => password(name, from)?,
        None => None,
    };
    let address = |key: &str, text: &Option<String>| -> Result<Option<ProxyAddress>> {
        let Some(text) = text.as_deref().filter(|t| !t.is_empty()) else { return Ok(None) };
        let mut address = ProxyAddress::parse(text.as_bytes())
            .map_err(|why| Error::failed(format!("{}: [proxy {name}] {key}: {why}", settings.path.display())))?;
        if let Some(user) = &section.username {
            address.username = Some(user.as_bytes().to_vec());
        }
        if let Some(secret) = &secret {
            address.password = Some(secret.expose_secret().as_bytes().to_vec().into());
        }
        Ok(Some(address))
    };
    Ok(ProfileProxy::Named(NamedProxy {
        http: address("http", &section.http)?,
        https: address("https", &section.https)?,
        no_proxy: hosts(section.no_proxy.as_deref().unwrap_or_default()),
        name: name.clone(),
        from_environment: settings.from_environment,
    }))
}

impl ProfileProxy {
    /// What awsenv's own calls use.
    pub fn for_calls(&self) -> ProxyChoice {
        match self {
            ProfileProxy::Unsaid => ProxyChoice::Environment,
            ProfileProxy::None => ProxyChoice::None,
            // Our calls go to https:// addresses; a section with `http` alone means one proxy for everything.
            ProfileProxy::Named(named) => match named.https.as_ref().or(named.http.as_ref()) {
                None => ProxyChoice::None,
                Some(address) => ProxyChoice::Use {
                    url: address.full_url(),
                    username: None,
                    password: None,
                    no_proxy: Some(named.no_proxy.join(",")),
                    name: match named.from_environment {
                        true => format!("[proxy {}] in the settings that the environment names", named.name),
                        false => format!("[proxy {}]", named.name),
                    },
                    from_environment: named.from_environment,
                },
            },
        }
    }
}

impl NamedProxy {
    /// NO_PROXY: the section's, what was there before, and [`ALWAYS_DIRECT`], each once.
    pub fn no_proxy_with(&self, before: &str) -> String {
        let mut all: Vec<String> = Vec::new();
        let direct = ALWAYS_DIRECT.map(String::from);
        for host in self.no_proxy.iter().cloned().chain(hosts(before)).chain(direct) {
            if !all.contains(&host) {
                all.push(host);
            }
        }
        all.join(",")
    }
}

/// A NO_PROXY list in its parts.
fn hosts(list: &str) -> Vec<String> {
    list.split([',', ' ', '\t']).filter(|h| !h.is_empty()).map(String::from).collect()
}

/// An address for people, `***` where a password is.
pub fn masked(address: &ProxyAddress) -> String {
    let user = address.username.as_ref().map(|u| String::from_utf8_lossy(u).into_owned());
    let secret = if address.password.is_some() { ":***" } else { "" };
    match user {
        Some(user) => address.plain_url().replacen("://", &format!("://{user}{secret}@"), 1),
        None => address.plain_url(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_proxy_is_the_union_without_doubles() {
        let proxy = NamedProxy {
            name: "corp".into(),
            http: None,
            https: None,
            no_proxy: hosts(".corp, 10.0.0.1"),
            from_environment: false,
        };
        assert_eq!(
            proxy.no_proxy_with("10.0.0.1,old.host"),
            ".corp,10.0.0.1,old.host,169.254.169.254,169.254.170.2,169.254.170.23,localhost,127.0.0.1,::1"
        );
    }

    #[test]
    fn a_password_never_shows() {
        let address = ProxyAddress::parse(b"taro:p@ss:word@proxy.corp:8080").expect("an address");
        assert_eq!(masked(&address), "http://taro:***@proxy.corp:8080");
    }
}
