//! What every test here stands in.

use std::ops::{Deref, DerefMut};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use testbed::{Home, Sandbox, Session, Shell};

/// The line in config.fish.
pub const HOOK: &str = "awsenv init fish | source";

/// Profiles with sessions and `keys` without an end, and fish in their home.
pub struct World(Sandbox);

impl World {
    pub fn new() -> World {
        Self::named("home")
    }

    pub fn named(home: &str) -> World {
        World(Sandbox::named(env!("CARGO_BIN_EXE_awsenv"), home).with_keys("keys"))
    }

    pub fn fish(&self, rc: &str) -> Option<Session> {
        Session::start(Shell::Fish, &self.home, rc)
    }

    /// fish with the hook and dev in force.
    pub fn dev(&self) -> Option<Session> {
        self.fish(&format!("set -gx AWS_PROFILE dev\n{HOOK}"))
    }

    /// What fish prints when it runs this without a terminal.
    pub fn batch(&self, script: &str) -> Option<(Vec<u8>, String)> {
        let fish = testbed::require("fish")?;
        let file = self.home.path().join("batch.fish");
        std::fs::write(&file, script).expect("the home can be written");
        let out = self.home.command(fish).arg("--no-config").arg(&file).output().expect("fish runs");
        Some((out.stdout, String::from_utf8_lossy(&out.stderr).into_owned()))
    }
}

impl Deref for World {
    type Target = Sandbox;

    fn deref(&self) -> &Sandbox {
        &self.0
    }
}

impl DerefMut for World {
    fn deref_mut(&mut self) -> &mut Sandbox {
        &mut self.0
    }
}

/// The stamps that hooks in this home have.
pub fn stamps(home: &Home) -> Vec<PathBuf> {
    let folder = home.path().join(".local/state/awsenv");
    let entries = std::fs::read_dir(folder).expect("the hook has made the state folder");
    let paths = entries.map(|e| e.expect("the folder can be read").path());
    paths.filter(|p| p.file_name().is_some_and(|n| n.as_bytes().starts_with(b"stamp-"))).collect()
}
