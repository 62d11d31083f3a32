//! `use`, `leave` and `off`, and completion.

use std::os::unix::ffi::OsStrExt;

use awsenv::shell::Shell as Language;
use proptest::prelude::*;
use testbed::Session;

use crate::quoting::{cases, values};
use crate::world::{HOOK, World};

/// What a program started by this shell sees, but for what fish itself changes.
fn environment(fish: &mut Session, world: &World) -> Vec<String> {
    let file = world.home.path().join("environment");
    fish.run(&format!("env -0 >'{}'", file.display()));
    let bytes = std::fs::read(&file).expect("env has run");
    let variables = bytes.split(|b| *b == 0).filter(|v| !v.is_empty()).map(|v| v.escape_ascii().to_string());
    let mut all: Vec<_> = variables.filter(|v| !v.starts_with("AWSENV_PROMPT=")).collect();
    all.sort();
    all
}

fn value<'a>(environment: &'a [String], name: &str) -> Option<&'a str> {
    environment.iter().find_map(|v| v.strip_prefix(name)?.strip_prefix('='))
}

const SETTINGS: &str = "[profile dev]\nproxy = corp\nenv.TEAM = a 'b' $c\nenv.TOOL_PATH = /a:/b\nenv.LISTED = x y\n[profile prod]\nproxy = none\n\
                        [proxy corp]\nhttp = http://proxy.corp:3128\nhttps = http://proxy.corp:3128\nno_proxy = .corp\n";

#[test]
fn use_switches_and_leave_restores_everything() {
    let mut world = World::new();
    world.session_ends_in(7200 - 5);
    world.home.settings(SETTINGS);
    for (name, value) in [
        ("AWS_ACCESS_KEY_ID", "AKIAMINE"),
        ("AWS_SECRET_ACCESS_KEY", "mine"),
        ("AWS_SESSION_EXPIRATION", "2020-01-01T00:00:00Z"),
        ("https_proxy", "http://u:p@mine:1"),
        ("NO_PROXY", "mine.example"),
        ("TOOL_PATH", "/mine:/too"),
        ("TEAM", "mine\n\n"),
    ] {
        world.home.set(name, value);
    }
    let Some(mut fish) = world.fish(HOOK) else { return };
    fish.run("set -gx --path LISTED a b; set -g AWS_DEFAULT_PROFILE local");
    let before = environment(&mut fish, &world);
    let used = fish.run("awsenv use dev");
    assert_eq!((used.text.as_str(), used.status, used.segment.as_str()), ("", 0, "dev 1h59m "));
    let dev = environment(&mut fish, &world);
    assert_eq!(value(&dev, "AWS_PROFILE"), Some("dev"));
    assert_eq!(value(&dev, "https_proxy"), Some("http://proxy.corp:3128"));
    assert_eq!(value(&dev, "TEAM"), Some("a \\'b\\' $c"));
    assert_eq!(value(&dev, "TOOL_PATH"), Some("/a:/b"));
    assert_eq!(value(&dev, "LISTED"), Some("x y"));
    assert!(value(&dev, "NO_PROXY").is_some_and(|n| n.contains("mine.example") && n.contains(".corp")));
    assert!(value(&dev, "AWS_SESSION_EXPIRATION").is_some_and(|e| !e.starts_with("2020")));
    assert_eq!(value(&dev, "AWS_ACCESS_KEY_ID"), None);

    fish.run("awsenv use prod");
    let prod = environment(&mut fish, &world);
    assert_eq!((value(&prod, "AWS_PROFILE"), value(&prod, "https_proxy")), (Some("prod"), None));
    assert_eq!((value(&prod, "TEAM"), value(&prod, "NO_PROXY")), (Some("mine\\n\\n"), Some("mine.example")));
    fish.run("awsenv use -");
    let again = environment(&mut fish, &world);
    assert_eq!(value(&again, "AWS_PROFILE"), Some("dev"));
    assert_eq!(value(&again, "NO_PROXY"), value(&dev, "NO_PROXY"), "the union does not grow");

    let left = fish.run("awsenv leave");
    assert_eq!((left.text.as_str(), left.status), ("", 0));
    assert_eq!(environment(&mut fish, &world), before);
    assert_eq!(fish.run("count $TOOL_PATH; set -q --path TOOL_PATH LISTED; and not set -qx AWS_DEFAULT_PROFILE; and echo $AWS_DEFAULT_PROFILE").text, "2\nlocal\n");
    fish.run("awsenv use -");
    assert_eq!(value(&environment(&mut fish, &world), "AWS_PROFILE"), Some("dev"), "the profile that was left");
}

#[test]
fn names_of_any_bytes_are_names_only() {
    let world = World::new();
    let names: [&[u8]; 9] = [
        b"a b",
        b"it's",
        b"$(touch X)",
        b"`touch X`;touch X",
        b"(touch X)*?{a,b}~",
        "プロファイル".as_bytes(),
        b"bad\xff\x9bbytes",
        b"esc\x1b]0;owned\x07",
        b"%s\\n\\x41",
    ];
    let keys = b"]\naws_access_key_id = AKIAX\naws_secret_access_key = x\n";
    world.home.credentials(names.map(|n| [b"[", n, keys].concat()).concat());
    let Some(mut fish) = world.fish(HOOK) else { return };
    for name in names {
        let word = Language::Fish.quote(name);
        let used = fish.run(&format!("awsenv use {}", String::from_utf8(word).expect("quoted text is ASCII")));
        assert_eq!((used.text.as_str(), used.status), ("", 0), "{}", name.escape_ascii());
        let shown = fish.run("aws s3 ls");
        assert!(shown.text.starts_with("aws ran: s3 ls profile="), "{shown:?}");
        let now = environment(&mut fish, &world);
        assert_eq!(value(&now, "AWS_PROFILE"), Some(name.escape_ascii().to_string().as_str()));
        assert!(
            used.segment.chars().all(|c| !c.is_control()) && used.segment.len() > 2,
            "{used:?} {}",
            name.escape_ascii()
        );
    }
    fish.run("awsenv leave");
    assert!(!world.home.path().join("X").exists());
}

#[test]
fn a_failed_or_stopped_use_changes_nothing() {
    let world = World::new();
    world.session_ends_in(-5);
    let Some(mut fish) = world.fish(&format!("set -gx AWS_PROFILE keys\n{HOOK}")) else { return };
    let before = environment(&mut fish, &world);
    let unknown = fish.run("awsenv use dve && echo DONE");
    assert!(unknown.status == 1 && unknown.text.contains("dev") && !unknown.text.contains("DONE"), "{unknown:?}");
    fish.type_line("awsenv use dev && echo DONE").expect_question();
    fish.terminal.mark().send(b"\x03");
    let stopped = fish.prompt();
    assert!(stopped.status == 130 && !stopped.text.contains("DONE"), "{stopped:?}");
    assert_eq!(environment(&mut fish, &world), before);
    fish.type_line("awsenv use dev").expect_question();
    assert_eq!(fish.answer("").prompt().segment, "dev expired ");
    fish.run("awsenv use -");
    assert_eq!(value(&environment(&mut fish, &world), "AWS_PROFILE"), Some("keys"), "also set before awsenv");
    let code = world.device.code();
    let used = fish.run(&format!("awsenv use dev {code}"));
    assert!(used.status == 0 && used.segment.starts_with("dev 1"), "{used:?}");
}

#[test]
fn what_the_person_changed_since_is_kept() {
    let world = World::new();
    world.session_ends_in(7200 - 5);
    world.home.settings(SETTINGS);
    let Some(mut fish) = world.fish(HOOK) else { return };
    fish.run("awsenv use dev");
    fish.run("set -gx HTTP_PROXY http://other:1; set -gx AWS_PROFILE keys");
    assert_eq!(fish.run("true").segment, "keys ");
    let left = fish.run("awsenv leave");
    assert!(
        left.text.starts_with("awsenv: ") && left.text.contains("HTTP_PROXY") && left.text.lines().count() == 1,
        "{left:?}"
    );
    let after = environment(&mut fish, &world);
    assert_eq!((value(&after, "HTTP_PROXY"), value(&after, "AWS_PROFILE")), (Some("http://other:1"), Some("keys")));
    assert_eq!(
        (value(&after, "HTTPS_PROXY"), value(&after, "AWSENV_PROFILE"), value(&after, "AWSENV_NAMES")),
        (None, None, None)
    );
}

#[test]
fn a_shell_in_the_shell_leaves_what_it_inherited() {
    let world = World::new();
    world.session_ends_in(7200 - 5);
    world.home.settings(SETTINGS);
    let Some(mut fish) = world.fish(HOOK) else { return };
    fish.run("awsenv use dev");
    let inner = fish.type_line("fish -C 'set -g at_prompt 100'").prompt();
    assert_eq!(inner.segment, "dev 1h59m ");
    let left = fish.run("awsenv leave");
    assert!(left.text.contains("inherited"), "{left:?}");
    assert_eq!(left.segment, "");
    let after = environment(&mut fish, &world);
    for name in
        ["AWS_PROFILE", "AWSENV_PROFILE", "AWSENV_NAMES", "HTTPS_PROXY", "https_proxy", "AWS_SESSION_EXPIRATION"]
    {
        assert_eq!(value(&after, name), None, "{name}");
    }
}

#[test]
fn use_in_the_rc_file_never_asks() {
    let world = World::new();
    world.session_ends_in(-5);
    for rc in [format!("{HOOK}\nawsenv use dev"), "awsenv init fish --use dev | source".to_owned()] {
        let Some(mut fish) = world.fish(&rc) else { return };
        let after = fish.run("echo $AWS_PROFILE");
        assert_eq!((after.text.as_str(), after.segment.as_str()), ("dev\n", "dev expired "), "{rc}");
        assert!(!String::from_utf8_lossy(&fish.terminal.raw()).contains("MFA code"), "{rc}");
    }
    let Some(mut fish) = world.fish("set -gx AWS_PROFILE keys\nawsenv init fish --use dev | source") else { return };
    assert_eq!(fish.run("echo $AWS_PROFILE").text, "keys\n", "chosen already");
}

#[test]
fn variables_that_fish_does_not_give_away_stop_use_as_a_whole() {
    let world = World::new();
    world.session_ends_in(7200 - 5);
    let Some(mut fish) = world.fish(HOOK) else { return };
    let switch =
        "__awsenv_set_names 'AWS_PROFILE' 'PWD'\nset -g __awsenv_set_values 'dev' '/x'\nset -g __awsenv_unset_names";
    let stand_in = world.home.script("stand-in", &format!("#!/bin/sh\necho \"set -g {switch}\"\n"));
    fish.run(&format!("__awsenv_more; set -g __awsenv_bin {}", stand_in.display()));
    let before = environment(&mut fish, &world);
    let refused = fish.run("awsenv use dev");
    assert!(refused.status == 1 && refused.text.contains("PWD") && refused.text.lines().count() == 1, "{refused:?}");
    assert_eq!(environment(&mut fish, &world), before);

    let Some(mut fish) = world.fish(HOOK) else { return };
    fish.run("set -Ux AWS_ACCESS_KEY_ID AKIAUNIVERSAL; set -Ux HTTP_PROXY http://universal:1");
    let before = environment(&mut fish, &world);
    let refused = fish.run("awsenv use dev");
    assert!(refused.status == 1 && refused.text.contains("set -eU AWS_ACCESS_KEY_ID"), "{refused:?}");
    assert_eq!(environment(&mut fish, &world), before);
    fish.run("set -eU AWS_ACCESS_KEY_ID");
    world.home.settings(SETTINGS);
    assert_eq!(fish.run("awsenv use dev").status, 0);
    assert_eq!(value(&environment(&mut fish, &world), "HTTP_PROXY"), Some("http://proxy.corp:3128"));
    fish.run("awsenv leave");
    assert_eq!(
        fish.run("echo $HTTP_PROXY; set -qg HTTP_PROXY; or echo universal").text,
        "http://universal:1\nuniversal\n"
    );
}

/// To fish's `test` they are operators.
#[test]
fn names_that_a_test_could_take_for_words_of_its_own_are_names() {
    let world = World::new();
    let Some(mut fish) = world.fish(HOOK) else { return };
    for name in ["!", "(", ")", "-n", "-a", "="] {
        fish.run(&format!("set -gx AWS_PROFILE '{name}'; set -gx AWSENV_PROFILE ''"));
        let used = fish.run("awsenv use dev");
        assert!(used.status == 0 && used.text.is_empty(), "{name}: {used:?}");
        assert_eq!(fish.run("awsenv leave; printf '%s\\n' $AWS_PROFILE").text, format!("{name}\n"));
    }
}

#[test]
fn any_values_survive_use_and_leave() {
    let world = World::new();
    if testbed::require("fish").is_none() {
        return;
    }
    // Speaks the protocol with the values of this test; the real one cannot set all of them.
    let stand_in =
        world.home.script("stand-in", "#!/bin/sh\n[ \"$1\" = switch ] || exit 1\nenv -0 >seen\nexec cat \"$SWITCH\"\n");
    let names =
        ["AWS_PROFILE", "AWSENV_PROFILE", "AWSENV_NAMES", "http_proxy", "TOOL_PATH", "AWS_ACCESS_KEY_ID", "XPATH"];
    let read = |name: &str| {
        let bytes = std::fs::read(world.home.path().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        let ours = |v: &&[u8]| names.iter().any(|n| v.starts_with(format!("{n}=").as_bytes()));
        let mut all: Vec<Vec<u8>> = bytes.split(|b| *b == 0).filter(ours).map(<[u8]>::to_vec).collect();
        all.sort();
        all
    };
    let settings = cases(60);
    proptest!(settings, |(old in prop::collection::vec(prop::option::of(values()), 7), one in prop::collection::vec(values(), 5),
                          two in prop::collection::vec(values(), 5))| {
        let mut script = Language::Fish.assign("__awsenv_bin", stand_in.as_os_str().as_bytes());
        script.extend(Language::Fish.hook().bytes());
        script.extend(b"\nenv -0 >before\nSWITCH=one awsenv use x; or exit 9\nenv -0 >first\nSWITCH=two awsenv use y; or exit 9\n\
                        env -0 >second\nawsenv leave; or exit 9\nenv -0 >after\n");
        let path = world.home.path().join("use.fish");
        std::fs::write(&path, script).expect("the home can be written");
        for (file, values) in [("one", &one), ("two", &two)] {
            let values: Vec<&[u8]> = [&b"x"[..]].into_iter().chain(values[1..].iter().map(Vec::as_slice)).collect();
            let text = [Language::Fish.assign_list("__awsenv_set_names", &names[..5]), Language::Fish.assign_list("__awsenv_set_values", &values),
                        Language::Fish.assign_list("__awsenv_unset_names", &names[5..])].concat();
            std::fs::write(world.home.path().join(file), text).expect("the home can be written");
        }
        let mut command = world.home.command("fish");
        command.arg("--no-config").arg(&path);
        for (name, value) in names.iter().zip(&old) {
            if let Some(value) = value {
                command.env(name, std::ffi::OsStr::from_bytes(value));
            }
        }
        let out = command.output().expect("fish runs");
        prop_assert_eq!((out.status.code(), String::from_utf8_lossy(&out.stderr)), (Some(0), "".into()));
        prop_assert_eq!(read("before"), read("after"));
        prop_assert_eq!(read("before"), read("seen"), "the second use sees the environment from before the first");
        for (file, values) in [("first", &one), ("second", &two)] {
            let mut want: Vec<Vec<u8>> = names[1..5].iter().zip(&values[1..]).map(|(n, v)| [n.as_bytes(), b"=", v].concat()).collect();
            want.push(b"AWS_PROFILE=x".to_vec());
            want.sort();
            prop_assert_eq!(read(file), want);
        }
    });
}

#[test]
fn tab_completes_commands_and_profiles_and_starts_nothing_before() {
    let world = World::new();
    world.session_ends_in(7200);
    world.home.config("[profile dev]\n[profile \"my profile\"]\n[profile \"$(touch X)\"]\n");
    let Some(mut fish) = world.fish(HOOK) else { return };
    let complete =
        |fish: &mut Session, line: &str| fish.run(&format!("complete -C '{line}' | string replace -r '\\t.*' ''")).text;
    assert_eq!(complete(&mut fish, "awsenv lea"), "leave\n");
    assert_eq!(complete(&mut fish, "awsenv use "), "$(touch X)\ndev\nkeys\nmy profile\nprod\n");
    assert_eq!(complete(&mut fish, "awsenv refresh de"), "dev\n");
    assert_eq!(complete(&mut fish, "awsenv use --reg"), "--region\n");
    assert!(!world.home.path().join("X").exists());

    let Some(mut fish) = world.fish(HOOK) else { return };
    fish.terminal.mark().send("awsenv sta\t").expect("awsenv status");
    let after = fish.type_line("dev").prompt();
    assert!(after.text.contains("dev"), "{after:?}");
}
