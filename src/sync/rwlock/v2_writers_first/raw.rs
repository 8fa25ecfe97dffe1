//! The words of the lock, and how they change: everything but the value.
//!
//! # Why no reader passes a writer that waits
//! 1. A writer that has to wait counts itself in `waiting` and then marks the word with
//!    `WRITERS_WAIT`, before each of its sleeps.
//! 2. While the word is marked, no reader gets in: `join`
//!    asks whether the whole word is a small number.
//! 3. The mark goes away only with a writer that was counted, in the step by which that one
//!    gets in. If others are counted, it sets the mark again at once; in between the lock is
//!    its own, so that no reader gets in then either.
//!
//! So from its mark until it is in, a writer sees readers leave, and none come.
//!
//! # Why nobody sleeps for ever
//! - A writer reads `wakes`, sees that the lock is taken, and sleeps while `wakes` is what
//!   it read. Whoever makes the lock free and sees the mark changes `wakes` *afterwards*. So
//!   either the writer reads the new number, and then sees the lock free, or its sleep
//!   ends.
//! - A reader sleeps while the word is what it marked with `READERS_WAIT`. That mark is
//!   taken away only together with the reason for it, by a writer that leaves (or turns
//!   into a reader) while no other waits; it wakes all.

use crate::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::ground::{const_new, futex, hint};
use crate::sync::held::{self, How};

// ANCHOR: word
/// One reader. The lower bits of the word count them.
const READER: u32 = 1;
/// The bits that count.
const READERS: u32 = WRITER - 1;
/// One more would look like a writer. (Few enough in a model to try it.)
const MOST_READERS: u32 = if cfg!(test) { 3 } else { READERS };
/// A writer is in.
const WRITER: u32 = 1 << 29;
/// Readers sleep on the word, because a writer is in or waits.
const READERS_WAIT: u32 = 1 << 30;
/// A writer waits. No reader may pass.
const WRITERS_WAIT: u32 = 1 << 31;
const MARKS: u32 = READERS_WAIT | WRITERS_WAIT;

/// The words of a lock.
///
/// | readers | `WRITER` | `WRITERS_WAIT` | `READERS_WAIT` | which means |
/// |---|---|---|---|---|
/// | 0 | | | | free |
/// | n | | | | n readers are in, and others may join |
/// | n | | yes | maybe | n are in, and nobody joins, since a writer waits |
/// | 0 | | yes | maybe | free, but for writers only: one of them is on its way |
/// | 0 | yes | maybe | maybe | a writer is in |
/// | any | | | yes | never: readers wait only for writers |
#[derive(Debug)]
pub(super) struct Raw {
    state: AtomicU32,
    /// Writers sleep on it. Changes when one of them is to look again.
    wakes: AtomicU32,
    /// How many writers wait, or are about to.
    waiting: AtomicU32,
}
// ANCHOR_END: word

/// How many pauses lie between the first two looks at a lock that is taken. Then four times
/// as many, and so on, as in the mutex: a look takes the word from the core that changes it.
const SHORTEST: u32 = if cfg!(test) { 1 } else { 4 };
/// How many pauses lie between two looks at most.
const LONGEST: u32 = if cfg!(test) { 1 } else { 256 };
/// How many pauses it takes until the thread sleeps: about as long as to sleep and wake up.
/// (One in a model: each look is a state.)
const PAUSES: u32 = if cfg!(test) { 1 } else { 2_048 };

fn is_free(state: u32) -> bool {
    state & (READERS | WRITER) == 0
}

impl Raw {
    const_new! {
        /// Free.
        pub(super) fn new() -> Self {
            Self {
                state: AtomicU32::new(0),
                wakes: AtomicU32::new(0),
                waiting: AtomicU32::new(0),
            }
        }
    }

    #[inline]
    #[cfg_attr(debug_assertions, track_caller)]
    pub(super) fn read(&self) {
        if let Err(state) = self.join() {
            if state != MOST_READERS {
                held::about_to_wait(self, How::Read);
            }
            self.read_contended(state);
        }
        held::taken(self, How::Read);
    }

    /// Whether it was taken to read.
    #[inline]
    #[cfg_attr(debug_assertions, track_caller)]
    pub(super) fn try_read(&self) -> bool {
        let taken = self.join().is_ok();
        if taken {
            held::taken(self, How::Read);
        }
        taken
    }

    // ANCHOR: read
    /// Takes it to read, unless the word says that this one must wait, or is one too many.
    #[inline]
    fn join(&self) -> Result<(), u32> {
        // A guess that is right while the lock is used little, and saves the look.
        let mut state = 0;
        while state < MOST_READERS {
            // ORDERING: Acquire pairs with the Release in `leave`. On failure Relaxed:
            // nothing is looked at.
            match self.state.compare_exchange_weak(
                state,
                state + READER,
                Acquire,
                Relaxed,
            ) {
                Ok(_) => return Ok(()),
                Err(now) => state = now,
            }
        }
        Err(state)
    }

    #[cold]
    fn read_contended(&self, mut state: u32) {
        // It is no use to look for long where others, who have done so, wait.
        let worth = |state| state & WRITER == 0 || state & MARKS != 0;
        loop {
            state = self.look(state, worth);
            if state < MOST_READERS {
                match self.join() {
                    Ok(()) => return,
                    Err(now) => state = now,
                }
            }
            assert!(state != MOST_READERS, "too many readers");
            let waits = state | READERS_WAIT;
            // ORDERING: Relaxed, both. A mark for `leave`; nothing else is told by it.
            let marked = self.state.compare_exchange(state, waits, Relaxed, Relaxed);
            if marked.is_ok() {
                futex::wait(&self.state, waits);
            }
            // ORDERING: Relaxed. A guess; `join` decides.
            state = self.state.load(Relaxed);
        }
    }
    // ANCHOR_END: read

    #[inline]
    #[cfg_attr(debug_assertions, track_caller)]
    pub(super) fn write(&self) {
        if let Err(state) = self.enter() {
            held::about_to_wait(self, How::Write);
            self.write_contended(state);
        }
        held::taken(self, How::Write);
    }

    /// Whether it was taken to write.
    #[inline]
    #[cfg_attr(debug_assertions, track_caller)]
    pub(super) fn try_write(&self) -> bool {
        let taken = self.enter_from(0);
        if taken {
            held::taken(self, How::Write);
        }
        taken
    }

    // ANCHOR: write
    #[inline]
    fn enter(&self) -> Result<u32, u32> {
        // ORDERING: Acquire pairs with the Release in `read_unlock` and in `leave`. On
        // failure Relaxed: nothing is looked at.
        self.state.compare_exchange(0, WRITER, Acquire, Relaxed)
    }

    #[cold]
    fn write_contended(&self, state: u32) {
        let worth = |state| is_free(state) || state & WRITERS_WAIT != 0;
        let state = self.look(state, worth);
        if self.enter_from(state) {
            return;
        }
        // ORDERING: Relaxed. The mark that follows publishes it, to `write_waited`.
        self.waiting.fetch_add(1, Relaxed);
        loop {
            // ORDERING: Release. Who sees the mark sees that this one is counted; pairs with
            // the Acquire in `write_waited`.
            let state = self.state.fetch_or(WRITERS_WAIT, Release);
            if is_free(state) && self.write_waited(state | WRITERS_WAIT) {
                return;
            }
            // ORDERING: Acquire. Who reads a new number sees that the lock came free; pairs
            // with the Release in `wake_writer`.
            let wakes = self.wakes.load(Acquire);
            // ORDERING: Relaxed. Behind the load of `wakes`.
            if !is_free(self.state.load(Relaxed)) {
                futex::wait(&self.wakes, wakes);
            }
        }
    }

    /// Takes it to write, for one that is counted in `waiting`, if it is free still.
    fn write_waited(&self, mut state: u32) -> bool {
        while is_free(state) {
            let taken = (state | WRITER) & !WRITERS_WAIT;
            // ORDERING: Acquire, as in `enter`; pairs with the Release in `read_unlock`, in
            // `leave`, and with that of each mark in `write_contended`.
            match self
                .state
                .compare_exchange_weak(state, taken, Acquire, Relaxed)
            {
                Ok(_) => {
                    // ORDERING: Relaxed. Each that has set a mark that this one took away is
                    // counted here: the exchange has ordered it.
                    if self.waiting.fetch_sub(1, Relaxed) > 1 {
                        // ORDERING: Relaxed. Its own `leave` is the next to look.
                        self.state.fetch_or(WRITERS_WAIT, Relaxed);
                    }
                    return true;
                }
                Err(now) => state = now,
            }
        }
        false
    }
    // ANCHOR_END: write

    /// Takes it to write if it is free, for one that is not counted: all marks stay.
    #[inline]
    fn enter_from(&self, mut state: u32) -> bool {
        while is_free(state) {
            // ORDERING: Acquire, as in `enter`; pairs with the Release in `read_unlock` and in
            // `leave`.
            match self.state.compare_exchange_weak(
                state,
                state | WRITER,
                Acquire,
                Relaxed,
            ) {
                Ok(_) => return true,
                Err(now) => state = now,
            }
        }
        false
    }

    // ANCHOR: unlock
    #[inline]
    pub(super) fn read_unlock(&self) {
        held::given_back(self, How::Read);
        // ORDERING: Release. This reader has looked when a writer gets in; pairs with the
        // Acquire in `enter` and in `write_waited`.
        let state = self.state.fetch_sub(READER, Release);
        if state & !READERS_WAIT == WRITERS_WAIT | READER {
            self.wake_writer();
        }
    }

    #[inline]
    pub(super) fn write_unlock(&self) {
        held::given_back(self, How::Write);
        self.leave(0);
    }

    /// The writer goes, or stays as a reader.
    #[inline]
    fn leave(&self, stays: u32) {
        // ORDERING: Release. What was written is there when the next gets in; pairs with the
        // Acquire in `join` and in `enter`. On failure Relaxed: only the marks are looked at.
        if let Err(state) =
            self.state.compare_exchange(WRITER, stays, Release, Relaxed)
        {
            self.leave_contended(state, stays);
        }
    }

    #[cold]
    fn leave_contended(&self, mut state: u32, stays: u32) {
        loop {
            // Readers go on waiting for the writer that waits, if there is one.
            let writers_wait = state & WRITERS_WAIT != 0;
            let marks = if writers_wait { state & !WRITER } else { 0 };
            // ORDERING: Release, as in `leave`; pairs with the Acquire in `join` and
            // in `write_waited`.
            match self.state.compare_exchange_weak(
                state,
                marks | stays,
                Release,
                Relaxed,
            ) {
                Ok(_) if !writers_wait => futex::wake_all(&self.state),
                Ok(_) if stays == 0 => self.wake_writer(),
                Ok(_) => {}
                Err(now) => {
                    state = now;
                    continue;
                }
            }
            return;
        }
    }

    #[cold]
    fn wake_writer(&self) {
        // ORDERING: Release. The lock came free before; pairs with the Acquire load in
        // `write_contended`.
        self.wakes.fetch_add(1, Release);
        futex::wake_one(&self.wakes);
    }
    // ANCHOR_END: unlock

    /// Turns the writer into a reader, without letting another writer in between.
    #[inline]
    #[cfg_attr(debug_assertions, track_caller)]
    pub(super) fn downgrade(&self) {
        held::given_back(self, How::Write);
        self.leave(READER);
        held::taken(self, How::Read);
    }

    /// Looks at the word now and then until it is `worth` going on, or this has taken long
    /// enough.
    fn look(&self, mut state: u32, worth: impl Fn(u32) -> bool) -> u32 {
        let (mut pauses, mut left) = (SHORTEST, PAUSES);
        while left > 0 && !worth(state) {
            for _ in 0..pauses {
                hint::spin_loop();
            }
            left = left.saturating_sub(pauses);
            pauses = LONGEST.min(4 * pauses);
            // ORDERING: Relaxed. A guess; an exchange decides.
            state = self.state.load(Relaxed);
        }
        state
    }
}
