//! Signature Version 4, calculated again from what arrived
//! (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).

use chrono::{DateTime, NaiveDateTime};
use hmac::{Hmac, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

use super::answer::Refusal;
use super::request::{Request, pairs};

/// Seconds that the client's clock may be off.
const TOLERANCE: i64 = 300;

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What the Authorization header says.
#[derive(Debug)]
pub(super) struct Signature {
    pub access_key_id: String,
    pub region: String,
    pub service: String,
    date: String,
    headers: Vec<String>,
    value: String,
}

impl Signature {
    /// `None` when the request is not signed in this way.
    pub fn of(request: &Request) -> Option<Signature> {
        let fields = request.header("authorization")?.strip_prefix("AWS4-HMAC-SHA256")?;
        let field = |name: &str| fields.split(',').find_map(|f| f.trim().strip_prefix(name)?.strip_prefix('='));
        let mut scope = field("Credential")?.split('/');
        Some(Signature {
            access_key_id: scope.next()?.to_owned(),
            date: scope.next()?.to_owned(),
            region: scope.next()?.to_owned(),
            service: scope.next()?.to_owned(),
            headers: field("SignedHeaders")?.split(';').map(str::to_owned).collect(),
            value: field("Signature")?.to_owned(),
        })
    }

    /// The Authorization header for this request, all of whose headers are signed.
    pub fn sign(request: &Request, key: (&str, &str), date: &str, region: &str, service: &str) -> String {
        let mut headers: Vec<_> = request.headers.iter().map(|(name, _)| name.clone()).collect();
        headers.sort();
        let scope = format!("{}/{date}/{region}/{service}/aws4_request", key.0);
        let signature = Signature {
            access_key_id: key.0.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
            date: date.to_owned(),
            headers,
            value: String::new(),
        };
        let (names, value) = (signature.headers.join(";"), signature.calculate(request, key.1));
        format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={names}, Signature={value}")
    }

    /// Whether the request was signed within five minutes of `now` (seconds since 1970, UTC).
    pub fn check_clock(&self, request: &Request, now: i64) -> Result<(), Refusal> {
        let sent = request.header("x-amz-date").unwrap_or_default();
        let Ok(time) = NaiveDateTime::parse_from_str(sent, "%Y%m%dT%H%M%SZ") else {
            let text = format!("Date must be in ISO-8601 'basic format'. Got '{sent}'.");
            return Err(Refusal::new(400, "IncompleteSignature", text));
        };
        let time = time.and_utc().timestamp();
        let compact = |t: i64| DateTime::from_timestamp(t, 0).unwrap_or_default().format("%Y%m%dT%H%M%SZ").to_string();
        let now_text = compact(now);
        if time < now - TOLERANCE {
            let limit = compact(now - TOLERANCE);
            let text = format!("Signature expired: {sent} is now earlier than {limit} ({now_text} - 5 min.)");
            return Err(Refusal::new(403, "SignatureDoesNotMatch", text));
        }
        if time > now + TOLERANCE {
            let limit = compact(now + TOLERANCE);
            let text = format!("Signature not yet current: {sent} is still later than {limit} ({now_text} + 5 min.)");
            return Err(Refusal::new(403, "SignatureDoesNotMatch", text));
        }
        Ok(())
    }

    /// Whether this secret signed exactly this request.
    pub fn check(&self, request: &Request, secret: &str) -> Result<(), Refusal> {
        if self.calculate(request, secret) == self.value {
            return Ok(());
        }
        let text = "The request signature we calculated does not match the signature you provided. Check your AWS \
                    Secret Access Key and signing method. Consult the service documentation for details.";
        Err(Refusal::new(403, "SignatureDoesNotMatch", text))
    }

    fn calculate(&self, request: &Request, secret: &str) -> String {
        let scope = format!("{}/{}/{}/aws4_request", self.date, self.region, self.service);
        let time = request.header("x-amz-date").unwrap_or_default();
        let canonical = hex(&Sha256::digest(self.canonical(request)));
        let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{canonical}");
        let mut key = format!("AWS4{secret}").into_bytes();
        for part in [&self.date, &self.region, &self.service, "aws4_request"] {
            key = hmac(&key, part);
        }
        hex(&hmac(&key, &text))
    }

    fn canonical(&self, request: &Request) -> String {
        let encode = |text: &str| utf8_percent_encode(text, UNRESERVED).to_string();
        let mut query: Vec<_> = pairs(&request.query).iter().map(|(k, v)| (encode(k), encode(v))).collect();
        query.sort();
        let query: Vec<_> = query.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let mut headers = String::new();
        for name in &self.headers {
            let values: Vec<_> = request.headers.iter().filter(|(n, _)| n == name).map(|(_, v)| squeezed(v)).collect();
            headers += &format!("{name}:{}\n", values.join(","));
        }
        // S3 signs what this header says; everywhere else the body itself is signed.
        let hash = request.header("x-amz-content-sha256").filter(|_| self.service == "s3");
        let hash = hash.map_or_else(|| hex(&Sha256::digest(&request.body)), str::to_owned);
        let signed = self.headers.join(";");
        format!("{}\n{}\n{}\n{headers}\n{signed}\n{hash}", request.method, request.path, query.join("&"))
    }
}

fn squeezed(value: &str) -> String {
    value.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
