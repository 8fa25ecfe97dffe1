//! The queue from the course's own mutex and condition variables: a ring, and a look before
//! each sleep.
//!
//! [`v1_on_std`](super::v1_on_std) spends its time on sleep. If the consumer is the faster
//! one by a little, the queue is empty each time it looks; it sleeps, and the producer has
//! to wake it, for every single item. Yet the next item is only a fraction of a microsecond
//! away. So here whoever finds the queue empty, or full, looks again a few times, less and
//! less often, before it takes the lock to sleep. What it looks at is a copy of the length
//! beside the lock, so that it does not disturb the one that it waits for.
//!
//! The count of sleepers of v1 is gone. It saved the system call when nobody sleeps, and
//! [`sync::Condvar`](crate::sync::Condvar) does that by itself.
//!
//! The other reasons why no wake-up is lost are those of v1.

use std::collections::VecDeque;
use std::fmt;

use super::{TryPopError, TryPushError};
use crate::ground::atomic::{AtomicUsize, Ordering::Relaxed};
use crate::ground::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use crate::ground::time::{Duration, Instant};
use crate::locks::{Closed, RESERVED};
use crate::sync::look;

/// A queue for any number of producers and consumers, with a capacity. First in, first out.
///
/// Share it by reference (`thread::scope`) or in an `Arc`. [`close`](Self::close) says that
/// nothing more will come: consumers take what is left and then get `None`.
///
/// # Poisoning
/// Ignored. Under the lock a value is moved into or out of the queue's memory, and nothing of
/// the caller's runs, not even a `Drop`: a panic has no way to leave the queue half-changed.
///
/// # Example
/// ```
/// use std::thread;
/// use threadbare::locks::BoundedQueue;
///
/// let queue = BoundedQueue::new(2);
/// let sum: u32 = thread::scope(|scope| {
///     scope.spawn(|| {
///         for n in 1..=100 {
///             queue.push(n).unwrap(); // waits while two are in it
///         }
///         queue.close();
///     });
///     let mut sum = 0;
///     while let Some(n) = queue.pop() {
///         sum += n;
///     }
///     sum
/// });
/// assert_eq!(sum, 5050);
/// ```
pub struct BoundedQueue<T> {
    state: Mutex<State<T>>,
    capacity: usize,
    /// How many items are in it, or [`CLOSED`]: as it was a moment ago, for those who wait.
    seen: AtomicUsize,
    /// One is notified whenever an item was taken; all when the queue is closed.
    not_full: Condvar,
    /// One is notified whenever an item was brought; all when the queue is closed.
    not_empty: Condvar,
}

struct State<T> {
    /// A ring: it has its memory from the start, if it is not too much, and each place is
    /// used again. INVARIANT: never more items than the capacity.
    items: VecDeque<T>,
    closed: bool,
}

/// No length, so nobody waits for another.
const CLOSED: usize = usize::MAX;

impl<T> BoundedQueue<T> {
    /// Makes a queue with room for `capacity` items.
    ///
    /// # Panics
    /// If `capacity` is 0: nobody could ever push.
    /// # Cost
    /// The only allocation: for all items at once. Beyond 4096 of them it is made for these,
    /// and grows when they are there; `usize::MAX` is a queue without a limit.
    #[must_use]
    #[track_caller]
    pub fn new(capacity: usize) -> Self {
        assert!(capacity > 0, "a queue without room takes nothing");
        Self {
            state: Mutex::new(State {
                items: VecDeque::with_capacity(capacity.min(RESERVED)),
                closed: false,
            }),
            capacity,
            seen: AtomicUsize::new(0),
            not_full: Condvar::new(),
            not_empty: Condvar::new(),
        }
    }

    /// Puts `item` behind the others; waits while the queue is full.
    ///
    /// # Errors
    /// [`Closed`] with the item, if the queue is closed, or is while this waits.
    /// # Blocking
    /// Looks a few times, then sleeps on a condition variable until there is room or the
    /// queue is closed. Spurious wakes are absorbed. Who waits longest need not be served
    /// first.
    /// # Memory ordering
    /// All that came before the push of an item happens-before the return of its pop.
    /// # Cost
    /// With room, and no consumer asleep: one lock and unlock, no system call.
    // ANCHOR: push
    pub fn push(&self, item: T) -> Result<(), Closed<T>> {
        self.look_while(|len| len == self.capacity);
        let mut state = self.lock();
        while self.is_full(&state) {
            let woken = self.not_full.wait(state);
            state = woken.unwrap_or_else(PoisonError::into_inner);
        }
        self.put(state, item)
            .map_err(|error| Closed(error.into_inner()))
    }
    // ANCHOR_END: push

    /// Puts `item` behind the others if there is room now.
    ///
    /// # Errors
    /// [`TryPushError`] with the item.
    pub fn try_push(&self, item: T) -> Result<(), TryPushError<T>> {
        self.put(self.lock(), item)
    }

    /// Puts `item` behind the others; waits while the queue is full, but at most `limit`.
    ///
    /// # Errors
    /// [`TryPushError`] with the item: `Full` if time was up.
    /// # Blocking
    /// As [`push`](Self::push), but sleeps at once. Spurious wakes do not extend `limit`.
    pub fn push_timeout(
        &self,
        item: T,
        limit: Duration,
    ) -> Result<(), TryPushError<T>> {
        let must_wait = |state: &State<T>| self.is_full(state);
        let state = wait_at_most(&self.not_full, self.lock(), limit, must_wait);
        self.put(state, item)
    }

    /// Takes the item in front; waits while the queue is empty. `None` if it is closed and
    /// all items have been taken.
    ///
    /// # Blocking
    /// Looks a few times, then sleeps on a condition variable until there is an item or the
    /// queue is closed. Spurious wakes are absorbed. Who waits longest need not be served
    /// first.
    /// # Memory ordering
    /// All that came before the push of the item happens-before this call's return.
    /// # Cost
    /// With an item, and no producer asleep: one lock and unlock, no system call.
    // ANCHOR: pop
    pub fn pop(&self) -> Option<T> {
        self.look_while(|len| len == 0);
        let mut state = self.lock();
        while state.must_be_waited_for() {
            let woken = self.not_empty.wait(state);
            state = woken.unwrap_or_else(PoisonError::into_inner);
        }
        self.take(state).ok()
    }
    // ANCHOR_END: pop

    /// Takes the item in front if there is one now.
    ///
    /// # Errors
    /// [`TryPopError`].
    pub fn try_pop(&self) -> Result<T, TryPopError> {
        self.take(self.lock())
    }

    /// Takes the item in front; waits while the queue is empty, but at most `limit`.
    ///
    /// # Errors
    /// [`TryPopError`]: `Empty` if time was up.
    /// # Blocking
    /// As [`pop`](Self::pop), but sleeps at once. Spurious wakes do not extend `limit`.
    pub fn pop_timeout(&self, limit: Duration) -> Result<T, TryPopError> {
        let must_wait = State::must_be_waited_for;
        let state = wait_at_most(&self.not_empty, self.lock(), limit, must_wait);
        self.take(state)
    }

    /// Says that nothing more will come. Every producer that waits gets its item back, every
    /// consumer takes what is left. To close twice is to close once.
    pub fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        self.show(&state);
        drop(state);
        self.not_full.notify_all();
        self.not_empty.notify_all();
    }

    /// Whether [`close`](Self::close) has been called; there may be items left.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// How many items are in it. Already out of date when you read it: for messages, never
    /// for decisions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().items.len()
    }

    /// Whether no item is in it; as far out of date as [`len`](Self::len).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many items there is room for.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    // ANCHOR: look
    /// Looks for a while, without the lock, until there is a reason to take it.
    fn look_while(&self, must_wait: impl Fn(usize) -> bool) {
        // ORDERING: Relaxed. A guess when to take the lock, under which it is decided.
        look(|| !must_wait(self.seen.load(Relaxed)));
    }

    /// Shows the length to those who look. Called under the lock, after each change.
    fn show(&self, state: &State<T>) {
        let len = state.items.len();
        // ORDERING: Relaxed. Nobody relies on it.
        self.seen
            .store(if state.closed { CLOSED } else { len }, Relaxed);
    }
    // ANCHOR_END: look

    #[track_caller]
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // See "Poisoning" above.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a producer has to wait.
    fn is_full(&self, state: &State<T>) -> bool {
        state.items.len() == self.capacity && !state.closed
    }

    fn put(
        &self,
        mut state: MutexGuard<'_, State<T>>,
        item: T,
    ) -> Result<(), TryPushError<T>> {
        if state.closed {
            return Err(TryPushError::Closed(item));
        }
        if self.is_full(&state) {
            return Err(TryPushError::Full(item));
        }
        state.items.push_back(item);
        self.show(&state);
        // Unlock first, so that the woken consumer finds the lock free.
        drop(state);
        self.not_empty.notify_one();
        Ok(())
    }

    fn take(&self, mut state: MutexGuard<'_, State<T>>) -> Result<T, TryPopError> {
        let Some(item) = state.items.pop_front() else {
            return Err(if state.closed {
                TryPopError::Closed
            } else {
                TryPopError::Empty
            });
        };
        self.show(&state);
        drop(state);
        self.not_full.notify_one();
        Ok(item)
    }
}

impl<T> State<T> {
    /// Whether a consumer has to wait.
    fn must_be_waited_for(&self) -> bool {
        self.items.is_empty() && !self.closed
    }
}

/// Waits on `changed` while `must_wait`, but at most `limit`, and also if the lock is
/// poisoned. Whoever calls this looks again at the state: it says how the wait ended.
fn wait_at_most<'a, T>(
    changed: &Condvar,
    mut guard: MutexGuard<'a, T>,
    limit: Duration,
    must_wait: impl Fn(&T) -> bool,
) -> MutexGuard<'a, T> {
    let start = Instant::now();
    while must_wait(&guard) {
        let left = limit.saturating_sub(start.elapsed());
        if left.is_zero() {
            break;
        }
        let woken = changed.wait_timeout(guard, left);
        (guard, _) = woken.unwrap_or_else(PoisonError::into_inner);
    }
    guard
}

impl<T> fmt::Debug for BoundedQueue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (len, closed) = {
            let state = self.lock();
            (state.items.len(), state.closed)
        };
        f.debug_struct("BoundedQueue")
            .field("len", &len)
            .field("capacity", &self.capacity)
            .field("closed", &closed)
            .finish()
    }
}
