//! Chapter 03: what threads can do to one word, and what is built from that.
//!
//! Each type rests on one decision about one or two atomics, and says beside every
//! operation which other it pairs with. Where a type has versions, they stand beside each
//! other in the order in which the chapter finds them, so that each can be measured again.
//!
//! | part | decision | versions |
//! |---|---|---|
//! | [`counter`] | whose cache line is written | [`v1_shared`](counter::v1_shared), [`v2_padded`](counter::v2_padded), [`v3_sharded`](counter::v3_sharded) |
//! | [`IdGenerator`] | look, then exchange: never past the end | |
//! | [`StopFlag`], [`Progress`] | what else who reads the word may rely on | |
//! | [`RacyLazy`] | who comes second takes what is there | |
//! | [`spin_lock`] | how to wait without disturbing who works | [`v1_swap`](spin_lock::v1_swap), [`v2_look_first`](spin_lock::v2_look_first), [`v3_backoff`](spin_lock::v3_backoff) |
//! | [`SeqLock`] | readers write nothing, and look twice | |
//! | [`spsc_ring`] | each index has one writer | [`v1_shared_indices`](spsc_ring::v1_shared_indices), [`v2_padded`](spsc_ring::v2_padded), [`v3_cached`](spsc_ring::v3_cached) |
//! | [`Signal`] | four states in one word | |
//! | [`tagged_stack`] | an index that comes back is not the same | [`v1_untagged`](tagged_stack::v1_untagged), [`v2_tagged`](tagged_stack::v2_tagged) |
//! | [`arc`] | who is last, and sees it all | [`v1_strong`](arc::v1_strong), [`v2_weak`](arc::v2_weak) |
//! | [`one_shot`] | the value and the wake-up in one exchange | |
//! | [`litmus`] | what this machine's memory really does | |
//!
//! Beside each type, in `models.rs`, the explorer of chapter 04 tries every order of steps
//! and every old value, on the type itself and on versions that are wrong by one line.
//!
//! The text is chapter 03 of the book, the story `cargo run --example 03_atomics`.

pub mod arc;
pub mod counter;
mod full;
mod id_generator;
mod lazy;
pub mod litmus;
pub mod one_shot;
mod progress;
mod seqlock;
mod signal;
pub mod spin_lock;
pub mod spsc_ring;
mod stop_flag;
pub mod tagged_stack;
#[cfg(test)]
mod weakened;

pub use arc::{Arc, Weak};
pub use counter::Counter;
pub use full::Full;
pub use id_generator::{Exhausted, Id, IdGenerator};
pub use lazy::RacyLazy;
pub use progress::{Progress, Snapshot};
pub use seqlock::SeqLock;
pub use signal::{Signal, Woken};
pub use spin_lock::{SpinLock, SpinLockGuard};
pub use stop_flag::StopFlag;
pub use tagged_stack::TaggedStack;
