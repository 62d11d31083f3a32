//! SSO OIDC's calls (docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference) up to the token itself.

use serde_json::{Value, json};

use super::{Client, DeviceRequest, start_url};
use crate::aws::State;
use crate::aws::answer::{Answer, Refusal};
use crate::aws::request::Request;

pub(super) const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
pub(super) const AUTHORIZATION_CODE: &str = "authorization_code";
pub(super) const REFRESH_TOKEN: &str = "refresh_token";

const SCOPES: [&str; 8] = [
    "sso:account:access",
    "openid",
    "aws",
    "codewhisperer:completions",
    "codewhisperer:analysis",
    "codewhisperer:conversations",
    "codecatalyst:read_write",
    "verified_access:test",
];

/// The members of a request.
pub(super) struct Body(Value);

impl Body {
    pub fn of(request: &Request) -> Result<Body, Refusal> {
        let body = serde_json::from_slice(&request.body).ok().filter(Value::is_object);
        body.map(Body).ok_or_else(|| invalid("Request body is not a JSON object"))
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    pub fn needed(&self, name: &str) -> Result<&str, Refusal> {
        self.text(name).ok_or_else(|| invalid(&format!("Missing required parameter: {name}")))
    }

    fn list(&self, name: &str) -> Result<Option<Vec<String>>, Refusal> {
        let Some(value) = self.0.get(name).filter(|value| !value.is_null()) else { return Ok(None) };
        let texts = value.as_array().and_then(|v| v.iter().map(|v| v.as_str().map(str::to_owned)).collect());
        texts.map(Some).ok_or_else(|| invalid(&format!("{name} is not a list of strings")))
    }
}

pub(super) fn invalid(text: &str) -> Refusal {
    Refusal::new(400, "InvalidRequestException", text)
}

pub(super) fn register(state: &mut State, body: &Body, region: Option<&str>) -> Result<Answer, Refusal> {
    let name = body.needed("clientName")?.to_owned();
    if body.needed("clientType")? != "public" {
        return Err(Refusal::new(400, "InvalidClientMetadataException", "Only public clients are supported"));
    }
    let scopes = body.list("scopes")?.unwrap_or_default();
    if let Some(scope) = scopes.iter().find(|scope| !SCOPES.contains(&scope.as_str())) {
        return Err(Refusal::new(400, "InvalidScopeException", format!("Invalid scope provided: {scope}")));
    }
    let grants = body.list("grantTypes")?;
    let known = |grant: &String| [DEVICE_CODE, AUTHORIZATION_CODE, REFRESH_TOKEN].contains(&grant.as_str());
    if let Some(grant) = grants.iter().flatten().find(|grant| !known(grant)) {
        return Err(Refusal::new(400, "UnsupportedGrantTypeException", format!("Unsupported grant type: {grant}")));
    }
    let grants = grants.unwrap_or_else(|| vec![DEVICE_CODE.into(), REFRESH_TOKEN.into()]);
    let redirect_uris = body.list("redirectUris")?.unwrap_or_default();
    let issuer = body.text("issuerUrl").map(start_url);
    if grants.iter().any(|grant| grant == AUTHORIZATION_CODE) {
        let wrong = |text: &str| Refusal::new(400, "InvalidRedirectUriException", text);
        if redirect_uris.is_empty() {
            return Err(wrong("authorization_code needs a redirect URI"));
        }
        if !redirect_uris.iter().all(|uri| uri.starts_with("https://") || loopback(uri).is_some()) {
            return Err(wrong("Redirect URIs are https, or http to 127.0.0.1 or [::1]"));
        }
        let issuer = issuer.as_deref().ok_or_else(|| invalid("authorization_code needs an issuerUrl"))?;
        if !state.center.directories.contains_key(issuer) {
            return Err(invalid("Invalid start url provided"));
        }
    }
    let now = state.now();
    let expires = now + state.center.registration_life;
    let (id, secret) = (state.accounts.word("client", 22), state.accounts.word("client secret", 900));
    let answer = json!({
        "clientId": id, "clientSecret": secret, "clientIdIssuedAt": now, "clientSecretExpiresAt": expires,
        "authorizationEndpoint": null, "tokenEndpoint": null,
    });
    let region = region.map(str::to_owned);
    let client = Client { secret, name, expires, scopes, grants, redirect_uris, issuer, region };
    state.center.clients.insert(id, client);
    Ok(Answer::json(200, &answer))
}

/// Host and path of an `http` URI to loopback, its port left out: any port will do (RFC 8252 section 7.3).
/// `localhost` is none, as it may lead elsewhere.
pub(super) fn loopback(uri: &str) -> Option<(&str, &str)> {
    let rest = uri.strip_prefix("http://")?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = ["127.0.0.1", "[::1]"].into_iter().find(|host| authority.starts_with(host))?;
    let port = &authority[host.len()..];
    let number = port.strip_prefix(':').map(str::parse::<u16>);
    (port.is_empty() || matches!(number, Some(Ok(1..)))).then_some((host, path))
}

/// The client that shows the secret of a registration which has not ended.
pub(super) fn client<'a>(state: &'a State, body: &Body, region: Option<&str>) -> Result<(String, &'a Client), Refusal> {
    let (id, secret) = (body.needed("clientId")?, body.needed("clientSecret")?);
    let known = state.center.clients.get(id);
    let client = known.filter(|c| c.secret == secret && c.expires > state.now() && same(c.region.as_deref(), region));
    let client = client.ok_or_else(|| Refusal::new(401, "InvalidClientException", "Invalid client provided"))?;
    Ok((id.to_owned(), client))
}

/// Whether two regions may be one; where one is not known it is.
pub(super) fn same(one: Option<&str>, other: Option<&str>) -> bool {
    one.zip(other).is_none_or(|(one, other)| one == other)
}

pub(super) fn device_authorization(
    state: &mut State,
    body: &Body,
    region: Option<&str>,
    origin: &str,
) -> Result<Answer, Refusal> {
    let (client, known) = client(state, body, region)?;
    if !known.grants.iter().any(|grant| grant == DEVICE_CODE) {
        return Err(Refusal::new(400, "UnauthorizedClientException", "Client is not authorized for this grant"));
    }
    let start_url = start_url(body.needed("startUrl")?);
    let directory = state.center.directories.get_mut(&start_url);
    let directory = directory.ok_or_else(|| invalid("Invalid start url provided"))?;
    let elsewhere = !same(Some(&directory.region), region);
    if elsewhere && !directory.lenient_region {
        return Err(invalid("Invalid start url provided"));
    }
    let answer = directory.consent_without_page();
    let (life, interval) = (directory.device_life, directory.interval);
    let uri = directory.verification_uri.clone().unwrap_or_else(|| match region {
        Some(region) if origin.ends_with(".amazonaws.com") => format!("https://device.sso.{region}.amazonaws.com/"),
        _ => format!("{origin}/device"),
    });
    let expires = state.now() + life;
    let (code, user_code) = (state.accounts.word("device", 86), state.accounts.user_code());
    let answer = if elsewhere { None } else { answer };
    let request = DeviceRequest {
        client,
        start_url,
        user_code: user_code.clone(),
        expires,
        interval,
        polled: None,
        early: 0,
        answer,
        elsewhere,
    };
    state.center.devices.insert(code.clone(), request);
    Ok(Answer::json(
        200,
        &json!({
            "deviceCode": code, "userCode": user_code, "verificationUri": uri, "expiresIn": life, "interval": interval,
            "verificationUriComplete": format!("{uri}?user_code={user_code}"),
        }),
    ))
}
