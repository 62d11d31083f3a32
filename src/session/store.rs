//! The files that sessions live in: the AWS CLI's caches in its own names and formats, and our own for plain MFA sessions.
//! Whatever cannot be read as expected counts as absent: a broken cache file is a miss.

use std::cell::{OnceCell, RefCell};
use std::collections::HashSet;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::cache_key;
use super::expiry::{self, Zone};

use crate::hex::hex;
use crate::host::Host;
use crate::net::{AssumedRole, Keys};
use crate::profile::Sso;
use crate::time::Timestamp;

/// Session keys found in a cache file.
#[derive(Debug, Clone)]
pub struct Stored {
    pub keys: Keys,
    pub until: Timestamp,
}

/// An SSO token as far as its state matters; the token itself stays in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenState {
    pub until: Timestamp,
    /// Whether a refresh token with a live registration stands beside it.
    pub refreshable: bool,
}

/// The caches as one look at many profiles sees them: thousands of profiles stand on one SSO token, and most roles have
/// no session.
#[derive(Default)]
pub struct Glance {
    tokens: RefCell<Vec<(Sso, PathBuf, Option<TokenState>)>>,
    /// The names in the AWS CLI's folder; `None` where only asking for each one tells.
    roles: OnceCell<Option<HashSet<OsString>>>,
}

impl Glance {
    /// [`read`] for a file in the AWS CLI's folder.
    pub fn role(&self, host: &Host, path: &Path) -> Option<Stored> {
        let names = self.roles.get_or_init(|| names_in(&role_folder(host)));
        let is_there = names.as_ref().is_none_or(|names| path.file_name().is_none_or(|name| names.contains(name)));
        is_there.then(|| read(path)).flatten()
    }

    /// [`token_path`] and [`token`].
    pub fn token(&self, host: &Host, sso: &Sso) -> (PathBuf, Option<TokenState>) {
        let same =
            |seen: &Sso| seen.session == sso.session && seen.start_url == sso.start_url && seen.region == sso.region;
        let mut tokens = self.tokens.borrow_mut();
        if let Some((_, path, token)) = tokens.iter().find(|(seen, ..)| same(seen)) {
            return (path.clone(), *token);
        }
        let path = token_path(host, sso);
        let token = token(&path, sso, host.now());
        tokens.push((sso.clone(), path.clone(), token));
        (path, token)
    }
}

/// The names in a folder, none where it does not exist; `None` where it cannot be listed.
fn names_in(folder: &Path) -> Option<HashSet<OsString>> {
    match std::fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| entry.ok().map(|entry| entry.file_name())).collect(),
        Err(e) => (e.kind() == ErrorKind::NotFound).then(HashSet::new),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CacheFile {
    credentials: CacheKeys,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CacheKeys {
    access_key_id: String,
    secret_access_key: SecretText,
    session_token: SecretText,
    expiration: String,
}

/// A secret on its way out of a JSON file; no `Debug` shows it.
#[derive(Deserialize)]
#[serde(from = "String")]
struct SecretText(SecretString);

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        SecretText(text.into())
    }
}

/// Session keys from a cache file, whoever wrote it.
pub fn read(path: &Path) -> Option<Stored> {
    let file: CacheFile = serde_json::from_slice(&small_file(path)?).ok()?;
    let found = file.credentials;
    let keys = Keys {
        access_key_id: found.access_key_id,
        secret_access_key: found.secret_access_key.0,
        session_token: Some(found.session_token.0),
    };
    Some(Stored { keys, until: expiry::parse(&found.expiration, Zone::Utc)? })
}

/// The ARNs of the roles' sessions in the AWS CLI's cache (`arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`), over or not.
pub fn assumed_roles(host: &Host) -> Vec<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct File {
        assumed_role_user: AssumedRoleUser,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct AssumedRoleUser {
        arn: String,
    }
    let folder = role_folder(host);
    let mut names: Vec<_> = names_in(&folder).into_iter().flatten().collect();
    names.sort();
    let arn = |name| Some(serde_json::from_slice::<File>(&small_file(&folder.join(name))?).ok()?.assumed_role_user.arn);
    names.into_iter().filter_map(arn).collect()
}

/// A file that can only be a cache entry: regular and under a megabyte.
pub(super) fn small_file(path: &Path) -> Option<Zeroizing<Vec<u8>>> {
    let about = std::fs::metadata(path).ok()?;
    (about.is_file() && about.len() < 1 << 20).then(|| std::fs::read(path).ok().map(Zeroizing::new)).flatten()
}

/// Session keys in the AWS CLI's form (v2: `Expiration` with `+00:00`, `AssumedRoleUser` where there is one).
pub fn json(keys: &Keys, until: Timestamp, role: Option<&AssumedRole>) -> Zeroizing<Vec<u8>> {
    let mut credentials = serde_json::json!({
        "AccessKeyId": keys.access_key_id,
        "SecretAccessKey": keys.secret_access_key.expose_secret(),
        "SessionToken": keys.session_token.as_ref().map(|t| t.expose_secret()),
        "Expiration": until.rfc3339().replace('Z', "+00:00"),
    });
    let mut file = serde_json::json!({});
    if let Some(role) = role {
        if let Some(account) = role.arn.split(':').nth(4) {
            credentials["AccountId"] = account.into();
        }
        file["AssumedRoleUser"] = serde_json::json!({ "AssumedRoleId": role.id, "Arn": role.arn });
        file["ResponseMetadata"] = serde_json::json!({ "HTTPStatusCode": 200, "RetryAttempts": 0 });
    }
    file["Credentials"] = credentials;
    Zeroizing::new(file.to_string().into_bytes())
}

/// Session keys of a role in Identity Center, as the AWS CLI v2 writes them.
pub fn sso_json(keys: &Keys, until: Timestamp, account: &str) -> Zeroizing<Vec<u8>> {
    let file = serde_json::json!({
        "ProviderType": "sso",
        "Credentials": {
            "AccessKeyId": keys.access_key_id,
            "SecretAccessKey": keys.secret_access_key.expose_secret(),
            "SessionToken": keys.session_token.as_ref().map(|t| t.expose_secret()),
            "Expiration": until.rfc3339(),
            "AccountId": account,
        },
    });
    Zeroizing::new(file.to_string().into_bytes())
}

/// `~/.aws/cli/cache/NAME.json`; the AWS CLI lets no variable move it.
pub fn role_path(host: &Host, name: &str) -> PathBuf {
    role_folder(host).join(format!("{name}.json"))
}

fn role_folder(host: &Host) -> PathBuf {
    dot_aws(host).join("cli").join("cache")
}

/// `~/.aws/awsenv/HASH.json`: the plain MFA session of one key and one device.
pub fn mfa_path(host: &Host, access_key_id: &str, device: &str) -> PathBuf {
    let hash = Sha256::digest([access_key_id.as_bytes(), b"\0", device.as_bytes()].concat());
    dot_aws(host).join("awsenv").join(format!("{}.json", hex(&hash[..16])))
}

/// The file of an SSO token.
pub fn token_path(host: &Host, sso: &Sso) -> PathBuf {
    let name = cache_key::sso_token(sso.session.as_ref().unwrap_or(&sso.start_url));
    sso_folder(host).join(format!("{name}.json"))
}

/// `~/.aws/sso/cache`: tokens and client registrations.
pub fn sso_folder(host: &Host) -> PathBuf {
    dot_aws(host).join("sso").join("cache")
}

/// The file of an `aws login` session: SHA-256 of its ARN, in `AWS_LOGIN_CACHE_DIRECTORY` or `~/.aws/login/cache`.
pub fn login_path(host: &Host, session: &str) -> PathBuf {
    let folder = host.var("AWS_LOGIN_CACHE_DIRECTORY").map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| dot_aws(host).join("login").join("cache"));
    folder.join(format!("{}.json", hex(&Sha256::digest(session.trim()))))
}

/// `~/.aws`, where the caches are whatever the variables for the two files say.
pub fn dot_aws(host: &Host) -> PathBuf {
    host.home().unwrap_or(Path::new("/")).join(".aws")
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TokenFile {
    start_url: Option<String>,
    region: Option<String>,
    #[serde(rename = "accessToken")]
    _access_token: serde::de::IgnoredAny,
    expires_at: String,
    registration_expires_at: Option<String>,
    refresh_token: Option<serde::de::IgnoredAny>,
    client_id: Option<serde::de::IgnoredAny>,
}

/// The state of an SSO token; one that was issued for another start URL or region is none of this profile's.
pub fn token(path: &Path, sso: &Sso, now: Timestamp) -> Option<TokenState> {
    let file: TokenFile = serde_json::from_slice(&small_file(path)?).ok()?;
    let same = |theirs: &Option<String>, ours: &str| theirs.as_deref() == Some(ours);
    if !same(&file.start_url, &sso.start_url) || !same(&file.region, &sso.region) {
        return None;
    }
    let registered = file.registration_expires_at.and_then(|t| expiry::parse(&t, Zone::Utc)).is_some_and(|t| t > now);
    Some(TokenState {
        until: expiry::parse(&file.expires_at, Zone::Utc)?,
        refreshable: file.refresh_token.is_some() && file.client_id.is_some() && registered,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LoginFile {
    access_token: LoginKeys,
    refresh_token: Option<serde::de::IgnoredAny>,
    client_id: Option<serde::de::IgnoredAny>,
    dpop_key: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LoginKeys {
    expires_at: String,
}

/// The state of an `aws login` session. Its keys live a quarter of an hour; how long it can renew them is in no file.
pub fn login(path: &Path) -> Option<TokenState> {
    let file: LoginFile = serde_json::from_slice(&small_file(path)?).ok()?;
    let until = expiry::parse(&file.access_token.expires_at, Zone::Utc)?;
    let refreshable = file.refresh_token.is_some() && file.client_id.is_some() && file.dpop_key.is_some();
    Some(TokenState { until, refreshable })
}
