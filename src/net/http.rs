//! One HTTP request over one fresh connection: the SDK's `HttpConnector` on top of [`super::dial`].
//!
//! The SDK's own client (`aws-smithy-http-client`) is not used, for three reasons. A call that carries a one-time code must
//! leave this machine at most once, and here there is no pool and no retry below us that could send it again. A proxy's
//! answer (its number, the schemes it offers) is lost in that client, and "proxy error" is no sentence for a person. And it
//! panics on a broken CA bundle, reads proxies from the environment by its own rules, and loads roots where no TLS is spoken.

use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use chrono::DateTime;
use http::header::{CONNECTION, DATE, HOST};
use http::{HeaderValue, Request, Response, Uri};
use http_body_util::{BodyExt, Limited};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use tokio::time::timeout;

use super::dial::Progress;
use super::route::Line;
use super::{Fault, Proxy, dial, one_line};
use crate::host::Host;

/// STS answers are a few kilobytes; whoever sends more is not STS.
const LARGEST_ANSWER: usize = 1 << 20;

/// What was learnt on the way, beside the answer.
#[derive(Debug, Default)]
pub(super) struct Heard {
    skew: Mutex<Option<i64>>,
    fault: Mutex<Option<Fault>>,
}

impl Heard {
    /// The service's clock minus ours, seconds, from its `Date` header.
    pub(super) fn skew(&self) -> Option<i64> {
        *self.skew.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Why there is no answer.
    pub(super) fn fault(&self) -> Option<Fault> {
        self.fault.lock().unwrap_or_else(|e| e.into_inner()).clone()
    }
}

/// An SDK client's transport that can reach the end of `line` and nothing else.
pub(super) fn client(line: Arc<Line>, machine: &Host, heard: Arc<Heard>) -> SharedHttpClient {
    let connector = Connector { line, heard, machine: machine.clone() };
    http_client_fn(move |_, _| SharedHttpConnector::new(connector.clone()))
}

#[derive(Clone)]
struct Connector {
    line: Arc<Line>,
    heard: Arc<Heard>,
    machine: Host,
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Connector").field(&self.line).finish()
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let this = self.clone();
        HttpConnectorFuture::new(async move {
            this.answer(request).await.map_err(|fault| {
                *this.heard.fault.lock().unwrap_or_else(|e| e.into_inner()) = Some(fault.clone());
                // "user" is the kind that no retry strategy sends again.
                ConnectorError::user(Box::new(fault))
            })
        })
    }
}

impl Connector {
    async fn answer(&self, request: HttpRequest) -> Result<HttpResponse, Fault> {
        let internal = |why: String| Fault::Internal { host: self.line.host.clone(), why };
        let request = request.try_into_http1x().map_err(|e| internal(e.to_string()))?;
        let answer = send(&self.line, &self.machine, &self.heard, request).await?;
        HttpResponse::try_from(answer.map(SdkBody::from)).map_err(|e| cut(&self.line, one_line(&e.to_string()), true))
    }
}

/// Sends one request to the end of `line` over a connection of its own, and reads the whole answer.
pub(super) async fn send(
    line: &Line,
    machine: &Host,
    heard: &Heard,
    request: Request<SdkBody>,
) -> Result<Response<Bytes>, Fault> {
    let progress = Progress::default();
    let limit = line.whole_timeout;
    match timeout(limit, exchange(line, machine, heard, request, &progress)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(line.too_slow(progress.stage(), limit, progress.was_sent())),
    }
}

async fn exchange(
    line: &Line,
    machine: &Host,
    heard: &Heard,
    request: Request<SdkBody>,
    progress: &Progress,
) -> Result<Response<Bytes>, Fault> {
    let request = addressed(line, request)?;
    let stream = dial::open(line, progress).await?;
    let was_cut = |e: hyper::Error| cut(line, dial::http_words(&e), progress.was_sent());
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(was_cut)?;
    tokio::spawn(connection);
    progress.sending();
    let (head, body) = sender.send_request(request).await.map_err(was_cut)?.into_parts();
    note_date(machine, heard, head.headers.get(DATE));
    let body = Limited::new(body, LARGEST_ANSWER).collect().await.map_err(|e| {
        let why = match e.downcast_ref::<hyper::Error>() {
            Some(e) => dial::http_words(e),
            None => "its answer is too long to be AWS's".into(),
        };
        cut(line, why, true)
    })?;
    Ok(Response::from_parts(head, body.to_bytes()))
}

/// The request as HTTP/1.1 has it: path in the first line, the host in its header.
fn addressed(line: &Line, mut request: Request<SdkBody>) -> Result<Request<SdkBody>, Fault> {
    let internal = |why: String| Fault::Internal { host: line.host.clone(), why };
    let tls = line.tls.is_some();
    let uri = request.uri().clone();
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let port = uri.port_u16().unwrap_or(if tls { 443 } else { 80 });
    let scheme = if tls { "https" } else { "http" };
    if !host.eq_ignore_ascii_case(&line.host) || port != line.port || uri.scheme_str() != Some(scheme) {
        return Err(internal(format!("the request is for {host}:{port}")));
    }
    if !request.headers().contains_key(HOST) {
        // As it was signed: without the scheme's own port.
        let usual = uri.port_u16().is_none_or(|p| p == if tls { 443 } else { 80 });
        let name = uri.host().unwrap_or_default();
        let value = if usual { name.to_owned() } else { format!("{name}:{port}") };
        let value = HeaderValue::try_from(value).map_err(|e| internal(e.to_string()))?;
        request.headers_mut().insert(HOST, value);
    }
    request.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    let path = uri.path_and_query().map_or("/", |p| p.as_str());
    *request.uri_mut() = path.parse::<Uri>().map_err(|e| internal(e.to_string()))?;
    Ok(request)
}

fn note_date(machine: &Host, heard: &Heard, date: Option<&HeaderValue>) {
    let server = date.and_then(|d| d.to_str().ok()).and_then(|d| DateTime::parse_from_rfc2822(d).ok());
    if let Some(server) = server {
        let skew = server.timestamp().saturating_sub(machine.now().0);
        *heard.skew.lock().unwrap_or_else(|e| e.into_inner()) = Some(skew);
    }
}

fn cut(line: &Line, why: String, sent: bool) -> Fault {
    let proxy = line.proxy.as_ref().map(Proxy::to_string);
    Fault::Cut { host: line.name(), proxy, why, sent }
}
