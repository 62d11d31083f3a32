//! The console while a person answers: single keys, nothing echoed, Ctrl-C as a key. It is put back on every way out: end of
//! scope, closed window, panic.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::time::Duration;

use windows_sys::Win32::System::Console::{
    ENABLE_ECHO_INPUT, ENABLE_EXTENDED_FLAGS, ENABLE_LINE_INPUT, ENABLE_MOUSE_INPUT, ENABLE_PROCESSED_INPUT,
    ENABLE_PROCESSED_OUTPUT, ENABLE_QUICK_EDIT_MODE, ENABLE_VIRTUAL_TERMINAL_INPUT, ENABLE_VIRTUAL_TERMINAL_PROCESSING,
    ENABLE_WINDOW_INPUT, ENABLE_WRAP_AT_EOL_OUTPUT,
};
use windows_sys::Win32::UI::Input::KeyboardAndMouse::{
    VK_CANCEL, VK_DOWN, VK_MENU, VK_NEXT, VK_PRIOR, VK_SPACE, VK_UP,
};

use super::keys::OwnKeys;
use super::tty::{Console, Tty};
use crate::windows::{self, Input, Key, Watch};

/// How often a question looks up from the keyboard: has another process renewed the session.
const TICK: Duration = Duration::from_millis(200);

/// What a command line leaves on.
pub(super) const LINE_MODE: u32 = ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT;

/// What a question needs off: with `VIRTUAL_TERMINAL` keys would come as sequences, the mouse would wake it for nothing.
const OFF: u32 = LINE_MODE | ENABLE_VIRTUAL_TERMINAL_INPUT | ENABLE_MOUSE_INPUT | ENABLE_WINDOW_INPUT;

/// The same and, so that Ctrl-C is a key and not an event for every program of the console, `PROCESSED`: PowerShell would
/// stop what it is doing, a batch file ask whether to end. Not so in wine, whose console goes deaf at a Ctrl-C that is a key
/// (seen in wine 10: its thread that reads the terminal ends); there the event is noted.
fn off() -> u32 {
    if windows::is_wine() { OFF } else { OFF | ENABLE_PROCESSED_INPUT }
}

/// Something that happened while a person answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// A byte was typed.
    Byte(u8),
    /// Nothing for a moment.
    Tick,
    /// Another program had set the console otherwise: show the question again.
    Back,
    /// Ctrl-Break, or Ctrl-C from elsewhere: stop.
    Interrupted,
    /// The console is gone.
    Gone,
}

/// The console in single-key mode, until dropped.
pub(crate) struct Raw<'a> {
    console: &'a Console,
    /// The modes of input and screen that are put back.
    before: (u32, u32),
    watch: Watch,
    /// Bytes of a key that have not been given yet.
    waiting: VecDeque<u8>,
    /// The first half of a character beyond 16 bits.
    half: Option<u16>,
}

impl<'a> Raw<'a> {
    /// Sets the console and drops what was typed ahead, so that text meant for the shell does not become an answer.
    pub fn begin(tty: &'a Tty) -> io::Result<Self> {
        // A shell that answers for us gives whole lines.
        let console = tty.console().ok_or(io::ErrorKind::Unsupported)?;
        let before = (windows::mode(&console.input)?, windows::mode(&console.screen)?);
        let kept = console.clone();
        let watch = windows::watch(move || put_back(&kept, before))?;
        // From here on it is put back, also where the rest fails.
        let raw = Raw { console, before, watch, waiting: VecDeque::new(), half: None };
        raw.set()?;
        windows::flush(&console.input)?;
        Ok(raw)
    }

    /// Drops what was typed so far.
    pub fn flush(&mut self) {
        self.waiting.clear();
        self.half = None;
        let _ = windows::flush(&self.console.input);
    }

    /// The person's own editing keys: there are none here.
    pub fn keys(&self) -> OwnKeys {
        OwnKeys::default()
    }

    /// The next thing that happens; waits for a moment at most.
    ///
    /// Takes one key at a time: what was typed behind the answer stays in the console for the shell.
    pub fn next(&mut self) -> Event {
        if self.watch.came() {
            return Event::Interrupted;
        }
        if let Some(byte) = self.waiting.pop_front() {
            return Event::Byte(byte);
        }
        match windows::mode(&self.console.input) {
            Err(_) => return Event::Gone,
            Ok(mode) if mode & off() & !ENABLE_WINDOW_INPUT != 0 => {
                return if self.take_again(mode).is_ok() { Event::Back } else { Event::Gone };
            }
            Ok(_) => {}
        }
        match windows::wait(&self.console.input, TICK) {
            Err(_) => return Event::Gone,
            Ok(false) => return Event::Tick,
            Ok(true) => {}
        }
        match windows::next(&self.console.input) {
            Err(_) => Event::Gone,
            Ok(Input::Other) => Event::Tick,
            Ok(Input::Key(key)) => {
                self.waiting.extend(bytes_of(key, &mut self.half));
                self.waiting.pop_front().map_or(Event::Tick, Event::Byte)
            }
        }
    }

    /// Sets the modes again; what is there now is what will be put back, since somebody else wants it so.
    fn take_again(&mut self, mode: u32) -> io::Result<()> {
        self.before.0 = mode;
        self.set()
    }

    fn set(&self) -> io::Result<()> {
        let (input, screen) = self.before;
        // Without the extended flag the console would forget whether the mouse selects text.
        windows::set_mode(
            &self.console.input,
            (input & !off()) | ENABLE_EXTENDED_FLAGS | (input & ENABLE_QUICK_EDIT_MODE),
        )?;
        let shows = ENABLE_PROCESSED_OUTPUT | ENABLE_WRAP_AT_EOL_OUTPUT | ENABLE_VIRTUAL_TERMINAL_PROCESSING;
        // Before Windows 10 there are no sequences; questions need none.
        let _ = windows::set_mode(&self.console.screen, screen | shows);
        Ok(())
    }
}

impl Drop for Raw<'_> {
    fn drop(&mut self) {
        put_back(self.console, self.before);
    }
}

fn put_back(console: &Console, (input, screen): (u32, u32)) {
    let set = |handle: &File, mode| windows::set_mode(handle, mode);
    let _ = set(&console.input, input);
    let _ = set(&console.screen, screen);
}

/// What a key types, as the bytes that a Unix terminal sends for it.
fn bytes_of(key: Key, half: &mut Option<u16>) -> Vec<u8> {
    // Alt with digits types its character when Alt is let go.
    if !key.down && key.code != VK_MENU {
        return Vec::new();
    }
    let typed = match key.code {
        VK_UP => b"\x1b[A".to_vec(),
        VK_DOWN => b"\x1b[B".to_vec(),
        VK_PRIOR => b"\x1b[5~".to_vec(),
        VK_NEXT => b"\x1b[6~".to_vec(),
        VK_CANCEL => vec![3],
        // Ctrl with space types NUL, as other keys do that type nothing.
        VK_SPACE if key.unit == 0 => vec![b' '],
        _ => character(key.unit, half),
    };
    typed.repeat(if key.down { usize::from(key.times.max(1)) } else { 1 })
}

fn character(unit: u16, half: &mut Option<u16>) -> Vec<u8> {
    if unit == 0 {
        return Vec::new();
    }
    let units: Vec<u16> = half.take().into_iter().chain([unit]).collect();
    if (0xd800..0xdc00).contains(&unit) {
        *half = Some(unit);
        return Vec::new();
    }
    String::from_utf16_lossy(&units).into_bytes()
}

/// Does work during which Ctrl-C is only noted, true where it came: it is meant for another program on this console, or the
/// work has to come to its end.
pub fn noting_ctrl_c<T>(work: impl FnOnce() -> T) -> (T, bool) {
    let Ok(watch) = windows::watch(|| {}) else { return (work(), false) };
    let done = work();
    (done, watch.came())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: &[(bool, u16, u16)]) -> Vec<u8> {
        let mut half = None;
        let key = |&(down, code, unit): &(bool, u16, u16)| Key { down, times: 1, code, unit };
        keys.iter().flat_map(|k| bytes_of(key(k), &mut half)).collect()
    }

    #[test]
    fn keys_become_what_a_terminal_sends() {
        assert_eq!(typed(&[(true, 0x34, 0x34), (false, 0x34, 0x34)]), b"4");
        assert_eq!(typed(&[(true, VK_UP, 0), (true, VK_NEXT, 0)]), b"\x1b[A\x1b[6~");
        assert_eq!(typed(&[(true, 0x43, 3)]), [3]);
        assert_eq!(typed(&[(true, VK_CANCEL, 0)]), [3]);
        assert_eq!(typed(&[(true, 0x10, 0)]), b"", "shift alone");
    }

    #[test]
    fn characters_beyond_sixteen_bits_come_in_halves_and_alt_codes_at_the_end() {
        assert_eq!(typed(&[(true, 0, 0xd83d), (false, 0, 0xd83d), (true, 0, 0xde80)]), "🚀".as_bytes());
        assert_eq!(typed(&[(true, 0, 0xd83d), (true, 0x41, 0x61)]), "\u{fffd}a".as_bytes());
        assert_eq!(typed(&[(true, VK_MENU, 0), (false, VK_MENU, 0xe9)]), "é".as_bytes());
    }
}
