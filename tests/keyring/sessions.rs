//! Sessions, roles and tools with a key that is in the keyring.

use std::os::unix::net::UnixListener;

use super::desk::{Desk, exit};

#[test]
fn a_session_is_asked_for_and_made_as_before() {
    let Some(desk) = Desk::stored() else { return };
    let mut terminal = desk.terminal(&["refresh", "dev"]);
    terminal.expect(&format!("MFA code for dev ({})", desk.device.serial())).line(&desk.device.code());
    terminal.expect("dev is good until");
    assert_eq!(exit(&mut terminal), 0);
    assert!(desk.credentials().contains("[dev]\n"));
    desk.run(&["exec", "dev", "--", "printenv", "AWS_SESSION_TOKEN"]).ok();
}

#[test]
fn a_role_without_a_device_is_assumed_with_it() {
    let Some(desk) = Desk::new() else { return };
    let role = desk.aws.role("deploy").trusts(desk.user.arn());
    let role_lines = format!("role_arn = {}\nsource_profile = base\nregion = eu-west-1\n", role.arn());
    desk.home.credentials(format!("[base]\n{}", desk.key.lines())).config(format!("[profile deploy]\n{role_lines}"));
    desk.run(&["keyring", "store", "base", "--yes"]).ok();
    desk.run(&["exec", "deploy", "--", "printenv", "AWS_SESSION_TOKEN"]).ok();
    desk.run(&["status", "base", "--json"]).ok().prints(&["\"kind\": \"static\"", "\"state\": \"permanent\""]);
}

#[test]
fn aws_mfas_stand_in_goes_on() {
    let Some(desk) = Desk::stored() else { return };
    desk.run(&["mfa", "--profile", "dev", "--token", &desk.device.code()]).ok().prints(&["Success!"]);
}

#[test]
fn the_aws_cli_gets_it_through_credential_process() {
    let Some(desk) = Desk::stored() else { return };
    let Some(python) = testbed::require_python("awscli") else { return };
    let mut command = desk.home.command_alone(python.with_file_name("aws"));
    command.args([
        "sts",
        "get-caller-identity",
        "--profile",
        "dev-long-term",
        "--region",
        "us-east-1",
        "--output",
        "text",
    ]);
    let done = command.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(String::from_utf8_lossy(&done.stdout).contains(desk.user.arn()));
}

/// The address of a bus that nobody speaks on: whoever knocks there is seen.
fn watched(desk: &mut Desk) -> UnixListener {
    let socket = desk.home.path().join("nobody");
    desk.home.set("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", socket.display()));
    std::fs::write(&socket, "").unwrap();
    testbed::keyring::confirm_bus(&desk.home);
    std::fs::remove_file(&socket).unwrap();
    let listener = UnixListener::bind(&socket).unwrap();
    listener.set_nonblocking(true).unwrap();
    listener
}

#[test]
fn prompt_and_hooks_never_open_it_nor_does_anything_while_the_session_is_good() {
    let Some(mut desk) = Desk::stored() else { return };
    desk.sign_in();
    desk.home.set("AWS_PROFILE", "dev");
    let listener = watched(&mut desk);
    let pid = std::process::id().to_string();
    for args in [
        &["prompt"][..],
        &["init", "bash"],
        &["hook", "bash", "1", "first"],
        &["guard", "bash", "1", &pid, "1", "--", "aws", "s3", "ls"],
        &["switch", "bash", "1", "1", "", "", "--", "dev"],
        &["list"],
        &["status"],
        &["credentials", "dev", "--no-ask"],
        &["exec", "dev", "--", "true"],
        &["refresh", "dev"],
    ] {
        desk.run(args).ok();
        assert!(listener.accept().is_err(), "{args:?} opened the keyring");
    }
    // What knocks is seen.
    desk.home.write("x", "");
    let mut child =
        desk.home.command_alone("awsenv").args(["credentials", "--long-term", "dev-long-term"]).spawn().unwrap();
    listener.set_nonblocking(false).unwrap();
    drop(listener.accept().unwrap());
    assert!(!child.wait().unwrap().success());
}
