//! The queue from a mutex and two condition variables of std.
//!
//! # Why no wake-up is lost
//!
//! 1. There are two reasons to wait, so there are two condition variables. Whoever makes
//!    room wakes one that waits for room, whoever brings an item one that waits for an item.
//!    On a single condition variable `notify_one` could wake somebody who waits for the
//!    other thing; that one goes back to sleep, and the wake-up is gone.
//! 2. Who waits looks at the state under the lock, and `Condvar::wait` gives up the lock and
//!    goes to sleep in one step. Who changes the state does it under the lock, so either
//!    before the look or after the sleep.
//! 3. One item is news for one consumer: `notify_one`. If another consumer was faster, the
//!    woken one finds nothing and sleeps again (`while`, not `if`), and nothing was missed,
//!    because the item has been taken. Closing is news for all: `notify_all`.
//! 4. To notify is a system call on Linux, also while nobody sleeps. So sleepers count
//!    themselves, under the lock, and nobody is notified while there is none, or while those
//!    that there are have been woken and are not back yet (`Sleepers`).

use std::collections::VecDeque;
use std::fmt;

use super::super::waiting::{Sleepers, wait_while_at_most};
use super::{TryPopError, TryPushError};
use crate::ground::on_std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use crate::ground::time::Duration;
use crate::locks::{Closed, RESERVED};

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
/// use threadbare::locks::bounded_queue::v1_on_std::BoundedQueue;
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
    /// One is notified whenever an item was taken; all when the queue is closed.
    not_full: Condvar,
    /// One is notified whenever an item was brought; all when the queue is closed.
    not_empty: Condvar,
}

struct State<T> {
    /// INVARIANT: never more than the capacity.
    items: VecDeque<T>,
    closed: bool,
    /// Who waits for room.
    producers: Sleepers,
    /// Who waits for an item.
    consumers: Sleepers,
}

impl<T> BoundedQueue<T> {
    /// An empty queue with room for `capacity` items.
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
                producers: Sleepers::none(),
                consumers: Sleepers::none(),
            }),
            capacity,
            not_full: Condvar::new(),
            not_empty: Condvar::new(),
        }
    }

    /// Puts `item` behind the others; waits while the queue is full.
    ///
    /// # Errors
    /// [`Closed`] with the item, if the queue is closed, or is while this waits.
    /// # Blocking
    /// Sleeps on a condition variable until there is room or the queue is closed. Spurious
    /// wakes are absorbed. Who waits longest need not be served first.
    /// # Memory ordering
    /// All that came before the push of an item happens-before the return of its pop.
    /// # Cost
    /// With room, and no consumer asleep: one lock and unlock, no system call.
    // ANCHOR: push
    pub fn push(&self, item: T) -> Result<(), Closed<T>> {
        let mut state = self.lock();
        while self.is_full(&state) {
            state.producers.enter();
            let woken = self.not_full.wait(state);
            state = woken.unwrap_or_else(PoisonError::into_inner);
            state.producers.leave();
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
    /// As [`push`](Self::push). Spurious wakes do not extend `limit`.
    pub fn push_timeout(
        &self,
        item: T,
        limit: Duration,
    ) -> Result<(), TryPushError<T>> {
        let waits = |state: &State<T>| self.is_full(state);
        let mut state = self.lock();
        state.producers.enter();
        state = wait_while_at_most(&self.not_full, state, limit, waits);
        state.producers.leave();
        self.put(state, item)
    }

    /// Takes the item in front; waits while the queue is empty. `None` if it is closed and
    /// all items have been taken.
    ///
    /// # Blocking
    /// Sleeps on a condition variable until there is an item or the queue is closed.
    /// Spurious wakes are absorbed. Who waits longest need not be served first.
    /// # Memory ordering
    /// All that came before the push of the item happens-before this call's return.
    /// # Cost
    /// With an item, and no producer asleep: one lock and unlock, no system call.
    // ANCHOR: pop
    pub fn pop(&self) -> Option<T> {
        let mut state = self.lock();
        while state.is_waited_for() {
            state.consumers.enter();
            let woken = self.not_empty.wait(state);
            state = woken.unwrap_or_else(PoisonError::into_inner);
            state.consumers.leave();
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
    /// As [`pop`](Self::pop). Spurious wakes do not extend `limit`.
    pub fn pop_timeout(&self, limit: Duration) -> Result<T, TryPopError> {
        let waits = State::is_waited_for;
        let mut state = self.lock();
        state.consumers.enter();
        state = wait_while_at_most(&self.not_empty, state, limit, waits);
        state.consumers.leave();
        self.take(state)
    }

    /// Says that nothing more will come. Every producer that waits gets its item back, every
    /// consumer takes what is left. To close twice is to close once.
    // ANCHOR: close
    pub fn close(&self) {
        self.lock().closed = true;
        self.not_full.notify_all();
        self.not_empty.notify_all();
    }
    // ANCHOR_END: close

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
        let wake = state.consumers.wake_one();
        // Unlock first, so that the woken consumer finds the lock free.
        drop(state);
        if wake {
            self.not_empty.notify_one();
        }
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
        let wake = state.producers.wake_one();
        drop(state);
        if wake {
            self.not_full.notify_one();
        }
        Ok(item)
    }
}

impl<T> State<T> {
    /// Whether a consumer has to wait.
    fn is_waited_for(&self) -> bool {
        self.items.is_empty() && !self.closed
    }
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
