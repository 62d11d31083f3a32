//! Edits that touch only the lines they change.
//!
//! What is written is the subset that every reader takes: `key = value` in the first column (or as deep as the keys
//! around it, where a file is indented), no comment behind it, and nothing that one of them would cut or quote. After
//! each edit the document is read again; one that is not read back as meant is undone and refused.

use bstr::{BStr, ByteSlice};

use super::document::Document;
use super::lines::{Lines, What, bom, is_blank, is_python_space};
use super::property::{Delimiter, is_identifier};
use super::section::{Property, properties, sub_properties};
use super::{FileKind, SectionKind, header};

/// Why something cannot be written into a file that every reader shall read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    #[error("the key {0:?} cannot be written: the AWS CLI and the SDKs read keys of a-z 0-9 _ - . only")]
    Key(String),
    #[error(
        "the value of {0} cannot be written: it has a line break or control character, or blanks or a comment sign where the AWS CLI and the SDKs would cut it"
    )]
    Value(String),
    #[error(
        "the name {0:?} cannot be written as a section: one of the AWS CLI and the SDKs could not read the file any more"
    )]
    Name(String),
    #[error(
        "line {0}: the indentation around it is such that changing it would change other sections: begin each line in the first column"
    )]
    Indentation(u32),
}

impl Document {
    /// Sets a key of a section: in its last line of that name, else below the section's last key, else in a new
    /// section at the end. A value that continues over several lines is replaced as a whole.
    pub fn set(&mut self, kind: SectionKind, name: &BStr, key: &str, value: &BStr) -> Result<(), EditError> {
        self.set_lines(kind, name, key, value, &[])
    }

    /// Sets a key to a nested block, such as `s3 =` with `addressing_style = path` below it.
    pub fn set_nested(
        &mut self,
        kind: SectionKind,
        name: &BStr,
        key: &str,
        entries: &[(&BStr, &BStr)],
    ) -> Result<(), EditError> {
        self.set_lines(kind, name, key, b"".as_bstr(), entries)
    }

    fn set_lines(
        &mut self,
        kind: SectionKind,
        name: &BStr,
        key: &str,
        value: &BStr,
        nested: &[(&BStr, &BStr)],
    ) -> Result<(), EditError> {
        self.writable(key, value, nested)?;
        if self.parts(kind, name).is_empty() {
            self.add_section(kind, name)?;
        }
        let Some(&last) = self.parts(kind, name).last() else { return Err(EditError::Name(name.to_string())) };
        let mut lines = Block { nested, eol: self.eol(), ..Block::default() };
        let edit = match self.last_property(kind, name, key) {
            Some(property) if is_value(&property, value, nested) => return Ok(()),
            Some(property) => {
                lines.eol = self.eol_of(property.start, property.next).unwrap_or(lines.eol);
                let line = &self.bytes[property.start..property.next];
                let mut first = line[..property.indent].to_vec();
                first.extend_from_slice(&up_to_value(line, &property));
                lines.indent = &line[..property.indent];
                let ends = self.eol_of(property.start, property.next).is_some() || !nested.is_empty();
                let mut splices = vec![(property.start, property.next, lines.write(&first, value, ends))];
                if value.is_empty() {
                    // To the SDKs an empty value opens a block, and an indented comment in one spoils the file.
                    let below = self.below(&property, self.bytes.len());
                    splices.extend(below.into_iter().map(|(start, next)| (start, next, Vec::new())));
                } else {
                    splices.extend(property.more.iter().map(|line| (line.start, line.next, Vec::new())));
                }
                splices
            }
            None => {
                let place = self.insertion(last);
                lines.indent = &self.bytes[place.indent.0..place.indent.1];
                lines.eol = place.eol.unwrap_or(lines.eol);
                let mut text = if place.eol.is_none() { lines.eol.to_vec() } else { Vec::new() };
                let first = [lines.indent, key.as_bytes(), b" ="].concat();
                text.extend(lines.write(&first, value, true));
                vec![(place.at, place.at, text)]
            }
        };
        let sections = self.index.sections.len();
        let line = self.index.sections[last].line;
        self.apply(edit, |edited| {
            let property = edited.last_property(kind, name, key);
            edited.index.sections.len() == sections && property.is_some_and(|p| is_value(&p, value, nested))
        })
        .map_err(|()| EditError::Indentation(line))
    }

    /// Adds an empty section at the end, behind one blank line. One that is there already stays as it is.
    pub fn add_section(&mut self, kind: SectionKind, name: &BStr) -> Result<(), EditError> {
        if !self.parts(kind, name).is_empty() {
            return Ok(());
        }
        let mut text = self.gap();
        text.extend_from_slice(&self.new_header(kind, name)?);
        let (end, sections) = (self.bytes.len(), self.index.sections.len());
        self.apply(vec![(end, end, text)], |edited| {
            edited.index.sections.len() == sections + 1 && edited.parts(kind, name) == [sections]
        })
        .map_err(|()| EditError::Name(name.to_string()))
    }

    /// The header line of a new section, with its end.
    pub(super) fn new_header(&self, kind: SectionKind, name: &BStr) -> Result<Vec<u8>, EditError> {
        let leaking = self.kind == FileKind::Credentials && name == "DEFAULT";
        let no_kind =
            kind == SectionKind::Other || (self.kind == FileKind::Credentials && kind != SectionKind::Profile);
        if name.is_empty() || leaking || no_kind || has_control(name) || !self.may_hold(name) {
            return Err(EditError::Name(name.to_string()));
        }
        // The SDKs end a header at a comment sign and then refuse the file: no harm only where they already do.
        let cut = |header: &[u8]| header::sdk_text(header).is_none();
        let mut header = header::write(self.kind, kind, name);
        let lines = || {
            self.index
                .sections
                .iter()
                .map(|found| self.bytes[found.start()..found.body()].trim_end_with(|c| c == '\n' || c == '\r'))
        };
        if cut(&header) && !lines().any(cut) {
            return Err(EditError::Name(name.to_string()));
        }
        header.extend_from_slice(self.eol());
        Ok(header)
    }

    /// What a new section at the end needs before it: the end of the last line, a blank one.
    pub(super) fn gap(&self) -> Vec<u8> {
        let eol = self.eol();
        let mut text = Vec::new();
        if self.bytes.len() > bom(&self.bytes) {
            if self.bytes.last() != Some(&b'\n') {
                // A lone carriage return at the end becomes a whole line end.
                text.extend_from_slice(if self.bytes.last() == Some(&b'\r') { b"\n" } else { eol });
            }
            if Lines::of(&self.bytes).last().is_some_and(|line| line.what != What::Blank) {
                text.extend_from_slice(eol);
            }
        }
        text
    }

    /// Takes a key out of a section, every line of it; whether it was there.
    pub fn remove_key(&mut self, kind: SectionKind, name: &BStr, key: &str) -> Result<bool, EditError> {
        let mut splices = Vec::new();
        let mut line = 0;
        for at in self.parts(kind, name) {
            for property in properties(self, &self.index.sections[at]).iter().filter(|property| property.is(key)) {
                line = property.line;
                splices.extend(self.whole(property, self.index.sections[at].end()));
            }
        }
        if splices.is_empty() {
            return Ok(false);
        }
        let sections = self.index.sections.len();
        self.apply(splices, |edited| {
            edited.index.sections.len() == sections && edited.last_property(kind, name, key).is_none()
        })
        .map_err(|()| EditError::Indentation(line))?;
        Ok(true)
    }

    /// Takes a section out with its keys; comments stay, and of two blank lines that would meet one goes. Whether it
    /// was there.
    pub fn remove_section(&mut self, kind: SectionKind, name: &BStr) -> Result<bool, EditError> {
        let parts = self.parts(kind, name);
        let Some(&first) = parts.first() else { return Ok(false) };
        let line = self.index.sections[first].line;
        let mut splices = Vec::new();
        for &at in &parts {
            let found = &self.index.sections[at];
            splices.push((found.start(), found.body(), Vec::new()));
            for property in properties(self, found) {
                splices.extend(self.whole(&property, found.end()));
            }
            splices.extend(self.blank_line_before(at, &splices));
        }
        let sections = self.index.sections.len();
        self.apply(splices, |edited| edited.index.sections.len() == sections - parts.len())
            .map_err(|()| EditError::Indentation(line))?;
        Ok(true)
    }

    /// Whether a section of this name, in this file, has no keys any more.
    pub fn is_empty_section(&self, kind: SectionKind, name: &BStr) -> bool {
        let parts = self.parts(kind, name);
        !parts.is_empty() && parts.iter().all(|at| properties(self, &self.index.sections[*at]).is_empty())
    }

    pub(super) fn last_property(&self, kind: SectionKind, name: &BStr, key: &str) -> Option<Property<'_>> {
        let parts = self.parts(kind, name);
        parts.into_iter().flat_map(|at| properties(self, &self.index.sections[at])).filter(|p| p.is(key)).last()
    }

    /// The lines of a property, with the indented comments that the SDKs read as part of it: left behind they would
    /// become part of the value above.
    pub(super) fn whole(&self, property: &Property<'_>, end: usize) -> Vec<Splice> {
        let mut splices = vec![(property.start, property.next, Vec::new())];
        for line in self.below(property, end) {
            splices.push((line.0, line.1, Vec::new()));
        }
        splices
    }

    /// The indented lines below a property: start and next start of each.
    fn below(&self, property: &Property<'_>, end: usize) -> Vec<(usize, usize)> {
        Lines::below_header(&self.bytes[..end], property.start, property.line)
            .skip(1)
            .take_while(|line| !matches!(line.what, What::Property | What::Header))
            .filter(|line| line.indent > 0 && matches!(line.what, What::Comment | What::Continuation))
            .map(|line| (line.start, line.next))
            .collect()
    }

    /// A blank line in front of a section that would meet another one, or the end, once the section is gone.
    fn blank_line_before(&self, at: usize, gone: &[Splice]) -> Option<Splice> {
        let found = &self.index.sections[at];
        let stays = |start: usize| !gone.iter().any(|(from, to, _)| (*from..*to).contains(&start));
        let rest = Lines::below_header(&self.bytes, found.body(), found.line + 1).find(|line| stays(line.start));
        let meets = rest.is_none_or(|line| line.text.iter().all(|b| is_blank(*b)));
        let above = self.bytes[bom(&self.bytes)..found.start()].strip_suffix(b"\n")?;
        let start = bom(&self.bytes) + above.rfind_byte(b'\n').map_or(0, |at| at + 1);
        let blank = self.bytes[start..found.start()].iter().all(|b| is_blank(*b) || b"\r\n".contains(b));
        (meets && blank).then(|| (start, found.start(), Vec::new()))
    }

    /// Where a new key of a section goes.
    fn insertion(&self, at: usize) -> Place<'_> {
        let found = &self.index.sections[at];
        match properties(self, found).last() {
            Some(last) => {
                let (start, next) = self.below(last, found.end()).last().copied().unwrap_or((last.start, last.next));
                Place { at: next, eol: self.eol_of(start, next), indent: (last.start, last.start + last.indent) }
            }
            None => {
                // As deep as the next header: a deeper one would become part of the new value.
                let next = self.index.sections.get(at + 1).map_or((found.body(), found.body()), |next| {
                    let indent = self.bytes[next.start()..].iter().take_while(|b| is_blank(**b)).count();
                    (next.start(), next.start() + indent)
                });
                Place { at: found.body(), eol: self.eol_of(found.start(), found.body()), indent: next }
            }
        }
    }

    /// Applies splices, and takes them back when `good` does not hold afterwards.
    pub(super) fn apply(&mut self, mut splices: Vec<Splice>, good: impl Fn(&Document) -> bool) -> Result<(), ()> {
        splices.sort_by_key(|(start, ..)| *start);
        let mut bytes = Vec::with_capacity(self.bytes.len() + 256);
        let mut from = 0;
        for (start, end, text) in splices {
            bytes.extend_from_slice(&self.bytes[from..start]);
            bytes.extend_from_slice(&text);
            from = end;
        }
        bytes.extend_from_slice(&self.bytes[from..]);
        let before = self.replace(bytes);
        if good(self) {
            Ok(())
        } else {
            self.replace(before);
            Err(())
        }
    }

    pub(super) fn writable(&self, key: &str, value: &BStr, nested: &[(&BStr, &BStr)]) -> Result<(), EditError> {
        let good_key = |key: &[u8]| !key.is_empty() && is_identifier(key) && !key.contains(&b':');
        if !good_key(key.as_bytes()) {
            return Err(EditError::Key(key.to_owned()));
        }
        let good = |value: &BStr| is_plain(value) && self.may_hold(value);
        if !good(value) || !nested.iter().all(|(key, value)| good_key(key) && good(value)) {
            return Err(EditError::Value(key.to_owned()));
        }
        Ok(())
    }

    /// A file that is UTF-8 shall stay so: the AWS CLI and the SDKs refuse any other.
    fn may_hold(&self, text: &BStr) -> bool {
        text.to_str().is_ok() || self.bytes.to_str().is_err()
    }

    /// The line end of this file: as its first line has it.
    pub(super) fn eol(&self) -> &'static [u8] {
        match self.bytes.find_byte(b'\n') {
            Some(at) => self.eol_of(0, at + 1).unwrap_or(b"\n"),
            None => b"\n",
        }
    }

    pub(super) fn eol_of(&self, start: usize, next: usize) -> Option<&'static [u8]> {
        let line = &self.bytes[start..next];
        match line {
            [.., b'\r', b'\n'] => Some(b"\r\n"),
            [.., b'\n'] => Some(b"\n"),
            _ => None,
        }
    }
}

/// From here to there, this instead.
pub(super) type Splice = (usize, usize, Vec<u8>);

struct Place<'a> {
    at: usize,
    /// The end of the line above; `None` where it has none.
    eol: Option<&'a [u8]>,
    /// Where the indentation to copy stands.
    indent: (usize, usize),
}

/// The lines of a new value.
#[derive(Default)]
struct Block<'a> {
    indent: &'a [u8],
    eol: &'a [u8],
    nested: &'a [(&'a BStr, &'a BStr)],
}

impl Block<'_> {
    /// `first` is the line up to the delimiter.
    fn write(&self, first: &[u8], value: &BStr, ends: bool) -> Vec<u8> {
        let mut text = first.to_vec();
        if !value.is_empty() {
            if first.ends_with(b" =") {
                text.push(b' ');
            }
            text.extend_from_slice(value);
        } else {
            text.truncate(text.trim_end_with(|c| c == ' ' || c == '\t').len());
        }
        for (at, (key, value)) in self.nested.iter().enumerate() {
            if at == 0 {
                text.extend_from_slice(self.eol);
            }
            let line: [&[u8]; 5] = [self.indent, b"    ", key, b" = ", value];
            text.extend_from_slice(line.concat().trim_end_with(|c| c == ' '));
            if at + 1 < self.nested.len() {
                text.extend_from_slice(self.eol);
            }
        }
        if ends {
            text.extend_from_slice(self.eol);
        }
        text
    }
}

/// A property's line up to its value: as it is written, with `=` for a `:` that the SDKs do not know.
fn up_to_value(line: &[u8], property: &Property<'_>) -> Vec<u8> {
    match property.delimiter {
        Delimiter::Equals(at) => {
            let blanks = line[at + 1..].iter().take_while(|b| is_blank(**b) && !property.value.is_empty()).count();
            line[property.indent..=at + blanks].to_vec()
        }
        Delimiter::Colon(_) => [property.key, b" ="].concat(),
    }
}

pub(super) fn is_value(property: &Property<'_>, value: &BStr, nested: &[(&BStr, &BStr)]) -> bool {
    if nested.is_empty() {
        return property.more.is_empty() && property.value == value.as_bytes();
    }
    let written = sub_properties(property).map(|(_, key, value)| (key.as_bstr(), value.as_bstr()));
    property.more.len() == nested.len() && written.eq(nested.iter().copied())
}

fn has_control(text: &[u8]) -> bool {
    text.iter().any(|b| b.is_ascii_control() && *b != b'\t')
}

/// Whether every reader gives this value back as it is: no control characters, no white space at its ends, and no
/// comment sign first or behind white space.
fn is_plain(value: &BStr) -> bool {
    let odd_end = |c: Option<char>| c.is_some_and(is_python_space);
    let line = [b"k = ", value.as_bytes()].concat();
    !has_control(value)
        && !odd_end(value.chars().next())
        && !odd_end(value.chars().next_back())
        && super::property::comment(&line).is_none()
        // Python also ends a nested line at these.
        && !value.chars().any(|c| matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}'))
}
