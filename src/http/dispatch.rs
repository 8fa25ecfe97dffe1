//! What the loops hand over to the handler threads: a queue with a limit, which counts the
//! threads that are free as room.
//!
//! | who | does | system calls |
//! |---|---|---|
//! | a loop | brings the requests of a tick, all at once | at most one wake |
//! | a thread | takes **one**, and wakes the next if more are left and somebody sleeps | as many |
//!
//! A batch for each thread would be fewer locks, and jobs that wait behind a slow one while
//! another thread sleeps. So each takes one; and as a batch for which the loop wakes a single
//! thread must not wait for that one either, waking is a chain. One is on its way at most:
//! whoever comes up calls the next. The invariant, whenever the lock is free:
//!
//! > If a job waits and a thread sleeps, then a thread has been called and is not up yet.
//!
//! **Room** is for as many jobs as there are threads without one, and `cap` more. Whether
//! those threads have taken them yet makes no difference, so the number that is refused does
//! not depend on who was quicker, and with `cap` 0 a job is taken if a thread is free.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

use std::collections::VecDeque;
use std::fmt;

use crate::ground::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// For how many jobs there is memory from the beginning.
const RESERVED: usize = 4096;

// ANCHOR: dispatch
/// The jobs that wait for a thread. First come, first served.
pub(crate) struct Dispatch<T> {
    inside: Mutex<Inside<T>>,
    /// Those who have found nothing.
    jobs_or_end: Condvar,
    /// How many jobs wait beyond those for which a thread is free.
    cap: usize,
    threads: usize,
}

struct Inside<T> {
    jobs: VecDeque<T>,
    /// How many threads have no job, whether they look, sleep, or have yet to start.
    /// INVARIANT: `jobs.len() <= cap + free`.
    free: usize,
    /// How many of them sleep, or have been called and are not up yet.
    asleep: usize,
    /// One of those has been called.
    called: bool,
    /// How many takers there are.
    takers: usize,
    closed: bool,
}
// ANCHOR_END: dispatch

impl<T> Dispatch<T> {
    /// A queue of `cap` for this many threads.
    pub(crate) fn new(cap: usize, threads: usize) -> Self {
        Self {
            inside: Mutex::new(Inside {
                jobs: VecDeque::with_capacity(
                    cap.saturating_add(threads).min(RESERVED),
                ),
                free: threads,
                asleep: 0,
                called: false,
                takers: 0,
                closed: false,
            }),
            jobs_or_end: Condvar::new(),
            cap,
            threads,
        }
    }

    // ANCHOR: push
    /// Takes as many of `batch` as there is room for, the first ones. Those that are refused
    /// stay in it. When it is closed that is all of them.
    ///
    /// # Blocking
    /// For the lock, which nobody has for longer than it takes to move a batch.
    /// # Memory ordering
    /// Everything before this call happens-before the return of each `next` that takes one
    /// of the jobs.
    /// # Cost
    /// One lock; at most one system call, if a thread sleeps and none has been called.
    pub(crate) fn push(&self, batch: &mut Vec<T>) {
        let mut inside = self.lock();
        if inside.closed {
            return;
        }
        let room = self.cap.saturating_add(inside.free) - inside.jobs.len();
        let taken = room.min(batch.len());
        inside.jobs.extend(batch.drain(..taken));
        self.call_one(inside);
    }
    // ANCHOR_END: push

    /// What a thread takes its jobs with.
    ///
    /// # Panics
    /// If there are as many as threads already.
    pub(crate) fn taker(&self) -> Taker<'_, T> {
        let mut inside = self.lock();
        assert!(inside.takers < self.threads, "one for each thread");
        inside.takers += 1;
        Taker {
            dispatch: self,
            has_job: false,
        }
    }

    /// Says that nothing more will come: threads take what waits, and then there is no next.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.jobs_or_end.notify_all();
    }

    /// How many jobs wait.
    pub(crate) fn waiting(&self) -> usize {
        self.lock().jobs.len()
    }

    /// Wakes a thread, if a job waits and nobody has been called for it.
    #[inline]
    fn call_one(&self, mut inside: MutexGuard<'_, Inside<T>>) {
        let call = !inside.jobs.is_empty() && inside.asleep > 0 && !inside.called;
        inside.called |= call;
        drop(inside);
        // Who is woken needs the lock first of all: so it is given back before.
        if call {
            self.jobs_or_end.notify_one();
        }
    }

    #[inline]
    fn lock(&self) -> MutexGuard<'_, Inside<T>> {
        // Jobs are moved under this lock, and nothing of theirs is run, not even a `Drop`.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A thread that takes jobs. It has at most one at a time: who asks for the next is done with
/// the one before.
#[derive(Debug)]
pub(crate) struct Taker<'a, T> {
    dispatch: &'a Dispatch<T>,
    has_job: bool,
}

impl<T> Taker<'_, T> {
    // ANCHOR: next
    /// The job that has waited longest. `None` once it is closed and no job is left.
    ///
    /// # Blocking
    /// Until there is a job, or it is closed. Spurious wake-ups are absorbed.
    /// # Memory ordering
    /// As for [`Dispatch::push`].
    /// # Cost
    /// With a job there: one lock; a system call if more wait, and a thread sleeps.
    pub(crate) fn next(&mut self) -> Option<T> {
        let mut inside = self.dispatch.lock();
        inside.free += usize::from(self.has_job);
        self.has_job = false;
        loop {
            if let Some(job) = inside.jobs.pop_front() {
                inside.free -= 1;
                self.has_job = true;
                self.dispatch.call_one(inside);
                return Some(job);
            }
            if inside.closed {
                return None;
            }
            inside.asleep += 1;
            let woken = self.dispatch.jobs_or_end.wait(inside);
            inside = woken.unwrap_or_else(PoisonError::into_inner);
            inside.asleep -= 1;
            // Whoever was called: from here on this thread looks. If it has woken for no
            // reason, and another is on its way, a call too many does no harm.
            inside.called = false;
        }
    }
    // ANCHOR_END: next
}

impl<T> fmt::Debug for Dispatch<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inside = self.lock();
        f.debug_struct("Dispatch")
            .field("waiting", &inside.jobs.len())
            .field("free", &inside.free)
            .field("asleep", &inside.asleep)
            .field("closed", &inside.closed)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod models;

#[cfg(test)]
mod tests {
    use super::*;

    /// Brings `batch`. What is refused.
    fn push(dispatch: &Dispatch<u32>, batch: &[u32]) -> Vec<u32> {
        let mut batch = batch.to_vec();
        dispatch.push(&mut batch);
        batch
    }

    #[test]
    fn free_threads_are_room_whether_they_have_started_or_not() {
        let dispatch = Dispatch::new(2, 3);
        assert_eq!(push(&dispatch, &[1, 2, 3, 4]), []);
        assert_eq!(push(&dispatch, &[5, 6, 7]), [6, 7]);
        let (mut one, mut other) = (dispatch.taker(), dispatch.taker());
        assert_eq!((one.next(), other.next()), (Some(1), Some(2)));
        // Who has taken a job is not free: there is no more room than before.
        assert_eq!((dispatch.waiting(), push(&dispatch, &[8])), (3, vec![8]));
        // It is done with it, has the next, and a place is free.
        assert_eq!(one.next(), Some(3));
        assert_eq!(push(&dispatch, &[8, 9]), [9]);
    }

    #[test]
    fn without_a_queue_a_job_is_taken_if_a_thread_is_free() {
        let dispatch = Dispatch::new(0, 1);
        let mut taker = dispatch.taker();
        assert_eq!(
            push(&dispatch, &[1, 2]),
            [2],
            "one for the thread that is free"
        );
        assert_eq!(taker.next(), Some(1));
        assert_eq!(push(&dispatch, &[2]), [2], "it is not free any more");
        let none = Dispatch::new(0, 0);
        assert_eq!(push(&none, &[1]), [1]);
    }

    #[test]
    fn when_it_is_closed_what_waits_is_given_out() {
        let dispatch = Dispatch::new(usize::MAX, 1);
        let mut taker = dispatch.taker();
        assert_eq!(push(&dispatch, &[1, 2]), []);
        dispatch.close();
        assert_eq!(push(&dispatch, &[3]), [3]);
        assert_eq!(
            [(); 4].map(|()| taker.next()),
            [Some(1), Some(2), None, None]
        );
    }
}
