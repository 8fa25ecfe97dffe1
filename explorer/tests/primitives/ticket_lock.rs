//! A ticket lock: draw a number, wait until it is served, serve the next one.
#![allow(unsafe_code, reason = "the value of a lock lives in a cell")]

use super::ground::atomic::{AtomicU32, Ordering::*};
use super::ground::cell::UnsafeCell;
use super::ground::sync::Arc;
use super::ground::{hint, thread};
use super::spec::{Primitive, spec, versions};

spec! {
    orderings {
        /// Relaxed: a number alone gives nobody the value.
        draw: Relaxed,
        /// Acquire: pairs with `serve`.
        wait: Acquire,
        /// Release: pairs with `wait`.
        serve: Release,
    }
    slips {
        /// Reads the next number, and counts it as drawn in a second step.
        draws_in_two_steps,
        /// Goes in as soon as its number or an earlier one is served.
        jumps_the_queue,
        /// Serves the newest number instead of the next one.
        serves_the_newest,
        /// Serves the next number before the last access of the value.
        serves_early,
        /// Serves nobody.
        never_serves,
    }
}

struct TicketLock {
    spec: Spec,
    drawn: AtomicU32,
    served: AtomicU32,
    value: UnsafeCell<u32>,
}

// SAFETY: `value` is only reached while the own number is served.
unsafe impl Sync for TicketLock {}

impl TicketLock {
    fn new(spec: Spec) -> Arc<Self> {
        Arc::new(TicketLock {
            spec,
            drawn: AtomicU32::new(0),
            served: AtomicU32::new(0),
            value: UnsafeCell::new(0),
        })
    }

    fn lock(&self) -> u32 {
        let spec = &self.spec;
        let ticket = if spec.draws_in_two_steps {
            let ticket = self.drawn.load(spec.draw);
            self.drawn.store(ticket + 1, spec.draw);
            ticket
        } else {
            self.drawn.fetch_add(1, spec.draw)
        };
        loop {
            let served = self.served.load(spec.wait);
            if served == ticket || (spec.jumps_the_queue && served <= ticket) {
                return ticket;
            }
            hint::spin_loop();
        }
    }

    fn unlock(&self, ticket: u32) {
        let spec = &self.spec;
        if spec.never_serves {
            return;
        }
        let next = if spec.serves_the_newest {
            self.drawn.load(Relaxed)
        } else {
            ticket + 1
        };
        self.served.store(next, spec.serve);
    }

    /// Adds one to the value under the lock.
    fn increment(&self) {
        let ticket = self.lock();
        if self.spec.serves_early {
            self.unlock(ticket);
        }
        // SAFETY: the lock is ours.
        self.value.with_mut(|value| unsafe { *value += 1 });
        if !self.spec.serves_early {
            self.unlock(ticket);
        }
    }
}

/// So many threads add one each.
fn increments<const THREADS: u32>(spec: Spec) {
    let lock = TicketLock::new(spec);
    let mut others = Vec::new();
    for _ in 1..THREADS {
        let lock = Arc::clone(&lock);
        others.push(thread::spawn(move || lock.increment()));
    }
    lock.increment();
    for other in others {
        other.join().unwrap();
    }
    // SAFETY: the other threads have ended.
    let value = lock.value.with(|value| unsafe { *value });
    assert_eq!(value, THREADS);
}

pub fn primitive() -> Primitive {
    Primitive::new(
        "ticket lock",
        RIGHT,
        &[
            ("two increments", increments::<2>),
            ("three increments", increments::<3>),
        ],
        versions! {
            "wait is Relaxed" { wait: Relaxed } wrong [Race];
            "serve is Relaxed" { serve: Relaxed } wrong [Race];
            "acquires when it draws, not when it waits"
                { draw: Acquire, wait: Relaxed } wrong [Race];
            "releases when it draws, not when it serves"
                { draw: AcqRel, serve: Relaxed } wrong [Race];
            "draws in two steps"
                { draws_in_two_steps: true } wrong [Race, Livelock, Assertion];
            "jumps the queue" { jumps_the_queue: true } wrong [Race, Assertion];
            "serves the newest number" { serves_the_newest: true } wrong [Livelock];
            "serves before the last access"
                { serves_early: true } wrong [Race, Assertion];
            "never serves" { never_serves: true } wrong [Livelock];
        },
    )
}
