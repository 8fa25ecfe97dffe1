//! Operations that another thread ends: who waits for which `Async`.

use super::super::operation::{List, NO_ASYNC, NONE, OTHER_LOOP, Place};
use super::Core;
use crate::event::Key;

/// Who waits for one `Async`.
#[derive(Debug)]
pub(super) struct Notice {
    pub(super) waiting: List,
    /// How many operations are about it that are not over: also those that do not wait yet.
    pub(super) operations: u32,
    /// Somebody has notified while nobody waited.
    pub(super) pending: bool,
}

impl Core {
    /// Waits for an `Async`: done at once if it has been notified.
    pub(in crate::completion) fn wait_for(&mut self, key: Key) {
        let word = self.slots[key.index()].word;
        if word == NO_ASYNC {
            return self.finish_code(key, OTHER_LOOP);
        }
        let number = word as usize;
        if std::mem::take(&mut self.notices[number].pending) {
            self.finish(key, Ok(0));
        } else {
            self.put(key.index() as u32, Place::Async);
        }
    }

    /// An `Async` was notified: all who wait for it are done, or else the next.
    pub(in crate::completion) fn notified(&mut self, number: u32) {
        self.make_notice(number as usize);
        let mut index = self.notices[number as usize].waiting.first();
        self.notices[number as usize].pending = index == NONE;
        while index != NONE {
            let next = self.slots[index as usize].next;
            self.finish(self.key(index), Ok(0));
            index = next;
        }
    }

    /// Whether no operation is about the `Async` of this number.
    pub(in crate::completion) fn is_unused(&self, number: u32) -> bool {
        let notice = self.notices.get(number as usize);
        notice.is_none_or(|notice| notice.operations == 0)
    }

    /// An `Async` has this number from now on. What was said to the one before is nobody's.
    pub(in crate::completion) fn new_notice(&mut self, number: u32) {
        self.make_notice(number as usize);
        self.notices[number as usize].pending = false;
    }

    pub(super) fn make_notice(&mut self, number: usize) {
        while self.notices.len() <= number {
            self.notices.push(Notice {
                waiting: List::EMPTY,
                operations: 0,
                pending: false,
            });
        }
    }
}
