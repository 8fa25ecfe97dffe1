//! A hash that is quick on short rows of numbers: a state is hashed at every step.

use std::hash::Hasher;

/// Folds words into 64 bits by multiplication, as FxHash and wyhash do.
///
/// Not for tables that an adversary fills. Two of 200,000 states collide with a probability
/// of about one in a billion.
#[derive(Debug, Clone)]
pub(crate) struct Digest(u64);

impl Default for Digest {
    fn default() -> Self {
        Self(0x243F_6A88_85A3_08D3)
    }
}

impl Digest {
    /// Mixes one word in.
    #[inline]
    pub(crate) fn word(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word) * 0x9E37_79B9_7F4A_7C15;
        // The last term keeps the old state when it happens to equal the word.
        self.0 = (product as u64)
            ^ ((product >> 64) as u64).rotate_left(29)
            ^ word.rotate_left(17);
    }

    /// Mixes two words into one.
    pub(crate) fn mix(one: u64, other: u64) -> u64 {
        let mut digest = Self(one);
        digest.word(other);
        digest.word(one.rotate_left(31));
        digest.0
    }
}

impl Hasher for Digest {
    fn finish(&self) -> u64 {
        Self::mix(self.0, 0x1319_8A2E_0370_7344)
    }

    fn write(&mut self, bytes: &[u8]) {
        let mut chunks = bytes.chunks_exact(8);
        for chunk in &mut chunks {
            self.word(u64::from_le_bytes(chunk.try_into().expect("eight bytes")));
        }
        let rest = chunks.remainder();
        if !rest.is_empty() {
            let mut last = [0; 8];
            last[..rest.len()].copy_from_slice(rest);
            self.word(u64::from_le_bytes(last) ^ (rest.len() as u64) << 56);
        }
    }

    fn write_u8(&mut self, word: u8) {
        self.word(u64::from(word));
    }

    fn write_u16(&mut self, word: u16) {
        self.word(u64::from(word));
    }

    fn write_u32(&mut self, word: u32) {
        self.word(u64::from(word));
    }

    fn write_u64(&mut self, word: u64) {
        self.word(word);
    }

    fn write_usize(&mut self, word: usize) {
        self.word(word as u64);
    }
}

/// States are hashed already; to hash them again would be work for nothing.
#[derive(Debug, Default)]
pub(crate) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("states are u64");
    }

    fn write_u64(&mut self, state: u64) {
        self.0 = state;
    }
}
