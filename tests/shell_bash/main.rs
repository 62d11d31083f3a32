//! The bash hook in a real bash on a pty: what a person of that shell would notice.
#![cfg(unix)]

mod guard;
mod hostile;
mod neighbours;
mod prompt;
mod text;
mod use_leave;

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use testbed::{Home, Session, Shell};

/// A home with awsenv first on its PATH.
fn home() -> Home {
    Home::new(env!("CARGO_BIN_EXE_awsenv"))
}

/// A bash with the hook loaded between `before` and `after`; `None` where bash is missing.
fn bash(home: &Home, before: &str, after: &str) -> Option<Session> {
    let rc = format!("{before}\n{}\n{after}", Shell::Bash.hook());
    Session::start(Shell::Bash, home, &rc)
}

/// Keys in aws-mfa's layout: a session of `name` that ends in `seconds` (negative: has ended).
fn session(name: &str, seconds: i64) -> String {
    let epoch = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is past 1970").as_secs();
    let end = epoch.checked_add_signed(seconds).expect("the time is in range");
    let end = chrono::DateTime::from_timestamp(end as i64, 0).expect("the time is in range");
    format!(
        "[{name}-long-term]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = long\n\
         aws_mfa_device = arn:aws:iam::123456789012:mfa/taro\n\
         [{name}]\naws_access_key_id = ASIAEXAMPLE\naws_secret_access_key = short\naws_session_token = token\n\
         expiration = {}\n",
        end.format("%Y-%m-%d %H:%M:%S")
    )
}

/// Makes the AWS files an hour old, so that the first prompt's stamp holds for good.
fn age(home: &Home) {
    let then = SystemTime::now() - Duration::from_secs(3600);
    for name in [".aws/credentials", ".aws/config", ".config/awsenv/config", ".aws", ".config/awsenv", ".config", ""] {
        if let Ok(file) = std::fs::File::open(home.path().join(name)) {
            file.set_modified(then).expect("an own file's time can be set");
        }
    }
}

/// What the kernel saw the shell start (fork, exec) while `work` was done; `None` where strace is missing.
fn processes(shell: &mut Session, work: impl FnOnce(&mut Session)) -> Option<Vec<String>> {
    testbed::require("strace")?;
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let trace = folder.path().join("trace");
    let mut strace = Command::new("strace")
        .args(["-f", "-e", "trace=process", "-o"])
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
    let starts = |line: &&str| ["clone", "fork", "exec"].iter().any(|call| line.contains(call));
    Some(calls.lines().filter(starts).map(str::to_owned).collect())
}
