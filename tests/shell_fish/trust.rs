//! Stamps and inherited variables that are not to be trusted.

use crate::world::{World, stamps};

#[test]
fn a_hostile_stamp_runs_nothing_and_shows_nothing() {
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
        b"1 5 valid \x0060 - a\t".to_vec(),
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
    let [stamp] = stamps(&world.home).try_into().expect("one profile, one stamp");
    for line in lines {
        std::fs::write(&stamp, &line).expect("the stamp is ours");
        let shown = line.escape_ascii().to_string();
        let shown = &shown[..shown.len().min(80)];
        let after = fish.run("echo ok");
        assert_eq!((after.text.as_str(), after.segment.as_str()), ("ok\n", ""), "{shown}");
        let raw = fish.terminal.raw();
        assert!(!raw.windows(5).any(|w| w == b"owned") && !raw.contains(&0x9b), "{shown}");
        assert!(!mark.exists(), "{shown}");
    }
    // Executed text in a label is text.
    std::fs::write(&stamp, format!("1 0 permanent 60 - {run} $HOME %s \\x41 \t\n")).expect("the stamp is ours");
    assert_eq!(fish.run("true").segment, format!("{run} $HOME %s \\x41 "));
    assert!(!mark.exists());
    // A pipe in its place is not read, and the binary makes a stamp again.
    std::fs::remove_file(&stamp).expect("the stamp is ours");
    assert!(std::process::Command::new("mkfifo").arg(&stamp).status().expect("mkfifo runs").success());
    assert_eq!(fish.run("true").segment, "dev 1h59m ");
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
