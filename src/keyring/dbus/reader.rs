//! Values out of a message. Its bytes come from another program: every length is checked against what is there, and
//! nothing is allocated by a length that somebody else has written.

use super::fault::Fault;

/// The specification's own limits: arrays in structs in arrays, 32 of each, and as many again for variants.
const DEEPEST: usize = 64;

type Result<T> = std::result::Result<T, Fault>;

/// What is left to read.
#[derive(Clone)]
pub struct Reader<'m> {
    /// From where alignment counts up to where this may read.
    bytes: &'m [u8],
    at: usize,
    big_endian: bool,
}

impl<'m> Reader<'m> {
    /// `bytes` begin at a place of the message that can be divided by eight.
    pub fn new(bytes: &'m [u8], big_endian: bool) -> Self {
        Reader { bytes, at: 0, big_endian }
    }

    /// Whether all is read.
    pub fn is_empty(&self) -> bool {
        self.at == self.bytes.len()
    }

    /// `y`
    pub fn byte(&mut self) -> Result<u8> {
        Ok(self.take(1)?[0])
    }

    /// `u`
    pub fn u32(&mut self) -> Result<u32> {
        self.align(4)?;
        let bytes = self.take(4)?.try_into().map_err(|_| Fault::Broken("a number is cut off"))?;
        Ok(if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    /// `b`
    pub fn bool(&mut self) -> Result<bool> {
        match self.u32()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Fault::Broken("neither true nor false")),
        }
    }

    /// `s`
    pub fn string(&mut self) -> Result<&'m str> {
        let length = self.length()?;
        self.text(length)
    }

    /// `o`, as it may be sent on.
    pub fn path(&mut self) -> Result<&'m str> {
        let path = self.string()?;
        let part = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        match path.strip_prefix('/') {
            Some(parts) if parts.is_empty() || parts.split('/').all(part) => Ok(path),
            _ => Err(Fault::Broken("a path that is none")),
        }
    }

    /// `g`
    pub fn signature(&mut self) -> Result<&'m str> {
        let length = self.byte()?.into();
        self.text(length)
    }

    /// `ay`
    pub fn byte_array(&mut self) -> Result<&'m [u8]> {
        let length = self.length()?;
        self.take(length)
    }

    /// `a`: what reads its elements, each aligned to so many bytes.
    pub fn array(&mut self, alignment: usize) -> Result<Reader<'m>> {
        let length = self.length()?;
        self.align(alignment)?;
        let at = self.at;
        self.take(length)?;
        Ok(Reader { bytes: &self.bytes[..self.at], at, big_endian: self.big_endian })
    }

    /// `ao`
    pub fn paths(&mut self) -> Result<Vec<String>> {
        let mut array = self.array(4)?;
        let mut paths = Vec::new();
        while !array.is_empty() {
            paths.push(array.path()?.to_owned());
        }
        Ok(paths)
    }

    /// A struct or a dictionary's entry begins.
    pub fn begin_struct(&mut self) -> Result<()> {
        self.align(8)
    }

    /// Goes past a `v`, whatever is in it.
    pub fn skip_variant(&mut self) -> Result<()> {
        self.skip_variant_within(DEEPEST)
    }

    fn skip_variant_within(&mut self, depth: usize) -> Result<()> {
        let signature = self.signature()?.as_bytes();
        let rest = self.skip(signature, depth)?;
        if rest.is_empty() { Ok(()) } else { Err(Fault::Broken("a variant of several values")) }
    }

    /// Goes past the first value of this signature; gives the signature behind it.
    fn skip<'s>(&mut self, signature: &'s [u8], depth: usize) -> Result<&'s [u8]> {
        let depth = depth.checked_sub(1).ok_or(Fault::Broken("values too deep in each other"))?;
        let (&kind, rest) = signature.split_first().ok_or(Fault::Broken("a signature is cut off"))?;
        match kind {
            b'y' => self.take(1).map(drop)?,
            b'n' | b'q' => self.fixed(2)?,
            b'b' | b'i' | b'u' | b'h' => self.fixed(4)?,
            b'x' | b't' | b'd' => self.fixed(8)?,
            b's' | b'o' => self.string().map(drop)?,
            b'g' => self.signature().map(drop)?,
            b'v' => self.skip_variant_within(depth)?,
            b'a' => {
                let &element = rest.first().ok_or(Fault::Broken("a signature is cut off"))?;
                self.array(alignment(element)?)?;
                return past(rest, depth);
            }
            b'(' | b'{' => {
                self.begin_struct()?;
                let mut inside = rest;
                while !matches!(inside.first(), Some(b')' | b'}')) {
                    inside = self.skip(inside, depth)?;
                }
                return Ok(&inside[1..]);
            }
            _ => return Err(UNKNOWN),
        }
        Ok(rest)
    }

    fn fixed(&mut self, size: usize) -> Result<()> {
        self.align(size)?;
        self.take(size).map(drop)
    }

    fn length(&mut self) -> Result<usize> {
        usize::try_from(self.u32()?).map_err(|_| CUT_OFF)
    }

    /// Text and the NUL behind it.
    fn text(&mut self, length: usize) -> Result<&'m str> {
        let text = self.take(length)?;
        if self.byte()? != 0 || text.contains(&0) {
            return Err(Fault::Broken("a text does not end"));
        }
        std::str::from_utf8(text).map_err(|_| Fault::Broken("a text is not UTF-8"))
    }

    fn take(&mut self, length: usize) -> Result<&'m [u8]> {
        let end = self.at.checked_add(length).ok_or(CUT_OFF)?;
        let bytes = self.bytes.get(self.at..end).ok_or(CUT_OFF)?;
        self.at = end;
        Ok(bytes)
    }

    fn align(&mut self, to: usize) -> Result<()> {
        self.take(self.at.next_multiple_of(to) - self.at).map(drop)
    }
}

const CUT_OFF: Fault = Fault::Broken("it is cut off");
const UNKNOWN: Fault = Fault::Broken("a type that D-Bus does not know");

/// The signature behind its first type.
fn past(signature: &[u8], depth: usize) -> Result<&[u8]> {
    let depth = depth.checked_sub(1).ok_or(Fault::Broken("values too deep in each other"))?;
    let (&kind, rest) = signature.split_first().ok_or(Fault::Broken("a signature is cut off"))?;
    match kind {
        b'a' => past(rest, depth),
        b'(' | b'{' => {
            let mut inside = rest;
            while !matches!(inside.first(), Some(b')' | b'}')) {
                inside = past(inside, depth)?;
            }
            Ok(&inside[1..])
        }
        _ => alignment(kind).map(|_| rest),
    }
}

fn alignment(kind: u8) -> Result<usize> {
    match kind {
        b'y' | b'g' | b'v' => Ok(1),
        b'n' | b'q' => Ok(2),
        b'b' | b'i' | b'u' | b'h' | b's' | b'o' | b'a' => Ok(4),
        b'x' | b't' | b'd' | b'(' | b'{' => Ok(8),
        _ => Err(UNKNOWN),
    }
}
