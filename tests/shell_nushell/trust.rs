//! Inherited variables and names from files that are not to be trusted.

use crate::world::{World, environment, value};

#[test]
fn names_of_any_text_are_names_only() {
    let world = World::new();
    let names = [
        "a b",
        "it's",
        "$(touch X)",
        "(^touch X)",
        "`touch X`;touch X",
        "$\"(^touch X)\"",
        "*?{a,b}~",
        "プロファイル",
        "esc\u{1b}]0;owned\u{7}",
        "\\u{41}\\x41%s",
        "null",
        "5",
    ];
    let keys = "]\naws_access_key_id = AKIAX\naws_secret_access_key = x\n";
    world.home.credentials(names.map(|n| format!("[{n}{keys}")).concat());
    let Some(mut nu) = world.nu("") else { return };
    for name in names {
        let word =
            String::from_utf8(awsenv::shell::Shell::Nushell.quote(name.as_bytes())).expect("quoted text is UTF-8");
        let used = nu.run(&format!("awsenv use {word}"));
        assert_eq!((used.text.as_str(), used.status), ("", 0), "{name:?}");
        assert_eq!(nu.run("aws s3 ls | str starts-with 'aws ran: s3 ls profile='").text, "true\n", "{name:?}");
        let now = environment(&mut nu, &world);
        assert_eq!(value(&now, "AWS_PROFILE"), Some(name.as_bytes().escape_ascii().to_string().as_str()));
        assert!(used.segment.chars().all(|c| !c.is_control()) && used.segment.len() > 1, "{used:?}");
    }
    nu.run("awsenv use -");
    nu.run("awsenv leave");
    let raw = nu.terminal.raw();
    assert!(!raw.windows(9).any(|w| w == b"\x1b]0;owned"), "the terminal's title");
    assert!(!world.home.path().join("X").exists());
}

#[test]
fn hostile_inherited_variables_run_nothing() {
    let mut world = World::new();
    world.session_ends_in(7200 - 5);
    let mark = world.home.path().join("X");
    let values = [
        format!("(^touch {0}) $(touch {0})", mark.display()),
        format!("{{bin: (^touch {})}}", mark.display()),
        "\x1b]0;owned\x07\n(".into(),
        "x".repeat(20_000),
    ];
    for value in values {
        for name in
            ["AWSENV_PROMPT", "AWSENV_NAMES", "AWSENV_PROFILE", "AWS_SESSION_EXPIRATION", "__awsenv", "__awsenv_given"]
        {
            world.home.set(name, &value);
        }
        let Some(mut nu) = world.dev() else { return };
        assert_eq!(nu.run("ignore").segment, "dev 1h59m ", "{value:.40}");
        assert_eq!(nu.run("aws s3 ls").status, 0, "{value:.40}");
        assert_eq!(nu.run("awsenv leave").status, 0, "{value:.40}");
        let raw = String::from_utf8_lossy(&nu.terminal.raw()).into_owned();
        assert!(!raw.contains("\x1b]0;owned") && !raw.contains("Error:"), "{value:.40}: {raw}");
        assert!(!mark.exists(), "{value:.40}");
    }
}

/// The answer is data: whatever a program in the binary's place prints is not run.
#[test]
fn an_answer_is_never_run() {
    let world = World::new();
    world.session_ends_in(-5);
    let mark = world.home.path().join("X");
    let Some(mut nu) = world.dev() else { return };
    for answer in [
        "{line: (^touch X)}",
        "{line: $\"(^touch X)\"}",
        "^touch X",
        "{line: \"1 0 permanent 60 - (^touch X) \\u{1b}]0;owned\"}",
        "{line: \"1 08 valid 60 - dev\"}",
        "{line: \"1 99999999999999999999 valid 60 - dev\"}",
        "{line: 5, watch: 7, since: \"x\"}",
        "{commands: [\"aws\" \"x; touch X\" \"a b\" \"(touch X)\"]}",
        "{run_profile: (^touch X)}",
        "[1 2]",
        "",
    ] {
        world.home.write("answer", answer);
        let stand_in = world.home.script("stand-in", "#!/bin/sh\nexec cat ~/answer\n");
        nu.run(&format!("$env.__awsenv.bin = '{}'", stand_in.display()));
        nu.run("$env.AWS_PROFILE = 'prod'");
        let after = nu.run("$env.AWS_PROFILE = 'dev'");
        assert_eq!((after.text.as_str(), after.segment.as_str()), ("", ""), "{answer}");
        let ran = nu.run("aws s3 ls");
        assert_eq!((ran.text.as_str(), ran.status), ("aws ran: s3 ls profile=dev ask=\n", 0), "{answer}");
        assert!(!mark.exists(), "{answer}");
    }
}
