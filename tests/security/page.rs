//! SECURITY.md, read.

use std::collections::BTreeSet;

use super::seen::{Seen, matches};

/// What the page's tables say.
pub struct Page {
    pub files: Vec<Row>,
    /// Patterns of the files that hold no secret.
    pub without_secrets: Vec<String>,
    pub hosts: Vec<Row>,
    pub commands: Vec<Commands>,
}

/// A name, and what it stands for.
pub struct Row {
    pub name: String,
    patterns: Vec<String>,
}

/// A row of the table of commands.
pub struct Commands {
    /// `exec`, `iam password create`.
    pub names: Vec<String>,
    pub says: Seen,
}

impl Row {
    pub fn is(&self, text: &str) -> bool {
        self.patterns.iter().any(|pattern| {
            let (pattern, text) = match pattern.split_once("REGION") {
                Some((start, end)) => {
                    let region = text.strip_prefix(start).and_then(|rest| rest.strip_suffix(end));
                    return region.is_some_and(|region| !region.contains('.') && !region.is_empty());
                }
                None => (pattern, text),
            };
            matches(pattern, text)
        })
    }
}

/// A session's own row, which others take over with these words.
const SESSION: &str = "a session's";

impl Page {
    pub fn read() -> Page {
        let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/SECURITY.md")).expect("SECURITY.md");
        Page::of(&text)
    }

    fn of(text: &str) -> Page {
        let row = |cells: &[String]| Row { name: cells[0].clone(), patterns: code(&cells[1]) };
        let files: Vec<_> = table(text, "| name | file |");
        let (without, with): (Vec<_>, Vec<_>) = files.iter().partition(|cells| cells[2].starts_with("no secret"));
        let hosts = table(text, "| name | host |");
        let mut commands: Vec<Commands> = Vec::new();
        for cells in table(text, "| command | reads |") {
            let mut says = Seen::default();
            for (column, cell) in says.columns.iter_mut().zip(&cells[1..]) {
                let words = cell.split(", ").map(|word| word.trim().trim_matches('`').to_owned());
                *column = words.filter(|word| word != "–" && !word.is_empty()).collect();
            }
            let session = commands.iter().find(|row| row.names.is_empty()).map(|row| row.says.clone());
            for (at, column) in says.columns.iter_mut().enumerate() {
                if column.remove(SESSION) {
                    let session = session.as_ref().expect("the session's row comes first");
                    column.extend(session.columns[at].iter().cloned());
                }
            }
            commands.push(Commands { names: code(&cells[0]), says });
        }
        Page {
            files: with.into_iter().map(|cells| row(cells)).collect(),
            without_secrets: without.into_iter().flat_map(|cells| code(&cells[1])).collect(),
            hosts: hosts.iter().map(|cells| row(cells)).collect(),
            commands,
        }
    }

    /// Where there is none, nothing of it is seen.
    pub fn leave_out_keyring(&mut self) {
        self.commands.retain(|row| row.names.iter().all(|name| !name.starts_with("keyring ")));
        for row in &mut self.commands {
            row.says.columns[2].remove("keyring");
        }
    }

    /// Every word in the table of commands has its own row in one of the others.
    pub fn undefined(&self, programs: &[&str]) -> BTreeSet<String> {
        let names = |rows: &[Row]| rows.iter().map(|row| row.name.clone()).collect::<BTreeSet<_>>();
        let (files, hosts) = (names(&self.files), names(&self.hosts));
        let programs = programs.iter().map(|name| (*name).to_owned()).collect();
        let known = [&files, &files, &hosts, &programs];
        let rows = self.commands.iter().flat_map(|row| row.says.columns.iter().zip(known));
        rows.flat_map(|(column, known)| column.difference(known).cloned()).collect()
    }
}

/// The rows of the table that begins so, cell by cell.
fn table(text: &str, head: &str) -> Vec<Vec<String>> {
    let mut lines = text.lines().skip_while(|line| !line.starts_with(head));
    assert!(lines.next().is_some(), "SECURITY.md has no table {head}");
    let rows = lines.skip(1).take_while(|line| line.starts_with('|'));
    rows.map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// What stands between backticks.
fn code(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}
