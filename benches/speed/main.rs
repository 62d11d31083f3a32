//! `cargo bench`: awsenv beside what people use today, in one run. Prints every ratio that awsenv promises and exits with
//! 1 when one does not hold. `cargo bench -- prompts` runs only the groups with that word in their titles.
//!
//! Everything is measured in turns (A B A B …) and compared by medians, so that a busy machine slows all of them alike. A
//! group in which a promise does not hold is measured again, up to three times: the machine may have been busy with
//! something else just then.

#[cfg(unix)]
mod commands;
mod fixture;
#[cfg(unix)]
mod many;
#[cfg(unix)]
mod powershell;
#[cfg(unix)]
mod prompts;
mod report;
#[cfg(unix)]
mod size;
mod turns;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    // `cargo test --benches` runs this too; there is nothing to test.
    if !std::env::args().any(|word| word == "--bench") {
        return std::process::ExitCode::SUCCESS;
    }
    let programs = fixture::Programs::build();
    let mut report = report::Report::of(std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect());
    // First, while this process is still small: a child's memory is never told as less than its parent's.
    report.group("size", || size::rows(&programs));
    report.group("starts, as multiples of an empty program with clap", || commands::starts(&programs));
    report.group("shell start", || {
        [commands::shells(&programs), powershell::start(&programs)].into_iter().flatten().collect()
    });
    report.group("prompts on a terminal, beyond a plain prompt", || {
        [prompts::rows(&programs), powershell::prompts(&programs)].into_iter().flatten().collect()
    });
    report.group("5,000 profiles", || many::rows(&programs));
    report.group("2,000 SSO profiles", || many::sso_rows(&programs));
    report.group("refresh, as a multiple of curl to the same local AWS", || commands::refresh(&programs));
    report.end()
}

#[cfg(windows)]
fn main() -> std::process::ExitCode {
    match std::env::args().any(|word| word == "--bench") {
        true => windows::main(),
        false => std::process::ExitCode::SUCCESS,
    }
}
