//! What every test here stands in.

use std::ops::{Deref, DerefMut};
use std::path::PathBuf;

use testbed::{Sandbox, Session, Shell};

/// What the `aws` of this world says of `aws s3 ls` on a good session.
pub const AWS: &str = "aws ran: s3 ls profile=dev ask=\n";

/// Where the line in config.nu puts the hook.
pub const FILE: &str = ".local/share/nushell/vendor/autoload/awsenv.nu";

/// Profiles with sessions and `keys` without an end, and nushell in their home.
pub struct World(Sandbox);

impl World {
    pub fn new() -> World {
        World(Sandbox::named(env!("CARGO_BIN_EXE_awsenv"), "home").with_keys("keys"))
    }

    /// nushell with these lines in config.nu, and the hook's behind them.
    pub fn nu(&self, rc: &str) -> Option<Session> {
        Session::start(Shell::Nushell, &self.home, &format!("{rc}\n{}", Shell::Nushell.hook()))
    }

    /// nushell with the hook and dev in force.
    pub fn dev(&self) -> Option<Session> {
        self.nu("$env.AWS_PROFILE = 'dev'")
    }

    /// The hook as a file that `source` reads.
    pub fn hook(&self) -> PathBuf {
        let text = self.home.awsenv(&["init", "nushell"]).output().expect("awsenv runs").stdout;
        self.home.write("hook.nu", text);
        self.home.path().join("hook.nu")
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

/// What a program started by this shell sees, but for what nushell itself changes with every command.
pub fn environment(nu: &mut Session, world: &World) -> Vec<String> {
    let file = world.home.path().join("environment");
    nu.run(&format!("^sh -c 'env -0 >{}'", file.display()));
    let bytes = std::fs::read(&file).expect("env has run");
    let variables = bytes.split(|b| *b == 0).filter(|v| !v.is_empty()).map(|v| v.escape_ascii().to_string());
    let own = ["AWSENV_PROMPT=", "CMD_DURATION_MS=", "LAST_EXIT_CODE=", "_="];
    let mut all: Vec<_> = variables.filter(|v| !own.iter().any(|name| v.starts_with(name))).collect();
    all.sort();
    all
}

pub fn value<'a>(environment: &'a [String], name: &str) -> Option<&'a str> {
    environment.iter().find_map(|v| v.strip_prefix(name)?.strip_prefix('='))
}
