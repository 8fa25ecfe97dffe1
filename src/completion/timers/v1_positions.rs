//! The heap of the textbooks: two children to a node, and a list of who is where.
//!
//! A timer can be cancelled only if it can be found. So there is a list that says for each
//! slot of the loop at which place of the heap its timer is, and whatever moves an entry
//! writes down where it has gone. Nothing is ever dead, nothing is ever swept, and no
//! operation takes longer than a walk through twenty levels. But each level of each walk
//! writes to a place in that list that is in no cache: see [`Timers`](super::Timers) for what
//! becomes of it without.
//!
//! ```
//! use threadbare::completion::timers::v1_positions::Timers;
//! use threadbare::event::Slab;
//!
//! let (mut slab, mut timers) = (Slab::new(), Timers::new());
//! let [tea, eggs] = ["tea", "eggs"].map(|what| slab.insert(what));
//! timers.insert(240, tea);
//! timers.insert(300, eggs);
//! assert!(timers.remove(tea));
//! assert_eq!(timers.next_due(), Some(300));
//! assert_eq!(timers.pop_due(1000), Some(eggs));
//! ```

use crate::event::Key;

/// No place: the slot has no timer in the heap.
const NOWHERE: u32 = u32::MAX;

/// When, the number under which it came, and who.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    when: u64,
    number: u64,
    key: Key,
}

/// As [`super::Timers`].
#[derive(Clone, Debug, Default)]
pub struct Timers {
    /// INVARIANT: none is before its parent; the parent of `i` is `(i - 1) / 2`.
    heap: Vec<Entry>,
    /// Of each slot, where in the heap its timer is. INVARIANT: that entry's key has this
    /// slot.
    places: Vec<u32>,
    number: u64,
}

// ANCHOR: v1
impl Timers {
    /// No timers.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    /// Starts the timer of `key`. If it has one, that one is cancelled by this.
    pub fn insert(&mut self, when: u64, key: Key) {
        if let Some(at) = self.place(key.index()) {
            self.take(at);
        }
        if key.index() >= self.places.len() {
            self.places.resize(key.index() + 1, NOWHERE);
        }
        self.number += 1;
        let number = self.number;
        let entry = Entry { when, number, key };
        self.heap.push(entry);
        self.rise(self.heap.len() - 1, entry);
    }

    /// Cancels the timer of `key`. Whether there was one.
    pub fn remove(&mut self, key: Key) -> bool {
        let at = self.place(key.index());
        let at = at.filter(|&at| self.heap[at].key == key);
        at.is_some_and(|at| {
            self.take(at);
            true
        })
    }

    /// When the next is due.
    #[must_use]
    pub fn next_due(&self) -> Option<u64> {
        self.heap.first().map(|entry| entry.when)
    }

    /// Takes out the next, if it is due at `now`.
    pub fn pop_due(&mut self, now: u64) -> Option<Key> {
        let first = *self.heap.first()?;
        (first.when <= now).then(|| {
            self.take(0);
            first.key
        })
    }

    fn place(&self, slot: usize) -> Option<usize> {
        let place = *self.places.get(slot)?;
        (place != NOWHERE).then_some(place as usize)
    }

    // ANCHOR: take
    /// Takes out the entry at `at`. The last one comes there, and goes up or down.
    fn take(&mut self, at: usize) {
        let gone = self.heap[at].key;
        self.places[gone.index()] = NOWHERE;
        let last = self.heap.pop().expect("there is one at `at`");
        if at < self.heap.len() {
            if at > 0 && last < self.heap[(at - 1) / 2] {
                self.rise(at, last);
            } else {
                self.sink(at, last);
            }
        }
    }
    // ANCHOR_END: take

    fn rise(&mut self, mut hole: usize, entry: Entry) {
        while hole > 0 && entry < self.heap[(hole - 1) / 2] {
            self.put(hole, self.heap[(hole - 1) / 2]);
            hole = (hole - 1) / 2;
        }
        self.put(hole, entry);
    }

    fn sink(&mut self, mut hole: usize, entry: Entry) {
        loop {
            let children = [2 * hole + 1, 2 * hole + 2];
            let there = children.into_iter().filter(|&at| at < self.heap.len());
            match there.min_by_key(|&child| self.heap[child]) {
                Some(child) if self.heap[child] < entry => {
                    self.put(hole, self.heap[child]);
                    hole = child;
                }
                _ => break,
            }
        }
        self.put(hole, entry);
    }

    // ANCHOR: put
    /// Writes an entry, and where it is.
    fn put(&mut self, at: usize, entry: Entry) {
        self.heap[at] = entry;
        self.places[entry.key.index()] = at as u32;
    }
    // ANCHOR_END: put
}
// ANCHOR_END: v1

#[cfg(test)]
mod wrong;
