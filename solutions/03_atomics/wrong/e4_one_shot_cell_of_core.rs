//! must say: uses core::cell, which graders can't follow: use super::ground::cell
//!
//! All relaxed, around a cell that no model checker looks into.

#![allow(unsafe_code, reason = "the value is plain memory that changes hands")]

// --- edit from here ---

use core::cell::UnsafeCell;

use super::ground::atomic::{AtomicU8, Ordering::Relaxed};
use super::ground::sync::Arc;
use super::ground::thread::{self, Thread};

/// Nothing was sent so far.
const EMPTY: u8 = 0;
/// The value is there.
const FULL: u8 = 1;
/// It was taken, or will never come.
const CLOSED: u8 = 2;

/// What the two ends share.
#[derive(Debug)]
struct Shared<T> {
    state: AtomicU8,
    value: UnsafeCell<Option<T>>,
    /// The thread that may call `recv`.
    receiver: Thread,
}

// SAFETY: `state` says whose turn it is to use `value`: the sender's, then that of one
// thread that takes it. So it goes from thread to thread, and is never used by two.
unsafe impl<T: Send> Sync for Shared<T> {}

/// The end into which a value goes.
#[derive(Debug)]
pub struct Sender<T> {
    shared: Arc<Shared<T>>,
}

/// The end out of which it comes.
#[derive(Debug)]
pub struct Receiver<T> {
    shared: Arc<Shared<T>>,
}

/// Why there is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TryRecvError {
    /// It may still come.
    Empty,
    /// It was taken, or will never come.
    Closed,
}

/// Makes a channel. Only `receiver` will call `recv`.
pub fn channel<T>(receiver: Thread) -> (Sender<T>, Receiver<T>) {
    let shared = Arc::new(Shared {
        state: AtomicU8::new(EMPTY),
        value: UnsafeCell::new(None),
        receiver,
    });
    let sender = Sender {
        shared: Arc::clone(&shared),
    };
    (sender, Receiver { shared })
}

impl<T> Sender<T> {
    /// Sends `value`, and wakes the receiver if it is parked.
    pub fn send(self, value: T) {
        // SAFETY: nobody else touches the value before `state` is FULL, and nobody sends
        // twice: there is one sender, and it ends here.
        unsafe { *self.shared.value.get() = Some(value) };
        // ORDERING: Relaxed. Wrong: nothing is published.
        self.shared.state.store(FULL, Relaxed);
        // `drop` wakes the receiver.
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        // Rejected: to store CLOSED. This sender may have sent, and then the value would
        // be there and nobody be told.
        //
        // ORDERING: Relaxed. If it was empty, there is nothing to publish.
        let _ = self
            .shared
            .state
            .compare_exchange(EMPTY, CLOSED, Relaxed, Relaxed);
        self.shared.receiver.unpark();
    }
}

impl<T> Receiver<T> {
    /// Takes the value, if it is there.
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        let state = &self.shared.state;
        // ORDERING: Relaxed. Wrong: nothing is taken up.
        // One exchange asks whether it is there, and says that it no longer is.
        match state.compare_exchange(FULL, CLOSED, Relaxed, Relaxed) {
            // SAFETY: the sender is done with it, and nobody else finds FULL any more.
            Ok(_) => unsafe {
                (*self.shared.value.get())
                    .take()
                    .ok_or(TryRecvError::Closed)
            },
            Err(EMPTY) => Err(TryRecvError::Empty),
            Err(_) => Err(TryRecvError::Closed),
        }
    }

    /// Waits for the value. `None` if none will come.
    pub fn recv(self) -> Option<T> {
        loop {
            match self.try_recv() {
                Ok(value) => return Some(value),
                Err(TryRecvError::Closed) => return None,
                // Whatever woke us, the next round looks again.
                Err(TryRecvError::Empty) => thread::park(),
            }
        }
    }
}

// --- to here ---
