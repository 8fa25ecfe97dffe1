//! One owner at a time: who comes second waits.
//!
//! | version | the word says | who waits | what that costs |
//! |---|---|---|---|
//! | [`v1_spin`] | free, or locked | looks again and again | a core, and the owner's time slice if that is the core it needs |
//! | [`v2_two_state`] | the same | sleeps | a system call for each unlock: nobody knows whether anyone sleeps |
//! | [`v3_three_state`] | free, locked, or *contended* | sleeps, after leaving a mark | a system call for each unlock after a mark, and two changes of thread for each short wait |
//! | [`v4_adaptive`] | the same | looks a few times, then sleeps | what it burns before it sleeps |
//!
//! The last is [`sync::Mutex`](super::Mutex). It has all that std's has, poisoning too; the
//! others have what it takes to measure them.

pub mod v1_spin;
pub mod v2_two_state;
pub mod v3_three_state;
pub mod v4_adaptive;

pub use v4_adaptive::{MappedMutexGuard, Mutex, MutexGuard};

#[cfg(test)]
mod models;
