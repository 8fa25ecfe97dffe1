//! Three hashes, written to be timed: something small with a known answer.
//!
//! None of them is for secrets. [`fnv1a`] mixes byte after byte by multiplication;
//! [`crc32`] divides polynomials by table, and [`v1_bitwise`] is the same sum without the
//! table; [`sip`] is the standard library's.
//!
//! ```
//! use threadbare::measure::hash;
//!
//! // The check values that every description of these hashes gives.
//! assert_eq!(hash::fnv1a(b"foobar"), 0x85944171f73967e8);
//! assert_eq!(hash::crc32(b"123456789"), 0xcbf43926);
//! ```

use std::hash::{DefaultHasher, Hasher};

// ANCHOR: fnv1a
/// Hashes `bytes` by 64-bit FNV-1a: one exclusive or and one multiplication a byte, each
/// waiting for the one before.
pub fn fnv1a(bytes: &[u8]) -> u64 {
    const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    bytes.iter().fold(OFFSET_BASIS, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(PRIME)
    })
}
// ANCHOR_END: fnv1a

/// The CRC-32 of zip, gzip, PNG and Ethernet, bits reversed.
const POLYNOMIAL: u32 = 0xedb8_8320;

/// CRC-32 as the definition says it, bit after bit: eight steps a byte.
pub mod v1_bitwise {
    /// Returns the CRC-32 of `bytes`.
    pub fn crc32(bytes: &[u8]) -> u32 {
        !bytes
            .iter()
            .fold(!0, |crc, &byte| super::eight_bits(crc ^ u32::from(byte)))
    }
}

/// Shifts eight bits out of `crc`, dividing by the polynomial.
const fn eight_bits(mut crc: u32) -> u32 {
    let mut bit = 0;
    while bit < 8 {
        // All ones if the lowest bit is set, else zero: no branch to guess wrong.
        let divide = (crc & 1).wrapping_neg();
        crc = (crc >> 1) ^ (POLYNOMIAL & divide);
        bit += 1;
    }
    crc
}

// ANCHOR: crc32
/// What eight steps do to each of the 256 possible low bytes, worked out by the compiler.
static TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut low = 0;
    while low < 256 {
        table[low] = eight_bits(low as u32);
        low += 1;
    }
    table
};

/// Returns the CRC-32 of `bytes`: one look into a table of 1 KiB a byte.
pub fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, &byte| {
        let low = (crc ^ u32::from(byte)) & 0xff;
        (crc >> 8) ^ TABLE[low as usize]
    })
}
// ANCHOR_END: crc32

/// Hashes `bytes` by the standard library's `DefaultHasher`, today SipHash-1-3 with a key
/// of zeros. Std does not promise to keep that algorithm: never store its results.
pub fn sip(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fnv1a_gives_the_published_values() {
        assert_eq!(fnv1a(b""), 0xcbf29ce484222325);
        assert_eq!(fnv1a(b"a"), 0xaf63dc4c8601ec8c);
        assert_eq!(fnv1a(b"foobar"), 0x85944171f73967e8);
    }

    #[test]
    fn crc32_gives_the_published_values() {
        for crc32 in [crc32, v1_bitwise::crc32] {
            assert_eq!(crc32(b""), 0);
            assert_eq!(crc32(b"a"), 0xe8b7be43);
            assert_eq!(crc32(b"123456789"), 0xcbf43926);
            assert_eq!(
                crc32(b"The quick brown fox jumps over the lazy dog"),
                0x414fa339
            );
        }
    }

    #[test]
    fn the_table_and_the_bits_agree_on_every_byte() {
        let bytes: Vec<u8> = (0..=255).collect();
        for from in 0..bytes.len() {
            assert_eq!(crc32(&bytes[from..]), v1_bitwise::crc32(&bytes[from..]));
        }
    }

    #[test]
    fn sip_tells_inputs_apart() {
        assert_eq!(sip(b"one"), sip(b"one"));
        assert_ne!(sip(b"one"), sip(b"two"));
    }
}
