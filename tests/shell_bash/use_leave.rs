//! `use` and `leave`: what they change, what they restore, what they refuse to touch.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use awsenv::shell::Shell;
use proptest::prelude::*;
use testbed::Home;

use crate::text::any_value;
use crate::{bash, home, session};

type Environment = BTreeMap<Vec<u8>, Vec<u8>>;

/// What `env -0` wrote, without what every shell changes by itself.
fn environment(home: &Home, file: &str) -> Environment {
    let bytes = home.read(file);
    let pairs = bytes.split(|b| *b == 0).filter_map(|pair| {
        let at = pair.iter().position(|b| *b == b'=')?;
        Some((pair[..at].to_vec(), pair[at + 1..].to_vec()))
    });
    pairs
        .filter(|(name, _)| !["_", "SHLVL", "PWD", "OLDPWD"].iter().any(|own| own.as_bytes() == name.as_slice()))
        .collect()
}

/// A program that answers `switch` with these lists, whatever it is asked.
fn answers(home: &Home, set: &[(&str, &[u8])], unset: &[&str]) {
    let (names, values): (Vec<_>, Vec<_>) = set.iter().copied().unzip();
    let code = [
        Shell::Bash.assign_list("__awsenv_set_names", &names),
        Shell::Bash.assign_list("__awsenv_set_values", &values),
        Shell::Bash.assign_list("__awsenv_unset_names", unset),
    ];
    home.write("answer", code.concat());
    home.script("answers", "#!/bin/sh\nenv -0 >\"$HOME/seen\"\nexec cat \"$HOME/answer\"\n");
}

const NAMES: [&str; 8] = [
    "AWS_PROFILE",
    "AWSENV_PROFILE",
    "AWSENV_NAMES",
    "HTTPS_PROXY",
    "no_proxy",
    "AWS_ACCESS_KEY_ID",
    "out",
    "IFS_LIKE",
];

fn values() -> impl Strategy<Value = Vec<Option<Vec<u8>>>> {
    prop::collection::vec(prop::option::of(any_value()), NAMES.len())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 30, ..ProptestConfig::default() })]

    /// Whatever was inherited and whatever is set: `use` sets exactly it, `leave` brings everything back, twice over.
    #[test]
    fn use_and_leave_restore_every_byte(inherited in values(), first in values(), second in values(), locale in prop::bool::ANY) {
        if testbed::require("bash").is_none() {
            return Ok(());
        }
        let mut home = home();
        home.set("LC_ALL", if locale { "C.UTF-8" } else { "C" });
        for (name, value) in NAMES.iter().zip(&inherited) {
            // What is inherited as awsenv's own is another test.
            if let Some(value) = value && !name.starts_with("AWSENV") {
                home.set(*name, OsStr::from_bytes(value));
            }
        }
        let mut script = b"set -u; eval \"$(awsenv init bash)\"; __awsenv_more; __awsenv_bin=$(type -P answers); env -0 >before\n".to_vec();
        let wanted = [&first, &second];
        for (n, values) in wanted.iter().enumerate() {
            let set: Vec<(&str, &[u8])> = NAMES.iter().zip(values.iter()).filter_map(|(name, v)| Some((*name, v.as_deref()?))).collect();
            let unset: Vec<&str> = NAMES.iter().zip(values.iter()).filter(|(_, v)| v.is_none()).map(|(name, _)| *name).collect();
            answers(&home, &set, &unset);
            std::fs::rename(home.path().join("answer"), home.path().join(format!("answer{n}"))).expect("it can be renamed");
            script.extend(format!("cp answer{n} answer; awsenv use x; env -0 >after{n}; cp seen seen{n}\n").bytes());
        }
        script.extend(b"awsenv leave; env -0 >left\n");
        home.write("script", &script);
        let out = home.command("bash").arg("script").output().expect("bash starts");
        prop_assert!(out.status.success() && out.stdout.is_empty() && out.stderr.is_empty(), "{:?}", out);
        let before = environment(&home, "before");
        for (n, values) in wanted.iter().enumerate() {
            let mut expected = before.clone();
            for (name, value) in NAMES.iter().zip(values.iter()) {
                match value {
                    Some(value) => expected.insert(name.as_bytes().to_vec(), value.clone()),
                    None => expected.remove(name.as_bytes()),
                };
            }
            prop_assert_eq!(environment(&home, &format!("after{n}")), expected);
            // The binary is asked in the environment as it is without awsenv.
            prop_assert_eq!(environment(&home, &format!("seen{n}")), before.clone());
        }
        prop_assert_eq!(environment(&home, "left"), before);
        prop_assert!(!home.path().join("X").exists());
    }
}

fn two_profiles() -> Home {
    let home = home();
    home.credentials(format!("{}{}", session("dev", 7290), session("prod", 3690)));
    home.config("[profile plain]\naws_access_key_id = AKIAPLAIN\naws_secret_access_key = x\n");
    home.settings("[profile dev]\nproxy = corp\nenv.STAGE = it's dev\n[proxy corp]\nhttps = http://proxy.corp:8080\n");
    home
}

#[test]
fn use_switches_and_leave_brings_everything_back() {
    let mut home = two_profiles();
    home.set("HTTPS_PROXY", "http://mine:1").set("AWS_SECRET_ACCESS_KEY", "mine").set("AWS_ACCESS_KEY_ID", "AKIAMINE");
    home.age();
    let Some(mut shell) = bash(&home, "", "") else { return };
    shell.run("env -0 >before");
    let out = shell.run("awsenv use dev; printenv AWS_PROFILE AWSENV_PROFILE HTTPS_PROXY STAGE AWS_ACCESS_KEY_ID");
    assert!(out.text.ends_with("dev\ndev\nhttp://proxy.corp:8080\nit's dev\n"), "{out:?}");
    assert_eq!(out.segment, "dev 2h01m ");
    let out = shell.run("awsenv use prod; printenv AWS_PROFILE HTTPS_PROXY STAGE");
    assert!(out.text.ends_with("prod\nhttp://mine:1\n"), "{out:?}");
    assert_eq!(out.segment, "prod 1h01m ");
    assert_eq!(shell.run("awsenv use -").segment, "dev 2h01m ");
    assert_eq!(shell.run("awsenv use -").segment, "prod 1h01m ");
    shell.run("awsenv leave");
    shell.run("env -0 >left");
    assert_eq!(environment(&home, "left"), environment(&home, "before"));
    assert_eq!(shell.run("awsenv use -").segment, "prod 1h01m ", "also after leave");
}

#[test]
fn the_profile_before_awsenv_is_the_one_before() {
    let mut home = two_profiles();
    home.set("AWS_PROFILE", "prod");
    let Some(mut shell) = bash(&home, "", "") else { return };
    shell.run("awsenv use dev");
    assert_eq!(shell.run("awsenv use -").segment, "prod 1h01m ");
    shell.run("export AWS_PROFILE=plain");
    shell.run("awsenv use dev");
    assert_eq!(
        shell.run("awsenv use -; printenv AWS_PROFILE").text.lines().last(),
        Some("plain"),
        "set by hand in between"
    );
}

#[test]
fn a_read_only_variable_changes_nothing_at_all() {
    let home = two_profiles();
    let Some(mut shell) = bash(&home, "", "") else { return };
    shell.run("readonly HTTPS_PROXY=fixed");
    shell.run("env -0 >before");
    let out = shell.run("awsenv use dev");
    assert_eq!(out.status, 1);
    assert!(out.text.contains("read-only") && out.text.contains("HTTPS_PROXY"), "{out:?}");
    shell.run("env -0 >after");
    assert_eq!(environment(&home, "after"), environment(&home, "before"));

    let Some(mut shell) = bash(&home, "", "") else { return };
    shell.run("awsenv use dev");
    shell.run("readonly STAGE");
    let out = shell.run("awsenv leave");
    assert_eq!((out.status, out.segment.as_str()), (1, "dev 2h01m "), "{out:?}");
    assert_eq!(shell.run("printenv HTTPS_PROXY").text, "http://proxy.corp:8080\n");
    for name in ["AWSENV_PROMPT", "AWS_SESSION_EXPIRATION", "AWSENV_NAMES"] {
        let Some(mut shell) = bash(&home, &format!("export AWS_PROFILE=dev; readonly {name}=x"), "") else { return };
        assert_eq!(shell.run("true").text, "", "the prompt says nothing about a read-only {name}");
        assert_eq!(shell.run("echo on").text, "on\n");
    }
}

#[test]
fn what_was_changed_since_is_kept_and_told() {
    let home = two_profiles();
    let Some(mut shell) = bash(&home, "", "") else { return };
    shell.run("awsenv use dev");
    shell.run("export HTTPS_PROXY=http://by-hand:2");
    let out = shell.run("awsenv leave");
    assert!(out.text.contains("HTTPS_PROXY") && out.text.lines().count() == 1, "{out:?}");
    assert_eq!(shell.run("printenv HTTPS_PROXY https_proxy STAGE AWS_PROFILE").text, "http://by-hand:2\n");
}

#[test]
fn in_a_subshell_or_pipeline_it_says_that_it_has_no_effect() {
    let home = two_profiles();
    let Some(mut shell) = bash(&home, "", "") else { return };
    for line in ["(awsenv use dev)", "awsenv use dev | cat", "echo $(awsenv use dev)", "awsenv leave | cat"] {
        let out = shell.run(line);
        assert!(out.text.contains("no effect"), "{line}: {out:?}");
        assert_eq!(out.segment, "");
    }
    assert_eq!(shell.run("(awsenv use dev)").status, 1);
    assert_eq!(shell.run("(awsenv use dev) && echo NO").text.matches("NO").count(), 0);
}

#[test]
fn an_unknown_profile_changes_nothing() {
    let home = two_profiles();
    let Some(mut shell) = bash(&home, "", "") else { return };
    let out = shell.run("awsenv use deb");
    assert_eq!((out.status, out.segment.as_str()), (1, ""), "{out:?}");
    assert!(out.text.contains("dev"), "{out:?}");
    assert_eq!(shell.run("awsenv use --nonsense").status, 2);
    let help = shell.run("awsenv use --help");
    assert!(help.status == 0 && help.text.contains("Usage"), "{help:?}");
    assert_eq!(shell.run("awsenv leave").status, 0, "nothing to leave is no error");
}

/// A new pane inherits the environment, but not what `use` remembered.
#[test]
fn leave_and_use_where_another_shell_used_use() {
    let home = two_profiles();
    let Some(mut shell) = bash(&home, "", "") else { return };
    shell.run("env -0 >before");
    shell.run("awsenv use dev");
    for line in ["awsenv leave", "awsenv use prod; awsenv leave"] {
        // The inner shell's rc file starts its own count of prompts, so it is driven without one.
        let inner = format!("bash --norc -c 'eval \"$(awsenv init bash)\"; {line}; env -0 >left; env -0' | wc -c");
        let out = shell.run(&inner);
        assert!(out.text.lines().last().is_some_and(|l| l.trim().parse::<u32>().is_ok()), "{out:?}");
        assert_eq!(environment(&home, "left"), environment(&home, "before"), "{line}");
    }
}

#[test]
fn a_variable_that_was_not_exported_is_not_exported_again() {
    let home = two_profiles();
    let Some(mut shell) = bash(&home, "HTTPS_PROXY=mine", "") else { return };
    assert_eq!(shell.run("awsenv use dev; printenv HTTPS_PROXY").text.lines().last(), Some("http://proxy.corp:8080"));
    assert_eq!(shell.run("awsenv leave; echo $HTTPS_PROXY; printenv HTTPS_PROXY; true").text, "mine\n");
}

#[test]
fn an_rc_file_may_use_and_is_never_asked() {
    let home = two_profiles();
    home.credentials(session("dev", -60));
    let Some(mut shell) = bash(&home, "", "awsenv use dev") else { return };
    assert_eq!(shell.run("true").segment, "dev expired ");
    let rc = r#"eval "$(awsenv init bash --use dev)""#;
    let Some(mut shell) = testbed::Session::start(testbed::Shell::Bash, &home, rc) else { return };
    assert_eq!(shell.run("true").segment, "dev expired ");
    let raw = String::from_utf8_lossy(&shell.terminal.raw()).into_owned();
    assert!(!raw.contains("MFA code for"), "{raw:?}");
}

#[test]
fn expiry_of_somebody_else_comes_back() {
    let mut home = two_profiles();
    home.set("AWS_SESSION_EXPIRATION", "2030-01-01T00:00:00Z").set("AWS_PROFILE", "plain");
    let Some(mut shell) = bash(&home, "", "") else { return };
    let value = "printenv AWS_SESSION_EXPIRATION AWSENV_NAMES";
    shell.run("export AWS_PROFILE=dev");
    assert!(shell.run(value).text.ends_with("1 - AWS_SESSION_EXPIRATION:*\n"));
    shell.run("export AWS_PROFILE=plain");
    assert_eq!(shell.run(value).text, "2030-01-01T00:00:00Z\n");
}

#[test]
fn tab_completes_commands_and_profile_names() {
    let home = two_profiles();
    home.config("[profile team:alpha]\nregion = eu-west-1\n[profile team:beta]\nregion = eu-west-1\n");
    let Some(mut shell) = bash(&home, "", "") else { return };
    for (typed, expected) in [
        ("awsenv stat\t", "awsenv status "),
        ("awsenv use pro\t", "awsenv use prod "),
        ("awsenv exec de\t", "awsenv exec dev "),
        ("awsenv use team:a\t", "awsenv use team:alpha "),
        ("awsenv refresh --for\t", "awsenv refresh --force "),
    ] {
        shell.terminal.mark().send(typed).expect(expected);
        shell.terminal.send(b"\x15");
        shell.run("true");
    }
}
