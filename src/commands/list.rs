//! `awsenv list`: every profile with kind, state, time left, account and region. Reads files only.

use super::report::{self, Report};
use super::{Desk, print};
use crate::cli::JsonArgs;
use crate::error::Result;
use crate::host::Host;
use crate::profile::{Profile, ProfileName};
use crate::session::InForce;
use crate::session::store::Glance;
use crate::shell::Shell;
use crate::terminal::{Colours, clean, clean_to, columns, say};

pub fn run(args: &JsonArgs, host: Host) -> Result<()> {
    let desk = Desk::open(host)?;
    let names = desk.files.names();
    let profiles = names.iter().filter_map(|name| desk.files.profile(name));
    if names.is_empty() && !args.json {
        let (config, credentials) = (desk.files.paths.config.display(), desk.files.paths.credentials.display());
        say(format!("there is no profile in {config} or {credentials} yet: awsenv setup leads to one"));
        return Ok(());
    }
    if args.json {
        let reports: Vec<Report> = profiles.map(|p| Report::of_profile(&desk, &p)).collect();
        return print(&report::json(&reports)?);
    }
    print(table(&desk, profiles).as_bytes())
}

/// The names for completion, one a line, or as a list of the shell's; a name that would have to be cleaned is left out.
pub fn names(shell: Option<Shell>, host: Host) -> Result<()> {
    let desk = Desk::open(host)?;
    let names: Vec<String> = desk.files.names().iter().map(ToString::to_string).filter(|n| clean(n) == *n).collect();
    match shell {
        Some(shell) => print(&shell.assign_list("__awsenv_names", &names)),
        None => print(names.into_iter().map(|n| n + "\n").collect::<String>().as_bytes()),
    }
}

/// A row, and how its state is painted. Thousands of whole reports at once would take more memory than time.
struct Row {
    cells: [String; 5],
    is_chosen: bool,
    is_good: bool,
    is_bad: bool,
}

impl Row {
    fn of(desk: &Desk, profile: &Profile, chosen: Option<&ProfileName>, glance: &Glance) -> Row {
        let report = Report::in_brief(desk, profile, glance);
        let text = |o: &Option<String>| o.as_deref().map_or_else(|| "-".to_owned(), |t| clean_to(t, 40));
        Row {
            is_chosen: chosen == Some(&profile.name),
            is_good: report.state == "valid",
            is_bad: report.needs_attention(),
            cells: [
                clean_to(&report.profile, 40),
                report.kind.to_owned(),
                report.left(desk),
                text(&report.account),
                text(&report.region),
            ],
        }
    }
}

fn table<'f>(desk: &Desk, profiles: impl Iterator<Item = Profile<'f>>) -> String {
    let colours = Colours::on_stdout(&desk.host);
    let chosen = InForce::by_name(&desk.host, &desk.files).name();
    let glance = Glance::default();
    let rows: Vec<Row> = profiles.map(|p| Row::of(desk, &p, chosen.as_ref(), &glance)).collect();
    let head = ["PROFILE", "KIND", "LEFT", "ACCOUNT", "REGION"].map(String::from);
    let mut widths = head.clone().map(|h| columns(&h));
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(&row.cells) {
            *width = (*width).max(columns(cell));
        }
    }
    let mut out = String::from("  ");
    add_line(&mut out, &head, &widths, |_, text| Some(colours.faint(text)));
    for row in &rows {
        out.push_str(if row.is_chosen { "* " } else { "  " });
        let paint = |column: usize, text: &str| match column {
            0 if row.is_chosen => Some(colours.strong(text)),
            2 if row.is_bad => Some(colours.bad(text)),
            2 if row.is_good => Some(colours.good(text)),
            _ => None,
        };
        add_line(&mut out, &row.cells, &widths, paint);
    }
    out
}

/// Cells two blanks apart, nothing behind the last one.
fn add_line(out: &mut String, cells: &[String; 5], widths: &[usize; 5], paint: impl Fn(usize, &str) -> Option<String>) {
    let mut owed = 0;
    for (column, (cell, width)) in cells.iter().zip(widths).enumerate() {
        out.extend(std::iter::repeat_n(' ', owed));
        out.push_str(paint(column, cell).as_deref().unwrap_or(cell));
        owed = width - columns(cell) + 2;
    }
    out.push('\n');
}
