//! SECURITY.md against what every command does: the files it opens, the hosts it reaches, the programs it starts.
//!
//! A new command needs a row in SECURITY.md, and a line in `runs.rs` for each situation in which it does something else.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may end here")]

mod page;
mod runs;
mod secrets;
mod seen;
mod world;

use std::collections::BTreeSet;

use clap::CommandFactory;
use page::Page;
use runs::Report;
use seen::Seen;
use testbed::aws::Fault;

const COLUMNS: [&str; 4] = ["reads", "writes", "speaks to", "starts"];

/// What the page calls the programs that awsenv starts.
const PROGRAMS: [&str; 7] =
    ["credential_process", "mfa_process", "password_process", "browser", "CMD", "aws login", "ykman"];

/// Real programs that the keyring's runs need.
const OF_KEYRING: [&str; 3] = ["dbus-daemon", "gnome-keyring-daemon", "secret-tool"];

/// Every command without commands of its own, hidden ones too: `exec`, `iam keys rotate`.
fn commands() -> BTreeSet<String> {
    fn below(command: &clap::Command, path: &str, found: &mut BTreeSet<String>) {
        for one in command.get_subcommands() {
            let path = format!("{path}{}", one.get_name());
            match one.has_subcommands() {
                true => below(one, &format!("{path} "), found),
                false => drop(found.insert(path)),
            }
        }
    }
    let mut found = BTreeSet::new();
    below(&awsenv::cli::Cli::command(), "", &mut found);
    found
}

#[test]
fn the_page_names_every_command_once_and_explains_its_words() {
    let page = Page::read();
    let named: Vec<&String> =
        page.commands.iter().flat_map(|row| &row.names).filter(|n| !n.starts_with("--")).collect();
    let once: BTreeSet<String> = named.iter().map(|name| (*name).clone()).collect();
    assert_eq!(once.len(), named.len(), "a command has two rows: {named:?}");
    let all = commands();
    let missing: Vec<_> = all.difference(&once).collect();
    assert!(missing.is_empty(), "SECURITY.md has no row for {missing:?}");
    let gone: Vec<_> = once.difference(&all).collect();
    assert!(gone.is_empty(), "SECURITY.md has a row for {gone:?}, which is no command");
    let undefined = page.undefined(&PROGRAMS);
    assert!(undefined.is_empty(), "SECURITY.md does not say what {undefined:?} is");
}

/// What one thread runs.
enum Part<'f> {
    All(fn(&mut Report)),
    Of(&'f Fault),
}

#[test]
fn each_command_does_what_the_page_says_and_nothing_else() {
    if testbed::require("strace").is_none() {
        return;
    }
    let mut page = Page::read();
    // Beside each other: most of it is waiting.
    let mut runs: Vec<fn(&mut Report)> =
        vec![runs::of_sessions, runs::of_files, runs::of_setup, runs::of_iam, runs::of_proxies];
    match OF_KEYRING.iter().all(|program| testbed::require(program).is_some()) {
        true => runs.extend([runs::of_keys_in_keyring as fn(&mut Report), runs::of_keyring]),
        false => page.leave_out_keyring(),
    }
    let failures = runs::FAULTS.iter().map(Part::Of);
    let seen: Vec<(String, Seen)> = std::thread::scope(|scope| {
        let threads: Vec<_> = runs
            .into_iter()
            .map(Part::All)
            .chain(failures)
            .map(|part| {
                let page = &page;
                scope.spawn(move || {
                    let mut report = Report { page, seen: Vec::new() };
                    match part {
                        Part::All(runs) => runs(&mut report),
                        Part::Of(fault) => runs::of_failures(&mut report, fault),
                    }
                    report.seen
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("the runs go through")).collect()
    });
    let mut wrong = Vec::new();
    for row in page.commands.iter().filter(|row| !row.names.is_empty()) {
        let mut whole = Seen::default();
        for name in &row.names {
            let runs: Vec<_> = seen.iter().filter(|(command, _)| command == name).collect();
            if runs.is_empty() {
                wrong.push(format!("{name}: no run shows what it does (tests/security/runs.rs)"));
            }
            runs.iter().for_each(|(_, one)| whole.add(one));
        }
        for ((column, found), said) in COLUMNS.iter().zip(&whole.columns).zip(&row.says.columns) {
            let names = row.names.join(", ");
            wrong.extend(
                found.difference(said).map(|word| format!("{names}: {column} {word}, which its row does not say")),
            );
            wrong.extend(said.difference(found).map(|word| format!("{names}: never {column} {word}, as its row says")));
        }
    }
    assert!(wrong.is_empty(), "SECURITY.md and the program do not agree:\n{}", wrong.join("\n"));
}
