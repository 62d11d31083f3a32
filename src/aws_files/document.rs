//! A document: the bytes of one file, an index of its sections, and their properties when they are asked for.
//!
//! `list` reads thousands of profiles and every command reads one, so the index is one pass over the lines (30,000 of
//! them in about a millisecond) that takes no property apart; a section's lines are read when it is looked up.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::SystemTime;

use bstr::{BStr, ByteSlice};
use memchr::memchr;

use super::header::{self, Header};
use super::lines::{Line, Lines, What, trim};
use super::{FileError, FileKind, SectionKind, property};

/// Larger files are refused: a hundred thousand profiles take less.
const LIMIT: u64 = 128 << 20;

/// One file, as it is.
#[derive(Debug)]
pub struct Document {
    pub(super) path: PathBuf,
    pub(super) kind: FileKind,
    pub(super) bytes: Vec<u8>,
    pub(super) sections: Vec<Found>,
    exists: bool,
    modified: Option<SystemTime>,
    fault: Option<(u32, &'static str)>,
    profiles: OnceLock<Names>,
}

/// Where a section stands.
#[derive(Debug)]
pub(super) struct Found {
    pub kind: SectionKind,
    name: NameAt,
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
enum NameAt {
    Here { start: usize, end: usize },
    Unquoted(Vec<u8>),
}

/// Profiles by name; the sections of one name are a chain in file order.
#[derive(Debug, Default)]
struct Names {
    first: HashMap<Vec<u8>, usize>,
    next: HashMap<usize, usize>,
    order: Vec<usize>,
}

impl Document {
    /// Reads a file. One that does not exist is an empty document that knows so.
    ///
    /// An error names the file, and the line of what no reader could make sense of: then the AWS CLI and the SDKs
    /// refuse the whole file, too.
    pub fn read(path: &Path, kind: FileKind) -> Result<Document, FileError> {
        let document = Self::read_broken(path, kind)?;
        document.check()?;
        Ok(document)
    }

    /// The same, also when there is a line that no reader understands: for a list of everything that is wrong.
    pub fn read_broken(path: &Path, kind: FileKind) -> Result<Document, FileError> {
        let unreadable = |source| FileError::Unreadable { path: path.to_owned(), source };
        let mut document = Document::parse(Vec::new(), kind);
        (document.path, document.exists) = (path.to_owned(), false);
        let mut file = match open(path) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(document),
            Err(e) => return Err(unreadable(e)),
        };
        let seen = file.metadata().map_err(unreadable)?;
        if seen.len() > LIMIT {
            return Err(FileError::TooBig { path: path.to_owned(), limit: LIMIT });
        }
        let mut bytes = Vec::new();
        if seen.is_file() {
            bytes.reserve_exact(usize::try_from(seen.len()).unwrap_or_default() + 1);
            file.by_ref().take(LIMIT).read_to_end(&mut bytes).map_err(unreadable)?;
        } else if !is_null_device(&seen) {
            return Err(FileError::NotAFile { path: path.to_owned() });
        }
        let read = Document::parse(bytes, kind);
        Ok(Document { path: path.to_owned(), exists: true, modified: seen.modified().ok(), ..read })
    }

    /// A document from bytes, without a path.
    pub fn parse(bytes: Vec<u8>, kind: FileKind) -> Document {
        let (sections, fault) = index(&bytes, kind);
        Document {
            path: PathBuf::new(),
            kind,
            bytes,
            sections,
            exists: true,
            modified: None,
            fault,
            profiles: OnceLock::new(),
        }
    }

    /// The first line that no reader understands, as an error.
    pub fn check(&self) -> Result<(), FileError> {
        match self.fault {
            None => Ok(()),
            Some((line, what)) => Err(FileError::Broken { path: self.path.clone(), line, what }),
        }
    }

    /// The file's path as it was asked for; links are not followed in it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Config or credentials.
    pub fn kind(&self) -> FileKind {
        self.kind
    }

    /// Whether the file was there.
    pub fn exists(&self) -> bool {
        self.exists
    }

    /// When the file was last changed, as seen before it was read; `None` for one that was not there.
    pub fn modified(&self) -> Option<SystemTime> {
        self.modified
    }

    /// The whole file.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Takes new bytes after an edit and gives the old ones back.
    pub(super) fn replace(&mut self, bytes: Vec<u8>) -> Vec<u8> {
        (self.sections, self.fault) = index(&bytes, self.kind);
        self.profiles = OnceLock::new();
        std::mem::replace(&mut self.bytes, bytes)
    }

    /// The profile of this name: all its sections in this file as one.
    pub fn profile(&self, name: &BStr) -> Option<Section<'_>> {
        self.section(SectionKind::Profile, name)
    }

    /// The section of this kind and name; sections that repeat are read as one, the last value of a key wins.
    pub fn section(&self, kind: SectionKind, name: &BStr) -> Option<Section<'_>> {
        let parts = self.parts(kind, name);
        (!parts.is_empty()).then(|| Section::new(self, parts))
    }

    /// The places of a section, in file order, without a `[default]` that `[profile default]` hides.
    pub(super) fn parts(&self, kind: SectionKind, name: &BStr) -> Vec<usize> {
        let mut parts: Vec<usize> = match self.profiles.get() {
            Some(names) if kind == SectionKind::Profile => {
                std::iter::successors(names.first.get(name.as_bytes()), |at| names.next.get(at)).copied().collect()
            }
            // One look-up needs no table: comparing 5,000 names takes less time than hashing them.
            _ => {
                let same = |found: &Found| found.kind == kind && self.name_of(found) == name;
                self.sections.iter().enumerate().filter(|(_, found)| same(found)).map(|(at, _)| at).collect()
            }
        };
        if parts.iter().any(|at| !self.sections[*at].bare_default) {
            parts.retain(|at| !self.sections[*at].bare_default);
        }
        parts
    }

    /// The names of the profiles in file order, each once.
    pub fn profile_names(&self) -> impl Iterator<Item = &BStr> {
        self.names(SectionKind::Profile)
    }

    /// The names of the sections of a kind in file order, each once for profiles.
    pub fn names(&self, kind: SectionKind) -> impl Iterator<Item = &BStr> {
        let profiles = (kind == SectionKind::Profile).then(|| self.profiles.get_or_init(|| self.collect_profiles()));
        let named = profiles.into_iter().flat_map(|names| names.order.iter().map(|at| &self.sections[*at]));
        let others = self.sections.iter().filter(move |found| profiles.is_none() && found.kind == kind);
        named.chain(others).map(|found| self.name_of(found))
    }

    fn collect_profiles(&self) -> Names {
        let mut names = Names::default();
        let mut last = HashMap::new();
        for (at, found) in self.sections.iter().enumerate().filter(|(_, found)| found.kind == SectionKind::Profile) {
            let name = self.name_of(found).as_bytes();
            match last.insert(name, at) {
                Some(before) => {
                    names.next.insert(before, at);
                }
                None => {
                    names.first.insert(name.to_vec(), at);
                    names.order.push(at);
                }
            }
        }
        names
    }

    /// The name in a header, without quotes; for other sections the text in the brackets.
    pub(super) fn name_of<'a>(&'a self, found: &'a Found) -> &'a BStr {
        match &found.name {
            NameAt::Here { start, end } => self.bytes[*start..*end].as_bstr(),
            NameAt::Unquoted(name) => name.as_bstr(),
        }
    }
}

/// A section of a document, or several of the same name read as one.
#[derive(Debug, Clone)]
pub struct Section<'a> {
    document: &'a Document,
    parts: Vec<usize>,
    properties: Vec<Property<'a>>,
}

/// A value and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value<'a> {
    /// Without the comment behind it; lines of a longer value are joined by `\n`, without their blanks.
    pub bytes: Cow<'a, BStr>,
    /// The line of its key.
    pub line: u32,
    /// The file.
    pub path: &'a Path,
}

/// One property as it stands.
#[derive(Debug, Clone)]
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
    fn new(document: &'a Document, parts: Vec<usize>) -> Self {
        let properties = parts.iter().flat_map(|at| properties(document, &document.sections[*at])).collect();
        Section { document, parts, properties }
    }

    /// The name in the header.
    pub fn name(&self) -> &'a BStr {
        self.document.name_of(&self.document.sections[self.parts[0]])
    }

    /// The line of the (first) header.
    pub fn line(&self) -> u32 {
        self.document.sections[self.parts[0]].line
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
        let (line, _, value) = nested(property).filter(|(_, name, _)| *name == sub_key.as_bytes()).last()?;
        Some(Value { bytes: Cow::Borrowed(value.as_bstr()), line, path: &self.document.path })
    }

    /// All keys of this section as written, with their values, in file order; a key that repeats comes again.
    pub fn entries(&self) -> impl Iterator<Item = (&'a BStr, Value<'a>)> {
        self.properties.iter().map(|property| (property.key.as_bstr(), self.document.value(property)))
    }

    /// The entries of a nested block: name and value.
    pub fn nested_entries(&self, key: &str) -> impl Iterator<Item = (&'a BStr, &'a BStr)> {
        let property = self.properties.iter().rev().find(|property| property.is(key));
        property.into_iter().flat_map(nested).map(|(_, name, value)| (name.as_bstr(), value.as_bstr()))
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

    /// configparser lends the keys of `[DEFAULT]` to every section of the file.
    fn inherited(&self, key: &str) -> Option<Value<'_>> {
        let defaults = self.sections.iter().filter(|found| self.name_of(found) == "DEFAULT");
        let found = defaults.flat_map(|found| properties(self, found)).filter(|property| property.is(key)).last()?;
        Some(self.value(&found))
    }
}

/// The properties of one section in file order.
pub(super) fn properties<'a>(document: &'a Document, found: &Found) -> Vec<Property<'a>> {
    let mut properties: Vec<Property<'a>> = Vec::new();
    for line in Lines::below_header(&document.bytes[..found.end], found.body, found.line + 1) {
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
pub(super) fn nested<'a>(property: &Property<'a>) -> impl Iterator<Item = (u32, &'a [u8], &'a [u8])> {
    let lines = if property.value.is_empty() { property.more.clone() } else { Vec::new() };
    lines.into_iter().filter_map(|line| {
        let text = line.text;
        let at = memchr(b'=', text)?;
        Some((line.number, trim(&text[..at]), trim(&text[at + 1..])))
    })
}

/// The sections of a file, and the first line that no reader understands.
fn index(bytes: &[u8], kind: FileKind) -> (Vec<Found>, Option<(u32, &'static str)>) {
    let mut sections: Vec<Found> = Vec::new();
    let mut fault = binary(bytes);
    let mut note = |line: u32, what| fault = fault.take().or(Some((line, what)));
    let mut open: &[u8] = b"";
    for line in Lines::of(bytes) {
        match line.what {
            What::Header => {
                if let Some(last) = sections.last_mut() {
                    last.end = line.start;
                }
                let header = header::read(line.text, kind).unwrap_or_else(|| {
                    note(line.number, "this header has no closing ]");
                    Header { kind: SectionKind::Other, name: Cow::Borrowed(b""), bare_default: false }
                });
                sections.push(Found {
                    kind: header.kind,
                    bare_default: header.bare_default,
                    name: place(bytes, header.name),
                    line: line.number,
                    start: line.start,
                    body: line.next,
                    end: bytes.len(),
                });
            }
            What::Property => {
                open = line.text;
                if !property::is_property(line.text) {
                    note(line.number, "this line is neither a [section], nor key = value, nor a # comment");
                }
            }
            What::Continuation => {
                // Only below an empty value is each line a key and a value of its own.
                if memchr(b'=', line.text).is_none() && property::split(open).is_some_and(|p| p.value.is_empty()) {
                    note(line.number, "this line of a nested block is not key = value");
                }
            }
            What::Stray => note(line.number, "there must be a [section] above this line"),
            What::Blank | What::Comment => {}
        }
    }
    (sections, fault)
}

/// The name as a place in the document where it stands there as it is: a borrowed name is a part of `bytes`.
fn place(bytes: &[u8], name: Cow<'_, [u8]>) -> NameAt {
    match name {
        Cow::Borrowed(name) if !name.is_empty() => {
            let start = name.as_ptr() as usize - bytes.as_ptr() as usize;
            NameAt::Here { start, end: start + name.len() }
        }
        name => NameAt::Unquoted(name.into_owned()),
    }
}

/// A NUL byte, which no text file has.
fn binary(bytes: &[u8]) -> Option<(u32, &'static str)> {
    let at = memchr(0, bytes)?;
    let line = memchr::memchr_iter(b'\n', &bytes[..at]).count() + 1;
    let what = match &bytes[..bytes.len().min(2)] {
        b"\xff\xfe" | b"\xfe\xff" => "this is UTF-16 text: save the file as UTF-8",
        _ => "there is a NUL byte here: this is not a text file",
    };
    Some((u32::try_from(line).unwrap_or(u32::MAX), what))
}

/// Opens for reading without waiting for the other end of a pipe.
fn open(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    }
    options.open(path)
}

/// `AWS_CONFIG_FILE=/dev/null` is a common way to say "no file".
#[cfg(unix)]
fn is_null_device(seen: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::{FileTypeExt, MetadataExt};
    let null = std::fs::metadata("/dev/null").map(|null| null.rdev());
    seen.file_type().is_char_device() && null.is_ok_and(|null| null == seen.rdev())
}

#[cfg(not(unix))]
fn is_null_device(_: &std::fs::Metadata) -> bool {
    false
}
