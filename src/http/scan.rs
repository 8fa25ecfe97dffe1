//! Skipping: where is the first byte that matters? Sixteen at a time, where the processor can.
//!
//! The twins `sse2` and `neon` have the same items in the same order as [`scalar`], which is
//! for all other processors, and which the tests compare them with.

pub mod scalar;
