//! What a run did, in the words of SECURITY.md.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::page::Page;
use super::world::{Run, World};

/// The names of what a command reads, writes, speaks to and starts.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Seen {
    pub columns: [BTreeSet<String>; 4],
}

impl Seen {
    pub fn add(&mut self, other: &Seen) {
        for (mine, theirs) in self.columns.iter_mut().zip(&other.columns) {
            mine.extend(theirs.iter().cloned());
        }
    }
}

/// What of `/proc` tells nothing of a process but what everybody may know.
const OF_PROCESSES: [&str; 4] = ["stat", "comm", "maps", "tcp"];

/// Whether everybody on the machine may read it: no place for a secret.
fn is_public(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if path.starts_with("/proc") {
        return OF_PROCESSES.contains(&name.as_ref());
    }
    std::fs::metadata(path).is_ok_and(|about| about.permissions().mode() & 0o004 != 0)
}

/// # Panics
/// Something was opened, reached or started that SECURITY.md has no name for.
pub fn of(page: &Page, world: &World, run: &Run) -> Seen {
    let (home, name) = (world.home.path(), &run.command);
    let mut seen = Seen::default();
    for (column, paths) in [(0, &run.calls.read), (1, &run.calls.written)] {
        for path in paths {
            match file(page, home, path) {
                File::Named(found) => {
                    assert!(column == 0 || is_private(&found, path), "{name}: others may look at {}", path.display());
                    seen.columns[column].insert(found);
                }
                File::WithoutSecrets => {}
                File::Unknown => panic!("{name}: SECURITY.md knows nothing of {}", path.display()),
            }
        }
    }
    for host in &run.hosts {
        let found = page.hosts.iter().find(|host_row| host_row.is(host));
        let found = found.unwrap_or_else(|| panic!("{name}: SECURITY.md knows nothing of the host {host}"));
        seen.columns[2].insert(found.name.clone());
    }
    let machine = world.machine.trim_start_matches("http://");
    for address in &run.calls.connected {
        match address {
            a if *a == world.proxy.address().to_string() => {}
            a if a == machine => drop(seen.columns[2].insert("the machine".into())),
            a if Some(a) == world.bus.as_ref() => drop(seen.columns[2].insert("keyring".into())),
            other => match page.hosts.iter().find(|host| host.is(other)) {
                // A socket of this machine.
                Some(host) if other.starts_with("unix:") => drop(seen.columns[2].insert(host.name.clone())),
                _ => panic!("{name}: a connection to {other}, past the proxy"),
            },
        }
    }
    for address in &run.calls.bound {
        assert!(address.starts_with("127.0.0.1:"), "{name}: listens on {address}");
        seen.columns[2].insert("own port".into());
    }
    assert!(run.calls.odd_sockets.is_empty(), "{name}: {:?}", run.calls.odd_sockets);
    for words in &run.calls.started {
        seen.columns[3].insert(program(world, words).unwrap_or_else(|| panic!("{name}: starts {words:?}")));
    }
    seen
}

/// Whether a file that was written is its owner's alone, where it must be.
fn is_private(name: &str, path: &Path) -> bool {
    let is_everybodys = ["start files", "terminal"].contains(&name);
    let only_owner = |path: &Path| std::fs::metadata(path).is_ok_and(|about| about.permissions().mode() & 0o077 == 0);
    is_everybodys || !path.exists() || (only_owner(path) && path.parent().is_some_and(only_owner))
}

enum File {
    Named(String),
    WithoutSecrets,
    Unknown,
}

fn file(page: &Page, home: &Path, path: &Path) -> File {
    let Ok(inside) = path.strip_prefix(home) else {
        return match page.files.iter().find(|row| row.is(&path.to_string_lossy())) {
            Some(row) => File::Named(row.name.clone()),
            None if is_public(path) => File::WithoutSecrets,
            None => File::Unknown,
        };
    };
    // A folder is opened to be listed or synced.
    if path.is_dir() {
        return File::WithoutSecrets;
    }
    let text = format!("~/{}", inside.display());
    // A new file, before it takes the other's place, counts as that one: all of a folder here are of one kind, but ~/.aws.
    if text.ends_with(".tmp") && text.rsplit('/').next().is_some_and(|name| name.starts_with(".awsenv-")) {
        return File::WithoutSecrets;
    }
    if page.without_secrets.iter().any(|pattern| matches(pattern, &text)) {
        return File::WithoutSecrets;
    }
    match page.files.iter().find(|row| row.is(&text)) {
        Some(row) => File::Named(row.name.clone()),
        None => match text.as_str() {
            "~/web-token" | "~/box-token" => File::Named("token files".into()),
            "~/ca.pem" => File::WithoutSecrets,
            _ => File::Unknown,
        },
    }
}

/// `*` stands for what has no slash, `REGION` for one label of a host.
pub fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, end)) => {
            let middle = text.strip_prefix(start).and_then(|rest| rest.strip_suffix(end));
            middle.is_some_and(|middle| !middle.contains('/'))
        }
    }
}

fn program(world: &World, words: &[String]) -> Option<String> {
    let bin = world.home.outside().join("bin");
    let name = match words {
        [sh, c, line] if sh == "/bin/sh" && c == "-c" => match line.as_str() {
            "give-keys" => "credential_process",
            "give-password" => "password_process",
            "give-code" => "mfa_process",
            "ykman oath accounts list" => "ykman",
            line if line.starts_with("ykman oath accounts code --single ") => "mfa_process",
            _ => return None,
        },
        [program, ..] if Path::new(program) == bin.join("browser") => "browser",
        [program, command] if program == "true" && command == "the-command" => "CMD",
        [program, login, _] if Path::new(program) == bin.join("aws") && login == "login" => "aws login",
        _ => return None,
    };
    Some(name.to_owned())
}
