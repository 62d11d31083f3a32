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

/// In a start file there has been no prompt yet.
#[test]
fn awsenv_works_in_a_start_file_behind_its_hook() {
    // nushell reads the whole of config.nu before the hook defines anything; `init --use` is its way.
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        let home = Home::new(AWSENV);
        home.credentials(KEYS);
        home.script("aws", "#!/bin/sh\necho \"ran as $AWS_PROFILE\"\n");
        let rc = format!("{}\nawsenv use dev\nawsenv status >~/status", shell.hook());
        let Some(mut session) = Session::start(shell, &home, &rc) else { continue };
        let name = shell.name();
        assert!(home.text("status").contains("dev"), "{name}: {}", home.text("status"));
        assert_eq!(session.run("aws s3 ls").text, "ran as dev\n", "{name}");
        assert_eq!(session.run(shell.nothing()).segment, "dev ", "{name}");
        session.run("awsenv leave");
        assert!(!session.run("env").text.contains("AWS_PROFILE="), "{name}");
        assert_eq!(session.run(shell.nothing()).segment, "", "{name}");
    }
}

#[test]
fn one_line_runs_what_a_script_needs_without_any_prompt() {
    // nushell reads a line as a whole: what the hook defines is not there yet.
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        let Some(program) = testbed::require(shell.name()) else { continue };
        let home = Home::new(AWSENV);
        home.credentials(KEYS);
        let line = format!("{}; awsenv use dev; printenv AWS_PROFILE AWSENV_PROMPT; awsenv leave; env", shell.hook());
        let output = home.command(program).args(["-c", &line]).output().expect("the shell starts");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.starts_with("dev\ndev\n"), "{}: {output:?}", shell.name());
        assert!(!said.contains("AWS_PROFILE="), "{}: {output:?}", shell.name());
    }
}

/// Two shells, each of which knows the stamp of its own time; what is over is swept.
#[test]
fn changes_show_in_each_shell_and_leave_no_heap_of_stamps() {
    for shell in Shell::ALL {
        let mut home = Home::new(AWSENV);
        home.set("AWS_PROFILE", "dev").credentials(KEYS);
        let Some(mut one) = Session::start(shell, &home, shell.hook()) else { continue };
        let Some(mut two) = Session::start(shell, &home, shell.hook()) else { continue };
        for turn in 0..5 {
            let mark = ["", "production = true\n"][turn % 2];
            home.settings(format!("[profile dev]\n{mark}"));
            let shown = ["dev ", "!! dev "][turn % 2];
            assert_eq!(one.run("").segment, shown, "{}, first", shell.name());
            assert_eq!(two.run("").segment, shown, "{}, second", shell.name());
        }
        let folder = std::fs::read_dir(home.path().join(".local/state/awsenv")).expect("the state folder is there");
        let stamps: Vec<_> =
            folder.flatten().map(|e| e.file_name()).filter(|n| n.to_string_lossy().starts_with("stamp-")).collect();
        // fish may draw a prompt again while the next change is made, and then writes an older one late.
        assert!(stamps.len() <= 2, "{}: {stamps:?}", shell.name());
        // Somebody tidies up.
        std::fs::remove_dir_all(home.path().join(".local/state")).expect("it can be removed");
        assert_eq!(one.run("").segment, "dev ", "{}", shell.name());
    }
}

#[test]
fn a_missing_binary_is_silent_and_the_hook_can_still_be_taken_out() {
    for shell in Shell::ALL {
        let mut home = Home::new(AWSENV);
        home.set("AWS_PROFILE", "dev").credentials(KEYS);
        let binary = home.path().join("awsenv");
        std::fs::copy(AWSENV, &binary).expect("the binary can be copied");
        let hook = shell.hook().replace("awsenv init", &format!("{} init", binary.display()));
        // Gone before the first prompt.
        let gone = format!("{hook}\nrm {}", binary.display());
        let Some(mut session) = Session::start(shell, &home, &gone) else { continue };
        let name = shell.name();
        for _ in 0..3 {
            let out = session.run(shell.nothing());
            assert_eq!((out.text.as_str(), out.segment.as_str(), out.status), ("", "", 0), "{name}");
        }
        assert_eq!(session.run(shell.failure()).status, 1, "{name}");
        assert_eq!(session.run("awsenv off").text, "", "{name}");
        let left = match shell {
            Shell::Bash | Shell::Zsh => "typeset -f | grep awsenv",
            Shell::Fish => "functions -an | string match '*awsenv*'",
            Shell::Nushell => "scope commands | where name =~ awsenv | get name | str join",
        };
        assert_eq!(session.run(left).text, "", "{name}");
    }
}

/// Nobody would keep it right; what else `use` has set stays.
#[test]
fn off_takes_the_end_of_the_session_with_it() {
    for shell in Shell::ALL {
        let home = Home::new(AWSENV);
        home.credentials(
            "[dev-long-term]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = long\n\
             [dev]\naws_access_key_id = ASIAEXAMPLE\naws_secret_access_key = short\naws_session_token = token\n\
             expiration = 2099-01-01 00:00:00\n",
        );
        let Some(mut session) = Session::start(shell, &home, shell.hook()) else { continue };
        session.run("awsenv use dev");
        let before = session.run("env").text;
        assert!(before.contains("\nAWS_SESSION_EXPIRATION="), "{}: {before}", shell.name());
        session.run("awsenv off");
        let after = session.run("env").text;
        assert!(after.contains("AWS_PROFILE=dev") && after.contains("AWSENV_NAMES=1 "), "{}: {after}", shell.name());
        assert!(!after.contains("AWS_SESSION_EXPIRATION"), "{}: {after}", shell.name());
    }
}

/// A pane of tmux has the variables of the shell that started it: they are awsenv's there, too.
#[test]
fn use_in_a_shell_that_inherited_a_profile_takes_all_of_that_away() {
    for shell in Shell::ALL {
        let mut home = Home::new(AWSENV);
        home.credentials(format!("{KEYS}{}", KEYS.replace("[dev]", "[prod]")));
        home.settings("[profile dev]\nproxy = corp\nenv.STAGE = one\n[proxy corp]\nhttps = http://127.0.0.1:9\n");
        let Some(mut parent) = Session::start(shell, &home, shell.hook()) else { continue };
        parent.run("awsenv use dev");
        let inherited = parent.run("env").text;
        let is_ours = |name: &str| {
            name == "AWS_PROFILE"
                || name == "STAGE"
                || name.starts_with("AWSENV_")
                || name.to_ascii_lowercase().ends_with("_proxy")
        };
        for (name, value) in inherited.lines().filter_map(|l| l.split_once('=')).filter(|(name, _)| is_ours(name)) {
            home.set(name, value);
        }
        let Some(mut pane) = Session::start(shell, &home, shell.hook()) else { continue };
        let ours = |pane: &mut Session| {
            let text = pane.run("env").text;
            let names = text.lines().filter_map(|l| l.split_once('=')).filter(|(name, _)| is_ours(name));
            names.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>()
        };
        let before = ours(&mut pane).join("\n");
        assert!(before.contains("STAGE=one") && before.contains("127.0.0.1:9"), "{}: {before}", shell.name());
        pane.run("awsenv use prod");
        let in_prod = ours(&mut pane).join("\n");
        assert!(in_prod.contains("AWS_PROFILE=prod"), "{}: {in_prod}", shell.name());
        assert!(!in_prod.contains("STAGE=") && !in_prod.contains("127.0.0.1:9"), "{}: {in_prod}", shell.name());
        assert_eq!(pane.run("awsenv leave").text, "", "{}", shell.name());
        assert_eq!(ours(&mut pane), [""; 0], "{}", shell.name());
    }
}

/// Whoever was just asked knows that the session is over.
#[test]
fn after_a_question_there_is_no_hint() {
    // What nushell's guard knows ends with the guarded command.
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        let mut home = Home::new(AWSENV);
        home.set("AWS_PROFILE", "dev");
        home.credentials(format!(
            "{}aws_session_token = t\nexpiration = 2026-01-01 00:00:00\n{}aws_mfa_device = arn:aws:iam::123456789012:mfa/taro\n",
            KEYS,
            KEYS.replace("[dev]", "[dev-long-term]")
        ));
        home.script("aws", "#!/bin/sh\necho ran\n");
        let Some(mut session) = Session::start(shell, &home, shell.hook()) else { continue };
        session.type_line("aws s3 ls").expect_question();
        session.terminal.send(b"\r");
        session.prompt();
        assert_eq!(session.run(shell.failure()).text, "", "{}", shell.name());
    }
}
