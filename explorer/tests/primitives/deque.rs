//! A work-stealing deque over a small ring of atomic slots: the owner pushes and takes at
//! the bottom, thieves steal at the top.
#![allow(unsafe_code, reason = "the jobs that an item stands for are cells")]

use super::ground::atomic::{AtomicIsize, AtomicUsize, Ordering::*, fence};
use super::ground::cell::UnsafeCell;
use super::ground::sync::Arc;
use super::ground::thread;
use super::spec::{Primitive, spec, versions};

spec! {
    orderings {
        /// Acquire: in the text book. See the equivalent below.
        push_top: Acquire,
        /// Release: the slot is written, and so is the job. A fence and not a release store,
        /// because `take` stores to `bottom`, too, and a thief may see that store instead.
        /// Pairs with `steal_bottom`.
        push_fence: Release,
        /// Relaxed: the fence orders it.
        push_bottom: Relaxed,
        /// SeqCst: of an owner and a thief that are after the same item, at least one sees
        /// the other. Forbidden: the owner lowers `bottom` and sees an old `top`, while
        /// the thief sees an old `bottom`. Pairs with `steal_fence`.
        take_fence: SeqCst,
        /// SeqCst: pairs with `take_fence`.
        steal_fence: SeqCst,
        /// Acquire: pairs with `push_bottom`.
        steal_bottom: Acquire,
        /// Relaxed: who gets the last item is decided by the exchange alone.
        claim: Relaxed,
    }
    slips {
        /// The owner pushes without a fence.
        forgets_the_push_fence,
        /// The owner takes without a fence.
        forgets_the_take_fence,
        /// The thief has no fence.
        forgets_the_steal_fence,
        /// The owner reads `top` before it lowers `bottom`.
        looks_before_it_lowers,
        /// The owner takes the last item without an exchange.
        takes_the_last_unasked,
        /// The thief raises `top` with a store.
        steals_with_a_store,
        /// The owner leaves `bottom` lowered when it finds nothing.
        stays_low,
        /// The owner does not look whether the ring is full.
        never_full,
        /// The thief reads the slot after its exchange.
        reads_late,
        /// The owner raises `bottom` before it writes the slot.
        publishes_early,
    }
}

const CAPACITY: usize = 2;
const JOBS: usize = 3;

struct Deque {
    spec: Spec,
    top: AtomicIsize,
    bottom: AtomicIsize,
    slots: [AtomicUsize; CAPACITY],
    /// What the items stand for: job 0 is item 0. Done once each.
    jobs: [UnsafeCell<u32>; JOBS],
}

// SAFETY: a job is written by the owner before it is pushed, and then by whoever gets it.
unsafe impl Sync for Deque {}

impl Deque {
    fn new(spec: Spec) -> Arc<Self> {
        Arc::new(Deque {
            spec,
            top: AtomicIsize::new(0),
            bottom: AtomicIsize::new(0),
            slots: [AtomicUsize::new(0), AtomicUsize::new(0)],
            jobs: [UnsafeCell::new(0), UnsafeCell::new(0), UnsafeCell::new(0)],
        })
    }

    fn slot(&self, at: isize) -> &AtomicUsize {
        &self.slots[at as usize % CAPACITY]
    }

    /// Called by the owner only. False if the ring is full.
    fn push(&self, job: usize) -> bool {
        let spec = &self.spec;
        let bottom = self.bottom.load(Relaxed);
        let top = self.top.load(spec.push_top);
        if bottom - top >= CAPACITY as isize && !spec.never_full {
            return false;
        }
        // SAFETY: nobody else knows of the job.
        self.jobs[job].with_mut(|state| unsafe { *state = 1 });
        if spec.publishes_early {
            self.bottom.store(bottom + 1, spec.push_bottom);
        }
        self.slot(bottom).store(job, Relaxed);
        if !spec.forgets_the_push_fence {
            fence(spec.push_fence);
        }
        if !spec.publishes_early {
            self.bottom.store(bottom + 1, spec.push_bottom);
        }
        true
    }

    /// Called by the owner only.
    fn take(&self) -> Option<usize> {
        let spec = &self.spec;
        let bottom = self.bottom.load(Relaxed) - 1;
        let mut top = 0;
        if spec.looks_before_it_lowers {
            top = self.top.load(Relaxed);
        }
        self.bottom.store(bottom, Relaxed);
        if !spec.forgets_the_take_fence {
            fence(spec.take_fence);
        }
        if !spec.looks_before_it_lowers {
            top = self.top.load(Relaxed);
        }
        if top > bottom {
            if !spec.stays_low {
                self.bottom.store(bottom + 1, Relaxed);
            }
            return None;
        }
        let job = self.slot(bottom).load(Relaxed);
        if top == bottom {
            let won = spec.takes_the_last_unasked
                || self
                    .top
                    .compare_exchange(top, top + 1, spec.claim, Relaxed)
                    .is_ok();
            self.bottom.store(bottom + 1, Relaxed);
            return won.then_some(job);
        }
        Some(job)
    }

    /// Called by thieves.
    fn steal(&self) -> Option<usize> {
        let spec = &self.spec;
        let top = self.top.load(Acquire);
        if !spec.forgets_the_steal_fence {
            fence(spec.steal_fence);
        }
        let bottom = self.bottom.load(spec.steal_bottom);
        if top >= bottom {
            return None;
        }
        let mut job = self.slot(top).load(Relaxed);
        if spec.steals_with_a_store {
            self.top.store(top + 1, Relaxed);
            return Some(job);
        }
        let won = self
            .top
            .compare_exchange(top, top + 1, spec.claim, Relaxed)
            .is_ok();
        if spec.reads_late {
            job = self.slot(top).load(Relaxed);
        }
        won.then_some(job)
    }

    /// Does a job: it must be pushed, and not done.
    fn run(&self, job: Option<usize>) {
        let Some(job) = job else { return };
        // SAFETY: the job was ours to take.
        self.jobs[job].with_mut(|state| unsafe {
            assert_eq!(*state, 1, "job {job} is not there, or done twice");
            *state = 2;
        });
    }

    fn assert_done(&self, jobs: usize) {
        for (index, job) in self.jobs[..jobs].iter().enumerate() {
            // SAFETY: the thieves have ended.
            let state = job.with(|state| unsafe { *state });
            assert_eq!(state, 2, "job {index} was lost");
        }
    }
}

/// The owner pushes two and takes two, while a thief steals one.
fn one_thief(spec: Spec) {
    let deque = Deque::new(spec);
    let thief = thread::spawn({
        let deque = Arc::clone(&deque);
        move || deque.run(deque.steal())
    });
    assert!(deque.push(0));
    assert!(deque.push(1));
    deque.run(deque.take());
    deque.run(deque.take());
    thief.join().unwrap();
    deque.assert_done(2);
}

/// The ring goes round: three jobs through two slots, a thief that comes twice.
fn goes_round(spec: Spec) {
    let deque = Deque::new(spec);
    let thief = thread::spawn({
        let deque = Arc::clone(&deque);
        move || {
            deque.run(deque.steal());
            deque.run(deque.steal());
        }
    });
    for job in 0..JOBS {
        if !deque.push(job) {
            deque.run(deque.take());
            assert!(deque.push(job), "there is room after a take");
        }
    }
    thief.join().unwrap();
    for _ in 0..JOBS {
        deque.run(deque.take());
    }
    assert_eq!(deque.take(), None);
    deque.assert_done(JOBS);
}

/// One job, and two thieves after it.
fn two_thieves(spec: Spec) {
    let deque = Deque::new(spec);
    assert!(deque.push(0));
    let thieves = [(); 2].map(|()| {
        let deque = Arc::clone(&deque);
        thread::spawn(move || deque.run(deque.steal()))
    });
    deque.run(deque.take());
    for thief in thieves {
        thief.join().unwrap();
    }
    deque.assert_done(1);
}

/// The owner finds nothing, and pushes afterwards.
fn empty_first(spec: Spec) {
    let deque = Deque::new(spec);
    let thief = thread::spawn({
        let deque = Arc::clone(&deque);
        move || deque.run(deque.steal())
    });
    deque.run(deque.take());
    assert!(deque.push(0));
    thief.join().unwrap();
    deque.run(deque.take());
    deque.assert_done(1);
}

pub fn primitive() -> Primitive {
    Primitive::new(
        "work-stealing deque",
        RIGHT,
        &[
            ("one thief", one_thief),
            ("goes round", goes_round),
            ("two thieves", two_thieves),
            ("empty first", empty_first),
        ],
        versions! {
            "push has no fence"
                { forgets_the_push_fence: true } wrong [Race, Assertion];
            "push has no fence, but a Release store"
                { forgets_the_push_fence: true, push_bottom: Release } wrong [Race];
            "the push fence is Acquire" { push_fence: Acquire } wrong [Race, Assertion];
            "steal_bottom is Relaxed" { steal_bottom: Relaxed } wrong [Race, Assertion];
            "the take fence is AcqRel" { take_fence: AcqRel } wrong [Race, Assertion];
            "the steal fence is AcqRel" { steal_fence: AcqRel } wrong [Race, Assertion];
            "take has no fence"
                { forgets_the_take_fence: true } wrong [Race, Assertion];
            "steal has no fence"
                { forgets_the_steal_fence: true } wrong [Race, Assertion];
            "looks before it lowers"
                { looks_before_it_lowers: true } wrong [Race, Assertion];
            "takes the last unasked"
                { takes_the_last_unasked: true } wrong [Race, Assertion];
            "steals with a store" { steals_with_a_store: true } wrong [Race, Assertion];
            "stays low" { stays_low: true } wrong [Race, Assertion];
            "never full" { never_full: true } wrong [Race, Assertion];
            "reads the slot late" { reads_late: true } wrong [Race, Assertion];
            "publishes early" { publishes_early: true } wrong [Race, Assertion];
            "push_top is Relaxed" { push_top: Relaxed } equivalent
                "the slots are atomics, so a thief that won has read its slot before the \
                 owner sees the new top; to read what the owner writes next would take a \
                 load buffering, which RC11 forbids";
        },
    )
}
