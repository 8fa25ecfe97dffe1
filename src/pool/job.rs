//! What a pool runs: a pointer to something whose first field is a [`Header`].
//!
//! A queue of such pointers knows nothing about what they stand for. A job that a handle
//! waits for is on the heap, one of a scope in a chunk of many, and the second half of a
//! `join` on the stack of whoever called it.

#![allow(
    unsafe_code,
    reason = "calls through a pointer whose type only its maker knows"
)]

use std::cell::UnsafeCell;
use std::ptr::NonNull;

use super::worker::Worker;

/// Who waits for a job, and so what becomes of it when the pool is shut down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It was spawned: `shutdown_now` may hand it out.
    Spawned,
    /// As `Spawned`, by `try_spawn`: it is counted until it starts.
    Bounded,
    /// Somebody waits until it has run, and so it is run in any case.
    Inner,
}

/// What can be done with a job.
pub(super) struct Table {
    /// Runs the job, and gives back whatever memory is its own. Never unwinds. The worker is
    /// the one that runs it, if it is one.
    pub(super) run: unsafe fn(NonNull<Header>, Option<&Worker>),
    /// Drops the job without running it. Never unwinds.
    pub(super) cancel: unsafe fn(NonNull<Header>),
    pub(super) kind: Kind,
}

/// The first field of every job, which is `repr(C)`.
#[repr(C)]
pub(super) struct Header {
    table: &'static Table,
    /// The next in a [`List`]. Belongs to whoever has the job.
    next: UnsafeCell<Option<NonNull<Header>>>,
}

impl Header {
    pub(super) fn new(table: &'static Table) -> Self {
        Self {
            table,
            next: UnsafeCell::new(None),
        }
    }
}

/// A job that has not been run, and whoever has this may run it: once.
#[must_use = "a job that is dropped is never run"]
#[derive(Debug)]
pub(super) struct Job(NonNull<Header>);

// SAFETY: `Job::new` asks that it may be run on any thread.
unsafe impl Send for Job {}

impl Job {
    /// A job from a pointer to something that begins with its header.
    ///
    /// # Safety
    /// It may be run on any thread, lives until it has been run or cancelled, and there is
    /// no other `Job` of it.
    pub(super) unsafe fn new(header: NonNull<Header>) -> Self {
        Self(header)
    }

    /// The pointer, for a queue.
    pub(super) fn into_raw(self) -> NonNull<Header> {
        self.0
    }

    /// The address, to tell jobs apart.
    pub(super) fn as_ptr(&self) -> *const Header {
        self.0.as_ptr()
    }

    pub(super) fn kind(&self) -> Kind {
        // SAFETY: whoever has the `Job` knows that it lives: see `new`.
        unsafe { self.0.as_ref() }.table.kind
    }

    /// Runs it. The worker is the one that calls this, if it is one.
    pub(super) fn run(self, worker: Option<&Worker>) {
        // SAFETY: it lives, and this is the only `Job` of it: see `new`.
        unsafe { (self.0.as_ref().table.run)(self.0, worker) }
    }

    /// Drops it without running it.
    pub(super) fn cancel(self) {
        // SAFETY: as in `run`.
        unsafe { (self.0.as_ref().table.cancel)(self.0) }
    }

    fn next(&self) -> *mut Option<NonNull<Header>> {
        // SAFETY: it lives, as in `kind`.
        unsafe { self.0.as_ref() }.next.get()
    }
}

/// Jobs in a line, linked through their headers: it allocates nothing.
#[derive(Debug, Default)]
pub(super) struct List {
    ends: Option<(NonNull<Header>, NonNull<Header>)>,
    len: usize,
}

// SAFETY: it has its jobs, and they are `Send`.
unsafe impl Send for List {}

impl List {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) fn push_back(&mut self, job: Job) {
        // SAFETY: whoever has the job has its `next`.
        unsafe { *job.next() = None };
        let job = job.0;
        self.ends = Some(match self.ends {
            None => (job, job),
            Some((first, last)) => {
                // SAFETY: the list has its last job.
                unsafe { *last.as_ref().next.get() = Some(job) };
                (first, job)
            }
        });
        self.len += 1;
    }

    pub(super) fn pop_front(&mut self) -> Option<Job> {
        let (first, last) = self.ends?;
        // SAFETY: the list has its first job.
        let next = unsafe { *first.as_ref().next.get() };
        self.ends = next.map(|next| (next, last));
        self.len -= 1;
        Some(Job(first))
    }

    /// Puts `other` behind the last one.
    pub(super) fn append(&mut self, mut other: Self) {
        while let Some(job) = other.pop_front() {
            self.push_back(job);
        }
    }
}
