//! The ground that an exercise stands on: atomics, cells, threads, locks and clocks under
//! std's names and signatures, reached through one module, and with them the kernel's wait
//! queue ([`futex`]).
//!
//! An answer says `use super::ground::...` and never `std::sync` or `std::thread`. So the
//! very same file can be compiled over another ground, one in which a program decides which
//! thread takes the next step, without a `cfg` in sight. This is the real one: each item is
//! std's own, or a thin face over it.
//!
//! ```
//! use threadbare::ground::{atomic::{AtomicU32, Ordering::Relaxed}, thread};
//!
//! let hits = AtomicU32::new(0);
//! thread::scope(|scope| {
//!     for _ in 0..4 {
//!         // ORDERING: Relaxed. Only the count matters; `scope` orders it before the read.
//!         scope.spawn(|| hits.fetch_add(1, Relaxed));
//!     }
//! });
//! assert_eq!(hits.into_inner(), 4);
//! ```

pub mod cell;
mod construct;
pub mod futex;
pub mod os;

/// Atomic types and memory orderings, as in [`std::sync::atomic`].
pub mod atomic {
    pub use std::sync::atomic::{
        AtomicBool, AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize,
        AtomicPtr, AtomicU8, AtomicU16, AtomicU32, AtomicU64, AtomicUsize, Ordering,
        compiler_fence, fence,
    };
}

/// What to do while waiting for a moment, as in [`std::hint`].
pub mod hint {
    pub use crossbeam_utils::Backoff;
    pub use std::hint::{black_box, spin_loop};
}

/// Threads, as in [`std::thread`].
pub mod thread {
    pub use std::thread::{
        AccessError, Builder, JoinHandle, LocalKey, Result, Scope, ScopedJoinHandle,
        Thread, ThreadId, available_parallelism, current, panicking, park,
        park_timeout, scope, sleep, spawn, yield_now,
    };
}

/// Locks, channels and shared ownership, as in [`std::sync`]. The locks are those of chapter
/// 05, [`threadbare::sync`](crate::sync).
pub mod sync {
    pub use crate::sync::{
        Barrier, BarrierWaitResult, Condvar, LazyLock, LockResult, Mutex,
        MutexGuard, Once, OnceLock, OnceState, PoisonError, RwLock, RwLockReadGuard,
        RwLockWriteGuard, TryLockError, TryLockResult, WaitTimeoutResult,
    };
    pub use std::sync::{Arc, Weak, mpsc};
}

/// Clocks, as in [`std::time`].
pub mod time {
    pub use std::time::{Duration, Instant};
}

pub use crate::const_new;
pub use construct::{Named, Static};
pub use std::thread_local;

/// The same ground with the locks of std: for chapters 00 to 05, which use locks or build
/// them, and so can't stand on those that chapter 05 has built.
pub mod on_std {
    pub use super::{
        Named, Static, atomic, cell, const_new, futex, hint, os, thread,
        thread_local, time,
    };

    /// Locks, channels and shared ownership: std's own.
    pub mod sync {
        pub use std::sync::{
            Arc, Barrier, BarrierWaitResult, Condvar, LazyLock, LockResult, Mutex,
            MutexGuard, Once, OnceLock, OnceState, PoisonError, RwLock,
            RwLockReadGuard, RwLockWriteGuard, TryLockError, TryLockResult,
            WaitTimeoutResult, Weak, mpsc,
        };
    }
}
