//! The console: its modes, what is typed, what is shown.

use std::fs::File;
use std::io;
use std::os::windows::io::{AsRawHandle, IntoRawHandle};
use std::time::Duration;

use windows_sys::Win32::Foundation::{HANDLE, WAIT_FAILED, WAIT_OBJECT_0};
use windows_sys::Win32::Storage::FileSystem::{
    FILE_TYPE_PIPE, FileNameInfo, GetFileInformationByHandleEx, GetFileType,
};
use windows_sys::Win32::System::Console::{
    CONSOLE_SCREEN_BUFFER_INFO, ENABLE_PROCESSED_OUTPUT, ENABLE_VIRTUAL_TERMINAL_PROCESSING, FlushConsoleInputBuffer,
    GetConsoleMode, GetConsoleProcessList, GetConsoleScreenBufferInfo, GetConsoleWindow, INPUT_RECORD, KEY_EVENT,
    PeekConsoleInputW, ReadConsoleInputW, STD_ERROR_HANDLE, SetConsoleMode, SetStdHandle, WriteConsoleW,
};
use windows_sys::Win32::System::Threading::WaitForSingleObject;
use windows_sys::Win32::UI::WindowsAndMessaging::IsWindowVisible;

/// What came from the keyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    Key(Key),
    /// The mouse, the window's size, the focus.
    Other,
}

/// A key that was pressed, or let go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    pub down: bool,
    /// How often, while it was held.
    pub times: u16,
    /// Its virtual key code.
    pub code: u16,
    /// The UTF-16 unit that it types, 0 for none.
    pub unit: u16,
}

/// The modes of a console handle. An error: it is no console, or it is gone.
///
/// # Errors
/// As the system gives them.
pub fn mode(console: &File) -> io::Result<u32> {
    mode_of(console.as_raw_handle())
}

/// Sets the modes of a console handle.
///
/// # Errors
/// As the system gives them.
pub fn set_mode(console: &File, mode: u32) -> io::Result<()> {
    // SAFETY: the handle is open; no pointers.
    super::check(unsafe { SetConsoleMode(console.as_raw_handle(), mode) })
}

/// Lets a stream that is a console understand colours. False: it is none, or it is too old.
pub fn enable_colours(stream: &impl AsRawHandle) -> bool {
    let handle = stream.as_raw_handle();
    let Ok(mode) = mode_of(handle) else { return false };
    let wanted = mode | ENABLE_PROCESSED_OUTPUT | ENABLE_VIRTUAL_TERMINAL_PROCESSING;
    // SAFETY: the handle is open while its stream is; no pointers.
    mode == wanted || unsafe { SetConsoleMode(handle, wanted) } != 0
}

/// Whether a stream is a console.
pub fn is_console(stream: &dyn AsRawHandle) -> bool {
    mode_of(stream.as_raw_handle()).is_ok()
}

/// The name of the pipe that a stream is, as `\NAME`; `None`: it is no pipe, or the system does not tell.
pub fn pipe_name(stream: &dyn AsRawHandle) -> Option<String> {
    let handle = stream.as_raw_handle();
    // SAFETY: takes no pointers; what is no open handle is of no type.
    if unsafe { GetFileType(handle) } != FILE_TYPE_PIPE {
        return None;
    }
    // FILE_NAME_INFO: a length in bytes, then so much UTF-16; as numbers of the length's size, for its alignment.
    let mut info = [0_u32; 512];
    let size = u32::try_from(size_of_val(&info)).unwrap_or_default();
    // SAFETY: the handle is open while its stream is; the system writes at most `size` bytes.
    super::check(unsafe { GetFileInformationByHandleEx(handle, FileNameInfo, info.as_mut_ptr().cast(), size) }).ok()?;
    let units = info[1..].iter().flat_map(|pair| [(pair & 0xffff) as u16, (pair >> 16) as u16]);
    let units: Vec<u16> = units.take(info[0] as usize / 2).collect();
    Some(String::from_utf16_lossy(&units))
}

fn mode_of(handle: HANDLE) -> io::Result<u32> {
    let mut mode = 0;
    // SAFETY: the pointer is to a number of ours; a handle that is no console is an error.
    super::check(unsafe { GetConsoleMode(handle, &mut mode) })?;
    Ok(mode)
}

/// Makes a console this process's stderr.
///
/// # Errors
/// As the system gives them.
pub fn set_stderr(console: &File) -> io::Result<()> {
    // Never closed: stderr stays as long as the process.
    let handle = console.try_clone()?.into_raw_handle();
    // SAFETY: the handle is open and stays so.
    super::check(unsafe { SetStdHandle(STD_ERROR_HANDLE, handle) })
}

/// Drops what was typed.
///
/// # Errors
/// As the system gives them.
pub fn flush(input: &File) -> io::Result<()> {
    // SAFETY: plain data, for which zeros are valid.
    let mut record: INPUT_RECORD = unsafe { std::mem::zeroed() };
    let mut there = 0;
    // Under wine a console begins to listen to its terminal when it is first read; until then the terminal echoes and
    // keeps lines for itself.
    // SAFETY: the handle is open; there is room for the one record that is asked for.
    super::check(unsafe { PeekConsoleInputW(input.as_raw_handle(), &mut record, 1, &mut there) })?;
    // SAFETY: the handle is open; no pointers.
    super::check(unsafe { FlushConsoleInputBuffer(input.as_raw_handle()) })
}

/// Waits until something was typed, for `most` at most; whether it was.
///
/// # Errors
/// As the system gives them: the console is gone.
pub fn wait(input: &File, most: Duration) -> io::Result<bool> {
    let most = u32::try_from(most.as_millis()).unwrap_or(u32::MAX - 1);
    // SAFETY: the handle is open; no pointers.
    match unsafe { WaitForSingleObject(input.as_raw_handle(), most) } {
        WAIT_FAILED => Err(io::Error::last_os_error()),
        answer => Ok(answer == WAIT_OBJECT_0),
    }
}

/// Takes one thing that was typed, and waits for it where nothing was.
///
/// # Errors
/// As the system gives them: the console is gone.
pub fn next(input: &File) -> io::Result<Input> {
    // SAFETY: plain data, for which zeros are valid.
    let mut record: INPUT_RECORD = unsafe { std::mem::zeroed() };
    let mut read = 0;
    // SAFETY: the handle is open; there is room for the one record that is asked for.
    super::check(unsafe { ReadConsoleInputW(input.as_raw_handle(), &mut record, 1, &mut read) })?;
    if read != 1 || u32::from(record.EventType) != KEY_EVENT {
        return Ok(Input::Other);
    }
    // SAFETY: the type says that this is the part of the union that was written.
    let key = unsafe { record.Event.KeyEvent };
    // SAFETY: both parts of this union are numbers.
    let unit = unsafe { key.uChar.UnicodeChar };
    Ok(Input::Key(Key { down: key.bKeyDown != 0, times: key.wRepeatCount, code: key.wVirtualKeyCode, unit }))
}

/// Shows text, whatever the console's code page is.
///
/// # Errors
/// As the system gives them.
pub fn write(output: &File, text: &str) -> io::Result<()> {
    let units: Vec<u16> = text.encode_utf16().collect();
    // A console takes 64 KB at a time; half of a character in each is put together again.
    for part in units.chunks(8000) {
        let mut rest = part;
        while !rest.is_empty() {
            let mut written = 0;
            let length = u32::try_from(rest.len()).unwrap_or_default();
            // SAFETY: the handle is open; so many units are there; the last pointer is reserved and null.
            super::check(unsafe {
                WriteConsoleW(output.as_raw_handle(), rest.as_ptr(), length, &mut written, std::ptr::null())
            })?;
            if written == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            rest = rest.get(written as usize..).unwrap_or_default();
        }
    }
    Ok(())
}

/// Rows and columns of what can be seen.
///
/// # Errors
/// As the system gives them.
pub fn screen_size(output: &File) -> io::Result<(usize, usize)> {
    // SAFETY: plain data, for which zeros are valid.
    let mut found: CONSOLE_SCREEN_BUFFER_INFO = unsafe { std::mem::zeroed() };
    // SAFETY: the handle is open; the pointer is to a structure of ours.
    super::check(unsafe { GetConsoleScreenBufferInfo(output.as_raw_handle(), &mut found) })?;
    let seen = found.srWindow;
    let length = |from: i16, to: i16| usize::try_from(i32::from(to) - i32::from(from) + 1).unwrap_or_default();
    Ok((length(seen.Top, seen.Bottom), length(seen.Left, seen.Right)))
}

/// Whether the console has a window of its own on the screen, be it an icon. A pseudo console never has.
pub fn shows_console() -> bool {
    // SAFETY: takes nothing.
    let window = unsafe { GetConsoleWindow() };
    // SAFETY: no pointers; the system knows which windows there are.
    !window.is_null() && unsafe { IsWindowVisible(window) } != 0
}

/// A number that tells this console from the others: its window, which a terminal without windows has too, else the
/// process that has been on it for longest.
pub fn identity() -> u32 {
    // SAFETY: takes nothing.
    let window = unsafe { GetConsoleWindow() } as usize;
    if window != 0 {
        // Handles of windows have 32 bits that count, also in 64-bit programs.
        return (window & 0xffff_ffff) as u32;
    }
    let mut pids = vec![0_u32; 64];
    loop {
        let room = u32::try_from(pids.len()).unwrap_or_default();
        // SAFETY: the system writes at most `room` numbers.
        let count = unsafe { GetConsoleProcessList(pids.as_mut_ptr(), room) };
        match count {
            0 => return 0,
            // The newest comes first.
            count if count <= room => return pids[count as usize - 1],
            count => pids.resize(count as usize + 16, 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::windows::io::FromRawHandle;

    use windows_sys::Win32::Foundation::INVALID_HANDLE_VALUE;
    use windows_sys::Win32::Storage::FileSystem::PIPE_ACCESS_INBOUND;
    use windows_sys::Win32::System::Pipes::{CreateNamedPipeW, PIPE_TYPE_BYTE};

    use super::*;

    #[test]
    fn a_pipe_tells_its_name_and_a_file_is_none() {
        let name = format!("msys-dd50a72ab4668b33-pty{}-to-master", std::process::id());
        let path = super::super::wide(format!(r"\\.\pipe\{name}")).expect("no NUL in it");
        // SAFETY: the name ends in NUL; no security attributes.
        let handle = unsafe {
            CreateNamedPipeW(path.as_ptr(), PIPE_ACCESS_INBOUND, PIPE_TYPE_BYTE, 1, 512, 512, 0, std::ptr::null())
        };
        assert_ne!(handle, INVALID_HANDLE_VALUE, "{}", io::Error::last_os_error());
        // SAFETY: a handle just made, which nobody else closes.
        let pipe = unsafe { File::from_raw_handle(handle) };
        assert_eq!(pipe_name(&pipe).as_deref().and_then(|found| found.strip_prefix('\\')), Some(&name[..]));
        assert!(!is_console(&pipe));
        let file = File::open(std::env::current_exe().expect("it is known")).expect("it is there");
        assert_eq!(pipe_name(&file), None);
    }
}
