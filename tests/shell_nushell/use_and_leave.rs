//! `use` and `leave`.

use crate::world::{World, environment, value};

const SETTINGS: &str = "[profile dev]\nproxy = corp\nenv.TEAM = a 'b' $c\n[profile prod]\nproxy = none\n\
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
        ("TEAM", "mine\n\n"),
    ] {
        world.home.set(name, value);
    }
    let Some(mut nu) = world.nu("$env.AWS_DEFAULT_PROFILE = 7") else { return };
    let before = environment(&mut nu, &world);
    let used = nu.run("awsenv use dev");
    assert_eq!((used.text.as_str(), used.status, used.segment.as_str()), ("", 0, "dev 1h59m "));
    let dev = environment(&mut nu, &world);
    assert_eq!(value(&dev, "AWS_PROFILE"), Some("dev"));
    assert_eq!(value(&dev, "https_proxy"), Some("http://proxy.corp:3128"));
    assert_eq!(value(&dev, "http_proxy"), Some("http://proxy.corp:3128"), "as curl reads it");
    assert_eq!(value(&dev, "TEAM"), Some("a \\'b\\' $c"));
    assert!(value(&dev, "NO_PROXY").is_some_and(|n| n.contains("mine.example") && n.contains(".corp")));
    assert!(value(&dev, "AWS_SESSION_EXPIRATION").is_some_and(|e| !e.starts_with("2020")));
    assert_eq!((value(&dev, "AWS_ACCESS_KEY_ID"), value(&dev, "AWS_DEFAULT_PROFILE")), (None, None));

    nu.run("awsenv use prod");
    let prod = environment(&mut nu, &world);
    assert_eq!((value(&prod, "AWS_PROFILE"), value(&prod, "https_proxy")), (Some("prod"), None));
    assert_eq!((value(&prod, "TEAM"), value(&prod, "NO_PROXY")), (Some("mine\\n\\n"), Some("mine.example")));
    nu.run("awsenv use -");
    let again = environment(&mut nu, &world);
    assert_eq!(value(&again, "AWS_PROFILE"), Some("dev"));
    assert_eq!(value(&again, "NO_PROXY"), value(&dev, "NO_PROXY"), "the union does not grow");

    let left = nu.run("awsenv leave");
    assert_eq!((left.text.as_str(), left.status), ("", 0));
    assert_eq!(environment(&mut nu, &world), before, "names in their own spelling, too");
    assert_eq!(nu.run("$env.AWS_DEFAULT_PROFILE | describe").text, "int\n", "a value is what it was");
    nu.run("awsenv use -");
    assert_eq!(value(&environment(&mut nu, &world), "AWS_PROFILE"), Some("dev"), "the profile that was left");
}

#[test]
fn a_failed_or_stopped_use_changes_nothing() {
    let world = World::new();
    world.session_ends_in(-5);
    let Some(mut nu) = world.nu("$env.AWS_PROFILE = 'keys'") else { return };
    let before = environment(&mut nu, &world);
    let unknown = nu.run("awsenv use dve; print DONE");
    assert!(unknown.status == 1 && unknown.text.contains("dev") && !unknown.text.contains("DONE"), "{unknown:?}");
    assert_eq!(unknown.text.lines().count(), 1, "{unknown:?}");
    nu.type_line("awsenv use dev; print DONE").expect_question();
    nu.terminal.mark().send(b"\x03");
    let stopped = nu.prompt();
    assert!(stopped.status == 130 && !stopped.text.contains("DONE"), "{stopped:?}");
    assert_eq!(environment(&mut nu, &world), before);
    nu.type_line("awsenv use dev").expect_question();
    assert_eq!(nu.answer("").prompt().segment, "dev expired ");
    nu.run("awsenv use -");
    assert_eq!(value(&environment(&mut nu, &world), "AWS_PROFILE"), Some("keys"), "also set before awsenv");
}

#[test]
fn what_the_person_changed_since_is_kept() {
    let world = World::new();
    world.session_ends_in(7200 - 5);
    world.home.settings(SETTINGS);
    let Some(mut nu) = world.nu("") else { return };
    nu.run("awsenv use dev");
    nu.run("$env.HTTP_PROXY = 'http://other:1'; $env.AWS_PROFILE = 'keys'");
    assert_eq!(nu.run("ignore").segment, "keys ");
    let left = nu.run("awsenv leave");
    assert!(
        left.text.starts_with("awsenv: ") && left.text.contains("http_proxy") && left.text.lines().count() == 1,
        "{left:?}"
    );
    let after = environment(&mut nu, &world);
    assert_eq!((value(&after, "http_proxy"), value(&after, "AWS_PROFILE")), (Some("http://other:1"), Some("keys")));
    for name in ["https_proxy", "AWSENV_PROFILE", "AWSENV_NAMES"] {
        assert_eq!(value(&after, name), None, "{name}");
    }
}

#[test]
fn a_shell_in_the_shell_leaves_what_it_inherited() {
    let world = World::new();
    world.session_ends_in(7200 - 5);
    world.home.settings(SETTINGS);
    let Some(mut nu) = world.nu("") else { return };
    nu.run("awsenv use dev");
    nu.type_line("nu --execute '$env.at.prompt = 100'");
    let inner = nu.prompt();
    assert_eq!(inner.segment, "dev 1h59m ");
    assert!(nu.run("awsenv status").text.contains("inherited from the shell that started this one"));
    let left = nu.run("awsenv leave");
    assert!(left.text.contains("inherited"), "{left:?}");
    assert_eq!(left.segment, "");
    let after = environment(&mut nu, &world);
    for name in ["AWS_PROFILE", "AWSENV_PROFILE", "AWSENV_NAMES", "https_proxy", "AWS_SESSION_EXPIRATION"] {
        assert_eq!(value(&after, name), None, "{name}");
    }
}

#[test]
fn use_in_config_never_asks() {
    let world = World::new();
    world.session_ends_in(-5);
    let hook = testbed::Shell::Nushell.hook().replace("init nushell", "init nushell --use dev");
    let start = |rc: &str| testbed::Session::start(testbed::Shell::Nushell, &world.home, rc);
    let sourced = format!("source {}\nawsenv use dev", world.hook().display());
    for rc in [&hook, &sourced] {
        let Some(mut nu) = start(rc) else { return };
        let after = nu.run("$env.AWS_PROFILE");
        assert_eq!((after.text.as_str(), after.segment.as_str()), ("dev\n", "dev expired "), "{rc}");
        assert!(!String::from_utf8_lossy(&nu.terminal.raw()).contains("MFA code"), "{rc}");
        std::fs::remove_dir_all(world.home.path().join(".local/share/nushell")).ok();
    }
    let Some(mut nu) = start(&format!("$env.AWS_PROFILE = 'keys'\n{hook}")) else { return };
    assert_eq!(nu.run("$env.AWS_PROFILE").text, "keys\n", "chosen already");
}

#[test]
fn a_region_and_help_and_other_commands_pass() {
    let world = World::new();
    world.session_ends_in(7200 - 5);
    let Some(mut nu) = world.nu("") else { return };
    nu.run("awsenv use dev --region eu-north-1");
    assert_eq!(
        nu.run("[$env.AWS_REGION $env.AWS_DEFAULT_REGION] | str join ' ' | print").text,
        "eu-north-1 eu-north-1\n"
    );
    nu.run("awsenv use --region us-east-1");
    assert_eq!(nu.run("[$env.AWS_REGION $env.AWS_PROFILE] | str join ' ' | print").text, "us-east-1 dev\n");
    for line in ["awsenv use --help", "awsenv leave --help", "awsenv off --help", "awsenv --help", "awsenv help"] {
        let said = nu.run(line);
        assert!(said.text.contains("Usage: awsenv") && !said.text.contains("Error"), "{line}: {said:?}");
    }
    assert!(nu.run("awsenv --version | str trim").text.starts_with("awsenv "));
    assert!(nu.run("awsenv list --json | from json | get profile | to nuon").text.contains("dev"));
    assert_eq!(nu.run("awsenv status nobody").status, 1);
    assert_eq!(nu.run("awsenv exec keys -- printenv AWS_ACCESS_KEY_ID").text, "AKIAX\n");
}

/// All or nothing: a variable that belongs to nushell itself.
#[test]
fn variables_that_nushell_does_not_give_away_stop_use_as_a_whole() {
    let world = World::new();
    world.session_ends_in(7200 - 5);
    let Some(mut nu) = world.nu("") else { return };
    let answer = |name: &str| {
        let text = format!("{{set_names: [AWS_PROFILE {name}], set_values: [dev \"/x\"], unset_names: []}}");
        world.home.write("answer", text);
    };
    let stand_in = world.home.script("stand-in", "#!/bin/sh\n[ \"$1\" = switch ] && exec cat ~/answer\n");
    nu.run(&format!("$env.__awsenv.bin = '{}'", stand_in.display()));
    let before = environment(&mut nu, &world);
    for name in ["PWD", "FILE_PWD", "config", "ENV_CONVERSIONS"] {
        answer(name);
        let refused = nu.run("awsenv use dev");
        assert!(
            refused.status == 1 && refused.text.contains(&format!("{name} cannot be set in nushell")),
            "{refused:?}"
        );
        assert_eq!(environment(&mut nu, &world), before, "{name}");
    }
}
