//! The answers of chapter 01_threads, one module each. `cargo test -p ex01` grades
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

pub mod e1_parallel_sum;
pub mod e2_harvest;
pub mod e3_wait_group;
pub mod e4_lost_update;
pub mod e5_mailbox;
