//! Many at once: nothing is lost, one code is sent once.

use std::process::{Child, Stdio};

use testbed::{FakeAws, Home};

use crate::stage::{self, Person, detached, expired, home, said, value, without_ours, works};

pub fn start(home: &Home, args: &[&str]) -> Child {
    let mut command = home.awsenv(args);
    let piped = detached(&mut command).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    piped.spawn().unwrap()
}

pub fn all_well(children: Vec<Child>) {
    for child in children {
        let (code, out, err) = said(&child.wait_with_output().unwrap());
        assert_eq!(code, 0, "{out}{err}");
    }
}

#[test]
fn thirty_refreshes_of_thirty_devices_lose_nothing() {
    let aws = FakeAws::start();
    let home = home(&aws);
    let people: Vec<(String, Person)> =
        (0..30).map(|n| (format!("u{n}"), Person::new(&aws, &format!("user{n}")))).collect();
    let mut file = String::from("# mine\r\n[other]\r\nk = v\r\n\r\n");
    for (n, (name, person)) in people.iter().enumerate() {
        file += &person.long_term(name);
        file += &format!("; behind {name}\n\n");
        if n % 2 == 0 {
            file += &person.session(name, -60);
            file += &format!("region = eu-west-{n}\n# end of {name}\n\n");
        }
    }
    home.credentials(&file);
    let codes: Vec<String> = people.iter().map(|(_, p)| p.device.code()).collect();
    all_well(people.iter().zip(&codes).map(|((name, _), code)| start(&home, &["refresh", name, code])).collect());

    let after = home.text(".aws/credentials");
    let names: Vec<&str> = people.iter().map(|(n, _)| n.as_str()).collect();
    let (before, now) = (without_ours(file.as_bytes(), &names), without_ours(after.as_bytes(), &names));
    // Fifteen sections are new: one blank line before each.
    let (kept, new) = now.split_at(before.len());
    assert_eq!(before, kept);
    assert!(new.len() <= 15 && new.iter().all(|line| line.trim_ascii().is_empty()), "{new:?}");
    for name in names {
        assert!(works(&aws, &after, name), "{name}: {after}");
        assert_eq!(value(&after, name, "manager").as_deref(), Some("awsenv"));
    }
    assert_eq!(stage::leftovers(&home), [] as [std::path::PathBuf; 0]);
}

#[test]
fn the_same_code_given_to_many_is_sent_once_and_serves_all() {
    let aws = FakeAws::start();
    let (home, taro) = expired(&aws);
    let code = taro.device.code();
    all_well((0..10).map(|_| start(&home, &["refresh", "dev", &code])).collect());
    assert_eq!(aws.calls_of("GetSessionToken").len(), 1);
}

/// An editor or a virus scanner may hold the file; on Windows nothing can be renamed over it then.
#[test]
fn a_reader_that_holds_the_file_open_does_not_make_a_refresh_fail() {
    let aws = FakeAws::start();
    let (home, taro) = expired(&aws);
    let file = home.path().join(".aws").join("credentials");
    let mut reader = shared_for_reading_and_writing(&file);
    all_well(vec![start(&home, &["refresh", "dev", &taro.device.code()])]);
    assert!(works(&aws, &home.text(".aws/credentials"), "dev"));
    assert_eq!(stage::leftovers(&home), [] as [std::path::PathBuf; 0]);
    // It reads on, whatever of the two it sees.
    std::io::Read::read_to_end(&mut reader, &mut Vec::new()).unwrap();
}

/// As C's `fopen` and Python's `open` open a file: others may not delete or replace it.
fn shared_for_reading_and_writing(file: &std::path::Path) -> std::fs::File {
    let mut options = std::fs::File::options();
    #[cfg(windows)]
    std::os::windows::fs::OpenOptionsExt::share_mode(&mut options, 1 | 2);
    options.read(true).open(file).unwrap()
}
