//! Where a new session goes. Each target is prepared before a code is asked for, so that nothing can fail once it is spent.

use std::path::{Path, PathBuf};

use bstr::ByteSlice;
use secrecy::ExposeSecret;

use super::store;
use crate::aws_files::{self, FileKind, Room, SectionKind};
use crate::error::Result;
use crate::net::Session;
use crate::profile::ProfileName;

/// `[NAME]` in the credentials file, with aws-mfa's keys.
pub struct AwsMfaTarget {
    ready: aws_files::Ready,
    name: ProfileName,
}

impl AwsMfaTarget {
    /// Checks the file and keeps the room for the change.
    ///
    /// # Errors
    /// Names what cannot be written or locked.
    pub fn prepare(credentials: &Path, name: &ProfileName) -> Result<Self> {
        let ready = aws_files::check_writable(credentials, FileKind::Credentials)?;
        Ok(AwsMfaTarget { ready, name: name.clone() })
    }

    /// Writes the keys that aws-mfa writes, in its forms (awsmfa/__init__.py), and `manager = awsenv`, which keeps
    /// `awsume --clean` from deleting the section.
    ///
    /// # Errors
    /// Names what cannot be written.
    pub fn write(self, session: &Session, role: Option<&str>) -> Result<()> {
        let token = session.keys.session_token.as_ref().map(|t| t.expose_secret()).unwrap_or_default();
        let expiration = session.expiration.aws_mfa();
        let mut keys: Vec<(&str, &str)> = vec![("assumed_role", if role.is_some() { "True" } else { "False" })];
        keys.extend(role.map(|arn| ("assumed_role_arn", arn)));
        keys.extend([
            ("aws_access_key_id", session.keys.access_key_id.as_str()),
            ("aws_secret_access_key", session.keys.secret_access_key.expose_secret()),
            ("aws_session_token", token),
            ("aws_security_token", token),
            ("expiration", &expiration),
            ("manager", "awsenv"),
        ]);
        let name = self.name;
        self.ready.edit(|document| {
            for (key, value) in &keys {
                document.set(SectionKind::Profile, name.as_bstr(), key, value.as_bytes().as_bstr())?;
            }
            if role.is_none() {
                document.remove_key(SectionKind::Profile, name.as_bstr(), "assumed_role_arn")?;
            }
            Ok(())
        })
    }
}

/// A JSON file in a cache folder.
pub struct CacheTarget {
    path: PathBuf,
    room: Room,
}

impl CacheTarget {
    /// Makes the folder and keeps the room for the file.
    ///
    /// # Errors
    /// Names what cannot be written.
    pub fn prepare(path: &Path) -> Result<Self> {
        Ok(CacheTarget { path: path.to_owned(), room: Room::keep(path, 16 << 10)? })
    }

    /// Writes the session of a role in Identity Center as the AWS CLI v2 does.
    ///
    /// # Errors
    /// Names what cannot be written.
    pub fn write_sso(self, session: &Session, account: &str) -> Result<()> {
        let bytes = store::sso_json(&session.keys, session.expiration, account);
        Ok(self.room.write(&self.path, &bytes)?)
    }

    /// Writes the session in the AWS CLI's form.
    ///
    /// # Errors
    /// Names what cannot be written.
    pub fn write(self, session: &Session) -> Result<()> {
        self.write_again(&store::json(&session.keys, session.expiration, session.assumed_role.as_ref()))
    }

    /// Writes what could not be written before.
    ///
    /// # Errors
    /// Names what still cannot be written.
    pub fn write_again(self, bytes: &[u8]) -> Result<()> {
        Ok(self.room.write(&self.path, bytes)?)
    }
}
