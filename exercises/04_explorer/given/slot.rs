//! Given for 04.4: a place for one value, and five ways to get it wrong.
//!
//! ```text
//!             put                      take
//!   EMPTY ----------> BUSY -> FULL ----------> BUSY -> EMPTY
//!          claims it    fills it    claims it    empties it
//! ```

#![allow(
    unsafe_code,
    reason = "the value is moved in and out through a pointer"
)]

use std::fmt;

use super::super::ground::Named as _;
use super::super::ground::atomic::{
    AtomicU32,
    Ordering::{self, Acquire, Relaxed, Release},
};
use super::super::ground::cell::UnsafeCell;

const EMPTY: u32 = 0;
/// Somebody is moving a value in or out.
const BUSY: u32 = 1;
const FULL: u32 = 2;

/// What may be wrong with a [`Slot`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bug {
    /// Nothing is.
    None,
    /// `put` fills the slot without publishing what it wrote.
    FillsRelaxed,
    /// `take` empties the slot without publishing that it has read.
    EmptiesRelaxed,
    /// `put` claims the slot in two steps.
    PutsInTwoSteps,
    /// `take` claims the value in two steps.
    TakesInTwoSteps,
    /// `take` leaves the slot as it was claimed.
    StaysBusy,
}

/// A place for one value.
pub struct Slot {
    state: AtomicU32,
    value: UnsafeCell<u32>,
    bug: Bug,
}

// SAFETY: the cell is used only by the thread that changed `state` to BUSY, and nobody
// else changes it from there. (So says the right version. That is what is to be tested.)
unsafe impl Sync for Slot {}

/// Says nothing of what is inside: a model finds the bug by what the slot does.
impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Slot")
    }
}

impl Slot {
    /// An empty slot. Your models are given one and do not call this.
    pub fn with(bug: Bug) -> Self {
        Self {
            state: AtomicU32::new(EMPTY).named("state"),
            value: UnsafeCell::new(0).named("value"),
            bug,
        }
    }

    /// Puts `value` in, unless there is one already, or somebody is busy.
    pub fn try_put(&self, value: u32) -> bool {
        if !self.claim(EMPTY, self.bug == Bug::PutsInTwoSteps) {
            return false;
        }
        // SAFETY: the slot was claimed, so nobody else uses the cell.
        self.value.with_mut(|place| unsafe { *place = value });
        let release = self.unless(Bug::FillsRelaxed, Release);
        // ORDERING: Release publishes the value; pairs with the Acquire in `claim`.
        self.state.store(FULL, release);
        true
    }

    /// Takes the value out, unless there is none, or somebody is busy.
    pub fn try_take(&self) -> Option<u32> {
        if !self.claim(FULL, self.bug == Bug::TakesInTwoSteps) {
            return None;
        }
        // SAFETY: the slot was claimed, so nobody else uses the cell.
        let value = self.value.with(|place| unsafe { *place });
        if self.bug != Bug::StaysBusy {
            let release = self.unless(Bug::EmptiesRelaxed, Release);
            // ORDERING: Release says that the value was read; pairs with the Acquire in
            // `claim`.
            self.state.store(EMPTY, release);
        }
        Some(value)
    }

    /// Makes the state BUSY if it is `from`.
    fn claim(&self, from: u32, in_two_steps: bool) -> bool {
        if in_two_steps {
            // ORDERING: Acquire; pairs with the Release stores in `try_put` and
            // `try_take`.
            let free = self.state.load(Acquire) == from;
            if free {
                // ORDERING: Relaxed. What was acquired above is enough.
                self.state.store(BUSY, Relaxed);
            }
            return free;
        }
        // ORDERING: Acquire; pairs with the Release stores in `try_put` and `try_take`.
        // Relaxed if it fails: then nothing is read.
        let claimed = self.state.compare_exchange(from, BUSY, Acquire, Relaxed);
        claimed.is_ok()
    }

    fn unless(&self, bug: Bug, right: Ordering) -> Ordering {
        if self.bug == bug { Relaxed } else { right }
    }
}
