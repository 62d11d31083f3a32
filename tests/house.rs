//! The rules of the house that no compiler checks.
#![allow(clippy::unwrap_used, reason = "a test may end here")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// A file's lines that still fit on a few screens.
const LINES: usize = 450;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file with this ending under these folders, relative to the root.
fn files(folders: &[&str], ending: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = folders.iter().map(|f| root().join(f)).collect();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()) {
            if entry.is_dir() {
                open.push(entry);
            } else if entry.extension().is_some_and(|e| e == ending) {
                let text = std::fs::read_to_string(&entry).unwrap();
                found.push((entry.strip_prefix(root()).unwrap().to_owned(), text));
            }
        }
    }
    assert!(!found.is_empty(), "{folders:?}");
    found
}

fn room_of(file: &Path) -> String {
    file.strip_prefix("src").unwrap().iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned()
}

/// The rooms that a line of code names (`crate::net::…`, or `awsenv::net` in main).
fn named(line: &str) -> impl Iterator<Item = &str> {
    let code = line.split("//").next().unwrap_or_default();
    ["crate::", "awsenv::"].into_iter().flat_map(move |prefix| code.split(prefix).skip(1)).map(|rest| {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        &rest[..end]
    })
}

/// The rooms in the order of lib.rs, which says that it is the order of imports; the ground counts as one.
fn rooms() -> Vec<(String, usize)> {
    let text = std::fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let (ground, rooms) = text.split_once("// The rooms.").unwrap();
    let names = |text: &str| -> Vec<String> {
        text.lines().filter_map(|l| Some(l.strip_prefix("pub mod ")?.strip_suffix(';')?.to_owned())).collect()
    };
    let rooms = names(rooms).into_iter().enumerate().map(|(place, name)| (name, place + 1));
    names(ground).into_iter().map(|name| (name, 0)).chain(rooms).chain([("main".to_owned(), usize::MAX)]).collect()
}

#[test]
fn imports_point_down() {
    let rooms = rooms();
    let place = |room: &str| rooms.iter().find(|(name, _)| name == room).map(|(_, place)| *place);
    let mut wrong = Vec::new();
    for (file, text) in files(&["src"], "rs") {
        let room = room_of(&file);
        let Some(here) = place(&room) else {
            assert_eq!(room, "lib", "{}: lib.rs does not name this room", file.display());
            continue;
        };
        for (number, line) in text.lines().enumerate() {
            for there in named(line).filter(|there| place(there).is_some_and(|there| there > here)) {
                wrong.push(format!("{}:{}: {room} -> {there}", file.display(), number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "imports that point up:\n{}", wrong.join("\n"));
}

/// Clippy denies them to the crate; this also looks at the tests, benches and shell files.
#[test]
fn nothing_is_left_undone() {
    // Put together, so that this file does not find itself.
    let forbidden = [["to", "do!("], ["db", "g!("], ["unimple", "mented!("], ["FIX", "ME"]].map(|w| w.concat());
    let code = files(&["src", "tests", "examples", "benches"], "rs");
    let shells =
        ["sh", "zsh", "fish", "nu", "ps1", "cmd", "lua"].into_iter().flat_map(|ending| files(&["shell"], ending));
    for (file, text) in code.into_iter().chain(shells) {
        for (number, line) in text.lines().enumerate() {
            let found = forbidden.iter().find(|word| line.contains(word.as_str()));
            assert!(found.is_none(), "{}:{}: {line}", file.display(), number + 1);
        }
    }
}

/// The shell files are one per shell, as their readers load them whole.
#[test]
fn files_fit_on_a_few_screens() {
    let long: Vec<_> = files(&["src", "tests", "examples", "benches"], "rs")
        .into_iter()
        .map(|(file, text)| (file.display().to_string(), text.lines().count()))
        .filter(|(_, lines)| *lines > LINES)
        .map(|(file, lines)| format!("{file}: {lines} lines: usually that is two ideas"))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn nobody_reads_the_environment_behind_the_hosts_back() {
    for (file, text) in files(&["src"], "rs") {
        let own = file == Path::new("src/host.rs");
        let read = text.lines().find(|l| l.contains("env::var"));
        assert!(own || read.is_none(), "{}: {}", file.display(), read.unwrap_or_default());
    }
}

#[test]
fn every_commands_help_has_an_example() {
    let help = |words: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_awsenv")).args(words).arg("--help").output().unwrap();
        assert!(output.status.success(), "{words:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let top = help(&[]);
    let commands = top.split_once("Commands:\n").unwrap().1.split_once("\n\n").unwrap().0;
    let names: Vec<&str> = commands.lines().filter_map(|l| l.split_whitespace().next()).collect();
    assert!(names.contains(&"use") && names.contains(&"refresh"), "{top}");
    for name in names {
        let text = help(&[name]);
        assert!(text.contains("\nExample:") && text.contains("awsenv "), "{name}:\n{text}");
    }
}

/// The README's table of commands is the program's own.
#[test]
fn the_readme_knows_every_command() {
    let output = Command::new(env!("CARGO_BIN_EXE_awsenv")).arg("--help").output().unwrap();
    let top = String::from_utf8(output.stdout).unwrap();
    let commands = top.split_once("Commands:\n").unwrap().1.split_once("\n\n").unwrap().0;
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    for name in commands.lines().filter_map(|l| l.split_whitespace().next()) {
        let row = |l: &str| l.starts_with(&format!("| `{name}")) || l.contains(&format!(", `{name}"));
        assert!(readme.lines().any(row), "README.md has no row for `awsenv {name}`");
    }
}

/// What the README and the pages behind it lead to is there.
#[test]
fn links_lead_to_files() {
    let pages = files(&["docs"], "md").into_iter().chain([("README.md".into(), readme())]);
    let security = std::fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let pages = pages.chain([("SECURITY.md".into(), security)]);
    for (page, text) in pages {
        let links = text.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0));
        for link in links.filter(|link| !link.contains("://") && !link.starts_with('#')) {
            let file = root().join(&page).parent().unwrap().join(link.split('#').next().unwrap());
            assert!(file.is_file(), "{}: {link}", page.display());
        }
    }
    for page in ["docs/shells.md", "SECURITY.md"] {
        assert!(readme().contains(&format!("]({page})")), "{page} is to be found");
    }
}

fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).unwrap()
}

#[test]
fn the_readmes_settings_are_read() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let settings = readme.split_once("```ini\n").unwrap().1.split_once("```").unwrap().0;
    let home = testbed::Home::new(env!("CARGO_BIN_EXE_awsenv"));
    home.settings(settings).config("[profile my-prod]\nregion = eu-west-1\n");
    let output = home.awsenv(&["list"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{said}");
}
