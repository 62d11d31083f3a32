//! Values as they stand in a message, in little-endian order.

use secrecy::zeroize::Zeroizing;

/// More than any call here needs, so that the bytes, which may hold a secret, are not moved while they are written.
const ROOM: usize = 16 * 1024;

/// The values of a call.
pub struct Body {
    pub(super) signature: &'static str,
    pub(super) values: Writer,
}

impl Body {
    /// No values.
    pub fn empty() -> Self {
        Body { signature: "", values: Writer::new() }
    }

    /// Values of these types, in this order.
    pub fn new(signature: &'static str, write: impl FnOnce(&mut Writer) -> &mut Writer) -> Self {
        let mut values = Writer::new();
        write(&mut values);
        Body { signature, values }
    }
}

/// Bytes that grow value by value.
pub struct Writer {
    pub(super) bytes: Zeroizing<Vec<u8>>,
}

impl Writer {
    pub(super) fn new() -> Self {
        Writer { bytes: Zeroizing::new(Vec::with_capacity(ROOM)) }
    }

    /// A struct begins, or a dictionary's entry.
    pub fn begin_struct(&mut self) -> &mut Self {
        self.align(8)
    }

    /// `b`
    pub fn bool(&mut self, value: bool) -> &mut Self {
        self.u32(value.into())
    }

    /// `u`
    pub fn u32(&mut self, value: u32) -> &mut Self {
        self.align(4).bytes.extend_from_slice(&value.to_le_bytes());
        self
    }

    /// `s` and `o`; whoever calls sees to it that there is no NUL in it.
    pub fn string(&mut self, value: &str) -> &mut Self {
        self.u32(length(value.len())).bytes.extend_from_slice(value.as_bytes());
        self.byte(0)
    }

    /// `v`: the type of one value, which is written next.
    pub fn variant(&mut self, signature: &str) -> &mut Self {
        self.byte(u8::try_from(signature.len()).unwrap_or(u8::MAX)).bytes.extend_from_slice(signature.as_bytes());
        self.byte(0)
    }

    /// `ay`
    pub fn byte_array(&mut self, value: &[u8]) -> &mut Self {
        self.u32(length(value.len())).bytes.extend_from_slice(value);
        self
    }

    /// `a` of anything that is aligned to so many bytes.
    pub fn array(&mut self, alignment: usize, write: impl FnOnce(&mut Writer)) -> &mut Self {
        self.u32(0);
        let length_ends = self.bytes.len();
        // The padding before the first element does not count.
        self.align(alignment);
        let start = self.bytes.len();
        write(self);
        let long = length(self.bytes.len() - start);
        self.bytes[length_ends - 4..length_ends].copy_from_slice(&long.to_le_bytes());
        self
    }

    /// `a{ss}`
    pub fn dictionary(&mut self, entries: &[(&str, &str)]) -> &mut Self {
        self.array(8, |array| {
            for (key, value) in entries {
                array.begin_struct().string(key).string(value);
            }
        })
    }

    pub(super) fn byte(&mut self, value: u8) -> &mut Self {
        self.bytes.push(value);
        self
    }

    pub(super) fn align(&mut self, to: usize) -> &mut Self {
        while !self.bytes.len().is_multiple_of(to) {
            self.bytes.push(0);
        }
        self
    }
}

/// What is longer could not be sent; the message's own length is checked then.
fn length(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}
