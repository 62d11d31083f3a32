//! What `status` and `list` say of a profile.

use bstr::ByteSlice;
use serde::Serialize;

use super::Desk;
use crate::environment::stamp;
use crate::error::Result;
use crate::profile::{Profile, ProfileName, Recipe, Tool};
use crate::session::proxy::{self, ProfileProxy};
use crate::session::store::Glance;
use crate::session::{self, Kind, Standing, State};

/// One profile, for `--json` and for people.
#[derive(Serialize)]
pub struct Report {
    pub profile: String,
    pub kind: &'static str,
    pub state: &'static str,
    /// RFC 3339, UTC.
    pub expires_at: Option<String>,
    pub remaining_seconds: Option<i64>,
    pub account: Option<String>,
    pub region: Option<String>,
    pub mfa_serial: Option<String>,
    pub source_profile: Option<String>,
    pub proxy: ProxyReport,
    pub warnings: Vec<String>,
    /// The name that code should use: the profile, or its sibling.
    pub sdk_profile: Option<String>,
    #[serde(skip)]
    pub standing: Option<Standing>,
    /// The other tool that its keys come from.
    #[serde(skip)]
    pub tool: Option<Tool>,
}

/// The proxy in effect; passwords are masked.
#[derive(Serialize, Default)]
pub struct ProxyReport {
    pub http: Option<String>,
    pub https: Option<String>,
    pub no_proxy: Option<String>,
}

impl Report {
    /// A profile as the files have it; what is wrong with it is a warning, not an error.
    pub fn of_profile(desk: &Desk, profile: &Profile) -> Self {
        let mut warnings = Vec::new();
        // Once for both: `list` does this for thousands.
        let recipe = profile.recipe();
        let needs_sibling = recipe.as_ref().is_ok_and(Recipe::needs_sibling);
        let standing = recipe.and_then(|r| session::of_known(&desk.host, &desk.settings, profile, &r));
        let standing = standing.map_err(|e| warnings.push(e.to_string())).ok();
        let tool = standing.as_ref().is_some_and(|s| s.kind == Kind::Process).then(|| profile.tool()).flatten();
        let of_settings = desk.settings.profile(profile.name.as_bstr());
        let proxy = proxy::of_profile(&desk.settings, of_settings.proxy.as_ref(), |_, _| Ok(None));
        let proxy = proxy.map_err(|e| warnings.push(e.to_string())).unwrap_or(ProfileProxy::Unsaid);
        Report {
            region: profile.region(),
            proxy: ProxyReport::of(desk, &proxy),
            sdk_profile: Some(sdk_name(desk, profile, needs_sibling).to_string()),
            warnings,
            tool,
            ..Self::of_standing(desk, profile.name.to_string(), standing)
        }
    }

    /// The same without what only `--json` shows; that is half the time for thousands of profiles.
    pub fn in_brief(desk: &Desk, profile: &Profile, glance: &Glance) -> Self {
        let standing = session::of_one_of_many(&desk.host, &desk.settings, profile, glance).ok();
        Report { region: profile.region(), ..Self::of_standing(desk, profile.name.to_string(), standing) }
    }

    /// Raw keys in the environment.
    pub fn of_environment(desk: &Desk) -> Self {
        Self::of_standing(desk, String::new(), Some(session::of_environment(&desk.host)))
    }

    fn of_standing(desk: &Desk, profile: String, standing: Option<Standing>) -> Self {
        let end = standing.as_ref().and_then(|s| s.expires_at);
        Report {
            profile,
            kind: standing.as_ref().map_or("none", |s| s.kind.word()),
            state: standing.as_ref().map_or("unknown", |s| s.state.word()),
            expires_at: end.map(|t| t.rfc3339()),
            remaining_seconds: end.map(|t| t.since(desk.host.now()).max(0)),
            account: standing.as_ref().and_then(|s| s.account.clone()),
            region: None,
            mfa_serial: standing.as_ref().and_then(|s| s.mfa_serial.clone()),
            source_profile: standing.as_ref().and_then(|s| s.source_profile.as_ref()).map(ToString::to_string),
            proxy: ProxyReport::default(),
            warnings: Vec::new(),
            sdk_profile: None,
            standing,
            tool: None,
        }
    }

    /// The state in words for a table: `11h59m`, `expired`, `no session`, `refreshable`, `permanent`.
    pub fn left(&self, desk: &Desk) -> String {
        let shown = self.standing.as_ref().map(|s| stamp::left(s, &desk.host)).unwrap_or_default();
        if shown.is_empty() { self.state.to_owned() } else { shown }
    }

    /// Whether the session is over or soon will be.
    pub fn needs_attention(&self) -> bool {
        let state = self.standing.as_ref().map(|s| s.state);
        matches!(state, Some(State::Expired | State::Missing | State::Expiring))
    }
}

/// The name under which SDKs find a profile's keys.
pub fn sdk_profile(desk: &Desk, profile: &Profile) -> ProfileName {
    sdk_name(desk, profile, profile.recipe().is_ok_and(|r| r.needs_sibling()))
}

/// The same where it is known whether the profile needs a sibling.
pub fn sdk_name(desk: &Desk, profile: &Profile, needs_sibling: bool) -> ProfileName {
    let wanted = desk.settings.profile(profile.name.as_bstr()).session_profile == Some(true);
    if wanted || needs_sibling { profile.name.sibling() } else { profile.name.clone() }
}

impl ProxyReport {
    fn of(desk: &Desk, proxy: &ProfileProxy) -> Self {
        match proxy {
            ProfileProxy::None => ProxyReport::default(),
            ProfileProxy::Named(named) => ProxyReport {
                http: named.http.as_ref().map(proxy::masked),
                https: named.https.as_ref().map(proxy::masked),
                no_proxy: Some(named.no_proxy_with("")),
            },
            ProfileProxy::Unsaid => {
                let first = |names: [&str; 2]| names.iter().find_map(|n| desk.host.var(n));
                let address = |names| {
                    let text = first(names)?;
                    let parsed = crate::net::ProxyAddress::parse(text.as_encoded_bytes());
                    Some(parsed.map_or_else(|_| "(not readable as an address)".to_owned(), |a| proxy::masked(&a)))
                };
                ProxyReport {
                    http: address(["HTTP_PROXY", "http_proxy"]),
                    https: address(["HTTPS_PROXY", "https_proxy"]),
                    no_proxy: first(["NO_PROXY", "no_proxy"]).map(|v| v.as_encoded_bytes().to_str_lossy().into_owned()),
                }
            }
        }
    }
}

/// JSON for programs, one line.
///
/// # Errors
/// None in practice: the report holds only text and numbers.
pub fn json<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(value).map_err(|e| crate::error::Error::failed(e.to_string()))?;
    text.push(b'\n');
    Ok(text)
}
