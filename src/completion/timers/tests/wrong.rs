//! Versions that are wrong by a line, each beside the plain list: all short sequences of
//! start, cancel and fire.
//!
//! Nothing here is shared, so there is one order of steps for each sequence: it is the
//! sequences that are tried, all of them.

use super::*;
use crate::modelled::{caught, holds, slips};

/// What a version does differently.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Slip {
    /// Nothing.
    Right,
    /// Counts the cancelled one as dead, and leaves its seat.
    CancelsNothing,
    /// Cancels whoever has the slot.
    AnyTenant,
    /// Fires, and leaves the seat taken.
    SeatStays,
    /// Fires whatever is in an entry.
    NeverLooks,
    /// Restarts a timer under the number that it had.
    OldNumber,
    /// Puts each into `later`, also what is due before the horizon.
    NoHorizon,
    /// Takes what has not come in order for sorted.
    NotSorted,
    /// The one that came last is the first of its moment.
    LatestFirst,
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
        let right = &mut self.right;
        match self.slip {
            Slip::OldNumber if right.seats.get(key.index()).is_some() => {
                let old = right.seats[key.index()].number;
                right.insert(when, key);
                if old != 0 {
                    right.seats[key.index()].number = old;
                    let last = right.later.last_mut().expect("it came last");
                    *last = Entry::new(when, old, key.index() as u32);
                }
            }
            Slip::NoHorizon => {
                let horizon = mem::replace(&mut right.horizon, Entry(0));
                right.insert(when, key);
                right.horizon = horizon;
            }
            Slip::LatestFirst => {
                let number = right.number;
                right.number = u32::MAX - 2 - number;
                right.insert(when, key);
                right.number = number + 1;
            }
            _ => right.insert(when, key),
        }
        if self.slip == Slip::NotSorted {
            self.right.in_order = true;
        }
    }

    fn remove(&mut self, key: Key) -> bool {
        let right = &mut self.right;
        let Some(seat) = right.seats.get(key.index()).copied() else {
            return false;
        };
        match self.slip {
            Slip::CancelsNothing => {
                let removed = right.remove(key);
                right.seats[key.index()].number = seat.number;
                removed
            }
            Slip::AnyTenant => {
                let tenant = u64::from(seat.generation) << 32 | key.index() as u64;
                right.remove(Key::from_user(tenant))
            }
            _ => right.remove(key),
        }
    }

    fn next_due(&mut self) -> Option<u64> {
        self.right.next_due()
    }

    fn pop_due(&mut self, now: u64) -> Option<Key> {
        let right = &mut self.right;
        if self.slip == Slip::NeverLooks {
            let front = |right: &Timers| right.run.get(right.at).copied();
            if front(right).is_none() && right.soon.len() == 0 {
                right.sort_a_part();
            }
            let entry = front(right).filter(|entry| entry.when() <= now)?;
            right.at += 1;
            right.live = right.live.saturating_sub(1);
            let generation = u64::from(right.seats[entry.slot()].generation);
            return Some(Key::from_user(generation << 32 | entry.slot() as u64));
        }
        let before = right.seats.clone();
        let key = right.pop_due(now)?;
        if self.slip == Slip::SeatStays {
            right.seats[key.index()] = before[key.index()];
        }
        Some(key)
    }

    fn len(&self) -> usize {
        self.right.len()
    }
}

fn sequences(slip: Slip) {
    all_sequences(|| wrong(slip), 4);
}

#[test]
fn wrong_versions_are_caught() {
    use Slip::*;
    holds("the copy", || sequences(Slip::Right));
    caught(
        "timers",
        // ANCHOR: caught
        &slips! {
            CancelsNothing: sequences, Assertion;
            AnyTenant: sequences, Assertion;
            SeatStays: sequences, Assertion;
            NeverLooks: sequences, Assertion;
            OldNumber: sequences, Assertion;
            NoHorizon: sequences, Assertion;
            NotSorted: sequences, Assertion;
            LatestFirst: sequences, Assertion;
        },
        // ANCHOR_END: caught
    );
}
