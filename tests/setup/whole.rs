//! The whole way, and the second time.

use testbed::{Session, Shell, Spec, Terminal};

use super::desk::{Desk, LIST, exit, mode};

#[test]
fn a_newcomer_comes_from_an_empty_home_to_a_session_in_the_shell() {
    let (desk, device) = Desk::with_device();
    let mut terminal = desk.setup(&[]);
    terminal.expect("how do you sign in to AWS?").expect("k, i or h: ").mark().line("k");
    terminal.expect("A name for the profile [dev]: ").mark().line("my dev");
    terminal.expect("my dev: a name that every tool reads").expect("A name for the profile [dev]: ").mark().line("");
    terminal.expect("Region (such as eu-west-1; Enter: none): ").mark().line("EU WEST");
    terminal.expect("Region (such as eu-west-1; Enter: none): ").mark().line("eu-west-1");
    desk.type_keys(&mut terminal, &desk.key);
    terminal.expect("keys: they are taro's, in the account 123456789012");
    terminal.expect(&format!("MFA device: {}, the one that taro has", device.serial()));
    terminal.expect("+ [profile dev]\n+ region = eu-west-1\n").expect("+ [dev-long-term]\n");
    terminal.expect("+ aws_secret_access_key = ***\n").expect("Write it? [y/n] ");
    // But for the room that is kept for it.
    let written = desk.files().into_keys().find(|name| !name.ends_with(".tmp"));
    assert_eq!(written, None, "nothing before the word");
    terminal.mark().line("y");
    terminal.expect(".bashrc:").expect("eval \"$(awsenv init bash)\"").expect("Add it? [y/n] ").mark().line("y");
    terminal.expect(&format!("MFA code for dev ({}), Ctrl-C to stop: ", device.serial())).mark().line(&device.code());
    terminal.expect("dev is good until").expect("dev is set up; in a new bash: awsenv use dev");
    assert_eq!(exit(&mut terminal), 0);

    let long_term = format!("[dev-long-term]\n{}aws_mfa_device = {}\n\n[dev]\n", desk.key.lines(), device.serial());
    let credentials = desk.text(".aws/credentials");
    assert!(credentials.starts_with(&long_term), "{credentials}");
    assert_eq!(desk.text(".aws/config"), "[profile dev]\nregion = eu-west-1\n");
    assert_eq!(desk.text(".bashrc"), "eval \"$(awsenv init bash)\"\n");
    assert_eq!(mode(desk.home.path().join(".aws/credentials")), 0o600);
    assert_eq!(desk.status("dev"), ("mfa".into(), "valid".into()));

    let rc = desk.text(".bashrc");
    let Some(mut shell) = Session::start(Shell::Bash, &desk.home, &rc) else { return };
    shell.run("awsenv use dev");
    let shown = shell.run("echo $AWS_PROFILE");
    assert!(shown.text.trim() == "dev" && shown.segment.contains("dev 1"), "{} {}", shown.text, shown.segment);
}

#[test]
fn the_second_time_nothing_is_asked_sent_or_changed() {
    let (desk, device) = Desk::with_device();
    let mut terminal = desk.up_to_keys();
    terminal.expect("Write it? [y/n] ").mark().line("y").expect("Add it? [y/n] ").mark().line("y");
    terminal.expect("MFA code for dev").mark().line(&device.code()).expect("dev is set up");
    assert_eq!(exit(&mut terminal), 0);
    let before = desk.files();
    desk.aws.forget_calls();
    for name in ["dev", "dev-long-term"] {
        let mut terminal = desk.setup(&[name]);
        terminal.expect("keys: dev has them already").expect(&format!("MFA device: {}", device.serial()));
        terminal.expect(".bashrc:1 loads the hook already").expect("dev is still good until");
        terminal.expect("dev is set up; in a new bash: awsenv use dev");
        assert_eq!(exit(&mut terminal), 0);
    }
    assert_eq!((desk.files(), desk.aws.calls().len()), (before, 0));
}

#[test]
fn what_aws_mfas_user_has_is_taken_as_it_is_and_only_the_rest_is_done() {
    let (desk, device) = Desk::with_device();
    let credentials = format!("# mine\r\n[work-long-term]\r\n{}", desk.key.lines().replace('\n', "\r\n"));
    desk.home.credentials(&credentials).write(".bashrc", "eval \"$(awsenv init bash)\"\n");
    let mut terminal = desk.setup(&["work"]);
    terminal
        .expect("keys: work has them already")
        .expect("the one that taro has")
        .expect("  [work-long-term]\n+ aws_mfa_device");
    terminal.expect("Write it? [y/n] ").mark().line("y");
    terminal
        .expect("MFA code for work")
        .mark()
        .line(&device.code())
        .expect("work is set up; in a new bash: awsenv use work");
    assert_eq!((exit(&mut terminal), desk.count(LIST)), (0, 1));
    let now = desk.text(".aws/credentials");
    assert!(now.starts_with(&format!("{credentials}aws_mfa_device = {}\r\n", device.serial())), "{now:?}");
}

#[test]
fn keys_in_the_profile_itself_get_the_device_beside_them() {
    let (desk, device) = Desk::with_device();
    let text = format!("; from aws configure\n[default]\n{}\n[other]\nregion = x\n", desk.key.lines());
    desk.home.credentials(&text).write(".bashrc", "eval \"$(awsenv init bash)\"\n");
    let mut terminal = desk.setup(&[]);
    terminal.expect("k, i or h: ").mark().line("k").expect("A name for the profile [default]: ").mark().line("");
    terminal.expect("+ mfa_serial = ").expect("Write it? [y/n] ").mark().line("y");
    terminal.expect("MFA code for default").mark().line(&device.code()).expect("default is set up");
    assert_eq!(exit(&mut terminal), 0);
    let serial = format!("mfa_serial = {}\n", device.serial());
    assert_eq!(desk.text(".aws/credentials"), text.replace("\n\n[other]", &format!("\n{serial}\n[other]")));
}

#[test]
fn without_a_terminal_one_line_says_so_and_nothing_happens() {
    let desk = Desk::new();
    for args in [&["setup"][..], &["setup", "dev"], &["setup", "--yes"], &["setup", "dev", "--shell", "bash"]] {
        let ran = desk.run(args).failed(&["nothing was changed", "awsenv setup --shell bash --yes"]);
        assert_eq!(ran.err.lines().count(), 1, "{ran:?}");
    }
    assert!(desk.files().is_empty() && desk.aws.calls().is_empty());
}

#[test]
fn only_the_hook_is_a_way_too_and_so_is_a_no_to_it() {
    let desk = Desk::new();
    let mut terminal = desk.setup(&[]);
    terminal.expect("k, i or h: ").mark().line("h").expect("Add it? [y/n] ").mark().line("n");
    terminal.expect("without that line `awsenv use` cannot change the shell").expect("nothing was changed");
    assert_eq!((exit(&mut terminal), desk.files().len()), (1, 0));
    let mut terminal = desk.setup(&[]);
    terminal.expect("k, i or h: ").mark().line("h").expect("Add it? [y/n] ").mark().line("y");
    assert_eq!((exit(&mut terminal), desk.files().len()), (0, 1));
}

#[test]
fn what_others_write_into_the_start_file_during_the_question_stays() {
    let desk = Desk::new();
    desk.home.write(".bashrc", "# mine\n");
    let hook = "eval \"$(awsenv init bash)\"\n";
    for (written, after) in [
        ("# mine\n. \"$HOME/.cargo/env\"\n".to_owned(), format!("# mine\n. \"$HOME/.cargo/env\"\n{hook}")),
        (format!("# mine\n{hook}"), format!("# mine\n{hook}")),
    ] {
        desk.home.write(".bashrc", "# mine\n");
        let mut terminal = desk.setup(&["--shell", "bash"]);
        terminal.expect("Add it? [y/n] ");
        desk.home.write(".bashrc", &written);
        terminal.mark().line("y");
        assert_eq!((exit(&mut terminal), desk.text(".bashrc")), (0, after));
    }
}

#[test]
fn an_empty_name_is_refused_before_anything_is_asked() {
    let desk = Desk::new();
    let mut terminal = desk.setup(&[""]);
    terminal.expect("a profile has a name");
    assert_eq!((exit(&mut terminal), desk.files().len()), (2, 0));
}

#[test]
fn what_is_new_stands_where_the_question_does() {
    let (desk, _) = Desk::with_device();
    let line = format!("exec '{}' setup dev 2>log", env!("CARGO_BIN_EXE_awsenv"));
    let mut spec = Spec::new("/bin/sh").args(["-c", &line]);
    spec.env = desk.home.env();
    let mut terminal = Terminal::start(spec.cwd(desk.home.path()));
    terminal.expect("k or i: ").mark().line("k").expect("Region (such as eu-west-1; Enter: none): ").mark().line("");
    desk.type_keys(&mut terminal, &desk.key);
    terminal.expect("this is new:").expect("+ [dev-long-term]\n").expect("Write it? [y/n] ").send(b"\x03");
    assert_eq!(exit(&mut terminal), 130);
    assert!(!desk.text("log").contains("+ [dev-long-term]"), "{}", desk.text("log"));
}

#[test]
fn yes_agrees_to_what_is_shown_and_a_start_file_that_cannot_be_written_stops_nothing() {
    let (desk, device) = Desk::with_device();
    std::fs::create_dir(desk.home.path().join(".bashrc")).unwrap();
    let mut terminal = desk.setup(&["dev", "--yes"]);
    terminal.expect("k or i: ").mark().line("k").expect("Region (such as eu-west-1; Enter: none): ").mark().line("");
    desk.type_keys(&mut terminal, &desk.key);
    terminal.expect("+ [dev-long-term]").expect(".bashrc: cannot be read").expect("this loads it: eval");
    terminal
        .expect("MFA code for dev")
        .mark()
        .line(&device.code())
        .expect("dev is set up; with the hook: awsenv use dev");
    assert_eq!(exit(&mut terminal), 0);
    assert!(!terminal.everything().contains("[y/n]"));
    // Another shell's.
    let mut terminal = desk.setup(&["dev", "--shell", "fish"]);
    terminal.expect("config.fish:").expect("Add it? [y/n] ").mark().line("y").expect("in a new fish: awsenv use dev");
    assert_eq!(
        (exit(&mut terminal), desk.text(".config/fish/config.fish").as_str()),
        (0, "awsenv init fish | source\n")
    );
}

#[test]
fn who_has_no_profile_is_sent_there() {
    let desk = Desk::new();
    desk.run(&["list"]).ok().says(&["awsenv setup leads to one"]);
    desk.run(&["refresh", "dev"]).failed(&["`awsenv setup` leads to the first one"]);
}
