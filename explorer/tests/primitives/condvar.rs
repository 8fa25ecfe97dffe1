//! A condition variable from one sequence number: read it, unlock, sleep unless it has
//! moved.
//!
//! The number is `Relaxed` throughout: what happens before what is the mutex's business. So
//! the wrong versions are all slips, in the condition variable and in how it is used.
#![allow(unsafe_code, reason = "what the condition is about lives in a cell")]

use super::ground::atomic::{AtomicBool, AtomicU32, Ordering::*};
use super::ground::cell::UnsafeCell;
use super::ground::sync::Arc;
use super::ground::{futex, hint, thread};
use super::spec::{Primitive, spec, versions};

spec! {
    orderings {
        /// Relaxed: read under the mutex; the futex compares the newest value.
        look: Relaxed,
        /// Relaxed: the condition was changed under the mutex.
        bump: Relaxed,
    }
    slips {
        /// Reads the number after it has unlocked.
        looks_late,
        /// Notifies without moving the number.
        forgets_the_bump,
        /// Wakes first, and moves the number afterwards.
        bumps_late,
        /// Moves the number and wakes nobody.
        never_wakes,
        /// Wakes one where all are meant.
        wakes_one_for_all,
        /// Sleeps with the mutex held.
        keeps_the_mutex,
        /// Returns without the mutex.
        forgets_to_lock_again,
        /// The user looks once at the condition: `if`, not `while`.
        looks_once,
        /// The user notifies, and changes the condition afterwards.
        notifies_early,
        /// The user changes the condition outside the mutex.
        changes_unlocked,
        /// The user looks at the condition outside the mutex, which is an atomic then.
        checks_unlocked,
    }
}

/// The smallest mutex there is: what it is made of is another primitive's business.
struct Mutex {
    locked: AtomicBool,
}

impl Mutex {
    fn lock(&self) {
        while self
            .locked
            .compare_exchange(false, true, Acquire, Relaxed)
            .is_err()
        {
            hint::spin_loop();
        }
    }

    fn unlock(&self) {
        self.locked.store(false, Release);
    }
}

struct Condvar {
    spec: Spec,
    sequence: AtomicU32,
}

impl Condvar {
    fn wait(&self, mutex: &Mutex) {
        let spec = &self.spec;
        if spec.looks_late {
            mutex.unlock();
        }
        let sequence = self.sequence.load(spec.look);
        if !spec.looks_late && !spec.keeps_the_mutex {
            mutex.unlock();
        }
        futex::wait(&self.sequence, sequence);
        if !spec.keeps_the_mutex && !spec.forgets_to_lock_again {
            mutex.lock();
        }
    }

    fn notify(&self, all: bool) {
        let spec = &self.spec;
        if !spec.forgets_the_bump && !spec.bumps_late {
            self.sequence.fetch_add(1, spec.bump);
        }
        if spec.never_wakes {
        } else if all && !spec.wakes_one_for_all {
            futex::wake_all(&self.sequence);
        } else {
            futex::wake_one(&self.sequence);
        }
        if spec.bumps_late {
            self.sequence.fetch_add(1, spec.bump);
        }
    }
}

/// A flag under a mutex, and whoever waits for it.
struct Gate {
    spec: Spec,
    mutex: Mutex,
    condvar: Condvar,
    open: UnsafeCell<bool>,
    /// What `checks_unlocked` looks at instead.
    open_atomic: AtomicU32,
}

// SAFETY: `open` is only reached while the mutex is held.
unsafe impl Sync for Gate {}

impl Gate {
    fn new(spec: Spec) -> Arc<Self> {
        Arc::new(Gate {
            spec,
            mutex: Mutex {
                locked: AtomicBool::new(false),
            },
            condvar: Condvar {
                spec,
                sequence: AtomicU32::new(0),
            },
            open: UnsafeCell::new(false),
            open_atomic: AtomicU32::new(0),
        })
    }

    fn is_open(&self) -> bool {
        // SAFETY: the mutex is held.
        self.open.with(|open| unsafe { *open })
    }

    fn wait(&self) {
        let spec = &self.spec;
        if spec.checks_unlocked {
            while self.open_atomic.load(Acquire) == 0 {
                self.mutex.lock();
                self.condvar.wait(&self.mutex);
                self.mutex.unlock();
            }
            return;
        }
        self.mutex.lock();
        if spec.looks_once {
            if !self.is_open() {
                self.condvar.wait(&self.mutex);
            }
        } else {
            while !self.is_open() {
                self.condvar.wait(&self.mutex);
            }
        }
        let open = self.is_open();
        self.mutex.unlock();
        assert!(open, "passed a gate that is not open");
    }

    fn open(&self, all: bool) {
        let spec = &self.spec;
        if spec.notifies_early {
            self.condvar.notify(all);
        }
        if !spec.changes_unlocked {
            self.mutex.lock();
        }
        // SAFETY: the mutex is held.
        self.open.with_mut(|open| unsafe { *open = true });
        self.open_atomic.store(1, Release);
        if !spec.changes_unlocked {
            self.mutex.unlock();
        }
        if !spec.notifies_early {
            self.condvar.notify(all);
        }
    }
}

/// One waits, the other opens.
fn one_waiter(spec: Spec) {
    let gate = Gate::new(spec);
    let other = thread::spawn({
        let gate = Arc::clone(&gate);
        move || gate.wait()
    });
    gate.open(false);
    other.join().unwrap();
}

/// Two wait, and one opens for both. (The opener is a fourth thread, so the explorer spares
/// this model the spurious wake-ups, which the other one has.)
fn two_waiters(spec: Spec) {
    let gate = Gate::new(spec);
    let others = [false, false, true].map(|opens| {
        let gate = Arc::clone(&gate);
        thread::spawn(move || if opens { gate.open(true) } else { gate.wait() })
    });
    for other in others {
        other.join().unwrap();
    }
}

pub fn primitive() -> Primitive {
    Primitive::new(
        "condvar",
        RIGHT,
        &[("one waiter", one_waiter), ("two waiters", two_waiters)],
        versions! {
            "reads the number after it unlocks" { looks_late: true } wrong [LostWakeUp];
            "does not move the number"
                { forgets_the_bump: true } wrong [LostWakeUp];
            "wakes, then moves the number" { bumps_late: true } wrong [LostWakeUp];
            "never wakes" { never_wakes: true } wrong [LostWakeUp];
            "wakes one for all" { wakes_one_for_all: true } wrong [LostWakeUp];
            "sleeps with the mutex held"
                { keeps_the_mutex: true } wrong [LostWakeUp, Livelock];
            "returns without the mutex" { forgets_to_lock_again: true } wrong [Race];
            "if for while" { looks_once: true } wrong [Assertion];
            "notifies, then opens" { notifies_early: true } wrong [LostWakeUp];
            "opens outside the mutex" { changes_unlocked: true } wrong [Race];
            "looks outside the mutex" { checks_unlocked: true } wrong [LostWakeUp];
        },
    )
}
