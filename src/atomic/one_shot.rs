//! A channel for one value: the answer to one question.
//!
//! One word says how far it is, and each side ends its part with a single exchange. What
//! the exchange returns says what is left to do:
//!
//! | state | `send` | the sender is dropped | `recv` | the receiver is dropped |
//! |---|---|---|---|---|
//! | empty | sent | closed | waiting: parks | closed |
//! | waiting | sent, and unparks | closed, and unparks | | |
//! | sent | | | returns the value | closed; the value is dropped |
//! | closed | gives the value back | | returns [`Closed`] | closed |
//!
//! There is one exchange between "is there a value?" and "I sleep", so no wake-up falls in
//! between: either the receiver finds the value, or the sender finds the receiver.
#![allow(unsafe_code, reason = "the value of a channel lives in a cell")]

use std::error::Error;
use std::fmt;

use crate::ground::atomic::{
    AtomicU8,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
};
use crate::ground::cell::UnsafeCell;
use crate::ground::sync::Arc;
use crate::ground::thread::{self, Thread};

const EMPTY: u8 = 0;
const WAITING: u8 = 1;
const SENT: u8 = 2;
const CLOSED: u8 = 3;

/// What both sides share.
struct Shared<T> {
    state: AtomicU8,
    /// INVARIANT: the receiver's while the state is empty, the sender's once it is waiting.
    waiter: UnsafeCell<Option<Thread>>,
    /// INVARIANT: the sender's until the state is sent, the receiver's afterwards; the
    /// sender's again if it was closed.
    value: UnsafeCell<Option<T>>,
}

// SAFETY: each cell is reached by one side at a time (their invariants), and the value moves
// from thread to thread: `T: Send`.
unsafe impl<T: Send> Sync for Shared<T> {}

/// Makes a channel that one value goes through.
///
/// ```
/// use threadbare::atomic::one_shot;
///
/// let (answer, question) = one_shot::channel();
/// std::thread::spawn(move || answer.send(6 * 7));
/// assert_eq!(question.recv(), Ok(42));
/// ```
///
/// Who sends a second time does not compile:
///
/// ```compile_fail,E0382
/// let (sender, _receiver) = threadbare::atomic::one_shot::channel();
/// sender.send(1).unwrap();
/// sender.send(2).unwrap();
/// ```
///
/// # Cost
/// One allocation.
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let shared = Arc::new(Shared {
        state: AtomicU8::new(EMPTY),
        waiter: UnsafeCell::new(None),
        value: UnsafeCell::new(None),
    });
    let sender = Sender {
        shared: Arc::clone(&shared),
        sent: false,
    };
    (sender, Receiver { shared })
}

/// The side that answers. Dropping it without an answer is one, too: [`Closed`].
pub struct Sender<T> {
    shared: Arc<Shared<T>>,
    sent: bool,
}

/// The side that asks.
pub struct Receiver<T> {
    shared: Arc<Shared<T>>,
}

impl<T> Sender<T> {
    /// Sends the value, and wakes the receiver if it waits.
    ///
    /// # Errors
    /// [`Unsent`] with the value, if the receiver is gone.
    /// # Memory ordering
    /// Everything before this call happens-before the receiver's return with the value.
    /// # Cost
    /// One exchange; a system call only if the receiver sleeps.
    pub fn send(mut self, value: T) -> Result<(), Unsent<T>> {
        // SAFETY: nothing has been sent: the value is the sender's, and there is one.
        self.shared
            .value
            .with_mut(|slot| unsafe { *slot = Some(value) });
        self.sent = true;
        if self.shared.end(SENT) == CLOSED {
            // SAFETY: the receiver went before it saw a value, so it is the sender's.
            let value = self.shared.value.with_mut(|slot| unsafe { (*slot).take() });
            return Err(Unsent(value.expect("it was put there above")));
        }
        Ok(())
    }

    /// Whether the receiver is gone: the answer is not worth working out.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        // ORDERING: Relaxed. Nothing is read on the strength of it.
        self.shared.state.load(Relaxed) == CLOSED
    }
}

impl<T> Shared<T> {
    /// The sender's last word. Returns the state before.
    fn end(&self, state: u8) -> u8 {
        // ORDERING: AcqRel. Release: the value is there; pairs with the Acquire operations
        // in `recv` and `try_recv`. Acquire: if the receiver waits, its handle is there;
        // pairs with the Release in `recv`.
        let before = self.state.swap(state, AcqRel);
        if before == WAITING {
            // SAFETY: it was waiting: the handle is the sender's.
            let waiter = self.waiter.with_mut(|slot| unsafe { (*slot).take() });
            waiter.expect("set before the state says so").unpark();
        }
        before
    }

    /// Called by the receiver, when it has acquired that the state is sent or closed.
    fn take(&self) -> Result<T, Closed> {
        // SAFETY: the sender has had its last word, so the value is the receiver's.
        let value = self.value.with_mut(|slot| unsafe { (*slot).take() });
        value.ok_or(Closed)
    }
}

impl<T> Receiver<T> {
    /// Waits for the value.
    ///
    /// # Errors
    /// [`Closed`] if the sender was dropped without sending, or the value has been taken by
    /// [`try_recv`](Self::try_recv).
    /// # Blocking
    /// Parks the thread. Woken by the sender; wake-ups for other reasons are absorbed.
    /// # Memory ordering
    /// With a value, see [`Sender::send`].
    /// # Cost
    /// If it is there: one load.
    // ANCHOR: recv
    pub fn recv(self) -> Result<T, Closed> {
        let shared = &*self.shared;
        // ORDERING: Acquire pairs with the Release in `end`: the value is there.
        if shared.state.load(Acquire) == EMPTY {
            let me = thread::current();
            // SAFETY: not waiting yet: the handle is the receiver's, and there is one.
            shared.waiter.with_mut(|slot| unsafe { *slot = Some(me) });
            // ORDERING: Release publishes the handle; pairs with the Acquire in `end`. On
            // failure Acquire: the value is there, as above.
            let asleep = shared
                .state
                .compare_exchange(EMPTY, WAITING, Release, Acquire);
            if asleep.is_ok() {
                // ORDERING: Acquire pairs with the Release in `end`, as above.
                while shared.state.load(Acquire) == WAITING {
                    thread::park();
                }
            }
        }
        shared.take()
    }
    // ANCHOR_END: recv

    /// Takes the value if it is there.
    ///
    /// # Errors
    /// [`TryRecvError::Empty`] if it may still come; [`TryRecvError::Closed`] as for
    /// [`recv`](Self::recv).
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        // ORDERING: Acquire pairs with the Release in `end`: the value is there.
        if self.shared.state.load(Acquire) == EMPTY {
            return Err(TryRecvError::Empty);
        }
        self.shared.take().map_err(|Closed| TryRecvError::Closed)
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        if !self.sent {
            self.shared.end(CLOSED);
        }
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        // ORDERING: Relaxed. It tells the sender to keep what it has, and nothing else. A
        // value that was sent is dropped with the channel.
        self.shared.state.swap(CLOSED, Relaxed);
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").finish_non_exhaustive()
    }
}

/// The receiver is gone; the value is given back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Unsent<T>(pub T);

impl<T> fmt::Debug for Unsent<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unsent").finish_non_exhaustive()
    }
}

impl<T> fmt::Display for Unsent<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the receiver is gone")
    }
}

impl<T> Error for Unsent<T> {}

/// There will be no value: the sender is gone, or the value was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the sender is gone without having sent a value")
    }
}

impl Error for Closed {}

/// Why [`Receiver::try_recv`] has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TryRecvError {
    /// None has been sent yet.
    Empty,
    /// There will be none.
    Closed,
}

impl fmt::Display for TryRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("no value has been sent yet"),
            Self::Closed => fmt::Display::fmt(&Closed, f),
        }
    }
}

impl Error for TryRecvError {}

#[cfg(test)]
mod models;
