//! Where the session bus listens: `DBUS_SESSION_BUS_ADDRESS`, or the socket that systemd makes for every login.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use super::fault::Fault;
use crate::host::Host;

/// A socket that a bus may listen at.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Socket {
    Path(PathBuf),
    /// Linux: a name that is no file.
    Abstract(Vec<u8>),
}

/// Connects to the first of the bus's addresses where somebody listens.
pub(super) fn connect(host: &Host) -> Result<UnixStream, Fault> {
    let runtime = host.var("XDG_RUNTIME_DIR").map(|folder| PathBuf::from(folder).join("bus"));
    let Some(addresses) = host.var("DBUS_SESSION_BUS_ADDRESS") else {
        let none = || Fault::NoBus("there is no session bus: DBUS_SESSION_BUS_ADDRESS is not set".into());
        let path = runtime.ok_or_else(none)?;
        return Socket::Path(path.clone()).connect().map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => none(),
            _ => Fault::NoBus(format!("the session bus at {}: {e}", path.display())),
        });
    };
    let mut why = "DBUS_SESSION_BUS_ADDRESS names no address".to_owned();
    for address in addresses.as_bytes().split(|&b| b == b';').filter(|address| !address.is_empty()) {
        let shown = OsStr::from_bytes(address).display();
        match socket(address, runtime.as_deref()) {
            None => why = format!("DBUS_SESSION_BUS_ADDRESS: {shown} is no address that awsenv can use"),
            Some(socket) => match socket.connect() {
                Ok(stream) => return Ok(stream),
                Err(e) => why = format!("the session bus at {shown}: {e}"),
            },
        }
    }
    Err(Fault::NoBus(why))
}

/// One address, `unix:path=/run/user/1000/bus,guid=…`; `None` for other transports (`tcp:`, `unixexec:`, `autolaunch:`).
fn socket(address: &[u8], runtime: Option<&Path>) -> Option<Socket> {
    let mut found = None;
    for pair in address.strip_prefix(b"unix:")?.split(|&b| b == b',') {
        let at = pair.iter().position(|&b| b == b'=')?;
        let value = unescaped(&pair[at + 1..])?;
        match &pair[..at] {
            b"path" => found = Some(Socket::Path(OsString::from_vec(value).into())),
            b"abstract" => found = Some(Socket::Abstract(value)),
            b"runtime" if value == b"yes" => found = Some(Socket::Path(runtime?.to_owned())),
            _ => {}
        }
    }
    found
}

/// `%2c` and the like.
fn unescaped(value: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(value.len());
    let mut rest = value.iter();
    while let Some(&byte) = rest.next() {
        if byte != b'%' {
            plain.push(byte);
            continue;
        }
        let mut digit = || char::from(*rest.next()?).to_digit(16).and_then(|d| u8::try_from(d).ok());
        plain.push(digit()? * 16 + digit()?);
    }
    Some(plain)
}

impl Socket {
    fn connect(&self) -> io::Result<UnixStream> {
        match self {
            Socket::Path(path) => UnixStream::connect(path),
            #[cfg(target_os = "linux")]
            Socket::Abstract(name) => {
                use std::os::linux::net::SocketAddrExt;
                UnixStream::connect_addr(&std::os::unix::net::SocketAddr::from_abstract_name(name)?)
            }
            #[cfg(not(target_os = "linux"))]
            Socket::Abstract(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_addresses_that_desktops_set_are_read() {
        let path = |path: &str| Some(Socket::Path(path.into()));
        let runtime = Some(Path::new("/run/user/7/bus"));
        let read = |address: &str| socket(address.as_bytes(), runtime);
        assert_eq!(read("unix:path=/run/user/7/bus"), path("/run/user/7/bus"));
        assert_eq!(read("unix:guid=0f,path=/tmp/a%20b%2cc"), path("/tmp/a b,c"));
        assert_eq!(read("unix:abstract=/tmp/dbus-x,guid=0f"), Some(Socket::Abstract(b"/tmp/dbus-x".to_vec())));
        assert_eq!(read("unix:runtime=yes"), path("/run/user/7/bus"));
        assert_eq!(socket(b"unix:runtime=yes", None), None);
        for other in ["unix:path", "unix:path=/a%2", "unix:path=/a%zz", "unix:", "tcp:host=x", "autolaunch:", ""] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
