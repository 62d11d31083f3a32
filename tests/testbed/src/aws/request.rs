//! HTTP/1.1 as far as AWS's clients speak it: a request line, headers, a body of a given length.

use std::collections::BTreeMap;
use std::io::{BufRead, Read};

use percent_encoding::percent_decode_str;

#[derive(Debug, Default)]
pub(super) struct Request {
    pub method: String,
    /// As it was sent, percent-encoded.
    pub path: String,
    /// As it was sent, percent-encoded, without the question mark.
    pub query: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    /// The next request; `None` when the client has closed the connection or sends no HTTP.
    pub fn read(stream: &mut impl BufRead) -> Option<Request> {
        let mut request = Request::default();
        let first = line(stream)?;
        let mut words = first.split(' ');
        request.method = words.next()?.to_owned();
        let target = words.next()?;
        // The absolute form is what a client sends when it takes this server for a proxy.
        let target = match target.split_once("://") {
            Some((_, rest)) => rest.find('/').map_or("/", |slash| &rest[slash..]),
            None => target,
        };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        (request.path, request.query) = (path.to_owned(), query.to_owned());
        loop {
            let header = line(stream)?;
            if header.is_empty() {
                break;
            }
            let (name, value) = header.split_once(':')?;
            request.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let length = request.header("content-length").and_then(|l| l.parse().ok()).unwrap_or(0);
        // Nothing that is sent here comes near this; a length beyond it is a mistake.
        if length > 1 << 20 {
            return None;
        }
        request.body = vec![0; length];
        stream.read_exact(&mut request.body).ok()?;
        Some(request)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// What is in it besides its frame, the values of a form decoded.
    pub fn echo(&self) -> String {
        let carried = ["x-amz-security-token", "x-amz-sso_bearer_token", "authorization"];
        let headers = carried.into_iter().filter_map(|name| self.header(name));
        let body = String::from_utf8_lossy(&self.body);
        let decoded = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
        let form = [&self.query, &*body].into_iter().flat_map(|text| text.split('&')).map(decoded);
        headers.map(str::to_owned).chain(form.filter(|text| !text.is_empty())).collect::<Vec<_>>().join(" ")
    }

    /// Query and body, encoded as they came.
    pub fn echo_as_sent(&self) -> String {
        format!("{} {}", self.query, String::from_utf8_lossy(&self.body)).trim().to_owned()
    }

    /// The parameters of the query protocol: the form in the body, else the query.
    pub fn form(&self) -> BTreeMap<String, String> {
        let body = String::from_utf8_lossy(&self.body);
        let text = if self.method == "POST" { &*body } else { &self.query };
        pairs(text).into_iter().collect()
    }
}

/// The decoded pairs of a form or query.
pub(super) fn pairs(text: &str) -> Vec<(String, String)> {
    let decode = |part: &str| percent_decode_str(&part.replace('+', " ")).decode_utf8_lossy().into_owned();
    let parts = text.split('&').filter(|part| !part.is_empty());
    parts.map(|part| part.split_once('=').unwrap_or((part, ""))).map(|(k, v)| (decode(k), decode(v))).collect()
}

fn line(stream: &mut impl BufRead) -> Option<String> {
    let mut line = Vec::new();
    let limited = stream.take(64 * 1024).read_until(b'\n', &mut line).ok()?;
    if limited == 0 || line.last() != Some(&b'\n') {
        return None;
    }
    Some(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned())
}
