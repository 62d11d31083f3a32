//! Where the sections of a file stand: one pass over its lines, quick for any size.

use std::borrow::Cow;

use super::header::{self, Header};
use super::lines::{Line, Lines, What};
use super::seek::find;
use super::{FileKind, SectionKind, property};

/// Where a section stands.
#[derive(Debug)]
pub(super) struct Found {
    pub kind: SectionKind,
    pub name: NameAt,
    pub bare_default: bool,
    /// The header's line number.
    pub line: u32,
    /// Where the header line begins.
    pub start: usize,
    /// Where the line below it begins.
    pub body: usize,
    /// Where the next header begins, or the end.
    pub end: usize,
}

#[derive(Debug)]
pub(super) enum NameAt {
    Here { start: usize, end: usize },
    Unquoted(Vec<u8>),
}

/// Where everything is.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub sections: Vec<Found>,
    /// The sections `[DEFAULT]`, whose keys botocore lends to all others.
    pub lenders: Vec<usize>,
    /// The first line that no reader understands.
    pub fault: Option<(u32, &'static str)>,
}

impl Index {
    /// Reads a file.
    pub fn of(bytes: &[u8], kind: FileKind) -> Index {
        let mut index = Index { fault: binary(bytes), ..Index::default() };
        let mut open: &[u8] = b"";
        for line in Lines::of(bytes) {
            match line.what {
                What::Header => index.header(bytes, &line, kind),
                What::Property => {
                    open = line.text;
                    if !property::is_property(line.text) {
                        index.note(&line, "this line is neither a [section], nor key = value, nor a # comment");
                    }
                }
                What::Continuation => {
                    // Only below an empty value is each line a key and a value of its own.
                    if find(b'=', line.text).is_none() && property::split(open).is_some_and(|p| p.value.is_empty()) {
                        index.note(&line, "this line of a nested block is not key = value");
                    }
                }
                What::Stray => index.note(&line, "there must be a [section] above this line"),
                What::Blank | What::Comment => {}
            }
        }
        index
    }

    fn header(&mut self, bytes: &[u8], line: &Line<'_>, kind: FileKind) {
        if let Some(last) = self.sections.last_mut() {
            last.end = line.start;
        }
        let header = header::read(line.text, kind).unwrap_or_else(|| {
            self.note(line, "this header has no closing ]");
            Header { kind: SectionKind::Other, name: Cow::Borrowed(b""), bare_default: false }
        });
        if *header.name == *b"DEFAULT" && header::botocore_text(line.text) == Some(b"DEFAULT") {
            self.lenders.push(self.sections.len());
        }
        self.sections.push(Found {
            kind: header.kind,
            bare_default: header.bare_default,
            name: NameAt::new(bytes, header.name),
            line: line.number,
            start: line.start,
            body: line.next,
            end: bytes.len(),
        });
    }

    fn note(&mut self, line: &Line<'_>, what: &'static str) {
        self.fault = self.fault.or(Some((line.number, what)));
    }
}

impl NameAt {
    /// As a place in the document where the name stands there as it is: a borrowed name is a part of `bytes`.
    fn new(bytes: &[u8], name: Cow<'_, [u8]>) -> NameAt {
        match name {
            Cow::Borrowed(name) if !name.is_empty() => {
                let start = name.as_ptr() as usize - bytes.as_ptr() as usize;
                NameAt::Here { start, end: start + name.len() }
            }
            name => NameAt::Unquoted(name.into_owned()),
        }
    }
}

/// A NUL byte, which no text file has.
fn binary(bytes: &[u8]) -> Option<(u32, &'static str)> {
    let at = find(0, bytes)?;
    let line = bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
    let what = match &bytes[..bytes.len().min(2)] {
        b"\xff\xfe" | b"\xfe\xff" => "this is UTF-16 text: save the file as UTF-8",
        _ => "there is a NUL byte here: this is not a text file",
    };
    Some((u32::try_from(line).unwrap_or(u32::MAX), what))
}
