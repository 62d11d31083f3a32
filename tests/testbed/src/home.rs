//! A home folder of its own for each test, and the environment of what runs in it.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use crate::aws::FakeAws;
use crate::proxy::Proxy;

/// A temporary home folder (0700) with the AWS files a test writes into it.
///
/// What is started in it sees only [`Home::env`]: no AWS_*, proxy or XDG variable of the machine.
pub struct Home {
    folder: TempDir,
    home: PathBuf,
    env: BTreeMap<OsString, OsString>,
}

impl Home {
    /// An empty home; `binary` is the program under test (`env!("CARGO_BIN_EXE_awsenv")`), found first on its PATH.
    pub fn new(binary: impl AsRef<Path>) -> Home {
        Self::named(binary, "home")
    }

    /// An empty home whose folder has this name ("it's a home", for example).
    pub fn named(binary: impl AsRef<Path>, name: &str) -> Home {
        let folder = tempfile::Builder::new().prefix("awsenv-test-").tempdir().expect("a temporary folder can be made");
        // Resolved, so that a test can compare paths with what a program prints (macOS: /tmp is a link; Windows' resolved
        // form is not what anybody prints).
        let resolved = || folder.path().canonicalize().expect("a new folder can be resolved");
        let root = if cfg!(windows) { folder.path().to_owned() } else { resolved() };
        let (home, bin) = (root.join(name), root.join("bin"));
        for new in [&home, &bin] {
            std::fs::create_dir(new).expect("a folder can be made in a new one");
            private(new, 0o700);
        }

        let binary = binary.as_ref();
        let own = binary.parent().expect("the binary has a folder").to_owned();
        let machine = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths([bin, own].into_iter().chain(std::env::split_paths(&machine)));
        let mut env = BTreeMap::new();
        for (name, value) in [
            ("HOME", home.clone().into_os_string()),
            ("PATH", path.expect("no folder on the PATH has a colon")),
            ("TZ", "UTC".into()),
            ("LANG", "C.UTF-8".into()),
            ("TERM", "xterm-256color".into()),
            ("USER", "taro".into()),
            // The SDKs and CLIs ask the EC2 metadata service where nothing else gives keys: seconds of silence.
            ("AWS_EC2_METADATA_DISABLED", "true".into()),
        ] {
            env.insert(OsString::from(name), value);
        }
        if cfg!(windows) {
            let below = |name: &str| home.join("AppData").join(name).into_os_string();
            env.insert("USERPROFILE".into(), home.clone().into_os_string());
            env.insert("APPDATA".into(), below("Roaming"));
            env.insert("LOCALAPPDATA".into(), below("Local"));
            // Without these no program of the system runs, and no socket opens.
            for name in ["SystemRoot", "SystemDrive", "windir", "ComSpec", "PATHEXT", "TEMP", "TMP"] {
                env.extend(std::env::var_os(name).map(|value| (OsString::from(name), value)));
            }
        }
        Home { folder, home, env }
    }

    /// The home folder.
    pub fn path(&self) -> &Path {
        &self.home
    }

    /// The folder around the home, for files that lie outside it.
    pub fn outside(&self) -> PathBuf {
        self.home.parent().map_or_else(|| self.folder.path().to_owned(), Path::to_owned)
    }

    /// Writes `~/.aws/config`.
    pub fn config(&self, text: impl AsRef<[u8]>) -> &Self {
        self.write(".aws/config", text)
    }

    /// Writes `~/.aws/credentials`.
    pub fn credentials(&self, text: impl AsRef<[u8]>) -> &Self {
        self.write(".aws/credentials", text)
    }

    /// Writes awsenv's own settings, `~/.config/awsenv/config` (`%APPDATA%\awsenv\config`).
    pub fn settings(&self, text: impl AsRef<[u8]>) -> &Self {
        let folder = if cfg!(windows) { "AppData/Roaming" } else { ".config" };
        self.write(Path::new(folder).join("awsenv/config"), text)
    }

    /// Writes a file (0600, folders 0700) under the home.
    pub fn write(&self, name: impl AsRef<Path>, text: impl AsRef<[u8]>) -> &Self {
        let file = self.home.join(name);
        let folder = file.parent().expect("a file under the home has a folder");
        let missing: Vec<_> = folder.ancestors().take_while(|f| !f.exists()).collect();
        for new in missing.into_iter().rev() {
            std::fs::create_dir(new).unwrap_or_else(|e| panic!("{}: {e}", new.display()));
            private(new, 0o700);
        }
        std::fs::write(&file, text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        private(&file, 0o600);
        self
    }

    /// The bytes of a file under the home.
    pub fn read(&self, name: impl AsRef<Path>) -> Vec<u8> {
        let file = self.home.join(name);
        std::fs::read(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
    }

    /// The text of a file under the home, which must be UTF-8.
    pub fn text(&self, name: impl AsRef<Path>) -> String {
        String::from_utf8(self.read(name)).expect("the file is UTF-8")
    }

    /// Puts an executable script into the folder that is first on the PATH, and gives its path.
    pub fn script(&self, name: &str, text: &str) -> PathBuf {
        let file = self.outside().join("bin").join(name);
        std::fs::write(&file, text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        private(&file, 0o755);
        file
    }

    /// A program on the PATH that says how it was called: `aws ran: s3 ls profile=dev ask=`.
    pub fn command_that_tells(&self, name: &str) -> &Self {
        let text = format!("#!/bin/sh\necho \"{name} ran: $* profile=$AWS_PROFILE ask=$AWSENV_ASK\"\n");
        self.script(name, &text);
        self
    }

    /// Sets when a file or folder under the home was changed last.
    pub fn changed_at(&self, name: impl AsRef<Path>, time: SystemTime) -> &Self {
        let path = self.home.join(name);
        let file = std::fs::File::open(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        file.set_modified(time).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        self
    }

    /// Makes all that a hook watches an hour old, so that what the next prompt is told holds for good: what was changed in
    /// the second in which it asks may change again.
    pub fn age(&self) -> &Self {
        let then = SystemTime::now() - Duration::from_secs(3600);
        let files =
            [".aws/credentials", ".aws/config", ".config/awsenv/config", ".aws", ".config/awsenv", ".config", ""];
        for name in files.iter().filter(|name| self.home.join(name).exists()) {
            self.changed_at(name, then);
        }
        self
    }

    /// Sets a variable for everything started in this home from now on.
    pub fn set(&mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> &mut Self {
        self.env.insert(name.into(), value.into());
        self
    }

    /// Leads every AWS client in this home to this AWS (AWS_ENDPOINT_URL).
    pub fn use_aws(&mut self, aws: &FakeAws) -> &mut Self {
        self.set("AWS_ENDPOINT_URL", aws.url())
    }

    /// Leads every AWS client in this home to this AWS under its real names: through a proxy to the TLS port, with its CA.
    /// For clients that do not read AWS_ENDPOINT_URL (the AWS CLI before 1.29 and 2.13).
    pub fn use_aws_by_name(&mut self, aws: &FakeAws, proxy: &Proxy) -> &mut Self {
        self.write(".testbed-ca.pem", aws.ca_pem());
        let bundle = self.home.join(".testbed-ca.pem");
        self.unset("AWS_ENDPOINT_URL").set("AWS_CA_BUNDLE", bundle).set("HTTPS_PROXY", proxy.url())
    }

    /// Takes a variable away again.
    pub fn unset(&mut self, name: &str) -> &mut Self {
        self.env.remove(OsStr::new(name));
        self
    }

    /// The whole environment of what is started in this home.
    pub fn env(&self) -> Vec<(OsString, OsString)> {
        self.env.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// A command in this home, with its environment only.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(self.env()).current_dir(&self.home);
        command
    }

    /// The same without a controlling terminal, whatever the test itself was started on.
    #[cfg(unix)]
    pub fn command_alone(&self, program: impl AsRef<OsStr>) -> Command {
        use std::os::unix::process::CommandExt;
        let mut command = self.command(program);
        command.stdin(std::process::Stdio::null());
        // SAFETY: runs between fork and exec; setsid is async-signal-safe and allocates nothing.
        #[allow(unsafe_code)]
        unsafe {
            command.pre_exec(|| rustix::process::setsid().map(drop).map_err(Into::into));
        }
        command
    }

    /// The same without a console.
    #[cfg(windows)]
    pub fn command_alone(&self, program: impl AsRef<OsStr>) -> Command {
        use std::os::windows::process::CommandExt;
        let mut command = self.command(program);
        command.stdin(std::process::Stdio::null()).creation_flags(DETACHED_PROCESS);
        command
    }

    /// `awsenv` with these arguments, found as a shell would find it.
    pub fn awsenv(&self, args: &[&str]) -> Command {
        let mut command = self.command("awsenv");
        command.args(args);
        command
    }
}

/// `CreateProcess`: the program gets no console.
#[cfg(windows)]
const DETACHED_PROCESS: u32 = 8;

#[cfg(unix)]
fn private(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(path, mode).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
}

#[cfg(not(unix))]
fn private(_path: &Path, _mode: u32) {}
