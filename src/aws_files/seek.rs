//! Looking for bytes.
//!
//! Not with the memchr crate's first door: there the first call asks the processor what it can do, which under a
//! hypervisor takes longer (65 µs) than reading an ordinary config file. What every processor of the kind can do is
//! behind its other doors, without a question; std's own search takes three times as long.

#[cfg(target_arch = "x86_64")]
use memchr::arch::x86_64::sse2::memchr::{One, Two};

/// Where the byte first stands.
pub fn find(byte: u8, text: &[u8]) -> Option<usize> {
    #[cfg(target_arch = "x86_64")]
    if let Some(one) = One::new(byte) {
        return one.find(text);
    }
    memchr::memchr(byte, text)
}

/// Where either byte first stands.
pub fn find_either(a: u8, b: u8, text: &[u8]) -> Option<usize> {
    #[cfg(target_arch = "x86_64")]
    if let Some(two) = Two::new(a, b) {
        return two.find(text);
    }
    memchr::memchr2(a, b, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_found_is_the_first(text in proptest::collection::vec(0_u8..4, 0..12), a in 0_u8..4, b in 0_u8..4) {
            prop_assert_eq!(find(a, &text), text.iter().position(|byte| *byte == a));
            prop_assert_eq!(find_either(a, b, &text), memchr::memchr2(a, b, &text));
        }
    }
}
