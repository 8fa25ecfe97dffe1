//! Who has an operation: the loop, which may want it back, or a thread that begins with it.
//!
//! An operation waits in the pool's queues, where nobody can take it out of the middle. So
//! it does not lie there: what lies there is the way to this cell, and the word says what is
//! in the cell.
//!
//! | the word | in the cell | on its way to a thread | `withdraw` | `begin` |
//! |---|---|---|---|---|
//! | `IDLE` | nothing | no | nothing | cannot happen |
//! | `WAITS` | an operation | yes | `EMPTY`, and has it | `IDLE`, and has it |
//! | `EMPTY` | nothing | yes | nothing | `IDLE`, and has nothing |
//!
//! Both move the word by an exchange, so of the two one finds `WAITS`. And an operation that
//! is handed in while the thread is still on its way is done by that one: nothing is sent
//! again, and however often you hand in and withdraw, one errand is in the queue.
#![allow(unsafe_code, reason = "a cell that one of two threads may empty")]

use crate::ground::Named as _;
use crate::ground::atomic::{
    AtomicU32,
    Ordering::{AcqRel, Relaxed},
};
use crate::ground::cell::UnsafeCell;

/// Nobody is on the way.
const IDLE: u32 = 0;
/// An operation waits, and a thread is on its way to it.
const WAITS: u32 = 1;
/// A thread is on its way, and finds nothing.
const EMPTY: u32 = 2;

/// A cell for one operation.
pub(super) struct Claim<T> {
    word: AtomicU32,
    /// INVARIANT: of whoever moved the word away from `WAITS`; before that, and if nobody
    /// has to, the loop's.
    cell: UnsafeCell<Option<T>>,
}

// SAFETY: values move through it from one thread to another, and only whom the word gives
// the cell looks into it.
unsafe impl<T: Send> Sync for Claim<T> {}

// ANCHOR: claim
impl<T> Claim<T> {
    pub(super) fn new() -> Self {
        Self {
            word: AtomicU32::new(IDLE).named("word"),
            cell: UnsafeCell::new(None),
        }
    }

    /// Loop: puts an operation in. Whether a thread has to be sent: none is on its way.
    ///
    /// # Safety
    /// Only one thread hands in, withdraws and takes back. The operation before this one was
    /// withdrawn or taken back, or the return of the `begin` that had it happens-before this.
    pub(super) unsafe fn hand_in(&self, operation: T) -> bool {
        // SAFETY: the word is not `WAITS`, so nobody else looks into the cell; who did last
        // is behind us, as the caller says.
        self.cell
            .with_mut(|cell| unsafe { *cell = Some(operation) });
        // ORDERING: Release publishes the operation; Acquire: whoever was on the way is here.
        // Both pair with the swap in `begin`.
        self.word.swap(WAITS, AcqRel) == IDLE
    }

    /// Loop: takes the operation out, if it has not begun.
    ///
    /// # Safety
    /// As `hand_in`.
    pub(super) unsafe fn withdraw(&self) -> Option<T> {
        // ORDERING: Relaxed, both. What is in the cell is this thread's own; all that is
        // asked is who comes first, this or the swap in `begin`.
        let change = self.word.compare_exchange(WAITS, EMPTY, Relaxed, Relaxed);
        // SAFETY: the word was `WAITS`, and `begin` will not find it so.
        change.ok().and_then(|_| unsafe { self.empty() })
    }

    /// Loop: takes the operation out. No thread was sent.
    ///
    /// # Safety
    /// As `hand_in`, which has said that one has to be sent.
    pub(super) unsafe fn take_back(&self) -> T {
        // ORDERING: Relaxed. Nobody else has this.
        self.word.store(IDLE, Relaxed);
        // SAFETY: nobody is on the way, so the cell is the caller's.
        let operation = unsafe { self.empty() };
        operation.expect("it was handed in")
    }

    /// Thread: takes the operation out, if it has not been withdrawn.
    ///
    /// # Safety
    /// Called once for each thread that had to be sent.
    pub(super) unsafe fn begin(&self) -> Option<T> {
        // ORDERING: Acquire: the operation that was handed in. Release: who hands in the next
        // knows that this thread has come. Both pair with the swap in `hand_in`.
        let waited = self.word.swap(IDLE, AcqRel) == WAITS;
        // SAFETY: the word was `WAITS`, and `withdraw` will not find it so.
        waited.then(|| unsafe { self.empty() }).flatten()
    }

    /// # Safety
    /// The cell is the caller's.
    unsafe fn empty(&self) -> Option<T> {
        // SAFETY: as the caller says.
        self.cell.with_mut(|cell| unsafe { (*cell).take() })
    }
}
// ANCHOR_END: claim

#[cfg(test)]
mod models;
