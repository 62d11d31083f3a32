//! `use`, `leave`, `refresh`, `off`: what the hook's function does in this shell, and asks in the program's place.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use testbed::Session;

use crate::desk::Desk;

const QUESTION: &str =
    "MFA code for dev (arn:aws:iam::123456789012:mfa/taro), Enter to go on without, Ctrl-C to stop: ";

#[test]
fn use_and_leave_change_this_shell_and_put_it_back() {
    let Some(desk) = Desk::new(7230) else { return };
    desk.home.write(
        "AppData/Roaming/awsenv/config",
        "[profile dev]\nproxy = corp\nenv.AWS_CA_BUNDLE = C:\\certs\\ca.pem\n[proxy corp]\nhttps = http://proxy:8080\n",
    );
    let Some(mut shell) = desk.bash("", "") else { return };
    assert_eq!(shell.run("awsenv use dev; echo $AWS_PROFILE,$HTTPS_PROXY").text, "dev,http://proxy:8080\n");
    let value = shell.run("echo \"$AWS_CA_BUNDLE\"");
    assert_eq!(value.text, "C:\\certs\\ca.pem\n", "for programs of Windows: as written");
    assert!(value.segment.starts_with("dev "), "{value:?}");
    assert_eq!(shell.run("awsenv use /dev; echo $AWS_PROFILE${HTTPS_PROXY-}").text, "/dev\n");
    assert_eq!(shell.run("awsenv use 'a b' && echo $AWS_PROFILE").text, "a b\n");
    assert_eq!(shell.run("awsenv use - && echo $AWS_PROFILE").text, "/dev\n");
    let left = shell.run("awsenv leave; echo ${AWS_PROFILE-none}");
    assert_eq!((left.text.as_str(), left.segment.as_str()), ("none\n", ""));
    let unknown = shell.run("awsenv use no-such");
    assert!(unknown.status == 1 && unknown.text.contains("no-such"), "{unknown:?}");
    assert_eq!(shell.run("awsenv off; echo $(compgen -A function __awsenv_)$(compgen -v __awsenv_)").text, "\n");
    assert_eq!(shell.run("declare -F aws awsenv").status, 1);
}

/// bash itself looks at these, and runs the program: no backslash, and no prefix that only one of the two understands.
#[test]
fn paths_are_both_bashs_and_windows() {
    let Some(desk) = Desk::new(7230) else { return };
    let Some(mut shell) = desk.bash("export AWS_PROFILE=dev", "") else { return };
    let home = desk.home.path().display().to_string();
    let listed = shell.run(
        "printf '%s\\n' \"$__awsenv_bin_as_printed\" \"$__awsenv_stamp\" \"${__awsenv_watch[@]}\" \"${__awsenv_absent[@]}\"",
    );
    let paths: Vec<&str> = listed.text.lines().collect();
    assert!(paths.len() > 4 && paths.iter().all(|p| p.starts_with("Z:/") && !p.contains('\\')), "{paths:#?}");
    assert!(paths[0].ends_with("/debug/awsenv.exe"), "{paths:#?}");
    assert!(paths[1].starts_with(&format!("Z:{home}/AppData/Local/awsenv/stamp-")), "{paths:#?}");
    assert!(paths.contains(&format!("Z:{home}/.aws/credentials").as_str()), "{paths:#?}");
    assert_eq!(shell.run("[[ -f $__awsenv_bin_as_printed && -f $__awsenv_stamp ]]").status, 0);
}

#[test]
fn a_prompt_starts_the_program_when_a_file_changed_and_not_before() {
    let Some(desk) = Desk::new(7230) else { return };
    let Some(mut shell) = desk.bash("export AWS_PROFILE=dev", "") else { return };
    let first = desk.starts_of("hook");
    let started = processes(&mut shell, |shell| {
        for _ in 0..5 {
            assert!(shell.run("true").segment.starts_with("dev 2h00m "));
        }
    });
    assert!(started.is_none_or(|started| started.is_empty()), "no process at all");
    assert_eq!(desk.starts_of("hook"), first);
    desk.session_ends_in(-60);
    assert_eq!(shell.run("true").segment, "dev expired ");
    assert_eq!(desk.starts_of("hook"), first + 1);
}

#[test]
fn use_asks_at_once_where_the_session_is_over() {
    let Some(desk) = Desk::new(-60) else { return };
    let Some(mut shell) = desk.bash("", "") else { return };
    shell.type_line("awsenv use dev && echo YES");
    assert_eq!(shell.expect_question(), QUESTION);
    shell.terminal.mark().send("\x03");
    let stopped = shell.prompt();
    assert!(stopped.status == 130 && !stopped.text.contains("YES"), "{stopped:?}");
    assert_eq!(shell.run("echo ${AWS_PROFILE-none}").text, "none\n", "and nothing changed");
    shell.type_line("awsenv use dev && echo YES");
    shell.expect_question();
    let switched = shell.answer("").prompt();
    assert!(switched.text == "YES\n" && switched.segment == "dev expired ", "{switched:?}");
    shell.type_line("awsenv use prod");
    shell.expect_question();
    let signed_in = shell.answer(&desk.device.code()).prompt();
    assert!(signed_in.text.starts_with("awsenv: prod is good until "), "{signed_in:?}");
    assert!(signed_in.status == 0 && signed_in.segment.starts_with("prod 1"), "{signed_in:?}");
}

#[test]
fn refresh_asks_and_passes_its_status_on() {
    let Some(desk) = Desk::new(-60) else { return };
    let Some(mut shell) = desk.bash("", "") else { return };
    let question = "MFA code for /dev (arn:aws:iam::123456789012:mfa/taro), Ctrl-C to stop: ";
    for command in ["refresh", "login"] {
        shell.type_line(&format!("awsenv {command} /dev"));
        assert_eq!(shell.expect_question(), question);
        shell.terminal.mark().send("\x03");
        let stopped = shell.prompt();
        assert!(stopped.status == 130 && shell.terminal.since_mark().starts_with("^C\n"), "{stopped:?}");
    }
    shell.type_line("awsenv refresh /dev; echo status $?");
    assert_eq!(shell.expect_question(), question);
    let done = shell.answer(&desk.device.code()).prompt();
    assert!(done.text.starts_with("awsenv: /dev is good until ") && done.text.ends_with("status 0\n"), "{done:?}");
    let again = shell.run("awsenv refresh /dev");
    assert!(again.text.contains("/dev is still good until ") && again.status == 0, "{again:?}");
    assert_eq!(shell.run("awsenv refresh --no-such >/dev/null 2>&1").status, 2);
    assert_eq!(shell.run("awsenv refresh no-such 2>/dev/null").status, 1);
}

/// Neither that bash answers for it, nor the hook's own rule for words.
#[test]
fn what_the_program_starts_sees_what_it_would_without_the_hook() {
    let Some(desk) = Desk::new(-60) else { return };
    let process = format!("mfa_process = set >seen& echo {}", desk.device.code());
    desk.home.config(format!("[profile dev]\nregion = eu-west-1\n{process}\n"));
    let Some(mut shell) = desk.bash("export MSYS2_ARG_CONV_EXCL=/own", "") else { return };
    let done = shell.run("awsenv refresh dev");
    assert!(done.text.contains("awsenv: dev is good until "), "{done:?}");
    let seen = desk.home.text("seen").replace('\r', "");
    let ours: Vec<&str> =
        seen.lines().filter(|l| ["MSYS2_", "AWSENV_A"].iter().any(|start| l.starts_with(start))).collect();
    assert_eq!(ours, ["MSYS2_ARG_CONV_EXCL=/own"]);
}

#[test]
fn without_a_name_use_shows_a_list_and_asks_for_a_line() {
    let Some(desk) = Desk::new(7230) else { return };
    let Some(mut shell) = desk.bash("", "") else { return };
    shell.type_line("awsenv use");
    let list = shell.terminal.find("the list", |text| text.ends_with("to stop): ").then(|| text.to_owned()));
    assert!(list.contains("  1  dev") && list.contains("mfa  123456789012"), "{list}");
    shell.answer("pro").prompt();
    assert_eq!(shell.run("echo $AWS_PROFILE").text, "prod\n");
    shell.type_line("awsenv use");
    shell.terminal.expect("  1  prod").expect("to stop): ").send("\x03");
    assert_eq!(shell.prompt().status, 130);
}

#[test]
fn other_commands_run_as_they_do_elsewhere() {
    let Some(desk) = Desk::new(7230) else { return };
    let Some(mut shell) = desk.bash("export AWS_PROFILE=dev", "") else { return };
    let status = shell.run("awsenv status --json | grep -c '\"profile\":'");
    assert_eq!(status.text, "1\n");
    assert!(shell.run("awsenv list").text.contains("prod"));
    let exported = shell.run("awsenv export dev | grep -c ^AWS_");
    assert!(exported.text.trim().parse::<u32>().is_ok_and(|lines| lines >= 3), "{exported:?}");
    assert_eq!(shell.run("awsenv exec dev -- cmd /c exit 9").status, 9);
}

/// What the kernel saw the shell start while `work` was done; `None` where strace is missing.
fn processes(shell: &mut Session, work: impl FnOnce(&mut Session)) -> Option<Vec<String>> {
    testbed::require("strace")?;
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let trace = folder.path().join("trace");
    let mut strace = Command::new("strace")
        .args(["-f", "-e", "trace=clone,clone3,fork,vfork,execve", "-o"])
        .arg(&trace)
        .args(["-p", &shell.terminal.pid().to_string()])
        .stderr(Stdio::piped())
        .spawn()
        .expect("strace starts");
    let mut attached = String::new();
    let mut said = BufReader::new(strace.stderr.take().expect("it is piped"));
    said.read_line(&mut attached).expect("strace says that it is attached");
    assert!(attached.contains("attached"), "{attached}");
    work(shell);
    rustix::process::kill_process(rustix::process::Pid::from_child(&strace), rustix::process::Signal::INT)
        .expect("strace is there");
    strace.wait().expect("strace ends");
    let calls = std::fs::read_to_string(&trace).expect("strace wrote its file");
    Some(calls.lines().filter(|line| line.contains('(')).map(str::to_owned).collect())
}
