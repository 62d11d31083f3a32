//! `exec`, `export` and `credentials`: the session for other programs.

#[cfg(unix)]
use std::os::unix::process::ExitStatusExt;

use serde_json::Value;
#[cfg(unix)]
use testbed::{Proxy, proxy::Policy};

#[cfg(unix)]
use super::desk::REGION;
#[cfg(unix)]
use super::desk::exit;
use super::desk::{Desk, now, rfc3339};

fn live() -> Desk {
    let desk = Desk::aws_mfa();
    desk.home.credentials(format!("{}{}", desk.long_term(), desk.session_section(7200)));
    desk
}

/// A value that breaks careless quoting.
const HARD: &str = "a'b \"c\" $(touch RAN) `touch RAN` \\ % ! # ; é ~";

#[test]
fn credentials_are_exactly_the_json_of_a_credential_process() {
    let desk = live();
    let ran = desk.run(&["credentials", "dev"]);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{ran:?}");
    let found: Value = serde_json::from_str(&ran.out).expect("JSON");
    let mut keys: Vec<_> = found.as_object().expect("an object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["AccessKeyId", "Expiration", "SecretAccessKey", "SessionToken", "Version"]);
    assert_eq!(found["Version"], 1);
    let end = found["Expiration"].as_str().expect("a time");
    assert!((now() + 7190..=now() + 7210).map(rfc3339).any(|t| t == end), "{end}");
    assert_eq!(ran.out.lines().count(), 1);
    // Keys without an end have neither token nor end.
    desk.home.credentials(format!("[ever]\n{}", desk.key.lines()));
    let found: Value = serde_json::from_str(&desk.run(&["credentials", "ever"]).out).expect("JSON");
    assert_eq!(found.as_object().map(serde_json::Map::len), Some(3), "{found}");
}

#[cfg(unix)]
#[test]
fn credentials_told_not_to_ask_blame_no_terminal() {
    let desk = Desk::with_role("");
    let mut terminal = desk.terminal(&["credentials", "--no-ask", "admin"]);
    assert_eq!(exit(&mut terminal), 1);
    let said = terminal.everything();
    let line = "awsenv: admin has no session yet, and its code cannot be asked for here: awsenv refresh admin";
    assert_eq!(said.trim_end(), line);
}

#[test]
fn credentials_renew_silently_or_say_one_line() {
    let desk = Desk::with_role("");
    let ran = desk.run(&["credentials", "admin"]);
    assert_eq!((ran.status, ran.out.as_str(), ran.err.lines().count()), (1, "", 1), "{ran:?}");
    assert!(ran.err.contains("awsenv refresh admin"), "{ran:?}");
    assert_eq!(desk.run(&["refresh", "admin", &desk.device.code()]).status, 0);
    for file in std::fs::read_dir(desk.home.path().join(".aws/cli/cache")).expect("the cache") {
        std::fs::remove_file(file.expect("an entry").path()).expect("it can go");
    }
    assert_eq!(desk.run(&["credentials", "--no-ask", "admin"]).status, 0);
    assert_eq!((desk.count("GetSessionToken"), desk.count("AssumeRole")), (1, 2));
    // Ten minutes before the end it would be renewed; where that fails, what works is given.
    desk.home.credentials(desk.home.text(".aws/credentials"));
    let cached: Vec<_> = std::fs::read_dir(desk.home.path().join(".aws/cli/cache")).expect("the cache").collect();
    let path = cached.into_iter().next().expect("one").expect("an entry").path();
    let text = std::fs::read_to_string(&path).expect("text");
    let mut json: Value = serde_json::from_str(&text).expect("JSON");
    json["Credentials"]["Expiration"] = rfc3339(now() + 300).into();
    std::fs::write(&path, json.to_string()).expect("own file");
    desk.aws.fault(testbed::aws::Fault::CutBefore, 6);
    let ran = desk.run(&["credentials", "admin"]);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{ran:?}");
    assert!(ran.out.contains(&rfc3339(now() + 300)[..15]), "{ran:?}");
}

#[cfg(unix)]
#[test]
fn credentials_ask_on_the_terminal_of_a_program_that_nobody_guarded() {
    let desk = Desk::with_role("");
    let mut terminal = desk.sh("awsenv credentials admin >keys 2>said; echo done $?");
    terminal.expect("MFA code for admin (").line(&desk.device.code()).expect("done 0");
    assert!(
        desk.home.text("keys").starts_with("{\"") && desk.home.text("said").is_empty(),
        "{}",
        desk.home.text("said")
    );
    // Not where it was told not to, not on somebody's full screen.
    let desk = Desk::with_role("");
    for line in [
        "awsenv credentials --no-ask admin",
        "AWSENV_ASK=never awsenv credentials admin",
        "stty raw -echo; awsenv credentials admin",
    ] {
        let mut terminal = desk.sh(&format!("{line} >keys 2>said; echo done $?"));
        terminal.expect("done 1");
        assert!(!terminal.everything().contains("MFA code"), "{line}");
        assert!(desk.home.text("said").contains("awsenv refresh admin"), "{line}: {}", desk.home.text("said"));
    }
    assert!(desk.aws.calls().is_empty());
}

#[test]
fn credentials_touch_no_key_while_the_old_ones_work_or_after_enter() {
    let desk = Desk::with_role("");
    assert_eq!(desk.run(&["refresh", "admin", &desk.device.code()]).status, 0);
    let config = desk.home.text(".aws/config");
    let touch =
        if cfg!(windows) { r#"echo x> "%USERPROFILE%\ran"& echo 123456"# } else { r#"touch "$HOME/ran"; echo 123456"# };
    desk.home.config(format!("{config}mfa_process = {touch}\n"));
    // Both sessions near their end.
    for folder in [".aws/cli/cache", ".aws/awsenv"] {
        for file in std::fs::read_dir(desk.home.path().join(folder)).expect("a folder") {
            let path = file.expect("an entry").path();
            let mut json: Value = serde_json::from_str(&std::fs::read_to_string(&path).expect("text")).expect("JSON");
            json["Credentials"]["Expiration"] = rfc3339(now() + 300).into();
            std::fs::write(&path, json.to_string()).expect("own file");
        }
    }
    assert_eq!(desk.run(&["credentials", "admin"]).status, 0);
    assert!(!desk.home.path().join("ran").exists(), "while keys work nobody is asked");
    std::fs::remove_dir_all(desk.home.path().join(".aws/cli")).expect("it goes");
    std::fs::remove_dir_all(desk.home.path().join(".aws/awsenv")).expect("it goes");
    assert_eq!(desk.run_with(&["credentials", "admin"], &[("AWSENV_ASK", "never")]).status, 1);
    assert!(!desk.home.path().join("ran").exists(), "who pressed Enter is not asked another way");
    desk.run(&["credentials", "admin"]);
    assert!(desk.home.path().join("ran").exists());
}

// `env -0` has no like in cmd; there `exec_renew_…` and windows_console.rs look at what arrives.
#[cfg(unix)]
#[test]
fn exec_gives_keys_region_proxy_and_variables() {
    let desk = live();
    desk.home.settings(format!("[profile dev]\nproxy = corp\nenv.HARD = {HARD}\n[proxy corp]\nhttps = proxy.corp:1\n"));
    let vars = [
        ("AWS_PROFILE", "other"),
        ("AWS_DEFAULT_PROFILE", "other"),
        ("AWS_SECURITY_TOKEN", "old"),
        ("AWSENV_PROFILE", "other"),
        ("AWSENV_NAMES", "1 x"),
        ("AWS_SESSION_EXPIRATION", "x"),
        ("KEPT", "yes"),
    ];
    let ran = desk.run_with(&["exec", "dev", "--", "env", "-0"], &vars);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{ran:?}");
    let env: std::collections::BTreeMap<_, _> = ran.out.split('\0').filter_map(|l| l.split_once('=')).collect();
    assert!(
        env["AWS_ACCESS_KEY_ID"].starts_with("ASIA")
            && env.contains_key("AWS_SECRET_ACCESS_KEY")
            && env.contains_key("AWS_SESSION_TOKEN")
    );
    assert_eq!((env["AWS_REGION"], env["AWS_DEFAULT_REGION"], env["KEPT"], env["HARD"]), (REGION, REGION, "yes", HARD));
    assert_eq!((env["HTTPS_PROXY"], env["https_proxy"]), ("http://proxy.corp:1", "http://proxy.corp:1"));
    for gone in [
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_SECURITY_TOKEN",
        "AWSENV_PROFILE",
        "AWSENV_NAMES",
        "AWS_SESSION_EXPIRATION",
    ] {
        assert!(!env.contains_key(gone), "{gone}");
    }
}

#[cfg(unix)]
#[test]
fn exec_ends_as_its_command_does() {
    let desk = live();
    let code = |args: &[&str]| desk.run(&[&["exec", "dev", "--"], args].concat()).status;
    assert_eq!(code(&["sh", "-c", "exit 42"]), 42);
    assert_eq!(code(&["no-such-program"]), 127);
    assert_eq!(code(&["/"]), 126);
    assert_eq!(code(&["true", "--help", "-x"]), 0);
    let ran = desk.run(&["exec", "nobody", "true"]);
    assert!(ran.status == 125 && ran.err.contains("no profile nobody"), "{ran:?}");
    assert_eq!(desk.run(&["exec"]).status, 2);
    let mut command = desk.home.command_alone("awsenv");
    let done = command.args(["exec", "dev", "sh", "-c", "kill -TERM $$"]).output().expect("it starts");
    assert_eq!(done.status.signal(), Some(15), "the shell sees the real signal");
    // No command: the user's shell.
    let ran = desk.run_with(&["exec", "dev"], &[("SHELL", "/usr/bin/env")]);
    assert!(ran.out.contains("AWS_ACCESS_KEY_ID=ASIA"), "{ran:?}");
}

#[cfg(unix)]
#[test]
fn exec_signs_in_first() {
    let desk = Desk::aws_mfa();
    let ran = desk.run(&["exec", "dev", "true"]);
    assert!(ran.status == 125 && ran.err.contains("awsenv refresh dev"), "{ran:?}");
    let mut terminal = desk.terminal(&["exec", "dev", "sh", "-c", "echo key $AWS_ACCESS_KEY_ID"]);
    terminal.expect("MFA code for dev (").line(&desk.device.code()).expect("key ASIA");
    assert_eq!(exit(&mut terminal), 0);
    let desk = Desk::aws_mfa();
    let mut terminal = desk.terminal(&["exec", "dev", "touch", "ran"]);
    terminal.expect("MFA code for dev (").send(b"\x03");
    assert_eq!(exit(&mut terminal), 130);
    assert!(!desk.home.path().join("ran").exists());
}

#[test]
fn exec_renew_gives_the_profile_instead_of_keys() {
    let desk = live();
    let keys = [("AWS_ACCESS_KEY_ID", "old"), ("AWS_SECRET_ACCESS_KEY", "old"), ("AWS_DEFAULT_PROFILE", "x")];
    let env: &[&str] = if cfg!(windows) { &["cmd", "/d", "/c", "set"] } else { &["env"] };
    let ran = desk.run_with(&[&["exec", "--renew", "dev", "--"], env].concat(), &keys);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(
        ran.out.lines().any(|l| l == "AWS_PROFILE=dev")
            && !ran.out.contains("AWS_ACCESS_KEY_ID")
            && !ran.out.contains("DEFAULT_PROFILE"),
        "{ran:?}"
    );
    // What SDKs renew themselves needs nothing from awsenv.
    desk.home.config("[profile w]\nrole_arn = arn:aws:iam::1:role/x\nweb_identity_token_file = /t\n[profile p]\ncredential_process = false\n");
    for name in ["w", "p"] {
        let ran = desk.run(&[&["exec", "--renew", name, "--"], env].concat());
        assert!(ran.status == 0 && ran.out.lines().any(|l| l == format!("AWS_PROFILE={name}")), "{ran:?}");
    }
}

#[test]
fn export_is_raw_lines_or_a_shells_code() {
    let desk = live();
    desk.home.settings(format!("[profile dev]\nproxy = none\nenv.HARD = {HARD}\n"));
    let raw = desk.run(&["export", "dev"]);
    assert_eq!((raw.status, raw.err.as_str()), (0, ""), "{raw:?}");
    assert!(raw.out.lines().any(|l| l == format!("HARD={HARD}")), "{raw:?}");
    assert!(
        raw.out
            .lines()
            .all(|l| l.split_once('=').is_some_and(|(n, _)| n.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')))
    );
    assert!(raw.out.contains("AWS_ACCESS_KEY_ID=ASIA") && raw.out.contains("AWS_CREDENTIAL_EXPIRATION=20"));
    assert!(!raw.out.contains("AWS_PROFILE"));
    for (shell, show) in [
        ("bash", "printf '%s|' \"$HARD\" \"$AWS_ACCESS_KEY_ID\" \"${AWS_PROFILE-gone}\" \"${HTTPS_PROXY-gone}\""),
        ("zsh", "printf '%s|' \"$HARD\" \"$AWS_ACCESS_KEY_ID\" \"${AWS_PROFILE-gone}\" \"${HTTPS_PROXY-gone}\""),
        (
            "fish",
            "set -q AWS_PROFILE; or set -l AWS_PROFILE gone; set -q HTTPS_PROXY; or set -l HTTPS_PROXY gone; printf '%s|' $HARD $AWS_ACCESS_KEY_ID $AWS_PROFILE $HTTPS_PROXY",
        ),
    ] {
        let Some(program) = testbed::require(shell) else { continue };
        let code = desk.run(&["export", "dev", "--format", shell]);
        assert_eq!(code.status, 0, "{code:?}");
        desk.home.write("code", &code.out);
        let load = if shell == "fish" { "source code" } else { ". ./code" };
        let mut command = desk.home.command(program);
        command.env("AWS_PROFILE", "other").env("HTTPS_PROXY", "http://x:1").args(["-c", &format!("{load}; {show}")]);
        let done = command.output().expect("the shell runs");
        let said = String::from_utf8_lossy(&done.stdout);
        let parts: Vec<_> = said.split('|').collect();
        assert!(
            parts[0] == HARD && parts[1].starts_with("ASIA") && parts[2..4] == ["gone", "gone"],
            "{shell}: {done:?}"
        );
        assert!(!desk.home.path().join("RAN").exists());
    }
    let vars = [("AWS_PROFILE", "dev")];
    assert_eq!(desk.run_with(&["export"], &vars).out.lines().count(), raw.out.lines().count());
}

#[test]
fn a_control_character_cannot_be_a_raw_line() {
    let desk = Desk::new();
    desk.home.credentials("[x]\naws_access_key_id = AKIA\naws_secret_access_key = a\tb\n");
    let ran = desk.run(&["export", "x"]);
    assert_eq!((ran.status, ran.out.as_str()), (1, ""), "{ran:?}");
    assert!(
        ran.err.contains("AWS_SECRET_ACCESS_KEY holds a control character") && !ran.err.contains("a\tb"),
        "{ran:?}"
    );
    assert_eq!(desk.run(&["export", "x", "--format", "bash"]).status, 0);
    assert_eq!(desk.run(&["export", "x", "--format", "ini"]).status, 2);
}

#[cfg(unix)]
#[test]
fn a_proxys_password_is_asked_for_once_in_a_run() {
    let desk = Desk::with_role("");
    let proxy = Proxy::start(desk.aws.https_address(), Policy::Basic("taro".into(), "geheim".into()));
    desk.home.write("ca.pem", desk.aws.ca_pem());
    desk.home.script("proxy-password", "#!/bin/sh\necho run >>\"$HOME/runs\"; echo geheim\n");
    desk.home.settings(format!(
        "[profile admin]\nproxy = corp\n[proxy corp]\nhttps = {}\nusername = taro\npassword_process = proxy-password\n",
        proxy.address()
    ));
    let bundle = desk.home.path().join("ca.pem");
    let vars = [("AWS_ENDPOINT_URL", ""), ("AWS_CA_BUNDLE", bundle.to_str().expect("text"))];
    let ran = desk.run_with(&["refresh", "admin", &desk.device.code()], &vars);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!((desk.count("GetSessionToken"), desk.count("AssumeRole")), (1, 1));
    assert_eq!(desk.home.text("runs").lines().count(), 1);
    assert!(proxy.attempts().iter().all(|a| a.login.as_deref() == Some("taro:geheim")), "{:?}", proxy.attempts());
}
