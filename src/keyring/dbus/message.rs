//! Whole messages: a header of twelve bytes, its fields, and the values.

use secrecy::zeroize::Zeroizing;

use super::fault::Fault;
use super::reader::Reader;
use super::writer::{Body, Writer};

/// The specification allows 128 MiB; what the Secret Service answers here has a few hundred bytes.
const LONGEST: usize = 1024 * 1024;

/// Up to the length of the header's fields.
pub(super) const START: usize = 16;

/// Message types.
pub(super) const CALL: u8 = 1;
pub(super) const RETURN: u8 = 2;
pub(super) const ERROR: u8 = 3;
pub(super) const SIGNAL: u8 = 4;

/// Header fields.
const PATH: u8 = 1;
const INTERFACE: u8 = 2;
const MEMBER: u8 = 3;
const ERROR_NAME: u8 = 4;
const REPLY_SERIAL: u8 = 5;
const DESTINATION: u8 = 6;
const SENDER: u8 = 7;
const SIGNATURE: u8 = 8;

/// A message that came.
pub struct Message {
    pub(super) kind: u8,
    pub(super) path: String,
    pub(super) interface: String,
    pub(super) member: String,
    pub(super) error: String,
    pub(super) reply_to: u32,
    /// The unique name of the connection that has sent it; the bus vouches for it.
    pub sender: String,
    signature: String,
    big_endian: bool,
    body: Zeroizing<Vec<u8>>,
}

/// The length of the message that begins with these bytes.
pub(super) fn length(start: &[u8; START]) -> Result<usize, Fault> {
    let big_endian = match start[0] {
        b'l' => false,
        b'B' => true,
        _ => return Err(Fault::Broken("it is no message")),
    };
    if start[3] != 1 {
        return Err(Fault::Broken("a version that is not 1"));
    }
    let number = |at: usize| {
        let bytes = [start[at], start[at + 1], start[at + 2], start[at + 3]];
        let number = if big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) };
        usize::try_from(number).ok().filter(|&n| n <= LONGEST).ok_or(Fault::Broken("a message too long"))
    };
    Ok((START + number(12)?).next_multiple_of(8) + number(4)?)
}

impl Message {
    /// A whole message, as long as [`length`] said.
    pub(super) fn read(bytes: &[u8]) -> Result<Message, Fault> {
        let big_endian = bytes.first() == Some(&b'B');
        let mut header = Reader::new(bytes, big_endian);
        let (_order, kind, _flags, _version) = (header.byte()?, header.byte()?, header.byte()?, header.byte()?);
        let body = usize::try_from(header.u32()?).unwrap_or(usize::MAX);
        let _serial = header.u32()?;
        let from = bytes.len().checked_sub(body).ok_or(Fault::Broken("it is cut off"))?;
        let mut message = Message {
            kind,
            path: String::new(),
            interface: String::new(),
            member: String::new(),
            error: String::new(),
            reply_to: 0,
            sender: String::new(),
            signature: String::new(),
            big_endian,
            body: Zeroizing::new(bytes[from..].to_vec()),
        };
        let mut fields = header.array(8)?;
        while !fields.is_empty() {
            message.read_field(&mut fields)?;
        }
        Ok(message)
    }

    fn read_field(&mut self, fields: &mut Reader) -> Result<(), Fault> {
        fields.begin_struct()?;
        let field = fields.byte()?;
        let mut value = fields.clone();
        // What is in it is looked at where its type is the right one.
        fields.skip_variant()?;
        match (field, value.signature()?) {
            (PATH, "o") => value.path()?.clone_into(&mut self.path),
            (INTERFACE, "s") => value.string()?.clone_into(&mut self.interface),
            (MEMBER, "s") => value.string()?.clone_into(&mut self.member),
            (ERROR_NAME, "s") => value.string()?.clone_into(&mut self.error),
            (REPLY_SERIAL, "u") => self.reply_to = value.u32()?,
            (SENDER, "s") => value.string()?.clone_into(&mut self.sender),
            (SIGNATURE, "g") => value.signature()?.clone_into(&mut self.signature),
            _ => {}
        }
        Ok(())
    }

    /// Reads the values, which must be of these types.
    pub fn body(&self, signature: &str) -> Result<Reader<'_>, Fault> {
        if self.signature != signature {
            return Err(Fault::Broken("other values than it should have"));
        }
        Ok(Reader::new(&self.body, self.big_endian))
    }

    /// Whether this is the answer to the call of this number, which may be an error.
    pub(super) fn answers(&self, serial: u32) -> Result<bool, Fault> {
        match self.kind {
            RETURN => Ok(self.reply_to == serial),
            ERROR if self.reply_to == serial => Err(Fault::Refused { name: self.error.clone(), message: self.said() }),
            _ => Ok(false),
        }
    }

    /// What an error says for people: its first value, if that is text.
    pub(super) fn said(&self) -> String {
        let text = self.signature.starts_with('s').then(|| Reader::new(&self.body, self.big_endian).string().ok());
        text.flatten().unwrap_or_default().to_owned()
    }
}

/// Where a call goes.
pub(super) struct Header<'h> {
    pub serial: u32,
    pub destination: &'h str,
    pub path: &'h str,
    pub interface: &'h str,
    pub member: &'h str,
}

/// The bytes of a call.
pub(super) fn call(header: &Header, body: &Body) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let mut out = Writer::new();
    out.byte(b'l').byte(CALL).byte(0).byte(1);
    let long = u32::try_from(body.values.bytes.len()).ok().filter(|&l| l as usize <= LONGEST);
    out.u32(long.ok_or(Fault::Broken("a message too long"))?).u32(header.serial);
    out.array(8, |fields| {
        let names = [(DESTINATION, header.destination), (INTERFACE, header.interface), (MEMBER, header.member)];
        fields.begin_struct().byte(PATH).variant("o").string(header.path);
        for (field, name) in names {
            fields.begin_struct().byte(field).variant("s").string(name);
        }
        if !body.signature.is_empty() {
            // A signature is written as a variant's.
            fields.begin_struct().byte(SIGNATURE).variant("g").variant(body.signature);
        }
    });
    out.align(8).bytes.extend_from_slice(&body.values.bytes);
    Ok(out.bytes)
}
