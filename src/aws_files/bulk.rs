//! Many changes as one. Each edit reads the whole document again to see that it did what was meant, which for thousands of
//! profiles one by one would take minutes.

use std::collections::HashSet;

use bstr::{BStr, BString, ByteSlice};

use super::SectionKind;
use super::document::Document;
use super::edit::{EditError, Splice, is_value};
use super::section::properties;

/// A section that is not there yet.
#[derive(Clone, PartialEq, Eq)]
pub struct NewSection {
    pub kind: SectionKind,
    pub name: BString,
    /// Keys and values, in their order.
    pub entries: Vec<(&'static str, BString)>,
}

/// Another key in the place of one that a profile has, or nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyChange {
    pub profile: BString,
    pub key: &'static str,
    pub by: Option<(&'static str, BString)>,
}

/// `key = value`, with nothing behind the `=` of an empty value.
fn line(key: &str, value: &[u8]) -> Vec<u8> {
    let blank: &[u8] = if value.is_empty() { b"" } else { b" " };
    [key.as_bytes(), b" =", blank, value].concat()
}

impl Document {
    /// Adds sections at the end, each behind one blank line. None of them may be there already.
    ///
    /// # Errors
    /// Names the section or key that cannot be written; then nothing is added.
    pub fn append(&mut self, sections: &[NewSection]) -> Result<(), EditError> {
        // With the table each look-up is quick.
        let _ = self.profile_names();
        let mut seen = HashSet::with_capacity(sections.len());
        let mut text = self.gap();
        for section in sections {
            let NewSection { kind, name, entries } = section;
            if !seen.insert((*kind, name)) || !self.parts(*kind, name.as_bstr()).is_empty() {
                return Err(EditError::Name(name.to_string()));
            }
            if seen.len() > 1 {
                text.extend_from_slice(self.eol());
            }
            text.extend_from_slice(&self.new_header(*kind, name.as_bstr())?);
            for (key, value) in entries {
                self.writable(key, value.as_bstr(), &[])?;
                text.extend_from_slice(&line(key, value));
                text.extend_from_slice(self.eol());
            }
        }
        if sections.is_empty() {
            return Ok(());
        }
        let (end, before) = (self.bytes().len(), self.count());
        self.apply(vec![(end, end, text)], |edited| {
            edited.count() == before + sections.len()
                && sections.iter().zip(&edited.index.sections[before..]).all(|(wanted, found)| {
                    let read = properties(edited, found);
                    (found.kind, edited.name_of(found)) == (wanted.kind, wanted.name.as_bstr())
                        && read.len() == wanted.entries.len()
                        && read.iter().zip(&wanted.entries).all(|(property, (key, value))| {
                            property.is(key) && is_value(property, value.as_bstr(), &[])
                        })
                })
        })
        .map_err(|()| EditError::Name(sections[0].name.to_string()))
    }

    /// Puts other keys in the place of profiles' keys, line by line. A key that its profile has not is passed over.
    ///
    /// # Errors
    /// Names the key or value that cannot be written, or the line whose indentation forbids it; then nothing is changed.
    pub fn replace_keys(&mut self, changes: &[KeyChange]) -> Result<(), EditError> {
        let _ = self.profile_names();
        let mut splices: Vec<Splice> = Vec::new();
        let mut made: Vec<&KeyChange> = Vec::new();
        let mut first_line = None;
        for change in changes {
            let mut found = Vec::new();
            for at in self.parts(SectionKind::Profile, change.profile.as_bstr()) {
                let section = &self.index.sections[at];
                let own = properties(self, section).into_iter().filter(|property| property.is(change.key));
                found.extend(own.map(|property| (property, section.end())));
            }
            // The last line of that name is the one that counts.
            let Some((last, end)) = found.pop() else { continue };
            first_line = first_line.or(Some(last.line));
            made.push(change);
            splices.extend(found.iter().flat_map(|(property, end)| self.whole(property, *end)));
            let mut lines = self.whole(&last, end);
            if let Some((key, value)) = &change.by {
                self.writable(key, value.as_bstr(), &[])?;
                let indent = &self.bytes[last.start..last.start + last.indent];
                let eol = self.eol_of(last.start, last.next).unwrap_or_default();
                lines[0].2 = [indent, &line(key, value), eol].concat();
            }
            splices.extend(lines);
        }
        if splices.is_empty() {
            return Ok(());
        }
        let sections = self.count();
        self.apply(splices, |edited| {
            let _ = edited.profile_names();
            edited.count() == sections && made.iter().all(|change| edited.has_made(change))
        })
        .map_err(|()| EditError::Indentation(first_line.unwrap_or_default()))
    }

    fn has_made(&self, change: &KeyChange) -> bool {
        let name: &BStr = change.profile.as_bstr();
        let last = |key: &str| self.last_property(SectionKind::Profile, name, key);
        match &change.by {
            Some((key, value)) => {
                last(key).is_some_and(|property| is_value(&property, value.as_bstr(), &[]))
                    && (*key == change.key || last(change.key).is_none())
            }
            None => last(change.key).is_none(),
        }
    }
}
