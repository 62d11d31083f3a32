//! A session file that cannot be replaced: on Windows because somebody holds it open. The code is spent by then.

use std::path::{Path, PathBuf};

use testbed::aws::{Fault, Gate};
use testbed::{FakeAws, Home};

use crate::many_processes::start;
use crate::stage::{Person, all_files, home, leftovers, run, said};
#[cfg(windows)]
use crate::stage::{expired, works};

/// Nobody can put another file in the place of this one while this lives.
struct Held {
    #[cfg(windows)]
    _reader: std::fs::File,
    #[cfg(unix)]
    place: PathBuf,
}

impl Held {
    #[cfg(windows)]
    fn new(file: &Path) -> Held {
        use std::os::windows::fs::OpenOptionsExt;
        // As many a viewer opens it: others may read.
        Held { _reader: std::fs::File::options().read(true).share_mode(1).open(file).unwrap() }
    }

    /// Readers are in nobody's way here: a folder in its place is.
    #[cfg(unix)]
    fn new(file: &Path) -> Held {
        std::fs::remove_file(file).unwrap();
        std::fs::create_dir(file).unwrap();
        std::fs::write(file.join("x"), "").unwrap();
        Held { place: file.to_owned() }
    }
}

#[cfg(unix)]
impl Drop for Held {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.place).unwrap();
    }
}

/// `plain`, whose session is over, and its cache file.
fn over(home: &Home, taro: &Person) -> PathBuf {
    home.config(format!("[profile plain]\nregion = eu-west-1\nmfa_serial = {}\n", taro.device.serial()));
    home.credentials(format!("[plain]\n{}", taro.key.lines()));
    let (code, _, err) = said(&run(&mut home.awsenv(&["refresh", "plain", &taro.device.code()])));
    assert_eq!(code, 0, "{err}");
    let [cache] = &all_files(&home.path().join(".aws").join("awsenv"))[..] else { panic!("one cache file") };
    let text = std::fs::read_to_string(cache).unwrap();
    let (before, rest) = text.split_once("\"Expiration\":\"").unwrap();
    let (_, behind) = rest.split_once('"').unwrap();
    std::fs::write(cache, format!("{before}\"Expiration\":\"2020-01-01T00:00:00+00:00\"{behind}")).unwrap();
    cache.clone()
}

/// A refresh with a code, during which the file comes to be held: what was so before the code would be told before it.
fn refresh_meanwhile(home: &Home, aws: &FakeAws, taro: &Person, profile: &str, file: &Path) -> Held {
    let gate = Gate::new();
    aws.fault(Fault::HoldAnswer(gate.clone()), 1);
    let child = start(home, &["refresh", profile, &taro.device.code()]);
    gate.wait_arrived(1);
    let held = Held::new(file);
    gate.open();
    let (code, _, err) = said(&child.wait_with_output().unwrap());
    assert_eq!((code, err.lines().count()), (1, 1), "{err}");
    assert!(err.contains(&file.display().to_string()) && err.contains("the next refresh takes it up"), "{err}");
    if cfg!(windows) {
        assert!(err.contains("another program holds") && err.contains("close it there"), "{err}");
    }
    assert_eq!(leftovers(home), [] as [PathBuf; 0]);
    held
}

#[test]
fn a_session_whose_cache_is_held_is_kept_for_the_next_refresh() {
    let aws = FakeAws::start();
    let (home, taro) = (home(&aws), Person::new(&aws, "taro"));
    let cache = over(&home, &taro);
    let refresh = || said(&run(&mut home.awsenv(&["refresh", "plain"])));
    let held = refresh_meanwhile(&home, &aws, &taro, "plain", &cache);
    // And as long as it is held, without a code.
    let (code, _, err) = refresh();
    assert!(code == 1 && err.contains(&cache.display().to_string()), "{err}");
    drop(held);
    let (code, _, err) = refresh();
    assert_eq!((code, aws.calls_of("GetSessionToken").len()), (0, 2), "{err}");
    // It is used once.
    assert_eq!(all_files(&home.path().join(".aws").join("awsenv")), [cache]);
    let (code, out, _) = said(&run(&mut home.awsenv(&["status", "plain", "--min", "11h"])));
    assert_eq!(code, 0, "{out}");
}

#[test]
fn who_logs_out_does_not_want_the_kept_one_back() {
    let aws = FakeAws::start();
    let (home, taro) = (home(&aws), Person::new(&aws, "taro"));
    let cache = over(&home, &taro);
    drop(refresh_meanwhile(&home, &aws, &taro, "plain", &cache));
    let (code, _, err) = said(&run(&mut home.awsenv(&["logout", "plain"])));
    assert!(code == 0 && err.contains("the session of plain is gone"), "{err}");
    assert_eq!(all_files(&home.path().join(".aws").join("awsenv")), [] as [PathBuf; 0]);
}

/// Who also keeps others from writing.
#[cfg(windows)]
#[test]
fn a_session_whose_credentials_file_is_held_is_kept_for_the_next_refresh() {
    let aws = FakeAws::start();
    let (home, taro) = expired(&aws);
    let file = home.path().join(".aws").join("credentials");
    let before = home.text(".aws/credentials");
    let held = refresh_meanwhile(&home, &aws, &taro, "dev", &file);
    assert_eq!(home.text(".aws/credentials"), before);
    drop(held);
    let (code, _, err) = said(&run(&mut home.awsenv(&["refresh", "dev"])));
    assert_eq!((code, aws.calls_of("GetSessionToken").len()), (0, 1), "{err}");
    assert!(works(&aws, &home.text(".aws/credentials"), "dev"));
}
