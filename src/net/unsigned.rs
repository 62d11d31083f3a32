//! Calls that nobody signs: a form or JSON goes there, JSON comes back.
//!
//! One that spends nothing is tried up to four times when the failure is of the passing kind (429, 5xx, a cut connection).

use std::time::Duration;

use aws_smithy_types::body::SdkBody;
use http::header::CONTENT_TYPE;
use http::{Method, Request, Response};
use hyper::body::Bytes;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::echo::{hide_in_json, hide_in_name};
use super::http::{Heard, send};
use super::transport::MayBeFault;
use super::{Answer, Fault, Transport};

/// How long is waited before each further try, milliseconds.
const PAUSES: [u64; 3] = [200, 800, 2000];

/// How a service words a refusal.
pub(super) trait Refusal: MayBeFault {
    /// What an answer other than 2xx means. `kind` is the header `x-amzn-ErrorType`.
    fn from_answer(status: u16, kind: Option<&str>, body: &[u8], host: &str, proxy: Option<String>) -> Self;

    /// Something that is not the service's answer: a gateway's page, a redirect.
    fn gateway(status: u16, host: &str, proxy: Option<String>) -> Self;

    /// Whether the same call may work in a moment.
    fn passes(&self) -> bool;

    /// Keeps what the refusal tells of the service's clock: its time minus ours, seconds.
    #[must_use]
    fn with_skew(self, skew: Option<i64>) -> Self
    where
        Self: Sized,
    {
        let _ = skew;
        self
    }
}

/// What goes there.
pub(super) enum Body<'c> {
    None,
    Json(&'c Value),
    /// `application/x-www-form-urlencoded`, encoded.
    Form(&'c str),
}

/// One call.
pub(super) struct Call<'c> {
    pub method: Method,
    pub path: &'c str,
    /// A header with a secret in it.
    pub header: Option<(&'static str, &'c SecretString)>,
    pub body: Body<'c>,
    /// What of path and body nobody may see, should it come back in a refusal; the header's is known.
    pub secrets: &'c [&'c str],
    /// Whether it may be sent again: it spends nothing.
    pub again: bool,
}

impl Call<'_> {
    pub(super) fn send<T: DeserializeOwned, E: Refusal>(&self, way: &Transport) -> Result<Answer<T>, E> {
        let mut pauses = if self.again { PAUSES.iter() } else { [].iter() };
        way.call(async |line| {
            loop {
                let heard = Heard::default();
                let answer = match self.request(way) {
                    Ok(request) => send(&line, way.machine, &heard, request).await,
                    Err(why) => Err(Fault::Internal { host: way.endpoint.host().into(), why }),
                };
                let proxy = || line.proxy.as_ref().map(|p| p.to_string());
                let error = match answer.map_err(E::from) {
                    Ok(answer) if answer.status().is_success() => match read(&answer) {
                        Some(value) => return Ok(Answer { value, skew: heard.skew() }),
                        None => E::gateway(answer.status().as_u16(), &line.name(), proxy()),
                    },
                    Ok(answer) => {
                        let header = self.header.map(|(_, secret)| secret.expose_secret());
                        let secrets: Vec<&str> = self.secrets.iter().copied().chain(header).collect();
                        let kind = answer.headers().get("x-amzn-errortype").and_then(|v| v.to_str().ok());
                        let kind = kind.map(|kind| hide_in_name(kind, secrets.iter().copied()));
                        let body = hide_in_json(answer.body(), &secrets);
                        let status = answer.status().as_u16();
                        E::from_answer(status, kind.as_deref(), &body, &line.name(), proxy()).with_skew(heard.skew())
                    }
                    Err(error) => error,
                };
                match pauses.next().filter(|_| error.passes()) {
                    Some(pause) => tokio::time::sleep(Duration::from_millis(*pause)).await,
                    None => return Err(error),
                }
            }
        })
    }

    fn request(&self, way: &Transport) -> Result<Request<SdkBody>, String> {
        let mut request =
            Request::builder().method(self.method.clone()).uri(format!("{}{}", way.endpoint.url(), self.path));
        if let Some((name, value)) = self.header {
            request = request.header(name, value.expose_secret());
        }
        let body = match self.body {
            Body::Json(body) => {
                request = request.header(CONTENT_TYPE, "application/json");
                let text = Zeroizing::new(body.to_string());
                SdkBody::from(text.as_str())
            }
            Body::Form(form) => {
                request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
                SdkBody::from(form)
            }
            Body::None => SdkBody::empty(),
        };
        // The error's text would repeat the header.
        request.body(body).map_err(|_| "it holds characters that no request can carry".into())
    }
}

fn read<T: DeserializeOwned>(answer: &Response<Bytes>) -> Option<T> {
    match answer.body().as_ref() {
        [] => serde_json::from_str("null").ok(),
        body => serde_json::from_slice(body).ok(),
    }
}
