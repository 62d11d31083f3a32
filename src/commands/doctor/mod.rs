//! `awsenv doctor`: finds what is wrong, and says how to mend it. Reads only; speaks to nobody but the
//! keyring, where something is kept there, and runs nothing.

mod files;
mod hook;
mod keyring;
mod machine;

use serde::Serialize;

use super::{Desk, print, report, status};
use crate::cli::JsonArgs;
use crate::error::{Error, Kind, Result};
use crate::host::Host;
use crate::profile::Files;
use crate::session::InForce;
use crate::settings::Settings;
use crate::terminal::{Colours, clean};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Grade {
    /// As it should be.
    Ok,
    /// Worth knowing.
    Note,
    /// Something will not work, or not as the user believes.
    Problem,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    grade: Grade,
    /// What it is about: a file and line, a profile, a variable.
    about: String,
    text: String,
}

/// What was found so far.
#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, grade: Grade, about: impl ToString, text: impl ToString) {
        self.0.push(Finding { grade, about: about.to_string(), text: text.to_string() });
    }

    fn ok(&mut self, about: impl ToString, text: impl ToString) {
        self.add(Grade::Ok, about, text);
    }

    fn note(&mut self, about: impl ToString, text: impl ToString) {
        self.add(Grade::Note, about, text);
    }

    fn problem(&mut self, about: impl ToString, text: impl ToString) {
        self.add(Grade::Problem, about, text);
    }
}

/// Exit code 1 when a problem was found, so that a script can tell.
pub fn run(args: &JsonArgs, host: Host) -> Result<()> {
    let mut found = Findings::default();
    machine::look(&host, &mut found);
    let settings = Settings::load(&host);
    if let Err(error) = &settings {
        found.problem("settings", error);
    }
    match Files::read(&host) {
        Err(error) => found.problem("AWS files", error),
        Ok(files) => {
            let settings = settings.unwrap_or_else(|_| {
                let (path, from_environment) = Settings::locate(&host);
                Settings::empty(path, from_environment)
            });
            let desk = Desk { host, settings, files };
            files::look(&desk, &mut found);
            keyring::look(&desk, &mut found);
            if let InForce::Chosen(name) = InForce::by_name(&desk.host, &desk.files)
                && desk.files.profile(&name).is_none()
            {
                found.problem("environment", desk.files.unknown(&name));
            }
            for text in status::conflicts(&desk) {
                found.problem("environment", text);
            }
            if args.json {
                return end(&found, || print(&report::json(&found.0)?));
            }
            return end(&found, || print(text(&desk.host, &found).as_bytes()));
        }
    }
    let host = Host::real();
    end(&found, || if args.json { print(&report::json(&found.0)?) } else { print(text(&host, &found).as_bytes()) })
}

fn end(found: &Findings, show: impl FnOnce() -> Result<()>) -> Result<()> {
    show()?;
    match found.0.iter().any(|f| f.grade == Grade::Problem) {
        true => Err(Error::silent(Kind::Failed)),
        false => Ok(()),
    }
}

fn text(host: &Host, found: &Findings) -> String {
    let colours = Colours::on_stdout(host);
    let mut out = String::new();
    for finding in &found.0 {
        let mark = match finding.grade {
            Grade::Ok => colours.good("ok     "),
            Grade::Note => colours.warning("note   "),
            Grade::Problem => colours.bad("problem"),
        };
        out += &format!("{mark}  {}: {}\n", clean(&finding.about), clean(&finding.text));
    }
    let problems = found.0.iter().filter(|f| f.grade == Grade::Problem).count();
    out + &match problems {
        0 => "nothing is wrong\n".to_owned(),
        1 => "1 problem\n".to_owned(),
        n => format!("{n} problems\n"),
    }
}
