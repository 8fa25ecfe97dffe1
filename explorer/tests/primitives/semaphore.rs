//! A counting semaphore: a number of permits, and a futex to sleep on while there are none.
#![allow(unsafe_code, reason = "what the permit stands for lives in a cell")]

use super::ground::atomic::{AtomicU32, Ordering::*};
use super::ground::cell::UnsafeCell;
use super::ground::sync::Arc;
use super::ground::{futex, thread};
use super::spec::{Primitive, spec, versions};

spec! {
    orderings {
        /// Relaxed: the exchange decides.
        look: Relaxed,
        /// Acquire: pairs with `release`.
        acquire: Acquire,
        /// Release: pairs with `acquire`.
        release: Release,
    }
    slips {
        /// Gives a permit back without a wake-up.
        never_wakes,
        /// Wakes first, and gives the permit back afterwards.
        wakes_early,
        /// Wakes only if there was no permit before.
        wakes_at_zero_only,
        /// Takes a wake-up for a permit.
        waits_once,
        /// Takes a permit by a load and a store.
        takes_in_two_steps,
        /// Gives a permit back by a load and a store.
        gives_in_two_steps,
        /// Goes to sleep while there is one permit.
        sleeps_at_one,
    }
}

struct Semaphore {
    spec: Spec,
    permits: AtomicU32,
}

impl Semaphore {
    fn acquire(&self) {
        let spec = &self.spec;
        let mut permits = self.permits.load(spec.look);
        loop {
            let none = u32::from(spec.sleeps_at_one);
            if permits <= none {
                futex::wait(&self.permits, permits);
                permits = self.permits.load(spec.look);
                if spec.waits_once {
                    self.permits.fetch_sub(1, spec.acquire);
                    return;
                }
                continue;
            }
            if spec.takes_in_two_steps {
                // An acquire read of the newest value, as the exchange would make it.
                permits = self.permits.fetch_add(0, spec.acquire);
                if permits == 0 {
                    continue;
                }
                self.permits.store(permits - 1, Relaxed);
                return;
            }
            match self.permits.compare_exchange_weak(
                permits,
                permits - 1,
                spec.acquire,
                spec.look,
            ) {
                Ok(_) => return,
                Err(now) => permits = now,
            }
        }
    }

    fn release(&self) {
        let spec = &self.spec;
        if spec.wakes_early {
            futex::wake_one(&self.permits);
        }
        let before = if spec.gives_in_two_steps {
            let permits = self.permits.load(Relaxed);
            self.permits.store(permits + 1, spec.release);
            permits
        } else {
            self.permits.fetch_add(1, spec.release)
        };
        let wakes = !spec.never_wakes && !spec.wakes_early;
        if wakes && (before == 0 || !spec.wakes_at_zero_only) {
            futex::wake_one(&self.permits);
        }
    }
}

struct Shared {
    semaphore: Semaphore,
    value: UnsafeCell<u32>,
}

// SAFETY: `value` is only reached with the one permit.
unsafe impl Sync for Shared {}

impl Shared {
    fn new(spec: Spec, permits: u32) -> Arc<Self> {
        Arc::new(Shared {
            semaphore: Semaphore {
                spec,
                permits: AtomicU32::new(permits),
            },
            value: UnsafeCell::new(0),
        })
    }

    fn increment(&self) {
        self.semaphore.acquire();
        // SAFETY: there is one permit, and it is ours.
        self.value.with_mut(|value| unsafe { *value += 1 });
        self.semaphore.release();
    }
}

/// One permit is a lock.
fn one_permit(spec: Spec) {
    let shared = Shared::new(spec, 1);
    let other = thread::spawn({
        let shared = Arc::clone(&shared);
        move || shared.increment()
    });
    shared.increment();
    other.join().unwrap();
    // SAFETY: the other thread has ended.
    shared.value.with(|value| assert_eq!(unsafe { *value }, 2));
    assert_eq!(shared.semaphore.permits.load(Relaxed), 1);
}

/// No permit at first: one side gives one, the other takes it.
fn hand_over(spec: Spec) {
    let shared = Shared::new(spec, 0);
    let other = thread::spawn({
        let shared = Arc::clone(&shared);
        move || {
            shared.semaphore.acquire();
            // SAFETY: the permit was given after the value was written.
            shared.value.with(|value| assert_eq!(unsafe { *value }, 7));
        }
    });
    // SAFETY: no permit was given yet.
    shared.value.with_mut(|value| unsafe { *value = 7 });
    shared.semaphore.release();
    other.join().unwrap();
}

/// Two wait, and one gives two permits.
fn two_waiters(spec: Spec) {
    let shared = Shared::new(spec, 0);
    let others = [(); 2].map(|()| {
        let shared = Arc::clone(&shared);
        thread::spawn(move || shared.semaphore.acquire())
    });
    shared.semaphore.release();
    shared.semaphore.release();
    for other in others {
        other.join().unwrap();
    }
    assert_eq!(shared.semaphore.permits.load(Relaxed), 0);
}

pub fn primitive() -> Primitive {
    Primitive::new(
        "semaphore",
        RIGHT,
        &[
            ("one permit", one_permit),
            ("hand over", hand_over),
            ("two waiters", two_waiters),
        ],
        versions! {
            "acquire is Relaxed" { acquire: Relaxed } wrong [Race];
            "acquires when it looks, not when it takes"
                { look: Acquire, acquire: Relaxed } wrong [Race];
            "release is Relaxed" { release: Relaxed } wrong [Race];
            "never wakes" { never_wakes: true } wrong [LostWakeUp];
            "wakes, then gives" { wakes_early: true } wrong [LostWakeUp];
            "wakes at zero only" { wakes_at_zero_only: true } wrong [LostWakeUp];
            "takes a wake-up for a permit" { waits_once: true } wrong [Race, Assertion];
            "takes in two steps"
                { takes_in_two_steps: true } wrong [Race, Assertion, LostWakeUp];
            "gives in two steps"
                { gives_in_two_steps: true } wrong [LostWakeUp, Assertion];
            "sleeps at one" { sleeps_at_one: true } wrong [LostWakeUp];
        },
    )
}
