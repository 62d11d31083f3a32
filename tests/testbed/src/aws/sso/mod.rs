//! IAM Identity Center: directories with users and assignments, clients, sign-ins and their tokens.

mod authorize;
mod directory;
mod grant;
mod oidc;
mod portal;

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

pub use directory::{Consent, Directory, PendingDevice, SsoToken, cache_name};

use super::State;
use super::answer::{Answer, Refusal};
use super::request::Request;
use super::rest::{Route, Service};

/// The scope that the portal asks for.
const ACCOUNT_ACCESS: &str = "sso:account:access";

pub(super) struct Center {
    /// By start URL, as [`start_url`] gives it.
    pub directories: BTreeMap<String, DirectoryRecord>,
    pub clients: BTreeMap<String, Client>,
    /// By device code.
    pub devices: BTreeMap<String, DeviceRequest>,
    /// Browser requests that wait for Allow or Deny, by an id of their own.
    pub requests: BTreeMap<String, BrowserRequest>,
    /// Authorization codes.
    pub codes: BTreeMap<String, Code>,
    /// Their index is their name.
    pub sign_ins: Vec<SignIn>,
    pub access_tokens: BTreeMap<String, AccessToken>,
    /// Refresh tokens that were not used yet: their sign-in.
    pub refresh_tokens: BTreeMap<String, usize>,
    /// Seconds for which a client may use its registration.
    pub registration_life: i64,
    /// The region for which an endpoint on loopback stands; `None`: whichever is asked about.
    pub loopback_region: Option<String>,
}

impl Default for Center {
    fn default() -> Center {
        Center {
            directories: BTreeMap::new(),
            clients: BTreeMap::new(),
            devices: BTreeMap::new(),
            requests: BTreeMap::new(),
            codes: BTreeMap::new(),
            sign_ins: Vec::new(),
            access_tokens: BTreeMap::new(),
            refresh_tokens: BTreeMap::new(),
            registration_life: 90 * 86_400,
            loopback_region: None,
        }
    }
}

pub(super) struct DirectoryRecord {
    pub region: String,
    /// The accounts of each user, by account id.
    pub users: BTreeMap<String, BTreeMap<String, Assigned>>,
    /// Who sits at the browser.
    pub browser_user: String,
    pub consent: Consent,
    pub next_consents: VecDeque<Consent>,
    /// Lives in seconds: of an access token, of a sign-in (its refresh tokens), of a role's session, of a device code.
    pub token_life: i64,
    pub sign_in_life: i64,
    pub role_life: i64,
    pub device_life: i64,
    /// Seconds between two polls.
    pub interval: u64,
    pub page_size: usize,
    pub verification_uri: Option<String>,
    /// Whether another region's endpoint takes this start URL, and only the browser says `invalid_grant`.
    pub lenient_region: bool,
}

#[derive(Default)]
pub(super) struct Assigned {
    pub account_name: String,
    pub roles: Vec<String>,
}

pub(super) struct Client {
    pub secret: String,
    pub name: String,
    pub expires: i64,
    pub scopes: Vec<String>,
    pub grants: Vec<String>,
    pub redirect_uris: Vec<String>,
    pub issuer: Option<String>,
    pub region: Option<String>,
}

pub(super) struct DeviceRequest {
    pub client: String,
    pub start_url: String,
    pub user_code: String,
    pub expires: i64,
    /// Seconds between two polls; five more after each that was told to slow down (RFC 8628 section 3.5).
    pub interval: u64,
    pub polled: Option<Instant>,
    /// Polls that came too early.
    pub early: u32,
    pub answer: Option<Decision>,
    /// Asked for at another region's endpoint: no browser can confirm it.
    pub elsewhere: bool,
}

pub(super) struct BrowserRequest {
    pub client: String,
    pub start_url: String,
    pub redirect_uri: String,
    pub state: String,
    pub challenge: String,
    pub scopes: Vec<String>,
}

/// What the user answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Decision {
    /// The user who did.
    Allowed(String),
    Denied,
}

pub(super) struct Code {
    pub request: BrowserRequest,
    pub user: String,
    pub expires: i64,
}

/// What one Allow gave: it ends as a whole.
pub(super) struct SignIn {
    pub start_url: String,
    pub user: String,
    pub client: String,
    pub scopes: Vec<String>,
    /// Where refreshing ends.
    pub expires: i64,
}

pub(super) struct AccessToken {
    pub sign_in: usize,
    pub expires: i64,
}

/// A start URL as the service compares them: people write it with and without `/`, `#` and `#/` behind it.
fn start_url(written: &str) -> String {
    written.trim_end_matches(['/', '#']).to_owned()
}

/// `origin` is scheme and host under which the client reached this service.
pub(super) fn answer(state: &mut State, request: &Request, route: &Route, origin: &str) -> Result<Answer, Refusal> {
    let region = route.region.clone().or_else(|| state.center.loopback_region.clone());
    let region = region.as_deref();
    match route.action {
        "RegisterClient" => oidc::register(state, &oidc::Body::of(request)?, region),
        "StartDeviceAuthorization" => oidc::device_authorization(state, &oidc::Body::of(request)?, region, origin),
        "CreateToken" => grant::token(state, &oidc::Body::of(request)?, region),
        "Authorize" => authorize::page(state, request, region),
        "AnswerAuthorize" => authorize::answered(state, request),
        "Device" => authorize::device_page(state, request),
        "AnswerDevice" => authorize::device_answered(state, request),
        _ if route.service == Service::Portal => portal::answer(state, request, route.action, region),
        _ => Err(Refusal::new(405, "MethodNotAllowedException", format!("{} is not allowed here", request.method))),
    }
}
