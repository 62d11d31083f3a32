//! `awsenv refresh`: when it renews, for how long, and where the session goes.

use super::desk::Desk;
#[cfg(unix)]
use super::desk::REGION;

fn duration(desk: &Desk) -> String {
    desk.aws.calls_of("GetSessionToken").last().expect("a call").params["DurationSeconds"].clone()
}

#[test]
fn a_session_with_more_than_the_margin_left_stays() {
    let desk = Desk::aws_mfa();
    desk.home.credentials(format!("{}{}", desk.long_term(), desk.session_section(120)));
    let ran = desk.run(&["refresh", "dev", &desk.device.code()]);
    assert_eq!((ran.status, ran.out.as_str()), (0, ""), "{ran:?}");
    assert!(ran.err.contains("dev is still good until") && ran.err.contains("--force"), "{ran:?}");
    assert!(desk.aws.calls().is_empty());
    desk.home.settings("[guard]\nmargin = 5m\n");
    assert_eq!(desk.run(&["refresh", "dev", &desk.device.code()]).status, 0);
    assert_eq!(desk.count("GetSessionToken"), 1);
    let ran = desk.run(&["refresh", "dev", "--force", &desk.device.code()]);
    assert!(ran.err.contains("(12h00m)"), "{ran:?}");
    assert_eq!(desk.count("GetSessionToken"), 2);
}

#[test]
fn the_file_changes_in_its_own_section_only() {
    let desk = Desk::aws_mfa();
    let before = format!("# mine\r\n[other]\r\naws_access_key_id = A ; x\r\n\r\n{}\n# end", desk.long_term());
    desk.home.credentials(&before);
    assert_eq!(desk.run(&["refresh", "dev", &desk.device.code()]).status, 0);
    let after = desk.home.text(".aws/credentials");
    let new = after.strip_prefix(before.as_str()).expect("what was there stays");
    let keys: Vec<_> = new.lines().filter_map(|l| l.split_once(" = ")).map(|(key, _)| key).collect();
    let wanted = [
        "assumed_role",
        "aws_access_key_id",
        "aws_secret_access_key",
        "aws_session_token",
        "aws_security_token",
        "expiration",
        "manager",
    ];
    assert_eq!(keys, wanted, "{new}");
    assert!(new.contains("assumed_role = False") && new.contains("manager = awsenv"), "{new}");
}

#[test]
fn durations_come_from_the_flag_then_the_environment_then_the_settings() {
    let desk = Desk::aws_mfa();
    let refresh = |args: &[&str], vars: &[(&str, &str)]| {
        let code = desk.device.code();
        let all = [&["refresh", "dev", "--force", "--token", &code][..], args].concat();
        let ran = desk.run_with(&all, vars);
        assert_eq!(ran.status, 0, "{ran:?}");
        duration(&desk)
    };
    assert_eq!(refresh(&[], &[]), "43200");
    desk.home.settings("[mfa]\nduration = 10h\n");
    assert_eq!(refresh(&[], &[]), "36000");
    desk.home.settings("[mfa]\nduration = 10h\n[profile de*]\nduration = 9h\n");
    assert_eq!(refresh(&[], &[]), "32400");
    assert_eq!(refresh(&[], &[("MFA_STS_DURATION", "3000")]), "3000");
    assert_eq!(refresh(&["--duration", "8h"], &[("MFA_STS_DURATION", "3000")]), "28800");
    assert_eq!(desk.run(&["refresh", "dev", "--duration", "long"]).status, 2);
}

#[test]
fn a_long_term_section_may_name_a_role() {
    let desk = Desk::aws_mfa();
    let role = desk.aws.role("Dev").trusts(desk.user.arn()).needs_mfa().max_duration(7200);
    let other = desk.aws.role("Other").trusts(desk.user.arn()).needs_mfa();
    desk.home.credentials(format!("{}assume_role = {}\n", desk.long_term(), role.arn()));
    let ran = desk.run(&["refresh", "dev", &desk.device.code()]);
    assert!(ran.status == 0 && ran.err.contains("(1h00m)"), "{ran:?}");
    let call = &desk.aws.calls_of("AssumeRole")[0];
    assert_eq!(
        (call.params["DurationSeconds"].as_str(), call.params["SerialNumber"].as_str()),
        ("3600", desk.device.serial())
    );
    assert!(call.access_key_id.starts_with("AKIA"));
    let text = desk.home.text(".aws/credentials");
    assert!(
        text.contains("assumed_role = True") && text.contains(&format!("assumed_role_arn = {}", role.arn())),
        "{text}"
    );
    desk.home.settings("[mfa]\nrole_duration = 2h\n");
    let ran = desk.run(&["refresh", "dev", "--force", &desk.device.code()]);
    assert!(ran.err.contains("(2h00m)"), "{ran:?}");
    desk.home.settings("");
    let code = desk.device.code();
    let ran = desk.run_with(&["refresh", "dev", "--force", &code], &[("MFA_ASSUME_ROLE", other.arn())]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(desk.home.text(".aws/credentials").contains(other.arn()));
    // Back to a plain session: the role's key goes.
    desk.home.credentials(desk.home.text(".aws/credentials").replace(&format!("assume_role = {}\n", role.arn()), ""));
    assert_eq!(desk.run(&["refresh", "dev", "--force", &desk.device.code()]).status, 0);
    assert!(!desk.home.text(".aws/credentials").contains("assumed_role_arn"));
}

#[test]
fn mfa_device_names_another_device() {
    let desk = Desk::aws_mfa();
    let second = desk.user.device("second");
    let vars = [("MFA_DEVICE", second.serial())];
    let ran = desk.run_with(&["refresh", "dev", &second.code()], &vars);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(desk.aws.calls_of("GetSessionToken")[0].params["SerialNumber"], second.serial());
    let with_role = Desk::with_role("");
    let second = with_role.user.device("second");
    let vars = [("MFA_DEVICE", second.serial())];
    let ran = with_role.run_with(&["refresh", "admin", &second.code()], &vars);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(with_role.aws.calls_of("GetSessionToken")[0].params["SerialNumber"], second.serial());
}

#[cfg(unix)]
#[test]
fn a_plain_session_lies_in_a_file_of_its_own() {
    let desk = Desk::new();
    let text = format!("[plain]\n{}mfa_serial = {}\nregion = {REGION}\n", desk.key.lines(), desk.device.serial());
    desk.home.credentials(&text);
    assert_eq!(desk.kind_and_state("plain"), ("mfa".into(), "missing".into()));
    let ran = desk.run(&["login", "plain", &desk.device.code()]);
    assert!(ran.status == 0 && ran.err.contains("plain is good until"), "{ran:?}");
    assert_eq!(desk.kind_and_state("plain").1, "valid");
    assert_eq!(desk.home.text(".aws/credentials"), text);
    use std::os::unix::fs::PermissionsExt;
    let folder = desk.home.path().join(".aws/awsenv");
    let mode = |path: &std::path::Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let file = std::fs::read_dir(&folder).expect("a folder").next().expect("a file").expect("readable").path();
    assert_eq!(mode(&file), 0o600);
    // A broken file is no session.
    std::fs::write(&file, "{\"Credentials\": 1}").expect("own file");
    assert_eq!(desk.kind_and_state("plain").1, "missing");
}

#[test]
fn what_awsenv_cannot_renew_it_says() {
    let desk = Desk::new();
    let old = "aws_access_key_id = ASIAX\naws_secret_access_key = s\naws_session_token = t\nexpiration = 2020-01-01 00:00:00\n";
    desk.home.credentials(format!("[ever]\n{}[old]\n{old}", desk.key.lines()));
    desk.home.config("[profile p]\ncredential_process = false\n[profile none]\nregion = x\n");
    let ran = desk.run(&["refresh", "ever"]);
    assert!(ran.status == 0 && ran.err.contains("keys without an end"), "{ran:?}");
    assert_eq!(desk.run(&["refresh", "p"]).status, 0);
    let ran = desk.run(&["refresh", "old"]);
    assert!(ran.status == 1 && ran.err.contains("get new ones with the tool that wrote them"), "{ran:?}");
    let ran = desk.run(&["refresh", "none"]);
    assert!(ran.status == 1 && ran.err.contains("nothing that gives keys"), "{ran:?}");
}

#[test]
fn broken_files_are_one_line_and_nothing_is_written() {
    let desk = Desk::aws_mfa();
    for (text, wanted) in [
        (&b"[dev\nx = 1\n"[..], "credentials:1"),
        (b"[dev-long-term]\naws_access_key_id\n", "credentials:2"),
        (b"x = 1\n[dev]\n", "credentials:1"),
    ] {
        desk.home.credentials(text);
        let ran = desk.run(&["refresh", "dev", &desk.device.code()]);
        assert_eq!((ran.status, ran.err.lines().count()), (1, 1), "{ran:?}");
        assert!(ran.err.contains(wanted), "{ran:?}");
        assert_eq!(desk.home.read(".aws/credentials"), text);
    }
    assert!(desk.aws.calls().is_empty());
}
