//! What the hook tells the binary and the binary the hook, in each shell.
#![cfg(unix)]

use testbed::{FakeAws, Home, Session, Shell};

const AWSENV: &str = env!("CARGO_BIN_EXE_awsenv");

const KEYS: &str = "[dev]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = secret\n";

#[test]
fn doctor_knows_that_the_hook_is_loaded_and_which_functions_are_the_users_own() {
    for shell in Shell::ALL {
        let home = Home::new(AWSENV);
        home.credentials(KEYS);
        for name in ["aws", "terraform"] {
            home.script(name, "#!/bin/sh\n");
        }
        let rc = format!("{}\n{}", shell.own_command("aws"), shell.hook());
        let Some(mut session) = Session::start(shell, &home, &rc) else { continue };
        let said = session.run("awsenv doctor").text;
        assert!(said.contains(&format!("loaded in this {}", shell.name())), "{said}");
        assert!(said.contains("`aws` is a function of your own"), "{said}");
        assert!(!said.contains("`terraform` is a function"), "{said}");
        // Without the hook's word it has to say so.
        let past_the_hook = if shell == Shell::Nushell { "^awsenv doctor" } else { "command awsenv doctor" };
        let said = session.run(past_the_hook).text;
        assert!(!said.contains("loaded in this"), "{said}");
    }
}

#[test]
fn status_says_that_a_profile_was_inherited() {
    for shell in Shell::ALL {
        let home = Home::new(AWSENV);
        home.credentials(KEYS);
        let Some(mut session) = Session::start(shell, &home, shell.hook()) else { continue };
        session.run("awsenv use dev");
        let said = session.run("awsenv status").text;
        assert!(!said.contains("inherited"), "{said}");

        let mut pane = home;
        pane.set("AWS_PROFILE", "dev")
            .set("AWSENV_PROFILE", "dev")
            .set("AWSENV_NAMES", "1 x AWS_PROFILE:1 AWSENV_PROFILE:2");
        let Some(mut session) = Session::start(shell, &pane, shell.hook()) else { continue };
        let said = session.run("awsenv status").text;
        assert!(said.contains("inherited from the shell that started this one"), "{said}");
    }
}

#[test]
fn a_profile_chosen_by_hand_that_only_its_sibling_serves_runs_through_it() {
    for shell in Shell::ALL {
        let aws = FakeAws::start();
        let user = aws.user("taro");
        let device = user.device("taro");
        let mut home = Home::new(AWSENV);
        home.use_aws(&aws);
        home.credentials(format!("[plain]\n{}", user.key().lines()));
        home.config(format!("[profile plain]\nmfa_serial = {}\n", device.serial()));
        home.settings("[mfa]\nsession_profiles = yes\n");
        home.script("aws", "#!/bin/sh\necho \"runs as $AWS_PROFILE\"\n");
        let Some(mut session) = Session::start(shell, &home, shell.hook()) else { continue };
        session.run(&format!("awsenv use plain {}", device.code()));
        session.run("awsenv leave");
        // In front of a command it is for that command, and leaves nothing behind.
        assert_eq!(session.run("AWS_PROFILE=plain aws s3 ls").text, "runs as plain-session\n", "{}", shell.name());
        assert_eq!(session.run("env | grep -c ^AWS_PROFILE=").text, "0\n", "{}", shell.name());
        session.run(&shell.set("AWS_PROFILE", "plain"));
        assert_eq!(session.run("aws s3 ls").text, "runs as plain-session\n");
        // What the command line names stays what was typed, and the shell's own variable too.
        assert_eq!(session.run("aws s3 ls --profile plain").text, "runs as plain\n");
        let unchanged = session.run("env").text;
        assert!(unchanged.contains("AWS_PROFILE=plain\n"), "{unchanged}");
        assert_eq!(aws.calls_of("GetSessionToken").len(), 1);
    }
}

#[test]
fn use_and_leave_have_done_everything_before_the_next_prompt() {
    for shell in Shell::ALL {
        let home = Home::new(AWSENV);
        home.credentials(KEYS);
        let Some(mut session) = Session::start(shell, &home, shell.hook()) else { continue };
        let before = session.run("env | grep -c AWS").text;
        let used = session.run("awsenv use dev; env").text;
        assert!(used.contains("AWSENV_PROMPT=dev\n"), "{used}");
        session.run(shell.nothing());
        assert_eq!(session.run("awsenv leave; env | grep -c AWS").text, before, "{}", shell.name());
    }
}

/// `exec bash` keeps the process id and its start time: what was answered in the shell before must not count in the new one.
#[test]
fn a_shell_that_took_the_place_of_another_asks_for_itself() {
    for shell in Shell::ALL {
        let aws = FakeAws::start();
        let user = aws.user("taro");
        let device = user.device("taro");
        let mut home = Home::new(AWSENV);
        home.use_aws(&aws).set("AWS_PROFILE", "dev");
        home.credentials(format!("[dev-long-term]\n{}aws_mfa_device = {}\n", user.key().lines(), device.serial()));
        home.script("aws", "#!/bin/sh\necho ran\n");
        let Some(mut session) = Session::start(shell, &home, shell.hook()) else { continue };
        for _ in 0..2 {
            session.type_line("aws s3 ls").expect_question();
            session.terminal.send(b"\x03");
            session.prompt();
        }
        session.terminal.mark();
        session.terminal.line(&format!("exec {}", shell.program()));
        session.terminal.expect("@1:");
        session.terminal.line("aws s3 ls");
        session.terminal.expect("MFA code for dev").send(b"\r");
        session.terminal.expect("ran");
    }
}

#[test]
fn without_the_guard_a_failed_line_after_the_end_still_gets_its_hint() {
    for shell in Shell::ALL {
        let mut home = Home::new(AWSENV);
        home.set("AWS_PROFILE", "dev");
        home.credentials(format!(
            "{}aws_session_token = t\naws_security_token = t\nassumed_role = False\nexpiration = 2026-01-01 00:00:00\n{}",
            KEYS,
            KEYS.replace("[dev]", "[dev-long-term]")
        ));
        let hook =
            shell.hook().replace(&format!("init {}", shell.name()), &format!("init {} --no-guard", shell.name()));
        let Some(mut session) = Session::start(shell, &home, &hook) else { continue };
        let said = session.run(shell.failure()).text;
        assert!(said.contains("awsenv: the session of dev ended"), "{}: {said}", shell.name());
        assert_eq!(session.run(shell.failure()).text, "", "{}", shell.name());
    }
}
