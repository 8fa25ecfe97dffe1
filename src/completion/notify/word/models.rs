//! The word under the model checker, and versions that are wrong by a line.
//!
//! The backend's waker is a [`WakeCell`]: a wake is kept until the loop waits, and many may
//! be one. That the real one does so is for the models of `event::handshake`.

use super::*;
use crate::ground::atomic::AtomicU32;
use crate::ground::os::WakeCell;
use crate::ground::sync::Arc;
use crate::modelled::{caught, holds, needs_its_orderings, slips, start};

/// What a version does differently.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Slip {
    /// Nothing.
    Right,
    /// Sets the bit, and wakes nobody.
    NeverWakes,
    /// Wakes for each call.
    AlwaysWakes,
    /// Wakes, and then sets the bit.
    WakesFirst,
    /// The bit is there already, says a look: done.
    SkipsByALoad,
    /// Looks, and then stores the word with the bit.
    LooksAndStores,
    /// Looks whether the word is empty, and then sets the bit.
    LooksFirst,
    /// Takes what a look has found, and stores 0.
    LooksAndClears,
    /// Takes one bit, and leaves the others to the next wake.
    TakesOne,
    /// Gives a bit to somebody else with what the one before said.
    KeepsTheCall,
}

struct Wrong {
    slip: Slip,
    right: Word,
}

fn wrong(slip: Slip) -> Wrong {
    let right = Word::new();
    Wrong { slip, right }
}

impl Wrong {
    fn put(&self, bit: u64, bell: &Bell) {
        let word = &self.right.called;
        let wakes = match self.slip {
            // ORDERING: Relaxed: that is what is wrong here.
            Slip::SkipsByALoad if word.load(Relaxed) & bit != 0 => false,
            Slip::LooksAndStores => {
                // ORDERING: Relaxed. Who has called before.
                let was = word.load(Relaxed);
                // ORDERING: Release pairs with the Acquire in `take`.
                word.store(was | bit, Release);
                was == 0
            }
            Slip::LooksFirst => {
                // ORDERING: Relaxed. Whether anybody has called before.
                let was = word.load(Relaxed);
                self.right.put(bit);
                was == 0
            }
            Slip::WakesFirst => {
                // ORDERING: Relaxed. Whether anybody has called before.
                if word.load(Relaxed) == 0 {
                    bell.ring();
                }
                self.right.put(bit);
                false
            }
            _ => self.right.put(bit),
        };
        if self.slip == Slip::AlwaysWakes || wakes && self.slip != Slip::NeverWakes {
            bell.ring();
        }
    }

    fn take(&self) -> u64 {
        let word = &self.right.called;
        match self.slip {
            Slip::LooksAndClears => {
                // ORDERING: Acquire pairs with the Release in `put`.
                let bits = word.load(Acquire);
                // ORDERING: Relaxed. Nothing is published by it.
                word.store(0, Relaxed);
                bits
            }
            Slip::TakesOne => {
                // ORDERING: Relaxed. Which bit.
                let bits = word.load(Relaxed);
                let one = bits & bits.wrapping_neg();
                // ORDERING: Acquire pairs with the Release in `put`.
                word.fetch_and(!one, Acquire) & one
            }
            _ => self.right.take(),
        }
    }

    fn reuse(&self, bit: u64) {
        if self.slip == Slip::KeepsTheCall {
            // ORDERING: Relaxed. As in the right version.
            self.right.gone.fetch_and(!bit, Relaxed);
        } else {
            self.right.reuse(bit);
        }
    }
}

/// The loop's waker, which counts.
struct Bell {
    cell: WakeCell,
    rings: AtomicU32,
}

impl Bell {
    fn ring(&self) {
        // ORDERING: Relaxed. A count, looked at after the threads are joined.
        self.rings.fetch_add(1, Relaxed);
        self.cell.wake();
    }
}

/// A loop that can be called, and what the callers put down for it.
struct All {
    word: Wrong,
    bell: Bell,
    letters: [AtomicU32; 2],
}

impl All {
    fn new(slip: Slip) -> Arc<Self> {
        let bell = Bell {
            cell: WakeCell::new(),
            rings: AtomicU32::new(0),
        };
        let letters = [0, 0].map(AtomicU32::new);
        let word = wrong(slip);
        Arc::new(Self {
            word,
            bell,
            letters,
        })
    }

    /// A caller: puts a letter down, and calls by the bit.
    fn bring(&self, letter: usize, bit: u64) {
        // ORDERING: Relaxed. That the call orders it is what is tested.
        self.letters[letter].store(1, Relaxed);
        self.word.put(bit, &self.bell);
    }

    fn has(&self, letter: usize) -> bool {
        // ORDERING: Relaxed, as in `bring`.
        self.letters[letter].load(Relaxed) == 1
    }

    /// The loop: sleeps until it is woken, takes all, and again until `came` says of the
    /// bits that it has what it waits for. How often there was something.
    fn hear(&self, mut came: impl FnMut(u64) -> bool) -> u32 {
        let mut times = 0;
        loop {
            self.bell.cell.wait();
            let bits = self.word.take();
            times += u32::from(bits != 0);
            if came(bits) {
                return times;
            }
        }
    }

    /// The callers are gone. There was one wake for each time that there was something.
    #[track_caller]
    fn rang_for(&self, times: u32) {
        let times = times + u32::from(self.word.take() != 0);
        // ORDERING: Relaxed. The threads are joined.
        let rings = self.bell.rings.load(Relaxed);
        assert_eq!(rings, times, "as many wakes as there were times");
    }
}

// ANCHOR: models
/// One calls twice by the same bit, and brings something each time.
fn one_caller(slip: Slip) {
    let all = All::new(slip);
    let caller = start(&all, |all| {
        all.bring(0, 1);
        all.bring(1, 1);
    });
    let times = all.hear(|bits| {
        assert!(
            bits == 0 || all.has(0),
            "called before the letter was there"
        );
        all.has(0) && all.has(1)
    });
    caller.join().unwrap();
    all.rang_for(times);
}

/// Two call, each by a bit of its own.
fn two_callers(slip: Slip) {
    let all = All::new(slip);
    let callers = [0, 1]
        .map(|which| start(&all, move |all: &All| all.bring(which, 1 << which)));
    let mut heard = 0;
    let times = all.hear(|bits| {
        for which in [0, 1] {
            let called = bits & 1 << which != 0;
            assert!(!called || all.has(which), "called before it was there");
        }
        heard |= bits;
        heard == 3
    });
    for caller in callers {
        caller.join().unwrap();
    }
    all.rang_for(times);
}

/// One calls and is gone. Whoever gets its bit was not called.
fn one_leaves(slip: Slip) {
    let all = All::new(slip);
    let caller = start(&all, |all| {
        all.bring(0, 1);
        all.word.right.leave(1);
    });
    if all.word.right.gone() == 1 {
        assert!(all.has(0), "what was done before it left comes after");
        all.word.reuse(1);
        assert_eq!(all.word.take(), 0, "somebody else was called");
    }
    caller.join().unwrap();
}

const MODELS: [(&str, fn()); 3] = [
    ("one caller", || one_caller(Slip::Right)),
    ("two callers", || two_callers(Slip::Right)),
    ("one leaves", || one_leaves(Slip::Right)),
];
// ANCHOR_END: models

#[test]
fn no_call_is_lost() {
    for (name, program) in MODELS {
        holds(name, program);
    }
}

#[test]
fn wrong_versions_are_caught() {
    use Slip::*;
    caught(
        "async wake",
        // ANCHOR: caught
        &slips! {
            NeverWakes: one_caller, Deadlock;
            AlwaysWakes: one_caller, Assertion;
            WakesFirst: one_caller, Deadlock;
            SkipsByALoad: one_caller, Deadlock;
            LooksAndStores: two_callers, Deadlock;
            LooksFirst: two_callers, Deadlock;
            LooksAndClears: two_callers, Deadlock;
            TakesOne: two_callers, Deadlock;
            KeepsTheCall: one_leaves, Assertion;
        },
        // ANCHOR_END: caught
    );
}

#[test]
fn each_ordering_is_needed() {
    needs_its_orderings("notify", &MODELS, &[]);
}
