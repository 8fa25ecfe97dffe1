//! The spin locks under the model checker, and versions that are wrong by a line.
#![allow(unsafe_code, reason = "wrong versions hand out a cell")]

use explorer::Kind;

use super::{v1_swap, v2_look_first, v3_backoff};
use crate::ground::atomic::{
    AtomicBool,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::ground::cell::UnsafeCell;
use crate::ground::hint;
use crate::ground::sync::Arc;
use crate::modelled::{caught, holds, needs_its_orderings, start};

/// A lock around a number, or what somebody took for one.
trait Lock: Send + Sync + 'static {
    fn new() -> Self;
    /// Adds one to the number, and returns it.
    fn increment(&self) -> u32;
    /// The same, unless the lock is taken.
    fn try_increment(&self) -> Option<u32>;
}

macro_rules! right {
    ($($version:ident)*) => { $(
        impl Lock for $version::SpinLock<u32> {
            fn new() -> Self {
                Self::new(0)
            }

            fn increment(&self) -> u32 {
                let mut guard = self.lock();
                *guard += 1;
                *guard
            }

            fn try_increment(&self) -> Option<u32> {
                let mut guard = self.try_lock()?;
                *guard += 1;
                Some(*guard)
            }
        }
    )* };
}
right!(v1_swap v2_look_first v3_backoff);

/// A version that has not what is right in one of its places.
macro_rules! wrong {
    (
        $Name:ident, $story:literal
        $(, lock: $lock:expr)? $(, unlock: $unlock:expr)? $(, early: $early:literal)?
    ) => {
        #[doc = $story]
        struct $Name {
            locked: AtomicBool,
            value: UnsafeCell<u32>,
        }

        // SAFETY: none. The explorer is to find that out.
        unsafe impl Sync for $Name {}

        #[allow(unused_assignments, unused_mut, reason = "one of them is replaced")]
        impl Lock for $Name {
            fn new() -> Self {
                Self {
                    locked: AtomicBool::new(false),
                    value: UnsafeCell::new(0),
                }
            }

            fn increment(&self) -> u32 {
                let mut lock: fn(&AtomicBool) = locks;
                $(lock = $lock;)?
                let mut unlock: fn(&AtomicBool) = unlocks;
                $(unlock = $unlock;)?
                let mut early = false;
                $(early = $early;)?
                lock(&self.locked);
                if early {
                    unlock(&self.locked);
                }
                let value = self.value.with_mut(|value| {
                    // SAFETY: none, as above.
                    unsafe {
                        *value += 1;
                        *value
                    }
                });
                if !early {
                    unlock(&self.locked);
                }
                value
            }

            fn try_increment(&self) -> Option<u32> {
                Some(self.increment())
            }
        }
    };
}

/// What a right version does.
fn locks(locked: &AtomicBool) {
    // ORDERING: Acquire pairs with the Release in `unlocks`.
    while locked.swap(true, Acquire) {
        hint::spin_loop();
    }
}

/// What a right version does.
fn unlocks(locked: &AtomicBool) {
    // ORDERING: Release pairs with the Acquire in `locks`.
    locked.store(false, Release);
}

wrong!(
    LooksThenSets,
    "Looks until it is free, and takes it in a second step.",
    lock: |locked| {
        // ORDERING: Acquire pairs with the Release in `unlocks`.
        while locked.load(Acquire) {
            hint::spin_loop();
        }
        // ORDERING: Relaxed. No ordering makes one step of two.
        locked.store(true, Relaxed);
    }
);

wrong!(
    GivesUp,
    "Goes on after one attempt.",
    lock: |locked| {
        // ORDERING: Acquire pairs with the Release in `unlocks`.
        locked.swap(true, Acquire);
    }
);

wrong!(
    AcquiresByLooking,
    "Looks with Acquire, and takes it with Relaxed: between the two it had another owner.",
    lock: |locked| {
        loop {
            // ORDERING: Acquire pairs with the Release in `unlocks`.
            let is_free = !locked.load(Acquire);
            // ORDERING: Relaxed: what is wrong.
            if is_free && !locked.swap(true, Relaxed) {
                return;
            }
            hint::spin_loop();
        }
    }
);

wrong!(
    UnlocksEarly,
    "Lets go before the last access.",
    early: true
);

wrong!(
    NeverUnlocks,
    "Keeps the lock.",
    unlock: |_| ()
);

wrong!(
    ClearsFirst,
    "Lets go before it takes it, whoever has it.",
    lock: |locked| {
        unlocks(locked);
        locks(locked);
    }
);

/// Two threads add one each, and one looks.
fn two_increments<L: Lock>() {
    let lock = Arc::new(L::new());
    let other = start(&lock, L::increment);
    lock.increment();
    other.join().unwrap();
    assert_eq!(lock.increment(), 3, "an increment is lost");
}

/// Three threads add one each: the lock has an owner in between.
fn three_increments<L: Lock>() {
    let lock = Arc::new(L::new());
    let others = [(); 2].map(|()| start(&lock, L::increment));
    lock.increment();
    for other in others {
        other.join().unwrap();
    }
    assert_eq!(lock.increment(), 4, "an increment is lost");
}

/// Who does not get the lock does without; who gets it sees what was done under it.
fn one_tries<L: Lock>() {
    let lock = Arc::new(L::new());
    let other = start(&lock, L::increment);
    let got = lock.try_increment();
    other.join().unwrap();
    let expected = 2 + u32::from(got.is_some());
    assert_eq!(lock.increment(), expected, "after {got:?}");
}

#[test]
fn one_owner_at_a_time_who_sees_what_the_last_one_did() {
    holds("v1, two", two_increments::<v1_swap::SpinLock<u32>>);
    holds("v2, two", two_increments::<v2_look_first::SpinLock<u32>>);
    holds("v3, two", two_increments::<v3_backoff::SpinLock<u32>>);
    holds("v1, three", three_increments::<v1_swap::SpinLock<u32>>);
    holds(
        "v2, three",
        three_increments::<v2_look_first::SpinLock<u32>>,
    );
    holds("v3, three", three_increments::<v3_backoff::SpinLock<u32>>);
    holds("v1, one tries", one_tries::<v1_swap::SpinLock<u32>>);
    holds("v2, one tries", one_tries::<v2_look_first::SpinLock<u32>>);
    holds("v3, one tries", one_tries::<v3_backoff::SpinLock<u32>>);
}

#[test]
fn wrong_versions_are_caught() {
    caught(
        "spin lock",
        &[
            (
                "looks, then sets",
                two_increments::<LooksThenSets>,
                Kind::DataRace,
            ),
            ("gives up", two_increments::<GivesUp>, Kind::DataRace),
            (
                "acquires by looking",
                three_increments::<AcquiresByLooking>,
                Kind::DataRace,
            ),
            (
                "unlocks early",
                two_increments::<UnlocksEarly>,
                Kind::DataRace,
            ),
            (
                "never unlocks",
                two_increments::<NeverUnlocks>,
                Kind::Livelock,
            ),
            (
                "clears first",
                two_increments::<ClearsFirst>,
                Kind::DataRace,
            ),
        ],
    );
}

#[test]
fn each_ordering_is_needed() {
    let v1: [(_, fn()); 1] = [("v1, two", two_increments::<v1_swap::SpinLock<u32>>)];
    needs_its_orderings("spin lock v1", &v1, &[]);
    let v2: [(_, fn()); 1] =
        [("v2, two", two_increments::<v2_look_first::SpinLock<u32>>)];
    needs_its_orderings("spin lock v2", &v2, &[]);
    let v3: [(_, fn()); 1] =
        [("v3, two", two_increments::<v3_backoff::SpinLock<u32>>)];
    needs_its_orderings("spin lock v3", &v3, &[]);
}

#[test]
fn a_guard_gives_the_lock_back_also_in_a_panic() {
    let mut lock = v3_backoff::SpinLock::new(1);
    let guard = lock.lock();
    assert!(lock.try_lock().is_none());
    assert_eq!(format!("{guard:?} {lock:?}"), "1 SpinLock { .. }");
    drop(guard);
    let thrown = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _held = lock.lock();
        std::panic::resume_unwind(Box::new("planned"));
    }));
    assert!(thrown.is_err());
    *lock.try_lock().expect("it was given back") += 1;
    *lock.get_mut() += 1;
    assert_eq!(lock.into_inner(), 3);
}
