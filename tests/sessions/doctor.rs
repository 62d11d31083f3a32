//! `awsenv doctor`: each finding, and that what it says mends it.

use serde_json::Value;

#[cfg(unix)]
use testbed::{Session, Shell};

use super::desk::Desk;

/// What it says of everything that is not in order, `GRADE ABOUT: TEXT`; the hook is not looked at here.
fn findings(desk: &Desk, vars: &[(&str, &str)]) -> (i32, Vec<String>) {
    let vars = [&[("AWSENV_HOOK", "bash")], vars].concat();
    #[cfg(windows)]
    private(&desk.home.path().join(".aws").join("credentials"));
    let ran = desk.run_with(&["doctor", "--json"], &vars);
    let all: Vec<Value> = serde_json::from_str(&ran.out).unwrap_or_else(|e| panic!("{e}: {ran:?}"));
    let text = |f: &Value, key: &str| f[key].as_str().expect("text").to_owned();
    let said = all.iter().filter(|f| f["grade"] != "ok");
    (ran.status, said.map(|f| format!("{} {}: {}", text(f, "grade"), text(f, "about"), text(f, "text"))).collect())
}

/// Gives a file to its owner alone: what a test writes is as its folder says.
#[cfg(windows)]
fn private(file: &std::path::Path) {
    use awsenv::windows::{Created, copy_access, open_private};
    let model = file.with_file_name("model");
    drop(open_private(&model, Created::New).expect("the folder can be written"));
    if file.exists() {
        copy_access(&model, file).expect("it is ours");
    }
    std::fs::remove_file(model).expect("it goes");
}

fn one(desk: &Desk, vars: &[(&str, &str)], grade: &str, wanted: &str) {
    let (status, said) = findings(desk, vars);
    let found = said.iter().any(|s| s.starts_with(grade) && s.contains(wanted));
    assert!(found, "wanted {grade} {wanted:?}, got {said:#?}");
    assert_eq!(status, i32::from(said.iter().any(|s| s.starts_with("problem"))), "{said:#?}");
}

fn fine(desk: &Desk) {
    assert_eq!(findings(desk, &[]), (0, vec![]));
}

#[test]
fn a_good_machine_has_nothing_wrong() {
    let desk = Desk::aws_mfa();
    fine(&desk);
    let people = desk.run_with(&["doctor"], &[("AWSENV_HOOK", "bash")]);
    assert!(people.status == 0 && people.out.ends_with("nothing is wrong\n"), "{people:?}");
    assert!(desk.aws.calls().is_empty());
}

#[test]
fn files_that_one_of_the_tools_rejects() {
    let desk = Desk::aws_mfa();
    let good = desk.home.text(".aws/config");
    for (text, grade, wanted) in [
        (format!("{good}[profile dev]\nregion = x\n"), "problem", "config:3"),
        (format!("{good}region = y\n"), "problem", "config:3"),
        (format!("\u{feff}{good}"), "problem", "config:1"),
        (format!("{good}output = json # mine\n"), "note", "config:3"),
        (format!("{good}[strange]\nregion = x\n"), "note", "config:3"),
    ] {
        desk.home.config(&text);
        one(&desk, &[], grade, wanted);
    }
    desk.home.config(&good);
    fine(&desk);
    desk.home.config("[profile dev\n");
    one(&desk, &[], "problem", "config:1");
}

#[cfg(unix)]
#[test]
fn profiles_that_cannot_work() {
    let desk = Desk::aws_mfa();
    let config = desk.home.text(".aws/config");
    for (more, wanted) in [
        ("[profile r]\nrole_arn = arn:aws:iam::1:role/x\n", "role_arn without a source"),
        (
            "[profile r]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = dev\nmfa_serial = arn:aws:iam::1:u2f/user/x\n",
            "is a security key",
        ),
        (
            "[profile r]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = dev\nmfa_serial = arn:aws:iam::1:user/x\n",
            "names a user, not a device",
        ),
        ("[profile r]\nregion = eu west\n", "config:4"),
        (
            "[profile gone-session]\nawsenv_profile = gone\ncredential_process = /bin/sh credentials gone\n",
            "the sibling of gone, which does not exist any more",
        ),
        (
            "[profile dev-session]\nawsenv_profile = dev\ncredential_process = /no/awsenv credentials dev\n",
            "its program /no/awsenv is gone",
        ),
    ] {
        desk.home.config(format!("{config}{more}"));
        one(&desk, &[], "problem", wanted);
    }
    desk.home.config(&config);
    let long_term = desk.long_term();
    desk.home.credentials(long_term.replace("aws_mfa_device", "x"));
    one(&desk, &[], "problem", "no MFA device: add aws_mfa_device to [dev-long-term]");
    assert!(findings(&desk, &[("MFA_DEVICE", desk.device.serial())]).1.is_empty());
    desk.home.credentials(format!("[dev-long-term]\naws_mfa_device = {}\n", desk.device.serial()));
    one(&desk, &[], "problem", "add the long-term keys to [dev-long-term]");
    desk.home.credentials(&long_term);
    fine(&desk);
    // A role that only its sibling serves.
    let desk = Desk::with_role("");
    one(&desk, &[], "note", "`awsenv use admin` offers the profile admin-session");
}

#[cfg(windows)]
#[test]
fn what_others_may_read() {
    let desk = Desk::aws_mfa();
    // Below a user's folder Windows lets nobody else read anything; wine lets everybody.
    if awsenv::windows::is_wine() {
        assert!(desk.run(&["doctor"]).out.contains("other users of this machine can read it: icacls"));
    }
    fine(&desk);
    // And it stays so through a refresh, which puts another file in its place.
    assert_eq!(desk.run(&["refresh", "dev", &desk.device.code()]).status, 0);
    assert!(!desk.run(&["doctor"]).out.contains("icacls"));
}

#[cfg(unix)]
#[test]
fn what_others_may_read() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::aws_mfa();
    let file = desk.home.path().join(".aws/credentials");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).expect("own file");
    one(&desk, &[], "problem", "chmod 600");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).expect("own file");
    fine(&desk);
}

#[test]
fn the_environment() {
    let desk = Desk::aws_mfa();
    let keys = [("AWS_ACCESS_KEY_ID", "A"), ("AWS_SECRET_ACCESS_KEY", "s"), ("AWS_PROFILE", "dev")];
    one(&desk, &keys, "problem", "beats AWS_PROFILE=dev: `awsenv use dev` unsets it");
    one(&desk, &[("AWS_PROFILE", "dev"), ("AWS_DEFAULT_PROFILE", "x")], "problem", "unset AWS_DEFAULT_PROFILE");
    one(&desk, &[("HTTPS_PROXY", "ftp://x")], "problem", "HTTPS_PROXY");
    one(&desk, &[("AWS_CA_BUNDLE", "/no/such.pem")], "problem", "/no/such.pem is not a file");
    // A place that nobody can write and that is always there.
    #[cfg(unix)]
    one(
        &desk,
        &[
            ("AWSENV_STATE_DIR", "/proc/x"),
            ("XDG_RUNTIME_DIR", "/proc/y"),
            ("HOME", "/proc/z"),
            ("AWS_CONFIG_FILE", "/dev/null"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        ],
        "problem",
        "no folder can be written",
    );
    one(&desk, &[("AWS_PROFILE", "gone")], "problem", "no profile gone");
}

#[test]
fn settings_with_a_mistake() {
    let desk = Desk::aws_mfa();
    desk.home.settings("[profile dev]\nproxi = corp\n");
    one(&desk, &[], "problem", "did you mean `proxy`?");
    desk.home.settings("[profile dev]\nproxy = corp\n");
    one(&desk, &[], "problem", "there is no section [proxy corp]");
    desk.home.settings("[profile dev]\nproxy = corp\n[proxy corp]\nhttps = proxy.corp:1\n");
    fine(&desk);
}

#[cfg(unix)]
#[test]
fn programs_of_the_same_name() {
    let desk = Desk::aws_mfa();
    desk.home.script("awsenv", "#!/bin/sh\n");
    let binary = env!("CARGO_BIN_EXE_awsenv");
    let mut command = desk.home.command_alone(binary);
    let out = command.args(["doctor"]).env("AWSENV_HOOK", "zsh").output().expect("it runs").stdout;
    let out = String::from_utf8_lossy(&out);
    assert!(out.contains("is another program of this name, and comes first"), "{out}");
}

#[cfg(unix)]
#[test]
fn the_hook() {
    let desk = Desk::aws_mfa();
    let say = |vars: &[(&str, &str)]| desk.run_with(&["doctor"], vars).out;
    let none = say(&[("SHELL", "/bin/bash")]);
    assert!(none.contains("problem  hook: not loaded: `awsenv setup --shell bash` adds eval"), "{none}");
    desk.home.write(".bashrc", "eval \"$(awsenv init bash)\"\n");
    let there = say(&[("SHELL", "/bin/bash")]);
    assert!(there.contains("note     hook") && there.contains("start a new one"), "{there}");
    let loaded = say(&[("AWSENV_HOOK", "bash guard=off kept=aws")]);
    assert!(loaded.contains("hook: loaded in this bash") && loaded.contains("does not work in this bash"), "{loaded}");
    assert!(loaded.contains("`aws` is a function of your own"), "{loaded}");
}

#[test]
fn a_broken_file_keeps_nothing_else_from_being_told() {
    let desk = Desk::aws_mfa();
    desk.home.config("x = 1\n");
    let (status, said) = findings(&desk, &[("HTTPS_PROXY", "ftp://x")]);
    assert_eq!(status, 1);
    assert!(said.iter().any(|s| s.contains("config:1")) && said.iter().any(|s| s.contains("HTTPS_PROXY")), "{said:#?}");
}

#[cfg(unix)]
#[test]
fn the_hook_tells_doctor_what_its_shell_has() {
    for shell in Shell::ALL {
        let desk = Desk::aws_mfa();
        desk.home.script("aws", "#!/bin/sh\n");
        desk.home.script("terraform", "#!/bin/sh\n");
        let rc = format!("{}\n{}", shell.own_command("aws"), shell.hook());
        let Some(mut session) = Session::start(shell, &desk.home, &rc) else { continue };
        let name = shell.name();
        let said = session.run("awsenv doctor").text;
        assert!(said.contains(&format!("hook: loaded in this {name}")), "{said}");
        assert!(said.contains("`aws` is a function of your own") && !said.contains("`terraform`"), "{said}");
        let said = session.run("awsenv doctor --json").text;
        assert!(said.contains(&format!("loaded in this {name}")), "{said}");
    }
}
