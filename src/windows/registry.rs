//! The registry, as far as setting up needs it: texts in it, and telling others that the environment has changed.

use std::io;
use std::ptr::null_mut;

use windows_sys::Win32::Foundation::{ERROR_FILE_NOT_FOUND, ERROR_SUCCESS};
use windows_sys::Win32::System::LibraryLoader::{GetProcAddress, LOAD_LIBRARY_SEARCH_SYSTEM32, LoadLibraryExW};
use windows_sys::Win32::System::Registry::{
    HKEY, HKEY_CURRENT_USER, HKEY_LOCAL_MACHINE, REG_EXPAND_SZ, REG_SZ, RRF_NOEXPAND, RRF_RT_REG_EXPAND_SZ,
    RRF_RT_REG_SZ, RegGetValueW, RegSetKeyValueW,
};

/// Where a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hive {
    /// `HKEY_CURRENT_USER`
    User,
    /// `HKEY_LOCAL_MACHINE`
    Machine,
}

impl Hive {
    fn handle(self) -> HKEY {
        match self {
            Hive::User => HKEY_CURRENT_USER,
            Hive::Machine => HKEY_LOCAL_MACHINE,
        }
    }
}

/// A text in the registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub text: String,
    /// Whether names like `%USERPROFILE%` in it stand for their values (`REG_EXPAND_SZ`).
    pub expands: bool,
}

/// A text, its names as they stand. `None`: there is no such value.
///
/// # Errors
/// As the system gives them; `InvalidData` for a text that is not UTF-16, which could not be written back the same.
pub fn registry_text(hive: Hive, key: &str, name: &str) -> io::Result<Option<Text>> {
    let (key, name) = (super::wide(key)?, super::wide(name)?);
    let mut room = vec![0_u16; 2048];
    loop {
        let (mut kind, mut bytes) = (0, u32::try_from(room.len() * 2).unwrap_or(u32::MAX));
        let had = bytes;
        let how = RRF_RT_REG_SZ | RRF_RT_REG_EXPAND_SZ | RRF_NOEXPAND;
        // SAFETY: the names end in NUL; the system writes at most `bytes` bytes.
        let answer = unsafe {
            RegGetValueW(
                hive.handle(),
                key.as_ptr(),
                name.as_ptr(),
                how,
                &mut kind,
                room.as_mut_ptr().cast(),
                &mut bytes,
            )
        };
        match answer {
            ERROR_SUCCESS => {
                let text = &room[..(bytes as usize / 2).min(room.len())];
                let end = text.iter().position(|unit| *unit == 0).unwrap_or(text.len());
                let text = String::from_utf16(&text[..end]).map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
                return Ok(Some(Text { text, expands: kind == REG_EXPAND_SZ }));
            }
            ERROR_FILE_NOT_FOUND => return Ok(None),
            _ if bytes > had => room.resize(bytes as usize / 2 + 1, 0),
            code => return Err(io::Error::from_raw_os_error(code.cast_signed())),
        }
    }
}

/// Writes a text for this user; the key is made when it is missing.
///
/// # Errors
/// As the system gives them.
pub fn set_registry_text(key: &str, name: &str, value: &Text) -> io::Result<()> {
    let (key, name, text) = (super::wide(key)?, super::wide(name)?, super::wide(&value.text)?);
    let kind = if value.expands { REG_EXPAND_SZ } else { REG_SZ };
    let bytes = u32::try_from(text.len() * 2).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    // SAFETY: the names end in NUL; so many bytes are there.
    match unsafe { RegSetKeyValueW(HKEY_CURRENT_USER, key.as_ptr(), name.as_ptr(), kind, text.as_ptr().cast(), bytes) }
    {
        ERROR_SUCCESS => Ok(()),
        code => Err(io::Error::from_raw_os_error(code.cast_signed())),
    }
}

/// Tells the programs with windows that the environment has changed: the taskbar starts new ones with it.
pub fn announce_environment() {
    type SendMessageTimeout = unsafe extern "system" fn(isize, u32, usize, *const u16, u32, u32, *mut usize) -> isize;
    const HWND_BROADCAST: isize = 0xffff;
    const WM_SETTINGCHANGE: u32 = 0x1a;
    const SMTO_ABORTIFHUNG: u32 = 2;
    let (Ok(library), Ok(what)) = (super::wide("user32.dll"), super::wide("Environment")) else { return };
    // Loaded here only: it would make each start of awsenv slower.
    // SAFETY: the name ends in NUL, and only the system's own folder is searched.
    let library = unsafe { LoadLibraryExW(library.as_ptr(), null_mut(), LOAD_LIBRARY_SEARCH_SYSTEM32) };
    if library.is_null() {
        return;
    }
    // SAFETY: the name ends in NUL.
    let Some(found) = (unsafe { GetProcAddress(library, c"SendMessageTimeoutW".as_ptr().cast()) }) else { return };
    // SAFETY: this is the function's documented signature, all of whose handles and numbers are as wide as a pointer.
    let send: SendMessageTimeout = unsafe { std::mem::transmute(found) };
    let mut answer = 0;
    // SAFETY: the text ends in NUL and outlives the call, which waits for a second at most.
    unsafe { send(HWND_BROADCAST, WM_SETTINGCHANGE, 0, what.as_ptr(), SMTO_ABORTIFHUNG, 1000, &mut answer) };
}
