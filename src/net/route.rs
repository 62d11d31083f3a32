//! The way to a host: directly or through a proxy, trusting whom, waiting how long.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::ClientConfig;

use super::{CaBundle, Fault, Proxy, ProxyChoice, Turn, ca, is_loopback, is_metadata};
use crate::host::Host;

/// How calls leave this machine.
#[derive(Debug, Clone)]
pub struct Route {
    /// Which proxy.
    pub proxy: ProxyChoice,
    /// Which certificate authorities; none: the machine's.
    pub ca_bundle: Option<CaBundle>,
    /// How long a TCP connection may take.
    pub connect_timeout: Duration,
    /// How long a call may take from the name look-up to the last byte of the answer.
    pub whole_timeout: Duration,
}

impl Default for Route {
    fn default() -> Self {
        Route {
            proxy: ProxyChoice::default(),
            ca_bundle: None,
            connect_timeout: Duration::from_secs(5),
            whole_timeout: Duration::from_secs(20),
        }
    }
}

impl Route {
    /// What the environment brings into a call to `host`, for the line before a question: `proxy p:3128 (HTTPS_PROXY)`,
    /// `CA bundle /x.pem (AWS_CA_BUNDLE)`. Empty for this machine itself.
    pub fn named_by_environment(&self, machine: &Host, host: &str) -> Result<Vec<String>, Fault> {
        if is_loopback(host) {
            return Ok(Vec::new());
        }
        let proxy = self.proxy.proxy_for(machine, host, 443)?.filter(|p| p.from_environment);
        Ok(proxy.map(|p| format!("proxy {p}")).into_iter().chain(self.trust_from_environment(machine)).collect())
    }

    /// Whom the environment makes a call believe: a CA bundle, or where the machine's authorities are.
    pub fn trust_from_environment(&self, machine: &Host) -> Vec<String> {
        match &self.ca_bundle {
            Some(bundle) if bundle.from_environment => {
                vec![format!("CA bundle {} ({})", bundle.path.display(), bundle.origin)]
            }
            Some(_) => Vec::new(),
            // Who has no bundle trusts the machine's authorities, and these two say where they are.
            None => ["SSL_CERT_FILE", "SSL_CERT_DIR"]
                .into_iter()
                .filter_map(|name| {
                    let path = PathBuf::from(machine.var(name)?);
                    Some(format!("certificate authorities {} ({name})", path.display()))
                })
                .collect(),
        }
    }

    /// Checks everything that can be checked without sending: proxy address, CA bundle. `host` without brackets.
    pub(super) fn line(&self, machine: &Host, host: &str, port: u16, tls: bool) -> Result<Line, Fault> {
        if !tls && !is_loopback(host) && !is_metadata(host) {
            return Err(Fault::PlainHttp { host: host.into() });
        }
        let proxy = self.proxy.proxy_for(machine, host, port)?;
        let bundle = self.ca_bundle.as_ref();
        let config = if tls { Some(ca::tls_config(bundle, host)?) } else { None };
        let proxy_tls = proxy.as_ref().filter(|p| p.address.tls).and(config.clone());
        Ok(Line {
            host: host.to_owned(),
            port,
            tls: config,
            proxy,
            proxy_tls,
            turn: Mutex::new(None),
            ca_bundle: bundle.cloned(),
            connect_timeout: self.connect_timeout,
            whole_timeout: self.whole_timeout,
        })
    }
}

/// One resolved way, ready to dial.
pub(super) struct Line {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tls: Option<Arc<ClientConfig>>,
    pub(super) proxy: Option<Proxy>,
    pub(super) proxy_tls: Option<Arc<ClientConfig>>,
    /// Held until the proxy has taken user and password, see [`super::RefusedProxies::turn`].
    pub(super) turn: Mutex<Option<Turn>>,
    pub(super) ca_bundle: Option<CaBundle>,
    pub(super) connect_timeout: Duration,
    pub(super) whole_timeout: Duration,
}

impl Line {
    /// `sts.us-east-1.amazonaws.com:443`, `[::1]:4566`.
    pub(super) fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// The host as messages name it: with its port where that is not the usual one.
    pub(super) fn name(&self) -> String {
        let usual = self.port == if self.tls.is_some() { 443 } else { 80 };
        if usual { self.host.clone() } else { self.authority() }
    }

    /// Lets the next process try the proxy.
    pub(super) fn end_turn(&self) {
        self.turn.lock().unwrap_or_else(|e| e.into_inner()).take();
    }

    pub(super) fn too_slow(&self, stage: &'static str, limit: Duration, sent: bool) -> Fault {
        Fault::Timeout {
            host: self.name(),
            proxy: self.proxy.as_ref().map(Proxy::to_string),
            seconds: limit.as_secs(),
            stage,
            sent,
        }
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").field("to", &self.authority()).field("proxy", &self.proxy).finish_non_exhaustive()
    }
}
