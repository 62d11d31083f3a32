//! The one-time code: the question, refused codes, `mfa_process`, and what is looked at before a code is asked for.

#[cfg(unix)]
use std::os::unix::fs::PermissionsExt;

use testbed::aws::Fault;

use super::desk::Desk;
#[cfg(unix)]
use super::desk::exit;

#[cfg(unix)]
fn question(desk: &Desk) -> String {
    format!("MFA code for dev ({}), Ctrl-C to stop: ", desk.device.serial())
}

#[cfg(unix)]
#[test]
fn a_refused_code_is_asked_for_again_and_never_sent_twice() {
    let desk = Desk::aws_mfa();
    let mut terminal = desk.terminal(&["refresh", "dev"]);
    terminal.expect("dev has no session yet").expect(&question(&desk));
    terminal.mark().line("12 34").expect("six digits").expect(&question(&desk));
    let wrong = desk.device.wrong_code();
    // Blanks are no part of a code.
    terminal.mark().line(&format!("{} {}", &wrong[..3], &wrong[3..]));
    terminal.expect("AWS refused the code").expect(&question(&desk));
    assert_eq!(desk.count("GetSessionToken"), 1);
    terminal.mark().line(&wrong).expect("was just used").expect(&question(&desk));
    assert_eq!(desk.count("GetSessionToken"), 1);
    terminal.mark().line(&desk.device.code()).expect("dev is good until");
    assert_eq!(exit(&mut terminal), 0);
    assert_eq!(desk.count("GetSessionToken"), 2);
}

#[cfg(unix)]
#[test]
fn the_third_refusal_ends_it_and_changes_nothing() {
    let desk = Desk::aws_mfa();
    let before = desk.home.read(".aws/credentials");
    let wrong = |n: usize| {
        // Codes far from the device's own.
        let code = desk.device.wrong_code();
        let first = (code.as_bytes()[0] - b'0') as usize;
        format!("{}{}", (first + n) % 10, &code[1..])
    };
    let mut terminal = desk.terminal(&["refresh", "dev"]);
    for n in 0..3 {
        terminal.expect(&question(&desk)).mark().line(&wrong(n + 3));
        terminal.expect("AWS refused the code");
    }
    assert_eq!(exit(&mut terminal), 1);
    assert_eq!(desk.count("GetSessionToken"), 3);
    assert_eq!(desk.home.read(".aws/credentials"), before);
}

#[cfg(unix)]
#[test]
fn ctrl_c_is_130_and_nothing_changes() {
    let desk = Desk::aws_mfa();
    let before = desk.home.read(".aws/credentials");
    let mut terminal = desk.terminal(&["refresh", "dev"]);
    terminal.expect(&question(&desk)).send(b"\x03");
    assert_eq!(exit(&mut terminal), 130);
    assert!(desk.aws.calls().is_empty());
    assert_eq!(desk.home.read(".aws/credentials"), before);
}

#[cfg(unix)]
#[test]
fn a_code_given_as_argument_is_not_asked_for_again() {
    let desk = Desk::aws_mfa();
    let mut terminal = desk.terminal(&["refresh", "dev", &desk.device.wrong_code()]);
    terminal.expect("AWS refused the code");
    assert_eq!(exit(&mut terminal), 1);
    assert!(!terminal.everything().contains("MFA code for"));
    let ran = desk.run(&["refresh", "dev", "12345"]);
    assert_eq!((ran.status, desk.count("GetSessionToken")), (2, 1), "{ran:?}");
    assert!(!ran.err.contains("12345"), "{ran:?}");
    // `refresh 123456`, with the profile in force.
    let code = desk.device.code();
    let ran = desk.run_with(&["refresh", &code], &[("AWS_PROFILE", "dev")]);
    assert_eq!(ran.status, 0, "{ran:?}");
    let ran = desk.run(&["refresh", "dev", "--force", "--token", &code]);
    assert!(ran.status == 1 && ran.err.contains("was just used"), "{ran:?}");
    assert_eq!(desk.count("GetSessionToken"), 2);
}

#[test]
fn without_a_terminal_and_a_code_it_says_what_to_do() {
    let desk = Desk::aws_mfa();
    let ran = desk.run(&["refresh", "dev"]);
    assert_eq!(ran.status, 1);
    assert!(ran.err.contains("no terminal") && ran.err.contains("awsenv refresh dev"), "{ran:?}");
    assert_eq!(ran.err.lines().count(), 1, "{ran:?}");
}

/// Runs `refresh dev` on a terminal and gives what it said; no question may come and nothing may be sent.
#[cfg(unix)]
fn refused_before_the_question(desk: &Desk) -> String {
    let mut terminal = desk.terminal(&["refresh", "dev"]);
    assert_eq!(exit(&mut terminal), 1, "{}", terminal.everything());
    let said = terminal.everything();
    assert!(!said.contains("MFA code for"), "{said}");
    assert!(desk.aws.calls().is_empty(), "{said}");
    said
}

#[cfg(unix)]
#[test]
fn what_would_fail_afterwards_is_found_before_the_question() {
    let is_root = rustix::process::geteuid().is_root();
    let desk = Desk::aws_mfa();
    let folder = desk.home.path().join(".aws");
    let mode = |mode| std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(mode)).expect("own folder");
    if !is_root {
        mode(0o500);
        assert!(refused_before_the_question(&desk).contains(".aws"));
        mode(0o700);
    }
    // A device that gives no codes, none at all, no keys.
    let credentials = desk.home.text(".aws/credentials");
    desk.home.credentials(credentials.replace(":mfa/taro", ":u2f/user/taro/KEY"));
    assert!(refused_before_the_question(&desk).contains("is a security key"));
    desk.home.credentials(format!("[dev-long-term]\n{}", desk.key.lines()));
    assert!(refused_before_the_question(&desk).contains("names no MFA device"));
    desk.home.credentials(format!("[dev-long-term]\naws_mfa_device = {}\n", desk.device.serial()));
    assert!(refused_before_the_question(&desk).contains("has no aws_access_key_id"));
    // A duration that AWS does not give.
    desk.home.credentials(&credentials);
    desk.home.settings("[profile dev]\nduration = 40h\n");
    assert!(refused_before_the_question(&desk).contains("AWS gives 15m to 36h00m"));
    desk.home.settings("");
    // A broken region or endpoint.
    desk.home.config("[profile dev]\nregion = eu.evil.example/\n");
    assert!(refused_before_the_question(&desk).contains("config:2"));
    // A file of which no line can be changed.
    desk.home.config("").credentials(format!("{credentials}broken\n"));
    assert!(refused_before_the_question(&desk).contains("credentials:"), "file and line");
}

#[cfg(unix)]
#[test]
fn a_held_lock_is_named_instead_of_a_question() {
    let Some(python) = testbed::require("python3") else { return };
    let desk = Desk::aws_mfa();
    let script = "import fcntl,os,sys\nf=open(os.path.expanduser('~/.aws/.awsenv.lock'),'a')\nfcntl.flock(f,fcntl.LOCK_EX)\n\
                  fcntl.lockf(f,fcntl.LOCK_EX) if False else None\nprint('held',flush=True)\nsys.stdin.read()";
    let mut command = desk.home.command(python);
    command.args(["-c", script]).stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let mut holder = command.spawn().expect("python starts");
    let mut line = String::new();
    let out = holder.stdout.take().expect("piped");
    std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line).expect("it says so");
    assert_eq!(line, "held\n");
    let said = refused_before_the_question(&desk);
    assert!(said.contains("lock"), "{said}");
    drop(holder.stdin.take());
    holder.wait().expect("it ends");
}

#[test]
fn aws_says_no_in_sentences() {
    let mut desk = Desk::aws_mfa();
    let said = |desk: &Desk| {
        let ran = desk.run(&["refresh", "dev", &desk.device.code()]);
        assert_eq!((ran.status, ran.err.lines().count()), (1, 1), "{ran:?}");
        ran.err
    };
    desk.device.set_in_step(false);
    assert!(said(&desk).contains("AWS refused the MFA device"));
    // That code may be spent: another device for the rest.
    desk.device = desk.user.device("second");
    desk.home.credentials(format!("{}x = 1\n", desk.long_term().replace(&desk.key.secret, "wrong/secret")));
    assert!(said(&desk).contains("secret of the access key"));
    desk.home.credentials(desk.long_term());
    desk.key.deactivate();
    let unknown = said(&desk);
    assert!(unknown.contains("does not know the access key") && !unknown.contains(&desk.key.secret), "{unknown}");
}

#[test]
fn a_wrong_clock_is_learnt_and_shown() {
    let desk = Desk::aws_mfa();
    desk.aws.set_clock_offset(3600);
    let ran = desk.run(&["refresh", "dev", &desk.device.code()]);
    assert_eq!(ran.status, 0, "{ran:?}");
    let people = desk.run(&["status", "dev"]).out;
    assert!(people.contains("clock is 1h00m behind AWS's"), "{people}");
    let doctor = desk.run(&["doctor"]).out;
    assert!(doctor.contains("clock was 1h00m behind AWS's"), "{doctor}");
}

#[test]
fn a_call_with_a_code_is_never_sent_again() {
    for fault in [
        Fault::CutAfter,
        Fault::CutInside,
        Fault::ServerError(503),
        Fault::Throttling,
        Fault::GatewayHtml,
        Fault::Portal,
    ] {
        let desk = Desk::aws_mfa();
        desk.aws.fault_on("GetSessionToken", fault.clone(), 1);
        let ran = desk.run(&["refresh", "dev", &desk.device.code()]);
        assert_eq!((ran.status, ran.err.lines().count()), (1, 1), "{fault:?}: {ran:?}");
        assert_eq!(desk.count("GetSessionToken"), 1, "{fault:?}");
    }
}

#[cfg(unix)]
#[test]
fn mfa_process_gives_the_code() {
    let desk = Desk::aws_mfa();
    let own = desk.long_term();
    desk.home.credentials(format!("{own}mfa_process = show-code\n"));
    desk.home.script("show-code", &format!("#!/bin/sh\nread key </dev/tty; echo {}\n", desk.device.code()));
    let mut terminal = desk.terminal(&["refresh", "dev"]);
    // Its keyboard is the terminal, and after a second there is a word about the wait.
    terminal.expect("waiting for show-code").expect("touch the key").line("").expect("dev is good until");
    assert_eq!(exit(&mut terminal), 0);
    assert!(!terminal.everything().contains("MFA code for"), "{}", terminal.everything());
    // Without a terminal it works too, where it needs none.
    desk.home.script("show-code", &format!("#!/bin/sh\necho ' {} '\n", desk.device.code()));
    assert_eq!(desk.run(&["refresh", "dev", "--force"]).status, 0);
    // An argument comes before it.
    desk.home.script("show-code", "#!/bin/sh\ntouch \"$HOME/ran\"\n");
    assert_eq!(desk.run(&["refresh", "dev", "--force", &desk.device.code()]).status, 0);
    assert!(!desk.home.path().join("ran").exists());
}

#[cfg(unix)]
#[test]
fn what_mfa_process_prints_is_never_quoted() {
    let desk = Desk::aws_mfa();
    desk.home.credentials(format!("{}mfa_process = show-code\n", desk.long_term()));
    for (script, wanted) in [
        ("echo hunter2", "not six digits"),
        ("echo 1234567", "not six digits"),
        ("echo oops hunter2 >&2; exit 9", "exit code 9"),
        ("printf '\\377\\376'", "not six digits"),
    ] {
        desk.home.script("show-code", &format!("#!/bin/sh\n{script}\n"));
        let ran = desk.run(&["refresh", "dev"]);
        assert_eq!((ran.status, ran.err.lines().count()), (1, 1), "{ran:?}");
        assert!(ran.err.contains(wanted) && ran.err.contains("credentials:5: mfa_process"), "{ran:?}");
        assert!(!ran.err.contains("hunter2") && !ran.err.contains("1234567"), "{ran:?}");
    }
    assert!(desk.aws.calls().is_empty());
    // Ctrl-C ends it.
    desk.home.script("show-code", "#!/bin/sh\nexec sleep 60\n");
    let mut terminal = desk.terminal(&["refresh", "dev"]);
    terminal.expect("waiting for show-code").send(b"\x03");
    assert_eq!(exit(&mut terminal), 130);
}

#[cfg(unix)]
#[test]
fn no_command_of_a_file_that_others_may_write() {
    let desk = Desk::aws_mfa();
    desk.home.credentials(format!("{}mfa_process = touch \"$HOME/ran\"\n", desk.long_term()));
    let file = desk.home.path().join(".aws/credentials");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o666)).expect("own file");
    let ran = desk.run(&["refresh", "dev"]);
    assert!(ran.status == 1 && ran.err.contains("others may write to it") && ran.err.contains("chmod go-w"), "{ran:?}");
    assert!(!desk.home.path().join("ran").exists());
}

#[cfg(unix)]
#[test]
fn commands_of_a_file_that_the_environment_names_wait_for_a_word() {
    let mut desk = Desk::aws_mfa();
    let text = format!("{}mfa_process = echo {}\n", desk.long_term(), desk.device.code());
    desk.home.write("clone/credentials", text);
    let path = desk.home.path().join("clone/credentials");
    desk.home.set("AWS_SHARED_CREDENTIALS_FILE", &path);
    let ran = desk.run(&["refresh", "dev"]);
    assert!(ran.status == 1 && ran.err.contains("it is not confirmed"), "{ran:?}");
    assert!(desk.aws.calls().is_empty());
    let mut terminal = desk.terminal(&["refresh", "dev"]);
    terminal.expect("mfa_process = echo").expect("[y/n] ").line("n");
    assert_eq!(exit(&mut terminal), 1);
    let mut terminal = desk.terminal(&["refresh", "dev"]);
    terminal.expect("[y/n] ").line("y").expect("dev is good until");
    assert_eq!(exit(&mut terminal), 0);
    let written = String::from_utf8(std::fs::read(&path).expect("there")).expect("text");
    assert!(written.contains("\n[dev]\n") && !desk.home.text(".aws/credentials").contains("[dev]\n"));
    // Asked once, remembered.
    assert_eq!(desk.run(&["refresh", "dev", "--force"]).status, 1, "the same code again");
    assert_eq!(desk.count("GetSessionToken"), 1);
}

#[cfg(unix)]
#[test]
fn a_foreign_endpoint_gets_nothing_in_silence() {
    let mut desk = Desk::aws_mfa();
    desk.home.set("AWS_ENDPOINT_URL", "https://sts.evil.example");
    let ran = desk.run(&["refresh", "dev", &desk.device.code()]);
    assert!(ran.status == 1 && ran.err.contains("nothing was sent to sts.evil.example (AWS_ENDPOINT_URL"), "{ran:?}");
    assert!(ran.err.contains("allow_endpoint = sts.evil.example"), "{ran:?}");
    // On a terminal it is named before the question.
    let mut terminal = desk.terminal(&["refresh", "dev"]);
    terminal.expect("the code goes to sts.evil.example, which is not AWS").expect("MFA code for dev").send(b"\x03");
    assert_eq!(exit(&mut terminal), 130);
}

#[cfg(unix)]
#[test]
fn a_full_disk_costs_no_code() {
    for desk in [Desk::aws_mfa(), Desk::with_role("")] {
        let name =
            if desk.home.path().join(".aws/config").metadata().is_ok_and(|m| m.len() < 60) { "dev" } else { "admin" };
        let before = desk.home.read(".aws/credentials");
        // No file may grow: what a full disk says, in other words.
        let mut terminal = desk.sh(&format!("trap '' XFSZ; ulimit -f 0; awsenv refresh {name}; echo done $?"));
        terminal.expect("done 1");
        let said = terminal.everything();
        assert!(!said.contains("MFA code for") && said.contains(".aws"), "{said}");
        assert_eq!(desk.home.read(".aws/credentials"), before);
        assert!(desk.aws.calls().is_empty());
    }
}

#[cfg(unix)]
#[test]
fn the_last_hop_is_looked_at_before_the_first_code() {
    let desk = Desk::with_role("duration_seconds = 600\n");
    let mut terminal = desk.terminal(&["refresh", "admin"]);
    terminal.expect("AWS gives 15m to 12h00m");
    assert_eq!(exit(&mut terminal), 1);
    assert!(!terminal.everything().contains("MFA code for") && desk.aws.calls().is_empty());
}

#[cfg(unix)]
#[test]
fn twenty_processes_at_one_session_are_one_question_and_one_call() {
    let desk = Desk::with_role("");
    let line = "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do awsenv credentials admin >keys$i & done; wait; echo all done";
    let mut terminal = desk.sh(line);
    terminal.expect("MFA code for admin (").line(&desk.device.code()).expect("all done");
    let screen = terminal.everything();
    assert_eq!((screen.matches("MFA code for").count(), desk.count("GetSessionToken")), (1, 1), "{screen}");
    for number in 1..=20 {
        let keys = desk.home.text(format!("keys{number}"));
        assert!(keys.contains("\"Version\":1"), "{number}: {keys} {screen}");
    }
}

#[test]
fn thirty_refreshes_of_thirty_devices_lose_nothing() {
    let desk = Desk::new();
    let users: Vec<_> = (0..30).map(|n| (desk.aws.user(&format!("u{n}")), n)).collect();
    let users: Vec<_> = users.iter().map(|(user, n)| (n, user.key(), user.device(&format!("d{n}")))).collect();
    let text: String = users
        .iter()
        .map(|(n, key, device)| {
            format!("# of {n}\n[p{n}-long-term]\n{}aws_mfa_device = {}\n", key.lines(), device.serial())
        })
        .collect();
    desk.home.credentials(&text);
    let runs: Vec<_> = users
        .iter()
        .map(|(n, _, device)| {
            let mut command = desk.home.command_alone("awsenv");
            command.args(["refresh", &format!("p{n}"), &device.code()]).stderr(std::process::Stdio::piped());
            command.spawn().expect("awsenv starts")
        })
        .collect();
    for run in runs {
        let done = run.wait_with_output().expect("it ends");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
    let after = desk.home.text(".aws/credentials");
    assert!(after.starts_with(&text), "{after}");
    for (n, ..) in &users {
        assert_eq!(desk.kind_and_state(&format!("p{n}")).1, "valid", "{n}");
    }
    let left: Vec<_> = std::fs::read_dir(desk.home.path().join(".aws"))
        .expect("a folder")
        .map(|e| e.expect("an entry").file_name())
        .collect();
    assert_eq!(left.len(), 2, "the file and its lock: {left:?}");
}
