//! A section's properties, taken apart when it is looked up.

use std::borrow::Cow;
use std::path::Path;

use bstr::{BStr, ByteSlice};

use super::document::Document;
use super::index::Found;
use super::lines::{Line, Lines, What, trim};
use super::property;
use super::seek::find;

/// A section of a document, or several of the same name read as one.
#[derive(Debug, Clone)]
pub struct Section<'a> {
    document: &'a Document,
    parts: Vec<usize>,
    properties: Vec<Property<'a>>,
}

/// A value and its place.
#[derive(Clone, PartialEq, Eq)]
pub struct Value<'a> {
    /// Without the comment behind it; lines of a longer value are joined by `\n`, without their blanks.
    pub bytes: Cow<'a, BStr>,
    /// The line of its key.
    pub line: u32,
    /// The file.
    pub path: &'a Path,
}

/// One property as it stands.
#[derive(Clone)]
pub(super) struct Property<'a> {
    pub key: &'a [u8],
    pub value: &'a [u8],
    pub line: u32,
    /// Where its line begins.
    pub start: usize,
    /// Where the line below it begins.
    pub next: usize,
    pub indent: usize,
    pub delimiter: property::Delimiter,
    /// The lines that continue the value.
    pub more: Vec<Line<'a>>,
}

impl Property<'_> {
    pub(super) fn is(&self, key: &str) -> bool {
        self.key.eq_ignore_ascii_case(key.as_bytes())
    }
}

impl<'a> Section<'a> {
    pub(super) fn new(document: &'a Document, parts: Vec<usize>) -> Self {
        let of = |at: &usize| properties(document, &document.index.sections[*at]);
        let properties = match &parts[..] {
            [one] => of(one),
            parts => parts.iter().flat_map(of).collect(),
        };
        Section { document, parts, properties }
    }

    /// The name in the header.
    pub fn name(&self) -> &'a BStr {
        self.document.name_of(&self.document.index.sections[self.parts[0]])
    }

    /// The line of the (first) header.
    pub fn line(&self) -> u32 {
        self.document.index.sections[self.parts[0]].line
    }

    /// The file.
    pub fn path(&self) -> &'a Path {
        &self.document.path
    }

    /// The value of a key (given in lower case). Where this section has none, botocore's `[DEFAULT]` may have one.
    pub fn get(&self, key: &str) -> Option<Value<'a>> {
        self.own(key).or_else(|| self.document.inherited(key))
    }

    /// The value of a key written in this section itself.
    pub fn own(&self, key: &str) -> Option<Value<'a>> {
        self.properties.iter().rev().find(|property| property.is(key)).map(|property| self.document.value(property))
    }

    /// A value in a nested block: `nested("sts", "endpoint_url")` in a services section, `nested("s3", …)`.
    pub fn nested(&self, key: &str, sub_key: &str) -> Option<Value<'a>> {
        let property = self.properties.iter().rev().find(|property| property.is(key))?;
        // Sub-keys are compared as they are written, as every reader does.
        let (line, _, value) = sub_properties(property).filter(|(_, name, _)| *name == sub_key.as_bytes()).last()?;
        Some(Value { bytes: Cow::Borrowed(value.as_bstr()), line, path: &self.document.path })
    }

    /// All keys of this section as written, with their values, in file order; a key that repeats comes again.
    pub fn entries(&self) -> impl Iterator<Item = (&'a BStr, Value<'a>)> {
        self.properties.iter().map(|property| (property.key.as_bstr(), self.document.value(property)))
    }

    /// The entries of a nested block: name and value.
    pub fn nested_entries(&self, key: &str) -> impl Iterator<Item = (&'a BStr, &'a BStr)> {
        let property = self.properties.iter().rev().find(|property| property.is(key));
        property.into_iter().flat_map(sub_properties).map(|(_, name, value)| (name.as_bstr(), value.as_bstr()))
    }
}

impl Document {
    fn value<'a>(&'a self, property: &Property<'a>) -> Value<'a> {
        let bytes = if property.more.is_empty() {
            Cow::Borrowed(property.value.as_bstr())
        } else {
            let mut joined = property.value.to_vec();
            for line in &property.more {
                joined.push(b'\n');
                joined.extend_from_slice(line.trimmed());
            }
            Cow::Owned(joined.into())
        };
        Value { bytes, line: property.line, path: &self.path }
    }

    /// Whether there is a `[DEFAULT]` whose keys every section has.
    pub fn lends(&self) -> bool {
        !self.index.lenders.is_empty()
    }

    /// configparser lends the keys of `[DEFAULT]` to every section of the file.
    fn inherited(&self, key: &str) -> Option<Value<'_>> {
        let lenders = self.index.lenders.iter().map(|at| &self.index.sections[*at]);
        lenders.flat_map(|lender| properties(self, lender)).filter(|p| p.is(key)).last().map(|p| self.value(&p))
    }
}

/// The properties of one section in file order.
pub(super) fn properties<'a>(document: &'a Document, found: &Found) -> Vec<Property<'a>> {
    let mut properties: Vec<Property<'a>> = Vec::new();
    for line in Lines::below_header(&document.bytes[..found.end()], found.body(), found.line + 1) {
        match line.what {
            What::Property => {
                if let Some(pair) = property::split(line.text) {
                    properties.push(Property {
                        key: pair.key,
                        value: pair.value,
                        line: line.number,
                        start: line.start,
                        next: line.next,
                        indent: line.indent,
                        delimiter: pair.delimiter,
                        more: Vec::new(),
                    });
                }
            }
            What::Continuation => {
                if let Some(property) = properties.last_mut() {
                    property.more.push(line);
                }
            }
            _ => {}
        }
    }
    properties
}

/// The nested block of a property whose own value is empty: line, name, value.
pub(super) fn sub_properties<'a>(property: &Property<'a>) -> impl Iterator<Item = (u32, &'a [u8], &'a [u8])> {
    let lines = if property.value.is_empty() { property.more.clone() } else { Vec::new() };
    lines.into_iter().filter_map(|line| {
        let text = line.text;
        let at = find(b'=', text)?;
        Some((line.number, trim(&text[..at]), trim(&text[at + 1..])))
    })
}
