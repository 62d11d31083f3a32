//! The terminal while a person answers: single keys, nothing echoed, no signals from keys. It is put back on every way
//! out: end of scope, SIGTERM, SIGHUP, SIGQUIT, SIGINT from elsewhere, panic.

use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{
    InputModes, LocalModes, OptionalActions, OutputModes, QueueSelector, SpecialCodeIndex, Termios, tcflush, tcgetattr,
    tcsetattr,
};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

use super::keys::OwnKeys;
use super::tty::Tty;

/// How often a question looks up from the keyboard: has another process renewed the session, is the terminal still ours.
const TICK: Duration = Duration::from_millis(200);

/// How long a start of this program takes at most, on a busy machine.
const A_START: Duration = Duration::from_secs(2);

/// Something that happened while a person answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// A byte was typed.
    Byte(u8),
    /// Nothing for a moment.
    Tick,
    /// Somebody else had the terminal (the job was stopped and is back, a pager started beside us): show the question again.
    Back,
    /// SIGINT from elsewhere: stop.
    Interrupted,
    /// The terminal is gone.
    Gone,
}

/// The terminal in single-key mode, until dropped.
pub(crate) struct Raw<'a> {
    tty: &'a Tty,
    before: Termios,
}

impl<'a> Raw<'a> {
    /// Sets the terminal and drops what was typed ahead, so that text meant for the shell does not become an answer.
    /// An error in the background, where setting the terminal would stop the whole job.
    pub fn begin(tty: &'a Tty) -> io::Result<Self> {
        // One that has just started beside us has the terminal before it says that it waits for us.
        let end = Instant::now() + A_START;
        while !tty.is_foreground() {
            if !tty.has_siblings() || Instant::now() >= end {
                return Err(io::ErrorKind::PermissionDenied.into());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let signals = Signals::get()?;
        let before = tcgetattr(&tty.file)?;
        let mut raw = Raw { tty, before };
        signals.set_idle(false);
        raw.set(OptionalActions::Flush)?;
        Ok(raw)
    }

    /// Drops what was typed so far.
    pub fn flush(&mut self) {
        let _ = tcflush(&self.tty.file, QueueSelector::IFlush);
    }

    /// The person's own editing keys.
    pub fn keys(&self) -> OwnKeys {
        let codes = &self.before.special_codes;
        OwnKeys {
            interrupt: codes[SpecialCodeIndex::VINTR],
            erase: codes[SpecialCodeIndex::VERASE],
            kill: codes[SpecialCodeIndex::VKILL],
            end_of_file: codes[SpecialCodeIndex::VEOF],
        }
    }

    /// The next thing that happens; waits for a moment at most. A signal that ends the process does so in here, with the
    /// terminal put back.
    ///
    /// Reads one byte at a time: what was typed behind the answer stays in the terminal for the shell.
    pub fn next(&mut self) -> Event {
        match Signals::taken() {
            0 => {}
            SIGINT => return Event::Interrupted,
            signal => {
                self.put_back();
                self.tty.show("\r\n");
                // Ends the process as the signal would have; it comes back only where the signal is blocked.
                let _ = signal_hook::low_level::emulate_default_handler(signal);
                return Event::Gone;
            }
        }
        match self.tty.listens() {
            Err(_) => return Event::Gone,
            Ok(false) => {
                // Stopped and taken to the background: to read or to set modes there would stop the whole job.
                std::thread::sleep(TICK);
                return Event::Tick;
            }
            Ok(true) => {}
        }
        match self.is_ours() {
            Err(_) => return Event::Gone,
            Ok(true) => {}
            Ok(false) => return if self.take_again().is_ok() { Event::Back } else { Event::Gone },
        }
        self.read()
    }

    fn read(&self) -> Event {
        // macOS cannot poll /dev/tty; there the read itself waits (VTIME, in `set`).
        if !cfg!(target_vendor = "apple") {
            let mut fds = [PollFd::new(&self.tty.file, PollFlags::IN)];
            let tick = Timespec { tv_sec: 0, tv_nsec: i64::from(TICK.subsec_nanos()) as _ };
            match poll(&mut fds, Some(&tick)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => return Event::Tick,
                Ok(_) => {}
                Err(_) => return Event::Gone,
            }
            let happened = fds[0].revents();
            if !happened.contains(PollFlags::IN) {
                return Event::Gone;
            }
        }
        let mut byte = [0];
        match rustix::io::read(&self.tty.file, &mut byte) {
            Ok(1) => Event::Byte(byte[0]),
            // Somebody else took it, or (macOS) nothing came.
            Ok(_) | Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => Event::Tick,
            Err(_) => Event::Gone,
        }
    }

    fn is_ours(&self) -> io::Result<bool> {
        let now = tcgetattr(&self.tty.file)?.local_modes;
        Ok(!now.intersects(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG))
    }

    /// Sets the modes again; what is there now is what will be put back, since somebody else wants it so.
    fn take_again(&mut self) -> io::Result<()> {
        self.before = tcgetattr(&self.tty.file)?;
        self.set(OptionalActions::Drain)
    }

    fn set(&mut self, when: OptionalActions) -> io::Result<()> {
        let mut modes = self.before.clone();
        // Without ISIG Ctrl-C comes as byte 3: fish hangs when a program in its pipeline dies of SIGINT.
        modes.local_modes -= LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG | LocalModes::IEXTEN;
        modes.input_modes |= InputModes::ICRNL;
        modes.input_modes -= InputModes::INLCR | InputModes::IGNCR | InputModes::ISTRIP;
        modes.output_modes |= OutputModes::OPOST | OutputModes::ONLCR;
        modes.special_codes[SpecialCodeIndex::VMIN] = 0;
        modes.special_codes[SpecialCodeIndex::VTIME] = if cfg!(target_vendor = "apple") { 2 } else { 0 };
        *on_panic() = Some((Arc::clone(&self.tty.file), self.before.clone()));
        tcsetattr(&self.tty.file, when, &modes)?;
        Ok(())
    }

    fn put_back(&self) {
        // From the background it is not ours to set (and would stop us): the shell sets its own modes there anyway.
        if self.tty.is_foreground() {
            let _ = tcsetattr(&self.tty.file, OptionalActions::Drain, &self.before);
        }
        *on_panic() = None;
    }
}

impl Drop for Raw<'_> {
    fn drop(&mut self) {
        self.put_back();
        if let Ok(signals) = Signals::get() {
            signals.set_idle(true);
        }
    }
}

/// Does work during which Ctrl-C is only noted, true where it came: it is meant for another program on this terminal, or the
/// work has to come to its end.
pub fn noting_ctrl_c<T>(work: impl FnOnce() -> T) -> (T, bool) {
    let Ok(signals) = Signals::get() else { return (work(), false) };
    signals.uninterrupted.store(false, Ordering::SeqCst);
    let done = work();
    signals.uninterrupted.store(true, Ordering::SeqCst);
    (done, Signals::taken() == SIGINT)
}

/// Whether Ctrl-C came since the last look: for work beside which it is only noted.
pub fn interrupted() -> bool {
    Signals::taken() == SIGINT
}

/// Signals that end a process: while a question is open they are only noted, at other times they do what they always do.
struct Signals {
    idle: Arc<AtomicBool>,
    /// The same for SIGINT alone.
    uninterrupted: Arc<AtomicBool>,
    caught: Arc<AtomicUsize>,
}

impl Signals {
    /// Registers once in a process: signal-hook cannot give a signal its default back.
    fn get() -> io::Result<&'static Signals> {
        static SIGNALS: OnceLock<Result<Signals, io::ErrorKind>> = OnceLock::new();
        SIGNALS.get_or_init(|| Signals::register().map_err(|e| e.kind())).as_ref().map_err(|&kind| kind.into())
    }

    fn register() -> io::Result<Signals> {
        let flag = || Arc::new(AtomicBool::new(true));
        let signals = Signals { idle: flag(), uninterrupted: flag(), caught: Arc::new(AtomicUsize::new(0)) };
        for signal in [SIGTERM, SIGHUP, SIGQUIT, SIGINT] {
            let idle = if signal == SIGINT { &signals.uninterrupted } else { &signals.idle };
            signal_hook::flag::register_conditional_default(signal, Arc::clone(idle))?;
            let number = usize::try_from(signal).unwrap_or(0);
            signal_hook::flag::register_usize(signal, Arc::clone(&signals.caught), number)?;
        }
        let former = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            // The release profile aborts on panic: no destructor runs.
            if let Some((file, modes)) = on_panic().take() {
                let _ = tcsetattr(&file, OptionalActions::Now, &modes);
            }
            former(panic);
        }));
        Ok(signals)
    }

    fn set_idle(&self, idle: bool) {
        self.idle.store(idle, Ordering::SeqCst);
        self.uninterrupted.store(idle, Ordering::SeqCst);
    }

    /// The signal that came since the last look, 0 for none.
    fn taken() -> i32 {
        let caught = Signals::get().map_or(0, |s| s.caught.swap(0, Ordering::SeqCst));
        i32::try_from(caught).unwrap_or(0)
    }
}

/// What a panic puts back.
fn on_panic() -> std::sync::MutexGuard<'static, Option<(Arc<File>, Termios)>> {
    static STATE: Mutex<Option<(Arc<File>, Termios)>> = Mutex::new(None);
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}
