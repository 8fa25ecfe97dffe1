//! A lock that waits by looking again.
//!
//! | version | how it waits | what that costs |
//! |---|---|---|
//! | [`v1_swap`] | tries to take the lock, without a pause | each attempt takes the cache line away from the owner |
//! | [`v2_look_first`] | looks until the lock is free, then tries | the line is shared while they wait, and all try at once when it comes free |
//! | [`v3_backoff`] | as v2, waiting longer each time, in the end by yielding | it may look late |
//!
//! # Why not in your program
//! An owner that the kernel has put aside keeps the lock, and everybody who waits burns a
//! core until it is back, which may be the very core that the owner needs. Only the kernel
//! knows who runs, so only with its help can a lock wait well: `std::sync::Mutex` spins a
//! little and then sleeps. A spin lock is right where there is no kernel to sleep in, or
//! where no owner can be put aside, as inside a kernel.

pub mod v1_swap;
pub mod v2_look_first;
pub mod v3_backoff;

pub use v3_backoff::{SpinLock, SpinLockGuard};

#[cfg(test)]
mod models;
