//! One connection to the session bus.

use std::io;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, recv, send};
use secrecy::zeroize::Zeroizing;

use super::address;
use super::fault::Fault;
use super::message::{self, Header, Message, SIGNAL, START};
use super::writer::Body;
use crate::host::Host;
use crate::terminal::Tty;

/// How long a call may take, the start of the program that answers it included. Nothing here is called that waits for a person.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long nobody looks whether to go on.
const TICK: Duration = Duration::from_millis(100);

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
    /// Connects and says hello. A bus that the environment names counts when it is confirmed; with a `tty` its person is asked.
    pub fn open(host: &Host, tty: Option<&Tty>) -> Result<Bus, Fault> {
        let socket = address::connect(host, tty, PATIENCE)?;
        check_owner(&socket)?;
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
        let deadline = Instant::now() + PATIENCE;
        self.write_all(format!("\0AUTH EXTERNAL {}\r\n", crate::hex::hex(uid.as_bytes())).as_bytes(), deadline)?;
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            let mut byte = [0];
            self.read_exact(&mut byte, deadline, &mut || true)?;
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
        self.write_all(b"BEGIN\r\n", deadline)
    }

    fn call_the_bus(&mut self, member: &str, body: &Body) -> Result<Message, Fault> {
        self.call(Call { destination: BUS, path: "/org/freedesktop/DBus", interface: BUS, member }, body)
    }

    /// Calls a method and waits for its answer. What else comes meanwhile is dropped.
    pub fn call(&mut self, call: Call, body: &Body) -> Result<Message, Fault> {
        let deadline = Instant::now() + PATIENCE;
        let serial = self.send(call, body, deadline)?;
        loop {
            let message = self.receive(deadline)?;
            if message.answers(serial)? {
                return Ok(message);
            }
        }
    }

    /// Calls a method and leaves: nobody wants to know how it ends.
    pub fn tell(&mut self, call: Call, body: &Body) -> Result<(), Fault> {
        self.send(call, body, Instant::now() + TICK).map(drop)
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
        let serial = self.send(call, body, Instant::now() + PATIENCE)?;
        while self.wait(PollFlags::IN, None, &mut go_on)? {
            // A person may take long; a message that has begun may not, nor keep anybody from leaving.
            let Some(message) = self.receive_while(Instant::now() + PATIENCE, &mut go_on)? else { break };
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

    fn send(&mut self, call: Call, body: &Body, deadline: Instant) -> Result<u32, Fault> {
        self.serial += 1;
        let Call { destination, path, interface, member } = call;
        let header = Header { serial: self.serial, destination, path, interface, member };
        self.write_all(&message::call(&header, body)?, deadline)?;
        Ok(self.serial)
    }

    pub(super) fn receive(&mut self, deadline: Instant) -> Result<Message, Fault> {
        self.receive_while(deadline, &mut || true)?.ok_or(Fault::Silent)
    }

    /// The next message; `None` where `go_on` said no before its end, and nothing can be received any more.
    fn receive_while(&mut self, deadline: Instant, go_on: &mut dyn FnMut() -> bool) -> Result<Option<Message>, Fault> {
        let mut start = [0; START];
        if !self.read_exact(&mut start, deadline, go_on)? {
            return Ok(None);
        }
        let mut bytes = Zeroizing::new(vec![0; message::length(&start)?]);
        bytes[..START].copy_from_slice(&start);
        if !self.read_exact(&mut bytes[START..], deadline, go_on)? {
            return Ok(None);
        }
        Message::read(&bytes).map(Some)
    }

    /// False where `go_on` said no before all was there.
    fn read_exact(
        &mut self,
        mut into: &mut [u8],
        deadline: Instant,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<bool, Fault> {
        while !into.is_empty() {
            if !self.wait(PollFlags::IN, Some(deadline), go_on)? {
                return Ok(false);
            }
            match recv(&self.socket, &mut *into, RecvFlags::DONTWAIT) {
                Ok((_, 0)) => return Err(Fault::Io(io::ErrorKind::UnexpectedEof.into())),
                Ok((_, read)) => into = &mut into[read..],
                Err(Errno::INTR | Errno::AGAIN) => {}
                Err(e) => return Err(Fault::Io(e.into())),
            }
        }
        Ok(true)
    }

    fn write_all(&mut self, mut bytes: &[u8], deadline: Instant) -> Result<(), Fault> {
        while !bytes.is_empty() {
            self.wait(PollFlags::OUT, Some(deadline), &mut || true)?;
            match send(&self.socket, bytes, SendFlags::DONTWAIT | SendFlags::NOSIGNAL) {
                Ok(written) => bytes = &bytes[written..],
                Err(Errno::INTR | Errno::AGAIN) => {}
                Err(e) => return Err(Fault::Io(e.into())),
            }
        }
        Ok(())
    }

    /// Waits until the socket can be read or written; false where `go_on` said no, which is asked several times a second and
    /// whenever a process's signal comes.
    fn wait(
        &self,
        for_this: PollFlags,
        deadline: Option<Instant>,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<bool, Fault> {
        while go_on() {
            let left = deadline.map_or(TICK, |deadline| deadline.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return Err(Fault::Silent);
            }
            let tick = Timespec { tv_sec: 0, tv_nsec: left.min(TICK).as_nanos().try_into().unwrap_or(0) };
            match poll(&mut [PollFd::new(&self.socket, for_this)], Some(&tick)) {
                Ok(0) | Err(Errno::INTR) => {}
                Ok(_) => return Ok(true),
                Err(e) => return Err(Fault::Io(e.into())),
            }
        }
        Ok(false)
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
