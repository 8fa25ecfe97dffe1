//! The answers of chapter 02_locks, one module each. `cargo test -p ex02` grades
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

pub mod e1_bounded_queue;
pub mod e2_wake_up;
pub mod e3_semaphore;
pub mod e4_document_store;
pub mod e5_philosophers;
pub mod e6_philosophers_by_order;
pub mod e7_locker;
