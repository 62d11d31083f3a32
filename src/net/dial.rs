//! Getting a connection: TCP, through the proxy if there is one, TLS if the endpoint is `https`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use http::header::{HOST, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, USER_AGENT, WWW_AUTHENTICATE};
use http::{HeaderValue, Request, StatusCode};
use http_body_util::Empty;
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{AlertDescription, CertificateError, ClientConfig, Error as TlsError};
use secrecy::ExposeSecret;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::echo::hide;
use super::route::Line;
use super::{Fault, Proxy, is_loopback, one_line, plain_io};

/// A connection, whatever it is made of.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// How far a call has come, so that a timeout can say what was waited for.
#[derive(Default)]
pub(super) struct Progress(AtomicU8);

/// What is going on, in the order of a call.
const STAGES: [&str; 4] = ["connecting", "asking the proxy", "opening TLS", "waiting for the answer"];

impl Progress {
    fn reach(&self, stage: u8) {
        self.0.store(stage, Ordering::Relaxed);
    }

    /// From here on the endpoint may have the request.
    pub(super) fn sending(&self) {
        self.reach(3);
    }

    pub(super) fn was_sent(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 3
    }

    /// In words.
    pub(super) fn stage(&self) -> &'static str {
        STAGES[usize::from(self.0.load(Ordering::Relaxed)) % STAGES.len()]
    }
}

/// Connects along `line`. The bytes that follow go to the endpoint and nobody else can read them, or it is this machine.
pub(super) async fn open(line: &Line, progress: &Progress) -> Result<Box<dyn Stream>, Fault> {
    let proxy = line.proxy.as_ref();
    let raw: Box<dyn Stream> = match proxy {
        Some(proxy) => through(proxy, line, progress).await?,
        None => Box::new(tcp(&line.host, line.port, line.connect_timeout).await.map_err(|failed| match failed {
            Failed::Slow => line.too_slow(STAGES[0], line.connect_timeout, false),
            Failed::Io(e) => Fault::NoRoute { host: line.name(), why: plain_io(&e) },
        })?),
    };
    progress.reach(2);
    match &line.tls {
        None => Ok(raw),
        Some(config) => handshake(raw, &line.host, config.clone()).await.map_err(|e| Fault::Tls {
            host: line.name(),
            proxy: proxy.map(Proxy::to_string),
            why: tls_words(&e, line),
        }),
    }
}

async fn through(proxy: &Proxy, line: &Line, progress: &Progress) -> Result<Box<dyn Stream>, Fault> {
    let named = proxy.to_string();
    let unreachable = |why: String| Fault::ProxyUnreachable { proxy: named.clone(), why };
    let address = &proxy.address;
    let socket = tcp(&address.host, address.port, line.connect_timeout).await.map_err(|failed| match failed {
        Failed::Slow => unreachable(format!("no connection within {} s", line.connect_timeout.as_secs())),
        Failed::Io(e) => unreachable(plain_io(&e)),
    })?;
    progress.reach(1);
    let socket: Box<dyn Stream> =
        match &line.proxy_tls {
            None => Box::new(socket),
            Some(config) => handshake(Box::new(socket), &address.host, config.clone())
                .await
                .map_err(|e| Fault::Tls { host: named.clone(), proxy: None, why: tls_words(&e, line) })?,
        };
    let garbled = |e: hyper::Error| Fault::ProxyGarbled { proxy: named.clone(), why: http_words(&e) };
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(socket)).await.map_err(garbled)?;
    // It ends with the runtime; its errors come out of `send_request` and `upgrade` as well.
    tokio::spawn(connection.with_upgrades());
    let answer = sender.send_request(connect_request(proxy, line)?).await.map_err(garbled)?;
    match answer.status() {
        status if status.is_success() => line.end_turn(),
        // Whatever is answered to CONNECT comes from the proxy. tinyproxy says 407 when user and password are missing, and
        // 401 when they are wrong.
        status @ (StatusCode::PROXY_AUTHENTICATION_REQUIRED | StatusCode::UNAUTHORIZED) => {
            let offers = [PROXY_AUTHENTICATE, WWW_AUTHENTICATE].map(|name| answer.headers().get_all(name).iter());
            return Err(Fault::ProxyAuth {
                proxy: named.clone(),
                status: status.as_u16(),
                given: address.username.is_some(),
                schemes: schemes(offers.into_iter().flatten(), proxy),
            });
        }
        status => {
            let (proxy, host) = (named.clone(), line.name());
            return Err(Fault::ProxyRefused { proxy, host, status: status.to_string() });
        }
    }
    let tunnel = hyper::upgrade::on(answer).await.map_err(garbled)?;
    Ok(Box::new(TokioIo::new(tunnel)))
}

fn connect_request(proxy: &Proxy, line: &Line) -> Result<Request<Empty<Bytes>>, Fault> {
    let target = line.authority();
    let internal = |e: http::Error| Fault::Internal { host: line.host.clone(), why: e.to_string() };
    let mut request = Request::connect(&target)
        .header(HOST, &target)
        .header(USER_AGENT, concat!("awsenv/", env!("CARGO_PKG_VERSION")))
        .body(Empty::new())
        .map_err(internal)?;
    if let Some(basic) = proxy.authorization() {
        let mut value = HeaderValue::from_str(basic.expose_secret()).map_err(|e| internal(e.into()))?;
        value.set_sensitive(true);
        request.headers_mut().insert(PROXY_AUTHORIZATION, value);
    }
    Ok(request)
}

/// The schemes' names out of `Proxy-Authenticate`, in the order given: `Basic realm="x"` is `Basic`. Nothing secret of what the
/// proxy was sent stands in them.
fn schemes<'a>(values: impl Iterator<Item = &'a HeaderValue>, proxy: &Proxy) -> Vec<String> {
    let password = proxy.address.password.as_ref().map(|p| String::from_utf8_lossy(p.expose_secret()));
    let basic = proxy.authorization();
    let basic = basic.as_ref().map(|basic| basic.expose_secret().trim_start_matches("Basic "));
    let word = |v: &HeaderValue| {
        let text = hide(&String::from_utf8_lossy(v.as_bytes()), password.as_deref().into_iter().chain(basic));
        text.split(|c: char| c.is_whitespace() || c == ',')
            .next()
            .map(|w| one_line(w).chars().take(20).collect::<String>())
    };
    values.filter_map(word).filter(|w| !w.is_empty()).take(4).collect()
}

enum Failed {
    Slow,
    Io(std::io::Error),
}

async fn tcp(host: &str, port: u16, limit: Duration) -> Result<TcpStream, Failed> {
    match timeout(limit, race(host, port)).await {
        Err(_) => Err(Failed::Slow),
        Ok(Err(e)) => Err(Failed::Io(e)),
        Ok(Ok(socket)) => {
            // The request is written at once; an error here costs milliseconds only.
            let _ = socket.set_nodelay(true);
            Ok(socket)
        }
    }
}

/// The first address that answers; the next one starts after 250 ms (RFC 8305), so that a dead IPv6 does not hold us up.
async fn race(host: &str, port: u16) -> std::io::Result<TcpStream> {
    let mut waiting = addresses(host, port).await?.into_iter();
    let mut running = JoinSet::new();
    let mut last = None;
    loop {
        let next = waiting.next();
        let more = next.is_some();
        if let Some(address) = next {
            running.spawn(TcpStream::connect(address));
        } else if running.is_empty() {
            return Err(last.unwrap_or_else(|| std::io::Error::other("its name has no address")));
        }
        let patience = if more { Duration::from_millis(250) } else { Duration::from_secs(3600) };
        if let Ok(Some(Ok(outcome))) = timeout(patience, running.join_next()).await {
            match outcome {
                Ok(socket) => return Ok(socket),
                Err(e) => last = Some(e),
            }
        }
    }
}

async fn addresses(host: &str, port: u16) -> std::io::Result<Vec<SocketAddr>> {
    if let Ok(ip) = host.parse::<IpAddr>() {
        return Ok(vec![(ip, port).into()]);
    }
    if is_loopback(host) {
        // Not asked of any resolver: what goes unencrypted to "localhost" must stay on this machine.
        return Ok(vec![(Ipv4Addr::LOCALHOST, port).into(), (Ipv6Addr::LOCALHOST, port).into()]);
    }
    let found = tokio::net::lookup_host((host, port)).await;
    Ok(found.map_err(|_| std::io::Error::other("its name is not known here (DNS)"))?.collect())
}

async fn handshake(raw: Box<dyn Stream>, host: &str, config: Arc<ClientConfig>) -> std::io::Result<Box<dyn Stream>> {
    let name = ServerName::try_from(host.to_owned()).map_err(std::io::Error::other)?;
    Ok(Box::new(TlsConnector::from(config).connect(name, raw).await?))
}

/// What is wrong with a TLS handshake, and what helps.
fn tls_words(error: &std::io::Error, line: &Line) -> String {
    let Some(tls) = error.get_ref().and_then(|e| e.downcast_ref::<TlsError>()) else {
        return match error.kind() {
            std::io::ErrorKind::UnexpectedEof => "it hung up during the TLS handshake".into(),
            _ => plain_io(error),
        };
    };
    let clock = "; is this machine's clock right?";
    match tls {
        TlsError::InvalidCertificate(certificate) => match certificate {
            // A bad signature: an authority of the right name, but with another key.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => match &line.ca_bundle {
                Some(bundle) => format!(
                    "its certificate was not issued by one of the CA bundle {} ({})",
                    bundle.path.display(),
                    bundle.origin
                ),
                None => {
                    "its certificate comes from an authority that this machine does not trust; where a company opens TLS \
                         connections, AWS_CA_BUNDLE or ca_bundle names its certificate"
                        .into()
                }
            },
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                format!("its certificate has expired{clock}")
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                format!("its certificate is not valid yet{clock}")
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "its certificate is for another host".into()
            }
            CertificateError::Revoked => "its certificate is revoked".into(),
            other => format!("its certificate is not acceptable ({})", one_line(&format!("{other:?}"))),
        },
        TlsError::InvalidMessage(_) => "what answers there does not speak TLS".into(),
        TlsError::AlertReceived(AlertDescription::UnrecognisedName) => "it does not know that host name".into(),
        other => one_line(&other.to_string()),
    }
}

/// hyper's words for a person: the innermost cause, for the outer ones only say "error".
pub(super) fn http_words(error: &hyper::Error) -> String {
    if error.is_incomplete_message() {
        return "it hung up without an answer".into();
    }
    if error.is_parse() {
        return "its answer is not HTTP".into();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    match cause.downcast_ref::<std::io::Error>() {
        Some(io) if io.kind() == std::io::ErrorKind::UnexpectedEof => "its answer broke off".into(),
        Some(io) => plain_io(io),
        None => one_line(&cause.to_string()),
    }
}
