//! must say: single bytes, and there are words up to byte
//!
//! A `skip` that asks for one byte after the other.

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
    let not_low = (word & LOW).wrapping_add(Word::all(128 - 32)) | word;
    let not_tab = ((word ^ Word::all(b'\t')) & LOW).wrapping_add(LOW) | word;
    let not_del = ((word ^ LOW) & LOW).wrapping_add(LOW) | word;
    let stops = (!not_low & not_tab | !not_del) & HIGH;
    let zeros = stops.trailing_zeros();
    (zeros < 64).then_some(zeros as usize / 8)
}

/// Where the first byte is that a value may not have, from `from` on.
pub fn skip(text: &Text<'_>, from: usize) -> usize {
    let mut at = from;
    while let Some(byte) = text.byte(at) {
        if byte.is_ascii_control() && byte != b'\t' {
            break;
        }
        at += 1;
    }
    at
}

// --- to here ---
