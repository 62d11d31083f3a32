//! What every test here stands in: a home with `dev` in the layout of aws-mfa, and Lua with an imitation of Clink.

use std::path::Path;

use testbed::aws::{Device, FakeAws, Key, User};
use testbed::{Home, Spec, Terminal};

pub struct Desk {
    pub home: Home,
    pub device: Device,
    user: User,
    key: Key,
    _aws: FakeAws,
}

/// Clink's line editor, as far as the hook sees it.
pub struct Editor {
    pub terminal: Terminal,
}

impl Desk {
    /// Sessions of `dev` and `prod` that end so many seconds from now.
    pub fn new(seconds: i64) -> Desk {
        let aws = FakeAws::start();
        let user = aws.user("taro");
        let (key, device) = (user.key(), user.device("taro"));
        let mut home = Home::named(env!("CARGO_BIN_EXE_awsenv"), "it's & a home");
        home.use_aws(&aws);
        home.config("[profile dev]\nregion = eu-west-1\n[profile prod]\n[profile a&b %PATH% x]\n");
        let desk = Desk { home, device, user, key, _aws: aws };
        desk.session_ends_in(seconds);
        desk
    }

    pub fn session_ends_in(&self, seconds: i64) {
        let session = self.user.session(seconds);
        let mut text = "[a&b %PATH% x]\naws_access_key_id = AKIAX\naws_secret_access_key = x\n".to_owned();
        for profile in ["dev", "prod"] {
            text += &format!(
                "[{profile}-long-term]\n{}aws_mfa_device = {}\n[{profile}]\naws_access_key_id = {}\n\
                 aws_secret_access_key = {}\naws_session_token = {}\nexpiration = {}\n",
                self.key.lines(),
                self.device.serial(),
                session.access_key_id,
                session.secret_access_key,
                session.session_token,
                session.expiration_as_aws_mfa(),
            );
        }
        self.home.credentials(text);
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
