//! What stands in the AWS files may be a key: `Debug` shows where, and never what.

use std::fmt::{Debug, Formatter, Result};

use bstr::ByteSlice;

use super::bulk::{KeyChange, NewSection};
use super::document::Document;
use super::property::Pair;
use super::section::{Property, Value};

impl Debug for Document {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("Document").field("path", &self.path).field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

impl Debug for Value<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("Value").field("line", &self.line).finish_non_exhaustive()
    }
}

impl Debug for Property<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("Property").field("key", &self.key.as_bstr()).field("line", &self.line).finish_non_exhaustive()
    }
}

impl Debug for Pair<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("Pair").field("key", &self.key.as_bstr()).finish_non_exhaustive()
    }
}

impl Debug for NewSection {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let keys: Vec<_> = self.entries.iter().map(|(key, _)| key).collect();
        f.debug_struct("NewSection").field("name", &self.name).field("keys", &keys).finish_non_exhaustive()
    }
}

impl Debug for KeyChange {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let by = self.by.as_ref().map(|(key, _)| key);
        f.debug_struct("KeyChange")
            .field("profile", &self.profile)
            .field("key", &self.key)
            .field("by", &by)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use crate::aws_files::{Document, FileKind, KeyChange, NewSection, SectionKind};

    #[test]
    fn no_value_of_a_file_shows() {
        let text = "[dev]\naws_secret_access_key = SECRET\n";
        let document = Document::parse(text.into(), FileKind::Credentials);
        let section = document.profile("dev".into()).expect("it is there");
        let value = section.get("aws_secret_access_key").expect("it is there");
        let entries = vec![("aws_secret_access_key", "SECRET".into())];
        let new = NewSection { kind: SectionKind::Profile, name: "dev".into(), entries };
        let by = Some(("aws_secret_access_key", "SECRET".into()));
        let change = KeyChange { profile: "dev".into(), key: "region", by };
        let shown = format!("{document:?} {section:?} {value:?} {new:?} {change:?}");
        assert!(!shown.contains("SECRET") && !shown.contains("83, 69, 67"), "{shown}");
        assert!(shown.contains("aws_secret_access_key") && shown.contains("dev"), "{shown}");
    }
}
