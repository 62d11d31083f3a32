//! `awsenv use` as the hook calls it: what is wrong is said before a code is spent or a file written.

use super::desk::Desk;

/// `use ARGS` in an untyped line of bash.
fn switch<'a>(args: &[&'a str]) -> Vec<&'a str> {
    [&["switch", "bash", "1", "0", "", "", "--"], args].concat()
}

#[test]
fn a_bad_region_or_proxy_costs_no_code() {
    let desk = Desk::aws_mfa();
    let code = desk.device.code();
    let ran = desk.run(&switch(&["dev", &code, "--region", "bad!"]));
    assert!((ran.status, ran.out.as_str()) == (2, "") && ran.err.contains("--region"), "{ran:?}");

    desk.home.settings("[profile dev]\nproxy = corp\n");
    let ran = desk.run(&switch(&["dev", &code]));
    assert!((ran.status, ran.out.as_str()) == (1, "") && ran.err.contains("[proxy corp]"), "{ran:?}");
    assert!(desk.aws.calls().is_empty(), "{:?}", desk.aws.calls());

    desk.home.settings("");
    let ran = desk.run(&switch(&["dev", &code]));
    assert!(ran.status == 0 && ran.out.contains("AWS_PROFILE"), "the code is still good: {ran:?}");
}

/// As in settings that a cloned repository's `.envrc` names: who confirmed the command for one host did not for another.
#[cfg(unix)]
#[test]
fn a_proxys_command_is_confirmed_together_with_the_hosts_that_get_its_password() {
    let mut desk = Desk::aws_mfa();
    desk.home.credentials(desk.long_term() + &desk.session_section(3600));
    desk.home.script("give", "#!/bin/sh\necho hunter2\n");
    let cloned = desk.home.path().join("cloned");
    desk.home.set("AWSENV_CONFIG", &cloned);
    let settings = |https: &str| {
        format!(
            "[profile dev]\nproxy = corp\n[proxy corp]\nhttps = {https}\nusername = taro\npassword_process = give\n"
        )
    };
    desk.home.write("cloned", settings("http://x:seen@proxy.corp:3128"));
    let line = "[proxy corp] password_process = give, for http://proxy.corp:3128";
    let ran = desk.run(&switch(&["dev"]));
    assert!(ran.status == 1 && ran.err.contains(line) && !ran.err.contains("seen"), "{ran:?}");
    let mut terminal = desk.terminal(&["switch", "bash", "1", "1", "", "", "--", "dev"]);
    terminal.expect(line).expect("Let it count, now and later? [y/n] ").line("y").expect("taro:hunter2@proxy.corp");
    assert_eq!(super::desk::exit(&mut terminal), 0);
    assert_eq!(desk.run(&switch(&["dev"])).status, 0, "it is confirmed");
    desk.home.write("cloned", settings("http://evil.example:3128"));
    let ran = desk.run(&switch(&["dev"]));
    let other = "left out: [proxy corp] password_process = give, for http://evil.example:3128";
    assert!(ran.status == 1 && ran.err.contains(other) && !ran.out.contains("hunter2"), "{ran:?}");
}

#[test]
fn a_bad_proxy_writes_no_sibling() {
    let desk = Desk::with_role("");
    desk.home.settings("[mfa]\nsession_profiles = yes\n[profile admin]\nproxy = corp\n");
    let before = desk.home.text(".aws/config");
    let ran = desk.run(&switch(&["admin"]));
    assert!((ran.status, ran.out.as_str()) == (1, "") && ran.err.contains("[proxy corp]"), "{ran:?}");
    assert_eq!(desk.home.text(".aws/config"), before);
}

#[test]
fn wrong_usage_names_the_command_that_was_typed() {
    let ran = Desk::aws_mfa().run(&switch(&["--regoin", "x"]));
    assert!(ran.status == 2 && ran.err.contains("Usage: awsenv use "), "{ran:?}");
}

#[test]
fn leave_says_nothing_of_variables_where_none_is_its_own() {
    let desk = Desk::aws_mfa();
    for (names, said) in [
        ("$(touch X)", "awsenv: nothing to leave: no profile was chosen with `awsenv use`\n"),
        ("1 salt AWS_PROFILE:0", "awsenv: kept, because it has another value by now: AWS_PROFILE\n"),
    ] {
        let ran = desk.run_with(&["leave", "bash", "1"], &[("AWSENV_NAMES", names), ("AWS_PROFILE", "dev")]);
        assert_eq!((ran.status, ran.err.as_str()), (0, said), "{ran:?}");
    }
}
