//! Chapter 02: locks in use. What stands here is built from std's mutex, condition variable
//! and read-write lock; chapter 05 builds those.
//!
//! | part | what it shows | versions kept to be measured |
//! |---|---|---|
//! | [`BoundedQueue`] | producers and consumers: two conditions, a loop around each wait, a close | [`bounded_queue::v1_on_std`], and [`v2_on_sync`](bounded_queue::v2_on_sync) from chapter 05 |
//! | [`Semaphore`], [`Permit`], [`OwnedPermit`] | a number of permits, and who must be woken when they come back | [`semaphore::v1_on_std`] |
//! | [`ConnectionPool`], [`Pooled`] | a semaphore and a mutex together; a slow call outside of the lock | |
//! | [`DocumentStore`], [`Document`] | a read-write lock out of which no guard leaves; edits that are refused instead of lost | |
//! | [`Locker`] | a handle that refuses use after close, and is closed once | |
//! | [`OrderedMutex`], [`LockGraph`], [`WatchedMutex`] | lock levels, and a cycle found although nobody deadlocked | |
//! | [`build`] | a state machine behind a mutex: idle, running, running but stale already | |
//!
//! Three rules hold in all of them.
//!
//! 1. **No guard leaves.** Callers hand in a closure or get a copy; only where the lock is
//!    the very thing that is sold ([`OrderedMutex`], [`WatchedMutex`]) is there a guard.
//! 2. **No stranger runs under a lock.** What a caller wrote (a connect function, a build, a
//!    `Drop`) is called before or after, never inside; [`Locker::with`] is the exception,
//!    and says so. It follows that a panic can't come out of a critical section half-way,
//!    and that a `Debug` which takes the lock for a look does not wait for long.
//! 3. **Poison is decided, not unwrapped by habit.** Each type says under *Poisoning* what
//!    a panic does to it.
//!
//! Locks and threads are reached through [`crate::ground`]. There is no `unsafe` here, and
//! no atomic operation but one in the queue of chapter 05. The text is chapter 02 of the book, the story
//! `cargo run --example 02_locks`.

pub mod bounded_queue;
pub mod build;
mod connection_pool;
mod document_store;
pub mod lock_order;
mod locker;
mod refusals;
pub mod semaphore;
mod waiting;

pub use bounded_queue::{BoundedQueue, TryPopError, TryPushError};
pub use connection_pool::{ConnectionPool, GetError, Pooled};
pub use document_store::{Conflict, Document, DocumentStore, Version};
pub use lock_order::{LockGraph, OrderedMutex, WatchedMutex};
pub use locker::Locker;
pub use refusals::{Closed, TimedOut};
pub use semaphore::{OwnedPermit, Permit, Semaphore};

/// For how many items a list with a limit has memory from the start, at most. Whoever means
/// "no limit" says `usize::MAX`, and there is not so much memory.
const RESERVED: usize = 4096;
