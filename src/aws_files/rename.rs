//! Another name for a property, where it stands.

use bstr::BStr;

use super::edit::EditError;
use super::section::properties;
use super::{Document, SectionKind};

impl Document {
    /// Gives a key of a section another name; its place, its value and what stands around it stay. Whether it was there.
    ///
    /// # Errors
    /// The new name cannot stand in such a file.
    pub fn rename_key(&mut self, kind: SectionKind, name: &BStr, key: &str, new: &str) -> Result<bool, EditError> {
        self.writable(new, "x".into(), &[])?;
        let mut splices = Vec::new();
        for at in self.parts(kind, name) {
            for property in properties(self, &self.index.sections[at]).iter().filter(|property| property.is(key)) {
                let start = property.start + property.indent;
                splices.push((start, start + property.key.len(), new.as_bytes().to_vec()));
            }
        }
        if splices.is_empty() {
            return Ok(false);
        }
        let (sections, value) = (self.index.sections.len(), self.value_of(kind, name, key));
        self.apply(splices, |edited| {
            edited.index.sections.len() == sections && edited.value_of(kind, name, new) == value
        })
        .map_err(|()| EditError::Key(new.to_owned()))?;
        Ok(true)
    }

    fn value_of(&self, kind: SectionKind, name: &BStr, key: &str) -> Option<Vec<u8>> {
        Some(self.section(kind, name)?.own(key)?.bytes.to_vec())
    }
}
