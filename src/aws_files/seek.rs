//! Looking for bytes.
//!
//! Not with the memchr crate: its first call asks the processor what it can do, which under a hypervisor takes longer
//! (65 µs) than reading an ordinary config file. The C library's `memchr`, which std calls, was chosen at load time.

use std::io::BufRead;

/// Where the byte first stands.
pub(super) fn find(byte: u8, mut text: &[u8]) -> Option<usize> {
    let whole = text;
    // On a slice this never fails; it stops behind the byte, or at the end.
    let last = text.skip_until(byte).ok()?.checked_sub(1)?;
    (whole[last] == byte).then_some(last)
}

/// Where either byte first stands; for lines, which are short.
pub(super) fn find_either(a: u8, b: u8, text: &[u8]) -> Option<usize> {
    text.iter().position(|byte| *byte == a || *byte == b)
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
