//! Whether a process lives, and since when.

use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::sync::OnceLock;

use windows_sys::Win32::Foundation::{ERROR_ACCESS_DENIED, FILETIME, INVALID_HANDLE_VALUE, WAIT_TIMEOUT};
use windows_sys::Win32::System::Diagnostics::ToolHelp::{
    CreateToolhelp32Snapshot, PROCESSENTRY32W, Process32FirstW, Process32NextW, TH32CS_SNAPPROCESS,
};
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

/// The name of the program that started this one (`cmd.exe`). `None`: it has ended.
pub fn parent_program() -> Option<String> {
    let processes = processes();
    let parent = processes.iter().find(|(pid, ..)| *pid == std::process::id())?.1;
    processes.into_iter().find(|(pid, ..)| *pid == parent).map(|(.., name)| name)
}

/// All processes: id, parent's id, program.
fn processes() -> Vec<(u32, u32, String)> {
    // SAFETY: takes no pointers.
    let snapshot = unsafe { CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0) };
    if snapshot == INVALID_HANDLE_VALUE {
        return Vec::new();
    }
    // SAFETY: a handle just opened, which nobody else closes.
    let snapshot = unsafe { OwnedHandle::from_raw_handle(snapshot) };
    // SAFETY: plain data, for which zeros are valid.
    let mut entry: PROCESSENTRY32W = unsafe { std::mem::zeroed() };
    entry.dwSize = u32::try_from(size_of::<PROCESSENTRY32W>()).unwrap_or_default();
    let mut found = Vec::new();
    // SAFETY: the handle is open, the pointer is to a structure of ours, which knows its size.
    let mut more = unsafe { Process32FirstW(snapshot.as_raw_handle(), &mut entry) };
    while more != 0 {
        let end = entry.szExeFile.iter().position(|unit| *unit == 0).unwrap_or(entry.szExeFile.len());
        let name = String::from_utf16_lossy(&entry.szExeFile[..end]);
        found.push((entry.th32ProcessID, entry.th32ParentProcessID, name));
        // SAFETY: as above.
        more = unsafe { Process32NextW(snapshot.as_raw_handle(), &mut entry) };
    }
    found
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
