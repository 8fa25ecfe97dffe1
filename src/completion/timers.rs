//! Timers: a million of them, started, cancelled and fired.
//!
//! A loop asks its timers one question again and again, *who is next*, and a heap is what
//! answers it: [`v1_positions`] is the one of the textbooks. It is also the slowest part of
//! a loop with many timers, for two reasons, and neither is the number of comparisons:
//!
//! | what it does | what that costs | here instead |
//! |---|---|---|
//! | writes down for each timer where in the heap it is, so that it can be cancelled | a far write at each level of each walk | a cancelled timer stays where it is, and is passed over |
//! | takes out the first by a walk from top to bottom | far reads, each waiting for the one before | only what is due soon is put in order, by a sort, which reads and writes side by side |
//!
//! *Far* is what is in no cache that is near the processor. With a million timers most of a
//! heap is.
//!
//! # Three places
//! An entry is 16 bytes: when, in which order it came, and which timer. It is in one of
//!
//! | place | what is in it | in order |
//! |---|---|---|
//! | `run` | what is due before the *horizon* | sorted, taken from the front |
//! | `soon` | what has come since, and is due before the horizon | a heap, four children to a node |
//! | `later` | what is due at the horizon or after | none |
//!
//! Who is next is the smaller of two: the front of `run` and the top of `soon`. When both
//! are used up an eighth of `later` is picked out (the earliest), sorted, and is the new
//! `run`: its end is the new horizon. If `later` has come in order it is all taken, as it is:
//! that is what timers do that are all started for the same time, the timeouts of a server.
//! And if more have come into `soon` than were in `run`, all is thrown back into `later`.
//!
//! # Cancel
//! Beside that there is a *seat* for each slot of the loop: which timer has it, and the
//! number under which that one came. An entry whose number is not the one in its seat is
//! dead. To cancel is to empty the seat, one write; to restart a timer is the same, and a
//! new entry. There are never more dead entries than live ones and
//! [`DEAD_MAX`]: beyond that they are swept out, which is paid for by as many cancels.
//!
//! # Order
//! Timers that are due at the same nanosecond fire in the order in which they were started.

use std::fmt;
use std::mem;

use crate::event::Key;

mod heap;
pub mod v1_positions;

#[cfg(test)]
mod tests;

use heap::Heap;

/// How many dead entries there may be beyond the number of the live ones.
pub const DEAD_MAX: usize = 64;

/// Which part of `later` is sorted at once: an eighth. So each entry is looked at about eight
/// times until it is its turn, side by side with its neighbours.
const PART: usize = 8;
/// But at least so many: a sort of so few is nothing.
const PART_MIN: usize = 512;
/// Room for so many is there from the beginning.
const ROOM: usize = 128;

// ANCHOR: entry
/// When, which, whose: one number, so that one comparison is enough.
///
/// The moment is above, then the number under which the timer came, then its slot.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry(u128);

impl Entry {
    #[inline]
    fn new(when: u64, number: u32, slot: u32) -> Self {
        Self(u128::from(when) << 64 | u128::from(number) << 32 | u128::from(slot))
    }

    #[inline]
    fn when(self) -> u64 {
        (self.0 >> 64) as u64
    }

    #[inline]
    fn number(self) -> u32 {
        (self.0 >> 32) as u32
    }

    #[inline]
    fn slot(self) -> usize {
        self.0 as u32 as usize
    }
}
// ANCHOR_END: entry

/// What is known of a slot of the loop.
#[derive(Clone, Copy, Default)]
struct Seat {
    /// Under which number its timer came. 0: it has none.
    number: u32,
    /// Which tenant of the slot that is.
    generation: u32,
}

/// Timers by the moment at which they are due, and by the key of who waits for it.
///
/// Moments are numbers, nanoseconds since whenever the caller began to count: this looks at
/// no clock. A key has one timer at most.
///
/// # Example
/// ```
/// use threadbare::completion::timers::Timers;
/// use threadbare::event::Slab;
///
/// let (mut slab, mut timers) = (Slab::new(), Timers::new());
/// let [tea, eggs] = ["tea", "eggs"].map(|what| slab.insert(what));
/// timers.insert(240, tea);
/// timers.insert(300, eggs);
/// assert_eq!(timers.next_due(), Some(240));
/// assert_eq!(timers.pop_due(239), None, "nobody yet");
///
/// assert!(timers.remove(tea));
/// assert!(!timers.remove(tea), "it is gone");
/// assert_eq!(timers.pop_due(1000), Some(eggs));
/// assert_eq!(timers.next_due(), None);
/// ```
pub struct Timers {
    /// Sorted, up from `at`; what is before `at` is gone. INVARIANT: all before `horizon`.
    run: Vec<Entry>,
    at: usize,
    /// INVARIANT: all before `horizon`; no more than `soon_max`.
    soon: Heap,
    soon_max: usize,
    /// INVARIANT: none before `horizon`.
    later: Vec<Entry>,
    /// Whether each in `later` is behind the one before it.
    in_order: bool,
    horizon: Entry,
    seats: Vec<Seat>,
    /// The number of the one that came last.
    number: u32,
    live: usize,
    dead: usize,
}

impl Timers {
    /// No timers, and room for some.
    #[must_use]
    pub fn new() -> Self {
        Self {
            run: Vec::with_capacity(ROOM),
            at: 0,
            soon: Heap::with_capacity(ROOM),
            soon_max: 0,
            later: Vec::with_capacity(ROOM),
            in_order: true,
            horizon: Entry(0),
            seats: Vec::new(),
            number: 0,
            live: 0,
            dead: 0,
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.live
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.live == 0
    }

    // ANCHOR: insert
    /// Starts the timer of `key`. If it has one, that one is cancelled by this: restarted.
    ///
    /// # Cost
    /// As a rule the end of a list. No memory is asked for while there are no more timers,
    /// live and dead, than there have been at some time.
    #[inline]
    pub fn insert(&mut self, when: u64, key: Key) {
        if self.number == u32::MAX {
            self.count_anew();
        }
        self.number += 1;
        let (slot, number) = (key.index(), self.number);
        if slot >= self.seats.len() {
            self.more_seats(slot);
        }
        let seat = &mut self.seats[slot];
        let restarted = seat.number != 0;
        *seat = Seat {
            number,
            generation: generation(key),
        };
        let entry = Entry::new(when, number, slot as u32);
        if entry < self.horizon {
            self.soon.push(entry);
            if self.soon.len() > self.soon_max {
                self.draw_the_horizon_nearer();
            }
        } else {
            self.in_order &= self.later.last().is_none_or(|&last| last < entry);
            self.later.push(entry);
        }
        if restarted {
            self.one_more_dead();
        } else {
            self.live += 1;
        }
    }
    // ANCHOR_END: insert

    // ANCHOR: remove
    /// Cancels the timer of `key`. Whether there was one: it may have fired, or never have
    /// been, or the slot may have another tenant by now.
    ///
    /// # Cost
    /// One write; but of many cancels one looks through all that there is.
    #[inline]
    pub fn remove(&mut self, key: Key) -> bool {
        let Some(seat) = self.seats.get_mut(key.index()) else {
            return false;
        };
        if seat.number == 0 || seat.generation != generation(key) {
            return false;
        }
        seat.number = 0;
        self.live -= 1;
        self.one_more_dead();
        true
    }
    // ANCHOR_END: remove

    /// Whether `key` has a timer.
    #[inline]
    pub(super) fn has(&self, key: Key) -> bool {
        let seat = self.seats.get(key.index());
        seat.is_some_and(|s| s.number != 0 && s.generation == generation(key))
    }

    // ANCHOR: next_due
    /// When the next timer is due.
    ///
    /// # Cost
    /// A look at two entries. Now and then the next part is sorted for it: see
    /// [the module](self).
    #[inline]
    pub fn next_due(&mut self) -> Option<u64> {
        self.first().map(|(entry, _)| entry.when())
    }

    /// Takes out the timer that is next, if it is due at `now`.
    ///
    /// # Cost
    /// As [`next_due`](Self::next_due). In `soon` a walk through the heap.
    #[inline]
    pub fn pop_due(&mut self, now: u64) -> Option<Key> {
        let (entry, from) = self.first()?;
        if entry.when() > now {
            return None;
        }
        self.drop_first(from);
        self.live -= 1;
        let seat = &mut self.seats[entry.slot()];
        seat.number = 0;
        let word = u64::from(seat.generation) << 32 | entry.slot() as u64;
        Some(Key::from_user(word))
    }

    /// The first that is not dead, and where it is. What is dead before it is dropped.
    #[inline]
    fn first(&mut self) -> Option<(Entry, From)> {
        loop {
            let (entry, from) = match (self.run.get(self.at), self.soon.first()) {
                (Some(&run), Some(soon)) if soon < run => (soon, From::Soon),
                (Some(&run), _) => (run, From::Run),
                (None, Some(soon)) => (soon, From::Soon),
                (None, None) => {
                    if !self.sort_a_part() {
                        return None;
                    }
                    continue;
                }
            };
            if is_live(&self.seats, entry) {
                return Some((entry, from));
            }
            self.drop_first(from);
            self.dead -= 1;
        }
    }
    // ANCHOR_END: next_due

    #[inline]
    fn drop_first(&mut self, from: From) {
        match from {
            From::Run => self.at += 1,
            From::Soon => self.soon.pop(),
        }
    }

    // ANCHOR: sort_a_part
    /// The next `run`, when there is nothing before the horizon any more. Whether there is
    /// one.
    #[cold]
    fn sort_a_part(&mut self) -> bool {
        debug_assert!(self.soon.len() == 0 && self.at == self.run.len());
        self.run.clear();
        self.at = 0;
        let part = (self.later.len() / PART).max(PART_MIN);
        if self.in_order || self.later.len() <= part {
            mem::swap(&mut self.run, &mut self.later);
        } else {
            // The earliest to the end of the list, so that the others stay where they are.
            let rest = self.later.len() - part;
            self.later.select_nth_unstable_by(rest, |a, b| b.cmp(a));
            self.run.extend(self.later.drain(rest..));
        }
        if !mem::replace(&mut self.in_order, self.later.is_empty()) {
            self.run.sort_unstable();
        }
        self.horizon = self.run.last().map_or(Entry(0), |last| Entry(last.0 + 1));
        self.soon_max = self.run.len().max(PART_MIN);
        !self.run.is_empty()
    }
    // ANCHOR_END: sort_a_part

    /// More have come before the horizon than were there when it was drawn: a single late
    /// timer may have put it far away, and all others pass through the heap. So everything
    /// is `later` again, and the next part is picked out anew. That is paid for by those
    /// who came.
    #[cold]
    fn draw_the_horizon_nearer(&mut self) {
        self.later.extend(self.run.drain(self.at..));
        self.soon.take_all(&mut self.later);
        self.in_order = false;
        self.at = self.run.len();
        self.horizon = Entry(0);
    }

    #[inline]
    fn one_more_dead(&mut self) {
        self.dead += 1;
        if self.dead > self.live + DEAD_MAX {
            self.sweep();
        }
    }

    // ANCHOR: sweep
    /// Throws out what is dead.
    #[cold]
    fn sweep(&mut self) {
        let Self { seats, run, .. } = self;
        let is_live = |entry: &Entry| is_live(seats, *entry);
        run.drain(..mem::take(&mut self.at));
        run.retain(is_live);
        self.soon.retain(is_live);
        self.later.retain(is_live);
        self.in_order |= self.later.is_empty();
        self.dead = 0;
    }
    // ANCHOR_END: sweep

    /// Gives all that are there numbers from 1 on: once in four thousand million timers.
    #[cold]
    fn count_anew(&mut self) {
        self.sweep();
        let mut all = mem::take(&mut self.run);
        all.append(&mut self.later);
        self.soon.take_all(&mut all);
        all.sort_unstable();
        self.number = 0;
        for entry in &mut all {
            self.number += 1;
            self.seats[entry.slot()].number = self.number;
            *entry = Entry::new(entry.when(), self.number, entry.slot() as u32);
        }
        (self.later, self.in_order, self.horizon) = (all, true, Entry(0));
    }

    #[cold]
    fn more_seats(&mut self, slot: usize) {
        self.seats.resize((slot + 1).max(ROOM), Seat::default());
    }
}

/// Which of the two that are in order has the next.
#[derive(Clone, Copy)]
enum From {
    Run,
    Soon,
}

#[inline]
fn is_live(seats: &[Seat], entry: Entry) -> bool {
    seats[entry.slot()].number == entry.number()
}

fn generation(key: Key) -> u32 {
    (key.to_user() >> 32) as u32
}

impl Default for Timers {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Timers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timers")
            .field("live", &self.live)
            .field("dead", &self.dead)
            .finish_non_exhaustive()
    }
}
