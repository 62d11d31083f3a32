//! What docs/sso.md shows is what happens.

use testbed::aws::Consent;
use testbed::{Session, Shell};

use super::desk::{ACCOUNT, Desk};

/// What a question ends with.
const ENDS: [&str; 3] = ["Ctrl-C to stop: ", "]: ", "[y/n] "];

/// The lines of a transcript below a heading, the first or a later one: what is typed, and what comes.
fn transcript(heading: &str, number: usize) -> (String, Vec<String>) {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/sso.md")).expect("the page");
    let (_, below) = page.split_once(&format!("## {heading}\n")).expect("the heading");
    let block = below.split("```console\n$ ").nth(number + 1).expect("a transcript");
    let (block, _) = block.split_once("```").expect("its end");
    let mut lines = block.lines().map(str::to_owned);
    (lines.next().expect("a command"), lines.collect())
}

/// Types what the page types, answers as it answers, and compares. `…` on the page stands for any text, on a line of its
/// own for any lines; AWS is the fake.
fn play(desk: &Desk, heading: &str) {
    play_number(desk, heading, 0);
}

fn play_number(desk: &Desk, heading: &str, number: usize) {
    desk.home.script("aws", "#!/bin/sh\necho 2026-01-02 12:00:00 bucket-a\n");
    let rc = "eval \"$(awsenv init bash)\"\nexport AWS_PROFILE=dev\n";
    let Some(mut shell) = Session::start(Shell::Bash, &desk.home, rc) else { return };
    shell.terminal.resize(50, 400);
    let (command, expected) = transcript(heading, number);
    shell.type_line(&command);
    for line in &expected {
        let question =
            ENDS.iter().find_map(|end| line.split_once(end).map(|(ask, answer)| (format!("{ask}{end}"), answer)));
        if let Some((question, answer)) = question {
            shell.terminal.expect(&question).line(answer);
        }
    }
    let came = shell.prompt().text;
    let host = desk.aws.url().trim_start_matches("http://").to_owned();
    let bare = host.split(':').next().expect("a host").to_owned();
    let mut rest = came.lines().filter(|line| !line.is_empty()).peekable();
    let mut skips = false;
    for line in expected {
        if line == "…" {
            skips = true;
            continue;
        }
        let aws = ["oidc.eu-west-1.amazonaws.com", "device.sso.eu-west-1.amazonaws.com"];
        let line = aws.iter().fold(line, |line, name| {
            line.replace(&format!("https://{name}"), &format!("http://{host}")).replace(name, &bare)
        });
        let fits = |came: &str| {
            let mut parts = line.split('…');
            let first = parts.next().expect("a first part");
            let mut left = came.strip_prefix(first);
            for part in parts {
                left = left.and_then(|text| Some(&text[text.find(part)? + part.len()..]));
            }
            left.is_some_and(|text| text.is_empty() || line.ends_with('…'))
        };
        while skips && rest.peek().is_some_and(|came| !fits(came)) {
            rest.next();
        }
        skips = false;
        let next = rest.next().unwrap_or_default();
        assert!(fits(next), "the page: {line}\n    came: {next}\n\n{came}");
    }
    assert_eq!(rest.next(), None, "more came than the page shows:\n{came}");
}

#[test]
fn with_a_browser() {
    let mut desk = Desk::new();
    desk.browser(Consent::Allow);
    play(&desk, "With a browser");
}

#[test]
fn without_one() {
    let desk = Desk::new();
    desk.directory.set_consent(Consent::Allow);
    play(&desk, "Without one");
}

#[test]
fn from_nothing() {
    let mut desk = Desk::new();
    desk.browser(Consent::Allow);
    desk.home.config("");
    play(&desk, "From nothing");
    desk.directory.assign(ACCOUNT, "Development", "ReadOnly");
    play_number(&desk, "From nothing", 1);
}

#[test]
fn in_front_of_a_command() {
    let mut desk = Desk::new();
    desk.browser(Consent::Allow);
    play(&desk, "In front of a command");
}

#[test]
fn signing_out() {
    let desk = Desk::new();
    desk.token(3600);
    assert_eq!(desk.run(&["credentials", "dev"]).status, 0);
    play(&desk, "Signing out");
}
