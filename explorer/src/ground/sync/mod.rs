//! Locks, channels and shared ownership, with the names and signatures of [`std::sync`].
//!
//! In a model each of them is a step, or a few: a thread that waits lets the others run,
//! and the search tries every order in which they can. Outside a model each holds the real
//! thing and forwards to it.
//!
//! | type | made of |
//! |---|---|
//! | [`Mutex`], [`RwLock`] | the scheduler's lock, plain memory, a flag for poison |
//! | [`Condvar`] | the scheduler's queue; waiting gives the lock back in the same step |
//! | [`Barrier`], [`Once`], [`OnceLock`], [`LazyLock`], [`mpsc`] | a lock and a queue together, in one step |
//! | [`Arc`], [`Weak`] | std's, and a record of what each owner knew when it let go |

mod arc;
mod barrier;
mod condvar;
mod monitor;
pub mod mpsc;
mod mutex;
mod once;
mod rwlock;

pub use arc::{Arc, Weak};
pub use barrier::{Barrier, BarrierWaitResult};
pub use condvar::{Condvar, WaitTimeoutResult};
pub use mutex::{Mutex, MutexGuard};
pub use once::{LazyLock, Once, OnceLock, OnceState};
pub use rwlock::{RwLock, RwLockReadGuard, RwLockWriteGuard};
pub use std::sync::{LockResult, PoisonError, TryLockError, TryLockResult};

pub(crate) use monitor::Monitor;

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Whether somebody panicked while it held a lock.
#[derive(Debug, Default)]
struct Poison(AtomicBool);

impl Poison {
    fn is_set(&self) -> bool {
        // ORDERING: Relaxed. Read and written under the lock, or out of curiosity.
        self.0.load(Relaxed)
    }

    fn set(&self, poisoned: bool) {
        // ORDERING: Relaxed, as in `is_set`.
        self.0.store(poisoned, Relaxed);
    }

    /// At the end of a guard that was taken while the thread was `panicking` or not.
    fn leave(&self, panicking: bool) {
        if !panicking && super::thread::panicking() {
            self.set(true);
        }
    }

    /// What std makes of a lock that was taken.
    fn wrap<G>(&self, guard: G) -> LockResult<G> {
        if self.is_set() {
            Err(PoisonError::new(guard))
        } else {
            Ok(guard)
        }
    }
}
