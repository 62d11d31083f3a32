//! The machine around us: environment variables, home, clock. Everything above takes it as a value,
//! so that a test can give another one and nothing reads `std::env` behind its back.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::time::Timestamp;

/// Environment variables, home folder and clock of one run.
#[derive(Clone)]
pub struct Host {
    vars: Vars,
    home: Option<PathBuf>,
    now: Option<Timestamp>,
}

#[derive(Clone)]
enum Vars {
    Process,
    Given(BTreeMap<OsString, OsString>),
}

impl Host {
    /// The real one.
    pub fn real() -> Self {
        let mut host = Host { vars: Vars::Process, home: None, now: None };
        host.home = host.find_home();
        host
    }

    /// One made for a test: these variables, this home, a clock that stands still.
    pub fn fixed(vars: &[(&str, &str)], home: &Path, now: Timestamp) -> Self {
        let vars = vars.iter().map(|(k, v)| (OsString::from(k), OsString::from(v))).collect();
        Host { vars: Vars::Given(vars), home: Some(home.to_owned()), now: Some(now) }
    }

    /// The same with other values of some variables; `None` unsets one.
    #[must_use]
    pub fn with<'a>(&self, changes: impl IntoIterator<Item = (&'a str, Option<OsString>)>) -> Self {
        let mut vars: BTreeMap<OsString, OsString> = self.vars().into_iter().collect();
        for (name, value) in changes {
            vars.retain(|known, _| !same_name(known, name.as_ref()));
            if let Some(value) = value {
                vars.insert(name.into(), value);
            }
        }
        Host { vars: Vars::Given(vars), home: self.home.clone(), now: self.now }
    }

    /// A variable that is set and not empty. AWS's tools treat an empty one as absent.
    pub fn var(&self, name: &str) -> Option<OsString> {
        self.raw_var(name).filter(|v| !v.is_empty())
    }

    /// A variable as it is, the empty value included.
    pub fn raw_var(&self, name: impl AsRef<OsStr>) -> Option<OsString> {
        match &self.vars {
            Vars::Process => std::env::var_os(name),
            Vars::Given(map) if cfg!(windows) => {
                map.iter().find(|(known, _)| same_name(known, name.as_ref())).map(|(_, value)| value.clone())
            }
            Vars::Given(map) => map.get(name.as_ref()).cloned(),
        }
    }

    /// All variables.
    pub fn vars(&self) -> Vec<(OsString, OsString)> {
        match &self.vars {
            Vars::Process => std::env::vars_os().collect(),
            Vars::Given(map) => map.iter().map(|(k, v)| (k.clone(), v.clone())).collect(),
        }
    }

    /// The home folder: `HOME` (`USERPROFILE` on Windows), else the user database; `None` when neither knows one.
    pub fn home(&self) -> Option<&Path> {
        self.home.as_deref()
    }

    /// The time now, on the local clock.
    pub fn now(&self) -> Timestamp {
        self.now.unwrap_or_else(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            Timestamp(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
        })
    }

    /// The same in microseconds since 1970-01-01T00:00:00Z.
    pub fn now_micros(&self) -> i64 {
        let micros = || {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
        };
        self.now.map_or_else(micros, |now| now.0.saturating_mul(1_000_000))
    }

    /// Who is logged in, as Python's getpass.getuser finds it: LOGNAME, USER, LNAME, USERNAME, then the user database.
    pub fn login_name(&self) -> Option<String> {
        let named = ["LOGNAME", "USER", "LNAME", "USERNAME"].iter().find_map(|name| self.var(name));
        named.map(|name| name.to_string_lossy().into_owned()).or_else(|| user_database(0))
    }

    fn find_home(&self) -> Option<PathBuf> {
        let name = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
        // std asks the user database only when HOME is unset; an empty HOME counts as unset here.
        self.var(name).map(PathBuf::from).or_else(home_from_user_database)
    }
}

/// Windows does not tell `Path` from `PATH`.
fn same_name(a: &OsStr, b: &OsStr) -> bool {
    if cfg!(windows) { a.eq_ignore_ascii_case(b) } else { a == b }
}

#[cfg(unix)]
fn home_from_user_database() -> Option<PathBuf> {
    user_database(5).map(PathBuf::from)
}

/// A field of this user's line in /etc/passwd: 0 is the name, 5 the home folder.
#[cfg(unix)]
fn user_database(field: usize) -> Option<String> {
    let uid = rustix::process::geteuid().as_raw().to_string();
    let table = std::fs::read_to_string("/etc/passwd").ok()?;
    let entry = table.lines().map(|l| l.split(':').collect::<Vec<_>>()).find(|f| f.get(2) == Some(&uid.as_str()))?;
    entry.get(field).filter(|value| !value.is_empty()).map(ToString::to_string)
}

#[cfg(not(unix))]
fn user_database(_field: usize) -> Option<String> {
    None
}

#[cfg(not(unix))]
fn home_from_user_database() -> Option<PathBuf> {
    std::env::home_dir()
}
