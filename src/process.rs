//! What the system tells about a process, where it does.

/// When a process started, in the system's own words: only good for comparing. With it a process id means one process
/// and not a later one of the same number. `None` when there is no such process or the system does not tell.
pub fn start_time(pid: u32) -> Option<String> {
    #[cfg(target_os = "linux")]
    {
        // proc(5): clock ticks since boot.
        stat_field(&pid.to_string(), 22)
    }
    #[cfg(all(unix, not(target_os = "linux")))]
    {
        // No file tells; this is only asked when a question is due, so that a process more costs nothing.
        let ps = std::process::Command::new("/bin/ps").args(["-o", "lstart=", "-p", &pid.to_string()]).output().ok()?;
        let text = String::from_utf8(ps.stdout).ok()?.trim().to_owned();
        (ps.status.success() && !text.is_empty()).then_some(text)
    }
    #[cfg(windows)]
    {
        crate::windows::start_time(pid).map(|time| time.to_string())
    }
}

/// The process group that a process is in.
#[cfg(unix)]
pub fn group_of(pid: u32) -> Option<u32> {
    #[cfg(target_os = "linux")]
    {
        // 0 for a group from outside of a container, which is no answer to rustix.
        stat_field(&pid.to_string(), 5)?.parse().ok()
    }
    #[cfg(not(target_os = "linux"))]
    {
        let pid = rustix::process::Pid::from_raw(i32::try_from(pid).ok()?)?;
        rustix::process::getpgid(Some(pid)).ok().map(|group| group.as_raw_nonzero().get().cast_unsigned())
    }
}

/// Whether there is such a process.
pub fn is_alive(pid: u32) -> bool {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, test_kill_process};
        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
        pid.is_some_and(|pid| !matches!(test_kill_process(pid), Err(rustix::io::Errno::SRCH)))
    }
    #[cfg(windows)]
    {
        crate::windows::is_alive(pid)
    }
}

/// The name of the program that started this one, as the system tells it: without a path on Linux and Windows.
pub fn parent_program() -> Option<String> {
    #[cfg(target_os = "linux")]
    {
        let comm = std::fs::read(format!("/proc/{}/comm", stat_field("self", 4)?)).ok()?;
        Some(String::from_utf8_lossy(&comm).trim_end().to_owned())
    }
    #[cfg(all(unix, not(target_os = "linux")))]
    {
        let parent = rustix::process::getppid()?.as_raw_nonzero().to_string();
        let ps = std::process::Command::new("/bin/ps").args(["-o", "comm=", "-p", &parent]).output().ok()?;
        // A login shell has a hyphen in front.
        Some(String::from_utf8(ps.stdout).ok()?.trim().trim_start_matches('-').to_owned())
    }
    #[cfg(windows)]
    {
        crate::windows::parent_program()
    }
}

/// The path of this process's controlling terminal (`/dev/pts/3`), where the system tells.
#[cfg(unix)]
pub fn controlling_terminal() -> Option<String> {
    #[cfg(target_os = "linux")]
    {
        let device: u64 = stat_field("self", 7)?.parse().ok()?;
        let (major, minor) = ((device >> 8) & 0xfff, (device & 0xff) | ((device >> 12) & 0xf_ff00));
        match (major, minor) {
            // The kernel's devices.txt: 136 to 143 are pseudo terminals, 4 the consoles and serial lines.
            (136..=143, _) => Some(format!("/dev/pts/{}", (major - 136) * 256 + minor)),
            (4, 0..64) => Some(format!("/dev/tty{minor}")),
            (4, _) => Some(format!("/dev/ttyS{}", minor - 64)),
            _ => None,
        }
    }
    #[cfg(not(target_os = "linux"))]
    {
        use rustix::termios::{tcgetsid, ttyname};
        // `/dev/tty` has only that name: but one of the three standard streams is mostly the terminal itself.
        let session = rustix::process::getsid(None).ok()?;
        let named = |fd: rustix::fd::BorrowedFd<'_>| {
            let ours = tcgetsid(fd).is_ok_and(|s| s == session);
            ours.then(|| ttyname(fd, Vec::new()).ok()).flatten().map(|n| n.to_string_lossy().into_owned())
        };
        named(rustix::stdio::stdin())
            .or_else(|| named(rustix::stdio::stderr()))
            .or_else(|| named(rustix::stdio::stdout()))
    }
}

/// Field `number`, counted from 1 as proc(5) does, of `/proc/PID/stat`.
#[cfg(target_os = "linux")]
fn stat_field(pid: &str, number: usize) -> Option<String> {
    let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
    nth_field(&stat, number)
}

#[cfg(target_os = "linux")]
fn nth_field(stat: &[u8], number: usize) -> Option<String> {
    // The second field, the program's name in parentheses, may hold blanks and parentheses itself.
    let behind_name = stat.iter().rposition(|&b| b == b')')? + 1;
    let rest = std::str::from_utf8(&stat[behind_name..]).ok()?;
    rest.split_ascii_whitespace().nth(number.checked_sub(3)?).map(str::to_owned)
}

#[cfg(all(test, any(target_os = "linux", windows)))]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_program_named_to_confuse_does_not() {
        let stat = b"42 (a) S 9 (b c) S 1 42 42 34819 42 4194304 1 2 3 4 5 6 7 8 20 0 1 0 777 9\n";
        assert_eq!(nth_field(stat, 22).as_deref(), Some("777"));
        assert_eq!(nth_field(stat, 7).as_deref(), Some("34819"));
        assert_eq!(nth_field(b"nonsense", 22), None);
    }

    #[test]
    fn a_process_has_one_start_time_and_lives() {
        let me = std::process::id();
        assert_eq!(start_time(me), start_time(me));
        assert!(start_time(me).is_some_and(|t| t.bytes().all(|b| b.is_ascii_digit())));
        assert_eq!(start_time(u32::MAX), None);
        assert!(is_alive(me) && !is_alive(0) && !is_alive(u32::MAX));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn whoever_started_this_has_a_name() {
        assert!(parent_program().is_some_and(|name| !name.is_empty() && !name.contains('\n')));
    }
}
