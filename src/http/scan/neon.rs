//! Sixteen bytes at a time, in a vector of NEON: the twin for AArch64.
//!
//! There is no instruction that takes one bit of each byte. Instead each 16-bit lane is moved
//! right by four and cut to eight bits, which leaves four bits of each byte, in 64.

#![allow(unsafe_code, reason = "vector instructions")]

use std::arch::aarch64::{
    uint8x16_t, vandq_u8, vbicq_u8, vceqq_u8, vcgeq_u8, vcleq_u8, vcltq_u8,
    vdupq_n_u8, vget_lane_u64, vld1q_u8, vorrq_u8, vreinterpret_u64_u8,
    vreinterpretq_u16_u8, vshrn_n_u16,
};

/// The name of this twin.
pub const TWIN: &str = "neon";

/// So many bytes are looked at together.
const BLOCK: usize = 16;

/// Where the first byte is that is no letter, no digit, no `-` and no `.`; the length of
/// `bytes` if there is none at `from` or behind it.
///
/// ```
/// use threadbare::http::scan::neon;
///
/// assert_eq!(neon::plain(b"Content-Length: 5", 0), 14);
/// assert_eq!(neon::plain(b"localhost", 3), 9);
/// ```
// ANCHOR: plain
#[inline]
#[must_use]
pub fn plain(bytes: &[u8], from: usize) -> usize {
    // SAFETY: it asks for NEON, which every AArch64 processor has.
    first(bytes, from, |block| unsafe { is_not_plain(block) })
}

#[inline]
#[target_feature(enable = "neon")]
fn is_not_plain(block: uint8x16_t) -> u64 {
    let small = vorrq_u8(block, each(0x20));
    let letter = within(small, b'a', b'z');
    let digit = vbicq_u8(within(block, b'-', b'9'), equal(block, b'/'));
    not(vorrq_u8(letter, digit))
}
// ANCHOR_END: plain

/// Where the first byte is that is not visible ASCII, or `#`.
///
/// ```
/// use threadbare::http::scan::neon;
///
/// assert_eq!(neon::visible(b"/path?a=b HTTP/1.1", 0), 9);
/// ```
// ANCHOR: visible
#[inline]
#[must_use]
pub fn visible(bytes: &[u8], from: usize) -> usize {
    // SAFETY: it asks for NEON, which every AArch64 processor has.
    first(bytes, from, |block| unsafe { is_not_visible(block) })
}

#[inline]
#[target_feature(enable = "neon")]
fn is_not_visible(block: uint8x16_t) -> u64 {
    not(vbicq_u8(within(block, b'!', b'~'), equal(block, b'#')))
}
// ANCHOR_END: visible

/// Where the first control character is: below 0x20, or 0x7f.
///
/// ```
/// use threadbare::http::scan::neon;
///
/// assert_eq!(neon::control(b"text/html, \xff\r\n", 0), 12);
/// ```
// ANCHOR: control
#[inline]
#[must_use]
pub fn control(bytes: &[u8], from: usize) -> usize {
    // SAFETY: it asks for NEON, which every AArch64 processor has.
    first(bytes, from, |block| unsafe { is_control(block) })
}

#[inline]
#[target_feature(enable = "neon")]
fn is_control(block: uint8x16_t) -> u64 {
    let below = vcltq_u8(block, each(0x20));
    mask(vorrq_u8(below, equal(block, 0x7f)))
}
// ANCHOR_END: control

// ANCHOR: mask
/// The same byte sixteen times.
#[inline]
#[target_feature(enable = "neon")]
fn each(byte: u8) -> uint8x16_t {
    vdupq_n_u8(byte)
}

/// All bits of each byte that is between these two.
#[inline]
#[target_feature(enable = "neon")]
fn within(block: uint8x16_t, least: u8, most: u8) -> uint8x16_t {
    vandq_u8(vcgeq_u8(block, each(least)), vcleq_u8(block, each(most)))
}

/// All bits of each byte that is this one.
#[inline]
#[target_feature(enable = "neon")]
fn equal(block: uint8x16_t, byte: u8) -> uint8x16_t {
    vceqq_u8(block, each(byte))
}

/// Four bits for each byte, the first byte's lowest.
#[inline]
#[target_feature(enable = "neon")]
fn mask(found: uint8x16_t) -> u64 {
    let halves = vshrn_n_u16::<4>(vreinterpretq_u16_u8(found));
    vget_lane_u64::<0>(vreinterpret_u64_u8(halves))
}

/// Four bits for each byte that was not found.
#[inline]
#[target_feature(enable = "neon")]
fn not(found: uint8x16_t) -> u64 {
    !mask(found)
}
// ANCHOR_END: mask

/// Where the mask first says so.
// ANCHOR: first
#[inline(always)]
fn first(bytes: &[u8], from: usize, mask: impl Fn(uint8x16_t) -> u64) -> usize {
    let mut rest = &bytes[from..];
    while let Some((block, behind)) = rest.split_first_chunk::<BLOCK>() {
        let found = mask(load(block));
        if found != 0 {
            return bytes.len() - rest.len() + found.trailing_zeros() as usize / 4;
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
    let found = mask(block).unbounded_shr(4 * seen as u32);
    if found == 0 {
        return bytes.len();
    }
    bytes.len().min(at + found.trailing_zeros() as usize / 4)
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
fn load(block: &[u8; BLOCK]) -> uint8x16_t {
    // SAFETY: sixteen bytes are read, which is what the reference points at, and the load
    // asks for no alignment.
    unsafe { vld1q_u8(block.as_ptr()) }
}
