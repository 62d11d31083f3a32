//! What the set-up writes: shown as a difference, agreed to once, then written file by file.

use std::path::{Path, PathBuf};

use bstr::ByteSlice;
use secrecy::ExposeSecret;

use super::ask::Person;
use super::draft::Lines;
use super::newcomer::Done;
use super::proxy::Login;
use crate::aws_files::{self, Document, FileKind, Ready, SectionKind};
use crate::commands::keyring::Stored;
use crate::commands::{Desk, diff, readers};
use crate::error::{Error, Kind, Result};
use crate::keyring::{Item, Keyring};
use crate::net::{Keys, ProxyAddress};
use crate::profile::Files;
use crate::session::proxy;
use crate::settings::edit::{self, Change, edited};
use crate::terminal::{Colours, line, say, show_lines, warn};

/// Shows what will be new in which file, asks, and writes it. Nothing to write is no question. What is `for_keyring`, the secret
/// of keys and the password of a proxy, goes into the system's keyring first.
///
/// # Errors
/// The answer was no (without a line), Ctrl-C, or what cannot be written: that is tried before the question.
pub fn run(
    desk: &Desk,
    lines: &[Lines],
    changes: &[Change],
    (for_keyring, login): (Option<&Keys>, Option<&Login>),
    person: &Person,
    done: &mut Done,
) -> Result<()> {
    if lines.is_empty() && changes.is_empty() {
        return Ok(());
    }
    let mut ready: Vec<(PathBuf, Ready)> = Vec::new();
    let mut shown: Vec<(PathBuf, String)> = Vec::new();
    for kind in [FileKind::Config, FileKind::Credentials] {
        if !lines.iter().any(|lines| lines.kind == kind) {
            continue;
        }
        let path = match kind {
            FileKind::Config => &desk.files.paths.config,
            FileKind::Credentials => &desk.files.paths.credentials,
        };
        ready.push((path.clone(), aws_files::check_writable(path, kind)?));
        let before = Document::read(path, kind)?;
        let mut after = Document::parse(before.bytes().to_vec(), kind);
        add(&mut after, lines)?;
        shown.push((path.clone(), difference(before.bytes(), after.bytes())));
    }
    let settings = &desk.settings.path;
    if !changes.is_empty() {
        edit::check_writable(settings)?;
        let before = bytes_of(settings)?;
        shown.push((settings.clone(), difference(&before, &edited(&before, changes)?)));
    }
    let mut text = format!("{}\n", line("this is new:"));
    for (path, difference) in shown {
        text += &format!("{}\n{difference}", crate::terminal::clean(path.display().to_string()));
    }
    if let Some(Login { proxy, .. }) = login {
        text += &format!("{}\n+ the password of [proxy {proxy}]\n", Keyring::NAME);
    }
    if let Some(keys) = for_keyring {
        text += &format!("{}\n+ the secret of {}\n", Keyring::NAME, keys.access_key_id);
    }
    match person.yes {
        true => show_lines(text),
        false => person.tty.show_lines(&text),
    }
    if lines.iter().flat_map(|lines| &lines.entries).any(|entry| entry.key == "aws_secret_access_key") {
        let file = &desk.files.paths.credentials;
        if let Some(mend) = readers::mend(file) {
            warn(format!("others may read {}, where the secret goes: {mend}", file.display()));
        }
    }
    if !person.yes && !person.agrees(&[], "Write it?")? {
        return Err(Error::silent(Kind::Failed));
    }
    // Where the keyring refuses, it is asked where else the secret may go.
    done.storing = true;
    let keyring = match (for_keyring, login) {
        (None, None) => None,
        _ => Some(Keyring::open(&desk.host, Some(person.tty))?),
    };
    let mut of_login = None;
    let mut of_keys = None;
    if let Some(keyring) = &keyring {
        if let Some(Login { proxy, at, user, password }) = login {
            let label = format!("Proxy {proxy} ({user} at {at})");
            of_login = Some(Stored::put(keyring, Item::Proxy(proxy), label, password)?);
        }
        if let Some(keys) = for_keyring {
            let (id, secret) = (&keys.access_key_id, &keys.secret_access_key);
            let put = Stored::put(keyring, Item::AccessKey(id), format!("AWS access key {id}"), secret);
            of_keys = Some(put.map_err(|error| back(of_login.take(), error, done))?);
        }
    }
    done.storing = false;
    [&of_login, &of_keys].into_iter().flatten().for_each(|stored| say(stored.to_string()));
    let Err(error) = put(settings, lines, changes, ready, done) else { return Ok(()) };
    // What a file refers to by now stays, and where that cannot be seen.
    let is_used = |keys: &Keys| Files::read(&desk.host).map_or(true, |f| !f.places_of(&keys.access_key_id).is_empty());
    let unused_keys = of_keys.filter(|_| !for_keyring.is_some_and(is_used));
    let unused_login = of_login.filter(|_| !done.written.contains(&desk.settings.path));
    let error = back(unused_keys, error, done);
    Err(back(unused_login, error, done))
}

/// The keyring as it was, since this error came behind it.
fn back(stored: Option<Stored>, error: Error, done: &mut Done) -> Error {
    match stored.map(Stored::undo) {
        None | Some(None) => error,
        Some(Some(left)) => {
            done.kept = true;
            error.next(left)
        }
    }
}

fn put(
    settings: &Path,
    lines: &[Lines],
    changes: &[Change],
    ready: Vec<(PathBuf, Ready)>,
    done: &mut Done,
) -> Result<()> {
    if !changes.is_empty() {
        edit::write(settings, changes)?;
        done.written.push(settings.to_owned());
    }
    for (path, ready) in ready {
        ready.edit(|document| add(document, lines))?;
        done.written.push(path);
    }
    Ok(())
}

fn add(document: &mut Document, lines: &[Lines]) -> Result<()> {
    let kind = document.kind();
    for lines in lines.iter().filter(|lines| lines.kind == kind) {
        for entry in &lines.entries {
            let value = entry.value.expose_secret().as_bytes();
            document.set(SectionKind::Profile, lines.section.as_bstr(), entry.key, value.as_bstr())?;
        }
    }
    Ok(())
}

/// The bytes of the settings file; none where it is not there.
pub fn bytes_of(path: &Path) -> Result<Vec<u8>> {
    match std::fs::read(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        read => read.map_err(|e| Error::failed(format!("{}: cannot be read: {e}", path.display()))),
    }
}

fn difference(before: &[u8], after: &[u8]) -> String {
    diff::shown(&masked(before, b""), &masked(after, before), Colours::none())
}

/// The same lines with `***` in the place of what nobody shall see on a screen, and a word where it is another one than
/// `before` in that section.
fn masked(text: &[u8], before: &[u8]) -> Vec<u8> {
    let lines = |text: &'_ [u8]| -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut section = Vec::new();
        text.lines()
            .map(|line| {
                if line.trim_ascii_start().starts_with(b"[") {
                    section = line.trim_ascii().to_vec();
                }
                (section.clone(), line.trim_ascii().to_vec())
            })
            .collect()
    };
    let key_of = |line: &[u8]| line.find_byte(b'=').map(|at| line[..at].trim_ascii().to_ascii_lowercase());
    let (former, now) = (lines(before), lines(text));
    let mut out = Vec::with_capacity(text.len());
    for (at_line, line) in text.lines_with_terminator().enumerate() {
        let of_section = former.iter().filter(|(section, _)| *section == now[at_line].0);
        let mut same_key = of_section.filter(|(_, other)| key_of(other) == key_of(line)).peekable();
        let is_other = same_key.peek().is_some() && same_key.all(|(_, other)| *other != now[at_line].1);
        let Some(at) = line.find_byte(b'=') else {
            out.extend_from_slice(line);
            continue;
        };
        let (key, value) = (line[..at].trim_ascii().to_ascii_lowercase(), line[at + 1..].trim_ascii());
        let shown = match key.as_slice() {
            b"aws_secret_access_key" | b"aws_session_token" | b"aws_security_token" => b"***".to_vec(),
            b"http" | b"https" if value.contains(&b'@') => match ProxyAddress::parse(value) {
                Ok(address) => proxy::masked(&address).into_bytes(),
                Err(_) => b"***".to_vec(),
            },
            _ => {
                out.extend_from_slice(line);
                continue;
            }
        };
        let end = &line[line.trim_ascii_end().len()..];
        let other: &[u8] = if is_other { b" (another one)" } else { b"" };
        out.extend([&line[..=at], b" ", &shown, other, end].concat());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_in_a_difference() {
        let text = "[dev]\r\nAWS_Secret_Access_Key=SECRET\r\nregion = x\r\n[proxy a]\nhttps = http://t:SECRET@p:1\n\
                    http = SECRET@x:y:z\naws_session_token = SECRET";
        let shown = String::from_utf8(masked(text.as_bytes(), b"")).expect("UTF-8");
        assert!(!shown.contains("SECRET"), "{shown}");
        assert!(shown.starts_with("[dev]\r\nAWS_Secret_Access_Key= ***\r\nregion = x\r\n"), "{shown}");
        assert!(shown.contains("https = http://t:***@p:1\n"), "{shown}");
    }

    #[test]
    fn another_secret_shows_as_another_one() {
        let text =
            |secret: &str| format!("[a]\naws_secret_access_key = {secret}\n[proxy p]\nhttps = http://t:{secret}@p:1\n");
        let shown = difference(text("OLD").as_bytes(), text("NEW").as_bytes());
        assert!(shown.contains("+ aws_secret_access_key = *** (another one)"), "{shown}");
        assert!(shown.contains("+ https = http://t:***@p:1 (another one)"), "{shown}");
        assert!(!shown.contains("OLD") && !shown.contains("NEW"), "{shown}");
        assert_eq!(difference(text("OLD").as_bytes(), text("OLD").as_bytes()), "");
    }
}
