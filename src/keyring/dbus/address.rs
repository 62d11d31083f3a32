//! Where the session bus listens: `DBUS_SESSION_BUS_ADDRESS`, or the socket that systemd makes for every login.
//!
//! Both come from the environment, which a cloned repository's `.envrc` can set, and whoever listens there gets the secrets
//! that are kept, and gives others. By itself counts the login's own socket alone, `/run/user/UID/bus`, however it is named;
//! any other one after a person has confirmed its address, once.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};

use super::fault::Fault;
use crate::host::Host;
use crate::state::Memory;
use crate::terminal::{Answer, Question, Tty, clean};

const ADDRESS: &str = "DBUS_SESSION_BUS_ADDRESS";
const RUNTIME: &str = "XDG_RUNTIME_DIR";

/// In place of a file's path in [`Memory::confirm`].
const CONFIRMED_AS: &str = "the session bus";

/// A socket that a bus may listen at.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Socket {
    /// Not a relative one.
    Path(PathBuf),
    /// Linux: a name that is no file.
    Abstract(Vec<u8>),
}

/// Connects to the first of the bus's addresses where somebody listens, each within `patience`. An address that is not
/// confirmed is not touched; with a `tty` its person is asked.
pub(super) fn connect(host: &Host, tty: Option<&Tty>, patience: Duration) -> Result<UnixStream, Fault> {
    // XDG's rule: a relative path counts as unset.
    let runtime = host.var(RUNTIME).map(|folder| PathBuf::from(folder).join("bus")).filter(|bus| bus.is_absolute());
    let Some(addresses) = host.var(ADDRESS) else {
        let none = || Fault::NoBus(format!("there is no session bus: {ADDRESS} is not set"));
        let socket = Socket::Path(runtime.ok_or_else(none)?);
        socket.look().map_err(|_| none())?;
        check(host, tty, &socket, RUNTIME)?;
        return socket.connect(patience).map_err(|e| Fault::NoBus(format!("the session bus at {socket}: {e}")));
    };
    let mut why = format!("{ADDRESS} names no address");
    for address in addresses.as_bytes().split(|&b| b == b';').filter(|address| !address.is_empty()) {
        let shown = OsStr::from_bytes(address).display();
        let Some(socket) = socket(address, runtime.as_deref()) else {
            why = format!("{ADDRESS}: {shown} is no address that awsenv can use");
            continue;
        };
        let connected = match socket.look() {
            Ok(()) => {
                check(host, tty, &socket, ADDRESS)?;
                socket.connect(patience)
            }
            Err(e) => Err(e),
        };
        match connected {
            Ok(stream) => return Ok(stream),
            Err(e) => why = format!("the session bus at {shown}: {e}"),
        }
    }
    Err(Fault::NoBus(why))
}

/// Passes a socket that counts. `variable` is what names it.
fn check(host: &Host, tty: Option<&Tty>, socket: &Socket, variable: &str) -> Result<(), Fault> {
    if socket.is_the_logins() {
        return Ok(());
    }
    let (memory, name) = (Memory::of(host), socket.name());
    if memory.confirmed(CONFIRMED_AS, &name) {
        return Ok(());
    }
    let unconfirmed =
        || Fault::Unconfirmed(format!("the session bus at {socket}, which {variable} names, is not confirmed"));
    let Some(tty) = tty else { return Err(unconfirmed()) };
    let question = Question::other("Is that bus yours, now and later? [y/n] ")
        .after(format!("the keyring is on the session bus at {socket} ({variable}), which is not this login's own;"))
        .after("whoever listens there gets the secrets that are kept, and gives others");
    match tty.ask_choice(&question, &["yes", "no"], || false) {
        Answer::Given(0) => {
            memory.confirm(CONFIRMED_AS, &name);
            Ok(())
        }
        Answer::Stop => Err(Fault::Stopped),
        _ => Err(unconfirmed()),
    }
}

/// One address, `unix:path=/run/user/1000/bus,guid=…`; `None` for other transports (`tcp:`, `unixexec:`, `autolaunch:`).
fn socket(address: &[u8], runtime: Option<&Path>) -> Option<Socket> {
    let mut found = None;
    for pair in address.strip_prefix(b"unix:")?.split(|&b| b == b',') {
        let at = pair.iter().position(|&b| b == b'=')?;
        let value = unescaped(&pair[at + 1..])?;
        match &pair[..at] {
            b"path" => {
                found = Some(PathBuf::from(OsString::from_vec(value))).filter(|p| p.is_absolute()).map(Socket::Path)
            }
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
    /// Whether it is where systemd's logins have it: nobody else can make a socket there.
    fn is_the_logins(&self) -> bool {
        let own = format!("/run/user/{}/bus", rustix::process::geteuid().as_raw());
        matches!(self, Socket::Path(path) if path == Path::new(&own))
    }

    /// As an address without what a bus may add to it (`guid=`), and changes at each start.
    fn name(&self) -> Vec<u8> {
        match self {
            Socket::Path(path) => [b"unix:path=", path.as_os_str().as_bytes()].concat(),
            Socket::Abstract(name) => [b"unix:abstract=", name.as_slice()].concat(),
        }
    }

    /// An error where there is no such file; an abstract name can only be tried.
    fn look(&self) -> io::Result<()> {
        match self {
            Socket::Path(path) => std::fs::metadata(path).map(drop),
            Socket::Abstract(_) => Ok(()),
        }
    }

    fn connect(&self, patience: Duration) -> io::Result<UnixStream> {
        let address = match self {
            Socket::Path(path) => SocketAddrUnix::new(path)?,
            #[cfg(target_os = "linux")]
            Socket::Abstract(name) => SocketAddrUnix::new_abstract_name(name)?,
            #[cfg(not(target_os = "linux"))]
            Socket::Abstract(_) => return Err(io::ErrorKind::Unsupported.into()),
        };
        let socket = rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
        // Linux waits for a place in the queue of one that does not accept, for so long as a write may take.
        set_socket_timeout(&socket, Timeout::Send, Some(patience))?;
        match rustix::net::connect(&socket, &address) {
            Ok(()) => Ok(socket.into()),
            Err(rustix::io::Errno::AGAIN) => Err(io::Error::new(io::ErrorKind::TimedOut, "it does not answer")),
            Err(e) => Err(e.into()),
        }
    }
}

impl std::fmt::Display for Socket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&clean(self.name()))
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
        for other in [
            "unix:path",
            "unix:path=bus",
            "unix:path=/a%2",
            "unix:path=/a%zz",
            "unix:",
            "tcp:host=x",
            "autolaunch:",
            "",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }
    #[test]
    fn the_logins_own_bus_counts_by_itself_and_no_other() {
        let home = tempfile::tempdir().expect("a folder for the test");
        let host = Host::fixed(&[], home.path(), crate::time::Timestamp(0));
        let own = format!("/run/user/{}", rustix::process::geteuid().as_raw());
        let counts = |address: &str, runtime: &str| {
            let socket = socket(address.as_bytes(), Some(&Path::new(runtime).join("bus"))).expect("an address");
            check(&host, None, &socket, ADDRESS).is_ok()
        };
        assert!(counts(&format!("unix:path={own}/bus"), "/x"));
        assert!(counts(&format!("unix:path={own}/bus,guid=0f"), "/x"));
        assert!(counts("unix:runtime=yes", &own));
        assert!(!counts("unix:runtime=yes", "/x"));
        let others = ["/other", "/bus/../other", "/../bus"].map(|end| format!("unix:path={own}{end}"));
        for other in others.iter().chain([&format!("unix:abstract={own}/bus"), &"unix:path=/run/user/bus".to_owned()]) {
            assert!(!counts(other, &own), "{other}");
        }
        assert!(std::fs::read_dir(home.path()).expect("a folder").count() <= 1, "nothing but an empty state folder");
    }

    /// Linux holds whoever connects until the other side has accepted one before.
    #[cfg(target_os = "linux")]
    #[test]
    fn one_that_accepts_nobody_is_not_waited_for_for_ever() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let path = folder.path().join("bus");
        let new =
            |flags| rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None).expect("a socket");
        let (listener, address) = (new(SocketFlags::CLOEXEC), SocketAddrUnix::new(&path).expect("a path"));
        rustix::net::bind(&listener, &address).expect("it is bound");
        rustix::net::listen(&listener, 0).expect("it listens");
        let mut waiting = Vec::new();
        loop {
            let socket = new(SocketFlags::NONBLOCK);
            match rustix::net::connect(&socket, &address) {
                Ok(()) => waiting.push(socket),
                Err(rustix::io::Errno::AGAIN) => break,
                Err(e) => panic!("{e}"),
            }
        }
        let failed = Socket::Path(path).connect(Duration::from_millis(20)).expect_err("nobody accepts it");
        assert_eq!(failed.to_string(), "it does not answer");
    }
}
