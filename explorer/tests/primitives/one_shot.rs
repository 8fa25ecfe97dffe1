//! A channel for one value: the receiver parks on the word that the sender sets.
#![allow(unsafe_code, reason = "the value of a channel lives in a cell")]

use super::ground::atomic::{AtomicU32, Ordering::*};
use super::ground::cell::UnsafeCell;
use super::ground::sync::Arc;
use super::ground::{futex, thread};
use super::spec::{Primitive, spec, versions};

spec! {
    orderings {
        /// Release: the value is there. Pairs with `sleep_failed` and `look`.
        send: Release,
        /// Relaxed: going to sleep gives nobody anything.
        sleep: Relaxed,
        /// Acquire: sent before the receiver slept. Pairs with `send`.
        sleep_failed: Acquire,
        /// Acquire: sent while the receiver slept. Pairs with `send`.
        look: Acquire,
    }
    slips {
        /// Says that there is a value before it is written.
        sends_early,
        /// Sends without a wake-up.
        never_wakes,
        /// Wakes first, and sends afterwards.
        wakes_early,
        /// Closes without a wake-up.
        closes_quietly,
        /// Closes even though a value was sent.
        closes_over_a_value,
        /// Sleeps without saying so, and is woken only if it has.
        sleeps_unannounced,
        /// Says that it sleeps with a store, whatever the state was.
        announces_with_a_store,
        /// Takes a wake-up for the value.
        trusts_the_wake_up,
    }
}

const EMPTY: u32 = 0;
const ASLEEP: u32 = 1;
const SENT: u32 = 2;
const CLOSED: u32 = 3;

struct Channel {
    spec: Spec,
    state: AtomicU32,
    value: UnsafeCell<Option<u32>>,
}

// SAFETY: `value` is the sender's until `state` is sent, and the receiver's afterwards.
unsafe impl Sync for Channel {}

impl Channel {
    fn end(&self, state: u32, quiet: bool) {
        if self.spec.wakes_early {
            futex::wake_one(&self.state);
        }
        let before = self.state.swap(state, self.spec.send);
        if before == ASLEEP && !quiet && !self.spec.wakes_early {
            futex::wake_one(&self.state);
        }
    }

    /// Sends the value, if there is one, and closes the channel.
    fn send(&self, value: Option<u32>) {
        let spec = &self.spec;
        if value.is_some() {
            if spec.sends_early {
                self.end(SENT, spec.never_wakes);
            }
            // SAFETY: it is not sent yet.
            self.value.with_mut(|slot| unsafe { *slot = value });
            if !spec.sends_early {
                self.end(SENT, spec.never_wakes);
            }
        }
        if value.is_none() || spec.closes_over_a_value {
            self.end(CLOSED, spec.closes_quietly || spec.never_wakes);
        }
    }

    /// The value, or nothing if the channel was closed without one.
    fn receive(&self) -> Option<u32> {
        let spec = &self.spec;
        let asleep = match () {
            () if spec.sleeps_unannounced => match self.state.load(spec.look) {
                EMPTY => Ok(EMPTY),
                state => Err(state),
            },
            () if spec.announces_with_a_store => {
                self.state.store(ASLEEP, spec.sleep);
                Ok(EMPTY)
            }
            () => {
                let (sleep, failed) = (spec.sleep, spec.sleep_failed);
                self.state.compare_exchange(EMPTY, ASLEEP, sleep, failed)
            }
        };
        let marked = if spec.sleeps_unannounced {
            EMPTY
        } else {
            ASLEEP
        };
        let mut state = match asleep {
            Ok(_) => marked,
            Err(state) => state,
        };
        while state == marked {
            futex::wait(&self.state, marked);
            state = self.state.load(spec.look);
            if spec.trusts_the_wake_up {
                state = SENT;
            }
        }
        if state == CLOSED {
            return None;
        }
        // SAFETY: the sender is done with it.
        let value = self.value.with_mut(|slot| unsafe { (*slot).take() });
        assert!(value.is_some(), "received before it was sent");
        value
    }
}

fn one_value(spec: Spec) {
    exchange(spec, Some(7));
}

fn no_value(spec: Spec) {
    exchange(spec, None);
}

fn exchange(spec: Spec, value: Option<u32>) {
    let channel = Arc::new(Channel {
        spec,
        state: AtomicU32::new(EMPTY),
        value: UnsafeCell::new(None),
    });
    let receiver = thread::spawn({
        let channel = Arc::clone(&channel);
        move || channel.receive()
    });
    channel.send(value);
    assert_eq!(receiver.join().unwrap(), value);
}

pub fn primitive() -> Primitive {
    Primitive::new(
        "one-shot channel",
        RIGHT,
        &[("one value", one_value), ("no value", no_value)],
        versions! {
            "send is Relaxed" { send: Relaxed } wrong [Race];
            "send is Acquire" { send: Acquire } wrong [Race];
            "look is Relaxed" { look: Relaxed } wrong [Race];
            "sleep_failed is Relaxed" { sleep_failed: Relaxed } wrong [Race];
            "sends, then writes" { sends_early: true } wrong [Race, Assertion];
            "never wakes" { never_wakes: true } wrong [LostWakeUp];
            "wakes, then sends" { wakes_early: true } wrong [LostWakeUp];
            "closes without a wake-up" { closes_quietly: true } wrong [LostWakeUp];
            "closes over a value" { closes_over_a_value: true } wrong [Assertion];
            "sleeps unannounced" { sleeps_unannounced: true } wrong [LostWakeUp];
            "announces itself with a store"
                { announces_with_a_store: true } wrong [LostWakeUp];
            "takes a wake-up for the value"
                { trusts_the_wake_up: true } wrong [Race, Assertion];
        },
    )
}
