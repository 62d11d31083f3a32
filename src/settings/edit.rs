//! Changes to the settings file that touch only the lines they change: comments, order, blank lines, CRLF and a byte order
//! mark stay as they are.
//!
//! Not [`crate::aws_files::Document`], whose dialect is another one: there an indented line goes on with the value above it,
//! and a comment may stand behind a value; rust-ini, with which the settings are read, knows neither.

use std::ops::Range;
use std::path::Path;

use ini::Ini;
use secrecy::{ExposeSecret, SecretString};

use super::{Settings, read};
use crate::aws_files;
use crate::error::{Error, Result};

/// A section that has a name of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section<'n> {
    /// `[proxy NAME]`
    Proxy(&'n str),
    /// `[profile NAME]`, of this one profile: never a pattern.
    Profile(&'n str),
}

/// One key of a section: set, or taken away. A value may be a secret.
#[derive(Clone)]
pub struct Change<'n> {
    section: Section<'n>,
    key: &'n str,
    value: Option<SecretString>,
}

impl<'n> Change<'n> {
    /// `key = value`, in a new section at the file's end where there is none of that name.
    pub fn set(section: Section<'n>, key: &'n str, value: impl Into<SecretString>) -> Self {
        Change { section, key, value: Some(value.into()) }
    }

    /// Takes the key away, every line of it; no error where it is not there.
    pub fn remove(section: Section<'n>, key: &'n str) -> Self {
        Change { section, key, value: None }
    }

    fn text(&self) -> &str {
        self.value.as_ref().map(|value| value.expose_secret()).unwrap_or_default()
    }

    /// An address with a user, and perhaps a password, in it.
    fn may_hold_a_password(&self) -> bool {
        matches!(self.section, Section::Proxy(_)) && self.text().contains('@')
    }
}

impl Section<'_> {
    fn header(&self) -> String {
        match self {
            Section::Proxy(name) => format!("proxy {name}"),
            Section::Profile(name) => format!("profile {name}"),
        }
    }

    /// As the reader takes a header apart.
    fn is(&self, header: &str) -> bool {
        let (kind, name) = header.split_once([' ', '\t']).unwrap_or((header, ""));
        match self {
            Section::Proxy(own) => kind == "proxy" && name.trim() == *own,
            Section::Profile(own) => kind == "profile" && name.trim() == *own,
        }
    }

    fn check(&self) -> Result<()> {
        let (Section::Proxy(name) | Section::Profile(name)) = self;
        let odd = |c: char| c.is_control() || matches!(c, '[' | ']');
        let is_pattern = matches!(self, Section::Profile(_)) && name.contains(['*', '?']);
        if name.is_empty() || name.trim() != *name || name.contains(odd) || is_pattern {
            return Err(Error::failed(format!("[{}] cannot be a section of awsenv's settings", self.header())));
        }
        Ok(())
    }
}

/// The file's bytes with these changes.
///
/// # Errors
/// Names the section, or the key without its value, that cannot be written so that it is read back as it was meant; the
/// line of what is no settings file.
pub fn edited(text: &[u8], changes: &[Change]) -> Result<Vec<u8>> {
    let text = std::str::from_utf8(text).map_err(|_| Error::failed("not UTF-8 text"))?;
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    let eol = if lines.first().is_some_and(|line| line.ends_with("\r\n")) { "\r\n" } else { "\n" };
    for change in changes {
        change.section.check()?;
        apply(&mut lines, change, eol);
    }
    let after = lines.concat();
    check(&after, changes)?;
    Ok(after.into_bytes())
}

/// Changes the file, under the same lock and as whole as the AWS files are. A new one is its owner's alone (0600), and so is
/// from now on one that gets an address with a user in it.
///
/// # Errors
/// As [`edited`], and what keeps the file from being written; then nothing is changed.
pub fn write(path: &Path, changes: &[Change]) -> Result<()> {
    let private = changes.iter().any(Change::may_hold_a_password);
    aws_files::edit_own(path, private, |before| edited(before, changes).map_err(|e| e.within(path.display())))
}

/// Checks before a question what could fail in [`write`].
///
/// # Errors
/// Names what cannot be written or locked.
pub fn check_writable(path: &Path) -> Result<()> {
    aws_files::check_own(path)
}

fn apply(lines: &mut Vec<String>, change: &Change, eol: &str) {
    let parts: Vec<Range<usize>> =
        sections(lines).into_iter().filter(|(header, _)| change.section.is(header)).map(|(_, body)| body).collect();
    let in_parts = parts.iter().flat_map(Clone::clone);
    let mut places: Vec<usize> = in_parts.filter(|at| key_of(&lines[*at]) == Some(change.key)).collect();
    let line =
        |indent: &str, end: &str| format!("{indent}{} = {}", change.key, change.text()).trim_end().to_owned() + end;
    // The last line of a key is the one that counts: those before it would only keep an old value.
    let last = if change.value.is_some() { places.pop() } else { None };
    if let Some(at) = last {
        lines[at] = line(indent_of(&lines[at]), end_of(&lines[at]));
    } else if change.value.is_some() {
        match parts.last() {
            Some(body) => {
                let above = body.clone().rev().find(|at| key_of(&lines[*at]).is_some());
                let indent = above.map_or("", |at| indent_of(&lines[at])).to_owned();
                let above = above.unwrap_or(body.start - 1);
                let end = match end_of(&lines[above]) {
                    "" => eol,
                    end => end,
                };
                let new = line(&indent, end);
                if end_of(&lines[above]).is_empty() {
                    lines[above] += eol;
                }
                lines.insert(above + 1, new);
            }
            None => {
                if let Some(above) = lines.last_mut().filter(|line| !without_mark(line).is_empty()) {
                    if end_of(above).is_empty() {
                        above.push_str(eol);
                    }
                    if !above.trim().is_empty() {
                        lines.push(eol.to_owned());
                    }
                }
                lines.push(format!("[{}]{eol}", change.section.header()));
                lines.push(line("", eol));
            }
        }
    }
    for at in places.into_iter().rev() {
        lines.remove(at);
    }
}

/// The header of each section, and the numbers of the lines below it.
fn sections(lines: &[String]) -> Vec<(String, Range<usize>)> {
    let mut found: Vec<(String, Range<usize>)> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let text = without_mark(line).trim();
        if let Some(header) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            found.push((header.trim().to_owned(), at + 1..at + 1));
        } else if let Some((_, body)) = found.last_mut() {
            body.end = at + 1;
        }
    }
    found
}

fn key_of(line: &str) -> Option<&str> {
    let text = line.trim();
    let key = &text[..text.find(['=', ':'])?];
    (!text.starts_with(['#', ';'])).then(|| key.trim_end())
}

fn indent_of(line: &str) -> &str {
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

fn end_of(line: &str) -> &str {
    match line.strip_suffix("\r\n") {
        Some(_) => "\r\n",
        None if line.ends_with('\n') => "\n",
        None => "",
    }
}

fn without_mark(line: &str) -> &str {
    line.strip_prefix('\u{feff}').unwrap_or(line)
}

/// Whether the file is read back as it was meant.
fn check(after: &str, changes: &[Change]) -> Result<()> {
    read::read_into(&mut Settings::empty("settings".into(), false), after)?;
    let ini = Ini::load_from_str_opt(without_mark(after), read::dialect())
        .map_err(|e| Error::failed(format!("line {}: {}", e.line + 1, e.msg)))?;
    for (at, change) in changes.iter().enumerate() {
        let same = |other: &Change| other.section == change.section && other.key == change.key;
        if changes[at + 1..].iter().any(same) {
            continue;
        }
        let of_section = ini.iter().filter(|(header, _)| header.is_some_and(|header| change.section.is(header)));
        let read = of_section.flat_map(|(_, keys)| keys.iter()).rfind(|(key, _)| *key == change.key);
        if read.map(|(_, value)| value) != change.value.as_ref().map(|value| value.expose_secret()) {
            return Err(Error::failed(format!(
                "[{}] {}: the value cannot be written so that it is read back as it is",
                change.section.header(),
                change.key
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CORP: Section = Section::Proxy("corp");
    const DEV: Section = Section::Profile("dev");

    fn after(text: &str, changes: &[Change]) -> String {
        String::from_utf8(edited(text.as_bytes(), changes).expect("it can be written")).expect("UTF-8")
    }

    #[test]
    fn new_sections_stand_at_the_end_behind_a_blank_line() {
        let both = [Change::set(CORP, "https", "http://p:1"), Change::set(DEV, "proxy", "corp")];
        let new = "[proxy corp]\nhttps = http://p:1\n\n[profile dev]\nproxy = corp\n";
        assert_eq!(after("", &both), new);
        assert_eq!(after("# mine\n[guard]\nask = never", &both), format!("# mine\n[guard]\nask = never\n\n{new}"));
        assert_eq!(after(new, &both), new);
        assert_eq!(after("\u{feff}", &both), format!("\u{feff}{new}"));
        let dos = "\u{feff}[guard]\r\nask = never\r\n";
        assert_eq!(after(dos, &both), format!("{dos}\r\n{}", new.replace('\n', "\r\n")));
    }

    #[test]
    fn a_key_goes_below_the_last_one_of_its_section_and_is_replaced_where_it_stands() {
        let text = "[profile dev]\n  production = true\n# below\n\n[profile dev*]\nproxy = lab\n";
        let proxied = after(text, &[Change::set(DEV, "proxy", "corp")]);
        assert_eq!(proxied, text.replace("= true\n", "= true\n  proxy = corp\n"));
        assert_eq!(after(&proxied, &[Change::set(DEV, "proxy", "none")]), proxied.replace("= corp", "= none"));
        assert_eq!(after(&proxied, &[Change::remove(DEV, "proxy")]), text);
        assert_eq!(after("[profile dev]", &[Change::set(DEV, "proxy", "x")]), "[profile dev]\nproxy = x\n");
        assert_eq!(after(text, &[Change::remove(CORP, "https")]), text);
    }

    #[test]
    fn no_old_password_stays_behind() {
        let text =
            "[proxy corp]\nhttps = http://a:OLD@p:1\nhttps = http://a:OLD2@p:1\n[proxy lab]\nhttps = http://l:1\n";
        let moved = [Change::set(CORP, "https", "http://a@p:1"), Change::set(CORP, "password_process", "pass show p")];
        let now = after(text, &moved);
        assert_eq!(
            now,
            "[proxy corp]\nhttps = http://a@p:1\npassword_process = pass show p\n[proxy lab]\nhttps = http://l:1\n"
        );
    }

    #[test]
    fn what_would_be_read_otherwise_is_refused_without_its_value() {
        for (section, key, value) in [
            (Section::Profile("a*"), "proxy", "x"),
            (Section::Proxy("a]b"), "https", "x"),
            (Section::Proxy(" a"), "https", "x"),
            (Section::Proxy(""), "https", "x"),
            (CORP, "https", "SECRET\nhttp = y"),
            (CORP, "https", " SECRET"),
            (CORP, "https", "SECRET\\"),
            (CORP, "no_such_key", "SECRET"),
        ] {
            let said = edited(b"", &[Change::set(section, key, value)]).expect_err(value).to_string();
            assert!(!said.contains("SECRET"), "{said}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_gets_a_password_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let (path, new) = (folder.path().join("config"), folder.path().join("new"));
        let mode = |path: &Path| std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
        std::fs::write(&path, "[guard]\nask = never\n").expect("it can be written");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("it is ours");
        write(&path, &[Change::set(DEV, "proxy", "corp")]).expect("it can be written");
        assert_eq!(mode(&path), 0o644);
        write(&path, &[Change::set(CORP, "https", "http://taro:pw@p:1")]).expect("it can be written");
        write(&new, &[Change::set(CORP, "https", "http://p:1")]).expect("it can be written");
        assert_eq!((mode(&path), mode(&new)), (0o600, 0o600));
    }
}
