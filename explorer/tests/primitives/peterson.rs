//! Peterson's lock for two threads: say that you want in, give way, then look. Nothing but
//! loads and stores, and so nothing but `SeqCst` makes it work.
#![allow(unsafe_code, reason = "the value of a lock lives in a cell")]

use super::ground::atomic::{AtomicBool, AtomicUsize, Ordering::*};
use super::ground::cell::UnsafeCell;
use super::ground::sync::Arc;
use super::ground::{hint, thread};
use super::spec::{Primitive, spec, versions};

spec! {
    orderings {
        /// SeqCst: of two threads that both want in, at least one sees the other's wish.
        /// Forbidden: both store, both look, both see nothing. Pairs with `look_at_wish`.
        wish: SeqCst,
        /// SeqCst: the last one to give way is the one that waits. Forbidden: one gives
        /// way after the other has looked, and its store is ordered before the other's.
        give_way: SeqCst,
        /// SeqCst: pairs with `wish`, and as Acquire with `unlock`.
        look_at_wish: SeqCst,
        /// Acquire: the other one gave way after its last visit. Pairs with `give_way`.
        look_at_turn: Acquire,
        /// Release: pairs with `look_at_wish`.
        unlock: Release,
    }
    slips {
        /// Gives way with a swap instead of a store.
        swaps_the_turn,
        /// Gives way first, and says afterwards that it wants in.
        gives_way_first,
        /// Takes the turn instead of giving it.
        takes_the_turn,
        /// Waits while the other wants in, whoever's turn it is.
        ignores_the_turn,
        /// Waits for its turn, whether or not the other wants in.
        ignores_the_wish,
        /// Does not say that it wants in.
        makes_no_wish,
        /// Still wants in when it has been.
        never_unlocks,
    }
}

struct Peterson {
    spec: Spec,
    wishes: [AtomicBool; 2],
    turn: AtomicUsize,
    value: UnsafeCell<u32>,
}

// SAFETY: `value` is only reached between `lock` and `unlock`.
unsafe impl Sync for Peterson {}

impl Peterson {
    fn lock(&self, me: usize) {
        let spec = &self.spec;
        let other = 1 - me;
        if spec.gives_way_first {
            self.give_way(other);
        }
        if !spec.makes_no_wish {
            self.wishes[me].store(true, spec.wish);
        }
        if !spec.gives_way_first {
            self.give_way(if spec.takes_the_turn { me } else { other });
        }
        loop {
            let wished =
                spec.ignores_the_wish || self.wishes[other].load(spec.look_at_wish);
            if !wished {
                return;
            }
            let waits =
                spec.ignores_the_turn || self.turn.load(spec.look_at_turn) == other;
            if !waits {
                return;
            }
            hint::spin_loop();
        }
    }

    fn give_way(&self, other: usize) {
        if self.spec.swaps_the_turn {
            self.turn.swap(other, self.spec.give_way);
        } else {
            self.turn.store(other, self.spec.give_way);
        }
    }

    fn unlock(&self, me: usize) {
        if !self.spec.never_unlocks {
            self.wishes[me].store(false, self.spec.unlock);
        }
    }

    /// Adds one to the value under the lock.
    fn increment(&self, me: usize) {
        self.lock(me);
        // SAFETY: the lock is ours.
        self.value.with_mut(|value| unsafe { *value += 1 });
        self.unlock(me);
    }
}

/// One thread goes in twice and the other once: a wish of the first visit can be seen while
/// the second one is on its way.
fn three_visits(spec: Spec) {
    let lock = Arc::new(Peterson {
        spec,
        wishes: [AtomicBool::new(false), AtomicBool::new(false)],
        turn: AtomicUsize::new(0),
        value: UnsafeCell::new(0),
    });
    let other = thread::spawn({
        let lock = Arc::clone(&lock);
        move || {
            lock.increment(1);
            lock.increment(1);
        }
    });
    lock.increment(0);
    other.join().unwrap();
    // SAFETY: the other thread has ended.
    lock.value.with(|value| assert_eq!(unsafe { *value }, 3));
}

pub fn primitive() -> Primitive {
    Primitive::new(
        "Peterson's lock",
        RIGHT,
        &[("three visits", three_visits)],
        versions! {
            "wish is Release" { wish: Release } wrong [Race];
            "give_way is Release" { give_way: Release } wrong [Race];
            "look_at_wish is Acquire" { look_at_wish: Acquire } wrong [Race];
            "look_at_turn is Relaxed" { look_at_turn: Relaxed } wrong [Race];
            "unlock is Relaxed" { unlock: Relaxed } wrong [Race];
            "Release and Acquire throughout" {
                wish: Release, give_way: Release, look_at_wish: Acquire
            } wrong [Race];
            "gives way, then wishes" { gives_way_first: true } wrong [Race, Assertion];
            "takes the turn" { takes_the_turn: true } wrong [Race, Assertion];
            "ignores the turn" { ignores_the_turn: true } wrong [Livelock];
            "ignores the wish" { ignores_the_wish: true } wrong [Livelock];
            "makes no wish" { makes_no_wish: true } wrong [Race, Assertion];
            "never unlocks" { never_unlocks: true } wrong [Livelock];
            "swaps the turn with AcqRel" {
                swaps_the_turn: true, wish: Relaxed, give_way: AcqRel, look_at_wish: Acquire
            } right;
        },
    )
}
