//! The code page of the console: cmd.exe reads what programs print as bytes of it. On other systems text is UTF-8.

use std::fmt;

/// A code page, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodePage(u32);

/// The number of UTF-8.
#[cfg(not(windows))]
const UTF_8: u32 = 65001;

/// The one of this process's console; without a console the one that cmd takes then.
pub fn of_console() -> CodePage {
    #[cfg(windows)]
    {
        CodePage(system::console_page())
    }
    #[cfg(not(windows))]
    {
        CodePage(UTF_8)
    }
}

impl CodePage {
    /// The text in this code page; `None` where a character is not in it. What comes close to one (best fit: `ō` as `o`)
    /// is another character.
    pub fn encode(self, text: &str) -> Option<Vec<u8>> {
        if text.is_ascii() {
            // The same in every code page of a console.
            return Some(text.as_bytes().to_vec());
        }
        #[cfg(windows)]
        {
            system::encode(self.0, text)
        }
        #[cfg(not(windows))]
        {
            Some(text.as_bytes().to_vec())
        }
    }
}

impl fmt::Display for CodePage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The three calls that std has not.
#[cfg(windows)]
#[allow(
    unsafe_code,
    reason = "code pages are known to the system's functions only; each gets slices with their lengths"
)]
mod system {
    use std::ptr::{null, null_mut};

    use windows_sys::Win32::Globalization::{GetACP, MultiByteToWideChar, WideCharToMultiByte};
    use windows_sys::Win32::System::Console::GetConsoleOutputCP;

    pub fn console_page() -> u32 {
        // SAFETY: neither takes a pointer.
        match unsafe { GetConsoleOutputCP() } {
            0 => unsafe { GetACP() },
            page => page,
        }
    }

    /// There and back: not every code page can tell by itself that it has put something else in a character's place.
    pub fn encode(page: u32, text: &str) -> Option<Vec<u8>> {
        let wide: Vec<u16> = text.encode_utf16().collect();
        let bytes = to_bytes(page, &wide)?;
        (to_wide(page, &bytes)? == wide).then_some(bytes)
    }

    fn to_bytes(page: u32, wide: &[u16]) -> Option<Vec<u8>> {
        let length = i32::try_from(wide.len()).ok()?;
        // SAFETY: the pointer and the length are of one slice; no output is asked for yet.
        let size = unsafe { WideCharToMultiByte(page, 0, wide.as_ptr(), length, null_mut(), 0, null(), null_mut()) };
        let mut bytes = vec![0; usize::try_from(size).ok().filter(|s| *s > 0)?];
        // SAFETY: as above, and the output has the size that the call has just asked for.
        let written = unsafe {
            WideCharToMultiByte(page, 0, wide.as_ptr(), length, bytes.as_mut_ptr(), size, null(), null_mut())
        };
        (written == size).then_some(bytes)
    }

    fn to_wide(page: u32, bytes: &[u8]) -> Option<Vec<u16>> {
        let length = i32::try_from(bytes.len()).ok()?;
        // SAFETY: the pointer and the length are of one slice; no output is asked for yet.
        let size = unsafe { MultiByteToWideChar(page, 0, bytes.as_ptr(), length, null_mut(), 0) };
        let mut wide = vec![0; usize::try_from(size).ok().filter(|s| *s > 0)?];
        // SAFETY: as above, and the output has the size that the call has just asked for.
        let written = unsafe { MultiByteToWideChar(page, 0, bytes.as_ptr(), length, wide.as_mut_ptr(), size) };
        (written == size).then_some(wide)
    }
}
