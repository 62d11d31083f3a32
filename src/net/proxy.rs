//! Which proxy a call goes through: from the profile, or from the environment read the way people expect.

use std::any::Any;
use std::ffi::OsString;
use std::fmt::{self, Write as _};

use bstr::{BStr, ByteSlice, ByteVec};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, percent_encode};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use sha2::{Digest, Sha256};

use super::{Fault, is_loopback, one_line};
use crate::hex::hex;
use crate::host::Host;
use crate::state::Memory;
use crate::time::Timestamp;

mod no_proxy;

/// What the profile says about proxies.
#[derive(Debug, Clone, Default)]
pub enum ProxyChoice {
    /// Nothing: `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY` decide.
    #[default]
    Environment,
    /// `proxy = none`: directly, whatever the environment says.
    None,
    /// The profile's own proxy.
    Use {
        /// Its address, as people write it: `http://proxy.corp:3128`, `user:password@proxy.corp:3128`.
        url: SecretString,
        /// The user; wins over one in the address.
        username: Option<String>,
        /// The password; wins over one in the address.
        password: Option<SecretString>,
        /// Hosts that are reached directly, as in `NO_PROXY`.
        no_proxy: Option<String>,
        /// How to call it in messages: `[proxy corp]`.
        name: String,
        /// Whether it stands in a file that an environment variable names: then it is shown before a question.
        from_environment: bool,
    },
}

impl ProxyChoice {
    /// The proxy for a connection to `host`:`port` over TLS; none for this machine itself and for what `no_proxy` lists.
    pub fn proxy_for(&self, machine: &Host, host: &str, port: u16) -> Result<Option<Proxy>, Fault> {
        if is_loopback(host) {
            return Ok(None);
        }
        match self {
            ProxyChoice::None => Ok(None),
            ProxyChoice::Use { url, username, password, no_proxy, name, from_environment } => {
                if no_proxy.as_deref().is_some_and(|list| no_proxy::lists(list, host, port)) {
                    return Ok(None);
                }
                let mut address = ProxyAddress::parse(url.expose_secret().as_bytes())
                    .map_err(|why| Fault::ProxyAddress { origin: name.clone(), why })?;
                if let Some(user) = username {
                    address.username = Some(user.as_bytes().to_vec());
                }
                if let Some(password) = password {
                    address.password = Some(password.expose_secret().as_bytes().to_vec().into());
                }
                Ok(Some(Proxy { address, origin: name.clone(), from_environment: *from_environment }))
            }
            ProxyChoice::Environment => from_environment(machine, host, port),
        }
    }
}

/// `HTTP_PROXY` is not read: it is for `http://` targets, and those are only ever this machine. `REQUEST_METHOD`, at which
/// some libraries drop `HTTP_PROXY` (a CGI defence), has no say for the same reason.
fn from_environment(machine: &Host, host: &str, port: u16) -> Result<Option<Proxy>, Fault> {
    // `var` takes an empty variable for an absent one, so an empty upper-case name does not hide the lower-case one.
    let first = |names: &[&'static str]| names.iter().find_map(|name| Some((*name, machine.var(name)?)));
    let Some((name, value)) = first(&["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]) else {
        return Ok(None);
    };
    let list = first(&["NO_PROXY", "no_proxy"]).map(|(_, v)| v.to_string_lossy().into_owned());
    if list.is_some_and(|list| no_proxy::lists(&list, host, port)) {
        return Ok(None);
    }
    let address =
        ProxyAddress::parse(&bytes_of(value)).map_err(|why| Fault::ProxyAddress { origin: name.to_owned(), why })?;
    Ok(Some(Proxy { address, origin: name.to_owned(), from_environment: true }))
}

fn bytes_of(value: OsString) -> Vec<u8> {
    Vec::from_os_string(value).unwrap_or_else(|value| value.to_string_lossy().into_owned().into_bytes())
}

/// A proxy's address, taken apart: `[http://|https://][user[:password]@]host[:port][/]`.
#[derive(Clone)]
pub struct ProxyAddress {
    /// TLS to the proxy itself (`https://`).
    pub tls: bool,
    /// Name or IP address, without brackets.
    pub host: String,
    /// Given, or 80 for http and 443 for https.
    pub port: u16,
    /// Any bytes, decoded.
    pub username: Option<Vec<u8>>,
    /// Any bytes, decoded.
    pub password: Option<SecretSlice<u8>>,
}

impl ProxyAddress {
    /// Reads an address as people write it: without a scheme it is `http`; user and password end at the *last* `@`, so
    /// that a password may hold `@`, `:`, `/`; `%XX` is decoded, any other `%` stands for itself.
    /// The error says what is wrong without repeating the address, which may hold a password.
    pub fn parse(address: &[u8]) -> Result<Self, String> {
        let address = address.trim_with(|c| c.is_whitespace());
        let (scheme, rest) = address.split_once_str("://").unwrap_or(("http".as_bytes(), address));
        let tls = match scheme.to_ascii_lowercase().as_slice() {
            b"http" => false,
            b"https" => true,
            other if other.starts_with(b"socks") => {
                return Err("SOCKS is not supported: an http:// proxy is needed".into());
            }
            // A password with "://" in it lands here too, so the scheme is named only when it is nothing but letters.
            other if !other.is_empty() && other.iter().all(u8::is_ascii_alphabetic) && other.len() <= 10 => {
                return Err(format!("{}:// is not supported: an http:// proxy is needed", other.as_bstr()));
            }
            _ => return Err("its address has no scheme that is known: write http://HOST:PORT".into()),
        };
        let (user_info, rest) = match rest.rsplit_once_str("@") {
            Some((user_info, rest)) => (Some(user_info), rest),
            None => (None, rest),
        };
        let end = rest.find_byteset(b"/?#").unwrap_or(rest.len());
        let (host, port) = split_port(rest[..end].as_bstr(), if tls { 443 } else { 80 })?;
        let (username, password) = match user_info {
            None => (None, None),
            Some(info) => {
                let decode = |part: &[u8]| percent_decode(part).collect::<Vec<u8>>();
                let (user, password) = match info.split_once_str(":") {
                    Some((user, password)) => (user, Some(decode(password).into())),
                    None => (info, None),
                };
                (Some(decode(user)), password)
            }
        };
        Ok(ProxyAddress { tls, host, port, username, password })
    }

    /// `http://proxy.corp:3128`: without user and password.
    pub fn plain_url(&self) -> String {
        format!("{}://{}", if self.tls { "https" } else { "http" }, self.authority())
    }

    /// With user and password, both percent-encoded: the form that every program reads in `HTTPS_PROXY`.
    pub fn full_url(&self) -> SecretString {
        /// What RFC 3986 calls unreserved stays.
        const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
        let mut user_info = String::new();
        if let Some(user) = &self.username {
            let _ = write!(user_info, "{}", percent_encode(user, ENCODED));
            if let Some(password) = &self.password {
                let _ = write!(user_info, ":{}", percent_encode(password.expose_secret(), ENCODED));
            }
            user_info.push('@');
        }
        format!("{}://{user_info}{}", if self.tls { "https" } else { "http" }, self.authority()).into()
    }

    /// `proxy.corp:3128`, `[::1]:3128`.
    pub fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

impl fmt::Debug for ProxyAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ProxyAddress").field(&self.plain_url()).finish()
    }
}

/// `host`, `host:port`, `1.2.3.4:8080`, `[::1]:8080`, `::1`.
fn split_port(authority: &BStr, default: u16) -> Result<(String, u16), String> {
    let text = authority.to_str().map_err(|_| "its host is not text".to_owned())?;
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, "")) => (host, None),
        Some((host, port)) => (host, Some(port.strip_prefix(':').ok_or("there is something behind its ]".to_owned())?)),
        None if text.matches(':').count() > 1 => (text, None),
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    let named = |b: u8| b.is_ascii_alphanumeric() || b"-._:".contains(&b);
    if host.is_empty()
        || !host.bytes().all(named)
        || (host.contains(':') && host.parse::<std::net::Ipv6Addr>().is_err())
    {
        return Err("its address names no valid host".into());
    }
    let port = match port {
        None | Some("") => default,
        Some(digits) => match digits.parse::<u16>() {
            Ok(port) if port > 0 => port,
            _ => return Err(format!("the port of {} is not a number from 1 to 65535", one_line(host))),
        },
    };
    Ok((host.to_owned(), port))
}

/// The proxy of one connection.
#[derive(Debug, Clone)]
pub struct Proxy {
    /// Where it is and as whom we come.
    pub address: ProxyAddress,
    /// The variable or section that names it.
    pub origin: String,
    /// Whether the environment named it: then it is shown before a question.
    pub from_environment: bool,
}

impl Proxy {
    /// The value of `Proxy-Authorization`, if there is a user: Basic, with whatever bytes the password has.
    pub(super) fn authorization(&self) -> Option<SecretString> {
        let user = self.address.username.as_ref()?;
        let mut pair = user.clone();
        pair.push(b':');
        pair.extend_from_slice(self.address.password.as_ref().map(|p| p.expose_secret()).unwrap_or_default());
        Some(format!("Basic {}", aws_smithy_types::base64::encode(pair)).into())
    }

    /// The key under which a refusal of this proxy to this user and password is remembered. The memory keeps only a few
    /// salted bits of it, for a whole hash on a disk would help to guess the password.
    pub fn refusal_key(&self) -> String {
        let (address, user) = (self.address.plain_url(), self.address.username.as_deref().unwrap_or_default());
        let password = self.address.password.as_ref().map(|p| p.expose_secret()).unwrap_or_default();
        let mut hash = Sha256::new();
        for part in [address.as_bytes(), user, password] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hex(&hash.finalize())
    }
}

impl fmt::Display for Proxy {
    /// `proxy.corp:3128 (HTTPS_PROXY)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.address.authority(), self.origin)
    }
}

/// Whatever keeps others waiting as long as it is held.
pub type Turn = Box<dyn Any + Send>;

/// The memory of proxies that answered 407, kept for 10 minutes, so that a changed password does not lock an account.
pub trait RefusedProxies: Sync {
    /// When this [`Proxy::refusal_key`] was refused, if within the last 10 minutes.
    fn refused_since(&self, key: &str) -> Option<Timestamp>;
    /// Remember that it was refused now. A failure to write is nobody's concern here.
    fn remember(&self, key: &str);
    /// Waits until no other process is about to learn whether this key is refused. What is returned is held until we know.
    fn turn(&self, key: &str) -> Option<Turn>;
}

impl RefusedProxies for Memory {
    fn refused_since(&self, key: &str) -> Option<Timestamp> {
        self.refused_proxy(key)
    }
    fn remember(&self, key: &str) {
        self.note_refused_proxy(key);
    }
    fn turn(&self, key: &str) -> Option<Turn> {
        Some(Box::new(self.proxy_turn(key)?))
    }
}

/// No memory at all.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoMemory;

impl RefusedProxies for NoMemory {
    fn refused_since(&self, _: &str) -> Option<Timestamp> {
        None
    }
    fn remember(&self, _: &str) {}
    fn turn(&self, _: &str) -> Option<Turn> {
        None
    }
}

#[cfg(test)]
mod tests;
