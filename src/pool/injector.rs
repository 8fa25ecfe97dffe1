//! The queue through which jobs come from outside, and into which a full ring flows over.

use crate::ground::sync::{Mutex, MutexGuard, PoisonError};

use super::job::List;

/// A queue in which order is kept.
pub(super) struct Injector {
    inner: Mutex<Inner>,
}

struct Inner {
    jobs: List,
    closed: bool,
}

impl Injector {
    pub(super) fn new() -> Self {
        Self {
            inner: Mutex::new(Inner {
                jobs: List::new(),
                closed: false,
            }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts jobs at the end, unless the queue is closed: then they come back.
    pub(super) fn push(&self, jobs: List) -> Result<(), List> {
        let mut inner = self.lock();
        if inner.closed {
            return Err(jobs);
        }
        inner.jobs.append(jobs);
        Ok(())
    }

    /// Puts jobs at the end, also if the queue is closed: for those who are inside.
    pub(super) fn push_inside(&self, jobs: List) {
        self.lock().jobs.append(jobs);
    }

    /// Takes the oldest: one of `threads` parts of all, but at most `most`.
    pub(super) fn take_share(&self, threads: usize, most: usize) -> List {
        let mut inner = self.lock();
        let share = inner.jobs.len().div_ceil(threads).min(most);
        let mut taken = List::new();
        for _ in 0..share {
            if let Some(job) = inner.jobs.pop_front() {
                taken.push_back(job);
            }
        }
        taken
    }

    /// Takes all.
    pub(super) fn take_all(&self) -> List {
        std::mem::take(&mut self.lock().jobs)
    }

    /// Nobody outside gets in from now on.
    pub(super) fn close(&self) {
        self.lock().closed = true;
    }

    pub(super) fn len(&self) -> usize {
        self.lock().jobs.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
