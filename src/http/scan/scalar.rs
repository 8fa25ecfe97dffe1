//! Eight bytes at a time, in one word: the twin for every processor.
//!
//! A *mask* has the highest bit of each byte set where the byte is what we look for. It comes
//! from additions that say "at least n": if the highest bit of a byte is out of the way,
//! adding `0x80 - n` sets it exactly if the rest is n or more, and never carries into the
//! next byte.

/// The name of this twin.
pub const TWIN: &str = "scalar";

/// So many bytes are looked at together.
const BLOCK: usize = 8;

/// Where the first byte is that is no letter, no digit, no `-` and no `.`; the length of
/// `bytes` if there is none at `from` or behind it.
///
/// ```
/// use threadbare::http::scan::scalar;
///
/// assert_eq!(scalar::plain(b"Content-Length: 5", 0), 14);
/// assert_eq!(scalar::plain(b"localhost", 3), 9);
/// ```
// ANCHOR: plain
#[inline]
#[must_use]
pub fn plain(bytes: &[u8], from: usize) -> usize {
    first(bytes, from, |word| {
        let low = word & LOW;
        let small = low | each(0x20);
        let letter = at_least(small, b'a') & !at_least(small, b'z' + 1);
        let digit =
            at_least(low, b'-') & !at_least(low, b'9' + 1) & !equal(low, b'/');
        !(letter | digit) | word
    })
}
// ANCHOR_END: plain

/// Where the first byte is that is not visible ASCII, or `#`.
///
/// ```
/// use threadbare::http::scan::scalar;
///
/// assert_eq!(scalar::visible(b"/path?a=b HTTP/1.1", 0), 9);
/// ```
// ANCHOR: visible
#[inline]
#[must_use]
pub fn visible(bytes: &[u8], from: usize) -> usize {
    first(bytes, from, |word| {
        let low = word & LOW;
        word | !at_least(low, b'!') | at_least(low, 0x7f) | equal(low, b'#')
    })
}
// ANCHOR_END: visible

/// Where the first control character is: below 0x20, or 0x7f.
///
/// ```
/// use threadbare::http::scan::scalar;
///
/// assert_eq!(scalar::control(b"text/html, \xff\r\n", 0), 12);
/// ```
// ANCHOR: control
#[inline]
#[must_use]
pub fn control(bytes: &[u8], from: usize) -> usize {
    first(bytes, from, |word| {
        let low = word & LOW;
        (!at_least(low, b' ') | at_least(low, 0x7f)) & !word
    })
}
// ANCHOR_END: control

// ANCHOR: mask
/// All but the highest bit of each byte.
const LOW: u64 = each(0x7f);
const HIGH: u64 = each(0x80);

/// The same byte eight times.
const fn each(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; BLOCK])
}

/// The highest bit of each byte says whether it is `n` or more. `low` has them all unset,
/// so no byte's sum reaches 0x100: 0x7f and 0x7f make 0xfe.
#[inline]
fn at_least(low: u64, n: u8) -> u64 {
    low + each(0x80 - n)
}

/// The same for "is `n`": what differs in no bit is not at least one.
#[inline]
fn equal(low: u64, n: u8) -> u64 {
    !at_least(low ^ each(n), 1)
}
// ANCHOR_END: mask

/// Where the mask first says so. Its lower bits may be anything.
// ANCHOR: first
#[inline(always)]
fn first(bytes: &[u8], from: usize, mask: impl Fn(u64) -> u64) -> usize {
    let mut rest = &bytes[from..];
    while let Some((block, behind)) = rest.split_first_chunk::<BLOCK>() {
        // The first byte is the lowest, whatever the processor thinks.
        let found = mask(u64::from_le_bytes(*block)) & HIGH;
        if found != 0 {
            return bytes.len() - rest.len() + found.trailing_zeros() as usize / 8;
        }
        rest = behind;
    }
    let mut at = bytes.len() - rest.len();
    // Fewer than eight are left.
    while let Some(&byte) = bytes.get(at) {
        if mask(u64::from(byte)) & 0x80 != 0 {
            break;
        }
        at += 1;
    }
    at
}
// ANCHOR_END: first
