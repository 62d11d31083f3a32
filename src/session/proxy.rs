//! The proxy of a profile: from `[profile NAME] proxy` and `[proxy NAME]` in the settings to addresses with user and password.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};

use crate::error::{Error, Result};
use crate::settings::{ProxyChoice, ProxySettings, Settings};

/// Everything but RFC 3986's unreserved characters: what stands in the user part of an address must not end it.
const USERINFO: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Always reached directly: the metadata services of EC2, ECS and EKS, and this machine.
pub const ALWAYS_DIRECT: [&str; 6] =
    ["169.254.169.254", "169.254.170.2", "169.254.170.23", "localhost", "127.0.0.1", "::1"];

/// The proxy that the settings give a profile.
#[derive(Clone)]
pub enum ProfileProxy {
    /// The settings say nothing: what the environment says stays.
    Unsaid,
    /// `proxy = none`.
    None,
    /// A `[proxy NAME]` section.
    Named(NamedProxy),
}

/// A `[proxy NAME]` section with its password.
#[derive(Clone)]
pub struct NamedProxy {
    pub name: String,
    pub http: Option<ProxyAddress>,
    pub https: Option<ProxyAddress>,
    /// The profile's own list; [`ALWAYS_DIRECT`] and what the environment says come on top.
    pub no_proxy: Vec<String>,
}

/// One proxy address in its parts.
#[derive(Clone)]
pub struct ProxyAddress {
    /// `http` or `https`: how the proxy itself is spoken to.
    pub scheme: String,
    /// Host, and the port where one is given.
    pub host: String,
    pub username: Option<String>,
    pub password: Option<SecretString>,
}

impl ProxyAddress {
    /// Reads `[scheme://][user[:password]@]host[:port]`, split at the last `@` as people write passwords today.
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.trim().split_once("://").unwrap_or(("http", text.trim()));
        let rest = rest.trim_end_matches('/');
        let (user, host) = rest.rsplit_once('@').map_or((None, rest), |(user, host)| (Some(user), host));
        let plain = !host.is_empty() && !host.contains(|c: char| c.is_whitespace() || c.is_control() || c == '/');
        let (username, password) = match user.map(|u| u.split_once(':').map_or((u, None), |(u, p)| (u, Some(p)))) {
            Some((user, password)) => (Some(decoded(user)), password.map(|p| SecretString::from(decoded(p)))),
            None => (None, None),
        };
        plain.then(|| ProxyAddress { scheme: scheme.to_ascii_lowercase(), host: host.to_owned(), username, password })
    }

    /// The whole address with user and password percent-encoded, as programs expect it in `HTTPS_PROXY`.
    pub fn url(&self) -> SecretString {
        self.written(|p| utf8_percent_encode(p.expose_secret(), USERINFO).to_string()).into()
    }

    /// The address for people: `***` for the password.
    pub fn masked(&self) -> String {
        self.written(|_| "***".into())
    }

    /// The address without user and password.
    pub fn bare(&self) -> String {
        format!("{}://{}", self.scheme, self.host)
    }

    fn written(&self, password: impl Fn(&SecretString) -> String) -> String {
        let ProxyAddress { scheme, host, .. } = self;
        let Some(user) = &self.username else { return self.bare() };
        let user = utf8_percent_encode(user, USERINFO);
        match &self.password {
            Some(secret) => format!("{scheme}://{user}:{}@{host}", password(secret)),
            None => format!("{scheme}://{user}@{host}"),
        }
    }
}

/// `%40` as people write it, or the plain character; a `%` that begins no escape stands for itself.
fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8().map_or_else(|_| text.to_owned(), |t| t.into_owned())
}

/// The proxy of a profile. `password` runs a `password_process`; without one (status, list) the password stays out.
///
/// # Errors
/// Names the section that is missing or the address that is none.
pub fn of_profile(
    settings: &Settings,
    choice: Option<&ProxyChoice>,
    password: impl Fn(&str, &str) -> Result<Option<SecretString>>,
) -> Result<ProfileProxy> {
    let name = match choice {
        None => return Ok(ProfileProxy::Unsaid),
        Some(ProxyChoice::None) => return Ok(ProfileProxy::None),
        Some(ProxyChoice::Named(name)) => name,
    };
    let section = settings.proxy(name)?;
    let secret = section.password_process.as_deref().map(|command| password(name, command)).transpose()?.flatten();
    let address = |key: &str, text: &Option<String>| match text.as_deref() {
        None | Some("") => Ok(None),
        Some(text) => complete(settings, name, key, text, section, secret.clone()).map(Some),
    };
    let words = section.no_proxy.as_deref().unwrap_or_default();
    Ok(ProfileProxy::Named(NamedProxy {
        http: address("http", &section.http)?,
        https: address("https", &section.https)?,
        no_proxy: hosts(words),
        name: name.clone(),
    }))
}

fn complete(
    settings: &Settings,
    name: &str,
    key: &str,
    text: &str,
    section: &ProxySettings,
    secret: Option<SecretString>,
) -> Result<ProxyAddress> {
    let file = settings.path.display();
    let mut address = ProxyAddress::parse(text)
        .ok_or_else(|| Error::failed(format!("{file}: [proxy {name}] {key}: not the address of a proxy")))?;
    if !["http", "https"].contains(&address.scheme.as_str()) {
        let scheme = &address.scheme;
        return Err(Error::failed(format!("{file}: [proxy {name}] {key}: {scheme}:// proxies are not supported"))
            .next("use an http:// proxy"));
    }
    if let Some(user) = &section.username {
        address.username = Some(user.clone());
    }
    if secret.is_some() {
        address.password = secret;
    }
    Ok(address)
}

/// A NO_PROXY list in its parts.
pub fn hosts(list: &str) -> Vec<String> {
    list.split([',', ' ', '\t']).filter(|h| !h.is_empty()).map(String::from).collect()
}

impl NamedProxy {
    /// NO_PROXY: the profile's, what was there before, and [`ALWAYS_DIRECT`], each once.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_may_hold_what_people_type() {
        let address = ProxyAddress::parse("taro:p@ss:w%rd@proxy.corp:8080").expect("an address");
        assert_eq!(address.url().expose_secret(), "http://taro:p%40ss%3Aw%25rd@proxy.corp:8080");
        assert_eq!(address.masked(), "http://taro:***@proxy.corp:8080");
        let encoded = ProxyAddress::parse("https://taro:p%40ss@proxy.corp:8080/").expect("an address");
        assert_eq!(encoded.password.map(|p| p.expose_secret().to_owned()).as_deref(), Some("p@ss"));
        assert_eq!(encoded.bare_text(), "https://proxy.corp:8080");
        assert!(ProxyAddress::parse("").is_none());
        assert!(ProxyAddress::parse("http://a b:1").is_none());
    }

    impl ProxyAddress {
        fn bare_text(&self) -> String {
            format!("{}://{}", self.scheme, self.host)
        }
    }

    #[test]
    fn no_proxy_is_the_union_without_doubles() {
        let proxy = NamedProxy { name: "corp".into(), http: None, https: None, no_proxy: hosts(".corp, 10.0.0.1") };
        assert_eq!(
            proxy.no_proxy_with("10.0.0.1,old.host"),
            ".corp,10.0.0.1,old.host,169.254.169.254,169.254.170.2,169.254.170.23,localhost,127.0.0.1,::1"
        );
    }
}
