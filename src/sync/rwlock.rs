//! A lock that many may have at once to read, or one alone to write.
//!
//! | version | who goes first | what that costs |
//! |---|---|---|
//! | [`v1_readers_first`] | readers join readers, whoever waits | a writer may wait for ever, and each unlock asks the kernel |
//! | [`v2_writers_first`] | no reader passes a writer that waits | two words more; readers wait for a stream of writers |
//!
//! # When it pays
//! Taking it to read changes the word, as a mutex does, and readers on different cores take
//! the cache line away from each other. It pays when readers stay in for long, so that what
//! they do at the same time outweighs that; `cargo bench --bench 05_futex_locks` says when,
//! on your machine. For short sections a [`Mutex`](super::Mutex) is as good, and fairer.
//!
//! # No upgrade
//! There is no call that turns a reader into a writer. Two readers that both want to would
//! each wait for the other to leave: a deadlock that no order of locks prevents. So one
//! of three:
//!
//! - leave, come back with `write`, and *look again*: another writer may have been there;
//! - take it with `write` from the start, and [`downgrade`] when the change is made;
//! - let one reader at a time in that *may* become a writer, as parking_lot's
//!   `upgradable_read` does. A [`Mutex`](super::Mutex) beside the lock, held by whoever may
//!   come to write, is the same.
//!
//! [`downgrade`]: v2_writers_first::RwLockWriteGuard::downgrade

pub mod v1_readers_first;
pub mod v2_writers_first;

pub use v2_writers_first::{
    MappedRwLockReadGuard, MappedRwLockWriteGuard, RwLock, RwLockReadGuard,
    RwLockWriteGuard,
};

#[cfg(test)]
mod models;
