//! Shared ownership from scratch: who lets go last frees the value.
//!
//! | version | what it has |
//! |---|---|
//! | [`v1_strong`] | one count; `clone`, `drop`, `get_mut` |
//! | [`v2_weak`] | two counts: [`Weak`] handles keep the memory, not the value |
//!
//! The orderings in one table, for both:
//!
//! | operation | ordering | why |
//! |---|---|---|
//! | clone | `Relaxed` | who clones has a handle, so the count is not about to reach zero |
//! | drop | `Release` | what this owner did with the value is over |
//! | the last drop | `Acquire` fence | what *all* owners did is over, before the value is dropped |
//! | `get_mut` | `Acquire` | the same, for those that have gone |
//!
//! Source: the documentation of `boost::atomic`, *Reference counting*, from which std's
//! `Arc` has these as well; Mara Bos, *Rust Atomics and Locks*, chapter 6.

pub mod v1_strong;
pub mod v2_weak;

pub use v2_weak::{Arc, Weak};

#[cfg(test)]
mod models;
