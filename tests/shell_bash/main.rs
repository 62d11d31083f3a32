//! The bash hook in a real bash on a pty: what a person of that shell would notice.
#![cfg(unix)]

mod guard;
mod hostile;
mod neighbours;
mod prompt;
mod text;
mod use_leave;

use std::time::{SystemTime, UNIX_EPOCH};

use testbed::{Home, Session, Shell, trace};

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

/// What the kernel saw the shell start (fork, exec) while `work` was done; `None` where strace is missing.
fn processes(shell: &mut Session, work: impl FnOnce(&mut Session)) -> Option<Vec<String>> {
    let calls = trace::of(shell, work)?;
    let starts = |line: &&str| ["clone", "fork", "exec"].iter().any(|call| line.contains(call));
    Some(calls.lines().filter(starts).map(str::to_owned).collect())
}
