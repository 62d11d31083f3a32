//! What `use` changes in a shell's environment. The shell itself keeps the former values and restores them.

pub mod carried;
mod names;
pub mod stamp;

use std::ffi::OsString;

use secrecy::ExposeSecret;

use crate::host::Host;
use crate::net::ProxyAddress;
use crate::profile::ProfileName;
use crate::session::proxy::{NamedProxy, ProfileProxy};

pub use names::{Names, fitting_names};

/// Raw keys and everything else that would compete with `AWS_PROFILE`.
pub const COMPETING: [&str; 6] = [
    "AWS_DEFAULT_PROFILE",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
];

/// Variables to set, with any bytes as values, and variables to unset.
#[derive(Default, Clone)]
pub struct Changes {
    pub set: Vec<(String, Vec<u8>)>,
    pub unset: Vec<String>,
}

/// Everything that decides what `use` changes.
pub struct Wanted<'a> {
    /// The profile that the user chose.
    pub profile: &'a ProfileName,
    /// The profile that SDKs should use: the same, or its sibling.
    pub sdk_profile: &'a ProfileName,
    /// The value of `AWS_SESSION_EXPIRATION`; `None` leaves it unset.
    pub session_expiration: Option<String>,
    /// The segment's text for `AWSENV_PROMPT`, until the next prompt writes its own.
    pub prompt: String,
    /// The region to export, where one is to be exported.
    pub region: Option<String>,
    pub proxy: &'a ProfileProxy,
    /// `env.NAME = value` of the profile.
    pub env: &'a [(String, String)],
}

/// The changes for `use`. `host` holds the environment as it was before awsenv changed it.
pub fn changes(host: &Host, wanted: &Wanted) -> Changes {
    let mut changes = Changes::default();
    changes.set("AWS_PROFILE", wanted.sdk_profile.as_bytes());
    changes.set("AWSENV_PROFILE", wanted.profile.as_bytes());
    changes.unset.extend(COMPETING.map(String::from));
    changes.set("AWSENV_PROMPT", wanted.prompt.as_bytes());
    match &wanted.session_expiration {
        Some(end) => changes.set("AWS_SESSION_EXPIRATION", end.as_bytes()),
        None => changes.unset("AWS_SESSION_EXPIRATION"),
    }
    if let Some(region) = &wanted.region {
        changes.set("AWS_REGION", region.as_bytes());
        changes.set("AWS_DEFAULT_REGION", region.as_bytes());
    }
    changes.proxy(host, wanted.proxy);
    for (name, value) in wanted.env {
        changes.set(name, value.as_bytes());
    }
    let names = Names::of(&changes);
    changes.set("AWSENV_NAMES", names.to_string().as_bytes());
    changes
}

impl Changes {
    /// Sets a variable; the last word on a name counts.
    pub fn set(&mut self, name: &str, value: &[u8]) {
        self.forget(name);
        self.set.push((name.to_owned(), value.to_owned()));
    }

    /// The same, and then `later`.
    pub fn add(&mut self, later: Changes) {
        later.set.iter().for_each(|(name, value)| self.set(name, value));
        later.unset.iter().for_each(|name| self.unset(name));
    }

    /// Unsets a variable.
    pub fn unset(&mut self, name: &str) {
        self.forget(name);
        self.unset.push(name.to_owned());
    }

    fn forget(&mut self, name: &str) {
        self.set.retain(|(n, _)| n != name);
        self.unset.retain(|n| n != name);
    }

    /// The proxy variables of a profile, in both letter cases (upper only on Windows, where case does not count).
    pub fn proxy(&mut self, host: &Host, proxy: &ProfileProxy) {
        match proxy {
            ProfileProxy::Unsaid => {}
            ProfileProxy::None => ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].iter().for_each(|n| self.both(n, None)),
            ProfileProxy::Named(named) => self.named_proxy(host, named),
        }
    }

    fn named_proxy(&mut self, host: &Host, proxy: &NamedProxy) {
        let url = |address: &Option<ProxyAddress>| address.as_ref().map(|a| a.full_url().expose_secret().to_owned());
        self.both("HTTP_PROXY", url(&proxy.http));
        self.both("HTTPS_PROXY", url(&proxy.https));
        self.both("ALL_PROXY", None);
        let before: Vec<String> = ["NO_PROXY", "no_proxy"]
            .iter()
            .filter_map(|n| host.var(n).map(|v: OsString| v.to_string_lossy().into_owned()))
            .collect();
        self.both("NO_PROXY", Some(proxy.no_proxy_with(&before.join(","))));
    }

    fn both(&mut self, upper: &str, value: Option<String>) {
        let lower = upper.to_ascii_lowercase();
        for name in [upper, &lower].iter().take(if cfg!(windows) { 1 } else { 2 }) {
            match &value {
                Some(value) => self.set(name, value.as_bytes()),
                None => self.unset(name),
            }
        }
    }
}
