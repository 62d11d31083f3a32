//! What a shell starts, as strace sees it, and programs that strace kills.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::home::Home;
use crate::shell::{Session, Shell};

/// The calls about processes that a shell makes while `work` is done, as strace prints them; `None` where strace is missing.
pub fn of(session: &mut Session, work: impl FnOnce(&mut Session)) -> Option<String> {
    let strace = crate::require("strace")?;
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let trace = folder.path().join("trace");
    let mut strace = Command::new(strace)
        .args(["-f", "-e", "trace=process", "-o"])
        .arg(&trace)
        .args(["-p", &session.terminal.pid().to_string()])
        .stderr(Stdio::piped())
        .spawn()
        .expect("strace starts");
    // Kept open: strace says more, and would die of a closed pipe.
    let mut said = BufReader::new(strace.stderr.take().expect("it is piped"));
    let mut attached = String::new();
    said.read_line(&mut attached).expect("strace says that it is attached");
    assert!(attached.contains("attached"), "{attached}");
    work(session);
    rustix::process::kill_process(rustix::process::Pid::from_child(&strace), rustix::process::Signal::INT)
        .expect("strace is there");
    strace.wait().expect("strace ends");
    Some(std::fs::read_to_string(&trace).expect("strace wrote its file"))
}

/// The programs that a shell with threads of its own starts while `act` is done, and how many processes are made. strace
/// has seen it from its start on: of a thread it could not be told later which it is. `None` where one of both is missing.
pub fn started(shell: Shell, home: &Home, rc: &str, act: impl FnOnce(&mut Session)) -> Option<(Vec<String>, usize)> {
    let (strace, program) = (crate::require("strace")?, crate::require(shell.program())?);
    // npm's nushell is a link.
    let program = program.canonicalize().expect("it is there");
    let log = home.outside().join("strace");
    let (strace, program, file) = (strace.display(), program.display(), log.display());
    let script = format!("#!/bin/sh\nexec {strace} -f -s 200 -e trace=process -o '{file}' {program} \"$@\"\n");
    let script = home.script(&format!("traced-{}", shell.program()), &script);
    let mut session = Session::start_program(shell, &script, home, rc);
    // The stamp lies a second back while its file's second lasts; from then on counts.
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(1200) {
        session.run(shell.nothing());
    }
    let read = || std::fs::read_to_string(&log).expect("strace writes");
    let before = read().len();
    act(&mut session);
    let text = read()[before..].to_owned();
    let programs = text.lines().filter(|l| l.contains("execve(")).map(str::to_owned).collect();
    // Threads are not processes; which of them a line is about stands where the call begins.
    let begun = text.lines().filter(|l| !l.contains("resumed>"));
    let processes = begun.filter(|l| l.contains("fork(") || (l.contains("clone") && !l.contains("CLONE_THREAD")));
    Some((programs, processes.count()))
}

/// Whether strace is here and may trace. Missing: as [`crate::require`].
pub fn may_trace() -> bool {
    if crate::require("strace").is_none() {
        return false;
    }
    let traces = Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).status();
    let may = traces.is_ok_and(|status| status.success());
    if !may {
        eprintln!("SKIPPED: strace may not trace here");
    }
    may
}

/// Runs awsenv without a terminal, and kills it at the `nth` of these system calls; whether it came to its end before.
pub fn killed(home: &Home, args: &[&str], call: &str, nth: usize) -> bool {
    injected(home, args, &format!("{call}:signal=KILL:when={nth}"))
}

/// Runs awsenv without a terminal, and lets a system call fail (`rename:error=EIO`) or do what else strace can; whether it
/// ended well.
pub fn injected(home: &Home, args: &[&str], what: &str) -> bool {
    let plain = home.command_alone("awsenv");
    let inject = format!("inject={what}");
    let mut strace = Command::new(crate::find("strace").expect("it was there"));
    strace.args(["-f", "-qq", "-o", "/dev/null", "-e", &inject]).arg(plain.get_program());
    strace.args(args).env_clear().current_dir(home.path());
    strace.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    strace.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().expect("strace starts").success()
}
