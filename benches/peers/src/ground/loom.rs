//! The ground by loom: what `explorer::ground` offers, as far as loom has it.
//!
//! Loom has no futex, no scoped threads, no weak pointers and no barrier, so a primitive that
//! needs one of them is not run on it. Its `spin_loop` is a yield, which is what it asks of
//! every loop that waits for another thread.

pub use loom::{hint, thread};

/// Atomics and fences.
pub mod atomic {
    pub use loom::sync::atomic::{
        AtomicBool, AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize,
        AtomicPtr, AtomicU8, AtomicU16, AtomicU32, AtomicU64, AtomicUsize, Ordering,
        fence,
    };
}

/// The cell that knows who reads and who writes.
pub mod cell {
    pub use loom::cell::UnsafeCell;
}

/// What std has in `sync`.
pub mod sync {
    pub use loom::sync::{
        Arc, Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard,
        mpsc,
    };
    pub use std::sync::{LockResult, PoisonError, TryLockError, TryLockResult};
}

pub use super::Named;
