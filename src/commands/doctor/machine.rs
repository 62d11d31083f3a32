//! Everything around the files: the program itself, hooks, the state folder, the clock, proxies.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use bstr::ByteSlice;

use super::{Findings, hook};
use crate::commands::init;
use crate::host::Host;
use crate::net::ProxyAddress;
use crate::state::{Memory, StateDir};
use crate::time::span;

pub fn look(host: &Host, found: &mut Findings) {
    programs(found);
    hook::look(host, found);
    match StateDir::of(host) {
        Some(state) => found.ok("state", state.path().display()),
        None => found.problem("state", "no folder can be written for it: nothing is remembered, and the prompt may start a process every minute (AWSENV_STATE_DIR names another place)"),
    }
    match Memory::of(host).skew() {
        Some(skew) if skew.seconds.abs() >= 60 => {
            let direction = if skew.seconds > 0 { "behind" } else { "ahead of" };
            let by = span(skew.seconds.abs());
            found.problem("clock", format!("this machine's clock was {by} {direction} AWS's at the last call: set it right (WSL: wsl --shutdown)"));
        }
        _ => {}
    }
    for name in ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        if let Some(value) = host.var(name)
            && let Err(why) = ProxyAddress::parse(value.as_encoded_bytes())
        {
            found.problem(name, why);
        }
    }
    if let Some(bundle) = host.var("AWS_CA_BUNDLE")
        && !std::path::Path::new(&bundle).is_file()
    {
        found.problem("AWS_CA_BUNDLE", format!("{} is not a file", bundle.to_string_lossy()));
    }
}

/// Every `awsenv` on PATH.
fn programs(found: &mut Findings) {
    let Ok(own) = init::own_path() else { return };
    found.ok("awsenv", format!("{} {}", own.display(), env!("CARGO_PKG_VERSION")));
    let real = own.canonicalize().ok();
    let mut on_path: Vec<_> = which::which_all("awsenv").map(Iterator::collect).unwrap_or_default();
    // A folder may be there twice.
    let mut seen = HashSet::new();
    on_path.retain(|program: &PathBuf| seen.insert(program.canonicalize().unwrap_or_else(|_| program.clone())));
    let folder = own.parent().unwrap_or(&own).display();
    if on_path.is_empty() {
        found.problem("PATH", format!("awsenv is not on it: add {folder}"));
    }
    for (index, other) in on_path.iter().enumerate().filter(|(_, p)| p.canonicalize().ok() != real) {
        let (what, more) = what_is(other);
        let other = other.display();
        match index {
            0 => found.problem(
                "PATH",
                format!("{other} is {what}, and comes first{more}: put {folder} in front of its folder"),
            ),
            _ => found.note("PATH", format!("{other} is {what}{more}")),
        }
    }
}

/// What a program is that has this one's name, and what else is known of it: there are others that do, and copies.
fn what_is(program: &Path) -> (&'static str, &'static str) {
    const ANOTHER: &str = "another program of this name";
    let bytes = std::fs::read(program).unwrap_or_default();
    let has = |text: &str| bytes.contains_str(text);
    if bytes.starts_with(b"#!") {
        let is_python = bytes.lines().next().is_some_and(|first| first.contains_str("python"));
        (ANOTHER, if is_python { " (a Python script)" } else { " (a script)" })
    } else if has("__awsenv_protocol") {
        ("another copy of awsenv", " (perhaps of another version)")
    } else if has("github.com/Luzifer/awsenv") {
        (ANOTHER, " (https://github.com/Luzifer/awsenv)")
    } else {
        (ANOTHER, "")
    }
}
