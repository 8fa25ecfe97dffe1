//! 03.4 (implement): a channel for one value.
//!
//! One thread sends, once; the value waits in plain memory until somebody takes it.
//!
//! Goal:
//!
//! - `try_recv` never waits. Any thread that has a reference may call it, several at the
//!   same time; one of them gets the value, once. The others are told `Empty` as long as a
//!   value may still come, and `Closed` from then on.
//! - `recv` parks until there is a value, or until none will come: then it returns `None`.
//!   Only the thread that `channel` was told may call it. `park` also returns for no
//!   reason.
//! - A sender that is dropped without having sent tells the receiver. A sender that has
//!   sent is dropped, too: `send` takes it by value.
//! - A value that nobody takes is dropped, once, whoever goes first.
//!
//! The fields are a suggestion. An `Option` drops what is in it by itself.
//! `ground::cell::UnsafeCell` has no `get`; it lends a pointer to a closure, `with` to
//! read, `with_mut` to write.
//!
//! Edit between the markers only. About 25 lines, 30 minutes.
//! Stuck? `cargo hint 03.4`, three levels.
//!
//! A failing run prints the interleaving in columns, below for instance
//! ```text
//! ASSERTION: 7 was sent, and recv gave None
//! ```

#![allow(unsafe_code, reason = "the value is plain memory that changes hands")]

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::AtomicU8;
use super::ground::cell::UnsafeCell;
use super::ground::sync::Arc;
use super::ground::thread::Thread;

/// Nothing was sent so far.
const EMPTY: u8 = 0;

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
        let Shared {
            state, receiver, ..
        } = &*self.shared;
        let _ = (value, receiver);
        todo!("put the value in, and say so in `state`, which is {state:?}")
    }
}

// To do: a sender that is dropped.

impl<T> Receiver<T> {
    /// Takes the value, if it is there.
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        let Shared { state, value, .. } = &*self.shared;
        let _ = value;
        todo!("take the value, if `state`, {state:?}, says that it is there")
    }

    /// Waits for the value. `None` if none will come.
    pub fn recv(self) -> Option<T> {
        todo!(
            "call try_recv, and park as long as it says {:?}",
            TryRecvError::Empty
        )
    }
}

// --- to here ---
