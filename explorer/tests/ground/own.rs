//! A program that uses what the two grounds have and std does not.

use super::ground::atomic::{AtomicU32, Ordering};
use super::ground::cell::UnsafeCell;
use super::ground::hint::Backoff;
use super::ground::os::WakeCell;
use super::ground::sync::Arc;
use super::ground::time::Duration;
use super::ground::{Named as _, Static, const_new, futex, thread};

const MOMENT: Duration = Duration::from_millis(1);

/// Every part, one after the other.
pub(crate) fn all() {
    for part in PARTS {
        part();
    }
}

/// Small enough to be explored one by one.
pub(crate) const PARTS: [fn(); 4] = [locks, wake_cells, statics, limits];

struct Lock {
    state: AtomicU32,
    value: UnsafeCell<u32>,
}

// SAFETY: the value is reached by whoever has locked it.
unsafe impl Sync for Lock {}

impl Lock {
    const_new! {
        /// A lock that is free.
        pub(crate) fn new() -> Self {
            Self { state: AtomicU32::new(0), value: UnsafeCell::new(0) }
        }
    }

    fn add(&self) -> u32 {
        let backoff = Backoff::new();
        // ORDERING: Acquire. Pairs with the swap in `add`.
        while self.state.swap(2, Ordering::Acquire) != 0 {
            if backoff.is_completed() {
                futex::wait(&self.state, 2);
            } else {
                backoff.snooze();
            }
        }
        // SAFETY: the lock is held.
        let value = self.value.with_mut(|value| unsafe {
            *value += 1;
            *value
        });
        // ORDERING: Release. Pairs with the swap above, in `add`.
        if self.state.swap(0, Ordering::Release) == 2 {
            futex::wake_one(&self.state);
        }
        value
    }
}

fn locks() {
    let lock = Arc::new(Lock::new());
    let theirs = Arc::clone(&lock);
    let handle = thread::spawn(move || theirs.add());
    let mine = lock.add();
    assert_eq!(mine + handle.join().unwrap(), 3);
    // SAFETY: the other thread has ended.
    assert_eq!(lock.value.with(|value| unsafe { *value }), 2);
}

fn wake_cells() {
    let cell = Arc::new(WakeCell::new());
    let theirs = Arc::clone(&cell);
    let handle = thread::spawn(move || {
        theirs.wake();
        theirs.add(2);
    });
    let mut sum = 0;
    while sum < 3 {
        sum += cell.wait();
    }
    handle.join().unwrap();
    assert_eq!((sum, cell.wait_timeout(MOMENT)), (3, None));
}

static CALLS: Static<AtomicU32> = Static::new(|| AtomicU32::new(0).named("calls"));

fn statics() {
    // ORDERING: Relaxed, here and below. The join orders the last read; the others count.
    CALLS.store(0, Ordering::Relaxed);
    let handle = thread::spawn(|| CALLS.fetch_add(1, Ordering::Relaxed));
    // ORDERING: Relaxed, as above.
    CALLS.fetch_add(1, Ordering::Relaxed);
    handle.join().unwrap();
    // ORDERING: Relaxed, as above.
    assert_eq!(CALLS.load(Ordering::Relaxed), 2);
}

fn limits() {
    let word = AtomicU32::new(0);
    assert!(futex::wait_timeout(&word, 1, MOMENT));
    while futex::wait_timeout(&word, 0, MOMENT) {}
    futex::wake_all(&word);
    // What two threads with each other's answer in hand wait for, and no longer.
    let word = Arc::new(word);
    let theirs = Arc::clone(&word);
    let handle = thread::spawn(move || {
        // ORDERING: Release. Pairs with the load in `limits`.
        theirs.store(1, Ordering::Release);
        futex::wake_all(&theirs);
    });
    // ORDERING: Acquire. Pairs with the store in `limits`.
    while word.load(Ordering::Acquire) == 0 {
        futex::wait(&word, 0);
    }
    handle.join().unwrap();
}
