//! Given for 09.4: eight bytes at once, and a text that is asked for them. Both count what
//! they are asked.

use std::cell::Cell;
use std::fmt;
use std::ops::{BitAnd, BitOr, BitXor, Not, Shl, Shr};

std::thread_local! {
    static STEPS: Cell<u32> = const { Cell::new(0) };
}

fn step(bits: u64) -> Word {
    STEPS.set(STEPS.get() + 1);
    Word(bits)
}

/// For graders: how many operations on words there were since the last time this was asked.
pub fn steps() -> u32 {
    STEPS.take()
}

/// Eight bytes of a text in one register: the first is the lowest, whatever the machine. Has
/// the operations that a machine has; each is one step.
#[derive(Clone, Copy)]
pub struct Word(u64);

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.0.to_le_bytes().escape_ascii())
    }
}

impl Word {
    /// These bits; as a constant it is no step.
    pub const fn new(bits: u64) -> Self {
        Self(bits)
    }

    /// Eight times the same byte; as a constant it is no step.
    pub const fn all(byte: u8) -> Self {
        Self(u64::from_le_bytes([byte; 8]))
    }

    /// The sum, without the carry out of the highest bit.
    pub fn wrapping_add(self, other: Self) -> Self {
        step(self.0.wrapping_add(other.0))
    }

    /// The difference, without the borrow.
    pub fn wrapping_sub(self, other: Self) -> Self {
        step(self.0.wrapping_sub(other.0))
    }

    /// The lower half of the product.
    pub fn wrapping_mul(self, other: Self) -> Self {
        step(self.0.wrapping_mul(other.0))
    }

    /// Whether no bit is set.
    pub fn is_zero(self) -> bool {
        step(self.0).0 == 0
    }

    /// How many bits are 0 below the lowest that is set; 64 if none is.
    pub fn trailing_zeros(self) -> u32 {
        step(self.0).0.trailing_zeros()
    }
}

impl BitAnd for Word {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        step(self.0 & other.0)
    }
}

impl BitOr for Word {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        step(self.0 | other.0)
    }
}

impl BitXor for Word {
    type Output = Self;

    fn bitxor(self, other: Self) -> Self {
        step(self.0 ^ other.0)
    }
}

impl Not for Word {
    type Output = Self;

    fn not(self) -> Self {
        step(!self.0)
    }
}

impl Shl<u32> for Word {
    type Output = Self;

    fn shl(self, bits: u32) -> Self {
        step(self.0 << bits)
    }
}

impl Shr<u32> for Word {
    type Output = Self;

    fn shr(self, bits: u32) -> Self {
        step(self.0 >> bits)
    }
}

/// What has come in so far.
pub struct Text<'a> {
    bytes: &'a [u8],
    words: Cell<usize>,
    singles: Cell<usize>,
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a text of {} bytes", self.bytes.len())
    }
}

impl<'a> Text<'a> {
    /// For graders: these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            words: Cell::default(),
            singles: Cell::default(),
        }
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The eight bytes from `at` on; `None` if there are fewer.
    pub fn word(&self, at: usize) -> Option<Word> {
        self.words.set(self.words.get() + 1);
        let eight = self.bytes.get(at..)?.first_chunk()?;
        Some(Word(u64::from_le_bytes(*eight)))
    }

    /// The byte at `at`; `None` if the text ends before.
    pub fn byte(&self, at: usize) -> Option<u8> {
        self.singles.set(self.singles.get() + 1);
        self.bytes.get(at).copied()
    }

    /// For graders: how many words and how many single bytes were asked for.
    pub fn asked(&self) -> (usize, usize) {
        (self.words.get(), self.singles.get())
    }
}
