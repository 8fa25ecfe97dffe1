//! Sixteen bytes at a time, in a vector of SSE2: the twin for x86-64.
//!
//! SSE2 compares signed bytes only: `a > b`, 16 times at once. So a range is moved, by an
//! addition that wraps, until it ends with the largest signed byte, 127. Then one comparison
//! finds it. The neon twin compares unsigned, and needs two.

#![allow(unsafe_code, reason = "vector instructions")]

use std::arch::x86_64::{
    __m128i, _mm_add_epi8, _mm_andnot_si128, _mm_cmpeq_epi8, _mm_cmpgt_epi8,
    _mm_loadu_si128, _mm_min_epu8, _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8,
};

/// The name of this twin.
pub const TWIN: &str = "sse2";

/// So many bytes are looked at together.
const BLOCK: usize = 16;

/// Where the first byte is that is no letter, no digit, no `-` and no `.`; the length of
/// `bytes` if there is none at `from` or behind it.
///
/// ```
/// use threadbare::http::scan::sse2;
///
/// assert_eq!(sse2::plain(b"Content-Length: 5", 0), 14);
/// assert_eq!(sse2::plain(b"localhost", 3), 9);
/// ```
// ANCHOR: plain
#[inline]
#[must_use]
pub fn plain(bytes: &[u8], from: usize) -> usize {
    // SAFETY: it asks for SSE2, which every x86-64 processor has.
    first(bytes, from, |block| unsafe { is_not_plain(block) })
}

#[inline]
#[target_feature(enable = "sse2")]
fn is_not_plain(block: __m128i) -> u32 {
    let small = _mm_or_si128(block, each(0x20));
    let letter = within(small, b'a', b'z');
    let digit = _mm_andnot_si128(equal(block, b'/'), within(block, b'-', b'9'));
    not(_mm_or_si128(letter, digit))
}
// ANCHOR_END: plain

/// Where the first byte is that is not visible ASCII, or `#`.
///
/// ```
/// use threadbare::http::scan::sse2;
///
/// assert_eq!(sse2::visible(b"/path?a=b HTTP/1.1", 0), 9);
/// ```
// ANCHOR: visible
#[inline]
#[must_use]
pub fn visible(bytes: &[u8], from: usize) -> usize {
    // SAFETY: it asks for SSE2, which every x86-64 processor has.
    first(bytes, from, |block| unsafe { is_not_visible(block) })
}

#[inline]
#[target_feature(enable = "sse2")]
fn is_not_visible(block: __m128i) -> u32 {
    not(_mm_andnot_si128(
        equal(block, b'#'),
        within(block, b'!', b'~'),
    ))
}
// ANCHOR_END: visible

/// Where the first control character is: below 0x20, or 0x7f.
///
/// ```
/// use threadbare::http::scan::sse2;
///
/// assert_eq!(sse2::control(b"text/html, \xff\r\n", 0), 12);
/// ```
// ANCHOR: control
#[inline]
#[must_use]
pub fn control(bytes: &[u8], from: usize) -> usize {
    // SAFETY: it asks for SSE2, which every x86-64 processor has.
    first(bytes, from, |block| unsafe { is_control(block) })
}

#[inline]
#[target_feature(enable = "sse2")]
fn is_control(block: __m128i) -> u32 {
    let below = _mm_cmpeq_epi8(_mm_min_epu8(block, each(0x1f)), block);
    mask(_mm_or_si128(below, equal(block, 0x7f)))
}
// ANCHOR_END: control

// ANCHOR: mask
/// The same byte sixteen times.
#[inline]
#[target_feature(enable = "sse2")]
fn each(byte: u8) -> __m128i {
    _mm_set1_epi8(byte.cast_signed())
}

/// All bits of each byte that is between these two.
#[inline]
#[target_feature(enable = "sse2")]
fn within(block: __m128i, least: u8, most: u8) -> __m128i {
    let up = 127 - most;
    _mm_cmpgt_epi8(_mm_add_epi8(block, each(up)), each(least + up - 1))
}

/// All bits of each byte that is this one.
#[inline]
#[target_feature(enable = "sse2")]
fn equal(block: __m128i, byte: u8) -> __m128i {
    _mm_cmpeq_epi8(block, each(byte))
}

/// One bit for each byte, the first byte's lowest.
#[inline]
#[target_feature(enable = "sse2")]
fn mask(found: __m128i) -> u32 {
    _mm_movemask_epi8(found).cast_unsigned()
}

/// One bit for each byte that was not found.
#[inline]
#[target_feature(enable = "sse2")]
fn not(found: __m128i) -> u32 {
    mask(found) ^ 0xffff
}
// ANCHOR_END: mask

/// Where the mask first says so.
// ANCHOR: first
#[inline(always)]
fn first(bytes: &[u8], from: usize, mask: impl Fn(__m128i) -> u32) -> usize {
    let mut rest = &bytes[from..];
    while let Some((block, behind)) = rest.split_first_chunk::<BLOCK>() {
        let found = mask(load(block));
        if found != 0 {
            return bytes.len() - rest.len() + found.trailing_zeros() as usize;
        }
        rest = behind;
    }
    let at = bytes.len() - rest.len();
    // Fewer than sixteen are left: look at the last sixteen, and not at those before `at`.
    // If there never were sixteen, they come first, and zeros behind them.
    let (block, seen) = match bytes.last_chunk::<BLOCK>() {
        Some(block) => (load(block), at - (bytes.len() - BLOCK)),
        None => (load(&padded(bytes)), at),
    };
    let found = mask(block) >> seen;
    if found == 0 {
        return bytes.len();
    }
    bytes.len().min(at + found.trailing_zeros() as usize)
}
// ANCHOR_END: first

/// A block of fewer bytes, with zeros behind them.
#[cold]
#[inline(never)]
fn padded(few: &[u8]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    block[..few.len()].copy_from_slice(few);
    block
}

#[inline]
fn load(block: &[u8; BLOCK]) -> __m128i {
    // SAFETY: sixteen bytes are read, which is what the reference points at, and the load
    // asks for no alignment.
    unsafe { _mm_loadu_si128(block.as_ptr().cast()) }
}
