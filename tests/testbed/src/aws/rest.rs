//! The services without signatures: which one a request is for, and how it words its refusals.
//!
//! Bodies and headers as AWS sends them, from its users' debug logs: OIDC says `error` and `error_description` and names
//! the exception in `x-amzn-ErrorType` (github.com/aws/aws-cli/issues/5955), the portal says `message` and `__type`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::answer::{Answer, Refusal};
use super::request::{Request, pairs};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    /// SSO OIDC: `oidc.REGION.amazonaws.com`, the page that asks for consent among it.
    Oidc,
    /// Where the user of a device code confirms it: `device.sso.REGION.amazonaws.com`.
    Device,
    /// The SSO portal: `portal.sso.REGION.amazonaws.com`.
    Portal,
    /// Console sign-in with session keys: `signin.aws.amazon.com`.
    Federation,
    /// The tokens of `aws login`: `REGION.signin.aws.amazon.com`.
    SignIn,
}

/// What a request without a signature asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Route {
    pub service: Service,
    pub action: &'static str,
    /// The region of the host's name; `None` where the host is none of AWS's names (an endpoint on loopback).
    pub region: Option<String>,
}

/// Service, method, path, action. Where the method is wrong, the portal says 405.
const ROUTES: [(Service, &str, &str, &str); 14] = [
    (Service::Oidc, "POST", "/client/register", "RegisterClient"),
    (Service::Oidc, "POST", "/device_authorization", "StartDeviceAuthorization"),
    (Service::Oidc, "POST", "/token", "CreateToken"),
    (Service::Oidc, "GET", "/authorize", "Authorize"),
    (Service::Oidc, "POST", "/authorize/answer", "AnswerAuthorize"),
    (Service::Device, "GET", "/device", "Device"),
    (Service::Device, "POST", "/device/answer", "AnswerDevice"),
    (Service::Portal, "GET", "/federation/credentials", "GetRoleCredentials"),
    (Service::Portal, "GET", "/assignment/accounts", "ListAccounts"),
    (Service::Portal, "GET", "/assignment/roles", "ListAccountRoles"),
    (Service::Portal, "POST", "/logout", "Logout"),
    (Service::Federation, "GET", "/federation", "Federation"),
    (Service::Federation, "POST", "/federation", "Federation"),
    (Service::SignIn, "POST", "/v1/token", "CreateOAuth2Token"),
];

/// `None`: a request for one of the services with signatures.
pub(super) fn route(request: &Request) -> Option<Route> {
    let host = request.header("host").unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    let (named, region) = match host.strip_suffix(".amazonaws.com") {
        _ if host == "signin.aws.amazon.com" => (Some(Service::Federation), None),
        None => match host.strip_suffix(".signin.aws.amazon.com") {
            Some(region) => (Some(Service::SignIn), Some(region.to_owned())),
            None => (None, None),
        },
        Some(rest) => {
            let services =
                [("oidc.", Service::Oidc), ("device.sso.", Service::Device), ("portal.sso.", Service::Portal)];
            let (region, service) = services.iter().find_map(|(p, service)| Some((rest.strip_prefix(p)?, *service)))?;
            (Some(service), Some(region.to_owned()))
        }
    };
    let path = match request.path.as_str() {
        "/" if named == Some(Service::Device) => "/device",
        path => path,
    };
    let here = |service| named.is_none_or(|named| named == service);
    let found = ROUTES.iter().filter(|(service, _, known, _)| here(*service) && *known == path);
    let (service, _, _, action) =
        found.clone().find(|(_, method, ..)| *method == request.method).or_else(|| found.clone().next())?;
    let allowed = found.clone().any(|(_, method, ..)| *method == request.method);
    let action = if allowed { *action } else { "" };
    Some(Route { service: *service, action, region })
}

impl Route {
    /// Too many requests, as this service says it.
    pub fn throttled(&self) -> Refusal {
        let (status, code) = match self.service {
            Service::Portal => (429, "TooManyRequestsException"),
            Service::SignIn => (429, "rate_exceeded"),
            _ => (400, "SlowDownException"),
        };
        Refusal::new(status, code, words(code))
    }

    /// The action by its name, and the parameters as text.
    pub fn params(&self, request: &Request) -> (String, BTreeMap<String, String>) {
        let mut params: BTreeMap<String, String> = match serde_json::from_slice::<Value>(&request.body) {
            Ok(Value::Object(members)) if matches!(self.service, Service::Oidc | Service::SignIn) => {
                members.into_iter().map(|(name, value)| (name, plain(&value))).collect()
            }
            _ if request.method == "GET" || self.service == Service::Portal => {
                pairs(&request.query).into_iter().collect()
            }
            _ => request.form(),
        };
        let action = match self.service {
            Service::Federation => params.remove("Action").unwrap_or_default(),
            _ => self.action.to_owned(),
        };
        (action, params)
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

impl Answer {
    pub fn json(status: u16, body: &Value) -> Answer {
        Answer { content_type: "application/json", ..Self::xml(status, body.to_string()) }
    }

    /// A page for a browser.
    pub fn page(status: u16, title: &str, body: &str) -> Answer {
        let page = format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\n\
             <body><h1>{title}</h1>\n{body}\n</body></html>\n"
        );
        Answer { content_type: "text/html; charset=utf-8", ..Self::xml(status, page) }
    }

    /// Sends the browser on, with a GET whatever it did here.
    pub fn redirect(to: String) -> Answer {
        Answer { headers: vec![("Location", to)], ..Self::xml(303, String::new()) }
    }

    /// The refusal as this service words it.
    pub fn rest_refusal(service: Service, refusal: &Refusal) -> Answer {
        let Refusal { status, code, message } = refusal;
        let answer = match service {
            Service::Oidc if *code != "Page" => {
                let body = json!({"error": snake(code), "error_description": message});
                let kind = format!("{code}:http://internal.amazon.com/coral/com.amazonaws.sso.oidc/");
                Answer { headers: vec![("x-amzn-ErrorType", kind)], ..Self::json(*status, &body) }
            }
            Service::Portal => {
                let kind = format!("com.amazonaws.switchboard.portal#{code}");
                Self::json(*status, &json!({"message": message, "__type": kind}))
            }
            Service::SignIn => {
                let kind = match *code {
                    "INVALID_REQUEST" => "ValidationException",
                    "rate_exceeded" => "TooManyRequestsError",
                    "server_error" | "InternalServerException" => "InternalServerException",
                    _ => "AccessDeniedException",
                };
                let answer = Self::json(*status, &json!({"error": code, "message": message}));
                Answer { headers: vec![("x-amzn-ErrorType", kind.into())], ..answer }
            }
            _ => Self::page(*status, "Error", &format!("<p id=\"error\">{}</p>", super::answer::escaped(message))),
        };
        Answer { error: Some((*code).into()), ..answer }
    }
}

/// `AuthorizationPendingException` is `authorization_pending` in the body.
fn snake(code: &str) -> String {
    if code == "InternalServerException" {
        return "server_error".into();
    }
    let code = code.strip_suffix("Exception").unwrap_or(code);
    let mut snake = String::new();
    for letter in code.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// What the services say where a test scripted this exception.
pub(super) fn words(code: &str) -> &'static str {
    match code {
        "AuthorizationPendingException" => "Authorization is still pending",
        "SlowDownException" => "Slow down",
        "ExpiredTokenException" => "Device code has expired",
        "AccessDeniedException" => "Access denied",
        "InvalidGrantException" => "Invalid grant provided",
        "InvalidClientException" => "Invalid client provided",
        "UnauthorizedClientException" => "Client is not authorized for this grant",
        "InvalidRequestException" => "Invalid request",
        "UnauthorizedException" => "Session token not found or invalid",
        "ForbiddenException" => "No access",
        "ResourceNotFoundException" => "The specified resource doesn't exist",
        "ConcurrentModification" => {
            "The request was rejected because multiple requests to change this object were submitted"
        }
        "ServiceFailure" => "The request processing has failed because of an unknown error, exception or failure.",
        "TooManyRequestsException" => "HTTP 429 Too Many Requests",
        _ => "An internal error has occurred",
    }
}
