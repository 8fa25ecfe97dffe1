//! Waits until every member of a group is done, and works while it waits.
//!
//! It is used as [`thread::WaitGroup`](crate::thread::WaitGroup) is, and differs in who waits.
//! If that is a worker of a pool, then putting it to sleep might put to sleep the very thread
//! that is to do what it waits for: in a pool of one thread always, and in a larger one as soon
//! as enough of them wait. So here a worker that waits runs jobs until the group is done, and
//! sleeps only while there are none.
//!
//! # Why nobody waits for ever, or too short
//!
//! 1. Who waits takes the lock and looks at the count. If it is not zero, he notes the number
//!    of the round, stands in line, and gives the lock back.
//! 2. Who brings the count to zero takes the lock, and looks at it again, because somebody may
//!    have added a member since. If it is still zero, the round is over: he counts it, takes
//!    the line, gives the lock back, and wakes those who stood there.
//! 3. If 2 comes before 1, the waiter finds zero. If it comes after, he is in the line. If the
//!    count was not zero any more at 2, whoever brings it there again does the same.
//! 4. The waiter goes on when the number of the round has changed, and does not ask for the
//!    count: that may have risen again, for members that he does not wait for.

use std::fmt;
use std::mem;

use super::latch::{self, Waker};
use crate::ground::Named as _;
use crate::ground::atomic::{
    AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::ground::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Waits until every [`Member`] of the group is done; a worker of a pool runs jobs meanwhile.
///
/// It can be used again: once `wait` has returned, add members for the next round. Dropping
/// the group waits for nobody.
///
/// # Example
/// A job that waits for jobs, in a pool of one thread:
/// ```
/// use threadbare::ground::sync::{Arc, Mutex};
/// use threadbare::pool::{self, ThreadPool, WaitGroup};
///
/// let pool = ThreadPool::new(1);
/// let found = pool.install(|| {
///     let group = WaitGroup::new();
///     let found = Arc::new(Mutex::new(Vec::new()));
///     for n in 0..4 {
///         let member = group.add(); // counted here, before the job exists
///         let found = Arc::clone(&found);
///         let spawned = pool.spawn(move || {
///             found.lock().unwrap().push(n);
///             member.done();
///         });
///         spawned.expect("the pool takes jobs");
///     }
///     group.wait(); // runs them: there is nobody else
///     found.lock().unwrap().len()
/// });
/// assert_eq!(found, 4);
/// ```
#[derive(Default)]
pub struct WaitGroup {
    shared: Arc<Shared>,
}

/// What the group and its members share.
struct Shared {
    /// How many members are not done.
    count: AtomicUsize,
    /// How often that has become zero. Changes under the lock.
    round: AtomicUsize,
    /// Those who wait for the end of this round.
    line: Mutex<Vec<Waker>>,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            count: AtomicUsize::new(0).named("count"),
            round: AtomicUsize::new(0).named("round"),
            line: Mutex::new(Vec::new()),
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Vec<Waker>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self) {
        // ORDERING: Relaxed. That the count isn't zero while somebody adds is for the caller,
        // who adds before the job is handed over; nothing is read on the strength of it.
        let before = self.count.fetch_add(1, Relaxed);
        assert!(
            before < usize::MAX / 2,
            "more members than a program can have"
        );
    }

    // ANCHOR: leave
    fn leave(&self) {
        // ORDERING: Release. What this member has done comes before the count is zero; pairs
        // with the Acquire in `is_zero`.
        if self.count.fetch_sub(1, Release) == 1 {
            self.end_round();
        }
    }

    #[cold]
    fn end_round(&self) {
        let mut line = self.lock();
        if !self.is_zero() {
            return;
        }
        // ORDERING: Release. What the members have done comes before it; pairs with the Acquire in
        // `wait`.
        self.round.fetch_add(1, Release);
        let those = mem::take(&mut *line);
        drop(line);
        those.iter().for_each(Waker::wake);
    }
    // ANCHOR_END: leave

    fn is_zero(&self) -> bool {
        // ORDERING: Acquire pairs with the Release in `leave`, of each of those who left.
        self.count.load(Acquire) == 0
    }
}

impl WaitGroup {
    /// Makes a group without members: `wait` returns at once.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts one more member, and returns the value that stands for it.
    ///
    /// Call it where the job is spawned, not inside the job: `wait` only knows of members that
    /// were added before it looked.
    ///
    /// # Cost
    /// An atomic addition, and a reference count. No allocation.
    pub fn add(&self) -> Member {
        self.shared.enter();
        Member {
            shared: Arc::clone(&self.shared),
        }
    }

    /// How many members are not done. Already out of date when you read it: for messages,
    /// never for decisions.
    #[must_use]
    pub fn count(&self) -> usize {
        // ORDERING: Relaxed. A number to look at.
        self.shared.count.load(Relaxed)
    }

    /// Waits until no member is left. Any number of threads may wait at once, workers of any
    /// pool and others.
    ///
    /// # Blocking
    /// A worker of a pool runs jobs of its pool meanwhile, and sleeps while there are none. So
    /// jobs that wait for jobs do not bring a pool to a standstill; but hold no lock that a job
    /// may want. Another thread sleeps. Woken by the member that leaves last; wake-ups for no
    /// reason are absorbed. A member that is leaked is waited for for ever, and so is one held
    /// by whoever waits.
    /// # Memory ordering
    /// Everything before the `drop` or [`done`](Member::done) of each member happens-before
    /// this call's return.
    /// # Cost
    /// With no member left: one load. Otherwise a lock, and a place in a vector.
    // ANCHOR: wait
    pub fn wait(&self) {
        let shared = &*self.shared;
        if shared.is_zero() {
            return;
        }
        let mut line = shared.lock();
        if shared.is_zero() {
            return;
        }
        // ORDERING: Relaxed. It changes under the lock only.
        let round = shared.round.load(Relaxed);
        line.push(Waker::current());
        drop(line);
        // ORDERING: Acquire pairs with the Release in `end_round`: what the members have done is
        // seen. That who goes to sleep sees it, or is seen to sleep, is for `wait_until`.
        latch::wait_until(&|| shared.round.load(Acquire) != round);
    }
    // ANCHOR_END: wait
}

impl fmt::Debug for WaitGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitGroup")
            .field("count", &self.count())
            .finish()
    }
}

/// One of those that a [`WaitGroup`] waits for. Dropping it, also in a panic, means done.
///
/// Cloning it adds a member: a job that spawns more jobs gives each a clone, and the count
/// cannot touch zero in between.
#[must_use = "a member that is dropped at once is done at once; move it into the job"]
pub struct Member {
    shared: Arc<Shared>,
}

impl Member {
    /// Leaves the group. The same as dropping the member, but it reads as what it means,
    /// and it moves the member into the closure that calls it.
    pub fn done(self) {}
}

impl Clone for Member {
    fn clone(&self) -> Self {
        self.shared.enter();
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.shared.leave();
    }
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Member").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod models;
