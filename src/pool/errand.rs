//! A job that is sent again and again, in memory of its sender's.
//!
//! A job of `spawn` is made where it is handed in. Who does the same all day, such as a loop
//! that has files read, makes an [`Errand`] once and sends it whenever there is something to
//! do: nothing is allocated for it. What there is to do is not the pool's affair, and a run
//! may find that it is nothing.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]
#![allow(
    unsafe_code,
    reason = "the pool has a pointer to it, whose type only this module knows"
)]

use std::fmt;
use std::ptr::NonNull;

use super::job::{Header, Job, Kind, Table};
use super::refused::Reason;
use super::stack_job::{catch, drop_quietly};
use super::thread_pool::ThreadPool;
use super::worker::Worker;
use crate::ground::Named as _;
use crate::ground::atomic::{
    AtomicBool,
    Ordering::{Acquire, Release},
};
use crate::ground::sync::Arc;

/// What a worker does on an errand.
pub(crate) trait Run: Send + Sync + 'static {
    /// Does it. If it panics, the worker goes on.
    fn run(&self);
}

/// Something that can be sent to a pool, many times, one after the other.
#[repr(C)]
pub(crate) struct Errand<T> {
    header: Header,
    /// Whether a pool has it. INVARIANT: then the header is the pool's.
    sent: AtomicBool,
    what: T,
}

// SAFETY: the header's link is used by whoever has the `Job`, and there is one at most: see
// `sent`. `what` may be used by several at once if it is `Sync`.
unsafe impl<T: Send + Sync> Send for Errand<T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Sync for Errand<T> {}

impl<T: Run> Errand<T> {
    /// Run in any case, also by a pool that is shut down meanwhile.
    const TABLE: Table = Table {
        run: Self::run,
        cancel: Self::cancel,
        kind: Kind::Inner,
    };

    /// One that no pool has.
    pub(crate) fn new(what: T) -> Arc<Self> {
        Arc::new(Self {
            header: Header::new(&Self::TABLE),
            sent: AtomicBool::new(false).named("sent"),
            what,
        })
    }

    /// What it is about.
    #[inline]
    pub(crate) fn what(&self) -> &T {
        &self.what
    }

    /// Takes it back from the pool.
    ///
    /// # Safety
    /// The pointer is that of the pool's `Job`, which is used up by this.
    unsafe fn come_back(job: NonNull<Header>) -> Arc<Self> {
        let errand = job.cast::<Self>().as_ptr();
        // SAFETY: `send` has turned an `Arc` into this pointer, and this is the only time
        // that it is turned back: there is one `Job` of it.
        let errand = unsafe { Arc::from_raw(errand.cast_const()) };
        // ORDERING: Release: the pool is done with the header; pairs with the Acquire in
        // `send`.
        errand.sent.store(false, Release);
        errand
    }

    /// # Safety
    /// As `come_back`.
    unsafe fn run(job: NonNull<Header>, _worker: Option<&Worker>) {
        // SAFETY: as the caller says.
        let errand = unsafe { Self::come_back(job) };
        if let Err(payload) = catch(|| errand.what.run()) {
            drop_quietly(payload);
        }
    }

    /// # Safety
    /// As `come_back`.
    unsafe fn cancel(job: NonNull<Header>) {
        // SAFETY: as the caller says.
        drop(unsafe { Self::come_back(job) });
    }
}

impl ThreadPool {
    /// Sends an errand: a worker calls its [`Run::run`] once. Another worker may still be on
    /// the one before.
    ///
    /// # Errors
    /// It is not sent: [`Reason::ShutDown`], or [`Reason::NoThread`].
    /// # Panics
    /// If the pool has it and has not begun.
    /// # Memory ordering
    /// Everything before this call happens-before the run.
    /// # Cost
    /// As [`spawn`](Self::spawn), and never an allocation.
    pub(crate) fn send<T: Run>(
        &self,
        errand: &Arc<Errand<T>>,
    ) -> Result<(), Reason> {
        // ORDERING: Acquire pairs with the Release in `come_back`: the header is ours.
        let sent = errand.sent.swap(true, Acquire);
        assert!(!sent, "an errand is sent again when it has begun");
        let pointer = Arc::into_raw(Arc::clone(errand)).cast_mut();
        let header = NonNull::new(pointer.cast::<Header>());
        let header = header.expect("an `Arc` points to something");
        // SAFETY: what it does is `Send` and `Sync`; it lives as long as the `Arc` that was
        // made a pointer; and `sent` says that there is no other `Job` of it.
        let job = unsafe { Job::new(header) };
        self.push(job).map_err(|(job, reason)| {
            job.cancel();
            reason
        })
    }
}

impl<T: fmt::Debug> fmt::Debug for Errand<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Errand")
            .field("what", &self.what)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ground::atomic::{AtomicUsize, Ordering::Relaxed};
    use crate::ground::thread;
    use crate::testkit::within;
    use std::time::Duration;

    /// Counts its runs, and panics in the first.
    struct Count(AtomicUsize);

    impl Run for Count {
        fn run(&self) {
            // ORDERING: Relaxed. A count.
            assert!(self.0.fetch_add(1, Relaxed) > 0, "the first one");
        }
    }

    #[test]
    fn an_errand_runs_as_often_as_it_is_sent() {
        within(Duration::from_secs(20), || {
            let pool = ThreadPool::new(2);
            let errand = Errand::new(Count(AtomicUsize::new(0)));
            for runs in 0..100 {
                pool.send(&errand).unwrap();
                // ORDERING: Relaxed, as above.
                while errand.what().0.load(Relaxed) == runs {
                    thread::yield_now();
                }
            }
            drop(pool);
            assert_eq!(Arc::strong_count(&errand), 1, "the pool has let go of it");
        });
    }

    #[test]
    fn an_errand_that_is_refused_can_be_sent_again() {
        let pool = ThreadPool::new(1);
        pool.shutdown();
        let errand = Errand::new(Count(AtomicUsize::new(0)));
        for _ in 0..2 {
            assert_eq!(pool.send(&errand), Err(Reason::ShutDown));
            assert_eq!(Arc::strong_count(&errand), 1);
        }
    }
}
