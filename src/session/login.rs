//! The AWS CLI's files in `~/.aws/login/cache`: the keys of an `aws login` session, and what renews them
//! (`botocore/credentials.py`, `LoginCredentialFetcher`).

use std::path::Path;

use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

use super::expiry::{self, Zone};
use super::store;
use crate::aws_files::Room;
use crate::error::Result;
use crate::net::{DpopKey, Keys, LoginToken};
use crate::time::Timestamp;

/// Keys with less left are renewed, in seconds: what botocore and the SDKs do. They are given for a quarter of an hour.
pub const RENEW_BEFORE: i64 = 5 * 60;

/// Room for a file, bytes; tokens take a kilobyte or two each.
const ROOM: usize = 32 << 10;

/// A session as its file has it.
pub struct LoginFile {
    pub keys: Keys,
    pub until: Timestamp,
    /// What renews it; `None` where the file has not all of it.
    pub renewal: Option<LoginRenewal>,
    /// Everything in the file, in the forms of whoever wrote it.
    whole: Map<String, Value>,
}

/// What renews a session without a person.
pub struct LoginRenewal {
    pub client_id: String,
    pub refresh: SecretString,
    pub key: DpopKey,
    /// `signInRegion`, where the AWS CLI noted it.
    pub region: Option<String>,
}

/// Reads one; whatever cannot be read as expected counts as absent.
pub fn read(path: &Path) -> Option<LoginFile> {
    let bytes = store::small_file(path)?;
    let Value::Object(whole) = serde_json::from_slice(&bytes).ok()? else { return None };
    let text = |object: &Map<String, Value>, name: &str| Some(object.get(name)?.as_str()?.to_owned());
    let given = whole.get("accessToken")?.as_object()?;
    let keys = Keys {
        access_key_id: text(given, "accessKeyId")?,
        secret_access_key: text(given, "secretAccessKey")?.into(),
        session_token: Some(text(given, "sessionToken")?.into()),
    };
    let until = expiry::parse(&text(given, "expiresAt")?, Zone::Utc)?;
    let renewal = || {
        Some(LoginRenewal {
            client_id: text(&whole, "clientId")?,
            refresh: text(&whole, "refreshToken")?.into(),
            key: DpopKey::from_pem(&text(&whole, "dpopKey")?.into())?,
            region: text(&whole, "signInRegion"),
        })
    };
    let renewal = renewal();
    Some(LoginFile { keys, until, renewal, whole })
}

/// A file that will be written: what can fail is tried before AWS is asked.
pub struct LoginTarget<'p> {
    path: &'p Path,
    room: Room,
}

impl<'p> LoginTarget<'p> {
    /// Keeps the room for the file.
    ///
    /// # Errors
    /// Names what cannot be written.
    pub fn prepare(path: &'p Path) -> Result<Self> {
        Ok(LoginTarget { path, room: Room::keep(path, ROOM)? })
    }

    /// Writes new keys and the next refresh token; everything else stays as it was `before`.
    ///
    /// # Errors
    /// Names what cannot be written.
    pub fn write(self, before: LoginFile, token: &LoginToken, now: Timestamp) -> Result<Timestamp> {
        let until = now.plus(token.expires_in);
        let mut whole = before.whole;
        let mut given = match whole.remove("accessToken") {
            Some(Value::Object(given)) => given,
            _ => Map::new(),
        };
        let keys = &token.keys;
        let session = keys.session_token.as_ref().map(|t| t.expose_secret()).unwrap_or_default();
        for (name, value) in [
            ("accessKeyId", keys.access_key_id.as_str()),
            ("secretAccessKey", keys.secret_access_key.expose_secret()),
            ("sessionToken", session),
            ("expiresAt", &until.rfc3339()),
        ] {
            given.insert(name.into(), value.into());
        }
        whole.insert("accessToken".into(), given.into());
        whole.insert("refreshToken".into(), token.refresh.expose_secret().into());
        let text = Zeroizing::new(Value::Object(whole).to_string());
        self.room.write(self.path, text.as_bytes())?;
        Ok(until)
    }
}

/// Removes a session that AWS takes no longer, unless another process has put a new one there.
pub fn drop_dead(path: &Path, dead: &SecretString) {
    let is_it =
        read(path).and_then(|file| file.renewal).is_some_and(|r| r.refresh.expose_secret() == dead.expose_secret());
    if is_it {
        // What cannot be removed is refused again next time.
        let _ = std::fs::remove_file(path);
    }
}
