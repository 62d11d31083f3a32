//! Questions: when, for whom, and what the answers do.

use crate::world::{AWS, World};

const WITHOUT: &str = "aws ran: s3 ls profile=dev ask=never\n";

#[test]
fn enter_runs_without_and_is_remembered_for_the_line() {
    let world = World::new();
    world.session_ends_in(-5);
    let Some(mut nu) = world.dev() else { return };
    nu.type_line("for i in 1..3 { aws s3 ls | ^cat }; aws s3 ls").expect_question();
    let after = nu.answer("").prompt();
    assert!(after.text.ends_with(&WITHOUT.repeat(4)) && !after.text.contains("MFA code"), "{after:?}");
    assert_eq!(after.status, 0);
    assert_eq!(nu.run("$env.AWSENV_ASK? == null").text, "true\n", "for the command alone");
    nu.type_line("aws s3 ls").expect_question();
    assert!(nu.answer("").prompt().text.ends_with(WITHOUT), "the next line asks again");
}

#[test]
fn ctrl_c_runs_nothing_of_the_line() {
    let world = World::new();
    world.session_ends_in(-5);
    let Some(mut nu) = world.dev() else { return };
    nu.run("def twice [] { aws s3 ls; aws s3 ls; print DONE }");
    let lines = [
        "aws s3 ls; print DONE",
        "for i in 1..3 { aws s3 ls; print DONE }; print DONE",
        "while true { aws s3 ls }; print DONE",
        "loop { aws s3 ls; print DONE }",
        "if true { aws s3 ls }; print DONE",
        "do { aws s3 ls; print DONE }; print DONE",
        "aws s3 ls | lines | each { print DONE }",
        "^yes | aws s3 ls; print DONE",
        "print $\"DONE(aws s3 ls)\"",
        "let x = (aws s3 ls); print DONE",
        "aws s3 ls o> out; print DONE",
        "aws s3 ls o+e>| lines | print DONE",
        "twice; print DONE",
        "[1 2 3] | each {|x| aws s3 ls; print DONE }",
        "try { aws s3 ls }; try { aws s3 ls }; aws s3 ls; print DONE",
    ];
    for line in lines {
        nu.type_line(line).expect_question();
        nu.terminal.mark().send(b"\x03");
        let after = nu.prompt();
        let ran =
            after.text.contains("aws ran") || after.text.lines().any(|l| l.contains("DONE") && !l.contains("aws"));
        assert!(!ran, "{line}: {after:?}");
        assert!(!after.text.contains("MFA code"), "{line}: asked again: {after:?}");
        assert_ne!(after.status, 0, "{line}");
        assert_eq!(nu.run("print alive").text, "alive\n", "{line}");
    }
    nu.type_line("aws s3 ls").expect_question();
    nu.terminal.mark().send(b"\x03");
    let after = nu.prompt();
    assert_eq!((after.status, after.text.trim()), (130, ""), "and says nothing more");
}

#[test]
fn without_a_place_to_remember_the_line_still_ends() {
    let mut world = World::new();
    world.session_ends_in(-5);
    for name in ["AWSENV_STATE_DIR", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"] {
        world.home.set(name, "/proc/nowhere");
    }
    let Some(mut nu) = world.dev() else { return };
    nu.type_line("for i in 1..3 { aws s3 ls; print DONE }").expect_question();
    nu.terminal.mark().send(b"\x03");
    let after = nu.prompt();
    assert!(after.status == 130 && !after.text.contains("aws ran") && !after.text.contains("DONE"), "{after:?}");
}

#[test]
fn the_right_profile_is_asked_for() {
    let world = World::new();
    world.session_ends_in(-5);
    let Some(mut nu) = world.nu("$env.AWS_PROFILE = 'keys'") else { return };
    assert_eq!(nu.run("aws s3 ls").text, "aws ran: s3 ls profile=keys ask=\n");
    let lines = [
        "AWS_PROFILE=prod aws s3 ls",
        "with-env {AWS_PROFILE: prod} { aws s3 ls }",
        "aws --profile prod s3 ls",
        "aws s3 ls --profile=prod",
        "aws s3 ls --prof prod",
        "timeit { aws s3 ls --profile prod }",
        "$env.AWS_PROFILE = 'prod'; aws s3 ls",
        "aws s3 ls",
        "let p = [--profile prod]; $env.AWS_PROFILE = 'keys'; aws s3 ls ...$p",
    ];
    for line in lines {
        let question = nu.type_line(line).expect_question();
        assert!(question.starts_with("MFA code for prod ("), "{line}: {question}");
        assert!(nu.answer("").prompt().text.contains("aws ran: ") || line.starts_with("timeit"), "{line}");
    }
}

#[test]
fn what_needs_no_session_is_not_asked_about() {
    let world = World::new();
    world.session_ends_in(-5);
    world.home.script("terraform", "#!/bin/sh\necho terraform ran: $*\n");
    let Some(mut nu) = world.dev() else { return };
    for line in ["aws sso login", "aws configure list-profiles", "aws --version", "aws --help", "terraform fmt"] {
        let after = nu.run(line);
        assert!(after.text.contains(" ran: ") && after.text.lines().count() == 1, "{line}: {after:?}");
    }
    assert_eq!(nu.run("AWSENV_ASK=never aws s3 ls").text, WITHOUT);
    nu.type_line("terraform plan").expect_question();
    nu.terminal.mark().send(b"\x03");
    nu.prompt();
}

#[test]
fn a_margin_and_a_renewal_in_between_count() {
    let world = World::new();
    world.session_ends_in(1200);
    world.home.script("terraform", "#!/bin/sh\necho terraform ran: $*\n");
    world.home.settings("[guard]\nterraform = 30m\n");
    let Some(mut nu) = world.dev() else { return };
    assert_eq!(nu.run("aws s3 ls").text, AWS);
    nu.type_line("terraform apply").expect_question();
    assert!(nu.answer(&world.device.code()).prompt().text.ends_with("terraform ran: apply\n"));
    // The files change while the line runs, and no prompt has seen it.
    world.session_ends_in(-5);
    nu.run("null");
    nu.type_line("^sleep 1; aws s3 ls");
    world.session_ends_in(7200);
    assert_eq!(nu.prompt().text, AWS);
}

#[test]
fn a_background_job_is_not_asked() {
    let world = World::new();
    world.session_ends_in(-5);
    let Some(mut nu) = world.dev() else { return };
    nu.type_line("job spawn { aws s3 ls o> ran } | ignore; ^sleep 1");
    let after = nu.prompt();
    assert!(!after.text.contains("MFA code"), "{after:?}");
    assert!(world.home.text("ran").contains("aws ran: s3 ls"), "the command runs: {after:?}");
}

#[test]
fn without_a_binary_the_command_runs() {
    let world = World::new();
    world.session_ends_in(-5);
    let Some(mut nu) = world.dev() else { return };
    let broken = world.home.script("broken", "#!/bin/sh\necho 'run_ask: (^touch X)'; echo noise >&2; exit 101\n");
    for binary in ["/nonexistent/awsenv", "/etc/passwd", &broken.display().to_string()] {
        nu.run(&format!("$env.__awsenv.bin = '{binary}'"));
        let after = nu.run("aws s3 ls");
        assert!(after.text.ends_with(AWS) && after.status == 0, "{binary}: {after:?}");
        nu.run("$env.AWS_PROFILE = 'prod'");
        let after = nu.run("$env.AWS_PROFILE = 'dev'");
        assert_eq!((after.text.as_str(), after.segment.as_str(), after.status), ("", "", 0), "{binary}");
    }
    assert!(!world.home.path().join("X").exists());
}

#[test]
fn a_failed_line_after_the_end_gives_one_hint() {
    let world = World::new();
    world.session_ends_in(-13 * 60);
    let Some(mut nu) = world.dev() else { return };
    assert_eq!(nu.run("ignore").text, "");
    assert_eq!(nu.run("^false").text, "awsenv: the session of dev ended 13m ago: awsenv refresh\n");
    assert_eq!(nu.run("^false").text, "");
    assert_eq!(nu.run("").text, "");
    world.session_ends_in(7200);
    assert_eq!(nu.run("^false").text, "");
    world.session_ends_in(-60);
    nu.type_line("aws s3 ls; ^false").expect_question();
    assert!(!nu.answer("").prompt().text.contains("awsenv refresh"), "the guard has just said so");
    world.session_ends_in(-7500);
    nu.run("ignore");
    assert_eq!(nu.run("^sh -c 'exit 2'").text, "awsenv: the session of dev ended 2h05m ago: awsenv refresh\n");
    world.session_ends_in(-12 * 86400 - 5);
    nu.run("ignore");
    assert_eq!(nu.run("^false").text, "awsenv: the session of dev ended 12 days ago: awsenv refresh\n");
}
