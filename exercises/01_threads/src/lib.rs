//! The answers of chapter 01_threads, one module each. `cargo test -p ex01` grades
//! yours.

// `cargo grade` builds without this library when an answer does not compile, so that the
// others are graded all the same.
#![cfg(not(threadbare_only))]

pub use threadbare::ground;
