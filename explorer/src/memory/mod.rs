//! Memory that remembers old values.
//!
//! On paper a location holds one value. On a real machine, and in what a compiler may make
//! of a program, a thread can read a value that was overwritten long ago, as long as
//! nothing forbids it. So here a location is a list of *messages*, in the order in which
//! the location took these values (its *modification order*), and a thread may read any
//! message that its *view* does not forbid:
//!
//! ```text
//! x:   0 ── 1 ── 2          thread 1 has seen 1: it may read 1 or 2, never 0 again
//!           ^               thread 2 has seen nothing: it may read 0, 1 or 2
//! ```
//!
//! Each message carries what its writer knew, if the write was a release. Who reads it with
//! acquire knows that from then on: its view moves up, and old values are out of reach.
//! That is all of *happens-before*.
//!
//! | rule | where |
//! |---|---|
//! | a load reads any message from the thread's view on | [`Memory::readable`] |
//! | a store goes anywhere behind the thread's view, but never between a read-modify-write and what it read | [`Memory::slots`] |
//! | a read-modify-write reads a message and takes the slot right behind it | [`Memory::updatable`] |
//! | release attaches the thread's knowledge, acquire takes it up | [`Memory::store`], [`Memory::read`] |
//! | fences do the same for relaxed accesses around them | [`Memory::fence`] |
//! | `SeqCst` accesses and fences share one more view | [`Memory::read`], [`Memory::fence`] |
//!
//! Two things that C++20 allows never happen here; both are in the table of litmus tests.
//! *Load buffering*: a load never reads a store that comes later in the run. And the total
//! order of `SeqCst` operations is the order in which they run, so that a `Relaxed` flag
//! seems to order `SeqCst` data around it, which on some machines it does not.
//!
//! Sources: C++20 \[atomics.order\]; Kang et al., *A Promising Semantics for
//! Relaxed-Memory Concurrency* (POPL 2017), of which this is the part without promises;
//! Lahav et al., *Repairing Sequential Consistency in C/C++11* (PLDI 2017).

mod view;

use std::hash::{Hash, Hasher};
use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Release, SeqCst};

use crate::digest::Digest;

pub use view::{Clock, Knowledge, LOCATIONS_MAX, THREADS_MAX, View};

/// A location may hold this many messages that somebody may still read.
pub const MESSAGES_MAX: usize = 250;

/// One of the values that a location took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Message {
    value: u64,
    /// What an acquire that reads it comes to know.
    known: Knowledge,
    /// Written by a read-modify-write, which read the message right before this one.
    update: bool,
}

/// An atomic: its messages in modification order, the newest last.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Location {
    messages: Vec<Message>,
}

/// What one thread knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Mind {
    alive: bool,
    /// What constrains its next access.
    current: Knowledge,
    /// What it would know after an acquire fence: what came with its relaxed loads.
    acquire: Knowledge,
    /// What its relaxed stores pass on: what it knew at its last release fence.
    release: Knowledge,
    /// No plain memory was touched since it last passed on what it knows.
    quiet: bool,
}

impl Mind {
    fn passes_on(&self, order: Ordering) -> Knowledge {
        *[&self.release, &self.current][usize::from(releases(order))]
    }
}

/// Knowledge that is handed over by something other than an atomic: a lock, a wake-up, the
/// end of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Parcel(usize);

/// All locations, and what each thread knows of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Memory {
    locations: Vec<Location>,
    threads: Vec<Mind>,
    parcels: Vec<Knowledge>,
    /// Per location the newest message that a `SeqCst` access has touched or that a
    /// `SeqCst` fence has known: no later `SeqCst` access goes below it.
    sc: View,
}

fn acquires(order: Ordering) -> bool {
    matches!(order, Acquire | AcqRel | SeqCst)
}

fn releases(order: Ordering) -> bool {
    matches!(order, Release | AcqRel | SeqCst)
}

impl Memory {
    /// Adds a thread that knows all that `parent` knows, and returns its number.
    pub fn spawn(&mut self, parent: Option<usize>) -> usize {
        let current = parent.map(|parent| self.threads[parent].current);
        let current = current.unwrap_or_default();
        self.threads.push(Mind {
            alive: true,
            current,
            acquire: current,
            ..Mind::default()
        });
        if let Some(parent) = parent {
            self.tick(parent);
        }
        self.tick(self.threads.len() - 1);
        self.threads.len() - 1
    }

    /// Marks the end of `thread`: it will not read any more.
    pub fn end(&mut self, thread: usize) {
        let mind = &mut self.threads[thread];
        mind.alive = false;
        // Only what it knew in the end is ever asked for, by who joins it.
        mind.acquire = mind.current;
        mind.release = Knowledge::default();
    }

    /// Adds a location that holds `value`. Reading this first value tells nobody anything:
    /// it was no release.
    pub fn add_location(&mut self, value: u64) -> usize {
        self.locations.push(Location {
            messages: vec![Message {
                value,
                known: Knowledge::default(),
                update: false,
            }],
        });
        self.locations.len() - 1
    }

    /// Replaces the first value of a location that nobody has used so far: somebody had the
    /// atomic to itself, and changed it through `get_mut`.
    pub fn set_first(&mut self, location: usize, value: u64) {
        self.locations[location].messages[0].value = value;
    }

    /// How many locations there are.
    pub fn locations(&self) -> usize {
        self.locations.len()
    }

    /// The values of `location` that somebody may still read, oldest first.
    pub fn values(&self, location: usize) -> impl Iterator<Item = u64> + '_ {
        self.locations[location].messages.iter().map(|m| m.value)
    }

    /// The index of the newest message of `location`.
    pub fn newest(&self, location: usize) -> usize {
        self.locations[location].messages.len() - 1
    }

    /// The value of a message.
    pub fn value(&self, location: usize, message: usize) -> u64 {
        self.locations[location].messages[message].value
    }

    /// The oldest message of `location` that `thread` may read with `order`.
    pub fn readable(
        &self,
        thread: usize,
        location: usize,
        order: Ordering,
    ) -> usize {
        let seen = self.threads[thread].current.view.get(location);
        if order == SeqCst {
            seen.max(self.sc.get(location))
        } else {
            seen
        }
    }

    /// The slots into which `thread` may store, the newest first: behind what it has seen,
    /// and not between a read-modify-write and the message that it read.
    pub fn slots(
        &self,
        thread: usize,
        location: usize,
        order: Ordering,
    ) -> impl Iterator<Item = usize> + '_ {
        let behind = self.updatable(thread, location, order);
        behind.map(|message| message + 1)
    }

    /// Whether a read-modify-write may read `message`: no other has read it yet.
    pub fn is_updatable(&self, location: usize, message: usize) -> bool {
        let next = self.locations[location].messages.get(message + 1);
        !next.is_some_and(|next| next.update)
    }

    /// The messages that a read-modify-write of `thread` may read, the newest first.
    pub fn updatable(
        &self,
        thread: usize,
        location: usize,
        order: Ordering,
    ) -> impl Iterator<Item = usize> + '_ {
        (self.readable(thread, location, order)..=self.newest(location))
            .rev()
            .filter(move |&message| self.is_updatable(location, message))
    }

    // ANCHOR: read
    /// Lets `thread` read `message`, one of those that are readable.
    pub fn read(
        &mut self,
        thread: usize,
        location: usize,
        message: usize,
        order: Ordering,
    ) -> u64 {
        let Message { value, known, .. } =
            self.locations[location].messages[message];
        let mind = &mut self.threads[thread];
        mind.current.view.raise(location, message);
        mind.acquire.view.raise(location, message);
        mind.acquire.join(&known);
        if acquires(order) {
            mind.current.join(&known);
        }
        if order == SeqCst {
            self.sc.raise(location, message);
        }
        self.forget_unreadable(location);
        value
    }
    // ANCHOR_END: read

    /// Lets `thread` store `value` into `slot`, one of [`slots`](Self::slots).
    pub fn store(
        &mut self,
        thread: usize,
        location: usize,
        slot: usize,
        value: u64,
        order: Ordering,
    ) {
        self.insert(thread, location, slot, value, order, None);
    }

    /// Lets `thread` read `message`, one of [`updatable`](Self::updatable), and put `value`
    /// right behind it. Returns what it read.
    pub fn update(
        &mut self,
        thread: usize,
        location: usize,
        message: usize,
        value: u64,
        order: Ordering,
    ) -> u64 {
        let Message { known, .. } = self.locations[location].messages[message];
        let old = self.value(location, message);
        let mind = &mut self.threads[thread];
        mind.acquire.join(&known);
        if acquires(order) {
            mind.current.join(&known);
        }
        // Whoever acquires this message also acquires what was released into the one that
        // it replaced: a release sequence goes on through read-modify-writes.
        if value == old && self.adds_nothing(thread, order, &known) {
            // The same value with the same knowledge, and nothing can come in between: as
            // good as one message. A lock that is tried in vain would pile them up.
            if releases(order) {
                let time = self.threads[thread].current.clock.get(thread);
                let message = &mut self.locations[location].messages[message];
                message.known.clock.set(thread, time);
                self.tick(thread);
            }
            self.read(thread, location, message, order);
        } else {
            self.insert(thread, location, message + 1, value, order, Some(known));
        }
        old
    }

    /// Whether what a store of `thread` passes on is part of `known`. A release moves the
    /// thread's time on; without plain memory in between nobody can tell the two apart.
    fn adds_nothing(
        &self,
        thread: usize,
        order: Ordering,
        known: &Knowledge,
    ) -> bool {
        let mind = &self.threads[thread];
        let mut joined = mind.passes_on(order);
        joined.join(known);
        if releases(order) && mind.quiet && known.clock.get(thread) > 0 {
            joined.clock.set(thread, known.clock.get(thread));
        }
        joined == *known
    }

    fn insert(
        &mut self,
        thread: usize,
        location: usize,
        slot: usize,
        value: u64,
        order: Ordering,
        replaced: Option<Knowledge>,
    ) {
        if slot <= self.newest(location) {
            self.each_view(|view| view.make_room(location, slot));
        }
        let mind = &mut self.threads[thread];
        mind.current.view.raise(location, slot);
        mind.acquire.view.raise(location, slot);
        let mut known = mind.passes_on(order);
        known.view.raise(location, slot);
        if let Some(replaced) = replaced {
            known.join(&replaced);
        }
        let message = Message {
            value,
            known,
            update: replaced.is_some(),
        };
        self.locations[location].messages.insert(slot, message);
        if releases(order) {
            self.tick(thread);
        }
        if order == SeqCst {
            self.sc.raise(location, slot);
        }
        self.forget_unreadable(location);
    }

    /// Executes a fence.
    ///
    /// A `SeqCst` fence knows what every earlier one knew, and what every earlier `SeqCst`
    /// access touched: of two such fences one comes second, and sees all that was visible
    /// at the first. That orders what can be read. It is no happens-before: a plain access
    /// is not protected by it.
    pub fn fence(&mut self, thread: usize, order: Ordering) {
        let mind = &mut self.threads[thread];
        if acquires(order) {
            mind.current = mind.acquire;
        }
        if order == SeqCst {
            mind.current.view.join(&self.sc);
            self.sc.join(&mind.current.view);
            mind.acquire.view.join(&mind.current.view);
        }
        if releases(order) {
            mind.release = mind.current;
            self.tick(thread);
        }
        for location in 0..self.locations.len() {
            self.forget_unreadable(location);
        }
    }

    /// Adds an empty parcel.
    pub fn add_parcel(&mut self) -> Parcel {
        self.parcels.push(Knowledge::default());
        Parcel(self.parcels.len() - 1)
    }

    /// Puts what `thread` knows into the parcel.
    pub fn deposit(&mut self, thread: usize, parcel: Parcel) {
        self.parcels[parcel.0].join(&self.threads[thread].current);
        self.tick(thread);
    }

    /// `thread` knows from now on what is in the parcel.
    pub fn collect(&mut self, thread: usize, parcel: Parcel) {
        let known = self.parcels[parcel.0];
        self.learn(thread, &known);
    }

    /// `thread` knows from now on what the other knows, which has ended or which wakes it.
    pub fn collect_from(&mut self, thread: usize, other: usize) {
        let known = self.threads[other].current;
        self.learn(thread, &known);
    }

    /// `thread` has seen the newest message of `location`, by other means than reading it.
    pub fn catch_up(&mut self, thread: usize, location: usize) {
        let newest = self.newest(location);
        let mind = &mut self.threads[thread];
        mind.current.view.raise(location, newest);
        mind.acquire.view.raise(location, newest);
        self.forget_unreadable(location);
    }

    fn learn(&mut self, thread: usize, known: &Knowledge) {
        let mind = &mut self.threads[thread];
        mind.current.join(known);
        mind.acquire.join(known);
    }

    /// `thread` has passed on what it knows: what it does from now on is not part of that.
    fn tick(&mut self, thread: usize) {
        let mind = &mut self.threads[thread];
        let time = mind.current.clock.get(thread) + 1;
        mind.current.clock.set(thread, time);
        mind.acquire.clock.set(thread, time);
        mind.quiet = true;
    }

    /// Notes that `thread` touches plain memory, and returns its time: how often it has
    /// passed on what it knows.
    pub fn time(&mut self, thread: usize) -> u16 {
        self.threads[thread].quiet = false;
        self.threads[thread].current.clock.get(thread)
    }

    /// What happened before the next operation of `thread`.
    pub fn clock(&self, thread: usize) -> &Clock {
        &self.threads[thread].current.clock
    }

    /// Drops the messages that no thread may read any more. Without this, states that
    /// differ only in their past would count as different.
    fn forget_unreadable(&mut self, location: usize) {
        let alive = self.threads.iter().filter(|mind| mind.alive);
        let oldest = alive.map(|mind| mind.current.view.get(location)).min();
        let count = oldest.unwrap_or(0);
        if count > 0 {
            self.locations[location].messages.drain(..count);
            self.each_view(|view| view.forget(location, count));
        }
    }

    fn each_view(&mut self, mut change: impl FnMut(&mut View)) {
        for mind in &mut self.threads {
            for known in [&mut mind.current, &mut mind.acquire, &mut mind.release] {
                change(&mut known.view);
            }
        }
        for location in &mut self.locations {
            for message in &mut location.messages {
                change(&mut message.known.view);
            }
        }
        for parcel in &mut self.parcels {
            change(&mut parcel.view);
        }
        change(&mut self.sc);
    }

    /// Mixes everything that the future can depend on into `digest`.
    ///
    /// `shown` turns a value into what is hashed: a pointer differs from run to run, and
    /// has a number instead.
    pub(crate) fn digest(
        &self,
        digest: &mut Digest,
        shown: impl Fn(usize, u64) -> u64,
    ) {
        let (locations, threads) = (self.locations.len(), self.threads.len());
        let known = |digest: &mut Digest, known: &Knowledge| {
            digest.write(known.view.used(locations));
            for &time in known.clock.used(threads) {
                digest.write_u16(time);
            }
        };
        for mind in &self.threads {
            known(digest, &mind.current);
            if mind.alive {
                known(digest, &mind.acquire);
                known(digest, &mind.release);
            }
        }
        for (number, location) in self.locations.iter().enumerate() {
            digest.write_usize(location.messages.len());
            for message in &location.messages {
                digest.word(shown(number, message.value));
                digest.write_u8(u8::from(message.update));
                known(digest, &message.known);
            }
        }
        for parcel in &self.parcels {
            known(digest, parcel);
        }
        digest.write(self.sc.used(locations));
    }
}
