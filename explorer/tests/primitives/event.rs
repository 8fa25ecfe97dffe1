//! An auto-reset event: `set` lets one `wait` through, which takes the mark with it.
#![allow(unsafe_code, reason = "what the event is about lives in a cell")]

use super::ground::atomic::{AtomicU32, Ordering::*};
use super::ground::cell::UnsafeCell;
use super::ground::sync::Arc;
use super::ground::{futex, thread};
use super::spec::{Primitive, spec, versions};

spec! {
    orderings {
        /// Release: pairs with `take`.
        set: Release,
        /// Acquire: pairs with `set`.
        take: Acquire,
        /// Relaxed: whoever fails goes to sleep.
        take_failed: Relaxed,
    }
    slips {
        /// Sets the event and wakes nobody.
        never_wakes,
        /// Wakes first, and sets the event afterwards.
        wakes_early,
        /// Leaves the event set.
        never_resets,
        /// Looks, and resets in a second step.
        takes_in_two_steps,
        /// Resets before it waits.
        resets_first,
        /// Takes a wake-up for the event.
        trusts_the_wake_up,
        /// Sleeps while the event is set.
        sleeps_on_the_mark,
        /// Wakes only if the event was set before.
        wakes_the_wrong_way_round,
    }
}

const CLEAR: u32 = 0;
const SET: u32 = 1;

struct Event {
    spec: Spec,
    state: AtomicU32,
    value: UnsafeCell<u32>,
}

// SAFETY: `value` is only reached between `wait` and `set`.
unsafe impl Sync for Event {}

impl Event {
    fn new(spec: Spec, state: u32) -> Arc<Self> {
        Arc::new(Event {
            spec,
            state: AtomicU32::new(state),
            value: UnsafeCell::new(0),
        })
    }

    fn set(&self) {
        let spec = &self.spec;
        if spec.wakes_early {
            futex::wake_one(&self.state);
        }
        let before = self.state.swap(SET, spec.set);
        let wakes = (before == CLEAR) != spec.wakes_the_wrong_way_round;
        if wakes && !spec.never_wakes && !spec.wakes_early {
            futex::wake_one(&self.state);
        }
    }

    /// Whether the event was set; it is no longer.
    fn take(&self) -> bool {
        let spec = &self.spec;
        if spec.takes_in_two_steps {
            let set = self.state.load(spec.take) == SET;
            if set {
                self.state.store(CLEAR, Relaxed);
            }
            return set;
        }
        let next = if spec.never_resets { SET } else { CLEAR };
        self.state
            .compare_exchange(SET, next, spec.take, spec.take_failed)
            .is_ok()
    }

    fn wait(&self) {
        let spec = &self.spec;
        if spec.resets_first {
            self.state.store(CLEAR, Relaxed);
        }
        while !self.take() {
            futex::wait(
                &self.state,
                if spec.sleeps_on_the_mark { SET } else { CLEAR },
            );
            if spec.trusts_the_wake_up {
                return;
            }
        }
    }

    fn increment(&self) {
        self.wait();
        // SAFETY: the mark is ours.
        self.value.with_mut(|value| unsafe { *value += 1 });
        self.set();
    }
}

/// One sets the event, the other waits for it.
fn hand_over(spec: Spec) {
    let event = Event::new(spec, CLEAR);
    let other = thread::spawn({
        let event = Arc::clone(&event);
        move || {
            event.wait();
            // SAFETY: the event was set after the value was written.
            event.value.with(|value| assert_eq!(unsafe { *value }, 7));
        }
    });
    // SAFETY: the event is not set yet.
    event.value.with_mut(|value| unsafe { *value = 7 });
    event.set();
    other.join().unwrap();
}

/// The mark goes round between so many threads, like a lock.
fn baton<const THREADS: u32>(spec: Spec) {
    let event = Event::new(spec, SET);
    let mut others = Vec::new();
    for _ in 1..THREADS {
        let event = Arc::clone(&event);
        others.push(thread::spawn(move || event.increment()));
    }
    event.increment();
    for other in others {
        other.join().unwrap();
    }
    // SAFETY: the other threads have ended.
    let value = event.value.with(|value| unsafe { *value });
    assert_eq!(value, THREADS);
}

pub fn primitive() -> Primitive {
    Primitive::new(
        "auto-reset event",
        RIGHT,
        &[
            ("hand over", hand_over),
            ("a baton for two", baton::<2>),
            ("a baton for three", baton::<3>),
        ],
        versions! {
            "set is Relaxed" { set: Relaxed } wrong [Race];
            "set is Acquire" { set: Acquire } wrong [Race];
            "take is Relaxed" { take: Relaxed } wrong [Race];
            "acquires only when it fails"
                { take: Relaxed, take_failed: Acquire } wrong [Race];
            "never wakes" { never_wakes: true } wrong [LostWakeUp];
            "wakes, then sets" { wakes_early: true } wrong [LostWakeUp];
            "wakes the wrong way round"
                { wakes_the_wrong_way_round: true } wrong [LostWakeUp];
            "never resets" { never_resets: true } wrong [Race, Assertion];
            "takes in two steps" { takes_in_two_steps: true } wrong [Race, Assertion];
            "resets, then waits" { resets_first: true } wrong [LostWakeUp];
            "takes a wake-up for the event"
                { trusts_the_wake_up: true } wrong [Race, Assertion];
            "sleeps on the mark"
                { sleeps_on_the_mark: true } wrong [LostWakeUp, Livelock];
        },
    )
}
