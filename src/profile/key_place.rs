//! Where in the AWS files a long-term key stands, in plain text or by its id alone, and putting it there.

use bstr::{BStr, BString, ByteSlice};
use secrecy::ExposeSecret;

use super::{Files, KEYRING_KEY};
use crate::aws_files::{Document, FileKind, Paths, Section, SectionKind};
use crate::error::{Error, Result};
use crate::net::Keys;

const PLAIN: [&str; 2] = ["aws_access_key_id", "aws_secret_access_key"];

/// A section that has a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPlace {
    pub file: FileKind,
    pub section: BString,
    /// Of the section's header; 0 for a section that is not there yet.
    pub line: u32,
    /// Whether it has the id alone, and the secret is in the system's keyring.
    pub kept: bool,
}

impl KeyPlace {
    /// All places of a key in a document, in file order.
    pub fn all_in(document: &Document, id: &str) -> Vec<KeyPlace> {
        let mut found: Vec<KeyPlace> = Vec::new();
        for name in document.profile_names() {
            let Some(section) = document.section(SectionKind::Profile, name) else { continue };
            let has = |key: &str| section.own(key).is_some_and(|v| v.bytes.trim_ascii() == id.as_bytes());
            let (plain, kept) = (has(PLAIN[0]), has(KEYRING_KEY));
            if (plain || kept) && !found.iter().any(|place| place.section == name) {
                let (file, line) = (document.kind(), section.line());
                found.push(KeyPlace { file, section: name.into(), line, kept: !plain });
            }
        }
        found
    }

    /// All places of a key in both files as they are by now, the credentials file first.
    ///
    /// # Errors
    /// Names the file that cannot be read.
    pub fn now(paths: &Paths, id: &str) -> Result<Vec<KeyPlace>> {
        let mut found = Self::all_in(&Document::read(&paths.credentials, FileKind::Credentials)?, id);
        found.extend(Self::all_in(&Document::read(&paths.config, FileKind::Config)?, id));
        Ok(found)
    }

    /// Puts another key into the section, as it has this one; its secret is in the keyring already where that is so.
    ///
    /// # Errors
    /// The values cannot stand in such a file.
    pub fn put(&self, document: &mut Document, keys: &Keys) -> Result<()> {
        match self.kept {
            true => Ok(document.set(SectionKind::Profile, self.name(), KEYRING_KEY, bytes(&keys.access_key_id))?),
            false => self.put_plain(document, keys),
        }
    }

    /// The id alone, and `command` (a `credential_process`) for AWS's own tools.
    ///
    /// # Errors
    /// As [`KeyPlace::put`].
    pub fn put_kept(&self, document: &mut Document, id: &str, command: &str) -> Result<()> {
        let (kind, name) = (SectionKind::Profile, self.name());
        if document.section(kind, name).is_some_and(|section| section.own(PLAIN[0]).is_some()) {
            document.remove_key(kind, name, KEYRING_KEY)?;
            document.rename_key(kind, name, PLAIN[0], KEYRING_KEY)?;
        }
        document.set(kind, name, KEYRING_KEY, bytes(id))?;
        document.set(kind, name, "credential_process", bytes(command))?;
        document.remove_key(kind, name, PLAIN[1])?;
        Ok(())
    }

    /// The key in plain text in the place of the id alone, as [`KeyPlace::put_plain`] and [`KeyPlace::drop_kept`].
    ///
    /// # Errors
    /// As [`KeyPlace::put`].
    pub fn put_back(&self, document: &mut Document, keys: &Keys, is_ours: impl Fn(&BStr) -> bool) -> Result<()> {
        let (kind, name) = (SectionKind::Profile, self.name());
        if document.section(kind, name).is_some_and(|section| section.own(PLAIN[0]).is_none()) {
            document.rename_key(kind, name, KEYRING_KEY, PLAIN[0])?;
        }
        self.put_plain(document, keys)?;
        self.drop_kept(document, is_ours)
    }

    /// Takes the id alone out of the section, and with it our `credential_process`, which `is_ours` tells.
    ///
    /// # Errors
    /// The document cannot be edited there.
    pub fn drop_kept(&self, document: &mut Document, is_ours: impl Fn(&BStr) -> bool) -> Result<()> {
        let (kind, name) = (SectionKind::Profile, self.name());
        document.remove_key(kind, name, KEYRING_KEY)?;
        let command =
            document.section(kind, name).and_then(|s| s.own("credential_process").map(|v| v.bytes.into_owned()));
        if command.is_some_and(|line| is_ours(line.as_bstr())) {
            document.remove_key(kind, name, "credential_process")?;
        }
        Ok(())
    }

    /// The key in plain text.
    ///
    /// # Errors
    /// As [`KeyPlace::put`].
    pub fn put_plain(&self, document: &mut Document, keys: &Keys) -> Result<()> {
        let values = [keys.access_key_id.as_str(), keys.secret_access_key.expose_secret()];
        for (key, value) in PLAIN.into_iter().zip(values) {
            document.set(SectionKind::Profile, self.name(), key, bytes(value))?;
        }
        Ok(())
    }

    fn name(&self) -> &BStr {
        self.section.as_bstr()
    }
}

impl Files {
    /// The key in plain text at a place; several of one section that differ are none.
    pub fn plain_in(&self, place: &KeyPlace) -> Option<Keys> {
        let document = match place.file {
            FileKind::Credentials => &self.credentials,
            FileKind::Config => &self.config,
        };
        let section = document.section(SectionKind::Profile, place.name())?;
        let text = |key: &str| Some(section.own(key)?.bytes.to_str().ok()?.trim().to_owned());
        Some(Keys { access_key_id: text(PLAIN[0])?, secret_access_key: text(PLAIN[1])?.into(), session_token: None })
    }

    /// Refuses sections whose id and secret stand in different files: AWS's tools read both as one, but a change to one half
    /// breaks the pair.
    ///
    /// # Errors
    /// Names the section and both places.
    pub fn refuse_halves(&self, places: &[KeyPlace]) -> Result<()> {
        for place in places {
            let sections: Vec<_> = [&self.credentials, &self.config]
                .iter()
                .filter_map(|d| d.section(SectionKind::Profile, place.name()))
                .collect();
            let at =
                |section: &Section, key: &str| section.own(key).map(|v| format!("{}:{}", v.path.display(), v.line));
            let has_id = |section: &Section| section.own(PLAIN[0]).is_some();
            if let Some(again) = sections.iter().find_map(repeated) {
                return Err(Error::failed(format!("{again}: [{}] has two keys", place.section))
                    .next("take out the one that is wrong"));
            }
            let halves = sections.iter().find_map(|s| at(s, PLAIN[1]).filter(|_| !has_id(s)));
            let lone_id = sections.iter().find_map(|s| at(s, PLAIN[0]).filter(|_| s.own(PLAIN[1]).is_none()));
            if let Some(half) = halves.or(lone_id) {
                let line = format!("{half}: [{}] has half of a key there, and the other half elsewhere", place.section);
                return Err(
                    Error::failed(line).next("put aws_access_key_id and aws_secret_access_key beside each other")
                );
            }
        }
        Ok(())
    }

    /// Where a key stands: the credentials file first.
    pub fn places_of(&self, id: &str) -> Vec<KeyPlace> {
        [&self.credentials, &self.config].into_iter().flat_map(|document| KeyPlace::all_in(document, id)).collect()
    }

    /// The places in words: `[dev-long-term] (~/.aws/credentials:3)`.
    pub fn place_words(&self, places: &[KeyPlace]) -> String {
        let word = |place: &KeyPlace| {
            let path = match place.file {
                FileKind::Config => self.paths.config.display(),
                FileKind::Credentials => self.paths.credentials.display(),
            };
            match place.line {
                0 => format!("[{}] ({path}, new)", place.section),
                line => format!("[{}] ({path}:{line})", place.section),
            }
        };
        places.iter().map(word).collect::<Vec<_>>().join(", ")
    }
}

/// The place of a part of a key that stands in a section twice, differently.
fn repeated(section: &Section) -> Option<String> {
    PLAIN.iter().find_map(|key| {
        let last = section.own(key)?;
        let (_, other) = section.entries().find(|(name, value)| {
            name.eq_ignore_ascii_case(key.as_bytes()) && value.bytes.trim_ascii() != last.bytes.trim_ascii()
        })?;
        Some(format!("{}:{}", other.path.display(), other.line))
    })
}

fn bytes(text: &str) -> &BStr {
    text.as_bytes().as_bstr()
}
