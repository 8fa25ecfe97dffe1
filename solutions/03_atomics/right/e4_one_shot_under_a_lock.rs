//! Right: no atomics at all: the value and its state under one lock.

#![allow(unsafe_code, reason = "the value is plain memory that changes hands")]

// --- edit from here ---

use super::ground::sync::{Arc, Mutex};
use super::ground::thread::{self, Thread};

/// The value, or why there is none.
type Slot<T> = Mutex<Result<T, TryRecvError>>;

/// The end into which a value goes.
#[derive(Debug)]
pub struct Sender<T> {
    slot: Arc<Slot<T>>,
    receiver: Thread,
}

/// The end out of which it comes.
#[derive(Debug)]
pub struct Receiver<T> {
    slot: Arc<Slot<T>>,
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
    let slot = Arc::new(Mutex::new(Err(TryRecvError::Empty)));
    let sender = Sender {
        slot: Arc::clone(&slot),
        receiver,
    };
    (sender, Receiver { slot })
}

impl<T> Sender<T> {
    /// Sends `value`, and wakes the receiver if it is parked.
    pub fn send(self, value: T) {
        *self.slot.lock().unwrap() = Ok(value);
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let mut slot = self.slot.lock().unwrap();
        if matches!(*slot, Err(TryRecvError::Empty)) {
            *slot = Err(TryRecvError::Closed);
        }
        drop(slot);
        self.receiver.unpark();
    }
}

impl<T> Receiver<T> {
    /// Takes the value, if it is there.
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        let mut slot = self.slot.lock().unwrap();
        if matches!(*slot, Err(TryRecvError::Empty)) {
            return Err(TryRecvError::Empty);
        }
        std::mem::replace(&mut *slot, Err(TryRecvError::Closed))
    }

    /// Waits for the value. `None` if none will come.
    pub fn recv(self) -> Option<T> {
        loop {
            match self.try_recv() {
                Ok(value) => return Some(value),
                Err(TryRecvError::Closed) => return None,
                Err(TryRecvError::Empty) => thread::park(),
            }
        }
    }
}

// --- to here ---
