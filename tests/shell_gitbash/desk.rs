//! A home on wine's drive Z:, and a bash in it that takes itself for MSYS2's.

use std::cell::Cell;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use testbed::aws::{Device, FakeAws, Key, User};
use testbed::{Home, Session, Shell};

pub struct Desk {
    pub home: Home,
    pub device: Device,
    pub aws: FakeAws,
    user: User,
    key: Key,
    /// The time that the next files get, in seconds since 1970.
    next_time: Cell<u64>,
    /// A program that keeps wine's server up: one that a test's program started would keep its streams open.
    server: Child,
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// A path of this machine as Windows programs see it.
fn dos(path: &Path) -> String {
    format!("Z:{}", path.to_str().expect("UTF-8").replace('/', "\\"))
}

impl Desk {
    /// `dev`, `prod`, `/dev` and `a b` in aws-mfa's layout with sessions that end so many seconds from now. `None`, said
    /// aloud: nothing to run Windows programs with.
    pub fn new(seconds: i64) -> Option<Desk> {
        let named = |name| std::env::var_os(name).map(PathBuf::from);
        let (Some(wine), Some(exe)) = (named("AWSENV_TEST_WINE"), named("AWSENV_TEST_WINDOWS_EXE")) else {
            testbed::skipped("the hook in Git Bash: AWSENV_TEST_WINE and AWSENV_TEST_WINDOWS_EXE are not set");
            return None;
        };
        let (mut home, aws) = (Home::named(&exe, "a home"), FakeAws::start());
        let user = aws.user("taro");
        let (key, device) = (user.key(), user.device("taro"));
        home.config("[profile dev]\nregion = eu-west-1\n[profile prod]\n[profile /dev]\n[profile a b]\n");
        home.set("AWS_ENDPOINT_URL", aws.url()).set("OSTYPE", "msys").set("TERM_PROGRAM", "mintty");
        home.script("aws", "#!/bin/sh\necho \"ran $* as $AWS_PROFILE${AWSENV_ASK+ asking $AWSENV_ASK}\"\nexit 7\n");
        // Below wine the user's folders are what the registry says, until somebody sets the variables.
        let folder = dos(home.path());
        let set = [
            ("USERPROFILE", folder.clone()),
            ("APPDATA", format!("{folder}\\AppData\\Roaming")),
            ("LOCALAPPDATA", format!("{folder}\\AppData\\Local")),
        ];
        let set: String = set.iter().map(|(name, value)| format!("@set \"{name}={value}\"\r\n")).collect();
        home.write("start.cmd", format!("{set}@\"{}\" %*\r\n@exit /b %errorlevel%\r\n", dos(&exe)));
        let wine = wine.to_str().expect("UTF-8");
        // In mintty all streams are pipes; given a terminal, wine would make a console of it. What comes through them has been
        // shown when the program ends.
        home.script(
            "awsenv",
            &format!(
                "#!/bin/bash\necho \"$*\" >>'{0}/starts'\ncd '{0}'\nshows=()\n\
                 [[ ! -t 0 ]] || exec </dev/null\n\
                 if [[ -t 1 ]]; then exec > >(exec cat >/dev/tty); shows+=($!); fi\n\
                 if [[ -t 2 ]]; then exec 2> >(exec cat >/dev/tty); shows+=($!); fi\n\
                 '{wine}' cmd /d /c start.cmd \"$@\"\nstatus=$?\n\
                 exec >/dev/null 2>/dev/null\nwait \"${{shows[@]}}\"\nexit \"$status\"\n",
                home.path().display()
            ),
        );
        std::os::unix::fs::symlink("/", home.path().join("Z:")).expect("a link can be made");
        for folder in ["AppData/Roaming/awsenv", "AppData/Local/awsenv"] {
            std::fs::create_dir_all(home.path().join(folder)).expect("a folder can be made");
        }
        own(&home);
        let mut server = Command::new(wine)
            .args(["cmd", "/d"])
            .current_dir(home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("wine runs");
        let begun = server.stdout.as_mut().map(|out| out.read_exact(&mut [0]));
        assert!(begun.is_some_and(|read| read.is_ok()), "wine's cmd.exe shows its prompt");
        let desk = Desk { home, device, aws, user, key, next_time: Cell::new(1_700_000_000), server };
        desk.session_ends_in(seconds);
        Some(desk)
    }

    pub fn session_ends_in(&self, seconds: i64) {
        let session = self.user.session(seconds);
        let mut text = String::new();
        for profile in ["dev", "prod", "/dev", "a b"] {
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
        // Windows keeps time in steps of 100 ns, as wine gives it to programs; Linux does not, and bash would see that the
        // file is newer than a stamp that is meant to be just as old.
        let then = SystemTime::UNIX_EPOCH + Duration::from_secs(self.next_time.get());
        self.next_time.set(self.next_time.get() + 60);
        for name in
            [".aws/credentials", ".aws/config", ".aws", "AppData/Roaming/awsenv", "AppData/Local", "AppData", ""]
        {
            let file = std::fs::File::open(self.home.path().join(name)).expect("it is there");
            file.set_modified(then).expect("an own file's time can be set");
        }
        own(&self.home);
    }

    /// A bash with the hook, at its first prompt. `before` and `after` are lines around the hook's.
    pub fn bash(&self, before: &str, after: &str) -> Option<Session> {
        own(&self.home);
        // Linux runs no program of Windows: the script that has wine run it.
        let program = self.home.outside().join("bin/awsenv");
        let rc = format!(
            "{before}\n{}\n__awsenv_bin_as_printed=$__awsenv_bin\n__awsenv_bin='{}'\n{after}",
            Shell::Bash.hook(),
            program.display()
        );
        Session::start(Shell::Bash, &self.home, &rc)
    }

    /// How often the program was started with this first word.
    pub fn starts_of(&self, word: &str) -> usize {
        self.home.text("starts").lines().filter(|line| line.split(' ').next() == Some(word)).count()
    }
}

/// wine does not run as root, which these tests may be.
fn own(home: &Home) {
    let owner = std::env::var("AWSENV_TEST_WINE_USER").expect("AWSENV_TEST_WINE_USER: the number of wine's user");
    let given = Command::new("chown").args(["-hR", &owner]).arg(home.outside()).status().expect("chown runs");
    assert!(given.success(), "the home can be given to user {owner}");
}
