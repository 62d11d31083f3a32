//! Questions that are answered on standard input, for the one command that has them there because the program it stands in
//! for does: aws-mfa. Every other question is on the controlling terminal.

use std::io::{self, Write};

use secrecy::zeroize::Zeroizing;

/// Writes the question (cleaned) to `out`, and gives the next line of stdin, without its end; `None` at the end of the input.
/// Where it can, it takes no byte behind the line: that may be another program's.
///
/// # Errors
/// [`io::ErrorKind::Interrupted`] for Ctrl-C, so that what is open can be put away; else the system's own.
#[cfg(unix)]
pub fn ask_on_stdin(question: &str, out: &mut dyn Write) -> io::Result<Option<Zeroizing<String>>> {
    // macOS polls no terminal: there Ctrl-C ends the process as it always does.
    if cfg!(target_vendor = "apple") {
        show(question, out)?;
        return read(|| Ok(()));
    }
    // From before the question on: who sees it may press Ctrl-C at once.
    let work = || show(question, out).and_then(|()| read(wait));
    super::noting_ctrl_c(work).0
}

fn show(question: &str, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(super::clean(question).as_bytes())?;
    out.flush()
}

#[cfg(unix)]
fn wait() -> io::Result<()> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let stdin = io::stdin();
    let tick = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };
    loop {
        match poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&tick)) {
            Ok(0) | Err(rustix::io::Errno::INTR) if super::raw::interrupted() => {
                return Err(io::ErrorKind::Interrupted.into());
            }
            Ok(0) | Err(rustix::io::Errno::INTR) => {}
            Ok(_) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(unix)]
fn read(wait: impl Fn() -> io::Result<()>) -> io::Result<Option<Zeroizing<String>>> {
    /// No answer is longer.
    const MOST: usize = 64 << 10;
    let stdin = io::stdin();
    let mut line = Zeroizing::new(Vec::with_capacity(1024));
    loop {
        wait()?;
        let mut byte = [0];
        match rustix::io::read(&stdin, &mut byte) {
            Ok(0) if line.is_empty() => return Ok(None),
            Ok(1) if byte[0] != b'\n' && line.len() < MOST => line.push(byte[0]),
            Ok(_) => return Ok(Some(without_return(String::from_utf8_lossy(&line).into_owned()))),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(windows)]
pub fn ask_on_stdin(question: &str, out: &mut dyn Write) -> io::Result<Option<Zeroizing<String>>> {
    show(question, out)?;
    let mut line = Zeroizing::new(String::with_capacity(1024));
    match io::stdin().read_line(&mut line)? {
        0 => Ok(None),
        _ => Ok(Some(without_return(line.trim_end_matches('\n').to_owned()))),
    }
}

fn without_return(mut line: String) -> Zeroizing<String> {
    if line.ends_with('\r') {
        line.pop();
    }
    Zeroizing::new(line)
}
