//! Stamps and inherited variables that somebody has filled with code and terminal sequences: nothing runs, nothing of it
//! reaches the screen raw, and the prompt is there.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use awsenv::shell::Shell;
use testbed::{Home, Session};

use crate::desk::{AWSENV, HOOK, home_with_session, write_session, zsh, zsh_with};

/// What a terminal would act on.
const SEQUENCE: &[u8] = b"\x1b]0;evil\x07";

fn payloads() -> Vec<Vec<u8>> {
    let code: [&[u8]; 9] = [
        b"a[$(touch PWNED)]",
        b"$(touch PWNED)",
        b"`touch PWNED`",
        b"%{$(touch PWNED)%}",
        b"x\ntouch PWNED\n",
        b"'; touch PWNED; '",
        b"1;touch PWNED",
        SEQUENCE,
        b"\xff\x9b31m\xe2\x80\xae",
    ];
    code.iter().map(|c| c.to_vec()).collect()
}

fn check(zsh: &mut Session, home: &Home, what: &str) -> String {
    let prompt = zsh.run("");
    assert_eq!(prompt.text, "", "{what}");
    assert!(!home.path().join("PWNED").exists(), "{what} was run");
    let raw = zsh.terminal.raw();
    assert!(!raw.windows(SEQUENCE.len()).any(|w| w == SEQUENCE), "{what} reached the terminal");
    prompt.segment
}

#[test]
fn a_stamp_full_of_code_is_no_stamp() {
    let home = Home::new(AWSENV);
    let stamp = home.path().join("stamp");
    // In the file, and as the binary would print it.
    let write = |line: &[u8]| {
        home.write("stamp", line);
        let place = Shell::Zsh.assign("__awsenv_stamp", stamp.as_os_str().as_encoded_bytes());
        home.write("hook", [place, Shell::Zsh.assign("__awsenv_line", line)].concat());
    };
    write(b"1 0 permanent 60 - dev");
    let binary = home.script(
        "stand-in",
        &format!(
            "#!/bin/sh\n[ \"$4\" != first ] || '{AWSENV}' init zsh --part first-prompt\n[ \"$1\" = hook ] && cat ~/hook\n"
        ),
    );
    let Some(mut zsh) = zsh_with(&home, &format!("{HOOK}; __awsenv_bin='{}'; setopt prompt_subst", binary.display()))
    else {
        return;
    };
    assert_eq!(check(&mut zsh, &home, "a good stamp"), "dev ");

    // Each field in turn, then the whole line, then numbers that shells misread.
    let good = ["1", "99999999999", "valid", "60", "2030-01-01T00:00:00Z", "dev"];
    let mut lines = Vec::new();
    for bad in payloads() {
        for field in 0..good.len() {
            let mut fields: Vec<Vec<u8>> = good.iter().map(|g| g.as_bytes().to_vec()).collect();
            fields[field] = bad.clone();
            lines.push((field, fields.join(&b' ')));
        }
        lines.push((0, bad));
    }
    for number in ["08", "00", "-1", "0x10", "1e3", "100000000000", "99999999999999999999", "", "1 1"] {
        lines.push((1, format!("1 {number} valid 60 - dev").into_bytes()));
        lines.push((1, format!("1 0 valid {number} - dev").into_bytes()));
    }
    lines.push((0, vec![b'x'; 1_000_000]));
    lines.push((0, [b"1 0 permanent 60 - ".to_vec(), vec![b'x'; 1_000_000]].concat()));
    lines.push((0, vec![0; 1000]));
    lines.push((0, b"1 0 permanent 60 - a\0b".to_vec()));
    lines.push((0, b"1 0 permanent 60 - a\tb\tc".to_vec()));
    lines.push((0, b"2 0 permanent 60 - dev".to_vec()));
    lines.push((0, vec![]));
    for (field, line) in lines {
        write(&line);
        // A new key, so that the binary is asked at once and not in a minute.
        zsh.run("export AWSENV_PROFILE=$(( ++keys ))");
        let what = line[..line.len().min(80)].escape_ascii().to_string();
        let segment = check(&mut zsh, &home, &what);
        // Only a label is text, and what is in it is shown as it is; no word of a shell holds a NUL.
        if field != 5 && !line.contains(&0) {
            assert_eq!(segment, "", "{what}");
        }
    }
    write(b"1 0 permanent 60 - dev");
    zsh.run("unset AWSENV_PROFILE");
    assert_eq!(check(&mut zsh, &home, "a good stamp"), "dev ");

    // The file itself is not read; a pipe would hang the prompt.
    std::fs::remove_file(&stamp).unwrap();
    zsh.run("mkfifo stamp");
    assert_eq!(check(&mut zsh, &home, "a pipe"), "dev ");
    zsh.run("export AWSENV_PROFILE=pipe");
    assert_eq!(check(&mut zsh, &home, "a pipe"), "dev ");
}

#[test]
fn inherited_variables_full_of_code_are_only_text() {
    let ours: BTreeSet<&str> = Shell::Zsh
        .hook()
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| word.starts_with("__awsenv_"))
        .collect();
    assert!(ours.len() > 40, "{ours:?}");
    let theirs =
        ["AWSENV_PROMPT", "AWSENV_NAMES", "AWSENV_PROFILE", "AWS_SESSION_EXPIRATION", "REPLY", "match", "PSVAR"];
    let mut payloads = payloads();
    payloads.push(vec![b'x'; 100_000]);
    for bad in payloads {
        let mut home = home_with_session(7230);
        for name in ours.iter().chain(&theirs) {
            // The environment of a program has an end.
            if bad.len() < 1000 || theirs.contains(name) {
                home.set(*name, OsString::from_vec(bad.clone()));
            }
        }
        home.unset("AWSENV_PROFILE");
        let what = bad[..bad.len().min(40)].escape_ascii().to_string();
        let Some(mut zsh) = zsh(&home) else { return };
        assert_eq!(check(&mut zsh, &home, &what), "dev 2h00m ");
        assert_eq!(zsh.run("env | grep -a ^__awsenv").text, "", "{what}");
        assert_eq!(zsh.run("print -r -- $AWSENV_PROMPT").text, "dev 2h00m\n");
        write_session(&home, 3630);
        home.write(".aws/config", "");
        assert_eq!(zsh.run("").segment, "dev 1h00m ", "{what}");
        zsh.run("unset AWS_PROFILE; awsenv leave");
        assert_eq!(check(&mut zsh, &home, &what), "");
    }
}

#[test]
fn paths_and_profiles_full_of_code_are_only_text() {
    for bad in payloads() {
        for name in ["AWS_PROFILE", "AWSENV_CONFIG", "AWSENV_STATE_DIR", "AWS_CONFIG_FILE", "AWSENV_PROFILE"] {
            let mut home = home_with_session(7230);
            home.set(name, OsString::from_vec(bad.clone()));
            let what = format!("{name}={}", bad.escape_ascii());
            let Some(mut zsh) = zsh(&home) else { return };
            check(&mut zsh, &home, &what);
            zsh.run("unset AWS_PROFILE");
            assert_eq!(check(&mut zsh, &home, &what), "");
        }
    }
}
