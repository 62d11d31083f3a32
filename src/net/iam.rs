//! The query protocol of IAM: one signed form goes there, XML comes back.
//!
//! Written by hand over the signatures that the STS client brings along: the SDK's client for IAM is larger than all else
//! here. What only reads is tried up to four times when the failure is of the passing kind. What changes something is sent
//! again only where AWS has surely not looked at it: asked to slow down, or a signature refused for the clock.

use std::time::{Duration, UNIX_EPOCH};

use aws_sdk_sts::config::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_types::body::SdkBody;
use http::header::CONTENT_TYPE;
use http::{Method, Request, Response};
use hyper::body::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};

use super::echo::{hide, hide_in_name};
use super::http::{Heard, send};
use super::iam_error::IamError;
use super::route::Line;
use super::sts_error::{Context, SIGNATURE_SLACK, is_signature};
use super::xml::Element;
use super::{Fault, Keys, StsError, Transport};

/// How long is waited before each further try, milliseconds.
const PAUSES: [u64; 3] = [200, 800, 2000];

/// What stays as it is in a form.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// IAM at one endpoint, as one holder of keys.
pub struct Iam<'a> {
    /// The way there.
    pub way: Transport<'a>,
    /// The region that signatures name: the partition's home.
    pub region: &'a str,
    /// Whose call it is.
    pub keys: &'a Keys,
    /// AWS's clock minus ours as learnt earlier, seconds; signatures use it.
    pub skew: i64,
}

/// One call.
pub(super) struct Call<'c> {
    pub action: &'static str,
    /// Names and values; those without a value are left out.
    pub open: &'c [(&'c str, Option<&'c str>)],
    /// The same, of what nobody may see.
    pub secret: &'c [(&'c str, &'c SecretString)],
    /// Whether it only reads.
    pub reads: bool,
}

impl Iam<'_> {
    /// Sends a call, and gives the `…Result` of the answer.
    pub(super) fn call(&self, call: &Call) -> Result<Element, IamError> {
        if let Some(part) = self.keys.broken_part() {
            return Err(StsError::BrokenKey { part }.into());
        }
        let form = call.form();
        self.way.call(async |line| {
            let mut pauses = PAUSES.iter();
            let (mut signed_with, mut resigned) = (self.skew, false);
            loop {
                let heard = Heard::default();
                let answer = match self.request(&form, signed_with) {
                    Ok(request) => send(&line, self.way.machine, &heard, request).await,
                    Err(why) => Err(Fault::Internal { host: line.host.clone(), why }),
                };
                let skew = heard.skew().unwrap_or(signed_with);
                let off = skew - signed_with;
                let error = match answer {
                    Ok(answer) => match self.read(call, &line, &answer, off, skew) {
                        Ok(result) => return Ok(result),
                        Err((code, _)) if !resigned && off.abs() > SIGNATURE_SLACK && is_signature(&code) => {
                            (signed_with, resigned) = (skew, true);
                            continue;
                        }
                        Err((_, error)) => error,
                    },
                    Err(fault) => fault.into(),
                };
                let again = error.was_put_off() || (call.reads && error.passes());
                match pauses.next().filter(|_| again) {
                    Some(pause) => tokio::time::sleep(Duration::from_millis(*pause)).await,
                    None => return Err(error),
                }
            }
        })
    }

    /// The result in an answer, or AWS's code and what it means.
    fn read(
        &self,
        call: &Call,
        line: &Line,
        answer: &Response<Bytes>,
        signed_off_by: i64,
        skew: i64,
    ) -> Result<Element, (String, IamError)> {
        let root = Element::read(answer.body());
        let status = answer.status().as_u16();
        if answer.status().is_success()
            && let Some(root) = root
            && root.name == format!("{}Response", call.action)
        {
            return Ok(root);
        }
        let proxy = line.proxy.as_ref().map(|p| p.to_string());
        let root = Element::read(answer.body()).filter(|root| root.name == "ErrorResponse");
        let error = root.as_ref().and_then(|root| root.child("Error"));
        let code = error.and_then(|e| e.text_of("Code")).filter(|code| !code.is_empty());
        let code = code.map(|code| hide_in_name(code, self.secrets(call)));
        let code = code.as_deref();
        let message = error.and_then(|e| e.text_of("Message")).unwrap_or_default();
        let message = hide(message, self.secrets(call));
        let host = line.name();
        let about = Context {
            host: &host,
            proxy,
            region: self.region,
            key: &self.keys.shown_id(),
            serial: None,
            duration: None,
            signed_off_by,
            skew,
        };
        let session = self.keys.session_token.is_some();
        let meant = IamError::from_answer(call.action, session, status, code, &message, &about);
        Err((code.unwrap_or_default().to_owned(), meant))
    }

    /// What of a call nobody may see.
    fn secrets<'s>(&'s self, call: &'s Call) -> impl Iterator<Item = &'s str> {
        let keys = [Some(&self.keys.secret_access_key), self.keys.session_token.as_ref()];
        let secrets = keys.into_iter().flatten().chain(call.secret.iter().map(|(_, secret)| *secret));
        secrets.map(|secret| secret.expose_secret())
    }

    fn request(&self, form: &str, skew: i64) -> Result<Request<SdkBody>, String> {
        let url = format!("{}/", self.way.endpoint.url());
        let seconds = u64::try_from(self.way.machine.now().plus(skew).0).unwrap_or(0);
        let token = self.keys.session_token.as_ref().map(|t| t.expose_secret().to_owned());
        let secret = self.keys.secret_access_key.expose_secret();
        let identity = Credentials::new(&self.keys.access_key_id, secret, token, None, "awsenv").into();
        let what = |e: &dyn std::fmt::Display| e.to_string();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(self.region)
            .name("iam")
            .time(UNIX_EPOCH + Duration::from_secs(seconds))
            .settings(SigningSettings::default())
            .build()
            .map_err(|e| what(&e))?
            .into();
        let headers = [("content-type", FORM)].into_iter();
        let signable = SignableRequest::new("POST", url.as_str(), headers, SignableBody::Bytes(form.as_bytes()))
            .map_err(|e| what(&e))?;
        let (signature, _) = sign(signable, &params).map_err(|e| what(&e))?.into_parts();
        let request = Request::builder().method(Method::POST).uri(url).header(CONTENT_TYPE, FORM);
        let mut request = request.body(SdkBody::from(form)).map_err(|e| what(&e))?;
        signature.apply_to_request_http1x(&mut request);
        Ok(request)
    }
}

impl Call<'_> {
    fn form(&self) -> Zeroizing<String> {
        let length = |value: &str| 3 * value.len() + 64;
        let open = self.open.iter().filter_map(|(name, value)| Some((*name, (*value)?)));
        let secret = self.secret.iter().map(|(name, value)| (*name, value.expose_secret()));
        let all: Vec<_> = open.chain(secret).collect();
        // Large enough from the start: a string that grows leaves copies behind.
        let mut form = Zeroizing::new(String::with_capacity(128 + all.iter().map(|(_, v)| length(v)).sum::<usize>()));
        form.push_str("Version=2010-05-08&Action=");
        form.push_str(self.action);
        for (name, value) in all {
            form.push('&');
            form.push_str(name);
            form.push('=');
            utf8_percent_encode(value, UNRESERVED).for_each(|part| form.push_str(part));
        }
        form
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_says_exactly_what_was_meant() {
        let password = SecretString::from("a&b=c +ü~");
        let call = Call {
            action: "CreateLoginProfile",
            open: &[("UserName", Some("hana ko")), ("Path", None)],
            secret: &[("Password", &password)],
            reads: false,
        };
        assert_eq!(
            call.form().as_str(),
            "Version=2010-05-08&Action=CreateLoginProfile&UserName=hana%20ko&Password=a%26b%3Dc%20%2B%C3%BC~"
        );
    }
}
