//! `awsenv list`: every profile with kind, state, time left, account and region. Reads files only.

use super::report::{self, Report};
use super::{Desk, print};
use crate::cli::JsonArgs;
use crate::error::Result;
use crate::host::Host;
use crate::session::InForce;
use crate::terminal::{Colours, clean, clean_to, columns};

pub fn run(args: &JsonArgs, host: Host) -> Result<()> {
    let desk = Desk::open(host)?;
    let reports: Vec<Report> = desk
        .files
        .names()
        .iter()
        .filter_map(|name| desk.files.profile(name))
        .map(|p| Report::of_profile(&desk, &p))
        .collect();
    if args.json {
        return print(&report::json(&reports)?);
    }
    print(table(&desk, &reports).as_bytes())
}

/// The names for completion, one a line; a name that would have to be cleaned is left out.
pub fn names(host: Host) -> Result<()> {
    let desk = Desk::open(host)?;
    let lines: String =
        desk.files.names().iter().map(ToString::to_string).filter(|n| clean(n) == *n).map(|n| n + "\n").collect();
    print(lines.as_bytes())
}

fn table(desk: &Desk, reports: &[Report]) -> String {
    use std::io::IsTerminal;
    let colours = Colours::of(&desk.host, std::io::stdout().is_terminal());
    let chosen = InForce::by_name(&desk.host, &desk.files).name().map(|n| n.to_string());
    let rows: Vec<[String; 5]> = reports
        .iter()
        .map(|r| {
            let text = |o: &Option<String>| o.as_deref().map_or_else(|| "-".to_owned(), |t| clean_to(t, 40));
            [clean_to(&r.profile, 40), r.kind.to_owned(), r.left(desk), text(&r.account), text(&r.region)]
        })
        .collect();
    let head = ["PROFILE", "KIND", "LEFT", "ACCOUNT", "REGION"].map(String::from);
    let mut widths = head.clone().map(|h| columns(&h));
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(columns(cell));
        }
    }
    let mut out = format!("  {}\n", line(&head, &widths, |_, text| colours.faint(text)));
    for (row, report) in rows.iter().zip(reports) {
        let mark = if chosen.as_deref() == Some(&report.profile) { "*" } else { " " };
        let paint = |column: usize, text: &str| match column {
            0 if mark == "*" => colours.strong(text),
            2 if report.needs_attention() => colours.bad(text),
            2 if report.state == "valid" => colours.good(text),
            _ => text.to_owned(),
        };
        out += &format!("{mark} {}\n", line(row, &widths, paint));
    }
    out
}

fn line(cells: &[String; 5], widths: &[usize; 5], paint: impl Fn(usize, &str) -> String) -> String {
    let padded = |i: usize| " ".repeat(widths[i] - columns(&cells[i]));
    let cell = |i: usize| format!("{}{}", paint(i, &cells[i]), if i == 4 { String::new() } else { padded(i) });
    (0..5).map(cell).collect::<Vec<_>>().join("  ")
}
