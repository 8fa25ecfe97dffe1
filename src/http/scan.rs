//! Skipping: where is the first byte that matters?
//!
//! Nearly every byte of a request is followed by another of its kind. These functions go over
//! them in blocks, and stop at the first that is of another kind:
//!
//! | function | goes over | and so finds |
//! |---|---|---|
//! | [`plain`] | letters, digits, `-` and `.` | the end of a name, of a method, of a host |
//! | [`visible`] | visible ASCII, except `#` | the end of a target |
//! | [`control`] | everything but control characters | the end of a value |
//!
//! Three twins have the same items in the same order, and this is the one place that picks
//! one of them. [`scalar`] does eight bytes at a time in a `u64`, on every processor, and is
//! always there: the tests compare the other with it.
//!
//! | twin | where | at a time |
//! |---|---|---|
//! | [`scalar`] | everywhere else | 8 |
//! | `sse2` | x86-64, all of which have it | 16 |
//! | `neon` | AArch64, all of which have it | 16 |
//!
//! So nothing is chosen at run time. Wider vectors would have to be, and most values end
//! within the first thirty-two bytes.
//!
//! ```
//! use threadbare::http::scan;
//!
//! let line = b"Accept: text/html\r\n";
//! let colon = scan::plain(line, 0);
//! assert_eq!(line[colon], b':');
//! let end = scan::control(line, colon);
//! assert_eq!(&line[end..], b"\r\n");
//! ```

#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
pub mod neon;
pub mod scalar;
#[cfg(target_arch = "x86_64")]
pub mod sse2;

#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
use neon as twin;
#[cfg(not(any(
    target_arch = "x86_64",
    all(target_arch = "aarch64", target_endian = "little")
)))]
use scalar as twin;
#[cfg(target_arch = "x86_64")]
use sse2 as twin;

pub use twin::{TWIN, control, plain, visible};

#[cfg(test)]
mod tests;
