//! The state folder, and files in it.

#[cfg_attr(unix, path = "dir/unix.rs")]
#[cfg_attr(windows, path = "dir/windows.rs")]
mod system;

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::host::Host;
use crate::process;
use system::{is_own, is_private, is_shared, is_writable, open, own_user, rename};

/// No file of ours is larger; a larger one is somebody else's.
const MOST_BYTES: u64 = 256 * 1024;

/// What a file is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Read,
    /// To be written; an error where there is one.
    New,
    /// Made when it is missing.
    Lock,
    /// Made when it is missing.
    Append,
}

/// A folder that this user owns and nobody else may write.
#[derive(Debug, Clone)]
pub struct StateDir {
    path: PathBuf,
}

impl StateDir {
    /// The first usable of `AWSENV_STATE_DIR`, `$XDG_STATE_HOME/awsenv` (`~/.local/state/awsenv`) and
    /// `$XDG_RUNTIME_DIR/awsenv`; made when it is missing. `None`: nothing can be remembered.
    pub fn of(host: &Host) -> Option<StateDir> {
        places(host).into_iter().find_map(StateDir::usable)
    }

    /// The folder in the home, whatever the environment says: for what must not come from a place that a cloned
    /// repository's .envrc can name.
    pub fn of_home(host: &Host) -> Option<StateDir> {
        StateDir::usable(in_home(host)?)
    }

    /// A folder for lock files: as [`StateDir::of`], else one in the folder for temporary files.
    pub(super) fn for_locks(host: &Host) -> Option<StateDir> {
        StateDir::of(host).or_else(|| StateDir::usable(temporary(host)?))
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The content of a file in it. `None` unless it is a regular file of this user, not a link, and small.
    pub fn read(&self, name: &str) -> Option<Vec<u8>> {
        let file = open_regular(&self.path.join(name), Use::Read).ok()?;
        let mut bytes = Vec::new();
        // A file that grows while it is read is cut here, and then fails as broken.
        file.take(MOST_BYTES).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }

    /// Replaces a file in it at once (mode 0600), with the given time of last change. Not synced: nothing here is worth
    /// waiting for a disk.
    pub fn write(&self, name: &str, bytes: &[u8], modified: Option<SystemTime>) -> io::Result<()> {
        let temporary = self.path.join(format!(".{name}.{}.{:08x}{TEMPORARY}", std::process::id(), random_number()));
        let written =
            write_new(&temporary, bytes, modified).and_then(|()| rename(&temporary, self.path.join(name).as_path()));
        if written.is_err() {
            let _ = std::fs::remove_file(&temporary);
        }
        written
    }

    /// Adds a line to a file in it, made when it is missing, unless the file has `most` bytes already: then it says
    /// false. Without a new file and its rename this is a third of the time of [`StateDir::write`].
    pub fn append(&self, name: &str, line: &[u8], most: u64) -> io::Result<bool> {
        let mut file = open_regular(&self.path.join(name), Use::Append)?;
        let fits = file.metadata()?.len() < most;
        if fits {
            // One call, so that lines of two processes do not mix.
            file.write_all(line)?;
        }
        Ok(fits)
    }

    /// Removes what killed processes left behind, and the files that `is_old` names by name and age.
    pub fn sweep(&self, is_old: impl Fn(&str, Duration) -> bool) {
        let Ok(entries) = std::fs::read_dir(&self.path) else { return };
        for entry in entries.flatten() {
            let Ok(name) = entry.file_name().into_string() else { continue };
            let age = entry.metadata().and_then(|m| m.modified()).map(|t| t.elapsed().unwrap_or_default());
            let left_behind =
                |age: Duration| is_abandoned(&name) || name.ends_with(TEMPORARY) && age > Duration::from_secs(600);
            if age.is_ok_and(|age| left_behind(age) || is_old(&name, age)) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }

    /// Removes the files whose names begin with `kind` and come before `name` in their order.
    pub fn remove_before(&self, kind: &str, name: &str) {
        let Ok(entries) = std::fs::read_dir(&self.path) else { return };
        for entry in entries.flatten() {
            if entry.file_name().to_str().is_some_and(|found| found.starts_with(kind) && found < name) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }

    /// Opens a file in it for locking; made when it is missing.
    pub(super) fn open_lock(&self, name: &str) -> io::Result<File> {
        open_regular(&self.path.join(name), Use::Lock)
    }

    /// Makes the folder if needed and checks it.
    fn usable(path: PathBuf) -> Option<StateDir> {
        // A relative place would depend on the working folder.
        if !path.is_absolute() {
            return None;
        }
        let found = match std::fs::symlink_metadata(&path) {
            Ok(found) => found,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                make(&path).ok()?;
                std::fs::symlink_metadata(&path).ok()?
            }
            Err(_) => return None,
        };
        (found.is_dir() && is_private(&path, &found) && is_writable(&path)).then_some(StateDir { path })
    }
}

const TEMPORARY: &str = ".tmp";

/// Whether this is a temporary file whose writer is gone: its process id stands in the name, see [`StateDir::write`].
fn is_abandoned(name: &str) -> bool {
    let pid = name.strip_suffix(TEMPORARY).and_then(|n| n.rsplit('.').nth(1)).and_then(|pid| pid.parse().ok());
    pid.is_some_and(|pid| !process::is_alive(pid))
}

fn places(host: &Host) -> Vec<PathBuf> {
    let from = |name: &str| host.var(name).map(PathBuf::from);
    let given = from("AWSENV_STATE_DIR");
    let usual = if cfg!(windows) {
        from("LOCALAPPDATA").filter(|p| p.is_absolute()).map(|p| p.join("awsenv")).or_else(|| in_home(host))
    } else {
        // XDG base directories: a relative path counts as unset.
        from("XDG_STATE_HOME").filter(|p| p.is_absolute()).map(|p| p.join("awsenv")).or_else(|| in_home(host))
    };
    let runtime = from("XDG_RUNTIME_DIR").map(|p| p.join("awsenv"));
    [given, usual, runtime].into_iter().flatten().collect()
}

fn in_home(host: &Host) -> Option<PathBuf> {
    let below = if cfg!(windows) { r"AppData\Local\awsenv" } else { ".local/state/awsenv" };
    Some(host.home()?.join(below))
}

fn temporary(host: &Host) -> Option<PathBuf> {
    if cfg!(windows) {
        return Some(PathBuf::from(host.var("TEMP")?).join("awsenv"));
    }
    let folder = host.var("TMPDIR").map(PathBuf::from).filter(|p| p.is_absolute()).unwrap_or_else(|| "/tmp".into());
    Some(folder.join(format!("awsenv-{}", own_user())))
}

/// Makes the folder and those above it, 0700, but only below a folder of this user or one that everybody may use: root in
/// another user's home must not leave folders there that their owner cannot write.
fn make(path: &Path) -> io::Result<()> {
    let above = path.ancestors().skip(1).find_map(|p| Some((p, std::fs::metadata(p).ok()?)));
    if !above.is_some_and(|(path, above)| is_own(path, &above) || is_shared(&above)) {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    system::make(path)
}

fn write_new(path: &Path, bytes: &[u8], modified: Option<SystemTime>) -> io::Result<()> {
    let mut file = open(path, Use::New)?;
    file.write_all(bytes)?;
    if let Some(time) = modified {
        file.set_modified(time)?;
    }
    Ok(())
}

/// Opens a small regular file of this user, never through a link.
fn open_regular(path: &Path, how: Use) -> io::Result<File> {
    let file = open(path, how)?;
    let found = file.metadata()?;
    if found.is_file() && is_own(path, &found) && found.len() <= MOST_BYTES {
        Ok(file)
    } else {
        Err(io::ErrorKind::InvalidData.into())
    }
}

/// Only keeps two names apart; `create_new` notices when it does not.
fn random_number() -> u32 {
    getrandom::u32().unwrap_or(0)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::time::Timestamp;
    use std::os::unix::fs::{PermissionsExt, symlink};

    struct Place(tempfile::TempDir);

    impl Place {
        fn new() -> Self {
            Place(tempfile::tempdir().expect("a folder for the test"))
        }

        fn path(&self, below: &str) -> PathBuf {
            self.0.path().join(below)
        }

        fn host(&self, vars: &[(&str, &str)]) -> Host {
            let here = self.0.path().to_str().expect("a plain path");
            let vars: Vec<_> = vars.iter().map(|(k, v)| (*k, v.replace('@', here))).collect();
            let vars: Vec<_> = vars.iter().map(|(k, v)| (*k, v.as_str())).collect();
            Host::fixed(&vars, &self.path("home"), Timestamp(0))
        }

        fn folder(&self, below: &str, mode: u32) -> PathBuf {
            let path = self.path(below);
            std::fs::create_dir_all(&path).expect("a folder");
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("its mode");
            path
        }
    }

    fn of(host: &Host) -> Option<PathBuf> {
        StateDir::of(host).map(|d| d.path)
    }

    #[test]
    fn the_places_come_in_their_order_and_are_made_private() {
        let place = Place::new();
        assert_eq!(of(&place.host(&[])), Some(place.path("home/.local/state/awsenv")));
        assert_eq!(of(&place.host(&[("XDG_STATE_HOME", "@/xdg")])), Some(place.path("xdg/awsenv")));
        assert_eq!(of(&place.host(&[("XDG_STATE_HOME", "xdg")])), Some(place.path("home/.local/state/awsenv")));
        let both = [("XDG_STATE_HOME", "@/xdg"), ("AWSENV_STATE_DIR", "@/own")];
        assert_eq!(of(&place.host(&both)), Some(place.path("own")));
        let mode = std::fs::metadata(place.path("own")).expect("it was made").permissions().mode();
        assert_eq!(mode & 0o7777, 0o700);
    }

    #[test]
    fn a_folder_that_others_could_change_is_passed_over() {
        let place = Place::new();
        let vars = [("AWSENV_STATE_DIR", "@/given"), ("XDG_STATE_HOME", "@/xdg")];
        let usual = Some(place.path("xdg/awsenv"));

        place.folder("given", 0o770);
        assert_eq!(of(&place.host(&vars)), usual, "writable by the group");
        std::fs::remove_dir(place.path("given")).expect("it is empty");
        symlink(place.folder("elsewhere", 0o700), place.path("given")).expect("a link");
        assert_eq!(of(&place.host(&vars)), usual, "a link");
        std::fs::remove_file(place.path("given")).expect("it is a link");
        std::fs::write(place.path("given"), "").expect("a file");
        assert_eq!(of(&place.host(&vars)), usual, "a file");
        assert_eq!(of(&place.host(&[("AWSENV_STATE_DIR", "relative"), ("XDG_STATE_HOME", "@/xdg")])), usual);
    }

    #[test]
    fn what_the_environment_names_is_not_the_folder_in_the_home() {
        let place = Place::new();
        let host = place.host(&[("AWSENV_STATE_DIR", "@/given"), ("XDG_STATE_HOME", "@/xdg")]);
        assert_eq!(StateDir::of_home(&host).map(|d| d.path), Some(place.path("home/.local/state/awsenv")));
    }

    #[test]
    fn only_a_small_regular_file_of_ones_own_is_read() {
        let place = Place::new();
        let dir = StateDir::of(&place.host(&[])).expect("a folder");
        assert_eq!(dir.read("missing"), None);
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        dir.write("stamp", b"1 0 valid", Some(time)).expect("it is writable");
        assert_eq!(dir.read("stamp").as_deref(), Some(&b"1 0 valid"[..]));
        let found = std::fs::metadata(dir.path().join("stamp")).expect("it is there");
        assert_eq!((found.permissions().mode() & 0o7777, found.modified().expect("a time")), (0o600, time));

        symlink(dir.path().join("stamp"), dir.path().join("link")).expect("a link");
        assert_eq!(dir.read("link"), None);
        let pipe = dir.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs");
        assert!(made.success());
        assert_eq!(dir.read("pipe"), None);
        std::fs::write(dir.path().join("huge"), vec![b'1'; 1_000_000]).expect("a file");
        assert_eq!(dir.read("huge"), None);
        assert_eq!(dir.read("."), None);
    }

    #[test]
    fn a_sweep_takes_what_is_old_and_leaves_the_rest() {
        let place = Place::new();
        let dir = StateDir::of(&place.host(&[])).expect("a folder");
        let hour_ago = Some(SystemTime::now() - Duration::from_secs(3600));
        dir.write("x.tmp", b"", hour_ago).expect("a file");
        dir.write("y.tmp", b"", None).expect("a file");
        dir.write("old.stamp", b"", hour_ago).expect("a file");
        dir.write("codes", b"", hour_ago).expect("a file");
        dir.sweep(|name, age| name.ends_with(".stamp") && age > Duration::from_secs(60));
        let mut left: Vec<_> =
            std::fs::read_dir(dir.path()).expect("a folder").flatten().map(|e| e.file_name()).collect();
        left.sort();
        assert_eq!(left, ["codes", "y.tmp"]);
    }
}
