//! The other model checkers on the closures that prove the explorer.
//!
//! `explorer/tests/primitives/` has locks, queues and counters, each in a right version and in
//! many wrong ones. Their files name neither a checker nor its types: they import from
//! `super::ground`. So [`subjects`] compiles them three times, over the explorer's ground and
//! over those of [loom](ground::loom) and [shuttle](ground::shuttle), and [`judge`] runs any
//! of them. The program `peers` does that in a process of its own, and [`verdict`] starts it
//! and reads what it says. [`agreement`] knows where loom and the explorer differ, and why.
//!
//! ```text
//! cargo test -p peers                  # do loom and the explorer agree?
//! cargo run -p peers -- loom "spin lock" "unlock is Relaxed"
//! cargo bench --bench 04_explorer      # and how long does each of them take?
//! ```
//!
//! This package is no default member: loom and shuttle bring some fifty dependencies.

pub mod agreement;
pub mod ground;
pub mod judge;
#[path = "../../../explorer/tests/primitives/spec.rs"]
#[allow(
    missing_docs,
    unreachable_pub,
    reason = "written for the explorer's tests"
)]
mod spec;
pub mod subjects;
pub mod verdict;
