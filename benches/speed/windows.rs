//! The Windows programs beside each other, where they can run: on Windows, or under wine, which makes a start a hundred times
//! as dear. `.ci/windows bench` builds them and starts this.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use crate::fixture::{Programs, use_call};
use crate::report::{Report, Row, time};
use crate::turns::{medians, ratio, run};

pub fn main() -> ExitCode {
    let Some(folder) = std::env::var_os("AWSENV_BENCH_PROGRAMS").map(PathBuf::from) else {
        eprintln!("speed: SKIPPED: AWSENV_BENCH_PROGRAMS names no folder with awsenv.exe and hello.exe");
        return ExitCode::SUCCESS;
    };
    let programs = Programs::from(&folder);
    let mut report = Report::of(Vec::new());
    report.group("starts on Windows, as multiples of an empty program with clap", || starts(&programs));
    report.end()
}

fn starts(programs: &Programs) -> Vec<Row> {
    let home = programs.home();
    let start = |words: &[std::ffi::OsString]| {
        let mut command: Command = home.command(&programs.awsenv);
        command.args(words);
        command
    };
    let (mut hello, mut prompt) = (home.command(&programs.hello), start(&["prompt".into()]));
    let (mut switch, mut init) = (start(&use_call("other")), start(&["init".into(), "bash".into()]));
    let times = medians(
        30,
        &mut [&mut || run(&mut hello), &mut || run(&mut prompt), &mut || run(&mut switch), &mut || run(&mut init)],
    );
    let names = ["hello.exe", "awsenv.exe prompt", "awsenv.exe use", "awsenv.exe init"];
    let rows = names.iter().zip(&times).enumerate().map(|(at, (name, &median))| {
        if at == 0 { Row::plain(*name, time(median)) } else { Row::at_most(*name, ratio(median, times[0]), 1.5, "×") }
    });
    rows.collect()
}
