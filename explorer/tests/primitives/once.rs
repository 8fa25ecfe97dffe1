//! Something that is made once, by whoever comes first; the others wait for it.
#![allow(unsafe_code, reason = "what is made once lives in a cell")]

use super::ground::atomic::{AtomicU32, Ordering::*};
use super::ground::cell::UnsafeCell;
use super::ground::sync::Arc;
use super::ground::{futex, thread};
use super::spec::{Primitive, spec, versions};

spec! {
    orderings {
        /// Acquire: the value is there. Pairs with `publish`.
        look: Acquire,
        /// Relaxed: whoever claims an empty cell reads nothing.
        claim: Relaxed,
        /// Acquire: somebody else has published meanwhile. Pairs with `publish`.
        claim_failed: Acquire,
        /// Release: pairs with `look` and `claim_failed`.
        publish: Release,
    }
    slips {
        /// Looks, and claims with a store in a second step.
        claims_in_two_steps,
        /// Publishes before it makes the value.
        publishes_early,
        /// Publishes and wakes nobody.
        never_wakes,
        /// Wakes one where several may sleep.
        wakes_one,
        /// Wakes first, and publishes afterwards.
        wakes_early,
        /// Does not wait for somebody else's value.
        never_waits,
        /// Takes a wake-up for the value.
        trusts_the_wake_up,
    }
}

const EMPTY: u32 = 0;
const RUNNING: u32 = 1;
const DONE: u32 = 2;

struct Once {
    spec: Spec,
    state: AtomicU32,
    value: UnsafeCell<u32>,
}

// SAFETY: `value` is written by whoever made `state` running, and read once it is done.
unsafe impl Sync for Once {}

impl Once {
    fn make(&self) {
        let spec = &self.spec;
        if spec.publishes_early {
            self.state.store(DONE, spec.publish);
        }
        // SAFETY: the claim is ours.
        self.value.with_mut(|value| unsafe { *value += 7 });
        if spec.wakes_early {
            futex::wake_all(&self.state);
        }
        self.state.store(DONE, spec.publish);
        if spec.never_wakes || spec.wakes_early {
        } else if spec.wakes_one {
            futex::wake_one(&self.state);
        } else {
            futex::wake_all(&self.state);
        }
    }

    fn get(&self) -> u32 {
        let spec = &self.spec;
        while self.state.load(spec.look) != DONE {
            let claim = if spec.claims_in_two_steps {
                let state = self.state.load(spec.claim_failed);
                if state == EMPTY {
                    self.state.store(RUNNING, spec.claim);
                    Ok(state)
                } else {
                    Err(state)
                }
            } else {
                let (claim, failed) = (spec.claim, spec.claim_failed);
                self.state.compare_exchange(EMPTY, RUNNING, claim, failed)
            };
            match claim {
                Ok(_) => {
                    self.make();
                    break;
                }
                Err(DONE) => break,
                Err(_) if spec.never_waits => break,
                Err(_) => {
                    futex::wait(&self.state, RUNNING);
                    if spec.trusts_the_wake_up {
                        break;
                    }
                }
            }
        }
        // SAFETY: nobody writes any more.
        self.value.with(|value| unsafe { *value })
    }
}

/// So many threads ask for the value.
fn asks<const THREADS: usize>(spec: Spec) {
    let once = Arc::new(Once {
        spec,
        state: AtomicU32::new(EMPTY),
        value: UnsafeCell::new(0),
    });
    let mut others = Vec::new();
    for _ in 1..THREADS {
        let once = Arc::clone(&once);
        others.push(thread::spawn(move || once.get()));
    }
    assert_eq!(once.get(), 7);
    for other in others {
        assert_eq!(other.join().unwrap(), 7);
    }
}

pub fn primitive() -> Primitive {
    Primitive::new(
        "once",
        RIGHT,
        &[("two ask", asks::<2>), ("three ask", asks::<3>)],
        versions! {
            "look is Relaxed" { look: Relaxed } wrong [Race];
            "look is Relaxed, claim is Acquire"
                { look: Relaxed, claim: Acquire } wrong [Race];
            "a failed claim is Relaxed" { claim_failed: Relaxed } wrong [Race];
            "publish is Relaxed" { publish: Relaxed } wrong [Race];
            "claims in two steps" { claims_in_two_steps: true } wrong [Race, Assertion];
            "publishes, then makes" { publishes_early: true } wrong [Race, Assertion];
            "never wakes" { never_wakes: true } wrong [LostWakeUp];
            "wakes one" { wakes_one: true } wrong [LostWakeUp];
            "wakes, then publishes" { wakes_early: true } wrong [LostWakeUp];
            "never waits" { never_waits: true } wrong [Race, Assertion];
            "takes a wake-up for the value"
                { trusts_the_wake_up: true } wrong [Race, Assertion];
        },
    )
}
