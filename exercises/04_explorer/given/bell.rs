//! Given for 04.6: letters in a box, one at a time, and a bell that says that one came.
//!
//! The postman fills the box and rings. The owner hears the bell, looks into the box, and
//! empties it. Once it is empty, the postman may fill it again. Which of the six
//! operations has to order what is around it?

#![allow(
    unsafe_code,
    reason = "the letter is written and read through a pointer"
)]

use super::super::ground::Named as _;
use super::super::ground::atomic::{AtomicBool, AtomicU32, Ordering};
use super::super::ground::cell::UnsafeCell;
use super::super::ground::sync::Arc;
use super::super::ground::thread;

/// The ordering of each operation, in the order in which a letter meets them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Orderings {
    /// The postman's store to `full`.
    pub fill: Ordering,
    /// The postman's addition to `rings`.
    pub ring: Ordering,
    /// The owner's load of `rings`.
    pub hear: Ordering,
    /// The owner's load of `full`.
    pub look: Ordering,
    /// The owner's store to `full`.
    pub empty: Ordering,
    /// The postman's load of `full`, before the second letter.
    pub refill: Ordering,
}

#[derive(Debug)]
struct LetterBox {
    letter: UnsafeCell<u32>,
    full: AtomicBool,
    rings: AtomicU32,
}

// SAFETY: a thread uses `letter` only when `full` says that it is its turn, if the
// orderings are right. That is what is to be found out.
unsafe impl Sync for LetterBox {}

/// The postman on thread 1, the owner on thread 0.
pub fn two_letters(order: Orderings) {
    let letters = Arc::new(LetterBox {
        letter: UnsafeCell::new(0).named("letter"),
        full: AtomicBool::new(false).named("full"),
        rings: AtomicU32::new(0).named("rings"),
    });
    let postman = {
        let letters = Arc::clone(&letters);
        thread::spawn(move || letters.deliver_two(order))
    };
    letters.open_one(order);
    postman.join().unwrap();
}

impl LetterBox {
    fn deliver_two(&self, order: Orderings) {
        self.write(1);
        // ORDERING: asked for.
        self.full.store(true, order.fill);
        // ORDERING: asked for.
        self.rings.fetch_add(1, order.ring);
        // A second letter only if the first was taken by now.
        // ORDERING: asked for.
        if !self.full.load(order.refill) {
            self.write(2);
        }
    }

    fn open_one(&self, order: Orderings) {
        // ORDERING: asked for.
        let rang = self.rings.load(order.hear) > 0;
        // ORDERING: asked for.
        if rang && self.full.load(order.look) {
            // SAFETY: the letter is there, and the postman waits until `full` is false.
            let letter = self.letter.with(|letter| unsafe { *letter });
            assert_eq!(letter, 1, "the first letter comes first");
            // ORDERING: asked for.
            self.full.store(false, order.empty);
        }
    }

    fn write(&self, letter: u32) {
        // SAFETY: the box is empty, and the owner waits until `full` is true.
        self.letter.with_mut(|place| unsafe { *place = letter });
    }
}
