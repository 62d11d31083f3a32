//! What is read from a file or inherited never runs, never reaches the screen raw, and leaves the prompt intact.

use std::os::unix::ffi::OsStrExt;

use crate::{bash, home, session};

fn hostile_texts() -> Vec<Vec<u8>> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("past 1970").as_secs();
    let good = |expiry: &str, state: &str, margin: &str, when: &str, label: &str| {
        format!("1 {expiry} {state} {margin} {when} {label}\n").into_bytes()
    };
    let (end, run) = ((now + 4000).to_string(), "a[$(touch RAN)]");
    vec![
        run.into(),
        format!("1 {run} {run} {run} {run} {run}").into(),
        good(run, "valid", "60", "-", "evil \t"),
        good(&end, "valid", run, "-", "evil \t"),
        good(&end, "valid", "60", run, "evil \t"),
        good(&end, "$(touch RAN)", "60", "-", "evil \t"),
        good(&end, "valid", "60", "-", "$(touch RAN) `touch RAN` ${x:=$(touch RAN)}"),
        good(&end, "valid", "60", "-", "\x1b[31mevil\x1b]0;t\x07 \t"),
        good(&end, "valid", "60", "-", "evil\u{9b}31m \t"),
        good(&end, "valid", "60", "-", "evil\u{202e}live \t"),
        good(&end, "valid", "60", "-", "evil\x01\x02 \t"),
        good(&end, "valid", "60", "-", "two\ttabs\t"),
        good("08", "valid", "60", "-", "evil \t"),
        good("99999999999999999999", "valid", "60", "-", "evil \t"),
        good("-1", "valid", "60", "-", "evil \t"),
        good("0x7fffffff", "valid", "60", "-", "evil \t"),
        good(&end, "valid", "99999999999999999999", "-", "evil \t"),
        good(&end, "valid", "60", "2026-01-01$(touch RAN)Z", "evil \t"),
        b"2 0 valid 60 - evil\n".to_vec(),
        b"1 0 valid 60\n".to_vec(),
        b"\0\0\x001\0 0 \0valid".to_vec(),
        b"1 0 permanent 60 - ev\0il\x1b[0m\n".to_vec(),
        b"\n".to_vec(),
        Vec::new(),
        vec![b'x'; 1 << 20],
        [b"1 0 permanent 60 - ".to_vec(), vec![b'y'; 1 << 20]].concat(),
    ]
}

/// Nothing ran, and nothing but the shell's own control sequences was written.
fn check(shell: &mut testbed::Session, home: &testbed::Home, what: &str) {
    assert!(!home.path().join("RAN").exists(), "ran: {what}");
    let raw = String::from_utf8_lossy(&shell.terminal.raw()).into_owned();
    for bad in [
        "\x1b[31mevil",
        "\x1b]0;t",
        "\u{9b}",
        "\u{202e}",
        "evil\x01",
        "yyyyyyyyyy",
        "unbound",
        "syntax error",
        "bash: ",
    ] {
        assert!(!raw.contains(bad), "{bad:?} on the screen after {what}");
    }
}

#[test]
fn a_hostile_stamp_shows_nothing_and_runs_nothing() {
    let mut home = home();
    home.credentials(session("dev", 4000));
    home.set("AWS_PROFILE", "dev");
    home.script("aws", "#!/bin/sh\necho ran\n");
    home.age();
    let Some(mut shell) = bash(&home, "set -u", "") else { return };
    let state = home.path().join(".local/state/awsenv");
    let stamp = std::fs::read_dir(&state)
        .expect("the state folder is there")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.file_name().is_some_and(|n| n.as_bytes().starts_with(b"stamp")))
        .expect("the first prompt wrote a stamp");
    let before = std::fs::read(&stamp).expect("it can be read");
    for text in hostile_texts() {
        let what = text[..text.len().min(80)].escape_ascii().to_string();
        std::fs::write(&stamp, &text).expect("an own file can be written");
        let out = shell.run("true");
        assert!(!out.segment.contains('\n') && out.segment.len() < 80, "{what}: {out:?}");
        assert_eq!(shell.run("false").status, 1);
        check(&mut shell, &home, &what);
        let out = shell.run("printenv AWSENV_PROMPT AWS_SESSION_EXPIRATION; aws x");
        assert!(!out.text.contains(|c: char| c.is_control() && c != '\n'), "{what}: {out:?}");
        check(&mut shell, &home, &what);
        std::fs::write(&stamp, &before).expect("an own file can be written");
        assert_eq!(shell.run("true").segment, "dev 1h06m ", "the good one is seen again after {what}");
    }
}

#[test]
fn a_stamp_that_is_no_regular_file_is_not_read() {
    let mut home = home();
    home.credentials(session("dev", 4000));
    home.set("AWS_PROFILE", "dev");
    home.age();
    let Some(mut shell) = bash(&home, "", "") else { return };
    let fifo = home.path().join("fifo");
    assert!(home.command("mkfifo").arg(&fifo).status().expect("mkfifo starts").success());
    shell.run("__awsenv_stamp=$HOME/fifo");
    // A read would wait for ever.
    assert_eq!(shell.run("echo on").text, "on\n");
    shell.run("__awsenv_stamp=/etc");
    assert_eq!(shell.run("echo on").text, "on\n");
}

#[test]
fn hostile_variables_run_nothing_and_show_nothing() {
    let values: Vec<Vec<u8>> =
        hostile_texts().into_iter().map(|t| t.into_iter().filter(|b| *b != 0).collect()).collect();
    let ours = [
        "AWSENV_PROFILE",
        "AWSENV_PROMPT",
        "AWSENV_NAMES",
        "AWSENV_CONFIG",
        "AWSENV_STATE_DIR",
        "AWS_SESSION_EXPIRATION",
        "__awsenv_typed",
        "__awsenv_count",
        "__awsenv_pipes",
        "__awsenv_i",
        "__awsenv_now",
        "__awsenv_expiry",
        "__awsenv_retry",
        "__awsenv_kept_names",
        "__awsenv_stamp",
        "__awsenv_line",
        "__awsenv_ps1",
        "__awsenv_first",
        "__awsenv_last",
        "__awsenv_from",
        "__awsenv_to",
        "__awsenv_runs",
        "__awsenv_t0",
        "__awsenv_void",
        "__awsenv_margin",
        "EPOCHSECONDS",
    ];
    // One variable of 1 MB is more than execve takes.
    for value in values.iter().filter(|v| v.len() < 100_000) {
        let what = value.escape_ascii().to_string();
        let mut home = home();
        home.credentials(session("dev", 4000));
        home.set("AWS_PROFILE", "dev");
        home.script("aws", "#!/bin/sh\necho ran\n");
        for name in ours {
            home.set(name, std::ffi::OsStr::from_bytes(value));
        }
        let Some(mut shell) = bash(&home, "set -u", "") else { return };
        for line in ["true", "false", "", "aws x", "true | false"] {
            let out = shell.run(line);
            assert!(!out.segment.contains(|c: char| c.is_control()) && out.segment.len() < 80, "{what}: {out:?}");
        }
        let leave = shell.run("awsenv leave");
        assert!(!leave.text.contains(|c: char| c.is_control() && c != '\n'), "{what}: {leave:?}");
        check(&mut shell, &home, &what);
    }
}

#[test]
fn a_variable_of_a_megabyte_set_in_the_shell_is_survived() {
    let mut home = home();
    home.credentials(session("dev", 4000));
    home.set("AWS_PROFILE", "dev");
    let Some(mut shell) = bash(&home, "", "") else { return };
    for name in ["AWSENV_NAMES", "AWSENV_PROMPT", "AWSENV_PROFILE", "AWS_SESSION_EXPIRATION"] {
        // Unexported: no program could be started with it.
        shell.run(&format!("unset {name}; printf -v {name} %1000000s x"));
        let out = shell.run("true");
        assert!(out.segment.len() < 80, "{name}: {out:?}");
        assert_eq!(shell.run(&format!("unset {name}; echo on")).text, "on\n");
    }
}
