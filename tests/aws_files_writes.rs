//! Writing under bad circumstances: many writers, kills, full disks, links, mounts, no locks.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use awsenv::aws_files::{Document, FileKind, SectionKind, check_writable, edit, replace};
use awsenv::error::Result;
use bstr::ByteSlice;

use FileKind::Credentials;

/// A folder of this test, gone at its end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("awsenv-writes-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("a folder for the test");
        Folder(path.canonicalize().expect("it is there"))
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).expect("the test's file can be written");
        path
    }

    /// The names in it, in order, without the lock.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).expect("the folder can be read");
        let mut names: Vec<_> = entries.map(|e| e.expect("an entry").file_name().to_string_lossy().into()).collect();
        names.retain(|name| name != ".awsenv.lock");
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::set_permissions(&self.0, fs::Permissions::from_mode(0o700));
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn set(path: &Path, key: &str, value: &str) -> Result<()> {
    edit(path, Credentials, |document| Ok(document.set(SectionKind::Profile, "dev".into(), key, value.into())?))
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).expect("the file can be read")
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it is there").mode() & 0o7777
}

/// Says that a test did not run; not allowed where everything is required.
fn skip(why: &str) {
    assert!(std::env::var_os("AWSENV_TEST_REQUIRE").is_none(), "{why} (AWSENV_TEST_REQUIRE is set)");
    testbed::skipped(why);
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|seen| seen.uid() == 0)
}

#[test]
fn a_new_file_and_its_folder_are_for_their_owner_only() {
    let folder = Folder::new();
    let path = folder.0.join("home/.aws/credentials");
    set(&path, "k", "v").expect("it can be written");
    assert_eq!(text(&path), "[dev]\nk = v\n");
    assert_eq!((mode(&path), mode(&folder.0.join("home/.aws"))), (0o600, 0o700));
}

#[test]
fn mode_and_links_stay_as_they_are() {
    let folder = Folder::new();
    fs::create_dir(folder.0.join("real")).expect("a folder");
    let real = folder.file("real/credentials", "[dev]\nk = old\n");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).expect("our own file");
    symlink("real/credentials", folder.0.join("one")).expect("a link");
    symlink(folder.0.join("one"), folder.0.join("two")).expect("a link");
    set(&folder.0.join("two"), "k", "new").expect("it can be written");
    assert_eq!(text(&real), "[dev]\nk = new\n");
    assert_eq!(mode(&real), 0o640);
    assert_eq!(fs::read_link(folder.0.join("two")).expect("still a link"), folder.0.join("one"));
    assert!(folder.0.join("real/.awsenv.lock").exists(), "the lock is beside the real file");
    // A link to a file that is not there yet leads to where it will be.
    symlink("real/later", folder.0.join("three")).expect("a link");
    set(&folder.0.join("three"), "k", "v").expect("it can be written");
    assert_eq!(text(&folder.0.join("real/later")), "[dev]\nk = v\n");
    // A loop is an error, not a hang.
    symlink("loop", folder.0.join("loop")).expect("a link");
    assert!(set(&folder.0.join("loop"), "k", "v").is_err());
}

#[test]
fn both_names_of_a_hard_linked_file_show_the_change() {
    let folder = Folder::new();
    let path = folder.file("credentials", "[dev]\nk = old and longer\n");
    fs::hard_link(&path, folder.0.join("other")).expect("a hard link");
    set(&path, "k", "new").expect("it can be written");
    assert_eq!(text(&folder.0.join("other")), "[dev]\nk = new\n");
    set(&path, "more", &"x".repeat(5000)).expect("it can be written");
    assert_eq!(text(&folder.0.join("other")), text(&path));
    assert_eq!(folder.names(), ["credentials", "other"]);
}

#[test]
fn a_write_in_place_that_was_cut_off_is_told_and_nothing_is_written_over_it() {
    let folder = Folder::new();
    let path = folder.file("credentials", "[dev]\nk = ol");
    let backup = folder.file(".awsenv-backup-credentials", "[dev]\nk = old\n");
    let error = set(&path, "k", "new").expect_err("a person has to look").to_string();
    assert!(error.contains(".awsenv-backup-credentials"), "{error}");
    assert!(check_writable(&path, Credentials).is_err());
    assert_eq!(text(&path), "[dev]\nk = ol");
    fs::copy(&backup, &path).expect("as the message says");
    set(&path, "k", "new").expect("the backup is what is there");
    assert_eq!(folder.names(), ["credentials"]);
}

#[test]
fn a_file_that_cannot_be_written_is_found_before_a_code_is_asked_for() {
    let folder = Folder::new();
    let broken = folder.file("broken", "[dev]\nk = v\nnonsense\n");
    let error = check_writable(&broken, Credentials).expect_err("the file is broken").to_string();
    assert!(error.contains("broken:3:"), "{error}");
    assert!(check_writable(&folder.0, Credentials).is_err(), "a folder is no file");
    assert!(check_writable(Path::new("/dev/null"), Credentials).is_err(), "nor is a device");
    assert!(!Path::new("/dev/.awsenv.lock").exists());
    assert!(set(&broken, "k", "w").is_err());
    assert_eq!(text(&broken), "[dev]\nk = v\nnonsense\n");
    let good = folder.file("good", "[dev]\n");
    drop(check_writable(&good, Credentials).expect("it can be written"));
    assert_eq!(folder.names(), ["broken", "good"], "the room is given back");

    if is_root() {
        return as_nobody("a_file_that_cannot_be_written_is_found_before_a_code_is_asked_for");
    }
    fs::set_permissions(&good, fs::Permissions::from_mode(0o400)).expect("our own file");
    assert!(check_writable(&good, Credentials).is_err(), "a read-only file stays so");
    fs::set_permissions(&good, fs::Permissions::from_mode(0o600)).expect("our own file");
    fs::set_permissions(&folder.0, fs::Permissions::from_mode(0o500)).expect("our own folder");
    let error = check_writable(&good, Credentials).expect_err("the folder is read-only").to_string();
    assert!(error.contains(folder.0.to_str().expect("a plain path")), "{error}");
    assert_eq!(text(&good), "[dev]\n");
}

/// Root may write everywhere: the test runs again as somebody who may not.
fn as_nobody(test: &str) {
    let own = std::env::current_exe().expect("this program");
    let copy = std::env::temp_dir().join(format!("awsenv-test-{}", std::process::id()));
    fs::copy(&own, &copy).expect("nobody must be able to read it");
    let out = Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(&copy)
        .args(["--exact", test])
        .output();
    fs::remove_file(&copy).expect("our own file");
    match out {
        Ok(out) => assert!(out.status.success(), "{}{}", out.stdout.as_bstr(), out.stderr.as_bstr()),
        Err(_) => skip("setpriv is not on this machine"),
    }
}

#[test]
fn root_follows_nobodys_link_to_somebody_elses_file() {
    if !is_root() {
        return skip("only root can make files of other owners");
    }
    let folder = Folder::new();
    let real = folder.file("real", "[dev]\nk = old\n");
    let link = folder.0.join("link");
    symlink("real", &link).expect("a link");
    std::os::unix::fs::lchown(&link, Some(65534), Some(65534)).expect("root can");
    let error = set(&link, "k", "new").expect_err("the link is nobody's, the file root's").to_string();
    assert!(error.contains("another owner"), "{error}");
    assert_eq!(text(&real), "[dev]\nk = old\n");
    std::os::unix::fs::chown(&real, Some(65534), Some(65534)).expect("root can");
    set(&link, "k", "new").expect("the link's owner is the file's");
    assert_eq!(fs::metadata(&real).expect("it is there").uid(), 65534, "it is still nobody's");
    // What root makes in somebody's home is theirs.
    let home = folder.0.join("home");
    fs::create_dir(&home).expect("a folder");
    std::os::unix::fs::chown(&home, Some(65534), Some(65534)).expect("root can");
    let new = home.join(".aws/credentials");
    set(&new, "k", "v").expect("it can be written");
    for path in [&new, &home.join(".aws"), &home.join(".aws/.awsenv.lock")] {
        assert_eq!(fs::metadata(path).expect("it is there").uid(), 65534, "{}", path.display());
    }
}

#[test]
fn a_full_disk_is_found_before_a_code_is_asked_for_and_the_room_kept() {
    let mounted = |test: &str| in_own_mounts(test, "mount -t tmpfs -o size=128k none \"$0\"");
    let Some(folder) = mounted("a_full_disk_is_found_before_a_code_is_asked_for_and_the_room_kept") else { return };
    let path = folder.join("credentials");
    fs::write(&path, "[dev]\nk = old\n").expect("there is room");
    let ready = check_writable(&path, Credentials).expect("there is room");
    let fill = |name: &str| {
        let mut file = fs::File::create(folder.join(name)).expect("a name needs no room");
        while std::io::Write::write_all(&mut file, &[1; 512]).is_ok() {}
    };
    fill("big");
    assert!(check_writable(&path, Credentials).is_err(), "the disk is full");
    let error = set(&path, "k", &"x".repeat(9000)).expect_err("the disk is full").to_string();
    assert!(error.contains("space"), "{error}");
    assert_eq!(text(&path), "[dev]\nk = old\n");
    let value = "y".repeat(9000);
    let write =
        |document: &mut Document| Ok(document.set(SectionKind::Profile, "dev".into(), "k", value.as_str().into())?);
    ready.edit(write).expect("its room was kept");
    assert_eq!(text(&path), format!("[dev]\nk = {value}\n"));
    // In place, too, the old bytes survive: the file has another name, so that no rename can be.
    fs::remove_file(folder.join("big")).expect("our own file");
    fs::write(&path, "[dev]\nk = old\n").expect("there is room");
    fs::hard_link(&path, folder.join("other")).expect("a hard link");
    let ready = check_writable(&path, Credentials).expect("there is room");
    fill("big");
    let long = "z".repeat(100_000);
    let write =
        |document: &mut Document| Ok(document.set(SectionKind::Profile, "dev".into(), "k", long.as_str().into())?);
    assert!(ready.edit(write).is_err(), "more than was kept");
    assert_eq!(text(&path), "[dev]\nk = old\n");
    assert!(!folder.join(".awsenv-backup-credentials").exists());
}

#[test]
fn a_single_mounted_file_is_written_in_place() {
    let mounts = "touch \"$0/credentials\" \"$0/outside\"; mount --bind \"$0/outside\" \"$0/credentials\"";
    let Some(folder) = in_own_mounts("a_single_mounted_file_is_written_in_place", mounts) else { return };
    let path = folder.join("credentials");
    let ready = check_writable(&path, Credentials).expect("it can be written");
    ready.edit(|document| Ok(document.set(SectionKind::Profile, "dev".into(), "k", "v".into())?)).expect("in place");
    set(&path, "k", "a longer one").expect("in place");
    assert_eq!(text(&folder.join("outside")), "[dev]\nk = a longer one\n");
    set(&path, "k", "s").expect("in place");
    assert_eq!(text(&folder.join("outside")), "[dev]\nk = s\n");
    let mut names: Vec<_> =
        fs::read_dir(&folder).expect("a folder").map(|e| e.expect("an entry").file_name()).collect();
    names.sort();
    assert_eq!(names, [".awsenv.lock", "credentials", "outside"]);
}

/// Runs a test again in its own mount namespace, after `mounts` (a shell's commands, the folder is `$0`). Gives the
/// folder there, and nothing out here.
fn in_own_mounts(test: &str, mounts: &str) -> Option<PathBuf> {
    if let Some(inside) = std::env::var_os("AWSENV_TEST_MOUNTED") {
        return Some(inside.into());
    }
    let folder = Folder::new();
    let own = std::env::current_exe().expect("this program");
    let script = format!("{mounts} || exit 99; AWSENV_TEST_MOUNTED=\"$0\" exec \"$1\" --exact {test}");
    let out = Command::new("unshare")
        .args(["-m", "--propagation", "private", "sh", "-c", &script])
        .args([folder.0.as_path(), &own])
        .output();
    match out {
        Ok(out) if out.status.success() => {}
        Ok(out) if out.status.code() == Some(101) => panic!("{}{}", out.stdout.as_bstr(), out.stderr.as_bstr()),
        _ => skip("mounting needs root, unshare and mount"),
    }
    None
}

#[test]
fn large_and_binary_files_work_or_say_what_they_are() {
    let folder = Folder::new();
    let profile = format!("[p]\nk = {}\n", "x".repeat(100));
    let many = profile.repeat((24 << 20) / profile.len());
    let path = folder.file("large", &many);
    set(&path, "k", "v").expect("24 MB can be written");
    let read = Document::read(&path, Credentials).expect("24 MB can be read");
    assert_eq!(read.bytes().len(), many.len() + "\n[dev]\nk = v\n".len());
    assert_eq!(read.profile_names().count(), 2);

    let file = folder.file("huge", "");
    fs::File::options().write(true).open(&file).and_then(|f| f.set_len(200 << 20)).expect("a hole");
    let error = |name: &str| Document::read(&folder.0.join(name), Credentials).expect_err("refused").to_string();
    assert!(error("huge").contains("larger than 32 MB"), "{}", error("huge"));
    folder.file("binary", "[a]\nk = v\n\0\n");
    assert!(error("binary").contains("binary:3: there is a NUL byte"), "{}", error("binary"));
    folder.file("utf16", "x");
    fs::write(folder.0.join("utf16"), b"\xff\xfe[\0a\0]\0").expect("our own file");
    assert!(error("utf16").contains("UTF-16"), "{}", error("utf16"));
    assert!(error(".").contains("not a file"), "{}", error("."));
    let status = Command::new("mkfifo").arg(folder.0.join("pipe")).status().expect("mkfifo runs");
    assert!(status.success());
    assert!(error("pipe").contains("not a file"), "{}", error("pipe"));
    let null = Document::read(Path::new("/dev/null"), Credentials).expect("the null device is an empty file");
    assert_eq!(null.profile_names().count(), 0);
    let none = Document::read(&folder.0.join("none"), Credentials).expect("no file is an empty one");
    assert!(!none.exists() && none.modified().is_none());
}

#[test]
fn thirty_writers_lose_nothing_and_leave_nothing() {
    let folder = Folder::new();
    let path = folder.file("credentials", "# mine\n[dev]\nk = v\n");
    let writers: Vec<_> = (0..30)
        .map(|n| writer(&path).args([format!("key{n}"), format!("value{n}")]).spawn().expect("it starts"))
        .collect();
    for mut child in writers {
        assert!(child.wait().expect("it ends").success());
    }
    let read = Document::read(&path, Credentials).expect("it can be read");
    let dev = read.profile("dev".into()).expect("it is there");
    for n in 0..30 {
        let value = dev.get(&format!("key{n}")).expect("every writer's key is there");
        assert_eq!(*value.bytes, format!("value{n}").as_str());
    }
    assert_eq!(folder.names(), ["credentials"]);
}

#[test]
fn the_room_of_one_who_waits_for_a_code_survives_other_writers() {
    let folder = Folder::new();
    let path = folder.file("credentials", "[dev]\nk = v\n");
    let waiting = check_writable(&path, Credentials).expect("it can be written");
    set(&path, "other", "x").expect("nobody holds the lock");
    assert_eq!(folder.names().len(), 2, "the room is still there");
    let write = |document: &mut Document| Ok(document.set(SectionKind::Profile, "dev".into(), "k", "new".into())?);
    waiting.edit(write).expect("it can be written");
    assert_eq!(text(&path), "[dev]\nk = new\nother = x\n");
    assert_eq!(folder.names(), ["credentials"]);
}

/// A program without locks writes between our read and our write: both changes are there in the end.
#[test]
fn a_change_by_another_program_meanwhile_is_kept() {
    let folder = Folder::new();
    let path = folder.file("credentials", "[dev]\nk = v\n");
    let mut calls = 0;
    edit(&path, Credentials, |document| {
        calls += 1;
        if calls == 1 {
            fs::write(&path, "[dev]\nk = v\n[other]\nx = y\n").expect("our own file");
        }
        Ok(document.set(SectionKind::Profile, "dev".into(), "k", "new".into())?)
    })
    .expect("it can be written");
    assert_eq!(text(&path), "[dev]\nk = new\n[other]\nx = y\n");
    // One that never rests is told of.
    let error = edit(&path, Credentials, |document| {
        calls += 1;
        fs::write(&path, format!("[other]\nx = {calls}{}\n", "+".repeat(calls))).expect("our own file");
        Ok(document.set(SectionKind::Profile, "dev".into(), "k", "v".into())?)
    });
    assert!(error.expect_err("it gives up").to_string().contains("another program"));
}

#[test]
fn a_cache_file_is_replaced_whole_with_its_mode() {
    let folder = Folder::new();
    let path = folder.0.join("cli/cache/key.json");
    replace::write(&path, b"{}", 0o600).expect("it can be written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("our own file");
    fs::write(path.with_file_name(".awsenv-0000000000000000.tmp"), "left behind").expect("our own file");
    replace::write(&path, b"{\"a\":1}", 0o600).expect("it can be written");
    assert_eq!(text(&path), "{\"a\":1}");
    assert_eq!((mode(&path), mode(&folder.0.join("cli/cache"))), (0o600, 0o700));
    assert_eq!(fs::read_dir(folder.0.join("cli/cache")).expect("a folder").count(), 1);
}

/// This program again as a writer of one key: `writer(path).args([key, value])`.
fn writer(path: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["--ignored", "--exact", "the_writer", "--"]).stdout(Stdio::null()).stderr(Stdio::null());
    command.env("AWSENV_TEST_WRITES", path);
    command
}

/// Not a test: what the others start and kill.
#[test]
#[ignore = "started by the other tests"]
fn the_writer() {
    let path = PathBuf::from(std::env::var_os("AWSENV_TEST_WRITES").expect("the other tests set it"));
    let (mut key, mut value) = ("k".to_owned(), std::env::var("AWSENV_TEST_VALUE").unwrap_or_default());
    let words: Vec<String> = std::env::args().collect();
    if let [.., last_but_one, last] = &words[..]
        && last_but_one.starts_with("key")
    {
        (key, value) = (last_but_one.clone(), last.clone());
    }
    let ready = check_writable(&path, Credentials).expect("it can be written");
    ready
        .edit(|document| Ok(document.set(SectionKind::Profile, "dev".into(), &key, value.as_str().into())?))
        .expect("it can be written");
}
