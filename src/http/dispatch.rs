//! What the loops hand over to the handler threads: a queue with a limit, which counts the
//! threads that are free as room.
//!
//! | who | does | system calls |
//! |---|---|---|
//! | a loop | brings the requests of a tick, all at once | at most one wake |
//! | the same, if it watches | looks whether one thread was enough | at most one wake |
//! | a thread | takes **one**; wakes the next if more are left, unless a loop watches | as many |
//!
//! A batch for each thread would be fewer locks, and jobs that wait behind a slow one while
//! another thread sleeps. So each takes one; and as a batch for which the loop wakes a single
//! thread must not wait for that one either, waking is a chain. One is on its way at most:
//! whoever comes up calls the next. The invariant, whenever the lock is free:
//!
//! > If a job waits and a thread sleeps, then a thread has been called and is not up yet, or a
//! > loop is going to look.
//!
//! The second half is for batches of short jobs. On one core the thread that was called first
//! has done all of them before the next one is up, which was woken for nothing. So a loop that
//! brings several may watch: no thread calls another until that loop has looked, which it does
//! as soon as the first thread has had its turn.
//!
//! **Room** is for as many jobs as there are threads without one, and `cap` more. Whether
//! those threads have taken them yet makes no difference, so the number that is refused does
//! not depend on who was quicker, and with `cap` 0 a job is taken if a thread is free. A thread
//! says that it is **before** anybody can see what came of its job: a client that has its
//! answer and asks again at once must not hear that all are busy. That needs no lock: under it
//! the jobs are counted that were taken, and beside it those that are done.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

use std::collections::VecDeque;
use std::fmt;

use crate::ground::atomic::{AtomicUsize, Ordering::Relaxed};
use crate::ground::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// For how many jobs there is memory from the beginning.
const RESERVED: usize = 4096;

// ANCHOR: dispatch
/// The jobs that wait for a thread. First come, first served.
pub(crate) struct Dispatch<T> {
    inside: Mutex<Inside<T>>,
    /// Those who have found nothing.
    jobs_or_end: Condvar,
    /// How many jobs are done, past `usize::MAX` from 0 again.
    done: AtomicUsize,
    /// How many jobs wait beyond those for which a thread is free.
    cap: usize,
    threads: usize,
}

struct Inside<T> {
    jobs: VecDeque<T>,
    /// How many jobs were taken, counted as those that are done. INVARIANT: at most one for
    /// each thread is not.
    taken: usize,
    /// How many threads sleep, or have been called and are not up yet.
    asleep: usize,
    /// One of those has been called.
    called: bool,
    /// Whether somebody is going to look if that was enough.
    watched: bool,
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
                taken: 0,
                asleep: 0,
                called: false,
                watched: false,
                takers: 0,
                closed: false,
            }),
            jobs_or_end: Condvar::new(),
            done: AtomicUsize::new(0),
            cap,
            threads,
        }
    }

    // ANCHOR: push
    /// Takes as many of `batch` as there is room for, the first ones. Those that are refused
    /// stay in it. When it is closed that is all of them.
    ///
    /// One thread is woken, which wakes the next if there is more to do, before it begins, and
    /// so on. If the batch is `watched` that is left to the caller, who promises to
    /// [`look`](Self::look) soon. Until then one thread does what it can. A batch of short jobs
    /// is over by then, and no other thread was woken for nothing.
    ///
    /// # Blocking
    /// For the lock, which nobody has for longer than it takes to move a batch.
    /// # Memory ordering
    /// Everything before this call happens-before the return of each `next` that takes one
    /// of the jobs.
    /// # Cost
    /// One lock; at most one system call, if a thread sleeps and none has been called.
    pub(crate) fn push(&self, batch: &mut Vec<T>, watched: bool) {
        let mut inside = self.lock();
        if inside.closed {
            return;
        }
        let most = self.cap.saturating_add(self.free(&inside));
        let room = most.saturating_sub(inside.jobs.len());
        let accepted = room.min(batch.len());
        inside.jobs.extend(batch.drain(..accepted));
        inside.watched = watched;
        self.call_one(inside);
    }

    // ANCHOR: look
    /// Ends the watch: wakes a thread, if a job waits still and nobody has been called for it,
    /// and from now on each wakes the next.
    ///
    /// # Cost
    /// As for [`push`](Self::push).
    pub(crate) fn look(&self) {
        let mut inside = self.lock();
        inside.watched = false;
        self.call_one(inside);
    }

    /// Whether a thread was called and is not up yet, though a job waits for it.
    ///
    /// # Cost
    /// One lock.
    pub(crate) fn is_called(&self) -> bool {
        let inside = self.lock();
        inside.called && !inside.jobs.is_empty()
    }
    // ANCHOR_END: look

    /// How many threads have no job, whether they look, sleep, or have yet to start.
    #[inline]
    fn free(&self, inside: &Inside<T>) -> usize {
        // ORDERING: Relaxed. Who has learnt of it that a job is done finds it counted by
        // `done`; for all others it may as well be done a moment later.
        let done = self.done.load(Relaxed);
        self.threads - inside.taken.wrapping_sub(done)
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
    #[cfg(test)]
    pub(crate) fn waiting(&self) -> usize {
        self.lock().jobs.len()
    }

    // ANCHOR: call_one
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
    // ANCHOR_END: call_one

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
    // ANCHOR: done
    /// Says that this thread is free again. The time for it is before anybody learns what came
    /// of the job; [`next`](Self::next) does it for who has not.
    #[inline]
    pub(crate) fn done(&mut self) {
        if self.has_job {
            self.has_job = false;
            // ORDERING: Relaxed. Who tells what came of the job publishes this with it; it is
            // read in `free`.
            self.dispatch.done.fetch_add(1, Relaxed);
        }
    }
    // ANCHOR_END: done

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
        self.done();
        let mut inside = self.dispatch.lock();
        loop {
            if let Some(job) = inside.jobs.pop_front() {
                inside.taken = inside.taken.wrapping_add(1);
                self.has_job = true;
                if !inside.watched {
                    self.dispatch.call_one(inside);
                }
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
            .field("free", &self.free(&inside))
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
        dispatch.push(&mut batch, false);
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
        // It is done with it, and then has the next: that is one more.
        one.done();
        one.done();
        assert_eq!(push(&dispatch, &[8, 9]), [9]);
        assert_eq!((one.next(), push(&dispatch, &[9])), (Some(3), vec![9]));
        // Who has not said so is done when it asks for the next.
        assert_eq!((one.next(), push(&dispatch, &[9, 0])), (Some(4), vec![0]));
    }

    #[test]
    fn without_a_queue_a_job_is_taken_if_a_thread_is_free() {
        let dispatch = Dispatch::new(0, 1);
        let mut taker = dispatch.taker();
        for job in [1, 2, 3] {
            assert_eq!(push(&dispatch, &[job, 0]), [0], "one, for one who is free");
            assert_eq!(taker.next(), Some(job));
            assert_eq!(push(&dispatch, &[0]), [0], "it is not free any more");
            taker.done();
        }
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
