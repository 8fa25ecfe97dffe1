//! Cancels: each is an operation that waits for the end of another one.

use super::super::life::{Action, Event};
use super::super::operation::{Kind, NONE, Place};
use super::Core;
use crate::event::Key;

/// `Answer` as an outcome.
pub(in crate::completion) const ANSWER_CANCELLED: u64 = 0;
pub(in crate::completion) const ANSWER_TOO_LATE: u64 = 1;
pub(in crate::completion) const ANSWER_DEAD: u64 = 2;

impl Core {
    // ANCHOR: cancel
    /// A cancel of `target`: what of it the loop can do alone. Whether somebody else must be
    /// asked for the target.
    pub(in crate::completion) fn cancel(
        &mut self,
        target: Key,
        cancel: Key,
    ) -> bool {
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
    pub(super) fn attach(&mut self, target: Key, cancel: Key) {
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
