//! Waking whoever waits for something, and waiting for it.
//!
//! A worker helps while it waits, and sleeps in its bed when there is nothing to help with;
//! any other thread sleeps on a word of its own. A [`Waker`] is good for both. It outlives
//! what is waited for: who waits may return, and free it, as soon as it is done. So whoever
//! makes it done takes the waker out before.

use std::fmt;

use super::shared::Shared;
use super::worker::Worker;
use crate::ground::sync::Arc;
use crate::ground::time::Duration;
use crate::ground::{thread, thread_local};
use crate::sync::{Parker, Unparker};

/// How long a thread without a [`PARKER`] sleeps before it looks again.
const LATE_NAP: Duration = Duration::from_micros(100);

thread_local! {
    /// Where a thread that is not a worker sleeps.
    static PARKER: Parker = Parker::new();
}

/// Whom to wake: a worker of some pool, or a thread outside. It may be kept for as long as
/// one likes.
#[derive(Clone)]
pub(super) enum Waker {
    /// A worker, which helps while it waits.
    Worker(Arc<Shared>, usize),
    /// A thread outside. Nobody can wake one whose thread-locals are gone: it looks again and
    /// again.
    Outside(Option<Unparker>),
}

impl Waker {
    /// Wakes the calling thread.
    pub(super) fn current() -> Self {
        Worker::with(|worker| match worker {
            Some(worker) => {
                Self::Worker(Arc::clone(worker.shared()), worker.index())
            }
            None => Self::Outside(PARKER.try_with(Parker::unparker).ok()),
        })
    }

    /// Wakes it: it looks again at what it waits for, and sees what was changed before.
    pub(super) fn wake(&self) {
        match self {
            Self::Worker(shared, index) => shared.sleep().wake(*index),
            Self::Outside(Some(unparker)) => unparker.unpark(),
            Self::Outside(None) => {}
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
    let parked = PARKER.try_with(|parker| {
        while !is_done() {
            parker.park();
        }
    });
    if parked.is_err() {
        // A destructor of another thread-local, which comes after that of `PARKER`. There is
        // no place left that is the thread's own, and this is too rare to deserve one.
        while !is_done() {
            thread::sleep(LATE_NAP);
        }
    }
}
