//! Every deliberate difference, with its reason and a test that shows it in both programs. docs/aws-mfa.md has the same table
//! (see `page`).

use super::pair::Ran;

const DEV: [&str; 2] = ["--profile", "dev"];
const FORCE: [&str; 3] = ["--profile", "dev", "--force"];

/// What it is about, what aws-mfa does, what awsenv does, and why.
macro_rules! differences {
    ($($test:ident [$what:literal, $theirs:literal, $ours:literal, $why:literal] $body:block)*) => {
        pub const ROWS: &[[&str; 4]] = &[$([$what, $theirs, $ours, $why]),*];
        $(#[test] fn $test() $body)*
    };
}

/// It died with Python's list of calls.
#[track_caller]
fn traceback(ran: &Ran, error: &str) {
    assert!(ran.status == Some(1) && ran.err.contains("Traceback") && ran.err.contains(error), "{ran:?}");
}

/// It ended with one line, exit code 1.
#[track_caller]
fn one_line(ran: &Ran, error: &str) {
    let last = ran.out.lines().last().unwrap_or_default();
    assert!(ran.status == Some(1) && last.contains(error), "{error:?} in {ran:?}");
    assert!(ran.err.lines().all(|line| line.starts_with("awsenv: ")), "{ran:?}");
}

mod call;
mod file;

/// All of them, in the order of the page.
pub fn rows() -> impl Iterator<Item = &'static [&'static str; 4]> {
    file::ROWS.iter().chain(call::ROWS)
}
