//! must say: 30 are enough if each is for all eight bytes
//!
//! A loop over eight bytes, with a word for each.

#[path = "../../../exercises/09_http_parser/given/word.rs"]
pub mod given;

pub use given::{Text, Word};

// --- edit from here ---

/// The highest bit of each byte, and all others.
const HIGH: Word = Word::all(0x80);
const LOW: Word = Word::all(0x7f);

/// Which byte of `word` is the first that a value may not have.
pub fn first_stop(word: Word) -> Option<usize> {
    // The sum of two numbers below 128 carries nothing to the next byte; it has the highest
    // bit if it comes to 128. Rejected: to subtract 32 from each, and see where it borrows. It
    // borrows from the next byte, so a blank behind a tab looks like a control character.
    (0..8)
        .find(|place| {
            let byte = (word >> (8 * place)) & Word::new(0xff);
            let low = (byte >> 5).is_zero() && !(byte ^ Word::new(9)).is_zero();
            low || (byte ^ Word::new(127)).is_zero()
        })
        .map(|place| place as usize)
}

/// Where the first byte is that a value may not have, from `from` on.
pub fn skip(text: &Text<'_>, from: usize) -> usize {
    let mut at = from;
    while let Some(word) = text.word(at) {
        if let Some(stop) = first_stop(word) {
            return at + stop;
        }
        at += 8;
    }
    while let Some(byte) = text.byte(at) {
        if byte.is_ascii_control() && byte != b'\t' {
            break;
        }
        at += 1;
    }
    at
}

// --- to here ---
