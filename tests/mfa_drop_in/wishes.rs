//! What aws-mfa's users asked for, and what awsenv can do for its layout besides.

use std::os::unix::fs::PermissionsExt;

use super::pair::{DEVICE, Input, ROLE, World};

const DEV: [&str; 2] = ["--profile", "dev"];

#[test]
fn it_is_the_same_under_awsenvs_own_name() {
    let mut world = World::ours();
    world.program = env!("CARGO_BIN_EXE_awsenv").into();
    world.home.credentials(world.long_term());
    let ran = world.run(&["mfa", "--profile", "dev"], Input::Code);
    assert!(ran.status == Some(0) && ran.out.contains("INFO - Success!") && ran.err.is_empty(), "{ran:?}");
    assert!(world.run(&["mfa", "--pro", "dev"], Input::Nothing).out.contains("still valid"));
    // And what refresh makes of it is the same to both.
    let done = world.home.command_alone("awsenv").args(["status", "dev", "--json"]).output().expect("it starts");
    assert!(String::from_utf8_lossy(&done.stdout).contains("\"state\": \"valid\""), "{done:?}");
}

#[test]
fn only_this_name_is_known() {
    let world = World::ours();
    world.home.credentials(world.long_term());
    for (name, is_drop_in) in [("aws-mfa", true), ("my-aws-mfa", false), ("aws-mfa-2", false)] {
        let copy = world.home.path().join(name);
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_awsenv"), &copy).expect("a new name");
        let done = world.home.command_alone(&copy).args(DEV).output().expect("it starts");
        assert_eq!(String::from_utf8_lossy(&done.stdout).contains("Validating"), is_drop_in, "{name}: {done:?}");
    }
}

#[test]
fn suffixes_by_variable_and_flag() {
    let mut world = World::ours();
    world.home.credentials(world.long_term().replace("-long-term", ""));
    world.home.set("MFA_LONG_TERM_SUFFIX", "none").set("MFA_SHORT_TERM_SUFFIX", "prod");
    assert!(world.run(&DEV, Input::Code).out.contains("profile: dev-prod "));
    let ran = world.run(&["--profile", "dev", "--short-term-suffix", "test"], Input::Code);
    assert!(ran.out.contains("profile: dev-test ") && ran.status == Some(0), "{ran:?}");
    // It is valid while it is, under each name.
    assert!(world.run(&DEV, Input::Nothing).out.contains("still valid"));
}

#[test]
fn an_external_id_by_flag_or_key() {
    let world = World::ours();
    let role = world.aws.role("Foreign").trusts(world.user.arn()).needs_mfa().needs_external_id("x-1");
    let with = |args: &[&str]| {
        world.run(&[&["--profile", "dev", "--force", "--assume-role", role.arn()], args].concat(), Input::Code)
    };
    world.home.credentials(world.long_term());
    assert_eq!(with(&[]).status, Some(1));
    assert_eq!(with(&["--external-id", "x-1"]).status, Some(0));
    world.home.credentials(format!("{}external_id = x-1\n", world.long_term()));
    assert_eq!(with(&[]).status, Some(0));
    // refresh knows the key, too.
    world.home.credentials(format!("{}external_id = x-1\nassume_role = {}\n", world.long_term(), role.arn()));
    let done =
        world.home.command_alone("awsenv").args(["refresh", "dev", &world.device.code()]).output().expect("starts");
    assert!(done.status.success(), "{done:?}");
}

#[test]
fn a_duration_in_the_file_or_the_settings() {
    let mut world = World::ours();
    let seconds = |world: &World, args: &[&str]| {
        let ran = world.run(&[&["--profile", "dev", "--force"], args].concat(), Input::Code);
        assert_eq!(ran.status, Some(0), "{ran:?}");
        let (_, rest) = ran.out.split_once("(renewing for ").expect("the question");
        rest.split(' ').next().unwrap_or_default().to_owned()
    };
    world.home.settings("[profile dev]\nduration = 9h\n").credentials(world.long_term());
    assert_eq!(seconds(&world, &[]), "32400");
    world.home.credentials(format!("{}duration_seconds = 1800\n", world.long_term()));
    assert_eq!(seconds(&world, &[]), "1800");
    assert_eq!(seconds(&world, &["--assume-role", ROLE]), "1800");
    world.home.set("MFA_STS_DURATION", "2700");
    assert_eq!(seconds(&world, &[]), "2700");
    assert_eq!(seconds(&world, &["--duration", "3h"]), "10800");
}

#[test]
fn a_program_gives_the_code_or_the_long_term_keys() {
    let world = World::ours();
    let code = world.device.code();
    let otp = world.home.script("otp", &format!("#!/bin/sh\necho {code}\n"));
    let json = format!(r#"{{"Version":1,"AccessKeyId":"{}","SecretAccessKey":"{}"}}"#, world.key.id, world.key.secret);
    let keys = world.home.script("keys", &format!("#!/bin/sh\necho '{json}'\n"));
    world.home.credentials(format!(
        "[dev-long-term]\ncredential_process = {}\nmfa_process = {}\naws_mfa_device = {DEVICE}\n",
        keys.display(),
        otp.display()
    ));
    let ran = world.run(&DEV, Input::Nothing);
    assert!(ran.status == Some(0) && !ran.out.contains("Enter AWS MFA code"), "{ran:?}");
    assert!(ran.out.contains("obtaining new credentials.\nINFO - Fetching Credentials - Profile: dev"), "{ran:?}");
    // A token comes first.
    let ran = world.run(&["--profile", "dev", "--force", "--token", &world.device.code()], Input::Nothing);
    assert!(ran.status == Some(0) && ran.out.contains("Received token as argument"), "{ran:?}");
}

/// In a shell that `awsenv use` switched to a sibling.
#[test]
fn a_sibling_in_the_environment_is_the_profile_behind_it() {
    let mut world = World::ours();
    world.home.credentials(world.long_term()).config("[profile dev-session]\nawsenv_profile = dev\n");
    world.home.set("AWS_PROFILE", "dev-session");
    assert!(world.run(&[], Input::Code).out.contains("profile: dev \n"));
}

#[test]
fn the_session_is_of_the_role_that_was_asked_for() {
    let world = World::ours();
    world.home.credentials(world.long_term());
    let role = ["--profile", "dev", "--assume-role", ROLE];
    // While the question for the role stands, another process gets a plain session: that is not it.
    let ran = world.run_around(&role, |w| {
        let done = w.home.command_alone("awsenv").args(["refresh", "dev", &w.device.code()]).output().expect("starts");
        assert!(done.status.success(), "{done:?}");
    });
    assert_eq!(ran.status, Some(0), "{ran:?}");
    assert!(world.credentials().contains(&format!("assumed_role_arn = {ROLE}")));
}

#[test]
fn nothing_secret_is_shown_and_the_file_keeps_its_mode() {
    let world = World::ours();
    world.home.credentials(world.long_term());
    let file = world.home.path().join(".aws/credentials");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).expect("own file");
    let code = world.device.code();
    let ran = world.run(&["--profile", "dev", "--token", &code], Input::Nothing);
    let wrong = world.device.wrong_code();
    let refused = world.run(&["--profile", "dev", "--force", "--token", &wrong], Input::Nothing);
    let mistyped = world.run(&["--profile", "dev", "--force"], Input::Text("hunter2-hunter2\n"));
    let text = world.credentials();
    let token = text.lines().find_map(|l| l.strip_prefix("aws_session_token = ")).expect("a session");
    for ran in [ran, refused, mistyped] {
        for secret in [&*code, &*wrong, "hunter2", &*world.key.secret, token] {
            assert!(!ran.out.contains(secret) && !ran.err.contains(secret), "{ran:?}");
        }
    }
    assert_eq!(file.metadata().expect("there").permissions().mode() & 0o777, 0o640);
}
