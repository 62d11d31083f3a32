//! What the tests here stand in.

use std::ops::{Deref, DerefMut};

use testbed::{Sandbox, Spec, Terminal};

/// Profiles with sessions, and terminals in their home.
pub struct World(Sandbox);

impl World {
    /// Their sessions end so many seconds from now.
    pub fn new(seconds: i64) -> World {
        let sandbox = Sandbox::named(env!("CARGO_BIN_EXE_awsenv"), "home");
        sandbox.session_ends_in(seconds);
        World(sandbox)
    }

    /// A program in this home, on a terminal high enough that nothing scrolls away.
    pub fn terminal(&self, program: &str, args: &[&str]) -> Terminal {
        let mut spec = Spec::new(program).args(args.iter().copied()).cwd(self.home.path());
        (spec.env, spec.rows) = (self.home.env(), 400);
        Terminal::start(spec)
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
