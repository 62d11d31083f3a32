//! The network: which way a call goes, AWS's STS, IAM, IAM Identity Center and AWS Sign-In.
//!
//! Nothing here reads a profile or a settings file: what they say comes in as plain values. The outside is synchronous;
//! a runtime exists only while a call does. Every failure is one line that names the host or the proxy.
//!
//! * [`Region`], [`Partition`], [`Endpoint`]: where a call goes, and whether that is AWS.
//! * [`Route`], [`ProxyChoice`], [`CaBundle`]: the way there.
//! * [`Sts`], [`Oidc`], [`Portal`], [`SignIn`], [`Federation`], [`Iam`]: the calls. [`StsError`], [`SsoError`],
//!   [`SignInError`], [`IamError`] and [`Fault`]: what can go wrong.
//! * [`Loopback`]: a door for a browser on this machine.

mod ca;
mod dial;
mod dpop;
mod echo;
mod endpoint;
mod failure;
mod fault;
mod http;
mod iam;
mod iam_calls;
mod iam_error;
mod keys;
mod loopback;
mod metadata;
mod proxy;
mod region;
mod route;
mod sign_in;
mod sso;
mod sso_error;
mod sts;
mod sts_error;
mod token;
mod transport;
mod unsigned;
mod xml;

pub use ca::CaBundle;
pub use dpop::DpopKey;
pub use endpoint::{Configured, Endpoint, EndpointError, Service};
pub use failure::{Failure, Said};
pub use fault::Fault;
pub use iam::Iam;
pub use iam_calls::{AccessKey, Holder, IamUser, LastUse, LoginProfile, MfaDevice, NewDevice, PasswordPolicy};
pub use iam_error::IamError;
pub use keys::{Keys, SECRET_LENGTH, is_key_id, shown_id};
pub use loopback::{Loopback, Reply};
pub use metadata::{Given, MetadataError, container, instance};
pub use proxy::{NoMemory, Proxy, ProxyAddress, ProxyChoice, RefusedProxies, Turn};
pub use region::{Partition, Region, RegionError};
pub use route::Route;
pub use sign_in::{Federation, LoginToken, SignIn, SignInError};
pub use sso::{Account, Client, DeviceCode, Flow, Grant, Oidc, Portal, Token};
pub use sso_error::SsoError;
pub use sts::{Answer, AssumeRole, AssumedRole, Caller, Mfa, Session, Signer, Sts};
pub use sts_error::StsError;
pub use token::{unguessable, url_safe};
pub use transport::Transport;

use std::net::IpAddr;

use crate::terminal::clean_to;

/// Whether `host` is this machine by its name: `localhost`, `*.localhost`, 127.0.0.0/8, ::1 (with or without brackets).
pub fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V6(v6)) => v6.is_loopback() || v6.to_ipv4_mapped().is_some_and(|v4| v4.is_loopback()),
        Ok(IpAddr::V4(v4)) => v4.is_loopback(),
        Err(_) => {
            let host = host.to_ascii_lowercase();
            host == "localhost" || host.ends_with(".localhost")
        }
    }
}

/// Whether `host` is where EC2, ECS and EKS give keys to what runs on them: link-local, and without TLS by design.
fn is_metadata(host: &str) -> bool {
    ["169.254.169.254", "169.254.170.2", "169.254.170.23", "fd00:ec2::254", "fd00:ec2::23"].contains(&host)
}

/// Text from a server for one line: runs of blanks become one, what could steer a terminal goes, 300 columns.
fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty());
    clean_to(words.collect::<Vec<_>>().join(" "), 300)
}

/// For a sentence that names a host: the proxy on the way there.
fn via(proxy: &Option<String>) -> String {
    proxy.as_ref().map(|p| format!(" through the proxy {p}")).unwrap_or_default()
}

/// For the end of a sentence: what a server said besides, where it said something.
fn told(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" ({text})") }
}

/// The system's words for an error, without `(os error 111)`.
fn plain_io(error: &std::io::Error) -> String {
    let text = one_line(&error.to_string());
    text.split_once(" (os error").map_or(text.clone(), |(words, _)| words.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_known_by_all_its_names() {
        for host in
            ["localhost", "LOCALHOST.", "x.localhost", "127.0.0.1", "127.9.8.7", "::1", "[::1]", "::ffff:127.0.0.1"]
        {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "0.0.0.0", "notlocalhost", ""] {
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn text_from_a_server_is_one_short_line() {
        assert_eq!(one_line("a\n\n b\x1b[2J\r\u{9b}c "), "a b [2J c");
        assert!(one_line(&"x".repeat(10_000)).chars().count() <= 300);
    }
}
