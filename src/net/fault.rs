//! What can go wrong between here and a service, each with its own sentence.

use std::path::PathBuf;

use super::via;

/// A call that got no answer from the service. The messages name the host or the proxy and the next step; none holds a
/// secret. `proxy` is written as in `proxy.corp:3128 (HTTPS_PROXY)`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The proxy's address makes no sense, or is of a kind that is not supported.
    #[error("the proxy of {origin} cannot be used: {why}")]
    ProxyAddress {
        /// The variable or section that names it.
        origin: String,
        /// What is wrong with it.
        why: String,
    },
    /// No connection to the proxy.
    #[error("the proxy {proxy} cannot be reached: {why}")]
    ProxyUnreachable {
        /// Its address and where that comes from.
        proxy: String,
        /// The system's words.
        why: String,
    },
    /// The proxy wants another user or password.
    #[error("the proxy {proxy} {}", proxy_auth(*.status, *.given, .schemes))]
    ProxyAuth {
        /// Its address and where that comes from.
        proxy: String,
        /// 407; tinyproxy answers 401 to a wrong password.
        status: u16,
        /// Whether a user and password were sent.
        given: bool,
        /// What it offers in Proxy-Authenticate: `Basic`, `NTLM`, …
        schemes: Vec<String>,
    },
    /// Nothing was sent, because this proxy refused this user and password a short while ago.
    #[error("the proxy {proxy} {}", remembered(*.given, *.seconds))]
    ProxyRemembered {
        /// Its address and where that comes from.
        proxy: String,
        /// Whether there is a user and password.
        given: bool,
        /// Seconds since it refused.
        seconds: i64,
    },
    /// The proxy does not let us through to the host.
    #[error("the proxy {proxy} refuses to connect to {host}: it answered {status}; it may have to be allowed there")]
    ProxyRefused {
        /// Its address and where that comes from.
        proxy: String,
        /// The host behind it.
        host: String,
        /// Its answer: number and words.
        status: String,
    },
    /// What answers there is not an HTTP proxy, or it hung up.
    #[error("the proxy {proxy} does not answer as a proxy: {why}")]
    ProxyGarbled {
        /// Its address and where that comes from.
        proxy: String,
        /// What it did.
        why: String,
    },
    /// No connection to the host.
    #[error("{host} cannot be reached: {why}{}", way_out(.host))]
    NoRoute {
        /// The host.
        host: String,
        /// The system's words.
        why: String,
    },
    /// The TLS handshake failed.
    #[error("no trusted connection to {host}{}: {why}", via(.proxy))]
    Tls {
        /// The host whose certificate it is.
        host: String,
        /// The proxy on the way.
        proxy: Option<String>,
        /// What is wrong, and what helps.
        why: String,
    },
    /// The bundle of certificate authorities cannot be used.
    #[error("the CA bundle {} ({origin}) cannot be used: {why}", .path.display())]
    CaBundle {
        /// The file.
        path: PathBuf,
        /// The variable or key that names it.
        origin: String,
        /// What is wrong with it.
        why: String,
    },
    /// No answer in time.
    #[error("{host}{} did not answer within {seconds} s ({stage}){}", via(.proxy), spent(*.sent))]
    Timeout {
        /// The host.
        host: String,
        /// The proxy on the way.
        proxy: Option<String>,
        /// How long was waited, seconds.
        seconds: u64,
        /// What was waited for: `connecting`, `waiting for the answer`, …
        stage: &'static str,
        /// Whether the request had been sent.
        sent: bool,
    },
    /// The connection ended before the whole answer was there.
    #[error("the connection to {host}{} was cut: {why}{}", via(.proxy), spent(*.sent))]
    Cut {
        /// The host.
        host: String,
        /// The proxy on the way.
        proxy: Option<String>,
        /// What happened.
        why: String,
        /// Whether the request had been sent.
        sent: bool,
    },
    /// `http://` to another machine: nothing secret goes there.
    #[error("http:// to {host} is refused: keys and codes go unencrypted only to this machine; use https://")]
    PlainHttp {
        /// The host.
        host: String,
    },
    /// A variable that the SDK reads by itself, and must not.
    #[error("{name} {why}: unset it")]
    Environment {
        /// The variable.
        name: &'static str,
        /// What it does.
        why: &'static str,
    },
    /// Something of our own failed before anything was sent.
    #[error("the call to {host} could not be made: {why}")]
    Internal {
        /// The host.
        host: String,
        /// What failed.
        why: String,
    },
}

impl Fault {
    /// Whether the same call may work in a moment.
    pub(super) fn passes(&self) -> bool {
        matches!(self, Fault::Cut { .. })
    }

    /// Whether the request had left this machine, so that a code in it may be spent.
    pub fn was_sent(&self) -> bool {
        matches!(self, Fault::Timeout { sent: true, .. } | Fault::Cut { sent: true, .. })
    }
}

fn way_out(host: &str) -> &'static str {
    let bare = host.rsplit_once(':').map_or(host, |(bare, _)| bare);
    if super::is_loopback(host) || super::is_loopback(bare) {
        ""
    } else {
        "; if this network has no direct way out, give the profile a proxy"
    }
}

fn spent(sent: bool) -> &'static str {
    if sent {
        "; it may have been carried out all the same: try again, with the next code where one was asked for"
    } else {
        ""
    }
}

fn remembered(given: bool, seconds: i64) -> String {
    let ago = crate::time::span(seconds);
    if given {
        format!(
            "refused this user and password {ago} ago: nothing was sent, since more tries could lock the account; correct \
             the password, or wait 10 minutes"
        )
    } else {
        format!("wanted a user and password {ago} ago: nothing was sent; give it a username and a password_process")
    }
}

fn proxy_auth(status: u16, given: bool, schemes: &[String]) -> String {
    let basic = schemes.is_empty() || schemes.iter().any(|s| s.eq_ignore_ascii_case("basic"));
    match (basic, given) {
        (true, true) => {
            format!("refused its user and password ({status}): correct them; they are not sent again for 10 minutes")
        }
        (true, false) => format!("wants a user and password ({status}): give it a username and a password_process"),
        (false, _) => format!(
            "wants {} ({status}), which is not supported (Basic is): a local helper such as cntlm or px can stand between",
            schemes.join(" or ")
        ),
    }
}
