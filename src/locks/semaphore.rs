//! A semaphore: a number of permits, and threads that wait while there are none.
//!
//! A mutex lets one thread in, a semaphore as many as there are permits. It guards no data:
//! what a permit allows is up to you.
//!
//! | version | stands on |
//! |---|---|
//! | [`v1_on_std`] | std's `Mutex` and two `Condvar`s |

pub mod v1_on_std;

pub use v1_on_std::{OwnedPermit, Permit, Semaphore};

#[cfg(test)]
mod models;
