//! docs/aws-mfa.md says what is so: its table of differences is the one that is tested, its transcript is what happens.

use super::differences::rows;
use super::pair::{World, comparable, exit};

fn page() -> String {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/aws-mfa.md");
    std::fs::read_to_string(file).unwrap_or_else(|e| panic!("{file}: {e}"))
}

#[test]
fn the_page_lists_every_difference_and_no_other() {
    let page = page();
    let (_, section) = page.split_once("\n## Differences\n").expect("a heading");
    let section = section.split("\n## ").next().unwrap_or_default();
    let there: Vec<&str> = section.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    let wanted: Vec<String> = rows().map(|row| format!("| {} |", row.join(" | "))).collect();
    assert_eq!(there, wanted, "the table should be:\n{}", wanted.join("\n"));
}

#[test]
fn the_transcript_is_what_happens() {
    let page = page();
    let (_, block) = page.split_once("```console\n").expect("a transcript");
    let (block, _) = block.split_once("```").expect("its end");
    let world = World::ours();
    world.home.credentials(world.long_term());
    let mut shown = String::new();
    for line in block.lines().filter_map(|line| line.strip_prefix("$ aws-mfa ")) {
        let mut terminal = world.terminal(&line.split(' ').collect::<Vec<_>>());
        if shown.is_empty() {
            let code = world.device.code();
            terminal.expect(" seconds):").line(&code);
            assert_eq!(exit(&mut terminal).code(), Some(0));
            shown = format!("$ aws-mfa {line}\n{}", terminal.everything().replace(&code, "492039"));
        } else {
            assert_eq!(exit(&mut terminal).code(), Some(0));
            shown.push_str(&format!("$ aws-mfa {line}\n{}", terminal.everything()));
        }
    }
    // Times of day, and the blank at the end of a line, which a page does not show.
    let plain = |text: &str| {
        let lines = comparable(text)
            .lines()
            .map(|l| l.split(" UTC (").next().unwrap_or(l).trim_end().to_owned())
            .collect::<Vec<_>>();
        lines.join("\n")
    };
    assert_eq!(plain(block), plain(&shown));
}
