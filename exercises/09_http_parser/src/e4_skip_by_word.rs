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

/// Which byte of `word` is the first that a value may not have.
pub fn first_stop(word: Word) -> Option<usize> {
    todo!("a bit for each byte of {word:?} that is below 32 or 127, and is no tab")
}

/// Where the first byte is that a value may not have, from `from` on.
pub fn skip(text: &Text<'_>, from: usize) -> usize {
    todo!("word by word from byte {from} on to the end of {text:?}")
}

// --- to here ---
