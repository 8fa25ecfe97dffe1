//! The list under the model checker, and versions that are wrong by a line.
//!
//! The waker is a [`WakeCell`]: a wake is kept until the loop waits, and many may be one.
//! That the real one does so is for the models of the handshake (`event::handshake`). All
//! that is shared is under one lock, so there is no ordering to weaken.

use super::*;
use crate::ground::os::WakeCell;
use crate::ground::sync::Arc;
use crate::modelled::{caught, holds, slips, start};

/// A list, or what somebody took for one.
trait List: Send + Sync + 'static {
    fn put(&self, message: u32, bell: &Bell);
    fn take(&self, into: &mut Vec<u32>);
}

/// The loop's waker, which counts.
struct Bell {
    cell: WakeCell,
    rings: Mutex<usize>,
}

impl Bell {
    fn ring(&self) {
        *self.rings.lock().unwrap() += 1;
        self.cell.wake();
    }
}

impl List for Messages<u32> {
    fn put(&self, message: u32, bell: &Bell) {
        if self.put(message) {
            bell.ring();
        }
    }

    fn take(&self, into: &mut Vec<u32>) {
        self.take(into);
    }
}

/// What a version does differently.
#[derive(Clone, Copy, PartialEq)]
enum Slip {
    /// Nothing.
    Right,
    /// Leaves the message.
    NeverWakes,
    /// Wakes for each message.
    AlwaysWakes,
    /// Wakes, and then puts the message down.
    WakesFirst,
    /// Looks whether the list is empty, and takes the lock once more to put the message down.
    LooksBefore,
    /// Puts the message down, and takes the lock once more to look whether it is alone.
    LooksAfter,
    /// Takes the first message, and comes for the next with the next wake.
    TakesOne,
    /// Copies the messages, and takes the lock once more to throw them away.
    CopiesAndClears,
    /// The latest first.
    LatestFirst,
}

struct Wrong {
    slip: Slip,
    right: Messages<u32>,
}

fn wrong(slip: Slip) -> Wrong {
    let right = Messages::new();
    Wrong { slip, right }
}

impl List for Wrong {
    fn put(&self, message: u32, bell: &Bell) {
        if self.slip == Slip::WakesFirst {
            if self.right.lock().is_empty() {
                bell.ring();
            }
            self.right.put(message);
            return;
        }
        let was_empty = self.right.lock().is_empty();
        let mut alone = self.right.put(message);
        if self.slip == Slip::LooksAfter {
            alone = self.right.lock().len() == 1;
        }
        let wakes = match self.slip {
            Slip::NeverWakes => false,
            Slip::AlwaysWakes => true,
            Slip::LooksBefore => was_empty,
            _ => alone,
        };
        if wakes {
            bell.ring();
        }
    }

    fn take(&self, into: &mut Vec<u32>) {
        match self.slip {
            Slip::TakesOne => {
                let mut messages = self.right.lock();
                into.extend((!messages.is_empty()).then(|| messages.remove(0)));
            }
            Slip::CopiesAndClears => {
                into.clone_from(&self.right.lock());
                self.right.lock().clear();
            }
            _ => self.right.take(into),
        }
        if self.slip == Slip::LatestFirst {
            into.reverse();
        }
    }
}

/// A loop that is told, with its bell.
struct All<L> {
    list: L,
    bell: Bell,
}

impl<L: List> All<L> {
    fn new(list: L) -> Arc<Self> {
        let bell = Bell {
            cell: WakeCell::new(),
            rings: Mutex::new(0),
        };
        Arc::new(Self { list, bell })
    }

    fn tell(&self, message: u32) {
        self.list.put(message, &self.bell);
    }

    /// The loop: sleeps until it is woken, takes all, and again, until it has so many.
    fn hear(&self, many: usize) -> Vec<u32> {
        let (mut heard, mut list) = (Vec::new(), Vec::new());
        let mut times = 0;
        while heard.len() < many {
            self.bell.cell.wait();
            self.list.take(&mut list);
            times += usize::from(!list.is_empty());
            heard.append(&mut list);
        }
        let rings = *self.bell.rings.lock().unwrap();
        assert!(
            rings <= times,
            "{rings} wakes, and something there {times} times"
        );
        heard
    }
}

// ANCHOR: models
/// One tells two things, one after the other.
fn one_teller<L: List>(list: L) {
    let all = All::new(list);
    let teller = start(&all, |all| {
        all.tell(1);
        all.tell(2);
    });
    assert_eq!(all.hear(2), [1, 2], "in order");
    teller.join().unwrap();
}

/// Two tell one thing each.
fn two_tellers<L: List>(list: L) {
    let all = All::new(list);
    let tellers = [1, 2].map(|message| start(&all, move |all| all.tell(message)));
    let mut heard = all.hear(2);
    heard.sort_unstable();
    assert_eq!(heard, [1, 2], "each once");
    for teller in tellers {
        teller.join().unwrap();
    }
}

const MODELS: [(&str, fn()); 2] = [
    ("one teller", || one_teller(Messages::new())),
    ("two tellers", || two_tellers(Messages::new())),
];
// ANCHOR_END: models

#[test]
fn no_message_is_left_lying() {
    for (name, program) in MODELS {
        holds(name, program);
    }
    holds("the copy", || one_teller(wrong(Slip::Right)));
    holds("the copy", || two_tellers(wrong(Slip::Right)));
}

#[test]
fn wrong_versions_are_caught() {
    use Slip::*;
    caught(
        "inbox",
        // ANCHOR: caught
        &slips! { for wrong,
            NeverWakes: one_teller, Deadlock;
            AlwaysWakes: one_teller, Assertion;
            WakesFirst: one_teller, Deadlock;
            LooksBefore: one_teller, Deadlock;
            LooksAfter: two_tellers, Deadlock;
            TakesOne: one_teller, Deadlock;
            CopiesAndClears: one_teller, Deadlock;
            LatestFirst: one_teller, Assertion;
        },
        // ANCHOR_END: caught
    );
}

/// After the last message has been taken the same two lists are used, and nothing is asked for.
#[test]
fn the_memory_is_used_again() {
    let messages = Messages::new();
    let mut mine = Vec::with_capacity(8);
    (0..8).for_each(|message| assert_eq!(messages.put(message), message == 0));
    messages.take(&mut mine);
    let theirs = mine.as_ptr();
    mine.clear();
    messages.put(8);
    messages.take(&mut mine);
    mine.clear();
    messages.put(9);
    messages.take(&mut mine);
    assert_eq!((mine.as_ptr(), mine), (theirs, vec![9]));
}
