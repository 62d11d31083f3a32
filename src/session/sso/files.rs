//! The AWS CLI's files in `~/.aws/sso/cache`: tokens and client registrations, in botocore's names and forms
//! (`botocore/utils.py`: `SSOTokenFetcher`, `SSOTokenLoader`), which the SDKs read too.
//!
//! Times are written as `2026-11-22T08:38:35Z`: the Rust SDK takes no other form.

use std::path::{Path, PathBuf};

use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::RENEW_BEFORE;
use crate::aws_files::Room;
use crate::error::Result;
use crate::host::Host;
use crate::net::{Client, Flow, Token};
use crate::profile::Sso;
use crate::session::cache_key;
use crate::session::expiry::{self, Zone};
use crate::session::store;
use crate::time::Timestamp;

/// Room for a token file, bytes; refresh tokens alone take a kilobyte or two.
const ROOM: usize = 16 << 10;

/// A token as its file has it.
#[derive(Debug, Clone)]
pub struct TokenFile {
    pub access: SecretString,
    pub until: Timestamp,
    /// What renews it without a person, where the registration that it belongs to still lives.
    pub refresh: Option<(SecretString, Client)>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TokenJson {
    start_url: Option<String>,
    region: Option<String>,
    access_token: SecretString,
    expires_at: String,
    refresh_token: Option<SecretString>,
    client_id: Option<String>,
    client_secret: Option<SecretString>,
    registration_expires_at: Option<String>,
}

/// The token of an sso-session, or of a legacy profile. One that was issued for another start URL or region is none of it.
pub fn read_token(path: &Path, sso: &Sso, now: Timestamp) -> Option<TokenFile> {
    let file: TokenJson = serde_json::from_slice(&store::small_file(path)?).ok()?;
    let same = |theirs: &Option<String>, ours: &str| theirs.as_deref() == Some(ours);
    if !same(&file.start_url, &sso.start_url) || !same(&file.region, &sso.region) {
        return None;
    }
    let time = |text: &str| expiry::parse(text, Zone::Utc);
    let client = || {
        let expires_at = time(&file.registration_expires_at?).filter(|t| *t > now)?;
        Some(Client { id: file.client_id?, secret: file.client_secret?, expires_at })
    };
    let until = time(&file.expires_at)?;
    let refresh = file.refresh_token.and_then(|token| Some((token, client()?)));
    Some(TokenFile { access: file.access_token, until, refresh })
}

/// A token file that will be written: what can fail is tried before AWS is asked.
pub struct TokenTarget {
    path: PathBuf,
    room: Room,
}

impl TokenTarget {
    /// Makes the folder and keeps the room for the file.
    ///
    /// # Errors
    /// Names what cannot be written.
    pub fn prepare(path: &Path) -> Result<Self> {
        Ok(TokenTarget { path: path.to_owned(), room: Room::keep(path, ROOM)? })
    }

    /// Writes a token; `refresh` is the one to keep where the answer brought no new one.
    ///
    /// # Errors
    /// Names what cannot be written.
    pub fn write(
        self,
        sso: &Sso,
        token: &Token,
        refresh: Option<&SecretString>,
        client: &Client,
        now: Timestamp,
    ) -> Result<TokenFile> {
        let until = now.plus(token.expires_in);
        let refresh = token.refresh.as_ref().or(refresh);
        let mut file = json!({
            "startUrl": sso.start_url,
            "region": sso.region,
            "accessToken": token.access.expose_secret(),
            "expiresAt": until.rfc3339(),
            "clientId": client.id,
            "clientSecret": client.secret.expose_secret(),
            "registrationExpiresAt": client.expires_at.rfc3339(),
        });
        if let Some(refresh) = refresh {
            file["refreshToken"] = refresh.expose_secret().into();
        }
        self.room.write(&self.path, Zeroizing::new(file.to_string()).as_bytes())?;
        let refresh = refresh.map(|token| (token.clone(), client.clone()));
        Ok(TokenFile { access: token.access.clone(), until, refresh })
    }
}

/// Removes a token that AWS takes no longer, unless another process has put a new one there.
pub fn drop_token(path: &Path, sso: &Sso, dead: &SecretString, now: Timestamp) {
    let is_it = read_token(path, sso, now).is_some_and(|t| t.access.expose_secret() == dead.expose_secret());
    if is_it {
        // What cannot be removed is refused again next time.
        let _ = std::fs::remove_file(path);
    }
}

/// Every token file that is there, with the start URL that it names.
pub fn strays(host: &Host) -> Vec<(PathBuf, String)> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Any {
        #[serde(rename = "accessToken")]
        _access_token: serde::de::IgnoredAny,
        #[serde(default)]
        start_url: String,
    }
    let entries = std::fs::read_dir(store::sso_folder(host)).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == "json"));
    let token = |path: &PathBuf| serde_json::from_slice::<Any>(&store::small_file(path)?).ok();
    paths.filter_map(|path| token(&path).map(|found| (path, found.start_url))).collect()
}

/// Takes a refresh token that AWS takes no longer out of its file; the access token works on to its end.
///
/// # Errors
/// Names what cannot be written.
pub fn drop_refresh(path: &Path, dead: &SecretString) -> Result<()> {
    let Some(bytes) = store::small_file(path) else { return Ok(()) };
    let Ok(serde_json::Value::Object(mut file)) = serde_json::from_slice(&bytes) else { return Ok(()) };
    if file.get("refreshToken").and_then(|t| t.as_str()) != Some(dead.expose_secret()) {
        return Ok(());
    }
    file.remove("refreshToken");
    let text = Zeroizing::new(serde_json::Value::Object(file).to_string());
    Ok(Room::keep(path, ROOM)?.write(path, text.as_bytes())?)
}

/// The registration of this machine as a client, for one sso-session or legacy start URL.
pub struct Registration {
    path: PathBuf,
    scopes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RegistrationJson {
    client_id: String,
    client_secret: SecretString,
    expires_at: String,
    #[serde(default)]
    grant_types: Option<Vec<String>>,
}

impl Registration {
    /// Where it is.
    pub fn of(host: &Host, sso: &Sso) -> Self {
        let scopes = sso.session.is_some().then_some(sso.scopes.as_slice());
        let name = cache_key::sso_registration(&sso.region, scopes, sso.session.as_deref(), &sso.start_url);
        let path = store::sso_folder(host).join(format!("{name}.json"));
        Registration { path, scopes: sso.scopes.clone() }
    }

    /// The client, where it lives long enough for a sign-in and may go that way.
    pub fn read(&self, flow: Flow, now: Timestamp) -> Option<Client> {
        let file: RegistrationJson = serde_json::from_slice(&store::small_file(&self.path)?).ok()?;
        let for_browser = file.grant_types.is_some_and(|grants| grants.iter().any(|g| g == "authorization_code"));
        let expires_at = expiry::parse(&file.expires_at, Zone::Utc)?;
        let fits = for_browser == (flow == Flow::Browser) && expires_at.since(now) > RENEW_BEFORE;
        fits.then_some(Client { id: file.client_id, secret: file.client_secret, expires_at })
    }

    /// Keeps a new one.
    ///
    /// # Errors
    /// Names what cannot be written.
    pub fn write(&self, client: &Client, flow: Flow) -> Result<()> {
        let mut file = json!({
            "clientId": client.id,
            "clientSecret": client.secret.expose_secret(),
            "expiresAt": client.expires_at.rfc3339(),
            "scopes": (!self.scopes.is_empty()).then_some(&self.scopes),
        });
        if flow == Flow::Browser {
            file["grantTypes"] = json!(["authorization_code", "refresh_token"]);
        }
        let text = Zeroizing::new(file.to_string());
        Ok(Room::keep(&self.path, ROOM)?.write(&self.path, text.as_bytes())?)
    }

    /// Forgets one that AWS does not know.
    pub fn remove(&self) {
        // What cannot be removed is overwritten by the next one.
        let _ = std::fs::remove_file(&self.path);
    }
}
