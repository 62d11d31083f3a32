//! What one of the readers would make of a file differently: for `doctor` and warnings, never on a hot path.

use std::collections::HashSet;
use std::fmt;

use bstr::ByteSlice;
use memchr::memchr;

use super::document::Document;
use super::header;
use super::index::Found;
use super::lines::{Lines, What, bom, is_python_space};
use super::property::{self, Delimiter, is_identifier};
use super::section::{Property, properties};
use super::{FileKind, SectionKind};

/// Who reads the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reader {
    /// The AWS CLI and boto3.
    Botocore,
    /// The SDKs that follow the specification (Rust, Java, Go, Kotlin, …).
    Sdk,
}

impl fmt::Display for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reader::Botocore => "the AWS CLI and boto3",
            Reader::Sdk => "the SDKs",
        })
    }
}

/// What comes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Effect {
    /// They see another value or name than awsenv.
    ReadDifferently,
    /// They pass over this line or section.
    Ignored,
    /// They refuse the whole file, or take it as empty.
    FileRefused,
}

/// One thing in a file that a reader does not take as awsenv does.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Complaint {
    pub line: u32,
    pub who: Reader,
    pub effect: Effect,
    /// What is there and how to mend it; holds no value.
    pub text: &'static str,
}

use Effect::{FileRefused, Ignored, ReadDifferently};
use Reader::{Botocore, Sdk};

impl Document {
    /// Everything that botocore or an SDK would refuse or read otherwise, by line. A line that nobody understands is
    /// [`Document::check`]'s matter.
    pub fn complaints(&self) -> Vec<Complaint> {
        let mut found = Vec::new();
        encoding(&self.bytes, &mut found);
        lines(&self.bytes, &mut found);
        sections(self, &mut found);
        found.sort_by_key(|complaint| complaint.line);
        found
    }
}

fn complain(found: &mut Vec<Complaint>, line: u32, who: Reader, effect: Effect, text: &'static str) {
    found.push(Complaint { line, who, effect, text });
}

fn encoding(bytes: &[u8], found: &mut Vec<Complaint>) {
    if bom(bytes) > 0 {
        for who in [Botocore, Sdk] {
            complain(found, 1, who, FileRefused, "a byte order mark comes first: save the file without it");
        }
    }
    if let Err(error) = std::str::from_utf8(bytes) {
        let line = memchr::memchr_iter(b'\n', &bytes[..error.valid_up_to()]).count() + 1;
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        for who in [Botocore, Sdk] {
            complain(found, line, who, FileRefused, "this is not UTF-8 text");
        }
    }
}

/// What a line's place and shape alone decide.
fn lines(bytes: &[u8], found: &mut Vec<Complaint>) {
    // As the SDKs see it: is a value open here, and is it a nested block?
    let (mut open, mut block) = (false, false);
    for line in Lines::of(bytes) {
        let indented = line.indent > 0;
        if line.trimmed().trim_with(is_python_space).contains(&b'\r') {
            complain(found, line.number, Botocore, FileRefused, "a carriage return within the line ends it");
        }
        match line.what {
            What::Comment if indented && (block || !open) => {
                complain(found, line.number, Sdk, FileRefused, "an indented comment: begin it in the first column");
            }
            What::Comment if indented => {
                let text = "an indented comment belongs to the value above: begin it in the first column";
                complain(found, line.number, Sdk, ReadDifferently, text);
            }
            What::Header => {
                if indented {
                    complain(found, line.number, Sdk, FileRefused, "an indented [section]");
                }
                (open, block) = (false, false);
            }
            What::Property => {
                if indented {
                    complain(found, line.number, Sdk, FileRefused, "an indented key: begin it in the first column");
                }
                let pair = property::split(line.text);
                (open, block) = (true, pair.is_some_and(|pair| pair.value.is_empty()));
            }
            What::Continuation if block => {
                let equals = memchr(b'=', property::strip_comment(line.trimmed()));
                if equals.is_none_or(|at| at == 0) {
                    complain(found, line.number, Sdk, FileRefused, "a line of a nested block that is not key = value");
                }
            }
            _ => {}
        }
    }
}

fn sections(document: &Document, found: &mut Vec<Complaint>) {
    let mut seen = HashSet::new();
    let prefixed_default = document
        .index
        .sections
        .iter()
        .any(|s| s.kind == SectionKind::Profile && !s.bare_default && document.name_of(s) == "default");
    for section in &document.index.sections {
        let end = document.bytes[section.start()..].find_byte(b'\n').map_or(section.end(), |at| section.start() + at);
        let text = document.bytes[section.start()..end].trim_end_with(|c| c == '\r');
        let text = super::lines::trim(text);
        one_header(document, section, text, found);
        if let Some(inner) = header::botocore_text(text)
            && !seen.insert(inner)
        {
            let text = "this [section] is there twice: put its keys into one";
            complain(found, section.line, Botocore, FileRefused, text);
        }
        if section.bare_default && prefixed_default && document.kind == FileKind::Config {
            let text = "[default] and [profile default] both: the SDKs and awsenv read only [profile default]";
            complain(found, section.line, Botocore, ReadDifferently, text);
        }
        let properties = properties(document, section);
        let mut keys = HashSet::new();
        for property in &properties {
            if !keys.insert(property.key.to_ascii_lowercase()) {
                let text = "this key is there twice in its section: leave one";
                complain(found, property.line, Botocore, FileRefused, text);
            }
            one_property(document, property, found);
        }
    }
}

fn one_header(document: &Document, section: &Found, text: &[u8], found: &mut Vec<Complaint>) {
    let (sdk, botocore) = (header::sdk_text(text), header::botocore_text(text));
    let (sdk_sees, botocore_sees) = match document.kind {
        FileKind::Config => (sdk.and_then(header::sdk_config), botocore.and_then(header::botocore_config)),
        FileKind::Credentials => {
            (sdk.and_then(header::sdk_credentials), botocore.and_then(header::botocore_credentials))
        }
    };
    let mut note = |who, effect, text| complain(found, section.line, who, effect, text);
    if sdk.is_none() {
        note(Sdk, FileRefused, "the header does not end with its ] for them (text, # or ; in it)");
    }
    if botocore == Some(b"DEFAULT") {
        note(Sdk, ReadDifferently, "[DEFAULT] lends its keys to every section in the AWS CLI, boto3 and awsenv only");
        return;
    }
    if section.kind == SectionKind::Other {
        let known = [&b"plugins"[..], b"preview"];
        if document.kind == FileKind::Config && !sdk.is_some_and(|text| known.contains(&text)) {
            let text = "nobody reads this section: a profile is [profile NAME] here";
            note(Botocore, Ignored, text);
            note(Sdk, Ignored, text);
        }
        return;
    }
    let same = |seen: &header::Header<'_>| seen.kind == section.kind && *seen.name == **document.name_of(section);
    match sdk_sees {
        None if sdk.is_some() => note(Sdk, Ignored, "the name has characters beyond A-Z a-z 0-9 _ - / . % @ : +"),
        _ => {}
    }
    match botocore_sees {
        None => note(Botocore, Ignored, "blanks or a comment in the header hide this section"),
        Some(seen) if !same(&seen) => {
            note(Botocore, ReadDifferently, "blanks or a comment in the header are in the name")
        }
        Some(_) => {}
    }
}

fn one_property(document: &Document, property: &Property<'_>, found: &mut Vec<Complaint>) {
    let line = Lines::below_header(&document.bytes, property.start, property.line).next();
    let Some(line) = line else { return };
    let mut note = |who, effect, text| complain(found, property.line, who, effect, text);
    match property.delimiter {
        Delimiter::Colon(_) if memchr(b'=', property::strip_comment(line.text)).is_none() => {
            note(Sdk, FileRefused, "key: value instead of key = value");
        }
        Delimiter::Colon(_) => note(Sdk, Ignored, "key: value instead of key = value"),
        Delimiter::Equals(_) if memchr(b'=', property::strip_comment(line.text)).is_none() => {
            note(Sdk, FileRefused, "a comment stands in front of the =");
        }
        Delimiter::Equals(at) => {
            if !is_identifier(property.key) {
                note(Sdk, Ignored, "the key has characters beyond A-Z a-z 0-9 _ - / . % @ : +");
            }
            match memchr(b':', &line.text[..at]) {
                Some(0) => note(Botocore, FileRefused, "the key begins with a colon"),
                Some(_) => note(Botocore, ReadDifferently, "the key ends at the colon"),
                None => {}
            }
        }
    }
    if property::comment(line.text).is_some() {
        note(Botocore, ReadDifferently, "the comment behind the value belongs to the value: give it its own line");
    }
    let stripped = property.value.trim_with(is_python_space);
    if stripped != property.value {
        note(Botocore, ReadDifferently, "a no-break or other odd space beside the value is not part of it");
    }
}
