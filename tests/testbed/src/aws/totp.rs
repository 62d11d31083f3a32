//! Time-based one-time passwords: RFC 6238 with SHA-1, six digits, steps of 30 seconds, as AWS's virtual MFA devices.

use hmac::{Hmac, Mac};
use sha1::Sha1;

/// Seconds that a code is shown.
pub const STEP: i64 = 30;

/// The code of a step (seconds since 1970, divided by [`STEP`]).
pub fn code(seed: &[u8], step: i64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(seed).expect("HMAC takes a key of any length");
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    // RFC 4226 section 5.3: the last nibble says where the 31 bits start.
    let start = usize::from(digest[19] & 15);
    let word = u32::from_be_bytes([digest[start], digest[start + 1], digest[start + 2], digest[start + 3]]);
    format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)
}

/// A seed as people type it into an authenticator app: base 32 (RFC 4648) without padding.
pub fn base32(seed: &[u8]) -> String {
    let bits: String = seed.iter().map(|byte| format!("{byte:08b}")).collect();
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let index = |chunk: &[char]| {
        let chunk: String = chunk.iter().collect();
        usize::from_str_radix(&format!("{chunk:0<5}"), 2).expect("only 0 and 1")
    };
    bits.chars().collect::<Vec<_>>().chunks(5).map(|chunk| char::from(letters[index(chunk)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238 appendix B, cut to six digits.
    #[test]
    fn the_vectors_of_the_rfc_hold() {
        let seed = b"12345678901234567890";
        for (time, expected) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(code(seed, time / STEP), expected);
        }
        assert_eq!(base32(seed), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(base32(b"foob"), "MZXW6YQ");
    }
}
