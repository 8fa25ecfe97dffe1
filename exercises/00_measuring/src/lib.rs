//! The answers of chapter 00_measuring, one module each. `cargo test -p ex00` grades
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

pub mod e1_percentile;
pub mod e2_stopwatch;
pub mod e3_open_loop;
pub mod e4_predict;
pub mod e5_trace;
