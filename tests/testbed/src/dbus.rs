//! As much of D-Bus as a test needs to speak to a real bus, or to be one: messages in little-endian order.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

/// Message types.
pub const CALL: u8 = 1;
pub const RETURN: u8 = 2;
pub const ERROR: u8 = 3;
pub const SIGNAL: u8 = 4;

/// The header fields of a message that are looked at or set here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    pub kind: u8,
    pub serial: u32,
    pub path: String,
    pub interface: String,
    pub member: String,
    pub error: String,
    pub reply_to: u32,
    pub destination: String,
    pub sender: String,
    pub signature: String,
}

/// Bytes that grow value by value.
#[derive(Debug, Clone, Default)]
pub struct Values(pub Vec<u8>);

impl Values {
    /// The values of a message, from these steps.
    pub fn of(write: impl FnOnce(&mut Values) -> &mut Values) -> Vec<u8> {
        let mut values = Values::default();
        write(&mut values);
        values.0
    }

    pub fn align(&mut self, to: usize) -> &mut Self {
        self.0.resize(self.0.len().next_multiple_of(to), 0);
        self
    }

    pub fn byte(&mut self, value: u8) -> &mut Self {
        self.0.push(value);
        self
    }

    pub fn number(&mut self, value: u32) -> &mut Self {
        self.align(4).0.extend(value.to_le_bytes());
        self
    }

    /// A text or a path.
    pub fn text(&mut self, value: &str) -> &mut Self {
        self.number(u32::try_from(value.len()).expect("it is short")).0.extend(value.bytes());
        self.byte(0)
    }

    /// A signature, or the beginning of a variant.
    pub fn signature(&mut self, value: &str) -> &mut Self {
        self.byte(u8::try_from(value.len()).expect("it is short")).0.extend(value.bytes());
        self.byte(0)
    }

    pub fn bytes(&mut self, value: &[u8]) -> &mut Self {
        self.number(u32::try_from(value.len()).expect("it is short")).0.extend(value);
        self
    }

    /// A list of paths.
    pub fn paths(&mut self, paths: &[String]) -> &mut Self {
        self.number(0);
        let start = self.0.len();
        for path in paths {
            self.text(path);
        }
        let long = u32::try_from(self.0.len() - start).expect("it is short");
        self.0[start - 4..start].copy_from_slice(&long.to_le_bytes());
        self
    }
}

/// The bytes of a whole message.
pub fn message(header: &Header, body: &[u8]) -> Vec<u8> {
    let mut out = Values::default();
    out.byte(b'l').byte(header.kind).byte(0).byte(1);
    out.number(u32::try_from(body.len()).expect("it is short")).number(header.serial).number(0);
    let texts = [
        (1, "o", &header.path),
        (2, "s", &header.interface),
        (3, "s", &header.member),
        (4, "s", &header.error),
        (6, "s", &header.destination),
        (7, "s", &header.sender),
    ];
    for (field, kind, text) in texts.into_iter().filter(|(_, _, text)| !text.is_empty()) {
        out.align(8).byte(field).signature(kind).text(text);
    }
    if header.reply_to != 0 {
        out.align(8).byte(5).signature("u").number(header.reply_to);
    }
    if !header.signature.is_empty() {
        out.align(8).byte(8).signature("g").signature(&header.signature);
    }
    let long = u32::try_from(out.0.len() - 16).expect("it is short");
    out.0[12..16].copy_from_slice(&long.to_le_bytes());
    out.align(8).0.extend(body);
    out.0
}

/// Reads one message; `None` where the other side has gone.
pub fn receive(stream: &mut UnixStream) -> Option<(Header, Vec<u8>)> {
    let mut bytes = vec![0; 16];
    stream.read_exact(&mut bytes).ok()?;
    let fields = number(&bytes, 12);
    let body = number(&bytes, 4);
    let body_at = (16 + fields).next_multiple_of(8);
    bytes.resize(body_at + body, 0);
    stream.read_exact(&mut bytes[16..]).ok()?;
    let serial = u32::try_from(number(&bytes, 8)).expect("it is one");
    let mut header = Header { kind: bytes[1], serial, ..Header::default() };
    let mut at = 16;
    while at < 16 + fields {
        at = at.next_multiple_of(8);
        let (field, kind) = (bytes[at], bytes[at + 2]);
        at += 4;
        let text = match kind {
            b'u' => {
                at += 4;
                header.reply_to = u32::try_from(number(&bytes, at - 4)).expect("it is one");
                continue;
            }
            b'g' => text(&bytes, at + 1, bytes[at].into()),
            _ => text(&bytes, at + 4, number(&bytes, at)),
        };
        at += text.len() + if kind == b'g' { 2 } else { 5 };
        match field {
            1 => header.path = text,
            2 => header.interface = text,
            3 => header.member = text,
            4 => header.error = text,
            6 => header.destination = text,
            7 => header.sender = text,
            8 => header.signature = text,
            _ => {}
        }
    }
    Some((header, bytes.split_off(body_at)))
}

/// Values that are read one after the other.
pub struct Reader<'m> {
    bytes: &'m [u8],
    at: usize,
}

impl<'m> Reader<'m> {
    pub fn new(bytes: &'m [u8]) -> Self {
        Reader { bytes, at: 0 }
    }

    /// Whether this place is reached.
    pub fn is_at(&self, place: usize) -> bool {
        self.at >= place
    }

    pub fn align(&mut self, to: usize) -> &mut Self {
        self.at = self.at.next_multiple_of(to);
        self
    }

    pub fn number(&mut self) -> usize {
        self.align(4).at += 4;
        number(self.bytes, self.at - 4)
    }

    /// A text or a path.
    pub fn text(&mut self) -> String {
        let length = self.number();
        self.at += length + 1;
        text(self.bytes, self.at - length - 1, length)
    }

    pub fn signature(&mut self) -> String {
        let length = usize::from(self.bytes[self.at]);
        self.at += length + 2;
        text(self.bytes, self.at - length - 1, length)
    }

    pub fn bytes(&mut self) -> &'m [u8] {
        let length = self.number();
        self.at += length;
        &self.bytes[self.at - length..self.at]
    }

    /// Where an array ends that begins here; its elements are aligned to so many bytes.
    pub fn array(&mut self, alignment: usize) -> usize {
        let length = self.number();
        self.align(alignment).at + length
    }

    /// `a{ss}`
    pub fn dictionary(&mut self) -> Vec<(String, String)> {
        let end = self.array(8);
        let mut entries = Vec::new();
        while !self.is_at(end) {
            let key = self.align(8).text();
            entries.push((key, self.text()));
        }
        entries
    }
}

/// The number at a place, as a length.
pub fn number(bytes: &[u8], at: usize) -> usize {
    let number = u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
    usize::try_from(number).expect("it fits")
}

fn text(bytes: &[u8], at: usize, length: usize) -> String {
    String::from_utf8(bytes[at..at + length].to_vec()).expect("it is UTF-8")
}

/// A client of a real bus.
pub struct Client {
    stream: UnixStream,
    serial: u32,
}

impl Client {
    /// Connects to a bus of this user.
    pub fn connect(socket: &std::path::Path) -> Client {
        let mut stream = UnixStream::connect(socket).expect("the bus listens");
        stream.set_read_timeout(Some(crate::pty::DEADLINE)).expect("a socket has one");
        let uid = rustix::process::geteuid().as_raw().to_string();
        let hex: String = uid.bytes().map(|b| format!("{b:02x}")).collect();
        stream.write_all(format!("\0AUTH EXTERNAL {hex}\r\n").as_bytes()).expect("the bus reads");
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).expect("the bus answers");
            line.push(byte[0]);
        }
        assert!(line.starts_with(b"OK"), "{}", String::from_utf8_lossy(&line));
        stream.write_all(b"BEGIN\r\n").expect("the bus reads");
        let mut client = Client { stream, serial: 0 };
        client.call_the_bus("Hello", "", &[]);
        client
    }

    /// Calls the bus itself and gives the values of its answer.
    fn call_the_bus(&mut self, member: &str, signature: &str, values: &[u8]) -> Vec<u8> {
        let bus = "org.freedesktop.DBus";
        self.call([bus, "/org/freedesktop/DBus", bus, member], signature, values)
    }

    /// Calls a method (destination, path, interface, name) and gives the values of its answer.
    pub fn call(&mut self, method: [&str; 4], signature: &str, values: &[u8]) -> Vec<u8> {
        self.serial += 1;
        let [destination, path, interface, member] = method.map(str::to_owned);
        let (serial, signature) = (self.serial, signature.to_owned());
        let call = Header { kind: CALL, serial, path, interface, member, destination, signature, ..Header::default() };
        self.stream.write_all(&message(&call, values)).expect("the bus reads");
        loop {
            let (answer, body) = receive(&mut self.stream).expect("the bus answers");
            if answer.reply_to == serial {
                assert_eq!(answer.kind, RETURN, "{answer:?}: {}", String::from_utf8_lossy(&body));
                return body;
            }
        }
    }

    /// Whether somebody has this name on the bus.
    pub fn has_owner(&mut self, name: &str) -> bool {
        number(&self.call_the_bus("NameHasOwner", "s", &Values::of(|v| v.text(name))), 0) == 1
    }
}
