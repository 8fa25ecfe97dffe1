//! A spin lock: one flag, swapped on the way in, cleared on the way out.
#![allow(unsafe_code, reason = "the value of a lock lives in a cell")]

use super::ground::atomic::{AtomicBool, Ordering::*};
use super::ground::cell::UnsafeCell;
use super::ground::sync::Arc;
use super::ground::{hint, thread};
use super::spec::{Primitive, spec, versions};

spec! {
    orderings {
        /// Acquire: what the last owner did happens before what the next one does. Pairs
        /// with `unlock`.
        lock: Acquire,
        /// Relaxed: whoever fails touches nothing.
        lock_failed: Relaxed,
        /// Release: pairs with `lock`.
        unlock: Release,
    }
    slips {
        /// Looks whether the flag is clear, and sets it in a second step.
        looks_then_sets,
        /// Waits until the flag is clear with an acquire load, then takes it relaxed.
        acquires_by_looking,
        /// Goes on after one failed attempt.
        gives_up,
        /// Clears the flag before the last access of the value.
        unlocks_early,
        /// Does not clear the flag.
        never_unlocks,
        /// Clears the flag before it waits for it, whoever owns it.
        clears_first,
    }
}

struct SpinLock {
    spec: Spec,
    locked: AtomicBool,
    value: UnsafeCell<u32>,
}

// SAFETY: `value` is only reached between `lock` and `unlock`. (That this holds is what the
// explorer is to find out.)
unsafe impl Sync for SpinLock {}

impl SpinLock {
    fn new(spec: Spec) -> Arc<Self> {
        Arc::new(SpinLock {
            spec,
            locked: AtomicBool::new(false),
            value: UnsafeCell::new(0),
        })
    }

    fn lock(&self) {
        let spec = &self.spec;
        if spec.clears_first {
            self.locked.store(false, spec.unlock);
        }
        if spec.looks_then_sets {
            while self.locked.load(spec.lock) {
                hint::spin_loop();
            }
            self.locked.store(true, spec.lock_failed);
            return;
        }
        loop {
            if spec.acquires_by_looking {
                while self.locked.load(Acquire) {
                    hint::spin_loop();
                }
            }
            let taken = self.locked.compare_exchange_weak(
                false,
                true,
                spec.lock,
                spec.lock_failed,
            );
            if taken.is_ok() || spec.gives_up {
                return;
            }
            hint::spin_loop();
        }
    }

    fn unlock(&self) {
        if !self.spec.never_unlocks {
            self.locked.store(false, self.spec.unlock);
        }
    }

    /// Adds one to the value under the lock.
    fn increment(&self) {
        self.lock();
        if self.spec.unlocks_early {
            self.unlock();
        }
        // SAFETY: the lock is ours.
        self.value.with_mut(|value| unsafe { *value += 1 });
        if !self.spec.unlocks_early {
            self.unlock();
        }
    }
}

/// Two threads add one each.
fn two_increments(spec: Spec) {
    let lock = SpinLock::new(spec);
    let other = thread::spawn({
        let lock = Arc::clone(&lock);
        move || lock.increment()
    });
    lock.increment();
    other.join().unwrap();
    lock.lock();
    // SAFETY: the lock is ours.
    lock.value.with(|value| assert_eq!(unsafe { *value }, 2));
    lock.unlock();
}

/// Three threads add one each: the lock has an owner in between.
fn three_increments(spec: Spec) {
    let lock = SpinLock::new(spec);
    let others = [(); 2].map(|()| {
        let lock = Arc::clone(&lock);
        thread::spawn(move || lock.increment())
    });
    lock.increment();
    for other in others {
        other.join().unwrap();
    }
    // SAFETY: the other threads have ended.
    lock.value.with(|value| assert_eq!(unsafe { *value }, 3));
}

pub fn primitive() -> Primitive {
    Primitive::new(
        "spin lock",
        RIGHT,
        &[
            ("two increments", two_increments),
            ("three increments", three_increments),
        ],
        versions! {
            "lock is Relaxed" { lock: Relaxed } wrong [Race];
            "lock is Release" { lock: Release } wrong [Race];
            "lock acquires only when it fails"
                { lock: Relaxed, lock_failed: Acquire } wrong [Race];
            "unlock is Relaxed" { unlock: Relaxed } wrong [Race];
            "looks, then sets" { looks_then_sets: true } wrong [Race, Assertion];
            "acquires by looking, takes it Relaxed"
                { acquires_by_looking: true, lock: Relaxed } wrong [Race];
            "goes on after one attempt" { gives_up: true } wrong [Race, Assertion];
            "unlocks before the last access"
                { unlocks_early: true } wrong [Race, Assertion];
            "never unlocks" { never_unlocks: true } wrong [Livelock];
            "clears the flag before it takes it"
                { clears_first: true } wrong [Race, Assertion];
        },
    )
}
