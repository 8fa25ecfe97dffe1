//! A barrier: the last one to arrive starts the next generation, and the others spin until
//! it has started.
#![allow(unsafe_code, reason = "what is exchanged at a barrier lives in cells")]

use super::ground::atomic::{AtomicU32, Ordering::*};
use super::ground::cell::UnsafeCell;
use super::ground::sync::Arc;
use super::ground::{hint, thread};
use super::spec::{Primitive, spec, versions};

spec! {
    orderings {
        /// Relaxed: whoever is here has seen this generation start.
        look: Relaxed,
        /// AcqRel: what each did before it arrived happens before the last one goes on.
        /// Pairs with itself.
        arrive: AcqRel,
        /// Release: pairs with `wait`.
        start: Release,
        /// Acquire: pairs with `start`.
        wait: Acquire,
    }
    slips {
        /// Reads the generation after it has arrived.
        looks_late,
        /// Starts the next generation before the count is back at zero.
        resets_late,
        /// Does not put the count back to zero.
        never_resets,
        /// Goes on when all but one are here.
        counts_one_too_few,
        /// Arrives by a load and a store.
        arrives_in_two_steps,
        /// Does not wait for the others.
        never_waits,
        /// Does not start the next generation.
        never_starts,
    }
}

struct Barrier {
    spec: Spec,
    threads: u32,
    arrived: AtomicU32,
    generation: AtomicU32,
}

impl Barrier {
    fn wait(&self) {
        let spec = &self.spec;
        let mut generation = self.generation.load(spec.look);
        let before = if spec.arrives_in_two_steps {
            let before = self.arrived.load(Acquire);
            self.arrived.store(before + 1, Release);
            before
        } else {
            self.arrived.fetch_add(1, spec.arrive)
        };
        if spec.looks_late {
            generation = self.generation.load(spec.look);
        }
        let others = self.threads - 1 - u32::from(spec.counts_one_too_few);
        if before == others {
            if !spec.never_resets && !spec.resets_late {
                self.arrived.store(0, Relaxed);
            }
            if !spec.never_starts {
                self.generation.store(generation + 1, spec.start);
            }
            if spec.resets_late {
                self.arrived.store(0, Relaxed);
            }
        } else if !spec.never_waits {
            while self.generation.load(spec.wait) == generation {
                hint::spin_loop();
            }
        }
    }
}

struct Shared {
    barrier: Barrier,
    values: [UnsafeCell<u32>; 3],
}

// SAFETY: between two visits of the barrier a value is either written by one thread or only
// read.
unsafe impl Sync for Shared {}

impl Shared {
    fn write(&self, index: usize, value: u32) {
        // SAFETY: nobody reads before the barrier.
        self.values[index].with_mut(|cell| unsafe { *cell = value });
    }

    fn read(&self, index: usize) -> u32 {
        // SAFETY: nobody writes after the barrier.
        self.values[index].with(|cell| unsafe { *cell })
    }

    /// Each thread writes its value, and reads its neighbour's behind the barrier.
    fn rounds(&self, me: usize, rounds: u32) {
        let neighbour = (me + 1) % self.barrier.threads as usize;
        for round in 1..=rounds {
            self.write(me, round);
            self.barrier.wait();
            assert_eq!(self.read(neighbour), round);
            if round < rounds {
                self.barrier.wait();
            }
        }
    }
}

fn visits<const THREADS: usize, const ROUNDS: u32>(spec: Spec) {
    let shared = Arc::new(Shared {
        barrier: Barrier {
            spec,
            threads: THREADS as u32,
            arrived: AtomicU32::new(0),
            generation: AtomicU32::new(0),
        },
        values: [UnsafeCell::new(0), UnsafeCell::new(0), UnsafeCell::new(0)],
    });
    let mut others = Vec::new();
    for me in 1..THREADS {
        let shared = Arc::clone(&shared);
        others.push(thread::spawn(move || shared.rounds(me, ROUNDS)));
    }
    shared.rounds(0, ROUNDS);
    for other in others {
        other.join().unwrap();
    }
}

pub fn primitive() -> Primitive {
    Primitive::new(
        "barrier",
        RIGHT,
        &[
            ("two threads, two rounds", visits::<2, 2>),
            ("three threads", visits::<3, 1>),
        ],
        versions! {
            "arrive is Relaxed" { arrive: Relaxed } wrong [Race];
            "arrive is Acquire" { arrive: Acquire } wrong [Race];
            "arrive is Release" { arrive: Release } wrong [Race];
            "start is Relaxed" { start: Relaxed } wrong [Race];
            "wait is Relaxed" { wait: Relaxed } wrong [Race];
            "acquires when it looks, not when it waits"
                { look: Acquire, wait: Relaxed } wrong [Race];
            "reads the generation late" { looks_late: true } wrong [Livelock];
            "resets after the start" { resets_late: true } wrong [Livelock];
            "never resets" { never_resets: true } wrong [Livelock];
            "counts one too few"
                { counts_one_too_few: true } wrong [Race, Assertion, Livelock];
            "arrives in two steps" { arrives_in_two_steps: true } wrong [Livelock];
            "never waits" { never_waits: true } wrong [Race, Assertion];
            "never starts" { never_starts: true } wrong [Livelock];
        },
    )
}
