//! Names and values with ESC, newlines, a megabyte, bidi controls and bytes that are no text: nothing raw reaches a terminal,
//! a stamp or a completion, and nothing hangs.

use std::time::{Duration, Instant};

use testbed::{FakeAws, Home, Session, Shell};

use crate::stage::{self, run, said};

const ESC: &[u8] = b"\x1b]0;owned\x07\x1b[2J";

/// Values that a file can hold.
fn hostile() -> Vec<Vec<u8>> {
    let mut values: Vec<Vec<u8>> = [
        ESC,
        b"a\x9b31mb\xc2\x9b32m",
        "x\u{202e}nimda\u{2066}\u{200f}\u{2028}".as_bytes(),
        b"\xff\xfe\x80",
        b"a\x08\x08\x7f\x00b",
        b"$(touch RAN)`touch RAN`;touch RAN",
        b"%F{red}%n{left}\\w\\$(touch RAN)",
        b"a[$(touch RAN)]",
        b"\r",
        b"a\rb",
    ]
    .map(<[u8]>::to_vec)
    .into();
    values.push(vec![b'm'; 1 << 20]);
    values.push([ESC, &vec![b'\xcc'; 300_000], &vec![b'\x81'; 300_000]].concat());
    values
}

/// What no terminal may get from us.
#[track_caller]
fn is_clean(what: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let harmful = |c: char| {
        c.is_control() && c != '\n'
            || ('\u{2028}'..='\u{202e}').contains(&c)
            || ('\u{2066}'..='\u{2069}').contains(&c)
            || c == '\u{200f}'
    };
    assert!(!text.chars().any(harmful), "{what}: {}", bytes[..bytes.len().min(600)].escape_ascii());
    assert!(!text.contains("panicked"), "{what}: {text}");
}

fn no_file_was_made(home: &Home, what: &str) {
    let made = stage::all_files(&home.outside()).into_iter().find(|p| p.file_name().is_some_and(|n| n == "RAN"));
    assert_eq!(made, None, "{what}");
}

/// Every command that shows something, with the profile in force or named.
fn every_command_is_clean(home: &Home, what: &str) {
    for command in [
        "status",
        "list",
        "names",
        "prompt",
        "doctor",
        "refresh",
        "guard bash 1 1 1 -- aws s3 ls",
        "leave bash 1",
        "init bash",
        "init zsh",
        "init fish",
        "exec nobody",
        "switch bash 1 0 x y nobody",
    ] {
        let begun = Instant::now();
        let done = run(&mut home.awsenv(&command.split(' ').collect::<Vec<_>>()));
        assert!(begun.elapsed() < Duration::from_secs(10), "{what}: {command} took {:?}", begun.elapsed());
        // What shells evaluate is quoted, which their own tests show; the rest is for people.
        let code_for_shells = ["init", "hook", "leave", "guard", "switch"].iter().any(|c| command.starts_with(c));
        if !code_for_shells {
            is_clean(&format!("{what}: {command}: stdout"), &done.stdout);
        }
        is_clean(&format!("{what}: {command}: stderr"), &done.stderr);
        let most = if command == "names" || command.starts_with("init") { usize::MAX } else { 64 << 10 };
        assert!(
            done.stdout.len() < most && done.stderr.len() < 16 << 10,
            "{what}: {command}: {} bytes",
            done.stdout.len()
        );
        no_file_was_made(home, command);
    }
    for (command, name) in [("status --json", "status"), ("list --json", "list")] {
        let done = run(&mut home.awsenv(&command.split(' ').collect::<Vec<_>>()));
        if done.status.success() {
            serde_json::from_slice::<serde_json::Value>(&done.stdout).unwrap_or_else(|e| panic!("{what}: {name}: {e}"));
        }
    }
}

/// The stamp's line: one line, no control character but the TAB for the time left, and short.
fn stamp_is_clean(home: &Home, what: &str) {
    assert_eq!(said(&run(&mut home.awsenv(&["hook", "bash", "1"]))).2, "", "{what}");
    for file in stage::all_files(&home.path().join(".local/state/awsenv")) {
        if file.file_name().is_some_and(|n| n.to_string_lossy().starts_with("stamp-")) {
            let line = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{what}: {e}"));
            assert_eq!(line.matches('\n').count(), 1, "{what}");
            assert!(line.matches('\t').count() <= 1 && line.len() < 2000, "{what}: {}", line.len());
            is_clean(what, line.replace('\t', "").as_bytes());
        }
    }
}

#[test]
fn values_in_the_files_reach_no_terminal_raw() {
    let aws = FakeAws::start();
    for (n, value) in hostile().iter().enumerate() {
        let mut home = stage::home(&aws);
        home.set("AWS_PROFILE", "dev");
        let line = |key: &str| [key.as_bytes(), b" = ", value.as_slice(), b"\n"].concat();
        home.config(
            [
                &b"[profile dev]\n"[..],
                &line("region"),
                &line("output"),
                &line("aws_account_id"),
                &line("source_profile"),
                b"[profile role]\n",
                &line("role_arn"),
                b"source_profile = dev\n",
                &line("mfa_serial"),
                b"[profile sso]\n",
                &line("sso_start_url"),
                &line("sso_region"),
                b"[profile process]\n",
                &line("credential_process"),
            ]
            .concat(),
        );
        home.credentials(
            [
                &b"[dev-long-term]\naws_access_key_id = AKIA\naws_secret_access_key = s\n"[..],
                &line("aws_mfa_device"),
                b"[dev]\n",
                &line("aws_access_key_id"),
                &line("aws_secret_access_key"),
                &line("aws_session_token"),
                &line("expiration"),
            ]
            .concat(),
        );
        for profile in ["dev", "role", "sso", "process"] {
            home.set("AWS_PROFILE", profile);
            let what = format!("value {n}, profile {profile}");
            every_command_is_clean(&home, &what);
            stamp_is_clean(&home, &what);
        }
    }
}

#[test]
fn names_of_profiles_reach_no_terminal_raw() {
    use std::os::unix::ffi::OsStringExt;
    let aws = FakeAws::start();
    for (n, name) in hostile().into_iter().enumerate() {
        let mut home = stage::home(&aws);
        let name: Vec<u8> = name.into_iter().filter(|b| !b"\x00\r[]".contains(b)).collect();
        home.config([&b"[profile "[..], &name, b"]\nregion = us-east-1\n[profile nobody2]\n"].concat());
        home.credentials(
            [
                &b"["[..],
                &name,
                b"-long-term]\naws_access_key_id = AKIA\naws_secret_access_key = s\naws_mfa_device = d\n",
            ]
            .concat(),
        );
        // A variable of a megabyte is more than the system hands on.
        if name.len() < 100_000 {
            home.set("AWS_PROFILE", std::ffi::OsString::from_vec(name));
        }
        every_command_is_clean(&home, &format!("name {n}"));
        stamp_is_clean(&home, &format!("name {n}"));
    }
}

#[test]
fn variables_and_settings_reach_no_terminal_raw() {
    use std::os::unix::ffi::OsStringExt;
    let aws = FakeAws::start();
    let taro = stage::Person::new(&aws, "taro");
    let names = [
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_REGION",
        "AWSENV_PROFILE",
        "AWSENV_NAMES",
        "AWSENV_PROMPT",
        "AWS_SESSION_EXPIRATION",
        "AWS_ACCESS_KEY_ID",
        "AWS_SESSION_TOKEN",
        "AWS_CREDENTIAL_EXPIRATION",
        "MFA_DEVICE",
        "MFA_STS_DURATION",
        "HTTPS_PROXY",
        "NO_PROXY",
        "AWS_CONFIG_FILE",
        "AWSENV_CONFIG",
        "AWS_CA_BUNDLE",
        "AWS_ENDPOINT_URL_STS",
        "AWSENV_STATE_DIR",
        "SSL_CERT_FILE",
        "TZ",
        "USER",
    ];
    for (n, value) in hostile().into_iter().enumerate() {
        let mut value: Vec<u8> = value.into_iter().filter(|b| *b != 0).collect();
        value.truncate(100_000);
        let fresh = || {
            let home = stage::home(&aws);
            home.credentials(format!("{}{}", taro.long_term("dev"), taro.session("dev", -60)));
            home
        };
        for name in names {
            let mut home = fresh();
            home.set(name, std::ffi::OsString::from_vec(value.clone()));
            for command in [
                "status",
                "list",
                "prompt",
                "guard bash 1 1 1 -- aws s3 ls",
                "refresh --force dev 123456",
                "hook bash 1",
            ] {
                let done = run(&mut home.awsenv(&command.split(' ').collect::<Vec<_>>()));
                let what = format!("{name}, value {n}: {command}");
                if !command.starts_with("hook") && !command.starts_with("guard") {
                    is_clean(&what, &done.stdout);
                }
                is_clean(&what, &done.stderr);
                assert!(done.stderr.len() < 16 << 10, "{what}: {} bytes", done.stderr.len());
                no_file_was_made(&home, &what);
            }
        }
        let mut home = fresh();
        home.set("AWS_PROFILE", "dev");
        home.settings([&b"[prompt]\nformat = {profile} {left} "[..], &value, b"\n"].concat());
        every_command_is_clean(&home, &format!("format, value {n}"));
        stamp_is_clean(&home, &format!("format, value {n}"));
    }
}

#[test]
fn a_shell_with_hostile_names_keeps_its_screen() {
    let aws = FakeAws::start();
    for shell in Shell::ALL {
        let mut home = stage::home(&aws);
        let name = "a\u{1b}]0;owned\u{7}%F{red}$(touch RAN)`touch RAN`\u{202e}b";
        home.config(format!("[profile {name}]\nregion = us-east-1\naws_access_key_id = AKIA\naws_secret_access_key = s\nmfa_serial = d\n"));
        home.set("AWS_PROFILE", name);
        let Some(mut session) = Session::start(shell, &home, shell.hook()) else { continue };
        let seen = session.run(shell.nothing());
        assert_eq!((seen.text.as_str(), seen.status), ("", 0), "{shell:?}: {seen:?}");
        assert!(seen.segment.starts_with("a]0;owned%F{red}$(touch RAN)`t"), "{shell:?}: {seen:?}");
        let raw = session.terminal.raw();
        assert!(!raw.windows(9).any(|w| w == b"\x1b]0;owned"), "{shell:?}: {}", raw.escape_ascii());
        no_file_was_made(&home, shell.name());
    }
}
