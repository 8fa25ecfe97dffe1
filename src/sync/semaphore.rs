//! A semaphore: a number of permits, and threads that wait while there are none.
//!
//! | version | words | who comes back | what that costs |
//! |---|---|---|---|
//! | [`v1_one_word`] | the number of permits | wakes all who sleep | a system call for each permit, also while nobody sleeps; of ten who wake nine find nothing |
//! | [`v2_counted`] | the permits, and who sleeps | wakes as many as came back | nothing while nobody sleeps |
//!
//! Chapter 02 built the same from a mutex and two condition variables, as
//! [`locks::Semaphore`](crate::locks::Semaphore).
//!
//! # Not fair
//! A permit goes to whoever takes it first. A thread that runs, and comes by when a permit
//! comes back, is faster than one that has to be woken: it *barges* in. So nobody waits
//! while a permit lies there, which is what makes this one fast, and no wait has a bound:
//!
//! - Somebody who wants one may be woken and find nothing, again and again.
//! - Somebody who wants many starves for as long as others take single ones often enough
//!   that there are never so many at once. The model `who_wants_many_may_starve` shows a
//!   schedule in which they pass it for ever.
//!
//! The other choice is a line: a permit is handed to whoever has waited longest, and others
//! queue up behind it even if they could go on at once. Tokio's semaphore does that. Then
//! nobody starves, and each permit lies idle until its new owner has woken up, which takes
//! as long as a thousand uncontended passes.

pub mod v1_one_word;
pub mod v2_counted;

pub use v2_counted::{Permit, Semaphore};

#[cfg(test)]
mod models;
