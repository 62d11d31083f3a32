//! A program on a real terminal of its own: a pty that is its controlling terminal, with a screen.

use std::ffi::OsString;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};
pub use vt100::Screen;

use crate::text;

/// How long the waiting functions wait before they give up.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// What to start, and on how large a terminal.
#[derive(Debug, Clone)]
pub struct Spec {
    /// A path, or a name looked up on the test's own PATH.
    pub program: OsString,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// The whole environment of the program, unless `inherit` is set.
    pub env: Vec<(OsString, OsString)>,
    /// Adds `env` to the test's own environment.
    pub inherit: bool,
    /// The working folder; the test's own when `None`.
    pub cwd: Option<PathBuf>,
    /// Lines of the terminal.
    pub rows: u16,
    /// Columns of the terminal.
    pub cols: u16,
}

impl Spec {
    /// `program` without arguments and environment, on 50 lines of 250 columns (so that few lines wrap).
    pub fn new(program: impl Into<OsString>) -> Self {
        let (args, env) = (Vec::new(), Vec::new());
        Spec { program: program.into(), args, env, inherit: false, cwd: None, rows: 50, cols: 250 }
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<A: Into<OsString>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Adds a variable.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Sets the working folder.
    #[must_use]
    pub fn cwd(mut self, folder: impl AsRef<Path>) -> Self {
        self.cwd = Some(folder.as_ref().to_owned());
        self
    }
}

/// A running program and its terminal. Dropping it hangs up, then kills.
pub struct Terminal {
    child: Child,
    keyboard: File,
    seen: Arc<Seen>,
    mark: usize,
}

#[derive(Default)]
struct Seen {
    output: Mutex<Output>,
    grown: Condvar,
}

struct Output {
    raw: Vec<u8>,
    parser: vt100::Parser<Answers>,
    ended: bool,
}

impl Default for Output {
    fn default() -> Self {
        Output { raw: Vec::new(), parser: vt100::Parser::new_with_callbacks(1, 1, 0, Answers::default()), ended: false }
    }
}

/// What a terminal says when a program asks it something; fish 4 waits for the first.
#[derive(Default)]
struct Answers(Vec<u8>);

impl vt100::Callbacks for Answers {
    fn unhandled_csi(&mut self, screen: &mut Screen, i1: Option<u8>, _i2: Option<u8>, parameters: &[&[u16]], c: char) {
        let first = parameters.first().and_then(|p| p.first()).copied().unwrap_or(0);
        match (i1, first, c) {
            (None, 0, 'c') => self.0.extend(b"\x1b[?62;22c"),
            (None, 6, 'n') => {
                let (row, column) = screen.cursor_position();
                self.0.extend(format!("\x1b[{};{}R", row + 1, column + 1).bytes());
            }
            _ => {}
        }
    }
}

impl Terminal {
    /// Starts the program as the leader of a session of its own, the pty being its controlling terminal.
    pub fn start(spec: Spec) -> Terminal {
        let master = open_master();
        let slave = open_slave(&master);
        let size = Winsize { ws_row: spec.rows, ws_col: spec.cols, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&master, size).expect("the size of a new pty can be set");

        let mut command = Command::new(&spec.program);
        command.args(&spec.args);
        if !spec.inherit {
            command.env_clear();
        }
        command.envs(spec.env.iter().map(|(name, value)| (name, value)));
        if let Some(folder) = &spec.cwd {
            command.current_dir(folder);
        }
        let copy = || Stdio::from(slave.try_clone().expect("the slave side can be duplicated"));
        command.stdin(copy()).stdout(copy()).stderr(copy());
        // SAFETY: runs between fork and exec; only async-signal-safe calls, no allocation.
        #[allow(unsafe_code)]
        unsafe {
            command.pre_exec(become_session_leader);
        }
        let child = command.spawn().unwrap_or_else(|e| panic!("{} does not start: {e}", spec.program.display()));
        drop((command, slave));

        let seen = Arc::new(Seen::default());
        seen.lock().parser = vt100::Parser::new_with_callbacks(spec.rows, spec.cols, 0, Answers::default());
        let keyboard = File::from(master);
        let screen = keyboard.try_clone().expect("the master side can be duplicated");
        let reader = Arc::clone(&seen);
        std::thread::spawn(move || reader.follow(screen));
        Terminal { child, keyboard, seen, mark: 0 }
    }

    /// Types these bytes; Ctrl-C is `b"\x03"`, Enter is `b"\r"`.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        // A program that has ended hears nothing; what the test waits for next will say so.
        let _ = self.keyboard.write_all(bytes.as_ref());
        self
    }

    /// Types a line and Enter.
    pub fn line(&mut self, text: &str) -> &mut Self {
        self.send(format!("{text}\r"))
    }

    /// Waits until the screen is as wanted; panics with `why` and all that was seen after [`DEADLINE`].
    pub fn wait_for(&mut self, what: impl Fn(&Screen) -> bool, why: &str) -> &mut Self {
        self.wait(why, DEADLINE, |output| what(output.parser.screen()).then_some(()));
        self
    }

    /// Waits until the text appears in the output since the last mark. Text that was overwritten later counts too.
    pub fn expect(&mut self, text: &str) -> &mut Self {
        self.expect_within(text, DEADLINE)
    }

    /// [`Terminal::expect`] with a deadline of its own.
    pub fn expect_within(&mut self, text: &str, deadline: Duration) -> &mut Self {
        let mark = self.mark;
        self.wait(&format!("the text {text:?}"), deadline, |output| {
            let new = &output.raw[mark..];
            (text::drawn(new).contains(text) || text::plain(new).contains(text)).then_some(())
        });
        self
    }

    /// Waits until `find` finds something in the text since the last mark, and gives it.
    pub fn find<T>(&mut self, why: &str, find: impl Fn(&str) -> Option<T>) -> T {
        let mark = self.mark;
        self.wait(why, DEADLINE, |output| find(&text::drawn(&output.raw[mark..])))
    }

    /// Types an answer to each question until the program has ended: `answer` is given the last line, which ends in a blank or a
    /// colon. Panics when the program waits for something else for [`DEADLINE`].
    pub fn answer_all(&mut self, answer: impl Fn(&str) -> Option<String>) -> &mut Self {
        let end = Instant::now() + DEADLINE;
        while !self.is_over() {
            assert!(Instant::now() < end, "it waits for something else\n{}", self.seen.lock().report());
            let (seen, text) = (self.raw().len(), self.since_mark());
            let line = text.lines().next_back().unwrap_or_default();
            match Some(line).filter(|line| line.ends_with([' ', ':'])).and_then(&answer) {
                Some(typed) => drop(self.mark().line(&typed)),
                None => drop(self.changed(seen, Duration::from_millis(100))),
            }
        }
        self
    }

    /// Waits until a line is read that is not shown, as by bash's `read -s`.
    pub fn expect_hidden_line(&mut self) -> &mut Self {
        let end = Instant::now() + DEADLINE;
        let is_hidden = |modes: LocalModes| modes.contains(LocalModes::ICANON) && !modes.contains(LocalModes::ECHO);
        while !is_hidden(tcgetattr(self.master()).expect("a terminal has modes").local_modes) {
            assert!(Instant::now() < end, "nothing is read unseen\n{}", self.seen.lock().report());
            std::thread::sleep(Duration::from_millis(5));
        }
        self
    }

    /// From here on counts what is "since the last mark".
    pub fn mark(&mut self) -> &mut Self {
        self.mark = self.seen.lock().raw.len();
        self
    }

    /// The text since the last mark as a person would have read it, lines ended by `\n`.
    pub fn since_mark(&self) -> String {
        text::drawn(&self.seen.lock().raw[self.mark..])
    }

    /// The text since the start, as [`Terminal::since_mark`].
    pub fn everything(&self) -> String {
        text::drawn(&self.seen.lock().raw)
    }

    /// The text on the screen.
    pub fn screen(&self) -> String {
        self.seen.lock().parser.screen().contents()
    }

    /// Every byte that the program has written.
    pub fn raw(&self) -> Vec<u8> {
        self.seen.lock().raw.clone()
    }

    /// Waits until more than `seen` bytes have been written, the program has ended or the time is over,
    /// and gives how many bytes there are now.
    pub fn changed(&self, seen: usize, time: Duration) -> usize {
        let output = self.seen.lock();
        let same = |output: &mut Output| output.raw.len() <= seen && !output.ended;
        let waited = self.seen.grown.wait_timeout_while(output, time, same);
        waited.expect("the reader does not panic").0.raw.len()
    }

    /// The screen as it is now, with its colours, cursor and modes.
    pub fn picture(&self) -> Screen {
        self.seen.lock().parser.screen().clone()
    }

    /// Whether the program has ended and everything it wrote has been read.
    pub fn is_over(&self) -> bool {
        self.seen.lock().ended
    }

    /// Changes the size of the terminal; the program gets SIGWINCH.
    pub fn resize(&mut self, rows: u16, cols: u16) {
        let size = Winsize { ws_row: rows, ws_col: cols, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&self.keyboard, size).expect("the size of an open pty can be set");
        self.seen.lock().parser.screen_mut().set_size(rows, cols);
    }

    /// The process id of the program, which is also its session's and process group's id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The master side, for what the functions here do not offer (the terminal's modes, for example).
    pub fn master(&self) -> &File {
        &self.keyboard
    }

    /// How the program ended; panics with all that was seen when it has not by then.
    pub fn exit_status(&mut self, deadline: Duration) -> ExitStatus {
        match self.ended(deadline) {
            Some(status) => status,
            None => panic!("the program has not ended after {deadline:?}\n{}", self.seen.lock().report()),
        }
    }

    fn ended(&mut self, deadline: Duration) -> Option<ExitStatus> {
        let end = Instant::now() + deadline;
        loop {
            // An error means that somebody else reaped it, which nothing here does.
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                return Some(status);
            }
            if Instant::now() >= end {
                return None;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn wait<T>(&self, why: &str, deadline: Duration, done: impl Fn(&Output) -> Option<T>) -> T {
        let end = Instant::now() + deadline;
        let mut output = self.seen.lock();
        loop {
            if let Some(found) = done(&output) {
                return found;
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || output.ended {
                let how = if output.ended { "the program has ended" } else { "nothing after the deadline" };
                panic!("waited for {why}: {how}\n{}", output.report());
            }
            output = self.seen.grown.wait_timeout(output, left).expect("the reader does not panic").0;
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        for signal in [rustix::process::Signal::HUP, rustix::process::Signal::KILL] {
            if self.ended(Duration::ZERO).is_some() {
                return;
            }
            let pid = rustix::process::Pid::from_child(&self.child);
            let _ = rustix::process::kill_process(pid, signal);
            self.ended(Duration::from_secs(1));
        }
    }
}

impl Seen {
    fn lock(&self) -> MutexGuard<'_, Output> {
        // A panic of a waiting test leaves the output as it is: still good for the report.
        self.output.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Reads until the last holder of the slave side is gone (Linux: EIO).
    fn follow(&self, mut screen: File) {
        let mut chunk = [0; 8192];
        loop {
            let count = match screen.read(&mut chunk) {
                Ok(0) => break,
                Ok(count) => count,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(_) => break,
            };
            let mut output = self.lock();
            output.raw.extend(&chunk[..count]);
            output.parser.process(&chunk[..count]);
            let answers = std::mem::take(&mut output.parser.callbacks_mut().0);
            drop(output);
            self.grown.notify_all();
            let _ = screen.write_all(&answers);
        }
        self.lock().ended = true;
        self.grown.notify_all();
    }
}

impl Output {
    fn report(&self) -> String {
        let screen = self.parser.screen().contents();
        let screen = screen.trim_end().replace('\n', "\n  | ");
        format!("  the screen:\n  | {screen}\n  everything it wrote:\n  {}", self.raw.escape_ascii())
    }
}

fn open_master() -> OwnedFd {
    // CLOEXEC: other tests start programs at the same time, and a master they hold would keep this terminal alive.
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY;
    #[cfg(target_os = "linux")]
    let flags = flags | OpenptFlags::CLOEXEC;
    let master = openpt(flags).expect("the machine has a pty left");
    grantpt(&master).expect("a new pty can be granted");
    unlockpt(&master).expect("a new pty can be unlocked");
    master
}

fn open_slave(master: &OwnedFd) -> OwnedFd {
    use rustix::fs::{Mode, OFlags, open};
    let name = ptsname(master, Vec::new()).expect("a pty has a name");
    open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty()).expect("its slave side can be opened")
}

fn become_session_leader() -> std::io::Result<()> {
    rustix::process::setsid()?;
    rustix::process::ioctl_tiocsctty(rustix::stdio::stdin())?;
    // A test run in the background inherits ignored signals; a person's terminal does not.
    for signal in [libc::SIGINT, libc::SIGQUIT, libc::SIGHUP, libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU] {
        // SAFETY: only resets a disposition; async-signal-safe.
        #[allow(unsafe_code)]
        unsafe {
            libc::signal(signal, libc::SIG_DFL);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str) -> Terminal {
        Terminal::start(Spec::new("/bin/sh").args(["-c", script]).env("PATH", "/usr/bin:/bin"))
    }

    #[test]
    fn the_pty_is_the_controlling_terminal() {
        let mut terminal = sh("read line </dev/tty; echo \"got $line\" >/dev/tty; exit 7");
        terminal.line("hello").expect("got hello");
        assert_eq!(terminal.exit_status(DEADLINE).code(), Some(7));
    }

    #[test]
    fn ctrl_c_interrupts_the_foreground() {
        let mut terminal = sh("trap 'echo stopped; exit 3' INT; echo ready; while :; do read x; done");
        terminal.expect("ready").send(b"\x03").expect("stopped");
        assert_eq!(terminal.exit_status(DEADLINE).code(), Some(3));
    }

    #[test]
    fn marks_size_and_environment_are_exact() {
        let mut terminal = sh("env; stty size; read x; stty size; echo end");
        terminal.expect("50 250");
        assert!(!terminal.since_mark().contains("HOME="), "{}", terminal.since_mark());
        terminal.mark().resize(30, 100);
        terminal.line("").expect("end");
        assert!(terminal.since_mark().contains("30 100"), "{}", terminal.since_mark());
        assert!(!terminal.since_mark().contains("50 250"), "{}", terminal.since_mark());
    }

    #[test]
    #[should_panic(expected = "the program has ended")]
    fn a_program_that_ended_is_not_waited_for() {
        sh("echo bye").expect("never printed");
    }
}
