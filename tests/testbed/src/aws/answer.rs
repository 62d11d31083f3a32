//! Answers and errors, in the XML of the query protocol and of S3.

/// An answer before its HTTP headers.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub status: u16,
    pub content_type: &'static str,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
    /// The code of the error in it.
    pub error: Option<String>,
}

/// Why a request is refused: AWS's code and text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub status: u16,
    pub code: &'static str,
    pub message: String,
}

impl Refusal {
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Refusal {
        Refusal { status, code, message: message.into() }
    }

    pub fn denied(message: impl Into<String>) -> Refusal {
        Self::new(403, "AccessDenied", message)
    }

    pub fn invalid(message: impl Into<String>) -> Refusal {
        Self::new(400, "ValidationError", message)
    }

    /// What a value of the request must be and is not.
    pub fn constraint(value: &str, member: &str, must: &str) -> Refusal {
        let start = "1 validation error detected: Value";
        Self::invalid(format!("{start} '{value}' at '{member}' failed to satisfy constraint: {must}"))
    }

    pub fn unknown_key() -> Refusal {
        Self::new(403, "InvalidClientTokenId", "The security token included in the request is invalid")
    }

    pub fn throttled() -> Refusal {
        Self::new(400, "Throttling", "Rate exceeded")
    }
}

const REQUEST_ID: &str = "c0ffee00-0000-4000-8000-000000000001";

impl Answer {
    pub fn xml(status: u16, body: String) -> Answer {
        Answer { status, content_type: "text/xml", headers: Vec::new(), body, error: None }
    }

    pub fn html(status: u16, title: &str) -> Answer {
        let page = format!(
            "<html>\r\n<head><title>{title}</title></head>\r\n<body><center><h1>{title}</h1></center></body>\r\n</html>\r\n"
        );
        Answer { content_type: "text/html", error: Some(title.to_owned()), ..Self::xml(status, page) }
    }

    /// `result` inside the frame of a query protocol's answer; an empty one: the action has none.
    pub fn query(namespace: &str, action: &str, result: &str) -> Answer {
        let meta = format!("<ResponseMetadata><RequestId>{REQUEST_ID}</RequestId></ResponseMetadata>");
        let frame = || format!("<{action}Result>{result}</{action}Result>");
        let result = if result.is_empty() { String::new() } else { frame() };
        Self::xml(200, format!("<{action}Response xmlns=\"{namespace}\">{result}{meta}</{action}Response>"))
    }

    /// The refusal as `service` writes it: S3 has a form and some codes and texts of its own.
    pub fn refusal(service: &str, refusal: &Refusal) -> Answer {
        let Refusal { status, code, message } = refusal;
        if service == "s3" {
            let (status, code, message) = match *code {
                "InvalidClientTokenId" => {
                    let text = "The AWS Access Key Id you provided does not exist in our records.";
                    (403, "InvalidAccessKeyId", text)
                }
                "ExpiredToken" => (400, *code, "The provided token has expired."),
                "SignatureDoesNotMatch" if message.starts_with("Signature ") => {
                    let text = "The difference between the request time and the current time is too large.";
                    (403, "RequestTimeTooSkewed", text)
                }
                _ => (*status, *code, message.as_str()),
            };
            let inside = format!("<Code>{code}</Code><Message>{}</Message>", escaped(message));
            let body = format!("<Error>{inside}<RequestId>{REQUEST_ID}</RequestId><HostId>host</HostId></Error>");
            return Answer { error: Some(code.into()), content_type: "application/xml", ..Self::xml(status, body) };
        }
        let kind = if *status < 500 { "Sender" } else { "Receiver" };
        let inside = format!("<Type>{kind}</Type><Code>{code}</Code><Message>{}</Message>", escaped(message));
        let namespace = if service == "iam" { super::iam::NAMESPACE } else { super::sts::NAMESPACE };
        let body = format!(
            "<ErrorResponse xmlns=\"{namespace}\"><Error>{inside}</Error>\
             <RequestId>{REQUEST_ID}</RequestId></ErrorResponse>"
        );
        Answer { error: Some((*code).into()), ..Self::xml(*status, body) }
    }
}

/// Text for the inside of an XML element.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
