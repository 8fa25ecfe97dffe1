//! Versions that are wrong when something is taken out of the middle, each beside the plain
//! list: in all orders of six. (One that only sinks gets away with it in those: whenever what
//! stays too deep would be missed, it is the last of the heap, and moved to the top.)

use super::*;
use crate::completion::timers::tests::{Version, all_orders, long};
use crate::modelled::{caught, holds, slips};

/// What a version does differently.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Slip {
    /// Nothing.
    Right,
    /// What comes into the middle only goes down.
    OnlySinks,
    /// It only goes up.
    OnlyRises,
    /// It stays there.
    Stays,
    /// It is not written down that it has come there.
    Unwritten,
}

struct Wrong {
    slip: Slip,
    right: Timers,
}

fn wrong(slip: Slip) -> Wrong {
    let right = Timers::new();
    Wrong { slip, right }
}

impl Version for Wrong {
    fn insert(&mut self, when: u64, key: Key) {
        self.right.insert(when, key);
    }

    fn remove(&mut self, key: Key) -> bool {
        if self.slip == Slip::Right {
            return self.right.remove(key);
        }
        let heap = &mut self.right;
        let Some(at) = heap.place(key.index()) else {
            return false;
        };
        heap.places[key.index()] = NOWHERE;
        let last = heap.heap.pop().expect("there is one at `at`");
        if at < heap.heap.len() {
            match self.slip {
                Slip::OnlySinks => heap.sink(at, last),
                Slip::OnlyRises => heap.rise(at, last),
                Slip::Unwritten => {
                    let place = heap.places[last.key.index()];
                    heap.sink(at, last);
                    heap.places[last.key.index()] = place;
                }
                _ => heap.put(at, last),
            }
        }
        true
    }

    fn next_due(&mut self) -> Option<u64> {
        self.right.next_due()
    }

    fn pop_due(&mut self, now: u64) -> Option<Key> {
        self.right.pop_due(now)
    }

    fn len(&self) -> usize {
        self.right.len()
    }
}

fn orders(slip: Slip) {
    all_orders(|| wrong(slip));
}

/// Forty slots, and a thousand steps.
fn many(slip: Slip) {
    long(|| wrong(slip), 1, 40, 1000);
}

#[test]
fn wrong_versions_are_caught() {
    use Slip::*;
    holds("the copy", || {
        orders(Slip::Right);
        many(Slip::Right);
    });
    caught(
        "heap with positions",
        // ANCHOR: caught
        &slips! {
            OnlySinks: many, Assertion;
            OnlyRises: orders, Assertion;
            Stays: orders, Assertion;
            Unwritten: many, Assertion;
        },
        // ANCHOR_END: caught
    );
}
