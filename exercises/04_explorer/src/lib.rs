//! The answers of chapter 04_explorer, one module each. `cargo test -p ex04` grades
//! yours.

// `cargo grade` builds without this library when an answer does not compile, so that
// the others are graded all the same.
#![cfg(not(threadbare_only))]
#![allow(
    missing_docs,
    reason = "what matters here is whether an answer is right"
)]

// Chapters up to 05 stand on the locks of std; 05 builds the others.
pub use threadbare::ground::on_std as ground;

pub mod e1_schedule;
pub mod e2_stuck;
pub mod e3_trace;
pub mod e4_models;
pub mod e5_lock;
pub mod e6_orderings;
