//! Writers that die, at any moment and at each system call, and system calls that fail.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use awsenv::aws_files::{FileKind, SectionKind, check_writable};
use bstr::ByteSlice;

const OTHERS: &str = "# mine\n[other]\nx = y\n\n";

/// A folder with a credentials file, gone at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("awsenv-kills-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder for the test");
        let folder = Folder(path);
        fs::write(folder.file(), content("0")).expect("the test's file can be written");
        folder
    }

    fn file(&self) -> PathBuf {
        self.0.join("credentials")
    }

    fn text(&self) -> String {
        fs::read_to_string(self.file()).expect("the file can be read")
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).expect("the folder can be read");
        let mut names: Vec<_> = entries.map(|e| e.expect("an entry").file_name().to_string_lossy().into()).collect();
        names.sort();
        names
    }

    /// What one more writer leaves: nothing but the file and the lock.
    fn settle(&self) {
        assert!(writer(&self.file(), "last", 1).status().expect("it starts").success());
        assert_eq!(self.text(), content("last"));
        assert_eq!(self.names(), [".awsenv.lock", "credentials"]);
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The whole file with this value in it; long enough that no single write could be taken for a whole one.
fn content(value: &str) -> String {
    let filler: String = (0..400).map(|n| format!("# line {n} of a long file\n")).collect();
    format!("{OTHERS}{filler}[dev]\nk = {value}\n")
}

/// This program again: sets the key `times` over, to `value`, `value1`, `value2`, ….
fn writer(path: &Path, value: &str, times: u32) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    prepare(&mut command, path, value, times).args(ITSELF);
    command
}

/// The same under strace, which does to a system call what `inject` says.
fn traced(path: &Path, value: &str, inject: &str) -> Command {
    let mut command = Command::new("strace");
    let inject = format!("inject={inject}");
    command.args(["-f", "-qq", "-o", "/dev/null", "-e", &inject]).arg(std::env::current_exe().expect("this program"));
    prepare(&mut command, path, value, 1).args(ITSELF);
    command
}

const ITSELF: [&str; 5] = ["--ignored", "--exact", "the_writer", "--test-threads", "1"];

fn prepare<'a>(command: &'a mut Command, path: &Path, value: &str, times: u32) -> &'a mut Command {
    let variables = [("AWSENV_TEST_VALUE", value), ("AWSENV_TEST_TIMES", &times.to_string()), ("RUST_BACKTRACE", "0")];
    command.env("AWSENV_TEST_WRITES", path).envs(variables).stdout(Stdio::null()).stderr(Stdio::null())
}

/// Not a test: what the others start and kill.
#[test]
#[ignore = "started by the other tests"]
fn the_writer() {
    let variable = |name| std::env::var(name).expect("the other tests set it");
    let (path, value) = (PathBuf::from(variable("AWSENV_TEST_WRITES")), variable("AWSENV_TEST_VALUE"));
    let times: u32 = variable("AWSENV_TEST_TIMES").parse().expect("a number");
    for n in 0..times {
        let value = if n == 0 { value.clone() } else { format!("{value}{n}") };
        let ready = check_writable(&path, FileKind::Credentials).expect("it can be written");
        ready
            .edit(|d| Ok(d.set(SectionKind::Profile, "dev".into(), "k", value.as_str().into())?))
            .expect("it can be written");
    }
}

#[test]
fn a_writer_killed_at_any_moment_leaves_a_whole_file() {
    let folder = Folder::new("random");
    for round in 0..300_u32 {
        let before = folder.text();
        let mut child = writer(&folder.file(), &format!("r{round}x"), 1_000_000).spawn().expect("it starts");
        // Once it writes, however long the machine takes to start it, one write follows the other.
        let deadline = Instant::now() + Duration::from_secs(60);
        while folder.text() == before {
            assert!(Instant::now() < deadline, "round {round}: the writer never wrote");
            std::thread::yield_now();
        }
        std::thread::sleep(Duration::from_micros(u64::from(round * 7919 % 300) * 30));
        child.kill().expect("it is ours");
        child.wait().expect("it ended");
        let after = folder.text();
        let value = after.lines().last().and_then(|line| line.strip_prefix("k = ")).expect("the last line is ours");
        assert!(value.starts_with(&format!("r{round}x")), "round {round}: {value}");
        assert_eq!(after, content(value), "round {round}");
    }
    folder.settle();
}

fn strace() -> bool {
    let works = Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).status().is_ok_and(|s| s.success());
    if !works {
        assert!(std::env::var_os("AWSENV_TEST_REQUIRE").is_none(), "strace must work (AWSENV_TEST_REQUIRE is set)");
        testbed::skipped("strace is not on this machine or may not trace");
    }
    works
}

#[test]
fn a_writer_killed_at_each_system_call_leaves_the_old_or_the_new_file() {
    if !strace() {
        return;
    }
    let folder = Folder::new("calls");
    let mut kills = 0;
    for call in ["openat", "flock", "write", "ftruncate", "fsync", "fchmod", "rename", "unlink", "close"] {
        for nth in 1..200 {
            let (old, new) = (folder.text(), format!("{call}-{nth}"));
            let inject = format!("{call}:signal=KILL:when={nth}");
            let done = traced(&folder.file(), &new, &inject).status().expect("strace starts").success();
            let now = folder.text();
            assert!(now == old || now == content(&new), "{call}, call {nth}: neither old nor new");
            if done {
                assert_eq!(now, content(&new), "{call} {nth}");
                break;
            }
            kills += 1;
        }
    }
    assert!(kills > 40, "only {kills} kills: does strace follow the writer?");
    folder.settle();
}

#[test]
fn a_failing_system_call_is_one_clear_line_and_the_old_file() {
    if !strace() {
        return;
    }
    let folder = Folder::new("errors");
    let cases = [
        ("flock:error=ENOLCK", "has no locks"),
        ("flock:error=EOPNOTSUPP", "has no locks"),
        ("fsync:error=EIO", "Input/output error"),
        ("fsync:error=ENOSPC", "No space left"),
        ("ftruncate:error=ENOSPC:when=2+", "No space left"),
        ("rename:error=EACCES", "Permission denied"),
    ];
    for (inject, says) in cases {
        let mut command = traced(&folder.file(), "new", inject);
        let mut child = command.args(["--nocapture"]).stderr(Stdio::piped()).spawn().expect("strace starts");
        let mut said = Vec::new();
        child.stderr.take().expect("piped").read_to_end(&mut said).expect("it can be read");
        assert!(!child.wait().expect("it ends").success(), "{inject}: {}", said.as_bstr());
        assert!(said.contains_str(says), "{inject}: {}", said.as_bstr());
        assert_eq!(folder.text(), content("0"), "{inject}");
    }
    folder.settle();
}

#[test]
fn where_a_rename_cannot_work_the_file_is_written_in_place() {
    if !strace() {
        return;
    }
    let folder = Folder::new("in-place");
    for (at, error) in ["EBUSY", "EXDEV"].into_iter().enumerate() {
        let id =
            fs::metadata(folder.file()).map(|seen| std::os::unix::fs::MetadataExt::ino(&seen)).expect("it is there");
        let inject = format!("rename:error={error}:when=1");
        let value = format!("new{at}");
        assert!(traced(&folder.file(), &value, &inject).status().expect("strace starts").success());
        assert_eq!(folder.text(), content(&value));
        let now =
            fs::metadata(folder.file()).map(|seen| std::os::unix::fs::MetadataExt::ino(&seen)).expect("it is there");
        assert_eq!(id, now, "the same file");
    }
    folder.settle();
}
