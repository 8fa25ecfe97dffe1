//! A thread that sleeps until there is something to do, and those who tell it.
//!
//! One word holds one of four states:
//!
//! | state | `notify` | `shutdown` | `wait` |
//! |---|---|---|---|
//! | running | notified | shut down | waiting: parks until it is not |
//! | waiting | notified, and unparks | shut down, and unparks | panics: there is one waiter |
//! | notified | notified | shut down | running; returns [`Woken::Notified`] |
//! | shut down | shut down | shut down | shut down; returns [`Woken::Shutdown`] |
//!
//! The states are numbered in this order, and nobody but the waiter ever goes down: to
//! notify is to raise the word to *notified*, to shut down is to raise it to *shut down*.
//! That is why shutdown wins over a notification, whichever comes first: one `fetch_max`
//! cannot undo the other. It also means that a notification may go unnoticed at the end. If
//! what it announces must not be lost, look for it once more after `Shutdown`: everything
//! that was done before the shutdown can be seen then.
//!
//! # Two ways to return too early
//! - **To trust the wake-up.** `park` returns when somebody unparks the thread, also if
//!   that was meant for something else, or long ago, or for no reason. Only the state says
//!   whether there was a notification. So `wait` looks at the state after every wake-up.
//! - **To notify only if nobody has.** "It is notified already, so I have nothing to do"
//!   is right about the word and wrong about what goes with it. The waiter takes the first
//!   notification, and what the second thread wrote before its own is not ordered before
//!   that. So `notify` writes the word even if that changes nothing.
//!
//! TigerBeetle's `Signal` has the same states.

use std::fmt;

use crate::ground::atomic::{
    AtomicU8,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
};
use crate::ground::const_new;
use crate::ground::on_std::sync::OnceLock;
use crate::ground::thread::{self, Thread};

const RUNNING: u8 = 0;
const WAITING: u8 = 1;
const NOTIFIED: u8 = 2;
const SHUT_DOWN: u8 = 3;

/// Wakes one thread: notifications for it are kept until it waits, and count as one.
///
/// The waiter is the thread that waits first. Any thread may notify and shut down.
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
/// use threadbare::atomic::{Signal, Woken};
///
/// let (signal, mail) = (Signal::new(), AtomicU32::new(0));
/// std::thread::scope(|scope| {
///     scope.spawn(|| {
///         // ORDERING: Relaxed, here and below: the signal orders it.
///         mail.fetch_add(1, Relaxed);
///         signal.notify();
///     });
///     assert_eq!(signal.wait(), Woken::Notified);
///     // ORDERING: as above.
///     assert_eq!(mail.load(Relaxed), 1);
///     signal.shutdown();
///     assert_eq!(signal.wait(), Woken::Shutdown);
/// });
/// ```
pub struct Signal {
    state: AtomicU8,
    /// Who waits. INVARIANT: set before the state becomes `WAITING`.
    waiter: OnceLock<Thread>,
}

/// Why [`Signal::wait`] has returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Woken {
    /// Somebody has notified since the last wait returned, perhaps more than once.
    Notified,
    /// It is shut down, and stays so.
    Shutdown,
}

impl Signal {
    const_new! {
        /// Makes a signal that nobody has notified.
        pub fn new() -> Self {
            Self {
                state: AtomicU8::new(RUNNING),
                waiter: OnceLock::new(),
            }
        }
    }

    /// Wakes the waiter, now or when it next waits; nothing if it is shut down.
    ///
    /// # Memory ordering
    /// Everything before this call happens-before the return of the [`wait`](Self::wait)
    /// that it wakes, also if another thread had notified already.
    /// # Cost
    /// One read-modify-write; a system call only if the waiter sleeps.
    pub fn notify(&self) {
        self.raise(NOTIFIED);
    }

    /// Ends all waiting, for good: that which goes on, and that which is to come.
    ///
    /// # Memory ordering
    /// Everything before this call happens-before the return of [`Woken::Shutdown`]; with
    /// several shutdowns, that holds for the first, and for those that came before the
    /// waiter looked.
    /// # Cost
    /// As for [`notify`](Self::notify).
    pub fn shutdown(&self) {
        self.raise(SHUT_DOWN);
    }

    // ANCHOR: raise
    fn raise(&self, to: u8) {
        // ORDERING: AcqRel. Release: what was done before goes with the notification; pairs
        // with the Acquire operations in `wait`. Acquire: if the waiter waits, its handle is
        // there; pairs with the Release in `wait`.
        let before = self.state.fetch_max(to, AcqRel);
        if before == WAITING {
            let waiter = self.waiter.get();
            waiter.expect("set before the state says so").unpark();
        }
    }
    // ANCHOR_END: raise

    /// Waits until somebody notifies or shuts down. Notifications since the last wait count:
    /// then it returns at once.
    ///
    /// # Panics
    /// If it would have to sleep and another thread has slept here before: there is one
    /// waiter, for good.
    /// # Blocking
    /// Parks the thread. Woken by [`notify`](Self::notify) and [`shutdown`](Self::shutdown);
    /// wake-ups for other reasons are absorbed. It may leave the thread a stale token, so
    /// that a `park` elsewhere returns once for no reason, as `park` may at any time.
    /// # Memory ordering
    /// Everything before each of the notifications that it takes, or before the shutdown,
    /// happens-before its return.
    /// # Cost
    /// If there is a notification: one compare-exchange, no system call.
    // ANCHOR: wait
    pub fn wait(&self) -> Woken {
        loop {
            // ORDERING: Acquire, both: what was done before the notifications, or before the
            // shutdown; pairs with the Release in `raise`.
            match self
                .state
                .compare_exchange(NOTIFIED, RUNNING, Acquire, Acquire)
            {
                Ok(_) => return Woken::Notified,
                Err(SHUT_DOWN) => return Woken::Shutdown,
                // Running, or waiting still: woken for another reason.
                Err(_) => self.sleep(),
            }
        }
    }

    /// Sleeps while the state is waiting, until some wake-up.
    #[cold]
    fn sleep(&self) {
        let me = thread::current();
        let waiter = self.waiter.get_or_init(|| me.clone());
        assert_eq!(waiter.id(), me.id(), "a signal has one waiter");
        // ORDERING: Release publishes the handle; pairs with the Acquire in `raise`. On
        // failure Relaxed: `wait` looks again.
        match self
            .state
            .compare_exchange(RUNNING, WAITING, Release, Relaxed)
        {
            Ok(_) | Err(WAITING) => thread::park(),
            Err(_) => {}
        }
    }
    // ANCHOR_END: wait
}

impl Default for Signal {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // ORDERING: Relaxed. For messages only.
        let state = match self.state.load(Relaxed) {
            RUNNING => "running",
            WAITING => "waiting",
            NOTIFIED => "notified",
            _ => "shut down",
        };
        f.debug_struct("Signal").field("state", &state).finish()
    }
}

#[cfg(test)]
mod models;
