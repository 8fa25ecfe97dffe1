//! Operations that the clock ends.

use std::hint::black_box;

use super::super::life::{Event, Life};
use super::super::operation::{Kind, Place};
use super::{BATCH, Core};
use crate::event::Key;

impl Core {
    /// A period after it was due; those that have been missed are left out.
    #[inline]
    pub(super) fn next_period(&mut self, index: u32) {
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
    pub(in crate::completion) fn start_timer(&mut self, key: Key, now: u64) {
        let slot = &mut self.slots[key.index()];
        slot.progress = now
            .saturating_add(slot.word)
            .max(self.now.saturating_add(1));
        let when = slot.progress;
        self.timers.insert(when, key);
    }

    /// Changes when a timer is due, and its period.
    pub(in crate::completion) fn reset_timer(
        &mut self,
        key: Key,
        period: u64,
    ) -> bool {
        self.withdraw();
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

    /// The next timers that are due are done, [`BATCH`] at most. How many it were.
    #[inline]
    pub(in crate::completion) fn fire(&mut self) -> usize {
        let Some(first) = self.timers.pop_due(self.now) else {
            return 0;
        };
        let (mut due, mut count) = ([first; BATCH], 1);
        while count < BATCH
            && let Some(key) = self.timers.pop_due(self.now)
        {
            due[count] = key;
            count += 1;
        }
        // Of many timers each slot is far away. So all are asked for before the first is
        // waited for.
        let far = due[..count].iter().map(|key| self.slots[key.index()].next);
        black_box(far.fold(0, u32::wrapping_add));
        for key in &due[..count] {
            self.finish_code(*key, 0);
        }
        count
    }
}
