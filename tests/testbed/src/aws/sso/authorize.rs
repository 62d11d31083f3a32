//! The pages of the browser: consent to an authorization request, and to a device code.

use std::collections::BTreeMap;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::oidc::{AUTHORIZATION_CODE, loopback, same};
use super::{BrowserRequest, Code, Consent, Decision};
use crate::aws::State;
use crate::aws::answer::{Answer, Refusal, escaped};
use crate::aws::request::{Request, pairs};

/// Seconds for which an authorization code is good.
const CODE_LIFE: i64 = 60;

/// A refusal that the person at the browser reads; nothing is sent on.
fn shown(text: &str) -> Refusal {
    Refusal::new(400, "Page", text)
}

/// `GET /authorize`. Who asks and where the answer goes is checked first: only an address that the client registered is
/// ever led to, with an answer or an error (RFC 6749 section 4.1.2.1).
pub(super) fn page(state: &mut State, request: &Request, region: Option<&str>) -> Result<Answer, Refusal> {
    let mut params = BTreeMap::new();
    for (name, value) in pairs(&request.query) {
        if params.insert(name.clone(), value).is_some() {
            return Err(shown(&format!("invalid_request: {name} is given twice")));
        }
    }
    let text = |name: &str| params.get(name).map_or("", String::as_str);
    let id = text("client_id");
    let client = state.center.clients.get(id).filter(|client| client.expires > state.now());
    let client = client.ok_or_else(|| shown("invalid_client: Invalid client provided"))?;
    let redirect_uri = text("redirect_uri");
    let registered = client.redirect_uris.iter().any(|uri| match loopback(uri) {
        Some(place) => loopback(redirect_uri) == Some(place),
        None => uri == redirect_uri,
    });
    if !registered {
        return Err(shown("invalid_request: Invalid redirect uri provided"));
    }
    let start_url = client.issuer.clone().unwrap_or_default();
    let directory = state.center.directories.get(&start_url);
    if !directory.is_some_and(|d| same(Some(&d.region), region)) || !same(client.region.as_deref(), region) {
        return Err(shown("invalid_grant: Invalid grant provided"));
    }

    let scopes: Vec<String> = text("scopes").split_whitespace().map(str::to_owned).collect();
    let challenge = text("code_challenge");
    let hash = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let wrong = if text("response_type") != "code" {
        Some(("unsupported_response_type", "response_type must be code"))
    } else if !client.grants.iter().any(|grant| grant == AUTHORIZATION_CODE) {
        Some(("unauthorized_client", "Client is not authorized for this grant"))
    } else if text("state").is_empty() {
        Some(("invalid_request", "Missing required parameter: state"))
    } else if text("code_challenge_method") != "S256" {
        Some(("invalid_request", "code_challenge_method must be S256"))
    } else if challenge.len() != 43 || !challenge.chars().all(hash) {
        Some(("invalid_request", "Invalid code challenge provided"))
    } else if scopes.is_empty() || !scopes.iter().all(|scope| client.scopes.contains(scope)) {
        Some(("invalid_scope", "Invalid scope provided"))
    } else {
        None
    };
    if let Some((error, description)) = wrong {
        let answer = [("error", error), ("error_description", description), ("state", text("state"))];
        return Ok(Answer { error: Some(error.to_owned()), ..sent_on(redirect_uri, &answer) });
    }

    let name = client.name.clone();
    let asked = BrowserRequest {
        client: id.to_owned(),
        start_url: start_url.clone(),
        redirect_uri: redirect_uri.to_owned(),
        state: text("state").to_owned(),
        challenge: challenge.to_owned(),
        scopes,
    };
    let consent = state.center.directories.get_mut(&start_url).map(super::DirectoryRecord::consent);
    match consent {
        Some(Consent::Allow) => Ok(decided(state, asked, true)),
        Some(Consent::Deny) => Ok(decided(state, asked, false)),
        consent => {
            let request = state.accounts.word("request", 40);
            let page = question("/authorize/answer", &request, &name, &asked.scopes, consent);
            state.center.requests.insert(request, asked);
            Ok(page)
        }
    }
}

/// The page's two buttons were there to be clicked: each request is answered once.
pub(super) fn answered(state: &mut State, request: &Request) -> Result<Answer, Refusal> {
    let form = request.form();
    let asked = form.get("request").and_then(|id| state.center.requests.remove(id));
    let asked = asked.ok_or_else(|| shown("invalid_request: this request was answered already"))?;
    match form.get("answer").map(String::as_str) {
        Some("allow") => Ok(decided(state, asked, true)),
        Some("deny") => Ok(decided(state, asked, false)),
        _ => Err(shown("invalid_request: neither allow nor deny")),
    }
}

fn decided(state: &mut State, asked: BrowserRequest, allowed: bool) -> Answer {
    let (redirect, given) = (asked.redirect_uri.clone(), asked.state.clone());
    if !allowed {
        let answer = [("error", "access_denied"), ("error_description", "User denied access"), ("state", &given)];
        return sent_on(&redirect, &answer);
    }
    let user = state.center.directories.get(&asked.start_url).map(|d| d.browser_user.clone()).unwrap_or_default();
    let (code, expires) = (state.accounts.word("code", 120), state.now() + CODE_LIFE);
    state.center.codes.insert(code.clone(), Code { request: asked, user, expires });
    sent_on(&redirect, &[("code", &code), ("state", &given)])
}

fn sent_on(redirect_uri: &str, answer: &[(&str, &str)]) -> Answer {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let query: Vec<_> = answer.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    let joint = if redirect_uri.contains('?') { '&' } else { '?' };
    Answer::redirect(format!("{redirect_uri}{joint}{}", query.join("&")))
}

/// The question of a page; with [`Consent::Click`] it clicks Allow by itself, once it is there.
fn question(action: &str, request: &str, client: &str, scopes: &[String], consent: Option<Consent>) -> Answer {
    let click = match consent {
        Some(Consent::Click) => "<script>document.getElementById('allow').click()</script>",
        _ => "",
    };
    let (client, scopes) = (escaped(client), escaped(&scopes.join(", ")));
    let body = format!(
        "<p>{client} asks for: {scopes}</p>\n<form method=\"post\" action=\"{action}\">\n\
         <input type=\"hidden\" name=\"request\" value=\"{request}\">\n\
         <button id=\"allow\" name=\"answer\" value=\"allow\">Allow access</button>\n\
         <button id=\"deny\" name=\"answer\" value=\"deny\">Deny access</button>\n</form>{click}"
    );
    Answer::page(200, "Authorization requested", &body)
}

/// `GET /device?user_code=`: the same question for a device.
pub(super) fn device_page(state: &mut State, request: &Request) -> Result<Answer, Refusal> {
    let form: BTreeMap<_, _> = pairs(&request.query).into_iter().collect();
    let Some(user_code) = form.get("user_code") else {
        let body = "<form action=\"/device\"><input name=\"user_code\"><button>Confirm and continue</button></form>";
        return Ok(Answer::page(200, "Enter the code", body));
    };
    let now = state.now();
    let center = &mut state.center;
    let open = center.devices.values().find(|d| d.user_code == *user_code && d.answer.is_none() && d.expires > now);
    let open = open.ok_or_else(|| shown("invalid_request: Invalid code"))?;
    let client = center.clients.get(&open.client);
    let (name, scopes) = client.map(|c| (c.name.clone(), c.scopes.clone())).unwrap_or_default();
    let consent = center.directories.get_mut(&open.start_url).map(super::DirectoryRecord::consent);
    Ok(question("/device/answer", user_code, &name, &scopes, consent))
}

pub(super) fn device_answered(state: &mut State, request: &Request) -> Result<Answer, Refusal> {
    let form = request.form();
    let user_code = form.get("request").map_or("", String::as_str);
    let allowed = match form.get("answer").map(String::as_str) {
        Some("allow") => true,
        Some("deny") => false,
        _ => return Err(shown("invalid_request: neither allow nor deny")),
    };
    state.decide_device(user_code, allowed).map_err(|text| shown(&text))?;
    let title = if allowed { "Request approved" } else { "Request denied" };
    Ok(Answer::page(200, title, "<p id=\"done\">You can close this window.</p>"))
}

impl State {
    /// Answers an open device code as the user at the browser.
    pub(super) fn decide_device(&mut self, user_code: &str, allowed: bool) -> Result<(), String> {
        let now = self.now();
        let center = &mut self.center;
        let open =
            center.devices.values_mut().find(|d| d.user_code == user_code && d.answer.is_none() && d.expires > now);
        let open = open.ok_or("invalid_request: Invalid code")?;
        if open.elsewhere {
            return Err("invalid_grant: Invalid grant provided".into());
        }
        let user = center.directories.get(&open.start_url).map(|d| d.browser_user.clone()).unwrap_or_default();
        open.answer = Some(if allowed { Decision::Allowed(user) } else { Decision::Denied });
        Ok(())
    }
}
