//! One connection to the session bus.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use secrecy::zeroize::Zeroizing;

use super::address;
use super::fault::Fault;
use super::message::{self, Header, Message, SIGNAL, START};
use super::writer::Body;
use crate::host::Host;

/// How long a call may take, the start of the program that answers it included. Nothing here is called that waits for a person.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest line of the beginning, which is all text.
const LINE: usize = 4096;

/// The bus itself.
const BUS: &str = "org.freedesktop.DBus";

/// Where a call goes.
#[derive(Debug, Clone, Copy)]
pub struct Call<'c> {
    /// The bus name of the program.
    pub destination: &'c str,
    /// The object.
    pub path: &'c str,
    /// The method's interface.
    pub interface: &'c str,
    /// The method.
    pub member: &'c str,
}

/// A connection with a name of its own.
pub struct Bus {
    socket: UnixStream,
    serial: u32,
}

impl Bus {
    /// Connects and says hello.
    pub fn open(host: &Host) -> Result<Bus, Fault> {
        let socket = address::connect(host)?;
        check_owner(&socket)?;
        socket.set_write_timeout(Some(PATIENCE))?;
        let mut bus = Bus::over(socket);
        bus.sign_in()?;
        bus.call_the_bus("Hello", &Body::empty())?;
        Ok(bus)
    }

    /// A connection that is signed in, or is about to.
    pub(super) fn over(socket: UnixStream) -> Self {
        Bus { socket, serial: 0 }
    }

    /// SASL's EXTERNAL: the kernel tells the bus who is at the other end, the name is only repeated.
    fn sign_in(&mut self) -> Result<(), Fault> {
        let uid = rustix::process::geteuid().as_raw().to_string();
        self.socket.write_all(format!("\0AUTH EXTERNAL {}\r\n", crate::hex::hex(uid.as_bytes())).as_bytes())?;
        let deadline = Instant::now() + PATIENCE;
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            let mut byte = [0];
            self.read_exact(&mut byte, deadline)?;
            line.push(byte[0]);
            if line.len() > LINE {
                return Err(Fault::Broken("it is no bus"));
            }
        }
        if line.starts_with(b"REJECTED") {
            return Err(Fault::NoBus("the session bus does not accept this user".into()));
        }
        if !line.starts_with(b"OK") {
            return Err(Fault::Broken("it is no bus"));
        }
        Ok(self.socket.write_all(b"BEGIN\r\n")?)
    }

    fn call_the_bus(&mut self, member: &str, body: &Body) -> Result<Message, Fault> {
        self.call(Call { destination: BUS, path: "/org/freedesktop/DBus", interface: BUS, member }, body)
    }

    /// Calls a method and waits for its answer. What else comes meanwhile is dropped.
    pub fn call(&mut self, call: Call, body: &Body) -> Result<Message, Fault> {
        let serial = self.send(call, body)?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let message = self.receive(deadline)?;
            if message.answers(serial)? {
                return Ok(message);
            }
        }
    }

    /// Asks the bus for this signal of one object.
    pub fn listen(&mut self, path: &str, interface: &str, member: &str) -> Result<(), Fault> {
        let rule = format!("type='signal',path='{path}',interface='{interface}',member='{member}'");
        self.call_the_bus("AddMatch", &Body::new("s", |w| w.string(&rule))).map(drop)
    }

    /// Calls a method and waits for a signal of the same object, before or after the answer, as long as `go_on` says, which is
    /// asked several times a second and whenever a process's signal comes; `None` where it said no.
    pub fn call_until(
        &mut self,
        call: Call,
        body: &Body,
        signal: &str,
        mut go_on: impl FnMut() -> bool,
    ) -> Result<Option<Message>, Fault> {
        let serial = self.send(call, body)?;
        while go_on() {
            if !self.is_readable()? {
                continue;
            }
            let message = self.receive(Instant::now() + PATIENCE)?;
            let is_it = message.kind == SIGNAL
                && message.sender == call.destination
                && message.path == call.path
                && message.interface == call.interface
                && message.member == signal;
            if is_it {
                return Ok(Some(message));
            }
            message.answers(serial)?;
        }
        Ok(None)
    }

    fn is_readable(&self) -> Result<bool, Fault> {
        const TICK: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
        match poll(&mut [PollFd::new(&self.socket, PollFlags::IN)], Some(&TICK)) {
            Ok(ready) => Ok(ready > 0),
            Err(rustix::io::Errno::INTR) => Ok(false),
            Err(e) => Err(Fault::Io(e.into())),
        }
    }

    fn send(&mut self, call: Call, body: &Body) -> Result<u32, Fault> {
        self.serial += 1;
        let Call { destination, path, interface, member } = call;
        let header = Header { serial: self.serial, destination, path, interface, member };
        self.socket.write_all(&message::call(&header, body)?)?;
        Ok(self.serial)
    }

    pub(super) fn receive(&mut self, deadline: Instant) -> Result<Message, Fault> {
        let mut start = [0; START];
        self.read_exact(&mut start, deadline)?;
        let mut bytes = Zeroizing::new(vec![0; message::length(&start)?]);
        bytes[..START].copy_from_slice(&start);
        self.read_exact(&mut bytes[START..], deadline)?;
        Message::read(&bytes)
    }

    fn read_exact(&mut self, mut into: &mut [u8], deadline: Instant) -> Result<(), Fault> {
        while !into.is_empty() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Fault::Silent);
            }
            self.socket.set_read_timeout(Some(left))?;
            match self.socket.read(into) {
                Ok(0) => return Err(Fault::Io(std::io::ErrorKind::UnexpectedEof.into())),
                Ok(read) => into = &mut into[read..],
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e.into()),
            }
        }
        Ok(())
    }
}

/// Secrets go through this socket as they are: only to a bus of the same user. An abstract name, or a folder that others
/// may write to, is anybody's.
fn check_owner(socket: &UnixStream) -> Result<(), Fault> {
    #[cfg(target_os = "linux")]
    if rustix::net::sockopt::socket_peercred(socket).map_err(std::io::Error::from)?.uid != rustix::process::geteuid() {
        return Err(Fault::NoBus("the session bus belongs to another user".into()));
    }
    #[cfg(not(target_os = "linux"))]
    let _ = socket;
    Ok(())
}
