//! The mutexes under the model checker, and versions that are wrong by a line.
#![allow(unsafe_code, reason = "wrong versions hand out a cell")]

mod wrong;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::{MutexGuard, v1_spin, v2_two_state, v3_three_state, v4_adaptive};
use crate::ground::cell::UnsafeCell;
use crate::ground::on_std::sync::Arc;
use crate::modelled::{holds, needs_its_orderings, start};

/// A lock around a number, or what somebody took for one.
trait Lock: Send + Sync + 'static {
    /// Adds one to the number, and returns it.
    fn increment(&self) -> u32;
    /// Does so after `step`, which is done under the lock.
    fn increment_during(&self, step: &mut dyn FnMut());
    /// The same, unless the lock is taken.
    fn try_increment(&self) -> Option<u32>;
}

macro_rules! right {
    ($($version:ident)*) => { $(
        impl Lock for $version::Mutex<u32> {
            fn increment(&self) -> u32 {
                let mut guard = self.lock();
                *guard += 1;
                *guard
            }

            fn increment_during(&self, step: &mut dyn FnMut()) {
                let mut guard = self.lock();
                step();
                *guard += 1;
            }

            fn try_increment(&self) -> Option<u32> {
                let mut guard = self.try_lock()?;
                *guard += 1;
                Some(*guard)
            }
        }
    )* };
}
right!(v1_spin v2_two_state v3_three_state);

impl Lock for v4_adaptive::Mutex<u32> {
    fn increment(&self) -> u32 {
        let mut guard = self.lock().unwrap();
        *guard += 1;
        *guard
    }

    fn increment_during(&self, step: &mut dyn FnMut()) {
        let mut guard = self.lock().unwrap();
        step();
        *guard += 1;
    }

    fn try_increment(&self) -> Option<u32> {
        let mut guard = self.try_lock().ok()?;
        *guard += 1;
        Some(*guard)
    }
}

/// The word of the last version and a number: without the poison, whose every look is a
/// step more.
struct Bare {
    word: v4_adaptive::Word,
    value: UnsafeCell<u32>,
}

// SAFETY: the number is reached by who has the word. (That this is one thread at a time is
// what the explorer is to find out.)
unsafe impl Sync for Bare {}

impl Bare {
    fn new() -> Self {
        Self {
            word: v4_adaptive::Word::new(),
            value: UnsafeCell::new(0),
        }
    }

    fn add_and_unlock(&self) -> u32 {
        let value = self.value.with_mut(|value| {
            // SAFETY: the caller has the word.
            unsafe {
                *value += 1;
                *value
            }
        });
        self.word.unlock();
        value
    }
}

impl Bare {
    fn lock(&self) {
        if !self.word.try_lock() {
            self.word.lock_contended();
        }
    }
}

impl Lock for Bare {
    fn increment(&self) -> u32 {
        self.lock();
        self.add_and_unlock()
    }

    fn increment_during(&self, step: &mut dyn FnMut()) {
        self.lock();
        step();
        self.add_and_unlock();
    }

    fn try_increment(&self) -> Option<u32> {
        self.word.try_lock().then(|| self.add_and_unlock())
    }
}

/// Two threads add one each, and one looks.
fn two_increments(lock: impl Lock) {
    let lock = Arc::new(lock);
    let other = start(&lock, Lock::increment);
    lock.increment();
    other.join().unwrap();
    assert_eq!(lock.increment(), 3, "an increment is lost");
}

/// Three threads add one each: one can sleep while another is woken.
fn three_increments(lock: impl Lock) {
    let lock = Arc::new(lock);
    let others = [(); 2].map(|()| start(&lock, Lock::increment));
    lock.increment();
    for other in others {
        other.join().unwrap();
    }
    assert_eq!(lock.increment(), 4, "an increment is lost");
}

/// Two threads wait for a third: both can sleep at once, and both must be woken.
fn two_wait_for_one<L: Lock>(lock: L) {
    let lock = Arc::new(lock);
    let mut others = None;
    lock.increment_during(&mut || {
        others = Some([(); 2].map(|()| start(&lock, Lock::increment)));
    });
    for other in others.unwrap() {
        other.join().unwrap();
    }
    assert_eq!(lock.increment(), 4, "an increment is lost");
}

/// Who does not get the lock does without; who gets it sees what was done under it.
fn one_tries(lock: impl Lock) {
    let lock = Arc::new(lock);
    let other = start(&lock, Lock::increment);
    let got = lock.try_increment();
    other.join().unwrap();
    let expected = 2 + u32::from(got.is_some());
    assert_eq!(lock.increment(), expected, "after {got:?}");
}

/// One thread tries while two others wait for each other.
fn one_tries_between_two(lock: impl Lock) {
    let lock = Arc::new(lock);
    let others = [(); 2].map(|()| start(&lock, Lock::increment));
    let got = lock.try_increment();
    for other in others {
        other.join().unwrap();
    }
    let expected = 3 + u32::from(got.is_some());
    assert_eq!(lock.increment(), expected, "after {got:?}");
}

/// Who only tries does not wait for the owner, who waits for its answer.
fn one_tries_in_vain(lock: impl Lock) {
    let lock = Arc::new(lock);
    let mut got = None;
    lock.increment_during(&mut || {
        got = start(&lock, Lock::try_increment).join().unwrap();
    });
    assert_eq!(got, None, "it had an owner");
    assert_eq!(lock.try_increment(), Some(2));
}

/// Who comes after a panic under the lock is told, and finds what that thread has left.
fn one_panics(lock: v4_adaptive::Mutex<u32>) {
    let lock = Arc::new(lock);
    let other = start(&lock, |lock| {
        let _ = catch_unwind(AssertUnwindSafe(|| {
            *lock.lock().unwrap_or_else(|it| it.into_inner()) = 1;
            let _guard = lock.lock();
            resume_unwind(Box::new("planned"));
        }));
    });
    let found = match lock.lock() {
        Ok(value) => (*value, false),
        Err(value) => (**value.get_ref(), true),
    };
    assert!(matches!(found, (0 | 1, false) | (1, true)), "{found:?}");
    other.join().unwrap();
    assert!(lock.is_poisoned());
    let value = lock.lock().unwrap_err().into_inner();
    lock.clear_poison();
    drop(value);
    assert_eq!(lock.increment(), 2);
}

/// As two increments, of which one is made through a part of the value.
fn one_has_a_part(lock: v4_adaptive::Mutex<u32>) {
    let lock = Arc::new(lock);
    let other = start(&lock, |lock| {
        let part = MutexGuard::map(lock.lock().unwrap(), |value| value);
        let mut part = v4_adaptive::MappedMutexGuard::map(part, |value| value);
        *part += 1;
    });
    lock.increment();
    other.join().unwrap();
    assert_eq!(lock.increment(), 3, "an increment is lost");
}

macro_rules! models {
    ($new:expr) => {
        [
            ("two", || two_increments($new)),
            ("two wait", || two_wait_for_one($new)),
            ("one tries", || one_tries($new)),
            ("one tries between two", || one_tries_between_two($new)),
        ]
    };
}

type Models = [(&'static str, fn()); 4];

const V1: Models = models!(v1_spin::Mutex::new(0));
const V2: Models = models!(v2_two_state::Mutex::new(0));
const V3: Models = models!(v3_three_state::Mutex::new(0));
const V4: Models = models!(Bare::new());

#[test]
fn one_owner_at_a_time_who_sees_what_the_last_one_did() {
    for (version, models) in [("v1", V1), ("v2", V2), ("v3", V3), ("v4", V4)] {
        for (name, program) in models {
            holds(&format!("{version}, {name}"), program);
        }
    }
    holds("v1, three", || three_increments(v1_spin::Mutex::new(0)));
    holds("v2, three", || {
        three_increments(v2_two_state::Mutex::new(0))
    });
    holds("v3, three", || {
        three_increments(v3_three_state::Mutex::new(0))
    });
    holds("v4, whole", || two_increments(v4_adaptive::Mutex::new(0)));
    holds("v4, whole, one tries", || {
        one_tries(v4_adaptive::Mutex::new(0))
    });
    holds("v4, in vain", || {
        one_tries_in_vain(v4_adaptive::Mutex::new(0))
    });
    holds("v4, a part", || one_has_a_part(Default::default()));
}

#[test]
fn who_comes_after_a_panic_is_told() {
    holds("v4, one panics", || one_panics(Default::default()));
}

#[test]
fn each_ordering_is_needed() {
    needs_its_orderings("mutex v1", &V1, &[]);
    needs_its_orderings("mutex v2", &V2, &[]);
    needs_its_orderings("mutex v3", &V3, &[]);
    needs_its_orderings("mutex v4", &V4, &[]);
}

/// In a model too, who waits for itself is told where, instead of that nobody is left.
#[test]
#[cfg(debug_assertions)]
fn who_waits_for_itself_is_told() {
    let failure = explorer::Model::new("relock")
        .explore(|| {
            let lock = v4_adaptive::Mutex::new(0);
            let _first = lock.lock();
            let _second = lock.lock();
        })
        .unwrap_err();
    assert_eq!(failure.kind, explorer::Kind::Assertion);
    assert!(failure.sentence.contains("deadlock: "), "{failure}");
}
