//! What a waiter waits for: something that is set once.
//!
//! Whoever waits may return, and free the latch, as soon as it is set. So whoever sets it
//! reads all that is needed to wake the waiter before, and touches nothing of it afterwards.

#![allow(unsafe_code, reason = "a latch may be gone once it is set")]

use std::fmt;

use super::shared::Shared;
use super::worker::Worker;
use crate::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Release},
};
use crate::ground::sync::Arc;
use crate::ground::thread_local;
use crate::sync::{Parker, Unparker};

thread_local! {
    /// Where a thread that is not a worker sleeps.
    static PARKER: Parker = Parker::new();
}

const UNSET: u32 = 0;
const SET: u32 = 1;

/// A latch for which one thread waits.
#[derive(Debug)]
pub(super) struct Latch {
    word: AtomicU32,
    waiter: Waiter,
}

/// Who waits for a latch.
#[derive(Debug)]
enum Waiter {
    /// A worker of the pool whose jobs set the latch.
    Worker(*const Shared, usize),
    Outside(Unparker),
}

impl Latch {
    /// For the calling thread to wait for, which is `worker` if it is one.
    pub(super) fn new(worker: Option<&Worker>) -> Self {
        Self {
            word: AtomicU32::new(UNSET),
            waiter: match worker {
                Some(worker) => {
                    Waiter::Worker(&raw const **worker.shared(), worker.index())
                }
                None => Waiter::Outside(PARKER.with(Parker::unparker)),
            },
        }
    }

    /// Whether it is set. All that came before `set` happens-before then.
    pub(super) fn is_set(&self) -> bool {
        // ORDERING: Acquire. Pairs with the Release in `set`.
        self.word.load(Acquire) == SET
    }

    /// Waits until it is set: `worker`, which is the calling thread, helps meanwhile.
    pub(super) fn wait(&self, worker: Option<&Worker>) {
        match worker {
            Some(worker) => worker.wait_until(&|| self.is_set()),
            None => park_until(&|| self.is_set()),
        }
    }

    /// Sets it, and wakes who waits.
    ///
    /// # Safety
    /// `this` is a latch that is not set, and so lives until it is. If a worker waits, the
    /// caller is a worker of the same pool.
    pub(super) unsafe fn set(this: *const Self) {
        // SAFETY: it is not set, so its waiter keeps it; nothing of it is touched after the
        // store.
        let waiter = unsafe { &(*this).waiter };
        // SAFETY: as above.
        let word = unsafe { &(*this).word };
        match waiter {
            &Waiter::Worker(shared, index) => {
                // ORDERING: Release. What came before is published to `is_set`. That a waiter
                // who misses it is seen asleep is for the fences in `wake` and `sleep`.
                word.store(SET, Release);
                // SAFETY: the caller is a worker of that pool, and has a share of it.
                unsafe { &*shared }.sleep().wake(index);
            }
            Waiter::Outside(unparker) => {
                let unparker = unparker.clone();
                // ORDERING: Release, as above; pairs with the Acquire in `is_set`.
                word.store(SET, Release);
                unparker.unpark();
            }
        }
    }
}

/// Whom to wake: a worker of some pool, or a thread outside. It may be kept for as long as
/// one likes.
#[derive(Clone)]
pub(super) enum Waker {
    /// A worker, which helps while it waits.
    Worker(Arc<Shared>, usize),
    /// A thread outside.
    Outside(Unparker),
}

impl Waker {
    /// Wakes the calling thread.
    pub(super) fn current() -> Self {
        Worker::with(|worker| match worker {
            Some(worker) => {
                Self::Worker(Arc::clone(worker.shared()), worker.index())
            }
            None => Self::Outside(PARKER.with(Parker::unparker)),
        })
    }

    /// Wakes it: it looks again at what it waits for, and sees what was changed before.
    pub(super) fn wake(&self) {
        match self {
            Self::Worker(shared, index) => shared.sleep().wake(*index),
            Self::Outside(unparker) => unparker.unpark(),
        }
    }
}

impl fmt::Debug for Waker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waker").finish_non_exhaustive()
    }
}

/// Waits until `is_done`: a worker helps meanwhile, another thread sleeps. Somebody must
/// have a [`Waker`] of the calling thread, and use it after that.
pub(super) fn wait_until(is_done: &dyn Fn() -> bool) {
    Worker::with(|worker| match worker {
        Some(worker) => worker.wait_until(is_done),
        None => park_until(is_done),
    });
}

fn park_until(is_done: &dyn Fn() -> bool) {
    PARKER.with(|parker| {
        while !is_done() {
            parker.park();
        }
    });
}
