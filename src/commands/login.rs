//! `aws login`, for profiles whose sign-in is the AWS CLI's.

use std::process::Command;

use super::{Desk, exec};
use crate::environment::Changes;
use crate::error::{Error, Result};
use crate::profile::{Profile, ProfileName};
use crate::state::Memory;
use crate::terminal::{Tty, noting_ctrl_c, say};

/// The AWS CLI that has `aws login`.
const SINCE: &str = "2.32";

/// Runs `aws login` on the terminal, with the profile's proxy.
///
/// # Errors
/// Says what is missing for it, or how it ended.
pub fn run(desk: &Desk, memory: &Memory, profile: &Profile, signs_in: &ProfileName, tty: Option<&Tty>) -> Result<()> {
    let line = format!("aws login --profile {signs_in}");
    let needs = |what: &str| Error::failed(format!("{} signs in through `aws login`, and {what}", profile.name));
    let Ok(aws) = which::which("aws") else {
        return Err(needs("the AWS CLI is not on PATH").next(format!("install version {SINCE} or later, then {line}")));
    };
    if tty.is_none() {
        return Err(needs("there is no terminal to do it on").next(line));
    }
    let mut changes = Changes::default();
    exec::dress(desk, memory, profile, tty, &mut changes)?;
    let mut option = std::ffi::OsString::from("--profile=");
    option.push(signs_in.to_os_string());
    let mut command = Command::new(aws);
    command.arg("login").arg(option);
    exec::apply(&mut command, changes);
    if tty.is_some_and(|tty| !tty.is_for_all()) {
        // What comes on stdin are answers to this process, which waits for them; Windows would not even let another ask what
        // kind of stream it is.
        command.stdin(std::process::Stdio::null());
    }
    say(format!("starting {line}"));
    let (status, interrupted) = noting_ctrl_c(|| command.status());
    let status = status.map_err(|e| Error::failed(format!("aws could not be started: {e}")))?;
    match status.code().filter(|_| !interrupted) {
        Some(0) => Ok(()),
        Some(code) => Err(Error::failed(format!("`{line}` ended with exit code {code}"))
            .next(format!("it needs version {SINCE} or later of the AWS CLI (aws --version)"))),
        None => Err(Error::stopped()),
    }
}
