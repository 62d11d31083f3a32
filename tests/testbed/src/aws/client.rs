//! The smallest client that signs: for this crate's own tests, and for the stand-in of the AWS CLI in the demo.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::account::{Credentials, Key};
use super::request::Request;
use super::signature::Signature;

/// With what a request is signed.
#[derive(Debug, Clone, Default)]
pub struct Signer {
    pub access_key_id: String,
    pub secret_access_key: String,
    pub session_token: Option<String>,
    /// Seconds by which the client's clock is ahead.
    pub clock_offset: i64,
}

impl From<&Key> for Signer {
    fn from(key: &Key) -> Signer {
        let (access_key_id, secret_access_key) = (key.id.clone(), key.secret.clone());
        Signer { access_key_id, secret_access_key, ..Signer::default() }
    }
}

impl From<&Credentials> for Signer {
    fn from(made: &Credentials) -> Signer {
        let (access_key_id, secret_access_key) = (made.access_key_id.clone(), made.secret_access_key.clone());
        Signer { access_key_id, secret_access_key, session_token: Some(made.session_token.clone()), clock_offset: 0 }
    }
}

/// Calls an action of the query protocol at `http://HOST:PORT` and gives status and body.
pub fn query(
    url: &str,
    signer: &Signer,
    service: &str,
    action: &str,
    params: &[(&str, &str)],
) -> std::io::Result<(u16, String)> {
    query_in("us-east-1", url, signer, service, action, params)
}

/// The same, signed for this region.
pub fn query_in(
    region: &str,
    url: &str,
    signer: &Signer,
    service: &str,
    action: &str,
    params: &[(&str, &str)],
) -> std::io::Result<(u16, String)> {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let version = if service == "iam" { "2010-05-08" } else { "2011-06-15" };
    let mut body = format!("Action={action}&Version={version}");
    for (name, value) in params {
        body += &format!("&{}={}", encode(name), encode(value));
    }
    let request = Request { method: "POST".into(), path: "/".into(), body: body.into_bytes(), ..Request::default() };
    send(url, signer, (region, service), request)
}

/// The list of buckets of S3 at `http://HOST:PORT`: status and body.
pub fn list_buckets(url: &str, signer: &Signer) -> std::io::Result<(u16, String)> {
    let request = Request { method: "GET".into(), path: "/".into(), ..Request::default() };
    send(url, signer, ("us-east-1", "s3"), request)
}

fn send(
    url: &str,
    signer: &Signer,
    (region, service): (&str, &str),
    mut request: Request,
) -> std::io::Result<(u16, String)> {
    let other = |text: &str| std::io::Error::other(format!("{url}: {text}"));
    let host = url.strip_prefix("http://").ok_or_else(|| other("only http:// is spoken here"))?.trim_end_matches('/');
    let time = chrono::Utc::now() + chrono::TimeDelta::seconds(signer.clock_offset);
    request.headers.push(("host".into(), host.into()));
    request.headers.push(("x-amz-date".into(), time.format("%Y%m%dT%H%M%SZ").to_string()));
    if service == "s3" {
        request.headers.push(("x-amz-content-sha256".into(), "UNSIGNED-PAYLOAD".into()));
    }
    if let Some(token) = &signer.session_token {
        request.headers.push(("x-amz-security-token".into(), token.clone()));
    }
    let date = time.format("%Y%m%d").to_string();
    let authorization =
        Signature::sign(&request, (&signer.access_key_id, &signer.secret_access_key), &date, region, service);
    request.headers.push(("authorization".into(), authorization));
    let answer = exchange(host, request)?;
    Ok((answer.status, answer.body))
}

/// An answer as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    /// Names as they were sent.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Response {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The body, which must be JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }
}

/// One request without a signature to `http://HOST:PORT/PATH?QUERY`; redirects are not followed.
pub fn http(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> std::io::Result<Response> {
    let other = |text: &str| std::io::Error::other(format!("{url}: {text}"));
    let rest = url.strip_prefix("http://").ok_or_else(|| other("only http:// is spoken here"))?;
    let (host, target) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut request = Request { method: method.into(), body: body.into(), ..Request::default() };
    (request.path, request.query) = (path.to_owned(), query.to_owned());
    if !headers.iter().any(|(name, _)| *name == "host") {
        request.headers.push(("host".into(), host.into()));
    }
    request.headers.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    exchange(host, request)
}

fn exchange(host: &str, mut request: Request) -> std::io::Result<Response> {
    request.headers.push(("content-length".into(), request.body.len().to_string()));
    request.headers.push(("connection".into(), "close".into()));
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let mark = if request.query.is_empty() { "" } else { "?" };
    let mut text = format!("{} {}{mark}{} HTTP/1.1\r\n", request.method, request.path, request.query);
    for (name, value) in &request.headers {
        text += &format!("{name}: {value}\r\n");
    }
    stream.write_all(format!("{text}\r\n").as_bytes())?;
    stream.write_all(&request.body)?;

    // The server keeps the connection, so the length says where the body ends.
    let mut answer = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        if let Some(done) = whole(&String::from_utf8_lossy(&answer)) {
            return Ok(done);
        }
        match stream.read(&mut chunk)? {
            0 => return Err(std::io::Error::other(format!("{host}: the connection ended before the answer"))),
            count => answer.extend(&chunk[..count]),
        }
    }
}

fn whole(answer: &str) -> Option<Response> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let headers = head.lines().filter_map(|line| line.split_once(": "));
    let headers: Vec<_> = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let response = Response { status, headers, body: body.to_owned() };
    let length: usize = response.header("content-length")?.parse().ok()?;
    (body.len() >= length).then_some(response)
}

/// The text of the first element of this name.
pub fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(text, _)| text)
}
