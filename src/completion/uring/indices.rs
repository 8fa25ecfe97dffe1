//! The two ends of a ring that is shared with a kernel: which entry is whose.
//!
//! A ring has two words, `head` and `tail`. Both only count, and entry number `count & mask`
//! is meant. Whoever produces owns the tail, whoever consumes owns the head, and each reads
//! the other's:
//!
//! ```text
//!               head              tail
//!                v                 v
//!   entries  [ free | full | full | free ]     the consumer reads the full ones,
//!                                              the producer writes the free ones
//! ```
//!
//! Four steps, and two of them must not be turned round:
//!
//! | who | first | and only then | if the other way round |
//! |---|---|---|---|
//! | producer | writes the entry | moves the tail | what is read is not what was written |
//! | consumer | reads the entry | moves the head | it is written over while it is read |
//!
//! "Only then" is an ordering, not the place in the source: the tail is moved with Release
//! and read with Acquire, and so is the head. The kernel does its half of it in the same
//! way (`smp_store_release`, `smp_load_acquire`).
//!
//! We produce submissions and consume completions; the kernel is at the other end of both.
//! In the models both ends are this file. Where the words are does not matter here: in a
//! mapping ([`super::ring`]), or where the model checker sees them.

use crate::ground::atomic::Ordering::{self, Acquire, Release};

/// One of the two words.
pub(super) trait Word {
    /// What it says.
    fn load(&self, order: Ordering) -> u32;
    /// Says something else. Only whoever owns the word does so.
    fn store(&self, value: u32, order: Ordering);
}

// ANCHOR: producer
/// The end that writes entries.
#[derive(Debug)]
pub(super) struct Producer<W> {
    head: W,
    tail: W,
    entries: u32,
    /// As far as entries were written.
    written: u32,
    /// As far as the tail was moved.
    published: u32,
    /// What the head said when it was last read.
    head_seen: u32,
}

impl<W: Word> Producer<W> {
    /// Both words are 0. `entries` is a power of two.
    pub(super) fn new(head: W, tail: W, entries: u32) -> Self {
        assert!(entries.is_power_of_two(), "so that a count can be masked");
        Self {
            head,
            tail,
            entries,
            written: 0,
            published: 0,
            head_seen: 0,
        }
    }

    /// The place of an entry that may be written now. `None` if all are taken. It is not
    /// told before `publish`.
    #[inline]
    pub(super) fn place(&mut self) -> Option<u32> {
        if self.written.wrapping_sub(self.head_seen) == self.entries {
            // ORDERING: Acquire pairs with the Release in `Consumer::release`: whoever read
            // the entry that is written next has finished with it.
            self.head_seen = self.head.load(Acquire);
        }
        if self.written.wrapping_sub(self.head_seen) == self.entries {
            return None;
        }
        let place = self.written & (self.entries - 1);
        self.written = self.written.wrapping_add(1);
        Some(place)
    }

    /// Tells of the entries that were written.
    #[inline]
    pub(super) fn publish(&mut self) {
        if self.published != self.written {
            // ORDERING: Release publishes the entries; pairs with the Acquire in
            // `Consumer::place`.
            self.tail.store(self.written, Release);
            self.published = self.written;
        }
    }

    /// How many entries the other side has not taken yet.
    #[inline]
    pub(super) fn waiting(&mut self) -> u32 {
        if self.written == self.head_seen {
            return 0;
        }
        // ORDERING: Acquire pairs with the Release in `Consumer::release`, as `place`
        // believes what is seen here.
        self.head_seen = self.head.load(Acquire);
        self.written.wrapping_sub(self.head_seen)
    }
}
// ANCHOR_END: producer

// ANCHOR: consumer
/// The end that reads entries.
#[derive(Debug)]
pub(super) struct Consumer<W> {
    head: W,
    tail: W,
    entries: u32,
    /// As far as entries were read.
    read: u32,
    /// As far as the head was moved.
    released: u32,
    /// What the tail said when it was last read.
    tail_seen: u32,
}

impl<W: Word> Consumer<W> {
    /// Both words are 0. `entries` is a power of two.
    pub(super) fn new(head: W, tail: W, entries: u32) -> Self {
        assert!(entries.is_power_of_two(), "so that a count can be masked");
        Self {
            head,
            tail,
            entries,
            read: 0,
            released: 0,
            tail_seen: 0,
        }
    }

    /// The place of the next entry. `None` if there is none. It stays the caller's until
    /// `release`.
    #[inline]
    pub(super) fn place(&mut self) -> Option<u32> {
        if self.read == self.tail_seen {
            // ORDERING: Acquire pairs with the Release in `Producer::publish`: the entries
            // are seen as they were written.
            self.tail_seen = self.tail.load(Acquire);
        }
        if self.read == self.tail_seen {
            return None;
        }
        let place = self.read & (self.entries - 1);
        self.read = self.read.wrapping_add(1);
        Some(place)
    }

    /// Whether there is an entry that was not read yet.
    #[inline]
    pub(super) fn has_more(&mut self) -> bool {
        // ORDERING: Acquire pairs with the Release in `Producer::publish`, as `place`
        // believes what is seen here.
        self.tail_seen = self.tail.load(Acquire);
        self.read != self.tail_seen
    }

    /// Gives the places of all entries that were read back.
    #[inline]
    pub(super) fn release(&mut self) {
        if self.released != self.read {
            // ORDERING: Release ends the reading; pairs with the Acquire in
            // `Producer::place`.
            self.head.store(self.read, Release);
            self.released = self.read;
        }
    }
}
// ANCHOR_END: consumer

// ANCHOR: lender
/// The end that lends buffers. It has no head to look at: there are as many places as
/// buffers, so whoever has one in hand knows of a place that is free.
#[derive(Debug)]
pub(super) struct Lender<W> {
    tail: W,
    entries: u32,
    written: u32,
}

impl<W: Word> Lender<W> {
    /// The word is 0. `entries` is a power of two, and there are as many buffers.
    pub(super) fn new(tail: W, entries: u32) -> Self {
        assert!(entries.is_power_of_two(), "so that a count can be masked");
        Self {
            tail,
            entries,
            written: 0,
        }
    }

    /// The place for a buffer that is in the caller's hands.
    #[inline]
    pub(super) fn place(&self) -> u32 {
        self.written & (self.entries - 1)
    }

    /// Tells of the buffer that was written there.
    #[inline]
    pub(super) fn publish(&mut self) {
        self.written = self.written.wrapping_add(1);
        // ORDERING: Release publishes the entry, and ends all reading of the buffer that it
        // names; pairs with the Acquire in `Consumer::place`, which is what the kernel does.
        self.tail.store(self.written, Release);
    }
}
// ANCHOR_END: lender

#[cfg(test)]
mod models;
