//! A mutex of one futex word with three states: unlocked, locked, and locked with somebody
//! (perhaps) asleep.
#![allow(unsafe_code, reason = "the value of a lock lives in a cell")]

use super::ground::atomic::{AtomicU32, Ordering::*};
use super::ground::cell::UnsafeCell;
use super::ground::sync::Arc;
use super::ground::{futex, thread};
use super::spec::{Primitive, spec, versions};

spec! {
    orderings {
        /// Acquire: pairs with `unlock`.
        lock: Acquire,
        /// Relaxed: whoever fails touches nothing.
        lock_failed: Relaxed,
        /// Acquire: the lock after a wait; pairs with `unlock`.
        contended: Acquire,
        /// Release: pairs with `lock` and `contended`.
        unlock: Release,
    }
    slips {
        /// Unlocks without a wake-up.
        never_wakes,
        /// Wakes first, and unlocks afterwards.
        wakes_early,
        /// Wakes only if nobody was asleep.
        wakes_the_wrong_way_round,
        /// Takes the lock as merely locked after a wait.
        forgets_the_others,
        /// Goes to sleep on the locked state without saying so.
        sleeps_unannounced,
        /// Says that it sleeps with a store, whatever the state was.
        announces_with_a_store,
        /// Takes a wake-up for the lock.
        trusts_the_wake_up,
    }
}

const UNLOCKED: u32 = 0;
const LOCKED: u32 = 1;
const CONTENDED: u32 = 2;

struct Mutex {
    spec: Spec,
    state: AtomicU32,
}

impl Mutex {
    fn new(spec: Spec) -> Self {
        Mutex {
            spec,
            state: AtomicU32::new(UNLOCKED),
        }
    }

    fn lock(&self) {
        let spec = &self.spec;
        let (lock, failed) = (spec.lock, spec.lock_failed);
        let free = self.state.compare_exchange(UNLOCKED, LOCKED, lock, failed);
        if free.is_err() {
            self.lock_contended();
        }
    }

    fn lock_contended(&self) {
        let spec = &self.spec;
        while !self.take_contended() {
            let asleep = if spec.sleeps_unannounced {
                LOCKED
            } else {
                CONTENDED
            };
            futex::wait(&self.state, asleep);
            if spec.trusts_the_wake_up {
                return;
            }
        }
    }

    /// Takes the lock if it is free; either way it now counts as contended.
    fn take_contended(&self) -> bool {
        let spec = &self.spec;
        if spec.announces_with_a_store {
            self.state.store(CONTENDED, Relaxed);
            return false;
        }
        if spec.sleeps_unannounced || spec.forgets_the_others {
            let (lock, failed) = (spec.contended, spec.lock_failed);
            let free = self.state.compare_exchange(UNLOCKED, LOCKED, lock, failed);
            if free.is_err() && spec.forgets_the_others {
                let _ = self
                    .state
                    .compare_exchange(LOCKED, CONTENDED, Relaxed, Relaxed);
            }
            return free.is_ok();
        }
        self.state.swap(CONTENDED, spec.contended) == UNLOCKED
    }

    fn unlock(&self) {
        let spec = &self.spec;
        if spec.wakes_early && self.state.load(Relaxed) == CONTENDED {
            futex::wake_one(&self.state);
        }
        let before = self.state.swap(UNLOCKED, spec.unlock);
        let wakes = (before == CONTENDED) != spec.wakes_the_wrong_way_round;
        if wakes && !spec.never_wakes && !spec.wakes_early {
            futex::wake_one(&self.state);
        }
    }
}

struct Counter {
    mutex: Mutex,
    value: UnsafeCell<u32>,
}

// SAFETY: `value` is only reached while the mutex is held.
unsafe impl Sync for Counter {}

impl Counter {
    fn increment(&self) {
        self.mutex.lock();
        // SAFETY: the lock is ours.
        self.value.with_mut(|value| unsafe { *value += 1 });
        self.mutex.unlock();
    }
}

/// So many threads add one each.
fn increments<const THREADS: u32>(spec: Spec) {
    let counter = Arc::new(Counter {
        mutex: Mutex::new(spec),
        value: UnsafeCell::new(0),
    });
    let mut others = Vec::new();
    for _ in 1..THREADS {
        let counter = Arc::clone(&counter);
        others.push(thread::spawn(move || counter.increment()));
    }
    counter.increment();
    for other in others {
        other.join().unwrap();
    }
    // SAFETY: the other threads have ended.
    let value = counter.value.with(|value| unsafe { *value });
    assert_eq!(value, THREADS);
}

pub fn primitive() -> Primitive {
    Primitive::new(
        "futex mutex",
        RIGHT,
        &[
            ("two increments", increments::<2>),
            ("three increments", increments::<3>),
        ],
        versions! {
            "lock is Relaxed" { lock: Relaxed } wrong [Race];
            "lock is Relaxed after a wait" { contended: Relaxed } wrong [Race];
            "unlock is Relaxed" { unlock: Relaxed } wrong [Race];
            "unlock is Acquire" { unlock: Acquire } wrong [Race];
            "never wakes" { never_wakes: true } wrong [LostWakeUp];
            "wakes, then unlocks" { wakes_early: true } wrong [LostWakeUp];
            "wakes the wrong way round"
                { wakes_the_wrong_way_round: true } wrong [LostWakeUp];
            "is merely locked after a wait"
                { forgets_the_others: true } wrong [LostWakeUp];
            "sleeps unannounced" { sleeps_unannounced: true } wrong [LostWakeUp];
            "announces itself with a store"
                { announces_with_a_store: true } wrong [LostWakeUp, Race];
            "takes a wake-up for the lock"
                { trusts_the_wake_up: true } wrong [Race, Assertion];
        },
    )
}
