//! Chapter 05: locks from one futex word.
//!
//! What chapter 02 borrowed from std, built from a 32-bit atomic and the kernel's wait
//! queue: each type has a word that says how things stand, a fast path that changes it
//! without the kernel, and a slow path that sleeps on it.
//!
//! | part | what its word says | versions |
//! |---|---|---|
//! | [`mutex`] | whether anyone has it, and whether anyone sleeps | [`v1_spin`](mutex::v1_spin), [`v2_two_state`](mutex::v2_two_state), [`v3_three_state`](mutex::v3_three_state), [`v4_adaptive`](mutex::v4_adaptive) |
//! | [`condvar`] | how many notifications there were | [`v1_sequence`](condvar::v1_sequence), [`v2_counted`](condvar::v2_counted) |
//! | [`rwlock`] | how many read, whether one writes, and who waits | [`v1_readers_first`](rwlock::v1_readers_first), [`v2_writers_first`](rwlock::v2_writers_first) |
//! | [`semaphore`] | how many permits there are | [`v1_one_word`](semaphore::v1_one_word), [`v2_counted`](semaphore::v2_counted) |
//! | [`Event`] | whether it is set, and whom it has let go | |
//! | [`Once`], [`OnceLock`], [`LazyLock`] | whether it has been done | |
//! | [`Barrier`] | how many have come, and which round it is | |
//! | [`Parker`] | whether there is a token, or somebody sleeps | |
//! | [`OrderedMutex`] | a [`Mutex`]; debug builds watch the order in which such are taken | |
//!
//! Names, signatures and poisoning are std's, so that what is written for `std::sync`
//! compiles with this module in its place; [`PoisonError`] and its kin *are* std's.
//!
//! The text is chapter 05 of the book, the story `cargo run --example 05_futex_locks`.

mod barrier;
pub mod condvar;
mod event;
mod held;
mod lazy_lock;
mod limit;
mod look;
pub mod mutex;
mod once;
mod once_lock;
mod ordered;
mod parker;
mod poison;
pub mod rwlock;
pub mod semaphore;

use limit::Limit;
pub(crate) use look::look;

pub use crate::locks::TimedOut;
pub use crate::thread::{Member, WaitGroup};
pub use barrier::{Barrier, BarrierWaitResult};
pub use condvar::{Condvar, WaitTimeoutResult};
pub use event::Event;
pub use lazy_lock::LazyLock;
pub use mutex::{MappedMutexGuard, Mutex, MutexGuard};
pub use once::{Once, OnceState};
pub use once_lock::OnceLock;
pub use ordered::OrderedMutex;
pub use parker::{Parker, Unparker};
pub use rwlock::{
    MappedRwLockReadGuard, MappedRwLockWriteGuard, RwLock, RwLockReadGuard,
    RwLockWriteGuard,
};
pub use semaphore::{Permit, Semaphore};
pub use std::sync::{LockResult, PoisonError, TryLockError, TryLockResult};
