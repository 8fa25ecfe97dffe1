//! What a pool runs: a pointer to something whose first field is a [`Header`].
//!
//! A queue of such pointers knows nothing about what they stand for. A job that a handle
//! waits for is on the heap, one of a scope in a chunk of many, and the second half of a
//! `join` on the stack of whoever called it.

#![allow(
    unsafe_code,
    reason = "calls through a pointer whose type only its maker knows"
)]

use std::ptr::NonNull;

use super::worker::Worker;
use crate::ground::cell::UnsafeCell;

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
}

/// Jobs in a line, linked through their headers: it allocates nothing.
#[derive(Debug, Default)]
pub(super) struct List {
    /// The first and the last.
    ends: Option<(NonNull<Header>, NonNull<Header>)>,
    len: usize,
}

// SAFETY: it has its jobs, and they are `Send`.
unsafe impl Send for List {}

/// Jobs the other way round: each is linked to the one that came before it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chain {
    pub(super) newest: NonNull<Header>,
    oldest: NonNull<Header>,
}

impl Chain {
    /// Links the oldest to what is older still.
    pub(super) fn link(self, older: Option<NonNull<Header>>) {
        // SAFETY: whoever has the chain has the links of its jobs.
        unsafe { set_next(self.oldest, older) };
    }
}

impl List {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// A line of one.
    pub(super) fn of(job: Job) -> Self {
        let mut jobs = Self::new();
        jobs.push_back(job);
        jobs
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) fn push_back(&mut self, job: Job) {
        self.append(Self {
            ends: Some((job.0, job.0)),
            len: 1,
        });
    }

    pub(super) fn pop_front(&mut self) -> Option<Job> {
        let (first, last) = self.ends?;
        self.len -= 1;
        self.ends = if self.len == 0 {
            None
        } else {
            // SAFETY: the list has its jobs, and so their links.
            unsafe { next(first) }.map(|next| (next, last))
        };
        Some(Job(first))
    }

    /// Puts `other` behind the last one.
    pub(super) fn append(&mut self, other: Self) {
        self.len += other.len;
        self.ends = match (self.ends, other.ends) {
            (Some((first, last)), Some((behind, end))) => {
                // SAFETY: the list has its jobs, and so their links.
                unsafe { set_next(last, Some(behind)) };
                Some((first, end))
            }
            (ours, theirs) => ours.or(theirs),
        };
    }

    /// Takes the first `count`, or all.
    pub(super) fn split_off_front(&mut self, count: usize) -> Self {
        if count >= self.len {
            return std::mem::take(self);
        }
        let mut front = Self::new();
        while front.len < count
            && let Some(job) = self.pop_front()
        {
            front.push_back(job);
        }
        front
    }

    /// Turns it round.
    pub(super) fn reversed(self) -> Self {
        let len = self.len;
        let chain = self.into_chain();
        Self {
            ends: chain.map(|chain| (chain.newest, chain.oldest)),
            len,
        }
    }

    /// Links each job to the one before it.
    pub(super) fn into_chain(mut self) -> Option<Chain> {
        let (oldest, newest) = self.ends?;
        let mut before = None;
        while let Some(job) = self.pop_front() {
            // SAFETY: it was taken out just now.
            unsafe { set_next(job.0, before) };
            before = Some(job.0);
        }
        Some(Chain { newest, oldest })
    }

    /// A chain whose oldest job is linked to nothing, turned round.
    pub(super) fn from_chain(newest: Option<NonNull<Header>>) -> Self {
        let mut list = Self::new();
        let mut at = newest;
        while let Some(job) = at {
            // SAFETY: whoever has the chain has the links of its jobs.
            at = unsafe { next(job) };
            let one = Self {
                ends: Some((job, job)),
                len: 1,
            };
            let newer = std::mem::replace(&mut list, one);
            list.append(newer);
        }
        list
    }
}

/// # Safety
/// The caller has the job.
unsafe fn next(job: NonNull<Header>) -> Option<NonNull<Header>> {
    // SAFETY: it lives until it is run, and the link is the caller's.
    unsafe { job.as_ref().next.with(|next| *next) }
}

/// # Safety
/// The caller has the job.
unsafe fn set_next(job: NonNull<Header>, to: Option<NonNull<Header>>) {
    // SAFETY: it lives until it is run, and the link is the caller's.
    unsafe { job.as_ref().next.with_mut(|next| *next = to) };
}

#[cfg(test)]
mod tests;
