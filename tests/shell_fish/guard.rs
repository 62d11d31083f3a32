//! Questions: when, for whom, and what the answers do.

use crate::world::{HOOK, World};

const AWS: &str = "aws ran: s3 ls profile=dev ask=\n";

#[test]
fn an_expired_session_asks_once_and_runs() {
    let world = World::new();
    world.session_ends_in(-7500);
    let Some(mut fish) = world.dev() else { return };
    let question = fish.type_line("aws s3 ls | head").expect_question();
    assert!(question.starts_with("MFA code for dev (arn:aws:iam::123456789012:mfa/taro), Enter"), "{question}");
    let after = fish.answer(&world.device.code()).prompt();
    assert!(after.text.ends_with(AWS), "{after:?}");
    assert!(["dev 12h00m ", "dev 11h59m "].contains(&after.segment.as_str()), "{after:?}");
    let next = fish.run("aws s3 ls");
    assert_eq!((next.text.as_str(), next.status), (AWS, 0));
    assert_eq!(fish.run("cat /dev/null | aws s3 ls | cat | cat").text, AWS);
    assert_eq!(fish.run("env | grep -c AWSENV_ASK").text, "0\n");
}

#[test]
fn enter_runs_without_and_is_remembered_for_the_line() {
    let world = World::new();
    world.session_ends_in(-5);
    let Some(mut fish) = world.dev() else { return };
    let without = "aws ran: s3 ls profile=dev ask=never\n";
    fish.type_line("for i in 1 2 3; aws s3 ls | cat; end; aws s3 ls").expect_question();
    let after = fish.answer("").prompt();
    assert!(after.text.ends_with(&without.repeat(4)), "{after:?}");
    assert_eq!(after.status, 0);
    fish.type_line("aws s3 ls").expect_question();
    assert!(fish.answer("").prompt().text.ends_with(without), "the next line asks again");
}

#[test]
fn ctrl_c_runs_nothing_of_the_line() {
    let world = World::new();
    world.session_ends_in(-5);
    let Some(mut fish) = world.dev() else { return };
    let lines = [
        "aws s3 ls && echo DONE",
        "aws s3 ls; echo DONE",
        "aws s3 ls; or echo DONE",
        "for i in 1 2 3; aws s3 ls; end; echo DONE",
        "while true; aws s3 ls; end; echo DONE",
        "begin; aws s3 ls | cat; echo DONE; end",
        "begin; begin; aws s3 ls; end; echo DONE; end | cat",
        "echo DONE (aws s3 ls)",
        "function twice; aws s3 ls; aws s3 ls; echo DONE; end; twice; echo DONE",
        "aws s3 ls | cat && echo DONE",
        "yes | aws s3 ls; aws s3 ls; echo DONE",
        "if aws s3 ls; echo DONE; else; echo DONE; end",
    ];
    for line in lines {
        fish.type_line(line).expect_question();
        fish.terminal.mark().send(b"\x03");
        let after = fish.prompt();
        assert!(!after.text.contains("DONE") && !after.text.contains("aws ran"), "{line}: {after:?}");
        assert!(!after.text.contains("MFA code"), "{line}: asked again: {after:?}");
        assert_eq!(fish.run("echo alive").text, "alive\n", "{line}");
    }
    assert!(fish.run("awsenv --version | cat").text.starts_with("awsenv "));
}

#[test]
fn a_person_who_handles_interrupts_is_asked_once_and_keeps_what_follows_and() {
    let mut world = World::new();
    world.session_ends_in(-5);
    // Without a place where the binary could remember it, the shell does.
    world.home.set("AWSENV_STATE_DIR", "/proc/nowhere").set("XDG_STATE_HOME", "/proc/nowhere");
    world.home.set("XDG_RUNTIME_DIR", "/proc/nowhere");
    let Some(mut fish) = world.dev() else { return };
    fish.run("function on_int --on-signal INT; echo trapped; end");
    fish.type_line("aws s3 ls && echo DONE").expect_question();
    fish.terminal.mark().send(b"\x03");
    let after = fish.prompt();
    assert!(
        !after.text.contains("DONE") && !after.text.contains("aws ran") && after.text.contains("trapped"),
        "{after:?}"
    );
    fish.type_line("for i in 1 2 3; aws s3 ls; end").expect_question();
    fish.terminal.mark().send(b"\x03");
    let after = fish.prompt();
    assert!(!after.text.contains("aws ran") && !after.text.contains("MFA code"), "{after:?}");
}

#[test]
fn the_right_profile_is_asked_for() {
    let world = World::new();
    world.session_ends_in(-5);
    let Some(mut fish) = world.fish(&format!("set -gx AWS_PROFILE keys\n{HOOK}")) else { return };
    assert_eq!(fish.run("aws s3 ls").text, "aws ran: s3 ls profile=keys ask=\n");
    let lines = [
        "AWS_PROFILE=prod aws s3 ls",
        "aws --profile prod s3 ls",
        "aws s3 ls --profile=prod",
        "time aws s3 ls --prof prod",
        "not aws s3 ls --profile prod",
        "set -gx AWS_PROFILE prod; aws s3 ls",
        "aws s3 ls --query 'a & b'",
        "aws s3 ls --query a\\&b # this & that",
        "aws s3 ls --query \"a & b\" 2>&1 && true",
        "aws s3 ls",
        "set -gx AWS_PROFILE keys; aws s3 ls --profile prod",
    ];
    for line in lines {
        let question = fish.type_line(line).expect_question();
        assert!(question.starts_with("MFA code for prod ("), "{line}: {question}");
        assert!(fish.answer("").prompt().text.contains("aws ran: "), "{line}");
    }
}

#[test]
fn what_needs_no_session_is_not_asked_about() {
    let world = World::new();
    world.session_ends_in(-5);
    world.home.script("terraform", "#!/bin/sh\necho terraform ran: $*\n");
    let Some(mut fish) = world.dev() else { return };
    for line in ["aws sso login", "aws configure list-profiles", "aws --version", "aws s3 help", "terraform fmt"] {
        let after = fish.run(line);
        assert!(after.text.contains(" ran: ") && after.text.lines().count() == 1, "{line}: {after:?}");
    }
    assert_eq!(fish.run("AWSENV_ASK=never aws s3 ls").text, "aws ran: s3 ls profile=dev ask=never\n");
    fish.type_line("terraform plan").expect_question();
    fish.terminal.mark().send(b"\x03");
    fish.prompt();
}

#[test]
fn only_what_is_typed_is_asked_about() {
    let world = World::new();
    world.session_ends_in(-5);
    // Everything of the person's that fish runs by itself; each calls aws, some of it before our handlers, some behind.
    let early = "aws s3 early\nfunction e1 --on-event fish_prompt; aws s3 e1; end\n\
                 function e2 --on-event fish_preexec; aws s3 e2; end\nfunction e3 --on-event fish_postexec; aws s3 e3; end";
    let late = "aws s3 late\nfunction l1 --on-event fish_prompt; aws s3 l1; end\n\
                function l2 --on-event fish_preexec; aws s3 l2; end\nfunction l3 --on-event fish_postexec; aws s3 l3; end\n\
                function fish_right_prompt; echo -n (aws s3 right); end\nfunction fish_title; aws s3 title; end\n\
                functions -c fish_prompt own_prompt; function fish_prompt; set -g left (aws s3 left); own_prompt; end\n\
                complete -c tool -f -a '(aws s3 complete; echo DONE)'\nbind \\cg 'set -g bound (aws s3 bound)'";
    let Some(mut fish) = world.fish(&format!("set -gx AWS_PROFILE dev\n{early}\n{HOOK}\n{late}")) else { return };
    for line in ["true", "", "false", "echo $left"] {
        let after = fish.run(line);
        assert!(!after.text.contains("MFA code"), "{line:?}: {after:?}");
    }
    fish.terminal.mark().send(b"\x07");
    fish.terminal.send("tool \t").expect("DONE");
    let after = fish.type_line("").prompt();
    assert!(!after.text.contains("MFA code"), "{after:?}");
    assert!(fish.run("echo $bound").text.contains("aws ran: s3 bound"));
    fish.type_line("aws s3 ls").expect_question();
    assert!(fish.answer("").prompt().text.contains("aws ran: s3 ls"));
}

#[test]
fn the_background_is_not_asked() {
    let world = World::new();
    world.session_ends_in(-5);
    let Some(mut fish) = world.dev() else { return };
    for line in [
        "aws s3 ls &",
        "true; aws s3 ls & ; true",
        "begin; aws s3 ls; end &",
        "echo 'it\\'s'; aws s3 ls --query \"&\" & # on",
    ] {
        fish.type_line(line);
        fish.terminal.expect("aws ran: s3 ls");
        let after = fish.prompt();
        assert!(!after.text.contains("MFA code"), "{line}: {after:?}");
        fish.run("wait");
    }
    // fish runs a function in the foreground also behind a `&`: there, a question can be answered.
    fish.run("function inside; aws s3 ls & ; echo behind; end");
    fish.type_line("inside").expect_question();
    let after = fish.answer("").prompt();
    assert!(after.text.contains("aws ran: s3 ls") && after.text.contains("behind"), "{after:?}");
    fish.type_line("aws s3 ls").expect_question();
    fish.terminal.mark().send(b"\x03");
    assert_eq!(fish.prompt().status, 130);
}

#[test]
fn without_a_terminal_or_a_binary_the_command_runs() {
    let world = World::new();
    world.session_ends_in(-5);
    let Some((out, err)) = world.batch(&format!("set -gx AWS_PROFILE dev\n{HOOK}\naws s3 ls")) else { return };
    assert_eq!((String::from_utf8_lossy(&out).as_ref(), err.as_str()), (AWS, ""));
    let Some(mut fish) = world.dev() else { return };
    fish.run("set -g __awsenv_bin /nonexistent/awsenv");
    let after = fish.run("aws s3 ls");
    assert_eq!((after.text.as_str(), after.status), (AWS, 0));
    assert_eq!(fish.run("set -gx AWS_PROFILE prod").text, "");
    assert_eq!(fish.run("true").segment, "", "empty and silent");
}

#[test]
fn a_persons_own_function_stays() {
    let world = World::new();
    world.session_ends_in(-5);
    let rc = format!("set -gx AWS_PROFILE dev\nalias aws='echo mine'\n{HOOK}");
    let Some(mut fish) = world.fish(&rc) else { return };
    assert_eq!(fish.run("aws s3 ls").text, "mine s3 ls\n");
    fish.run("functions -e aws; set -gxp PATH /");
    fish.type_line("aws s3 ls").expect_question();
    fish.answer("").prompt();
    fish.run("function aws; echo later; end");
    fish.run("set -gxp PATH /tmp");
    assert_eq!(fish.run("aws s3 ls").text, "later\n");
    fish.run("awsenv off");
    assert_eq!(fish.run("aws s3 ls").text, "later\n");
}

#[test]
fn a_failed_line_after_the_end_gives_one_hint() {
    let world = World::new();
    world.session_ends_in(-13 * 60);
    let Some(mut fish) = world.dev() else { return };
    assert_eq!(fish.run("true").text, "");
    assert_eq!(fish.run("false").text, "awsenv: the session of dev ended 13m ago: awsenv refresh\n");
    assert_eq!(fish.run("false").text, "");
    assert_eq!(fish.run("").text, "");
    world.session_ends_in(7200);
    assert_eq!(fish.run("false").text, "");
    world.session_ends_in(-60);
    fish.type_line("aws s3 ls; false").expect_question();
    assert!(!fish.answer("").prompt().text.contains("awsenv refresh"), "the guard has just said so");
    world.session_ends_in(-7500);
    fish.run("true");
    assert_eq!(fish.run("sh -c 'exit 2'").text, "awsenv: the session of dev ended 2h05m ago: awsenv refresh\n");
    world.session_ends_in(-12 * 86400 - 5);
    fish.run("true");
    assert_eq!(fish.run("false").text, "awsenv: the session of dev ended 12 days ago: awsenv refresh\n");
}
