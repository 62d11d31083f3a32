//! A document: the bytes of one file, an index of its sections, and their properties when they are asked for.
//!
//! `list` reads thousands of profiles and every command reads one, so the index is one pass over the lines (26,000 of
//! them, 580 KB, in 0.2 ms) that takes no property apart; a section's lines are read when it is looked up. Having the
//! bytes takes as long again: 0.05 ms to copy them, the rest for the system to give pages to hold them.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::SystemTime;

use bstr::{BStr, ByteSlice};

use super::index::{Found, Index};
use super::section::Section;
use super::{FileError, FileKind, SectionKind};

/// Larger files are refused: a hundred thousand profiles take less.
const LIMIT: u64 = 32 << 20;

/// So many names are compared sooner than one is hashed.
const FEW: usize = 16;

/// One file, as it is.
pub struct Document {
    pub(super) path: PathBuf,
    pub(super) kind: FileKind,
    pub(super) bytes: Vec<u8>,
    pub(super) index: Index,
    exists: bool,
    modified: Option<SystemTime>,
    profiles: OnceLock<Names>,
    sso_sessions: OnceLock<Names>,
    services: OnceLock<Names>,
}

/// Sections of one kind by name; the sections of one name are a chain in file order.
#[derive(Default)]
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
        // `AWS_CONFIG_FILE=NUL` is a common way to say "no file" on Windows, whose null device has no size.
        if cfg!(windows) && path.file_name().is_some_and(|name| name.eq_ignore_ascii_case("nul")) {
            return Ok(document);
        }
        let mut file = match open(path) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(document),
            Err(e) => return Err(unreadable(e)),
        };
        let seen = file.metadata().map_err(unreadable)?;
        if seen.len() > LIMIT {
            return Err(FileError::TooBig { path: path.to_owned(), limit: LIMIT });
        }
        let bytes = if seen.is_file() {
            read_all(&mut file, seen.len()).map_err(unreadable)?
        } else if is_null_device(&seen) {
            Vec::new()
        } else {
            return Err(FileError::NotAFile { path: path.to_owned() });
        };
        let read = Document::parse(bytes, kind);
        Ok(Document { path: path.to_owned(), exists: true, modified: seen.modified().ok(), ..read })
    }

    /// A document from bytes, without a path.
    pub fn parse(bytes: Vec<u8>, kind: FileKind) -> Document {
        let index = Index::of(&bytes, kind);
        Document {
            path: PathBuf::new(),
            kind,
            bytes,
            index,
            exists: true,
            modified: None,
            profiles: OnceLock::new(),
            sso_sessions: OnceLock::new(),
            services: OnceLock::new(),
        }
    }

    /// The first line that no reader understands, as an error.
    pub fn check(&self) -> Result<(), FileError> {
        match self.index.fault {
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

    /// The same, without the document.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Takes new bytes after an edit and gives the old ones back.
    pub(super) fn replace(&mut self, bytes: Vec<u8>) -> Vec<u8> {
        self.index = Index::of(&bytes, self.kind);
        (self.profiles, self.sso_sessions, self.services) = Default::default();
        std::mem::replace(&mut self.bytes, bytes)
    }

    /// The profile of this name: all its sections in this file as one.
    pub fn profile(&self, name: &BStr) -> Option<Section<'_>> {
        self.section(SectionKind::Profile, name)
    }

    /// Whether there is a profile of this name; what it says is not read.
    pub fn has_profile(&self, name: &BStr) -> bool {
        !self.parts(SectionKind::Profile, name).is_empty()
    }

    /// The section of this kind and name; sections that repeat are read as one, the last value of a key wins.
    pub fn section(&self, kind: SectionKind, name: &BStr) -> Option<Section<'_>> {
        let parts = self.parts(kind, name);
        (!parts.is_empty()).then(|| Section::new(self, parts))
    }

    /// The places of a section, in file order, without a `[default]` that `[profile default]` hides.
    pub(super) fn parts(&self, kind: SectionKind, name: &BStr) -> Vec<usize> {
        let table = match kind {
            // One look-up needs no table: comparing 5,000 names takes less time than hashing them.
            SectionKind::Profile => self.profiles.get().filter(|_| self.index.sections.len() > FEW),
            // There are few of these, and thousands of profiles may ask for the same one.
            SectionKind::SsoSession => Some(self.sso_sessions.get_or_init(|| self.collect(kind))),
            SectionKind::Services => Some(self.services.get_or_init(|| self.collect(kind))),
            SectionKind::Other => None,
        };
        let mut parts: Vec<usize> = match table {
            Some(names) => {
                std::iter::successors(names.first.get(name.as_bytes()), |at| names.next.get(at)).copied().collect()
            }
            None => {
                let same = |found: &Found| found.kind == kind && self.name_of(found) == name;
                self.index.sections.iter().enumerate().filter(|(_, found)| same(found)).map(|(at, _)| at).collect()
            }
        };
        if parts.iter().any(|at| !self.index.sections[*at].bare_default) {
            parts.retain(|at| !self.index.sections[*at].bare_default);
        }
        parts
    }

    /// How many sections there are, of any kind.
    pub fn count(&self) -> usize {
        self.index.sections.len()
    }

    /// The names of the profiles in file order, each once.
    pub fn profile_names(&self) -> impl Iterator<Item = &BStr> {
        self.names(SectionKind::Profile)
    }

    /// The names of the sections of a kind in file order, each once for profiles.
    pub fn names(&self, kind: SectionKind) -> impl Iterator<Item = &BStr> {
        let profiles = (kind == SectionKind::Profile).then(|| self.profiles.get_or_init(|| self.collect(kind)));
        let named = profiles.into_iter().flat_map(|names| names.order.iter().map(|at| &self.index.sections[*at]));
        let others = self.index.sections.iter().filter(move |found| profiles.is_none() && found.kind == kind);
        named.chain(others).map(|found| self.name_of(found))
    }

    fn collect(&self, kind: SectionKind) -> Names {
        let many = if kind == SectionKind::Profile { self.index.sections.len() } else { 0 };
        let (first, order) = (HashMap::with_capacity(many), Vec::with_capacity(many));
        let mut names = Names { first, order, ..Names::default() };
        let mut last = HashMap::with_capacity(many);
        for (at, found) in self.index.sections.iter().enumerate().filter(|(_, found)| found.kind == kind) {
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
        self.index.name_of(&self.bytes, found).as_bstr()
    }
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
    #[cfg(windows)]
    {
        // It is being replaced at this moment, or a virus scanner has it.
        crate::windows::patiently(crate::windows::MOMENT, || options.open(path))
    }
    #[cfg(unix)]
    options.open(path)
}

/// The whole file, in one read where it still has the size that was seen: `read_to_end` alone comes to 580 KB in seven
/// steps, which takes 20 µs longer. (Zeros that come fresh from the system cost nothing.)
fn read_all(file: &mut File, size: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(size).unwrap_or_default()];
    let read = match file.read(&mut bytes) {
        Err(e) if e.kind() == io::ErrorKind::Interrupted => 0,
        read => read?,
    };
    bytes.truncate(read);
    file.take(LIMIT - read as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// `AWS_CONFIG_FILE=/dev/null` is a common way to say "no file".
#[cfg(unix)]
fn is_null_device(seen: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::{FileTypeExt, MetadataExt};
    let null = std::fs::metadata("/dev/null").map(|null| null.rdev());
    seen.file_type().is_char_device() && null.is_ok_and(|null| null == seen.rdev())
}

#[cfg(windows)]
fn is_null_device(_: &std::fs::Metadata) -> bool {
    false
}
