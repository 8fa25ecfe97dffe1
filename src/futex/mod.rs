//! Waiting for a word to change, in the kernel: `wait` sleeps while a word has the value
//! that you expect, `wake_one` and `wake_all` end that sleep.
//!
//! The kernel compares and goes to sleep in one step. So who changes the word first and
//! wakes then cannot slip in between a look and a sleep:
//!
//! ```
//! use std::sync::atomic::{AtomicU32, Ordering::{Acquire, Release}};
//! use std::thread;
//! use threadbare::futex;
//!
//! static READY: AtomicU32 = AtomicU32::new(0);
//!
//! let waiter = thread::spawn(|| {
//!     // ORDERING: Acquire. Pairs with the store in `main`.
//!     while READY.load(Acquire) == 0 {
//!         futex::wait(&READY, 0);
//!     }
//! });
//! // ORDERING: Release. Pairs with the load in `spawn`: whoever sees 1 sees all that was done before.
//! READY.store(1, Release);
//! futex::wake_one(&READY);
//! waiter.join().unwrap();
//! ```
//!
//! None of the four functions orders memory; the loads and stores around them do.
//!
//! # What the kernel checks
//! `wait` takes the lock of the list in which the word's sleepers stand, reads the word, and
//! enters the list only if the value is the expected one; then it unlocks, and sleeps.
//! `wake` takes the same lock. Who changes the word before waking is therefore seen by the
//! look, or finds the sleeper in the list. The kernel knows nothing else: not who has the
//! lock that the word stands for, nor whether anyone does. The word has four bytes and is
//! aligned to four, on 64-bit systems too.
//!
//! # Why it may return for no reason
//! A wait belongs in a loop that looks at the word again:
//! - A signal handler has run on this thread (`EINTR`). The limit, if there is one, is not
//!   what ended the wait; work out what is left of it.
//! - Somebody has woken the word that was at this address before. An unlock changes the word
//!   and *then* wakes: by that time another may have taken the lock, given it back and freed
//!   it. To wake what is gone is harmless, because the address is only a name; but whoever
//!   lives there now may be woken.
//! - On some systems many words share a list, and a wake-up for one is one for all.
//!
//! And who was woken for a reason may come too late: another has taken the lock since.
//!
//! # Private
//! A futex can lie in memory that several processes share. Then its name is the file and the
//! place in it, and the kernel has to find these out for each call. Here no word is shared
//! with another process; `FUTEX_PRIVATE_FLAG` says so, and the name is the address.
//!
//! # Limits
//! [`wait_timeout`] returns `false` never before the limit is over: what the system's clock
//! cannot express is rounded up. It may well return later. Linux adds up to 50 microseconds,
//! the *timer slack* of the thread, to wake several sleepers at once. A limit that is longer
//! than the clock can express, such as [`Duration::MAX`], is none.
//!
//! A limit is measured from the call, so a loop that passes the same one again waits without
//! end. Work out once when the time is up.
//!
//! # On other systems
//! On Linux this is the system call of the same name. [`elsewhere`] is what all others use.

pub mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;

#[cfg(not(target_os = "linux"))]
use elsewhere as kernel;
#[cfg(target_os = "linux")]
use linux as kernel;

use std::cell::Cell;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

thread_local! {
    static CALLS: Cell<Calls> = const { Cell::new(Calls { waits: 0, wakes: 0 }) };
}

/// What a thread has asked of the kernel, through the functions of this module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// How often it wanted to sleep, whether or not it came to that.
    pub waits: u64,
    /// How often it woke others, whether or not anybody slept.
    pub wakes: u64,
}

/// What the calling thread has asked of the kernel so far: so that a program can say how
/// often its locks do.
///
/// ```
/// use threadbare::futex;
/// use threadbare::sync::Mutex;
///
/// let before = futex::calls();
/// *Mutex::new(1).lock().unwrap() += 1;
/// assert_eq!(futex::calls(), before, "nobody else wanted it");
/// ```
///
/// # Cost
/// Nothing here. Each call that is counted costs a nanosecond more.
pub fn calls() -> Calls {
    CALLS.get()
}

fn count(waits: u64, wakes: u64) {
    let calls = CALLS.get();
    CALLS.set(Calls {
        waits: calls.waits + waits,
        wakes: calls.wakes + wakes,
    });
}

/// Sleeps while `word` is `expected`, until woken. Returns at once if it has another value,
/// and may return for no reason.
pub fn wait(word: &AtomicU32, expected: u32) {
    count(1, 0);
    kernel::wait(word, expected);
}

/// As [`wait`], but for at most `limit`. `false` if the time was up; `true` if it was woken,
/// `word` had another value, or there was no reason at all.
pub fn wait_timeout(word: &AtomicU32, expected: u32, limit: Duration) -> bool {
    count(1, 0);
    kernel::wait_timeout(word, expected, limit)
}

/// Wakes one of the threads that wait on `word`, if there is one.
pub fn wake_one(word: &AtomicU32) {
    count(0, 1);
    kernel::wake_one(word);
}

/// Wakes all threads that wait on `word`.
pub fn wake_all(word: &AtomicU32) {
    count(0, 1);
    kernel::wake_all(word);
}
