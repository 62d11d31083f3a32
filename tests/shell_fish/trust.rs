//! Lines, stamps and inherited variables that are not to be trusted.

use awsenv::shell::Shell as Language;
use testbed::Session;

use crate::world::{World, stamps};

#[test]
fn a_hostile_line_runs_nothing_and_shows_nothing() {
    let world = World::new();
    world.session_ends_in(7200 - 5);
    let Some(mut fish) = world.dev() else { return };
    let mark = world.home.path().join("X");
    let run = format!("(touch {})", mark.display());
    let big = "a".repeat(1_000_000);
    let lines: Vec<Vec<u8>> = vec![
        format!("1 {run} valid 60 - dev").into(),
        format!("1 a[${run}] valid 60 - dev").into(),
        format!("1 5 valid ${run} - dev").into(),
        format!("1 5 valid 60 {run} dev").into(),
        format!("1 5 {run} 60 - dev").into(),
        b"1 5 valid 60 - \x1b]0;owned\x07dev \t".to_vec(),
        b"1 5 valid 60 - a\x9bb\t".to_vec(),
        "1 5 valid 60 - a\u{202e}b\t".into(),
        b"1 5 valid \x0160 - a\t".to_vec(),
        b"1 5 valid 60 - a\tb\tc".to_vec(),
        b"1 08 valid 60 - dev".to_vec(),
        b"1 99999999999999999999 valid 60 - dev".to_vec(),
        b"2 5 valid 60 - dev \t".to_vec(),
        b"1 -5 valid 60 - dev \t".to_vec(),
        format!("1 5 valid 60 - {big}").into(),
        big.clone().into(),
        b"\n1 5 valid 60 - dev".to_vec(),
        b"( ! -n -o".to_vec(),
        vec![],
    ];
    // The line that counts is the one in the binary's answer; a stand-in for it hands on what it is given.
    let real = world.home.path().join("real");
    let line_file = world.home.path().join("line");
    let assign = |line: &[u8]| [b"set -g __awsenv_line ", &Language::Fish.quote(line)[..], b"\n"].concat();
    let stand_in = world
        .home
        .script("stand-in", &format!("#!/bin/sh\n'{}' \"$@\"\ncat '{}'\n", real.display(), line_file.display()));
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_awsenv"), &real).expect("the home can be written");
    std::fs::write(&line_file, "").expect("the home can be written");
    fish.run(&format!("set -g __awsenv_bin {}", stand_in.display()));
    let answer = |fish: &mut Session, line: &[u8]| {
        std::fs::write(&line_file, assign(line)).expect("the home can be written");
        // Something that makes the hook ask.
        world.session_ends_in(7200 - 5);
        let after = fish.run("echo ok");
        assert_eq!(fish.run("set -q __awsenv_retry[1]; or echo answered").text, "answered\n");
        after
    };
    for line in lines {
        let shown = line.escape_ascii().to_string();
        let shown = &shown[..shown.len().min(80)];
        let after = answer(&mut fish, &line);
        assert_eq!((after.text.as_str(), after.segment.as_str()), ("ok\n", ""), "{shown}");
        let raw = fish.terminal.raw();
        assert!(!raw.windows(5).any(|w| w == b"owned") && !raw.contains(&0x9b), "{shown}");
        assert!(!mark.exists(), "{shown}");
    }
    // Executed text in a label is text.
    let after = answer(&mut fish, format!("1 0 permanent 60 - {run} $HOME %s \\x41 \t").as_bytes());
    assert_eq!(after.segment, format!("{run} $HOME %s \\x41 "));
    assert!(!mark.exists());
}

#[test]
fn what_lies_in_the_place_of_the_stamp_is_not_read() {
    let world = World::new();
    world.session_ends_in(7200 - 5);
    let Some(mut fish) = world.dev() else { return };
    let [stamp] = stamps(&world.home).try_into().expect("one profile, one stamp");
    std::fs::write(&stamp, "1 0 permanent 60 - evil \t\n").expect("the stamp is ours");
    assert_eq!(fish.run("true").segment, "dev 1h59m ");
    std::fs::remove_file(&stamp).expect("the stamp is ours");
    assert!(std::process::Command::new("mkfifo").arg(&stamp).status().expect("mkfifo runs").success());
    assert_eq!(fish.run("true").segment, "dev 1h59m ");
    // Without one, the binary makes it again.
    std::fs::remove_file(&stamp).expect("the stamp is ours");
    assert_eq!(fish.run("true").segment, "dev 1h59m ");
    assert_eq!(stamps(&world.home).len(), 1);
}

#[test]
fn hostile_inherited_variables_run_nothing() {
    let mut world = World::new();
    world.session_ends_in(7200 - 5);
    let mark = world.home.path().join("X");
    let values = [
        format!("a[$(touch {0})](touch {0})", mark.display()),
        "\x1b]0;owned\x07\n(".into(),
        "!".into(),
        "(".into(),
        "x".repeat(20_000),
    ];
    let names = [
        "AWSENV_PROMPT",
        "AWSENV_NAMES",
        "AWSENV_PROFILE",
        "AWS_SESSION_EXPIRATION",
        "__awsenv_bin",
        "__awsenv_key",
        "__awsenv_changed",
        "__awsenv_stamp",
        "__awsenv_line",
        "__awsenv_owned",
        "__awsenv_previous",
        "__awsenv_until",
        "__awsenv_commands",
        "__awsenv_AWS_PROFILE_was",
        "__awsenv_segment",
        "__awsenv_expiry",
        "__awsenv_begun",
        "__awsenv_rest",
        "__awsenv_lines",
        "__awsenv_wraps",
        "__awsenv_retry",
        "__awsenv_clock",
        "__awsenv_want_profile",
    ];
    for value in values {
        for name in names {
            world.home.set(name, &value);
        }
        let Some(mut fish) = world.dev() else { return };
        assert_eq!(fish.run("true").segment, "dev 1h59m ", "{value:.40}");
        assert_eq!(fish.run("aws s3 ls").status, 0, "{value:.40}");
        let raw = String::from_utf8_lossy(&fish.terminal.raw()).into_owned();
        assert!(!raw.contains("owned") && !raw.contains("test:"), "{value:.40}: {raw}");
        assert!(!mark.exists(), "{value:.40}");
        assert_eq!(fish.run("env | grep -c '^__awsenv_[a-z]*='").text, "0\n", "{value:.40}");
    }
}
