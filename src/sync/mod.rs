//! Chapter 05: locks from one futex word.
//!
//! What chapter 02 borrowed from std, built from a 32-bit atomic and the kernel's wait
//! queue: each type has a word that says how things stand, a fast path that changes it
//! without the kernel, and a slow path that sleeps on it.
