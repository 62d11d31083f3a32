//! Whether a process lives, and since when.

use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::sync::OnceLock;

use windows_sys::Win32::Foundation::{ERROR_ACCESS_DENIED, FILETIME, WAIT_TIMEOUT};
use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleW, GetProcAddress};
use windows_sys::Win32::System::Threading::{
    GetProcessTimes, OpenProcess, PROCESS_ACCESS_RIGHTS, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_SYNCHRONIZE,
    WaitForSingleObject,
};

fn open(pid: u32, rights: PROCESS_ACCESS_RIGHTS) -> std::io::Result<OwnedHandle> {
    // SAFETY: takes no pointers.
    let handle = unsafe { OpenProcess(rights, 0, pid) };
    if handle.is_null() {
        return Err(std::io::Error::last_os_error());
    }
    // SAFETY: a handle just opened, which nobody else closes.
    Ok(unsafe { OwnedHandle::from_raw_handle(handle) })
}

/// The moment at which a process started, in 100 ns since 1601. `None`: no such process, or it is not ours to ask about.
pub fn start_time(pid: u32) -> Option<u64> {
    let process = open(pid, PROCESS_QUERY_LIMITED_INFORMATION).ok()?;
    let zero = FILETIME { dwLowDateTime: 0, dwHighDateTime: 0 };
    let (mut created, mut exited, mut kernel, mut user) = (zero, zero, zero, zero);
    // SAFETY: the handle is open, and each pointer is to a FILETIME of ours.
    let known =
        unsafe { GetProcessTimes(process.as_raw_handle(), &mut created, &mut exited, &mut kernel, &mut user) } != 0;
    known.then(|| u64::from(created.dwHighDateTime) << 32 | u64::from(created.dwLowDateTime))
}

/// Whether this is wine, by a function that its library has on top of Windows'.
pub fn is_wine() -> bool {
    static IS_WINE: OnceLock<bool> = OnceLock::new();
    *IS_WINE.get_or_init(|| {
        let Ok(library) = super::wide("ntdll.dll") else { return false };
        // SAFETY: the name ends in NUL; this library is loaded as long as the process lives.
        let library = unsafe { GetModuleHandleW(library.as_ptr()) };
        // SAFETY: the name ends in NUL; the function is not called.
        !library.is_null() && unsafe { GetProcAddress(library, c"wine_get_version".as_ptr().cast()) }.is_some()
    })
}

/// Whether there is such a process and it has not ended: a process that ended stays known while somebody has it open.
pub fn is_alive(pid: u32) -> bool {
    match open(pid, PROCESS_SYNCHRONIZE) {
        // SAFETY: the handle is open.
        Ok(process) => unsafe { WaitForSingleObject(process.as_raw_handle(), 0) == WAIT_TIMEOUT },
        // Somebody else's, but there.
        Err(error) => error.raw_os_error() == Some(ERROR_ACCESS_DENIED.cast_signed()),
    }
}
