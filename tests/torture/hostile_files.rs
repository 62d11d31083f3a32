//! Broken, huge, binary, unreadable, empty and missing files at every command: one clear line with file and line, exit
//! code 1, nothing written; the prompt shows nothing and never fails.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use testbed::{FakeAws, Home, Session, Shell};

use crate::stage::{self, AWSENV, Person, run, said};

const COMMANDS: [&str; 12] = [
    "status",
    "status --json",
    "list",
    "list --json",
    "names",
    "refresh dev 123456",
    "refresh --force dev 123456",
    "credentials dev",
    "export dev",
    "exec dev -- true",
    "logout dev",
    "switch bash 1 0 x y dev",
];

/// At the prompt: no message, no failure, and soon over.
const SILENT: [&str; 3] = ["prompt", "hook bash 1", "guard bash 1 1 1 -- aws s3 ls"];

struct Place {
    aws: FakeAws,
    home: Home,
}

impl Place {
    fn new() -> Place {
        let aws = FakeAws::start();
        let mut home = stage::home(&aws);
        home.set("AWS_PROFILE", "dev");
        let taro = Person::new(&aws, "taro");
        home.config("[profile dev]\nregion = us-east-1\n").settings("[guard]\nmargin = 1m\n");
        home.credentials(format!("{}{}", taro.long_term("dev"), taro.session("dev", -60)));
        Place { aws, home }
    }

    /// The content of every file but the state's, by path.
    fn everything(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let files =
            stage::all_files(self.home.path()).into_iter().filter(|p| !p.to_string_lossy().contains("/.local/"));
        files.filter(|p| p.is_file()).map(|p| (p.clone(), std::fs::read(&p).unwrap_or_default())).collect()
    }

    /// Every command says one line that contains `says`.
    #[track_caller]
    fn every_command_says(&self, says: &str, codes: &[i32]) {
        let before = self.everything();
        for command in COMMANDS {
            let (code, out, err) = said(&run(&mut self.home.awsenv(&command.split(' ').collect::<Vec<_>>())));
            let wanted = if command.starts_with("exec") && codes == [1] { &[125][..] } else { codes };
            assert!(wanted.contains(&code), "{command}: {code} {out}{err}");
            assert_eq!((out.as_str(), err.lines().count()), ("", 1), "{command}: {err}");
            assert!(err.contains(says) && err.len() < 400, "{command}: {err}");
        }
        self.is_silent();
        assert!(self.everything() == before, "something was written");
        assert_eq!(self.aws.calls(), []);
    }

    fn is_silent(&self) {
        for command in SILENT {
            let begun = Instant::now();
            let (code, out, err) = said(&run(&mut self.home.awsenv(&command.split(' ').collect::<Vec<_>>())));
            assert_eq!((code, err.as_str()), (0, ""), "{command}: {out}");
            assert!(command != "prompt" || out.is_empty(), "{out}");
            assert!(begun.elapsed() < Duration::from_secs(5), "{command} took {:?}", begun.elapsed());
        }
    }
}

fn as_root() -> bool {
    stage::is_root()
}

#[test]
fn broken_lines_are_named_by_file_and_line() {
    let place = Place::new();
    for file in ["config", "credentials"] {
        let good = place.home.read(format!(".aws/{file}"));
        for broken in ["[profile x\n", "no section\n"] {
            place.home.write(format!(".aws/{file}"), [broken.as_bytes(), &good].concat());
            place.every_command_says(&format!(".aws/{file}:1: "), &[1]);
            if broken.starts_with('[') {
                place.home.write(format!(".aws/{file}"), [&good[..], b"# more\n", broken.as_bytes()].concat());
                let line = good.iter().filter(|b| **b == b'\n').count() + 2;
                place.every_command_says(&format!(".aws/{file}:{line}: "), &[1]);
            }
        }
        place.home.write(format!(".aws/{file}"), &good);
    }
    for (settings, says) in [
        ("[guard\n", "awsenv/config:1"),
        ("[mfa]\ndurtion = 1h\n", "did you mean `duration`?"),
        ("[guard]\nmargin = soon\n", "[guard] margin"),
        ("[grad]\nx = 1\n", "[grad]"),
        ("[guard]\nmargin = 1m \\\n", "awsenv/config:2"),
        ("[guard]\n\nmargin = \u{feff}\n", "[guard] margin"),
    ] {
        place.home.settings(settings);
        place.every_command_says(says, &[1]);
    }
}

#[test]
fn binary_files_are_no_aws_files() {
    let place = Place::new();
    let program = std::fs::read(AWSENV).unwrap();
    for file in [".aws/config", ".aws/credentials", ".config/awsenv/config"] {
        let good = place.home.read(file);
        place.home.write(file, &program[..1 << 20]);
        place.every_command_says(file, &[1]);
        place.home.write(file, &good);
    }
}

#[test]
fn fifty_megabytes_are_refused_before_they_are_read() {
    let place = Place::new();
    for file in [".aws/config", ".aws/credentials", ".config/awsenv/config"] {
        let good = place.home.read(file);
        place.home.write(file, "# x\n".repeat(50 << 18));
        place.every_command_says("larger than", &[1]);
        place.home.write(file, &good);
    }
}

#[test]
fn what_is_no_file_is_named_and_never_waited_for() {
    let place = Place::new();
    for file in [".aws/config", ".aws/credentials", ".config/awsenv/config"] {
        let (path, good) = (place.home.path().join(file), place.home.read(file));
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        place.every_command_says(file, &[1]);
        std::fs::remove_dir(&path).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        place.every_command_says(file, &[1]);
        std::fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
        place.every_command_says(file, &[1]);
        std::fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink(path.file_name().unwrap(), &path).unwrap();
        place.every_command_says(file, &[1]);
        std::fs::remove_file(&path).unwrap();
        place.home.write(file, &good);
    }
}

#[test]
fn unreadable_files_are_named() {
    if as_root() {
        // Root reads everything; `hostile_places` shows the message as another user.
        return;
    }
    let place = Place::new();
    for file in [".aws/config", ".aws/credentials", ".config/awsenv/config"] {
        let path = place.home.path().join(file);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
        place.every_command_says(file, &[1]);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
}

#[test]
fn empty_and_missing_files_are_an_unknown_profile() {
    let place = Place::new();
    for (empty, what) in [(true, "empty"), (false, "missing")] {
        for file in [".aws/config", ".aws/credentials", ".config/awsenv/config"] {
            let path = place.home.path().join(file);
            if empty { std::fs::write(path, "").unwrap() } else { std::fs::remove_file(path).unwrap() }
        }
        for command in COMMANDS.iter().filter(|c| !c.starts_with("list") && **c != "names") {
            let (code, out, err) = said(&run(&mut place.home.awsenv(&command.split(' ').collect::<Vec<_>>())));
            assert_eq!(code, if command.starts_with("exec") { 125 } else { 1 }, "{what}: {command}: {out}{err}");
            assert!(err.contains("no profile dev in ") && err.lines().count() == 1, "{what}: {command}: {err}");
        }
        for (command, shown) in [("list --json", "[]\n"), ("names", "")] {
            let done = said(&run(&mut place.home.awsenv(&command.split(' ').collect::<Vec<_>>())));
            assert_eq!(done, (0, shown.to_owned(), String::new()), "{what}: {command}");
        }
        let (code, _, err) = said(&run(&mut place.home.awsenv(&["prompt"])));
        assert_eq!((code, err.as_str()), (0, ""));
    }
}

#[test]
fn broken_cache_files_are_a_miss() {
    let aws = FakeAws::start();
    let (home, taro) = (stage::home(&aws), Person::new(&aws, "taro"));
    let role = aws.role("plain").trusts(taro.user.arn());
    home.config(format!("[profile base]\n[profile plain]\nrole_arn = {}\nsource_profile = base\n", role.arn()));
    home.credentials(format!("[base]\n{}", taro.key.lines()));
    assert_eq!(said(&run(&mut home.awsenv(&["credentials", "plain"]))).0, 0);
    let cache = stage::all_files(&home.path().join(".aws/cli")).pop().unwrap();
    let good = std::fs::read(&cache).unwrap();
    let huge = vec![b' '; 3 << 20];
    for broken in [&b""[..], b"{", b"\x00\xff\xfe", b"[]", b"null", &good[..good.len() / 2], &huge] {
        std::fs::write(&cache, broken).unwrap();
        let (code, out, err) = said(&run(&mut home.awsenv(&["credentials", "plain"])));
        assert!(code == 0 && out.contains("\"SessionToken\"") && err.is_empty(), "{}: {err}", broken.len());
    }
    assert_eq!(aws.calls_of("AssumeRole").len(), 8);
}

#[test]
fn a_shell_shows_nothing_while_files_are_broken_and_everything_once_they_are_mended() {
    for shell in Shell::ALL {
        let place = Place::new();
        let Some(mut session) = Session::start(shell, &place.home, shell.hook()) else { continue };
        assert!(session.run(shell.nothing()).segment.starts_with("dev expired"));
        let good = place.home.read(".aws/credentials");
        for broken in [&b"[x\n"[..], b"\x7fELF\x00\x01\n\xff"] {
            place.home.write(".aws/credentials", broken);
            let seen = session.run(shell.nothing());
            assert_eq!((seen.text.as_str(), seen.status, seen.segment.as_str()), ("", 0, ""), "{shell:?}");
            place.home.write(".aws/credentials", &good);
            assert!(session.run(shell.nothing()).segment.starts_with("dev expired"), "{shell:?}");
        }
    }
}
