//! Where the sections of a file stand: one pass over its lines, quick for any size.

use std::borrow::Cow;

use super::header::{self, Header};
use super::lines::{Line, Lines, What};
use super::seek::find;
use super::{FileKind, SectionKind, property};

/// Few files have sections that are smaller than this on average, in bytes.
const USUAL_SECTION: usize = 64;

/// Where a section stands. Kept small: under a hypervisor each page (4 KB) that is written for the first time costs 1.4 µs,
/// and the index of 5,000 profiles took 95 of them with words of 64 bits and no room made in advance; so it takes 35.
#[derive(Debug)]
pub(super) struct Found {
    pub kind: SectionKind,
    pub bare_default: bool,
    /// The header's line number.
    pub line: u32,
    name: NameAt,
    start: u32,
    body: u32,
    end: u32,
}

/// From where to where a name is: in the document, and behind its end in [`Index::unquoted`].
#[derive(Debug)]
struct NameAt {
    start: u32,
    end: u32,
}

/// Where everything is.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub sections: Vec<Found>,
    /// The sections `[DEFAULT]`, whose keys botocore lends to all others.
    pub lenders: Vec<usize>,
    /// The names that do not stand in the document as they are, one behind the other.
    unquoted: Vec<u8>,
    /// The first line that no reader understands.
    pub fault: Option<(u32, &'static str)>,
}

impl Index {
    /// Reads a file.
    pub fn of(bytes: &[u8], kind: FileKind) -> Index {
        // Room that nothing is written to costs nothing; growing costs a copy of what is there.
        let sections = Vec::with_capacity(bytes.len() / USUAL_SECTION);
        let mut index = Index { fault: binary(bytes), sections, ..Index::default() };
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
            last.end = place(line.start);
        }
        let header = header::read(line.text, kind).unwrap_or_else(|| {
            self.note(line, "this header has no closing ]");
            Header { kind: SectionKind::Other, name: Cow::Borrowed(b""), bare_default: false }
        });
        if *header.name == *b"DEFAULT" && header::botocore_text(line.text) == Some(b"DEFAULT") {
            self.lenders.push(self.sections.len());
        }
        let name = self.name_at(bytes, header.name);
        self.sections.push(Found {
            kind: header.kind,
            bare_default: header.bare_default,
            line: line.number,
            name,
            start: place(line.start),
            body: place(line.next),
            end: place(bytes.len()),
        });
    }

    /// The place of a name: in the document where it stands there as it is, for then it is a borrowed part of `bytes`.
    fn name_at(&mut self, bytes: &[u8], name: Cow<'_, [u8]>) -> NameAt {
        let start = match &name {
            Cow::Borrowed(name) if !name.is_empty() => name.as_ptr() as usize - bytes.as_ptr() as usize,
            name => {
                let start = bytes.len() + self.unquoted.len();
                self.unquoted.extend_from_slice(name);
                start
            }
        };
        NameAt { start: place(start), end: place(start + name.len()) }
    }

    /// The name in a header of this document, without quotes; for other sections the text in the brackets.
    pub fn name_of<'a>(&'a self, bytes: &'a [u8], found: &Found) -> &'a [u8] {
        let (start, end) = (found.name.start as usize, found.name.end as usize);
        match start.checked_sub(bytes.len()) {
            None => &bytes[start..end],
            Some(start) => &self.unquoted[start..end - bytes.len()],
        }
    }

    fn note(&mut self, line: &Line<'_>, what: &'static str) {
        self.fault = self.fault.or(Some((line.number, what)));
    }
}

impl Found {
    /// Where the header line begins.
    pub fn start(&self) -> usize {
        self.start as usize
    }

    /// Where the line below it begins.
    pub fn body(&self) -> usize {
        self.body as usize
    }

    /// Where the next header begins, or the end.
    pub fn end(&self) -> usize {
        self.end as usize
    }
}

fn place(at: usize) -> u32 {
    u32::try_from(at).expect("a document has less than 4 GB: larger files are not read")
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
