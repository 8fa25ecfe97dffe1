//! Waits until every member of a group is done.
//!
//! A counter, a lock around it, and a condition variable to sleep on while it is not zero:
//! nothing else. What makes it hard to use wrongly is the shape. To be counted you hold a
//! [`Member`], and the member is counted *before* it is handed to a thread, because it is
//! the group that makes it. A thread that panics drops its member like any other value, so
//! nobody waits for the dead.
//!
//! # Why no wake-up is lost
//!
//! 1. The waiter looks at the count while it holds the lock.
//! 2. If the count is not zero, `Condvar::wait` gives up the lock and goes to sleep in one
//!    step: no member can get in between and leave unseen.
//! 3. The member that brings the count to zero does so while it holds the lock, so either
//!    before 1 (the waiter never sleeps) or after 2 (the waiter sleeps, and is notified).
//! 4. A waiter that wakes for no reason looks at the count again: `while`, not `if`.

use std::error::Error;
use std::fmt;

use crate::ground::on_std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use crate::ground::time::{Duration, Instant};

/// Waits until every [`Member`] of the group is done.
///
/// Compare: joining waits for threads whose handles you hold; a `Barrier` releases a
/// *fixed* number of threads that all wait for each other; a wait group lets one side wait
/// for any number of jobs, which do not wait and need not be one thread each.
///
/// It can be used again: once `wait` has returned, add members for the next round. Dropping
/// the group waits for nobody.
///
/// # Example
/// ```
/// use threadbare::ground::{sync::{Arc, Mutex}, thread};
/// use threadbare::thread::WaitGroup;
///
/// let group = WaitGroup::new();
/// let found = Arc::new(Mutex::new(Vec::new()));
/// for n in 0..4 {
///     let member = group.add(); // counted here, before the thread exists
///     let found = Arc::clone(&found);
///     thread::spawn(move || {
///         found.lock().unwrap().push(n);
///         drop(found);
///         member.done();
///     });
/// }
/// group.wait(); // no handle was kept
/// assert_eq!(found.lock().unwrap().len(), 4);
/// ```
#[derive(Default)]
pub struct WaitGroup {
    shared: Arc<Shared>,
}

/// What the group and its members share.
#[derive(Default)]
struct Shared {
    /// How many members are not done.
    count: Mutex<usize>,
    /// Notified, all of it, whenever `count` becomes zero.
    is_zero: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, usize> {
        // A panic under this lock cannot leave the count half changed: it is one `usize`.
        // And a member must be able to leave while a panic unwinds, so poison is ignored.
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self) {
        let mut count = self.lock();
        *count = count.checked_add(1).expect("more than usize::MAX members");
    }

    // ANCHOR: leave
    fn leave(&self) {
        let mut count = self.lock();
        *count -= 1;
        let last = *count == 0;
        // Unlock first, so that a woken waiter finds the lock free. Safe because the
        // waiters' condition was changed under the lock (see "Why no wake-up is lost"),
        // and because the member's `Arc` keeps the condition variable alive.
        drop(count);
        if last {
            self.is_zero.notify_all();
        }
    }
    // ANCHOR_END: leave
}

impl WaitGroup {
    /// Makes a group without members: `wait` returns at once.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts one more member, and returns the value that stands for it.
    ///
    /// Call it where the work is handed out, not inside the new thread: `wait` only knows
    /// of members that were added before it looked.
    ///
    /// # Cost
    /// One lock and unlock, and a reference count. No allocation.
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
        *self.shared.lock()
    }

    /// Waits until no member is left. Any number of threads may wait at once.
    ///
    /// # Blocking
    /// Sleeps on a condition variable, woken by the member that leaves last. Spurious wakes
    /// are absorbed. A member that is leaked (`mem::forget`) is waited for for ever, and so
    /// is a member held by the thread that waits.
    /// # Memory ordering
    /// Everything before the `drop` or [`done`](Member::done) of each member
    /// happens-before this call's return.
    /// # Cost
    /// With no member left: one lock and unlock, no system call.
    // ANCHOR: wait
    pub fn wait(&self) {
        let mut count = self.shared.lock();
        while *count > 0 {
            count = self
                .shared
                .is_zero
                .wait(count)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
    // ANCHOR_END: wait

    /// Waits until no member is left, but at most `limit`.
    ///
    /// # Errors
    /// [`StillRunning`] with the number of members that were not done when time was up.
    /// Nothing is undone: wait again, or report and go on.
    /// # Blocking
    /// As [`wait`](Self::wait). Spurious wakes do not extend `limit`. A limit too far away
    /// for the clock to express waits without one.
    /// # Memory ordering
    /// On `Ok`, as [`wait`](Self::wait). On `Err` nothing is promised.
    pub fn wait_timeout(&self, limit: Duration) -> Result<(), StillRunning> {
        let Some(deadline) = Instant::now().checked_add(limit) else {
            self.wait();
            return Ok(());
        };
        let mut count = self.shared.lock();
        while *count > 0 {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(StillRunning { count: *count });
            }
            (count, _) = self
                .shared
                .is_zero
                .wait_timeout(count, left)
                .unwrap_or_else(PoisonError::into_inner);
        }
        Ok(())
    }
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
/// Cloning it adds a member: a job that starts more jobs gives each a clone, and the count
/// cannot touch zero in between.
#[must_use = "a member that is dropped at once is done at once; move it into the work"]
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

/// Time was up and members were still at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StillRunning {
    count: usize,
}

impl StillRunning {
    /// How many members were not done when time was up; at least 1.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }
}

impl fmt::Display for StillRunning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let members = if self.count == 1 {
            "member is"
        } else {
            "members are"
        };
        write!(f, "{} {members} not done", self.count)
    }
}

impl Error for StillRunning {}

#[cfg(test)]
mod models;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_group_does_not_wait() {
        WaitGroup::new().wait();
        assert_eq!(WaitGroup::new().wait_timeout(Duration::ZERO), Ok(()));
    }

    #[test]
    fn the_count_follows_add_clone_done_and_drop() {
        let group = WaitGroup::new();
        let first = group.add();
        let second = first.clone();
        assert_eq!(group.count(), 2);
        first.done();
        assert_eq!(group.count(), 1);
        drop(second);
        assert_eq!(group.count(), 0);
    }

    #[test]
    fn a_time_limit_says_how_many_are_left_and_may_be_tried_again() {
        let group = WaitGroup::new();
        let members = [group.add(), group.add()];
        let error = group.wait_timeout(Duration::from_millis(1)).unwrap_err();
        assert_eq!(
            (error.count(), error.to_string()),
            (2, "2 members are not done".into())
        );
        drop(members);
        assert_eq!(group.wait_timeout(Duration::MAX), Ok(()));
    }

    #[test]
    fn a_member_outlives_its_group() {
        let group = WaitGroup::new();
        let member = group.add();
        drop(group);
        member.done();
    }

    #[test]
    fn debug_shows_the_count() {
        let group = WaitGroup::new();
        let member = group.add();
        assert_eq!(
            format!("{group:?} {member:?}"),
            "WaitGroup { count: 1 } Member { .. }"
        );
    }
}
