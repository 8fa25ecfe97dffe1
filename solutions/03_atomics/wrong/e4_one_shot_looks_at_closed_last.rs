//! must say: 7 was being sent, and try_recv gave Err(Closed)
//!
//! Two flags: looks whether it was sent, and then whether the sender is gone. It may send and go in between.

#![allow(unsafe_code, reason = "the value is plain memory that changes hands")]

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{
    AtomicBool,
    Ordering::{Acquire, Release},
};
use super::ground::cell::UnsafeCell;
use super::ground::sync::Arc;
use super::ground::thread::{self, Thread};

/// What the two ends share.
#[derive(Debug)]
struct Shared<T> {
    sent: AtomicBool,
    closed: AtomicBool,
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
        sent: AtomicBool::new(false),
        closed: AtomicBool::new(false),
        value: UnsafeCell::new(None).named("value"),
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
        self.shared
            .value
            .with_mut(|slot| unsafe { *slot = Some(value) });
        // ORDERING: Release publishes the value; pairs with the Acquire exchange in
        // `try_recv`.
        self.shared.sent.store(true, Release);
        // `drop` wakes the receiver.
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        // ORDERING: Release; pairs with the Acquire load in `try_recv`.
        self.shared.closed.store(true, Release);
        self.shared.receiver.unpark();
    }
}

impl<T> Receiver<T> {
    /// Takes the value, if it is there.
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        // ORDERING: Acquire; pairs with the Release store in `send`.
        if self.shared.sent.swap(false, Acquire) {
            // SAFETY: it was sent, and nobody else finds the flag set.
            let value = self.shared.value.with_mut(|slot| unsafe { (*slot).take() });
            return value.ok_or(TryRecvError::Closed);
        }
        // ORDERING: Acquire; pairs with the Release store in `drop`.
        if self.shared.closed.load(Acquire) {
            return Err(TryRecvError::Closed);
        }
        Err(TryRecvError::Empty)
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
