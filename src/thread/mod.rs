//! Chapter 01: threads that have names, hand back their panics, and are never forgotten.
//!
//! std gives a thread, a handle and a scope. This module adds what a program with more than
//! one thread writes sooner or later anyway:
//!
//! | part | what it adds to std | versions kept to be measured |
//! |---|---|---|
//! | [`Workers`], [`Worker`], [`join_all`] | numbered names, stack sizes; a handle that waits when it is dropped | |
//! | [`Panicked`] | a panic on another thread as an error that says who and why | |
//! | [`WaitGroup`], [`Member`] | waiting for any number of threads without holding their handles | |
//! | [`sum`] | one job split over threads, from what does not compile to scoped borrows | [`sum::naive`], [`sum::v1_chunks_joined`], [`sum::v2_arc_joined`], [`sum::v3_scoped`] |
//!
//! Threads and locks are reached through [`crate::ground`], as everywhere in this library.
//! There is no `unsafe` here and, but for [`sum::shared_total`], no atomic: a `Mutex` and a
//! `Condvar` are enough to wait properly. Chapter 05 builds those two.
//!
//! The text is chapter 01 of the book, the story `cargo run --example 01_threads`.

mod panicked;
pub mod sum;
mod wait_group;
mod workers;

pub use panicked::Panicked;
pub use wait_group::{Member, StillRunning, WaitGroup};
pub use workers::{ScopedWorker, Worker, Workers, join_all, parallelism};
