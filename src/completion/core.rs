//! What a loop knows, whatever its state `S` is and whichever backend it has: slots, lists,
//! descriptors, timers.
//!
//! Nothing here calls back, and nothing here asks the kernel but for the time.

use std::io;
use std::time::{Duration, Instant};

use super::descriptors::{Addresses, Descriptors, Entry, Handle};
use super::life::{self, Action, Event, Life};
use super::operation::{
    Kind, List, NO_KEY, NO_ROOM, NONE, Operation, Place, Side, code,
};
use super::timers::Timers;
use crate::event::{Key, Slab};

/// Who waits for one `Async`.
#[derive(Debug)]
struct Notice {
    waiting: List,
    /// Somebody has notified while nobody waited.
    pending: bool,
}

#[derive(Debug)]
pub(super) struct Core {
    slots: Vec<Operation>,
    /// What the operations were given. Each is the slot's from submit to callback.
    buffers: Vec<Vec<u8>>,
    /// The free slot that was used last. They are linked by `next`.
    free: u32,
    active: usize,
    pub(super) queued: List,
    pub(super) done: List,
    pub(super) descriptors: Descriptors,
    pub(super) addresses: Addresses,
    pub(super) timers: Timers,
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
            free: NONE,
            active: 0,
            queued: List::EMPTY,
            done: List::EMPTY,
            descriptors: Slab::new(),
            addresses: Slab::new(),
            timers: Timers::new(),
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
        let index = match self.free {
            NONE => self.grow(),
            index => index,
        };
        let slot = &mut self.slots[index as usize];
        self.free = slot.next;
        slot.user = user;
        slot.descriptor = descriptor;
        slot.word = word;
        slot.progress = 0;
        slot.cancels = NONE;
        slot.kind = kind;
        slot.mark = 0;
        slot.code = 0;
        // What needs no buffer does not touch its place: there is nothing in it.
        if buffer.capacity() > 0 {
            self.buffers[index as usize] = buffer;
        }
        self.active += 1;
        let key = key(index, slot.generation);
        self.happens(index, Event::Submit);
        key
    }

    #[cold]
    fn grow(&mut self) -> u32 {
        assert!(self.slots.len() < NONE as usize, "a loop has no more slots");
        self.slots.push(Operation::FREE);
        self.buffers.push(Vec::new());
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
            Some(slot) if slot.generation == generation(key) => slot.life,
            _ => Life::Dead,
        }
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
            (Handle::File(_), Kind::ReadAt | Kind::WriteAt) => 0,
            (_, Kind::ReadAt | Kind::WriteAt) => libc::ESPIPE,
            (Handle::File(_), Kind::Accept | Kind::Receive) => libc::ENOTSOCK,
            (Handle::File(_), _) => libc::EINVAL,
            _ => 0,
        }
    }
    // ANCHOR_END: admit

    /// The next that is done. It is in no list any more, and its callback is called now.
    #[inline]
    pub(super) fn next_done(&mut self) -> Option<u32> {
        let index = self.done.first();
        if index == NONE {
            return None;
        }
        self.take_out(index);
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

    /// A period after it was due; those that have been missed are left out.
    #[inline]
    fn next_period(&mut self, index: u32) {
        let now = self.now;
        let slot = &mut self.slots[index as usize];
        let (period, due) = (slot.word, slot.progress);
        let next = due.saturating_add(period);
        slot.progress = match now.checked_sub(next) {
            None => next,
            // Not before the next tick.
            Some(_) if period == 0 => now.saturating_add(1),
            Some(late) => next.saturating_add((late / period + 1) * period),
        };
        self.happens(index, Event::HandOver);
        let (when, key) = (self.slots[index as usize].progress, self.key(index));
        self.timers.insert(when, key);
    }

    /// Begins a timer: `now` is a fresh look at the clock. It does not fire in this tick.
    #[inline]
    pub(super) fn start_timer(&mut self, key: Key, now: u64) {
        let slot = &mut self.slots[key.index()];
        slot.progress = now
            .saturating_add(slot.word)
            .max(self.now.saturating_add(1));
        let when = slot.progress;
        self.timers.insert(when, key);
    }

    /// Changes when a timer is due, and its period.
    pub(super) fn reset_timer(&mut self, key: Key, period: u64) -> bool {
        let Some(slot) = self.operation(key) else {
            return false;
        };
        if slot.kind != Kind::Timer || slot.life == Life::Done {
            return false;
        }
        slot.word = period;
        if slot.life == Life::InFlight {
            self.timers.remove(key);
            // Not a step of its life: it is as if it had been submitted now.
            self.slots[key.index()].life = Life::Queued;
            self.put(key.index() as u32, Place::Queued);
        }
        true
    }

    /// Timers that are due are done, `most` of them. How many it were.
    #[inline]
    pub(super) fn fire(&mut self, most: usize) -> usize {
        let now = self.now;
        for fired in 0..most {
            let Some(key) = self.timers.pop_due(now) else {
                return fired;
            };
            self.finish(key, Ok(0));
        }
        most
    }

    // ANCHOR: cancel
    /// A cancel of `target`: what of it the loop can do alone. Whether somebody else must be
    /// asked for the target.
    pub(super) fn cancel(&mut self, target: Key, cancel: Key) -> bool {
        let Some(slot) = self.operation(target) else {
            self.answer(cancel.index() as u32, ANSWER_DEAD);
            return false;
        };
        let kind = slot.kind;
        self.attach(target, cancel);
        // Nobody can stop a cancel: it is answered when its own target ends.
        if kind == Kind::Cancel {
            return false;
        }
        let index = target.index() as u32;
        let action = self.happens(index, Event::Cancel);
        match action {
            Action::Withdraw => {
                self.slots[target.index()].code = libc::ECANCELED;
            }
            Action::Ask if kind == Kind::Timer => {
                self.timers.remove(target);
                self.finish_code(target, libc::ECANCELED);
            }
            Action::Ask if kind == Kind::Async => {
                self.finish_code(target, libc::ECANCELED);
            }
            Action::Ask => return true,
            _ => {}
        }
        false
    }
    // ANCHOR_END: cancel

    /// Puts `cancel` behind those that wait for `target` already.
    fn attach(&mut self, target: Key, cancel: Key) {
        let cancel = cancel.index() as u32;
        self.happens(cancel, Event::HandOver);
        self.put(cancel, Place::Target);
        let first = self.slots[target.index()].cancels;
        if first == NONE {
            self.slots[target.index()].cancels = cancel;
            return;
        }
        let mut last = first;
        while self.slots[last as usize].next != NONE {
            last = self.slots[last as usize].next;
        }
        self.slots[last as usize].next = cancel;
    }

    fn answer(&mut self, cancel: u32, answer: u64) {
        self.slots[cancel as usize].value = answer;
        self.happens(cancel, Event::Result);
    }

    /// The end of an operation after its last callback. Its cancels are answered; the
    /// descriptor that must be closed now, if there is one.
    #[inline]
    pub(super) fn retire(&mut self, index: u32, was_cancelled: bool) -> Option<Key> {
        let mut cancel = self.slots[index as usize].cancels;
        while cancel != NONE {
            let next = self.slots[cancel as usize].next;
            let answer = if was_cancelled {
                ANSWER_CANCELLED
            } else {
                ANSWER_TOO_LATE
            };
            self.answer(cancel, answer);
            cancel = next;
        }
        let leaves = self.leave(index);
        self.happens(index, Event::Disarm);
        if self.slots[index as usize].kind == Kind::Connect {
            let address = Key::from_user(self.slots[index as usize].word);
            self.addresses.remove(address);
        }
        let slot = &mut self.slots[index as usize];
        self.active -= 1;
        // The last tenant keeps its generation, and nobody comes after it.
        if slot.generation < u32::MAX {
            slot.generation += 1;
            slot.next = self.free;
            self.free = index;
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
        let entry = self.descriptors.get_mut(descriptor)?;
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

    /// Takes it out of the line, wherever it stands. `finish` does so by itself.
    #[inline]
    #[allow(dead_code, reason = "for drivers")]
    pub(super) fn unlink(&mut self, key: Key) {
        self.take_out(key.index() as u32);
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

    /// Waits for an `Async`: done at once if it has been notified.
    pub(super) fn wait_for(&mut self, key: Key) {
        let number = self.slots[key.index()].word as usize;
        self.make_notice(number);
        if std::mem::take(&mut self.notices[number].pending) {
            self.finish(key, Ok(0));
        } else {
            self.put(key.index() as u32, Place::Async);
        }
    }

    /// An `Async` was notified: all who wait for it are done, or else the next.
    pub(super) fn notified(&mut self, number: u32) {
        self.make_notice(number as usize);
        let mut index = self.notices[number as usize].waiting.first();
        self.notices[number as usize].pending = index == NONE;
        while index != NONE {
            let next = self.slots[index as usize].next;
            self.finish(self.key(index), Ok(0));
            index = next;
        }
    }

    /// Whether nobody waits for the `Async` of this number.
    pub(super) fn is_unused(&self, number: u32) -> bool {
        let notice = self.notices.get(number as usize);
        notice.is_none_or(|notice| notice.waiting.is_empty())
    }

    /// An `Async` has this number from now on. What was said to the one before is nobody's.
    pub(super) fn new_notice(&mut self, number: u32) {
        self.make_notice(number as usize);
        self.notices[number as usize].pending = false;
    }

    fn make_notice(&mut self, number: usize) {
        while self.notices.len() <= number {
            self.notices.push(Notice {
                waiting: List::EMPTY,
                pending: false,
            });
        }
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

/// `Answer` as an outcome.
pub(super) const ANSWER_CANCELLED: u64 = 0;
pub(super) const ANSWER_TOO_LATE: u64 = 1;
pub(super) const ANSWER_DEAD: u64 = 2;

#[inline]
const fn key(index: u32, generation: u32) -> Key {
    Key::from_user((generation as u64) << 32 | index as u64)
}

#[inline]
const fn generation(key: Key) -> u32 {
    (key.to_user() >> 32) as u32
}
