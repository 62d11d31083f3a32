//! A desktop's keyring: gnome-keyring on a session bus of its own, as Debian ships both.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::dbus::{Client, Values};
use crate::pty::DEADLINE;
use crate::{Home, Spec, Terminal};

/// The name of the Secret Service on the bus.
const SECRETS: &str = "org.freedesktop.secrets";

/// The password of its one keyring.
pub const PASSWORD: &str = "correct horse";

/// libgcr's own stand-in for a person at its dialogues: each line is what the next one is answered with, the empty one closes
/// it. Prints its name on the bus, then a line for each that it has read.
const PERSON: &str = r#"
import ctypes, sys
gcr = ctypes.CDLL("libgcr-base-3.so.1")
gcr.gcr_mock_prompter_start.restype = ctypes.c_char_p
print(gcr.gcr_mock_prompter_start().decode(), flush=True)
for line in sys.stdin:
    if line == "\n":
        gcr.gcr_mock_prompter_expect_password_cancel()
    else:
        gcr.gcr_mock_prompter_expect_password_ok(line[:-1].encode(), None)
    print("heard", flush=True)
"#;

/// A session bus and gnome-keyring on it, for the programs of one home; both end when this is dropped. Nothing else is to be
/// had on this bus: a dialogue cannot be shown.
pub struct Keyring {
    daemon: Child,
    person: Option<(Child, BufReader<ChildStdout>)>,
    bus: Child,
    socket: PathBuf,
    env: Vec<(OsString, OsString)>,
}

impl Keyring {
    /// One that is open, as after a login. Missing programs: as [`crate::require`].
    pub fn unlocked(home: &mut Home) -> Option<Keyring> {
        Self::start(home, false)
    }

    /// The same with a person at the desktop, who answers dialogues as [`Keyring::person_types`] says.
    pub fn with_a_person(home: &mut Home) -> Option<Keyring> {
        crate::require("python3")?;
        Self::start(home, true)
    }

    fn start(home: &mut Home, with_a_person: bool) -> Option<Keyring> {
        for program in ["dbus-daemon", "gnome-keyring-daemon", "secret-tool"] {
            crate::require(program)?;
        }
        let (mut bus, socket) = start_bus(home);
        let mut env = home.env();
        let person = if with_a_person { start_person(home, &mut env) } else { None };
        if with_a_person && person.is_none() {
            end(&mut bus);
            let required = std::env::var_os("AWSENV_TEST_REQUIRE").is_some();
            assert!(!required, "libgcr-base-3.so.1 is needed (AWSENV_TEST_REQUIRE is set)");
            crate::skipped("libgcr-base-3.so.1 is not on this machine");
            return None;
        }
        confirm_bus(home);
        let daemon = start_daemon(&env, true);
        let keyring = Keyring { daemon, person, bus, socket, env };
        keyring.wait_until(true);
        Some(keyring)
    }

    /// What the person types into the next dialogue; nothing: it is closed.
    pub fn person_types(&mut self, text: &str) -> &mut Self {
        let (child, heard) = self.person.as_mut().expect("there is a person");
        let stdin = child.stdin.as_mut().expect("it is piped");
        stdin.write_all(format!("{text}\n").as_bytes()).expect("the person listens");
        assert_eq!(line_of(heard), "heard");
        self
    }

    /// One that exists and is locked, as after a login without a password.
    pub fn locked(home: &mut Home) -> Option<Keyring> {
        let mut keyring = Self::unlocked(home)?;
        keyring.restart_locked();
        Some(keyring)
    }

    /// Starts it anew; it is locked then.
    pub fn restart_locked(&mut self) {
        self.stop();
        self.daemon = start_daemon(&self.env, false);
        self.wait_until(true);
    }

    /// gnome-keyring 42 now and then crashes over a program that was killed while it waited for an answer. True: it had, and is
    /// there again, open, with what it had kept.
    pub fn revive(&mut self) -> bool {
        let crashed = matches!(self.daemon.try_wait(), Ok(Some(_)));
        if crashed {
            self.wait_until(false);
            self.daemon = start_daemon(&self.env, true);
            self.wait_until(true);
        }
        crashed
    }

    /// Ends gnome-keyring; the bus goes on.
    pub fn stop(&mut self) {
        end(&mut self.daemon);
        self.wait_until(false);
    }

    /// Waits until another gnome-keyring has taken its place, which goes with the bus.
    pub fn wait_replaced(&mut self) {
        let end = Instant::now() + DEADLINE;
        while self.daemon.try_wait().expect("it is ours").is_none() {
            assert!(Instant::now() < end, "nobody replaces it");
            std::thread::sleep(Duration::from_millis(10));
        }
        self.wait_until(true);
    }

    /// Locks it.
    pub fn lock(&self) {
        let all = Values::of(|v| v.paths(&["/org/freedesktop/secrets/collection/login".into()]));
        let lock = [SECRETS, "/org/freedesktop/secrets", "org.freedesktop.Secret.Service", "Lock"];
        Client::connect(&self.socket).call(lock, "ao", &all);
    }

    /// What another program finds under awsenv's service and this user name.
    pub fn lookup(&self, user: &str) -> Option<String> {
        let done = self.secret_tool(&["lookup", "service", "awsenv", "username", user], "");
        done.status.success().then(|| String::from_utf8(done.stdout).expect("the secret is UTF-8"))
    }

    /// What people see of all of awsenv's items in the keyring's own program, secrets included.
    pub fn dump(&self) -> String {
        let done = self.secret_tool(&["search", "--all", "service", "awsenv"], "");
        String::from_utf8([done.stdout, done.stderr].concat()).expect("what is printed is UTF-8")
    }

    /// Another program puts a secret there.
    pub fn put(&self, attributes: &[&str], secret: &str) {
        let done = self.secret_tool(&[&["store", "--label=of another program"], attributes].concat(), secret);
        assert!(done.status.success(), "{done:?}");
    }

    /// Another program takes one of awsenv's away.
    pub fn clear(&self, user: &str) {
        let done = self.secret_tool(&["clear", "service", "awsenv", "username", user], "");
        assert!(done.status.success(), "{done:?}");
    }

    fn secret_tool(&self, args: &[&str], stdin: &str) -> Output {
        let mut command = Command::new("secret-tool");
        command.env_clear().envs(self.env.iter().cloned()).args(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("secret-tool starts");
        // One that does not read ends before.
        let _ = child.stdin.take().expect("it is piped").write_all(stdin.as_bytes());
        child.wait_with_output().expect("secret-tool ends")
    }

    fn wait_until(&self, there: bool) {
        let mut client = Client::connect(&self.socket);
        let end = Instant::now() + DEADLINE;
        while client.has_owner(SECRETS) != there {
            assert!(Instant::now() < end, "gnome-keyring neither comes nor goes");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Keyring {
    fn drop(&mut self) {
        end(&mut self.daemon);
        if let Some((person, _)) = &mut self.person {
            end(person);
        }
        end(&mut self.bus);
    }
}

/// Starts a program that ends with the test, also where the test is killed.
fn spawn(command: &mut Command) -> Child {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Signal, set_parent_process_death_signal};
        use std::os::unix::process::CommandExt;
        // SAFETY: runs between fork and exec; prctl is async-signal-safe and allocates nothing.
        #[allow(unsafe_code)]
        unsafe {
            command.pre_exec(|| Ok(set_parent_process_death_signal(Some(Signal::KILL))?));
        }
    }
    command.spawn().unwrap_or_else(|e| panic!("{command:?} does not start: {e}"))
}

fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

/// A person says that the session bus of this home is theirs, as awsenv asks once about every one but the login's own: it is
/// asked for a key that only the keyring could have. It asks where there is such a file, whether or not somebody listens.
pub fn confirm_bus(home: &Home) {
    let files = ["confirm-credentials", "confirm-config"].map(|name| home.outside().join(name));
    for (file, text) in files.iter().zip(["[bus]\nawsenv_keyring = AKIAIOSFODNN7EXAMPLE\n", ""]) {
        std::fs::write(file, text).expect("a file can be written");
    }
    let mut spec = Spec::new("awsenv").args(["credentials", "--long-term", "bus"]).cwd(home.path());
    spec.env = home.env();
    let [credentials, config] = files;
    let mut terminal = Terminal::start(
        spec.env("AWS_SHARED_CREDENTIALS_FILE", credentials).env("AWS_CONFIG_FILE", config).env("AWSENV_CONFIG", ""),
    );
    terminal.answer_all(|line| line.ends_with("now and later? [y/n] ").then(|| "y".to_owned()));
    let said = terminal.everything();
    assert!(said.contains("Is that bus yours"), "{said}");
}

/// A bus on which nothing is started by itself; its address goes into the home.
fn start_bus(home: &mut Home) -> (Child, PathBuf) {
    let runtime = home.outside().join("run");
    std::fs::create_dir_all(&runtime).expect("a folder can be made");
    private(&runtime);
    let socket = runtime.join("bus");
    let address = format!("unix:path={}", socket.display());
    let config = home.outside().join("bus.conf");
    std::fs::write(&config, bus_config(&address)).expect("a file can be written");
    home.set("XDG_RUNTIME_DIR", &runtime).set("DBUS_SESSION_BUS_ADDRESS", address);
    let mut command = home.command("dbus-daemon");
    command.arg("--config-file").arg(&config).args(["--nofork", "--print-address=1"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut bus = spawn(&mut command);
    let line = line_of(&mut BufReader::new(bus.stdout.as_mut().expect("it is piped")));
    assert!(line.starts_with("unix:"), "dbus-daemon does not listen: {line:?}");
    (bus, socket)
}

fn bus_config(address: &str) -> String {
    format!(
        "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN\"\n\
         \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n\
         <busconfig><type>session</type><listen>{address}</listen><auth>EXTERNAL</auth>\
         <policy context=\"default\"><allow send_destination=\"*\"/><allow receive_sender=\"*\"/><allow own=\"*\"/></policy></busconfig>\n"
    )
}

fn start_person(home: &Home, env: &mut Vec<(OsString, OsString)>) -> Option<(Child, BufReader<ChildStdout>)> {
    let mut command = home.command("python3");
    command.args(["-c", PERSON]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut person = spawn(&mut command);
    let mut heard = BufReader::new(person.stdout.take().expect("it is piped"));
    let name = line_of(&mut heard);
    if name.is_empty() {
        end(&mut person);
        return None;
    }
    env.push(("GNOME_KEYRING_TEST_PROMPTER".into(), name.into()));
    Some((person, heard))
}

fn line_of(reader: &mut impl BufRead) -> String {
    let mut line = String::new();
    reader.read_line(&mut line).expect("what is printed is UTF-8");
    line.trim_end().to_owned()
}

fn start_daemon(env: &[(OsString, OsString)], unlock: bool) -> Child {
    let mut command = Command::new("gnome-keyring-daemon");
    command.env_clear().envs(env.iter().cloned()).args(["--foreground", "--components=secrets"]);
    if unlock {
        command.arg("--unlock");
    }
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut daemon = spawn(&mut command);
    let mut stdin = daemon.stdin.take().expect("it is piped");
    if unlock {
        stdin.write_all(PASSWORD.as_bytes()).expect("gnome-keyring reads its password");
    }
    daemon
}

fn private(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).expect("a new folder is ours");
}
