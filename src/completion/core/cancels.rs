//! Cancels: each is an operation that waits for the end of another one.

use std::hint::black_box;
use std::mem;

use super::super::life::{self, Action, Event};
use super::super::operation::{Kind, NO_KEY, NONE, Place};
use super::{BATCH, Core};
use crate::event::Key;

/// `Answer` as an outcome.
pub(in crate::completion) const ANSWER_CANCELLED: u64 = 0;
pub(in crate::completion) const ANSWER_TOO_LATE: u64 = 1;
pub(in crate::completion) const ANSWER_DEAD: u64 = 2;

impl Core {
    /// Puts a cancel into a slot. It works on no descriptor and has no buffer, and it is
    /// handed over at once: no queue sees it.
    #[inline]
    pub(in crate::completion) fn submit_cancel(&mut self, user: u64) -> Key {
        let index = self.take_slot(Kind::Cancel, user);
        let slot = &mut self.slots[index as usize];
        slot.descriptor = NO_KEY;
        (slot.life, _) = life::next(slot.life, Event::Submit);
        (slot.life, _) = life::next(slot.life, Event::HandOver);
        self.key(index)
    }

    // ANCHOR: cancel
    /// A cancel of `target`: what of it the loop can do alone. Whether somebody else must be
    /// asked for the target.
    #[inline]
    pub(in crate::completion) fn cancel(
        &mut self,
        target: Key,
        cancel: Key,
    ) -> bool {
        // The heap knows which keys have a timer. So a timer's slot, which may be far away,
        // is not looked at now, but with those of others.
        if self.timers.remove(target) {
            self.withdrawn.push((target, cancel));
            if self.withdrawn.len() == BATCH {
                self.withdraw();
            }
            return false;
        }
        self.withdraw();
        self.cancel_slot(target, cancel)
    }

    fn cancel_slot(&mut self, target: Key, cancel: Key) -> bool {
        // A key of another loop may be the one that this cancel has here.
        let other = if target == cancel { NO_KEY } else { target };
        let Some(slot) = self.operation(other) else {
            self.answer(cancel.index() as u32, ANSWER_DEAD);
            return false;
        };
        let kind = slot.kind;
        self.attach(target, cancel);
        // Nobody can stop a cancel: it is answered when its own target ends.
        if kind == Kind::Cancel {
            return false;
        }
        match self.happens(target.index() as u32, Event::Cancel) {
            Action::Withdraw => {
                self.slots[target.index()].code = libc::ECANCELED;
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

    /// Timers that were cancelled are done.
    #[inline]
    pub(in crate::completion) fn withdraw(&mut self) {
        if !self.withdrawn.is_empty() {
            self.withdraw_all();
        }
    }

    fn withdraw_all(&mut self) {
        let mut withdrawn = mem::take(&mut self.withdrawn);
        // All are asked for before the first is waited for.
        let far = withdrawn
            .iter()
            .map(|(target, _)| self.slots[target.index()].next);
        black_box(far.fold(0, u32::wrapping_add));
        for (target, cancel) in withdrawn.drain(..) {
            self.attach(target, cancel);
            self.happens(target.index() as u32, Event::Cancel);
            self.finish_code(target, libc::ECANCELED);
        }
        self.withdrawn = withdrawn;
    }

    /// Puts `cancel` behind those that wait for `target` already. The last is where the first
    /// says.
    #[inline]
    fn attach(&mut self, target: Key, cancel: Key) {
        let cancel = cancel.index() as u32;
        self.put(cancel, Place::Target);
        let slot = &mut self.slots[target.index()];
        let first = match slot.cancels {
            NONE => {
                slot.cancels = cancel;
                cancel
            }
            first => {
                let last = self.slots[first as usize].previous;
                self.slots[last as usize].next = cancel;
                first
            }
        };
        self.slots[first as usize].previous = cancel;
    }

    #[inline]
    pub(super) fn answer(&mut self, cancel: u32, answer: u64) {
        self.slots[cancel as usize].value = answer;
        self.happens(cancel, Event::Result);
    }

    /// The end of what they waited for: each has its answer.
    pub(super) fn answer_all(&mut self, index: u32, was_cancelled: bool) {
        let answer = match was_cancelled {
            true => ANSWER_CANCELLED,
            false => ANSWER_TOO_LATE,
        };
        let mut cancel = self.slots[index as usize].cancels;
        while cancel != NONE {
            let next = self.slots[cancel as usize].next;
            self.answer(cancel, answer);
            cancel = next;
        }
    }
}
