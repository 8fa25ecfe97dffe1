//! What a loop knows, whatever its state `S` is and whichever backend it has: slots, lists,
//! descriptors, timers.
//!
//! Nothing here calls back, and nothing here asks the kernel but for the time.

mod cancels;
mod notices;
mod timed;

use std::io;
use std::time::{Duration, Instant};

pub(super) use cancels::{ANSWER_CANCELLED, ANSWER_TOO_LATE};
use notices::Notice;

use super::descriptors::{Addresses, Descriptors, Entry, Handle};
use super::life::{self, Action, Event, Life};
use super::operation::{
    Kind, List, NO_ASYNC, NO_KEY, NO_ROOM, NONE, Operation, Place, Side, code,
};
use super::timers::Timers;
use crate::event::{Key, Slab};

/// How many slots are asked for at once, and stay in a cache that is near.
pub(super) const BATCH: usize = 64;

#[derive(Debug)]
pub(super) struct Core {
    slots: Vec<Operation>,
    /// What the operations were given. Each is the slot's from submit to callback.
    buffers: Vec<Vec<u8>>,
    /// Free slots, the one that was used last at the end. A list beside the slots, and not
    /// links in them: who takes many has not to wait for one slot to know the next.
    free: Vec<u32>,
    active: usize,
    pub(super) queued: List,
    pub(super) done: List,
    pub(super) descriptors: Descriptors,
    pub(super) addresses: Addresses,
    pub(super) timers: Timers,
    /// Timers that the heap has given back, and the cancels that want them: [`BATCH`] at
    /// most. Their slots say *in flight* still.
    withdrawn: Vec<(Key, Key)>,
    notices: Vec<Notice>,
    start: Instant,
    /// When the last wait ended, in nanoseconds since `start`.
    pub(super) now: u64,
}

impl Core {
    pub(super) fn new() -> Self {
        Self {
            slots: Vec::new(),
            buffers: Vec::new(),
            free: Vec::new(),
            active: 0,
            queued: List::EMPTY,
            done: List::EMPTY,
            descriptors: Slab::new(),
            addresses: Slab::new(),
            timers: Timers::new(),
            withdrawn: Vec::with_capacity(BATCH),
            notices: Vec::new(),
            start: Instant::now(),
            now: 0,
        }
    }

    /// Nanoseconds since the loop was made.
    #[inline]
    pub(super) fn clock(&self) -> u64 {
        self.start.elapsed().as_nanos() as u64
    }

    #[inline]
    pub(super) fn instant(&self) -> Instant {
        self.start + Duration::from_nanos(self.now)
    }

    #[inline]
    pub(super) const fn active(&self) -> usize {
        self.active
    }

    /// Puts an operation into a slot and into the queue. What it works on is counted there.
    #[inline]
    pub(super) fn submit(
        &mut self,
        kind: Kind,
        descriptor: Key,
        buffer: Vec<u8>,
        word: u64,
        user: u64,
    ) -> Key {
        // One that is being closed is as one that is not there.
        let descriptor = match self.descriptors.get_mut(descriptor) {
            Some(entry) if !entry.closing => {
                entry.operations += 1;
                descriptor
            }
            _ => NO_KEY,
        };
        let index = self.take_slot(kind, user);
        let slot = &mut self.slots[index as usize];
        slot.descriptor = descriptor;
        slot.word = word;
        slot.progress = 0;
        slot.mark = 0;
        if kind == Kind::Async && word != NO_ASYNC {
            self.make_notice(word as usize);
            self.notices[word as usize].operations += 1;
        }
        // What needs no buffer does not touch its place: there is nothing in it.
        debug_assert_eq!(self.buffers[index as usize].capacity(), 0, "left behind");
        if buffer.capacity() > 0 {
            self.buffers[index as usize] = buffer;
        }
        self.happens(index, Event::Submit);
        self.key(index)
    }

    /// A slot for one more operation.
    #[inline]
    fn take_slot(&mut self, kind: Kind, user: u64) -> u32 {
        let index = self.free.pop().unwrap_or_else(|| self.grow());
        let slot = &mut self.slots[index as usize];
        slot.user = user;
        slot.cancels = NONE;
        slot.kind = kind;
        slot.code = 0;
        self.active += 1;
        index
    }

    #[cold]
    fn grow(&mut self) -> u32 {
        assert!(self.slots.len() < NONE as usize, "a loop has no more slots");
        self.slots.push(Operation::FREE);
        self.buffers.push(Vec::new());
        // So that giving one back asks for nothing.
        self.free.reserve(self.slots.len());
        self.slots.len() as u32 - 1
    }

    /// Applies the table of `life.rs`, and does what of its answer is a matter of lists.
    #[inline]
    fn happens(&mut self, index: u32, event: Event) -> Action {
        let slot = &mut self.slots[index as usize];
        let (after, action) = life::next(slot.life, event);
        slot.life = after;
        match action {
            Action::Queue => self.put(index, Place::Queued),
            Action::Wait => self.take_out(index),
            Action::Call | Action::Withdraw => {
                self.take_out(index);
                self.put(index, Place::Done);
            }
            Action::Ask | Action::Remember | Action::Refuse => {}
            Action::Retire | Action::Ignore => {}
        }
        action
    }

    /// The operation, unless it is over.
    #[inline]
    pub(super) fn operation(&mut self, key: Key) -> Option<&mut Operation> {
        let slot = self.slots.get_mut(key.index())?;
        (slot.generation == generation(key) && slot.life != Life::Dead)
            .then_some(slot)
    }

    #[inline]
    pub(super) fn life(&self, key: Key) -> Life {
        match self.slots.get(key.index()) {
            Some(slot) if slot.generation == generation(key) => {
                let timer = slot.kind == Kind::Timer;
                // Cancelled, and its slot does not know it yet.
                if timer && slot.life == Life::InFlight && !self.timers.has(key) {
                    return Life::Done;
                }
                slot.life
            }
            _ => Life::Dead,
        }
    }

    /// Whether nothing is left to be handed over or called.
    #[inline]
    pub(super) fn is_idle(&self) -> bool {
        let Self {
            queued,
            done,
            withdrawn,
            ..
        } = self;
        queued.is_empty() && done.is_empty() && withdrawn.is_empty()
    }

    /// The slot of a number that came out of a list.
    #[inline]
    pub(super) fn slot(&mut self, index: u32) -> &mut Operation {
        &mut self.slots[index as usize]
    }

    #[inline]
    pub(super) fn key(&self, index: u32) -> Key {
        key(index, self.slots[index as usize].generation)
    }

    /// The buffer of an operation. What takes it out puts it back before the end.
    #[inline]
    pub(super) fn buffer(&mut self, key: Key) -> &mut Vec<u8> {
        &mut self.buffers[key.index()]
    }

    /// An operation, what it was given, and what it works on.
    #[inline]
    pub(super) fn work(
        &mut self,
        descriptor: Key,
        key: Key,
    ) -> Option<(&mut Entry, &mut Operation, &mut Vec<u8>)> {
        let entry = self.descriptors.get_mut(descriptor)?;
        let index = key.index();
        Some((entry, &mut self.slots[index], &mut self.buffers[index]))
    }

    // ANCHOR: finish
    /// The result of an operation that was handed over. Nothing if it is not in flight: it
    /// was cancelled, and what comes now comes too late.
    #[inline]
    pub(super) fn finish(&mut self, key: Key, outcome: io::Result<u64>) {
        match outcome {
            Ok(value) => self.end_with(key, value, 0),
            Err(error) => self.end_with(key, 0, code(&error)),
        }
    }

    /// As `finish`, with the kernel's number for why it failed.
    #[inline]
    pub(super) fn finish_code(&mut self, key: Key, code: i32) {
        self.end_with(key, 0, code);
    }

    #[inline]
    fn end_with(&mut self, key: Key, value: u64, code: i32) {
        let Some(slot) = self.operation(key) else {
            return;
        };
        if matches!(slot.life, Life::InFlight | Life::Queued) {
            (slot.value, slot.code) = (value, code);
            self.happens(key.index() as u32, Event::Result);
        }
    }
    // ANCHOR_END: finish

    /// The next of the queue, now in flight.
    #[inline]
    pub(super) fn hand_over(&mut self) -> Option<Key> {
        let index = self.queued.first();
        if index == NONE {
            return None;
        }
        self.happens(index, Event::HandOver);
        Some(self.key(index))
    }

    // ANCHOR: admit
    /// What is wrong with an operation, before anybody is asked; 0 if nothing is. The same for
    /// all backends.
    #[inline]
    pub(super) fn refusal(&mut self, key: Key) -> i32 {
        let slot = &self.slots[key.index()];
        let kind = slot.kind;
        if kind == Kind::Connect {
            return 0;
        }
        let Some(entry) = self.descriptors.get(slot.descriptor) else {
            return libc::EBADF;
        };
        if entry.closing {
            return libc::ECANCELED;
        }
        let buffer = &self.buffers[key.index()];
        let reads = matches!(kind, Kind::Read | Kind::ReadAt);
        if reads && buffer.len() == buffer.capacity() {
            return NO_ROOM;
        }
        match (&entry.handle, kind) {
            // The kernel's offsets have a sign, and to io_uring -1 is *here*.
            (_, Kind::ReadAt | Kind::WriteAt) if slot.word > i64::MAX as u64 => {
                libc::EINVAL
            }
            (Handle::File(_), Kind::ReadAt | Kind::WriteAt) => 0,
            (_, Kind::ReadAt | Kind::WriteAt) => libc::ESPIPE,
            (Handle::File(_), Kind::Accept | Kind::Receive) => libc::ENOTSOCK,
            (Handle::File(_), _) => libc::EINVAL,
            _ => 0,
        }
    }
    // ANCHOR_END: admit

    /// The numbers of those that are done next, `most` of them.
    #[inline]
    pub(super) fn done_next(&self, most: usize) -> impl Iterator<Item = u32> {
        let mut index = self.done.first();
        let numbers = std::iter::from_fn(move || {
            let this = (index != NONE).then_some(index)?;
            index = self.slots[this as usize].next;
            Some(this)
        });
        numbers.take(most)
    }

    /// The next that is done. It is in no list any more, and its callback is called now.
    #[inline]
    pub(super) fn next_done(&mut self) -> Option<u32> {
        let index = self.done.pop(&mut self.slots)?;
        self.slots[index as usize].place = Place::Nowhere;
        Some(index)
    }

    /// After the callback said `Rearm`: into the queue again, or, if there is a cancel, one
    /// last call.
    #[inline]
    pub(super) fn rearm(&mut self, index: u32) {
        self.happens(index, Event::Rearm);
        let slot = &mut self.slots[index as usize];
        if slot.cancels != NONE {
            slot.code = libc::ECANCELED;
            self.happens(index, Event::Cancel);
        } else if slot.kind == Kind::Timer {
            self.next_period(index);
        } else {
            slot.progress = 0;
        }
    }

    /// The end of an operation after its last callback. Its cancels are answered; the
    /// descriptor that must be closed now, if there is one.
    #[inline]
    pub(super) fn retire(&mut self, index: u32, was_cancelled: bool) -> Option<Key> {
        if self.slots[index as usize].cancels != NONE {
            self.answer_all(index, was_cancelled);
        }
        let leaves = self.leave(index);
        self.happens(index, Event::Disarm);
        let slot = &mut self.slots[index as usize];
        match slot.kind {
            Kind::Connect => drop(self.addresses.remove(Key::from_user(slot.word))),
            Kind::Async if slot.word != NO_ASYNC => {
                self.notices[slot.word as usize].operations -= 1;
            }
            _ => {}
        }
        self.active -= 1;
        // The last tenant keeps its generation, and nobody comes after it.
        if slot.generation < u32::MAX {
            slot.generation += 1;
            self.free.push(index);
        }
        leaves
    }

    /// The operation does not work on its descriptor any more. The descriptor, if that was
    /// the last one, and it shall be closed.
    #[inline]
    pub(super) fn leave(&mut self, index: u32) -> Option<Key> {
        let slot = &mut self.slots[index as usize];
        let descriptor = std::mem::replace(&mut slot.descriptor, NO_KEY);
        if descriptor == NO_KEY {
            return None;
        }
        // Nobody has heard of a connection that was not made.
        let unknown = slot.kind == Kind::Connect && slot.code != 0;
        let entry = self.descriptors.get_mut(descriptor)?;
        entry.closing |= unknown;
        entry.operations -= 1;
        (entry.closing && entry.operations == 0).then_some(descriptor)
    }

    /// A descriptor of the loop's own, on which `key` works from now on: a connection that is
    /// being made.
    pub(super) fn open(&mut self, key: Key, entry: Entry) -> Key {
        let descriptor = self.descriptors.insert(entry);
        if let Some(entry) = self.descriptors.get_mut(descriptor) {
            entry.operations = 1;
        }
        self.slots[key.index()].descriptor = descriptor;
        descriptor
    }

    /// Puts an operation in flight into the line of its descriptor.
    #[inline]
    pub(super) fn link(&mut self, key: Key) {
        self.put(key.index() as u32, Place::Descriptor);
    }

    /// Who stands behind it in its line.
    pub(super) fn behind(&self, key: Key) -> Option<Key> {
        let next = self.slots[key.index()].next;
        (next != NONE).then(|| self.key(next))
    }

    /// The first in line.
    #[inline]
    pub(super) fn first(&mut self, descriptor: Key, side: Side) -> Option<Key> {
        let index = self
            .descriptors
            .get_mut(descriptor)?
            .line(side)
            .waiting
            .first();
        (index != NONE).then(|| self.key(index))
    }

    /// The list of that name, for the operation in this slot.
    #[inline]
    fn put(&mut self, index: u32, place: Place) {
        let slot = &mut self.slots[index as usize];
        debug_assert_eq!(slot.place, Place::Nowhere, "in one list at a time");
        slot.place = place;
        let (descriptor, side, word) =
            (slot.descriptor, slot.kind.side(), slot.word);
        match place {
            Place::Queued => self.queued.push(&mut self.slots, index),
            Place::Done => self.done.push(&mut self.slots, index),
            Place::Descriptor => {
                if let Some(entry) = self.descriptors.get_mut(descriptor) {
                    entry.line(side).waiting.push(&mut self.slots, index);
                }
            }
            Place::Async => {
                let list = &mut self.notices[word as usize].waiting;
                list.push(&mut self.slots, index);
            }
            Place::Target | Place::Nowhere => slot.next = NONE,
        }
    }

    #[inline]
    fn take_out(&mut self, index: u32) {
        let slot = &mut self.slots[index as usize];
        let place = std::mem::replace(&mut slot.place, Place::Nowhere);
        let (descriptor, side, word) =
            (slot.descriptor, slot.kind.side(), slot.word);
        match place {
            Place::Queued => self.queued.remove(&mut self.slots, index),
            Place::Done => self.done.remove(&mut self.slots, index),
            Place::Descriptor => {
                if let Some(entry) = self.descriptors.get_mut(descriptor) {
                    entry.line(side).waiting.remove(&mut self.slots, index);
                }
            }
            Place::Async => {
                let list = &mut self.notices[word as usize].waiting;
                list.remove(&mut self.slots, index);
            }
            Place::Target | Place::Nowhere => {}
        }
    }
}

#[inline]
const fn key(index: u32, generation: u32) -> Key {
    Key::from_user((generation as u64) << 32 | index as u64)
}

#[inline]
const fn generation(key: Key) -> u32 {
    (key.to_user() >> 32) as u32
}
