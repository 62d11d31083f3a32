//! What every test here stands in: a home with `dev` in the layout of aws-mfa, and Lua with an imitation of Clink.

use std::ops::{Deref, DerefMut};
use std::path::Path;

use testbed::{Sandbox, Spec, Terminal};

pub struct Desk(Sandbox);

/// Clink's line editor, as far as the hook sees it.
pub struct Editor {
    pub terminal: Terminal,
}

impl Desk {
    /// Sessions of `dev` and `prod` that end so many seconds from now.
    pub fn new(seconds: i64) -> Desk {
        let sandbox = Sandbox::named(env!("CARGO_BIN_EXE_awsenv"), "it's & a home").with_keys("a&b %PATH% x");
        sandbox.session_ends_in(seconds);
        Desk(sandbox)
    }

    /// The imitation at its first prompt, with the hook loaded. `None` where Lua is missing.
    pub fn editor(&self, options: &[&str]) -> Option<Editor> {
        self.editor_of(&self.hook(options))
    }

    /// What `init` prints.
    pub fn hook(&self, options: &[&str]) -> String {
        let hook = self.home.awsenv(&[&["init", "clink"], options].concat()).output().expect("the binary runs");
        assert!(hook.status.success() && hook.stderr.is_empty(), "{hook:?}");
        String::from_utf8(hook.stdout).expect("ASCII")
    }

    /// The imitation with this hook.
    pub fn editor_of(&self, hook: &str) -> Option<Editor> {
        let lua = testbed::require("lua5.2")?;
        self.home.write("hook.lua", hook);
        let imitation = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shell_clink/clink.lua");
        let mut spec = Spec::new(lua).args([imitation, self.home.path().join("hook.lua")]).cwd(self.home.path());
        spec.env = self.home.env();
        spec.cols = 200;
        let mut terminal = Terminal::start(spec);
        terminal.expect("C:\\>\n");
        Some(Editor { terminal })
    }
}

impl Deref for Desk {
    type Target = Sandbox;

    fn deref(&self) -> &Sandbox {
        &self.0
    }
}

impl DerefMut for Desk {
    fn deref_mut(&mut self) -> &mut Sandbox {
        &mut self.0
    }
}

impl Editor {
    /// Types a line and gives what came, the next prompt's line included, the typed line left out.
    pub fn run(&mut self, line: &str) -> String {
        self.type_line(line).finish()
    }

    pub fn type_line(&mut self, line: &str) -> &mut Self {
        self.terminal.mark().line(line);
        self
    }

    /// Waits for the next prompt.
    pub fn finish(&mut self) -> String {
        let text = self.terminal.expect("C:\\>\n").since_mark();
        text.split_once('\n').map_or_else(String::new, |(_, rest)| rest.to_owned())
    }
}
