//! The binary's size, and the memory of what runs at prompts.

use std::process::Stdio;

use crate::fixture::Programs;
use crate::report::Row;

const MB: f64 = 1e6;

#[allow(clippy::cast_precision_loss, reason = "a few million")]
pub fn rows(programs: &Programs) -> Vec<Row> {
    let home = programs.home();
    let file = std::fs::metadata(&programs.awsenv).expect("the binary was just built");
    let mut rows = vec![Row::at_most("the binary", file.len() as f64 / MB, 6.0, "MB")];
    for args in [&["prompt"][..], &["hook", "bash", "1"], &["init", "bash"]] {
        let memory = peak(home.awsenv(args).stdin(Stdio::null()).stdout(Stdio::null())) as f64 / MB;
        rows.push(Row::at_most(format!("memory of awsenv {}", args.join(" ")), memory, 6.0, "MB"));
    }
    rows
}

/// The most memory that a program had at once, in bytes.
#[allow(clippy::zombie_processes, reason = "wait4 waits for it, and tells more than `wait`")]
fn peak(command: &mut std::process::Command) -> u64 {
    let child = command.spawn().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let pid = libc::pid_t::try_from(child.id()).expect("a process id");
    let mut status = 0;
    // SAFETY: all-zero bytes are a valid rusage; both pointers are to locals that outlive the call; the child is ours and
    // nobody else waits for it.
    #[allow(unsafe_code)]
    let (waited, usage) = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        (libc::wait4(pid, &raw mut status, 0, &raw mut usage), usage)
    };
    assert!(waited == pid && status == 0, "{command:?}: status {status}");
    let kept = u64::try_from(usage.ru_maxrss).unwrap_or_default();
    // Kilobytes, on macOS bytes.
    if cfg!(target_os = "macos") { kept } else { kept * 1024 }
}
