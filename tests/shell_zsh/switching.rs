//! use and leave, as far as the shell does them itself: what the binary would say comes from a file.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;

use awsenv::shell::Shell;
use proptest::prelude::*;
use testbed::{Home, Session};

use crate::desk::{AWSENV, HOOK, home_with_session, zsh_with};
use crate::quoting::nasty;

/// Variables as bytes; `None` is an unset one.
type Variables = BTreeMap<&'static str, Option<Vec<u8>>>;

/// Loads the hook with a binary that answers `switch` with the file of that name, and all else with the real one.
fn stand_in(home: &Home) -> String {
    let binary = write_binary(home, "exec cat ~/switch");
    format!("{HOOK}; __awsenv_bin='{binary}'")
}

/// What this binary does for `switch`; all else is the real one's.
fn write_binary(home: &Home, switch: &str) -> String {
    let text = format!("#!/bin/sh\n[ \"$1\" = switch ] || exec '{AWSENV}' \"$@\"\n{switch}\n");
    home.script("stand-in", &text).display().to_string()
}

/// What the binary would print to bring about these changes.
fn write_switch(home: &Home, changes: &Variables) {
    let set: Vec<_> = changes.iter().filter_map(|(name, value)| Some((name, value.as_ref()?))).collect();
    let unset: Vec<_> = changes.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| name).collect();
    let mut text = Shell::Zsh.assign_list("__awsenv_set_names", &set.iter().map(|(name, _)| name).collect::<Vec<_>>());
    text.extend(Shell::Zsh.assign_list("__awsenv_set_values", &set.iter().map(|(_, value)| value).collect::<Vec<_>>()));
    text.extend(Shell::Zsh.assign_list("__awsenv_unset_names", &unset));
    home.write("switch", text);
}

/// The environment in an `env -0` file, as far as it is one of these variables.
fn environment(home: &Home, file: &str, names: &[&'static str]) -> Variables {
    let bytes = home.read(file);
    let entries: BTreeMap<&[u8], &[u8]> = bytes
        .split(|&b| b == 0)
        .filter_map(|entry| entry.iter().position(|&b| b == b'=').map(|at| (&entry[..at], &entry[at + 1..])))
        .collect();
    names.iter().map(|name| (*name, entries.get(name.as_bytes()).map(|value| value.to_vec()))).collect()
}

const NAMES: [&str; 8] = [
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_EXPIRATION",
    "AWSENV_PROFILE",
    "AWSENV_NAMES",
    "HTTPS_PROXY",
    "no_proxy",
    "code",
];

fn variables() -> impl Strategy<Value = Variables> {
    prop::collection::vec(prop::option::of(nasty()), NAMES.len())
        .prop_map(|values| NAMES.iter().copied().zip(values).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, max_shrink_iters: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_survive_use_and_leave(before in variables(), mut change in variables(), mut again in variables(), utf8: bool) {
        let Some(zsh) = testbed::require("zsh") else { return Ok(()) };
        let home = Home::new(AWSENV);
        // Every `use` sets these three.
        for change in [&mut change, &mut again] {
            change.insert("AWS_PROFILE", Some(b"x".to_vec()));
            change.insert("AWSENV_PROFILE", Some(b"x".to_vec()));
            let expiration = change["AWS_SESSION_EXPIRATION"].as_ref().map_or("", |_| " AWS_SESSION_EXPIRATION:*");
            change.insert("AWSENV_NAMES", Some(format!("1 salt{expiration} AWS_PROFILE:1234").into_bytes()));
        }
        let script = format!(
            "{}\nemulate zsh\nenv -0 >before\nawsenv use x; env -0 >during\nmv again switch\nawsenv use y; env -0 >then\n\
             awsenv leave; env -0 >after\n[[ ! -e PWNED ]]\n", stand_in(&home));
        write_switch(&home, &again);
        std::fs::rename(home.path().join("switch"), home.path().join("again")).unwrap();
        write_switch(&home, &change);
        home.write("script", script);
        let mut command = home.command(zsh);
        command.args(["-f", "script"]).env("LC_ALL", if utf8 { "C.UTF-8" } else { "C" });
        for (name, value) in &before {
            match value {
                Some(value) => command.env(name, std::ffi::OsStr::from_bytes(value)),
                None => command.env_remove(name),
            };
        }
        let out = command.output().unwrap();
        prop_assert!(out.status.success(), "{}", out.stderr.escape_ascii());
        prop_assert_eq!(out.stderr.escape_ascii().to_string(), "");
        prop_assert_eq!(&environment(&home, "before", &NAMES), &before);
        prop_assert_eq!(&environment(&home, "during", &NAMES), &change);
        prop_assert_eq!(&environment(&home, "then", &NAMES), &again);
        prop_assert_eq!(&environment(&home, "after", &NAMES), &before);
    }
}

fn changes(list: &[(&'static str, Option<&str>)]) -> Variables {
    list.iter().map(|(name, value)| (*name, value.map(|v| v.as_bytes().to_vec()))).collect()
}

/// zsh whose `awsenv use` changes these.
fn switching(home: &Home, list: &[(&'static str, Option<&str>)], rc: &str) -> Option<Session> {
    write_switch(home, &changes(list));
    zsh_with(home, &format!("{rc}\n{}", stand_in(home)))
}

const DEV: [(&str, Option<&str>); 4] = [
    ("AWS_PROFILE", Some("dev")),
    ("AWSENV_PROFILE", Some("dev")),
    ("AWSENV_NAMES", Some("1 salt AWS_PROFILE:1234")),
    ("AWS_ACCESS_KEY_ID", None),
];

#[test]
fn a_read_only_variable_stops_everything() {
    let home = home_with_session(7230);
    for rc in [
        "readonly AWS_PROFILE=mine",
        "typeset -r AWSENV_PROFILE",
        "readonly AWS_ACCESS_KEY_ID=a",
        "readonly AWSENV_NAMES=x",
    ] {
        let Some(mut zsh) = switching(&home, &DEV, &format!("export AWS_PROFILE=mine AWS_ACCESS_KEY_ID=a; {rc}"))
        else {
            return;
        };
        let refused = zsh.run("awsenv use dev");
        assert!(refused.text.starts_with("awsenv: read-only in this shell, so nothing is changed: "), "{refused:?}");
        assert_eq!(refused.status, 1);
        assert_eq!(zsh.run("echo $AWS_PROFILE $AWS_ACCESS_KEY_ID ${AWSENV_PROFILE-}").text.trim(), "mine a");
    }
    let Some(mut zsh) = switching(&home, &DEV, "typeset -i AWS_PROFILE") else { return };
    assert!(zsh.run("awsenv use dev").text.contains("AWS_PROFILE is not a string"));
}

#[test]
fn what_was_changed_since_stays_and_is_named() {
    let home = home_with_session(7230);
    let list = [DEV.to_vec(), vec![("HTTPS_PROXY", Some("http://proxy:8080"))]].concat();
    let Some(mut zsh) =
        switching(&home, &list, "export HTTPS_PROXY=http://home AWS_ACCESS_KEY_ID=old; unset AWS_PROFILE")
    else {
        return;
    };
    assert_eq!(zsh.run("awsenv use dev").text, "");
    assert_eq!(zsh.run("echo $HTTPS_PROXY ${AWS_ACCESS_KEY_ID-unset}").text, "http://proxy:8080 unset\n");
    zsh.run("export HTTPS_PROXY=http://new");
    assert_eq!(zsh.run("awsenv leave").text, "awsenv: changed since `awsenv use`, so left as it is: HTTPS_PROXY\n");
    assert_eq!(zsh.run("echo $HTTPS_PROXY ${AWS_PROFILE-unset} $AWS_ACCESS_KEY_ID").text, "http://new unset old\n");
    let nothing = zsh.run("awsenv leave");
    assert_eq!(nothing.text, "awsenv: nothing to leave: `awsenv use` has changed nothing here\n");
}

#[test]
fn exported_or_not_is_restored_too() {
    let home = home_with_session(7230);
    let Some(mut zsh) = switching(&home, &DEV, "unset AWS_PROFILE; AWS_PROFILE=local; AWS_ACCESS_KEY_ID=local") else {
        return;
    };
    zsh.run("awsenv use dev");
    assert_eq!(zsh.run("printenv AWS_PROFILE").text, "dev\n");
    zsh.run("awsenv leave");
    assert_eq!(
        zsh.run("printenv AWS_PROFILE AWS_ACCESS_KEY_ID; echo $AWS_PROFILE $AWS_ACCESS_KEY_ID").text,
        "local local\n"
    );
}

#[test]
fn the_expiration_follows_and_goes_with_leave() {
    let mut home = home_with_session(7230);
    home.unset("AWS_PROFILE");
    let list = [DEV.to_vec(), vec![("AWS_SESSION_EXPIRATION", Some("2030-01-01T00:00:00Z"))]].concat();
    let list: Vec<_> = list
        .into_iter()
        .map(|(n, v)| (n, if n == "AWSENV_NAMES" { Some("1 s AWS_SESSION_EXPIRATION:* AWS_PROFILE:12") } else { v }))
        .collect();
    let Some(mut zsh) = switching(&home, &list, "export AWS_SESSION_EXPIRATION=mine") else { return };
    assert_eq!(zsh.run("awsenv use dev; echo $AWS_SESSION_EXPIRATION").text, "2030-01-01T00:00:00Z\n");
    // The hook has the session's real end from the file by now.
    let followed = zsh.run("echo $AWS_SESSION_EXPIRATION; echo $AWSENV_NAMES").text;
    assert!(
        !followed.contains("2030") && followed.ends_with("\n1 s AWS_SESSION_EXPIRATION:* AWS_PROFILE:12\n"),
        "{followed}"
    );
    assert_eq!(zsh.run("unset AWS_PROFILE").segment, "");
    assert_eq!(zsh.run("echo $AWS_SESSION_EXPIRATION; echo $AWSENV_NAMES").text, "mine\n1 s AWS_PROFILE:12\n");
    assert_eq!(zsh.run("AWS_PROFILE=dev; export AWS_PROFILE").segment, "dev 2h00m ");
    assert_eq!(zsh.run("awsenv leave; env | grep -a '^AWS' | grep -v METADATA").text, "AWS_SESSION_EXPIRATION=mine\n");
}

#[test]
fn a_failing_switch_changes_nothing() {
    let home = home_with_session(7230);
    let Some(mut zsh) = switching(&home, &DEV, "") else { return };
    write_binary(&home, "cat ~/switch; exit 130");
    let stopped = zsh.run("awsenv use prod");
    assert_eq!((stopped.status, stopped.segment.as_str()), (130, "dev 2h00m "));
    assert_eq!(zsh.run("echo $AWS_PROFILE").text, "dev\n");
}

#[test]
fn use_goes_back_to_the_profile_before() {
    let home = home_with_session(7230);
    let Some(mut zsh) = switching(&home, &DEV, "export AWS_PROFILE=mine") else { return };
    write_binary(&home, "echo \"<$5|$6|$AWS_PROFILE>\" >&2\nexec cat ~/switch");
    assert_eq!(zsh.run("awsenv use dev").text, "<||mine>\n");
    write_switch(&home, &changes(&[("AWS_PROFILE", Some("prod")), ("AWSENV_PROFILE", Some("prod")), DEV[2]]));
    // The binary sees what was there before awsenv came, and is told both profiles.
    assert_eq!(zsh.run("awsenv use -").text, "<mine|dev|mine>\n");
    assert_eq!(zsh.run("awsenv use -").text, "<dev|prod|mine>\n");
    zsh.run("export AWS_PROFILE=by-hand");
    zsh.run("awsenv use x");
    assert_eq!(zsh.run("awsenv use -").text, "<by-hand|prod|by-hand>\n");
    zsh.run("awsenv leave");
    assert_eq!(zsh.run("awsenv use -").text, "<prod||by-hand>\n");
}
