//! 09.4 (implement): eight bytes at once.
//!
//! Most of a head is values, and in most values there is nothing to find. The parser skips
//! them, up to the first byte that a value may not have: a control character, which is a byte
//! below 32, and 127. The CR at the end of the line is one. The tab (9) may be in a value, and
//! so may all bytes from 128 on.
//!
//! A register holds eight bytes. With a few operations on all eight at once one learns where
//! the first such byte is, or that there is none.
//!
//! Goal:
//!
//! - `first_stop` returns which byte of a word is the first that a value may not have: 0 to 7,
//!   or `None`. It takes 30 operations on words at most, whatever the word: no loop over its
//!   bytes.
//! - `skip` returns where the first such byte of a text is, from `from` on. If there is none,
//!   that is the end of the text. (`from` is nowhere behind the end.)
//! - `skip` asks for each word once, in steps of eight bytes, and for single bytes only where
//!   fewer than eight are left: 7 at most, and it may ask once more at the end.
//!
//! The word and the text are given, in `exercises/09_http_parser/given/word.rs`. Constants, as
//! `Word::all(9)`, are no operations. Beware: what is carried or borrowed from one byte to the
//! next makes of a good byte a bad one, and the other way round.
//!
//! Edit between the markers only. About 25 lines, 20 minutes.
//! Stuck? `cargo hint 09.4`, three levels.
//!
//! A failing run prints a sentence, for instance
//! ```text
//! first_stop(b"a\t bcdef") is Some(2), and it has to be None: b" " may be in a value
//! ```

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
