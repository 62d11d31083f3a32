//! Keys that the machine itself gives to what runs on it: the instance's role from EC2's metadata service (IMDSv2), and the
//! container's from ECS, EKS or whatever stands in for them. The forms are those that botocore reads
//! (`botocore/utils.py`: `InstanceMetadataFetcher`, `ContainerMetadataFetcher`).

use std::time::Duration;

use aws_smithy_types::body::SdkBody;
use http::header::AUTHORIZATION;
use http::{Method, Request, StatusCode};
use hyper::body::Bytes;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::echo::hide;
use super::http::{Heard, send};
use super::transport::MayBeFault;
use super::{Endpoint, EndpointError, Fault, Keys, NoMemory, ProxyChoice, Route, Transport, one_line, told};
use crate::error::Error;
use crate::host::Host;

/// Where EC2 answers.
const INSTANCE: &str = "http://169.254.169.254";
/// Where ECS answers.
const CONTAINER: &str = "http://169.254.170.2";
/// Seconds for which a token of IMDSv2 is asked; botocore's own.
const TOKEN_LIFE: &str = "21600";

/// Why the machine gives no keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// It is none that could, or must not be asked.
    #[error("{0}")]
    NotHere(&'static str),
    /// An address in a variable that cannot be used.
    #[error(transparent)]
    Address(#[from] EndpointError),
    /// Another machine, which the SDKs would send the container's token by `https`: a cloned repository's `.envrc` can name it.
    #[error("nothing was sent to {host} ({origin}), which is neither AWS nor this machine")]
    Foreign {
        /// The variable.
        origin: &'static str,
        /// The host in it.
        host: String,
    },
    /// A file that a variable names cannot be read.
    #[error("{name} names a file that cannot be read: {why}")]
    File {
        /// The variable.
        name: &'static str,
        /// The system's words.
        why: String,
    },
    /// It says no.
    #[error("{host} answered {status}{}", told(.text))]
    Refused {
        /// Who.
        host: String,
        /// The HTTP status.
        status: u16,
        /// Its words.
        text: String,
    },
    /// What it says is not what was asked for.
    #[error("{host} gives no keys: {why}")]
    Strange {
        /// Who.
        host: String,
        /// What is wrong.
        why: String,
    },
    /// No answer at all.
    #[error(transparent)]
    Network(#[from] Fault),
}

impl MayBeFault for MetadataError {
    fn fault(&self) -> Option<&Fault> {
        match self {
            MetadataError::Network(fault) => Some(fault),
            _ => None,
        }
    }
}

impl From<MetadataError> for Error {
    fn from(error: MetadataError) -> Self {
        let told = Error::failed(error.to_string());
        match error {
            MetadataError::Foreign { host, .. } => {
                told.next(format!("allow_endpoint = {host} in awsenv's settings allows it"))
            }
            _ => told,
        }
    }
}

/// Keys, and the text of their end as it was given.
#[derive(Debug)]
pub struct Given {
    /// With a token.
    pub keys: Keys,
    /// `Expiration`.
    pub expiration: Option<String>,
}

/// The keys of the role of the EC2 instance that this is. `allowed` are hosts outside AWS, as in [`Endpoint::is_foreign`].
///
/// # Errors
/// Says that this is none, or what its metadata service answers.
pub fn instance(machine: &Host, allowed: &[String]) -> Result<Given, MetadataError> {
    let variable = |name: &str| machine.var(name).map(|v| v.to_string_lossy().into_owned());
    if variable("AWS_EC2_METADATA_DISABLED").is_some_and(|v| v.eq_ignore_ascii_case("true")) {
        return Err(MetadataError::NotHere("AWS_EC2_METADATA_DISABLED forbids to ask the EC2 instance"));
    }
    const ORIGIN: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
    let url = variable(ORIGIN).unwrap_or_else(|| INSTANCE.into());
    let service = Service { machine, endpoint: known(url.trim_end_matches('/'), ORIGIN, allowed)? };
    let life = ("x-aws-ec2-metadata-token-ttl-seconds", SecretString::from(TOKEN_LIFE));
    let token = service.ask(Method::PUT, "/latest/api/token", Some(&life))?;
    let token = ("x-aws-ec2-metadata-token", SecretString::from(service.text(&token)?));
    let folder = "/latest/meta-data/iam/security-credentials/";
    let roles = match service.ask(Method::GET, folder, Some(&token)) {
        Err(MetadataError::Refused { status: 404, .. }) => {
            return Err(MetadataError::NotHere("this EC2 instance has no role"));
        }
        roles => service.text(&roles?)?,
    };
    let role = roles.lines().next().unwrap_or_default().trim();
    let fits = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c);
    if role.is_empty() || !role.chars().all(fits) {
        return Err(service.strange("the name of its role is none"));
    }
    let keys = service.ask(Method::GET, &format!("{folder}{role}"), Some(&token))?;
    service.keys(&keys)
}

/// Where the environment says that the machine's keys are, unless that is foreign.
fn known(url: &str, origin: &'static str, allowed: &[String]) -> Result<Endpoint, MetadataError> {
    let endpoint = Endpoint::of_machine(url, origin)?;
    match endpoint.is_foreign(allowed) {
        true => Err(MetadataError::Foreign { origin, host: endpoint.host().into() }),
        false => Ok(endpoint),
    }
}

/// The keys that the container's environment leads to. `allowed` are hosts outside AWS, as in [`Endpoint::is_foreign`].
///
/// # Errors
/// Says that this is no container, or what answers instead of keys.
pub fn container(machine: &Host, allowed: &[String]) -> Result<Given, MetadataError> {
    let variable = |name: &str| machine.var(name).map(|v| v.to_string_lossy().into_owned());
    let (url, origin) = match variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
        Some(path) => (format!("{CONTAINER}{path}"), "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
        None => match variable("AWS_CONTAINER_CREDENTIALS_FULL_URI") {
            Some(url) => (url, "AWS_CONTAINER_CREDENTIALS_FULL_URI"),
            None => {
                return Err(MetadataError::NotHere(
                    "this is no container with a role: AWS_CONTAINER_CREDENTIALS_FULL_URI is not set",
                ));
            }
        },
    };
    let scheme_end = url.find("://").map_or(0, |at| at + 3);
    let path_at = url[scheme_end..].find('/').map_or(url.len(), |at| scheme_end + at);
    let service = Service { machine, endpoint: known(&url[..path_at], origin, allowed)? };
    const FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
    let token = match variable(FILE) {
        Some(path) => {
            let text = std::fs::read_to_string(path);
            Some(text.map_err(|e| MetadataError::File { name: FILE, why: e.to_string() })?.trim().to_owned())
        }
        None => variable("AWS_CONTAINER_AUTHORIZATION_TOKEN"),
    };
    let header = token.map(|token| (AUTHORIZATION.as_str(), SecretString::from(token)));
    let path = if path_at == url.len() { "/" } else { &url[path_at..] };
    let keys = service.ask(Method::GET, path, header.as_ref())?;
    service.keys(&keys)
}

struct Service<'a> {
    machine: &'a Host,
    endpoint: Endpoint,
}

/// A header with a secret in it.
type Header = (&'static str, SecretString);

impl Service<'_> {
    fn ask(&self, method: Method, path: &str, header: Option<&Header>) -> Result<Bytes, MetadataError> {
        let route = Route {
            // It is on this machine, or one hop away.
            proxy: ProxyChoice::None,
            connect_timeout: Duration::from_secs(1),
            whole_timeout: Duration::from_secs(5),
            ..Route::default()
        };
        let way = Transport { machine: self.machine, route: &route, endpoint: &self.endpoint, refused: &NoMemory };
        way.call(async |line| {
            let mut request = Request::builder().method(method.clone()).uri(format!("{}{path}", self.endpoint.url()));
            if let Some((name, value)) = header {
                request = request.header(*name, value.expose_secret());
            }
            let request = request.body(SdkBody::empty()).map_err(|_| Fault::Internal {
                host: self.endpoint.host().into(),
                why: "its address holds characters that no request can carry".into(),
            })?;
            let answer = send(&line, self.machine, &Heard::default(), request).await?;
            match answer.status() {
                StatusCode::OK => Ok(answer.into_body()),
                status => {
                    let sent = header.map(|(_, value)| value.expose_secret());
                    let text = hide(&String::from_utf8_lossy(answer.body()), sent);
                    let text = one_line(&text).chars().take(100).collect();
                    Err(MetadataError::Refused { host: line.name(), status: status.as_u16(), text })
                }
            }
        })
    }

    fn text(&self, body: &Bytes) -> Result<String, MetadataError> {
        std::str::from_utf8(body).map(str::to_owned).map_err(|_| self.strange("what it says is no text"))
    }

    fn keys(&self, body: &Bytes) -> Result<Given, MetadataError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Found {
            access_key_id: String,
            secret_access_key: SecretString,
            token: SecretString,
            expiration: Option<String>,
        }
        // The parser's own words could repeat what it read.
        let found: Found = serde_json::from_slice(body).map_err(|_| self.strange("it answers something else"))?;
        let keys = Keys {
            access_key_id: found.access_key_id,
            secret_access_key: found.secret_access_key,
            session_token: Some(found.token),
        };
        Ok(Given { keys, expiration: found.expiration })
    }

    fn strange(&self, why: &str) -> MetadataError {
        MetadataError::Strange { host: self.endpoint.host().into(), why: why.into() }
    }
}
