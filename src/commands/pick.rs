//! `awsenv use` without a name: pick one, the last used first.

use super::Desk;
use super::report::Report;
use crate::error::{Error, Result};
use crate::profile::ProfileName;
use crate::state::Memory;
use crate::terminal::{Row, Tty, is_dumb};

pub fn run(desk: &Desk, memory: &Memory, tty: Option<&Tty>) -> Result<ProfileName> {
    let names = ordered(desk, memory);
    if names.is_empty() {
        let file = desk.files.paths.config.display();
        return Err(Error::failed(format!("there is no profile in {file}")).next("awsenv setup leads to one"));
    }
    let Some(tty) = tty.filter(|_| !is_dumb(&desk.host)) else {
        return Err(Error::usage("which profile?").next("awsenv use NAME; `awsenv list` shows them"));
    };
    let rows: Vec<Row> = names
        .iter()
        .filter_map(|name| desk.files.profile(name))
        .map(|profile| {
            let report = Report::of_profile(desk, &profile);
            let left = report.left(desk);
            Row::new(profile.name.as_bytes(), [report.kind, report.account.as_deref().unwrap_or("-"), &left])
        })
        .collect();
    match tty.pick(&rows) {
        Some(index) => Ok(names[index].clone()),
        None => Err(Error::stopped()),
    }
}

/// All names, the last used first.
fn ordered(desk: &Desk, memory: &Memory) -> Vec<ProfileName> {
    let all = desk.files.names();
    let recent: Vec<ProfileName> = memory.recent().into_iter().map(|n| ProfileName::from(n.to_vec())).collect();
    let known = recent.iter().filter(|n| all.contains(n)).cloned();
    let rest = all.iter().filter(|n| !recent.contains(n)).cloned();
    known.chain(rest).collect()
}
