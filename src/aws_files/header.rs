//! Section headers: `[default]`, `[profile dev]`, `[profile 'my prof']`, `[sso-session corp]`, `[services local]`.

use std::borrow::Cow;

use super::lines::{is_blank, trim};
use super::property::is_identifier;
use super::seek::find_either;
use super::{FileKind, SectionKind};

/// What a header line says to the union of the readers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header<'a> {
    pub kind: SectionKind,
    pub name: Cow<'a, [u8]>,
    /// `[default]` in the config file, which a `[profile default]` hides.
    pub bare_default: bool,
}

impl<'a> Header<'a> {
    fn new(kind: SectionKind, name: impl Into<Cow<'a, [u8]>>) -> Self {
        Header { kind, name: name.into(), bare_default: false }
    }
}

/// Reads a header line; `None` where it never closes.
pub(super) fn read(line: &[u8], file: FileKind) -> Option<Header<'_>> {
    plain(line, file).or_else(|| as_the_readers_do(line, file))
}

/// A profile's header without anything to argue about, as almost all are: a file may have thousands, and this takes a
/// quarter of the time.
fn plain(line: &[u8], file: FileKind) -> Option<Header<'_>> {
    let opening: &[u8] = match file {
        FileKind::Config => b"[profile ",
        FileKind::Credentials => b"[",
    };
    let name = line.strip_prefix(opening)?.strip_suffix(b"]")?;
    (!name.is_empty() && is_identifier(name)).then(|| Header::new(SectionKind::Profile, name))
}

fn as_the_readers_do(line: &[u8], file: FileKind) -> Option<Header<'_>> {
    let (sdk, botocore) = (sdk_text(line), botocore_text(line));
    let seen = match file {
        FileKind::Config => sdk.and_then(sdk_config).or_else(|| botocore.and_then(botocore_config)),
        FileKind::Credentials => sdk.and_then(sdk_credentials).or_else(|| botocore.and_then(botocore_credentials)),
    };
    let text = sdk.or(botocore)?;
    Some(seen.unwrap_or_else(|| Header::new(SectionKind::Other, trim(text))))
}

/// What stands in the brackets for the SDKs: a comment may follow the header without a blank before it, nothing else.
pub(super) fn sdk_text(line: &[u8]) -> Option<&[u8]> {
    let line = find_either(b'#', b';', line).map_or(line, |at| &line[..at]);
    trim(line).strip_prefix(b"[")?.strip_suffix(b"]")
}

/// What stands in the brackets for botocore: everything up to the last `]` of the line; the rest is ignored.
pub(super) fn botocore_text(line: &[u8]) -> Option<&[u8]> {
    let line = trim(line);
    let close = line.iter().rposition(|byte| *byte == b']')?;
    line.get(1..close).filter(|text| !text.is_empty())
}

pub(super) fn sdk_config(text: &[u8]) -> Option<Header<'_>> {
    let text = trim(text);
    let Some(at) = text.iter().position(|b| is_blank(*b)) else {
        let found = Header::new(SectionKind::Profile, text);
        return (text == b"default").then_some(Header { bare_default: true, ..found });
    };
    let (prefix, name) = (&text[..at], trim(&text[at..]));
    let kind = kind_of(|word| prefix == word)?;
    is_identifier(name).then(|| Header::new(kind, name))
}

pub(super) fn sdk_credentials(text: &[u8]) -> Option<Header<'_>> {
    let name = trim(text);
    (is_identifier(name) && !name.is_empty()).then(|| Header::new(SectionKind::Profile, name))
}

/// botocore looks at how the text begins, then counts shell words: `[profilex dev]` is a profile, too.
pub(super) fn botocore_config(text: &[u8]) -> Option<Header<'_>> {
    if text == b"default" {
        return Some(Header { bare_default: true, ..Header::new(SectionKind::Profile, text) });
    }
    let kind = kind_of(|word| text.starts_with(word))?;
    let mut words = shell_words(text)?;
    let name = words.pop().filter(|name| words.len() == 1 && !name.is_empty())?;
    Some(Header::new(kind, name))
}

pub(super) fn botocore_credentials(text: &[u8]) -> Option<Header<'_>> {
    (text != b"DEFAULT").then(|| Header::new(SectionKind::Profile, text))
}

fn kind_of(is: impl Fn(&[u8]) -> bool) -> Option<SectionKind> {
    [SectionKind::Profile, SectionKind::SsoSession, SectionKind::Services]
        .into_iter()
        .find(|kind| is(kind.prefix().as_bytes()))
}

/// The words of Python's `shlex.split`, which knows no comments here; `None` where a quote stays open.
pub(super) fn shell_words(text: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut words = Vec::new();
    let mut word: Option<Vec<u8>> = None;
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => words.extend(word.take()),
            b'\\' => word.get_or_insert_default().push(bytes.next()?),
            b'\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match bytes.next()? {
                        b'\'' => break,
                        byte => word.push(byte),
                    }
                }
            }
            b'"' => {
                let word = word.get_or_insert_default();
                loop {
                    match bytes.next()? {
                        b'"' => break,
                        b'\\' => match bytes.next()? {
                            byte @ (b'"' | b'\\') => word.push(byte),
                            byte => word.extend([b'\\', byte]),
                        },
                        byte => word.push(byte),
                    }
                }
            }
            byte => word.get_or_insert_default().push(byte),
        }
    }
    words.extend(word);
    Some(words)
}

/// The header line (without its end) for a new section. Names beyond the SDKs' set are quoted as the AWS CLI does.
pub(super) fn write(file: FileKind, kind: SectionKind, name: &[u8]) -> Vec<u8> {
    let bare = match (file, kind) {
        (FileKind::Credentials, _) => true,
        (FileKind::Config, SectionKind::Profile) => name == b"default",
        (FileKind::Config, _) => false,
    };
    let mut line = b"[".to_vec();
    if bare {
        line.extend_from_slice(name);
    } else {
        line.extend_from_slice(kind.prefix().as_bytes());
        line.push(b' ');
        if is_identifier(name) {
            line.extend_from_slice(name);
        } else {
            line.push(b'\'');
            for byte in name {
                match byte {
                    b'\'' => line.extend_from_slice(b"'\"'\"'"),
                    byte => line.push(*byte),
                }
            }
            line.push(b'\'');
        }
    }
    line.push(b']');
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn config_headers_are_read_as_the_union() {
        let cases: [(&str, Option<(SectionKind, &str)>); 19] = [
            ("[default]", Some((SectionKind::Profile, "default"))),
            ("[profile dev]", Some((SectionKind::Profile, "dev"))),
            ("[profile dev]# note", Some((SectionKind::Profile, "dev"))),
            ("[   profile dev   ]", Some((SectionKind::Profile, "dev"))),
            ("[profile  two]", Some((SectionKind::Profile, "two"))),
            ("[profile \"my prof\"]", Some((SectionKind::Profile, "my prof"))),
            ("[profile 'it'\"'\"'s']", Some((SectionKind::Profile, "it's"))),
            ("[profile my\\ prof]", Some((SectionKind::Profile, "my prof"))),
            ("[profile a] junk", Some((SectionKind::Profile, "a"))),
            ("[profile a#b]", Some((SectionKind::Profile, "a#b"))),
            ("[profile foo!bar]", Some((SectionKind::Profile, "foo!bar"))),
            ("[profilex dev]", Some((SectionKind::Profile, "dev"))),
            ("[sso-session corp]", Some((SectionKind::SsoSession, "corp"))),
            ("[services local]", Some((SectionKind::Services, "local"))),
            ("[profilefoo]", Some((SectionKind::Other, "profilefoo"))),
            ("[profile in valid]", Some((SectionKind::Other, "profile in valid"))),
            ("[profile \"open]", Some((SectionKind::Other, "profile \"open"))),
            ("[dev]", Some((SectionKind::Other, "dev"))),
            ("[profile dev", None),
        ];
        for (line, expected) in cases {
            let found = read(line.as_bytes(), FileKind::Config);
            let expected = expected.map(|(kind, name)| (kind, name.as_bytes().to_vec()));
            assert_eq!(found.map(|h| (h.kind, h.name.into_owned())), expected, "{line}");
        }
    }

    proptest! {
        #[test]
        fn a_plain_header_is_what_the_readers_say(line in r"\[(profile )?[ab\]#;' +-]{0,4}\]?[ \]#]?|\[(DEFAULT|default)\]") {
            for file in [FileKind::Config, FileKind::Credentials] {
                if let Some(header) = plain(line.as_bytes(), file) {
                    prop_assert_eq!(Some(header), as_the_readers_do(line.as_bytes(), file));
                }
            }
        }
    }

    #[test]
    fn credentials_headers_are_names_as_they_stand() {
        for (line, name) in [("[dev]", "dev"), ("[  dev ]", "dev"), ("[my prof]", "my prof"), ("[a]] x", "a]")] {
            let found = read(line.as_bytes(), FileKind::Credentials).expect("a header");
            assert_eq!((found.kind, &*found.name), (SectionKind::Profile, name.as_bytes()), "{line}");
        }
    }

    #[test]
    fn a_written_header_is_read_back() {
        for name in ["default", "dev", "my prof", "it's", "a]b", "\"x\"", "日本", "a\\b"] {
            let line = write(FileKind::Config, SectionKind::Profile, name.as_bytes());
            let found = read(&line, FileKind::Config).expect("a header");
            assert_eq!((found.kind, &*found.name), (SectionKind::Profile, name.as_bytes()));
        }
    }
}
