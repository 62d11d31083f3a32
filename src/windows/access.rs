//! Who may do what with a file. What is new is its owner's alone, as mode 0600 and 0700 are elsewhere.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::windows::ffi::OsStringExt;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::path::Path;
use std::ptr::null_mut;
use std::sync::OnceLock;

use windows_sys::Win32::Foundation::{GENERIC_READ, GENERIC_WRITE, INVALID_HANDLE_VALUE, LocalFree};
use windows_sys::Win32::Security::Authorization::{
    ConvertSecurityDescriptorToStringSecurityDescriptorW, ConvertSidToStringSidW,
    ConvertStringSecurityDescriptorToSecurityDescriptorW, SDDL_REVISION_1,
};
use windows_sys::Win32::Security::{
    DACL_SECURITY_INFORMATION, GetFileSecurityW, GetSecurityDescriptorControl, GetTokenInformation,
    OBJECT_SECURITY_INFORMATION, OWNER_SECURITY_INFORMATION, PROTECTED_DACL_SECURITY_INFORMATION, PSECURITY_DESCRIPTOR,
    SE_DACL_PROTECTED, SECURITY_ATTRIBUTES, SetFileSecurityW, TOKEN_QUERY, TOKEN_USER, TokenUser,
    UNPROTECTED_DACL_SECURITY_INFORMATION,
};
use windows_sys::Win32::Storage::FileSystem::{
    CREATE_NEW, CreateDirectoryW, CreateFileW, FILE_APPEND_DATA, FILE_ATTRIBUTE_NORMAL, FILE_FLAG_OPEN_REPARSE_POINT,
    FILE_SHARE_DELETE, FILE_SHARE_READ, FILE_SHARE_WRITE, OPEN_ALWAYS, SYNCHRONIZE,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

/// How a file of ours comes to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// New, or an error; to be read and written.
    New,
    /// New or the one that is there; to be read and written.
    IfMissing,
    /// The same, but only to be added to.
    ToAppend,
}

/// Opens a file, never through a link; where it is made, its owner alone may touch it.
///
/// # Errors
/// As the system gives them.
pub fn open_private(path: &Path, how: Created) -> io::Result<File> {
    let name = super::wide(path)?;
    let owners = Descriptor::owner_only("")?;
    let attributes = owners.attributes();
    let (access, disposition) = match how {
        Created::New => (GENERIC_READ | GENERIC_WRITE, CREATE_NEW),
        Created::IfMissing => (GENERIC_READ | GENERIC_WRITE, OPEN_ALWAYS),
        Created::ToAppend => (FILE_APPEND_DATA | GENERIC_READ | SYNCHRONIZE, OPEN_ALWAYS),
    };
    let share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    let flags = FILE_ATTRIBUTE_NORMAL | FILE_FLAG_OPEN_REPARSE_POINT;
    // SAFETY: the name ends in NUL; the attributes and the descriptor in them live until the call is over.
    let handle =
        unsafe { CreateFileW(name.as_ptr(), access, share, &raw const attributes, disposition, flags, null_mut()) };
    if handle == INVALID_HANDLE_VALUE {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: a handle just opened, which nobody else closes.
    Ok(unsafe { File::from_raw_handle(handle) })
}

/// Makes a folder that its owner alone may look into; what others put into it inherits that.
///
/// # Errors
/// As the system gives them.
pub fn create_folder(path: &Path) -> io::Result<()> {
    let name = super::wide(path)?;
    let owners = Descriptor::owner_only("OICI")?;
    let attributes = owners.attributes();
    // SAFETY: the name ends in NUL; the attributes and the descriptor in them live until the call is over.
    super::check(unsafe { CreateDirectoryW(name.as_ptr(), &raw const attributes) })
}

/// Owner and access of a file as text, in Microsoft's security descriptor definition language.
///
/// # Errors
/// As the system gives them.
pub fn sddl(path: &Path) -> io::Result<String> {
    let parts = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
    let found = security_of(path, parts)?;
    let mut text = null_mut();
    // SAFETY: the descriptor is whole, and the system allocates the text.
    super::check(unsafe {
        ConvertSecurityDescriptorToStringSecurityDescriptorW(
            pointer(&found),
            SDDL_REVISION_1,
            parts,
            &mut text,
            null_mut(),
        )
    })?;
    Ok(taken(text))
}

/// Gives one file the access of another.
///
/// # Errors
/// As the system gives them.
pub fn copy_access(from: &Path, to: &Path) -> io::Result<()> {
    let found = security_of(from, DACL_SECURITY_INFORMATION)?;
    let (mut control, mut revision) = (0, 0);
    // SAFETY: the descriptor is whole, the other pointers are to numbers of ours.
    super::check(unsafe { GetSecurityDescriptorControl(pointer(&found), &mut control, &mut revision) })?;
    let inherits = match control & SE_DACL_PROTECTED {
        0 => UNPROTECTED_DACL_SECURITY_INFORMATION,
        _ => PROTECTED_DACL_SECURITY_INFORMATION,
    };
    let name = super::wide(to)?;
    // SAFETY: the name ends in NUL, the descriptor is whole.
    super::check(unsafe { SetFileSecurityW(name.as_ptr(), DACL_SECURITY_INFORMATION | inherits, pointer(&found)) })
}

/// The security id of the user of this process (`S-1-5-21-…`).
///
/// # Errors
/// As the system gives them.
pub fn own_sid() -> io::Result<&'static str> {
    static SID: OnceLock<String> = OnceLock::new();
    match SID.get() {
        Some(sid) => Ok(sid),
        None => find_own_sid().map(|found| SID.get_or_init(|| found).as_str()),
    }
}

fn find_own_sid() -> io::Result<String> {
    let mut token = null_mut();
    // SAFETY: the pseudo handle of this process is always open; the pointer is to a handle of ours.
    super::check(unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &mut token) })?;
    // SAFETY: a handle just opened, which nobody else closes.
    let token = unsafe { OwnedHandle::from_raw_handle(token) };
    let mut room = [0_u64; 32];
    let size = u32::try_from(size_of_val(&room)).unwrap_or_default();
    let mut length = 0;
    // SAFETY: the handle is open; the system writes at most `size` bytes.
    super::check(unsafe {
        GetTokenInformation(token.as_raw_handle(), TokenUser, room.as_mut_ptr().cast(), size, &mut length)
    })?;
    // SAFETY: for TokenUser the system has written a TOKEN_USER at the beginning; the room is aligned for it and lives.
    let user = unsafe { &*room.as_ptr().cast::<TOKEN_USER>() };
    let mut text = null_mut();
    // SAFETY: the id points into the room; the system allocates the text.
    super::check(unsafe { ConvertSidToStringSidW(user.User.Sid, &mut text) })?;
    Ok(taken(text))
}

/// A security descriptor in one piece, aligned.
fn security_of(path: &Path, parts: OBJECT_SECURITY_INFORMATION) -> io::Result<Vec<u64>> {
    let name = super::wide(path)?;
    let mut room = vec![0_u64; 64];
    loop {
        let size = u32::try_from(room.len() * 8).unwrap_or(u32::MAX);
        let mut needed = 0;
        // SAFETY: the name ends in NUL; the system writes at most `size` bytes.
        let read = unsafe { GetFileSecurityW(name.as_ptr(), parts, room.as_mut_ptr().cast(), size, &raw mut needed) };
        match super::check(read) {
            Err(_) if needed > size => room.resize(needed as usize / 8 + 1, 0),
            other => return other.map(|()| room),
        }
    }
}

fn pointer(descriptor: &[u64]) -> PSECURITY_DESCRIPTOR {
    descriptor.as_ptr().cast_mut().cast()
}

/// Text that the system has allocated, which is freed.
fn taken(text: *mut u16) -> String {
    // SAFETY: the system gave a text that ends in NUL.
    let length = (0..).take_while(|&at| unsafe { *text.add(at) } != 0).count();
    // SAFETY: so many units were just read.
    let copied = OsString::from_wide(unsafe { std::slice::from_raw_parts(text, length) });
    // SAFETY: allocated for us by LocalAlloc, and not used behind this.
    unsafe { LocalFree(text.cast()) };
    copied.to_string_lossy().into_owned()
}

/// A security descriptor that the system has allocated.
struct Descriptor(PSECURITY_DESCRIPTOR);

impl Descriptor {
    /// Everything for the owner, nothing for others, nothing inherited from above; `flags` say what inherits it.
    fn owner_only(flags: &str) -> io::Result<Descriptor> {
        let text = super::wide(format!("D:P(A;{flags};FA;;;{})", own_sid()?))?;
        let mut made = null_mut();
        // SAFETY: the text ends in NUL; the system allocates the descriptor.
        super::check(unsafe {
            ConvertStringSecurityDescriptorToSecurityDescriptorW(text.as_ptr(), SDDL_REVISION_1, &mut made, null_mut())
        })?;
        Ok(Descriptor(made))
    }

    fn attributes(&self) -> SECURITY_ATTRIBUTES {
        let size = u32::try_from(size_of::<SECURITY_ATTRIBUTES>()).unwrap_or_default();
        SECURITY_ATTRIBUTES { nLength: size, lpSecurityDescriptor: self.0, bInheritHandle: 0 }
    }
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        // SAFETY: allocated for us by LocalAlloc, and not used behind this.
        unsafe { LocalFree(self.0) };
    }
}
