//! The second version once more, without a fast path, and with what can be wrong about it.
#![allow(unsafe_code, reason = "wrong versions hand out a cell")]

use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};

use self::Slip::*;
use super::{Lock, MOST_READERS};
use crate::ground::atomic::{
    AtomicU32,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
};
use crate::ground::cell::UnsafeCell;
use crate::ground::futex;

/// What a version does differently.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Slip {
    /// Nothing.
    Right,
    /// Readers don't look whether a writer waits.
    ReadersPass,
    /// Who wakes a writer takes the mark away, so that readers get in before that one.
    UnmarksEarly,
    /// A writer that gets in leaves the mark to others, though there may be none.
    NeverUnmarks,
    /// A writer that gets in takes the mark away, though others may wait.
    ForgetsTheOthers,
    /// A writer counts itself when it has set the mark.
    CountsLate,
    /// The last reader wakes nobody.
    LastReaderIsQuiet,
    /// A writer that leaves wakes no reader.
    WriterWakesNoReader,
    /// It wakes one reader.
    WriterWakesOneReader,
    /// A writer is woken, but `wakes` stays as it is.
    WakesWithoutANumber,
    /// The number changes, and the writer is woken, before the lock is free.
    WakesEarly,
    /// A writer reads the number after its last look at the word.
    NumberAfterTheLook,
    /// A writer that leaves makes the word zero, whatever marks are on it.
    StoresZero,
    /// A reader sleeps without a mark.
    SleepsUnmarked,
    /// A reader that leaves loads and stores.
    LeavesInTwoSteps,
    /// A writer gets in while one reader is in.
    ToleratesOne,
    /// A writer has slept once, and goes in.
    GoesInAfterASleep,
    /// There is no limit to readers.
    CountsTooFar,
    /// A writer that stays to read gives the lock back and comes again.
    LeavesAndComesBack,
    /// A writer that stays to read wakes nobody.
    StaysQuietly,
}

const READER: u32 = 1;
const READERS: u32 = WRITER - 1;
const WRITER: u32 = MOST_READERS as u32 + 1;
const READERS_WAIT: u32 = 1 << 30;
const WRITERS_WAIT: u32 = 1 << 31;

pub(super) struct Wrong {
    slip: Slip,
    state: AtomicU32,
    wakes: AtomicU32,
    waiting: AtomicU32,
    value: UnsafeCell<u32>,
}

// SAFETY: none. The explorer is to find that out.
unsafe impl Sync for Wrong {}

impl Wrong {
    pub(super) fn new(slip: Slip) -> Self {
        Self {
            slip,
            state: AtomicU32::new(0),
            wakes: AtomicU32::new(0),
            waiting: AtomicU32::new(0),
            value: UnsafeCell::new(0),
        }
    }

    /// Changes the word if it is `from`. Returns what it was.
    fn change(&self, from: u32, to: u32) -> Result<u32, u32> {
        // ORDERING: AcqRel is enough for all: pairs with that of `change` by others, and with
        // the Release in `reader_leaves` and `take_to_write`.
        self.state.compare_exchange(from, to, AcqRel, Relaxed)
    }

    fn keeps_readers_out(&self, state: u32) -> bool {
        let passes = self.slip == ReadersPass;
        state & WRITER != 0 || !passes && state & WRITERS_WAIT != 0
    }

    fn is_free(&self, state: u32) -> bool {
        let most = u32::from(self.slip == ToleratesOne);
        state & WRITER == 0 && state & READERS <= most
    }

    fn take_to_read(&self) {
        let mut state = 0;
        loop {
            let waits = self.keeps_readers_out(state);
            let is_full = state & READERS == READERS && self.slip != CountsTooFar;
            assert!(waits || !is_full, "too many readers");
            let to = match (waits, self.slip) {
                (false, _) => state + READER,
                (true, SleepsUnmarked) => state,
                (true, _) => state | READERS_WAIT,
            };
            match self.change(state, to) {
                Ok(_) if !waits => return,
                Ok(_) => {
                    futex::wait(&self.state, to);
                    // ORDERING: Relaxed. A guess; `change` decides.
                    state = self.state.load(Relaxed);
                }
                Err(now) => state = now,
            }
        }
    }

    fn take_to_write(&self) {
        if self.change(0, WRITER).is_ok() {
            return;
        }
        if self.slip != CountsLate {
            // ORDERING: Relaxed. As in the right version.
            self.waiting.fetch_add(1, Relaxed);
        }
        let mut is_counted = self.slip != CountsLate;
        loop {
            // ORDERING: Release, as in the right version; pairs with `change`.
            let mut state =
                self.state.fetch_or(WRITERS_WAIT, Release) | WRITERS_WAIT;
            if !is_counted {
                // ORDERING: Relaxed: it is too late with any.
                self.waiting.fetch_add(1, Relaxed);
                is_counted = true;
            }
            while self.is_free(state) {
                let keeps = self.slip == NeverUnmarks;
                let marks = if keeps { state } else { state & !WRITERS_WAIT };
                match self.change(state, marks | WRITER) {
                    Ok(_) => return self.is_in(),
                    Err(now) => state = now,
                }
            }
            // ORDERING: Acquire, as in the right version; pairs with `wake_writer`.
            let mut wakes = self.wakes.load(Acquire);
            // ORDERING: Relaxed. Behind the load of `wakes`.
            let look = self.state.load(Relaxed);
            if self.slip == NumberAfterTheLook {
                // ORDERING: Acquire, too late; pairs with `wake_writer`.
                wakes = self.wakes.load(Acquire);
            }
            if self.is_free(look) {
                continue;
            }
            futex::wait(&self.wakes, wakes);
            if self.slip == GoesInAfterASleep {
                // ORDERING: Acquire; pairs with `change`.
                self.state.fetch_or(WRITER, Acquire);
                return self.is_in();
            }
        }
    }

    /// A writer that was counted is in.
    fn is_in(&self) {
        // ORDERING: Relaxed. As in the right version.
        let others = self.waiting.fetch_sub(1, Relaxed) > 1;
        if others && self.slip != ForgetsTheOthers {
            // ORDERING: Relaxed. As in the right version.
            self.state.fetch_or(WRITERS_WAIT, Relaxed);
        }
    }

    fn reader_leaves(&self) {
        let before = if self.slip == LeavesInTwoSteps {
            // ORDERING: Relaxed: two steps are wrong with any.
            let before = self.state.load(Relaxed);
            // ORDERING: Release; pairs with `change`.
            self.state.store(before - READER, Release);
            before
        } else {
            // ORDERING: Release pairs with `change`.
            self.state.fetch_sub(READER, Release)
        };
        let was_last = before & !READERS_WAIT == WRITERS_WAIT | READER;
        if was_last && self.slip != LastReaderIsQuiet {
            self.wake_writer();
        }
    }

    fn writer_leaves(&self, stays: u32) {
        if self.slip == WakesEarly {
            self.wake_writer();
        }
        if self.slip == StoresZero {
            // ORDERING: Release pairs with `change`.
            self.state.store(stays, Release);
            return;
        }
        let mut state = WRITER;
        loop {
            let writers_wait = state & WRITERS_WAIT != 0;
            let marks = if writers_wait { state & !WRITER } else { 0 };
            match self.change(state, marks | stays) {
                Ok(_) if writers_wait && stays == 0 && self.slip != WakesEarly => {
                    self.wake_writer();
                }
                Ok(_) if !writers_wait && state & READERS_WAIT != 0 => {
                    self.wake_readers(stays);
                }
                Ok(_) => {}
                Err(now) => {
                    state = now;
                    continue;
                }
            }
            return;
        }
    }

    fn wake_readers(&self, stays: u32) {
        match self.slip {
            WriterWakesNoReader => {}
            StaysQuietly if stays != 0 => {}
            WriterWakesOneReader => futex::wake_one(&self.state),
            _ => futex::wake_all(&self.state),
        }
    }

    fn wake_writer(&self) {
        if self.slip == UnmarksEarly {
            // ORDERING: Release; pairs with `change`.
            self.state.fetch_and(!WRITERS_WAIT, Release);
        }
        if self.slip != WakesWithoutANumber {
            // ORDERING: Release pairs with the load in `take_to_write`.
            self.wakes.fetch_add(1, Release);
        }
        futex::wake_one(&self.wakes);
    }
}

pub(super) struct Reads<'a>(&'a Wrong);
pub(super) struct Writes<'a>(&'a Wrong);

impl Lock for Wrong {
    type Read<'a> = Reads<'a>;
    type Write<'a> = Writes<'a>;

    fn read(&self) -> Reads<'_> {
        self.take_to_read();
        Reads(self)
    }

    fn try_read(&self) -> Option<Reads<'_>> {
        let mut state = 0;
        while !self.keeps_readers_out(state) && state & READERS != READERS {
            match self.change(state, state + READER) {
                Ok(_) => return Some(Reads(self)),
                Err(now) => state = now,
            }
        }
        None
    }

    fn write(&self) -> Writes<'_> {
        self.take_to_write();
        Writes(self)
    }

    fn try_write(&self) -> Option<Writes<'_>> {
        self.change(0, WRITER).ok().map(|_| Writes(self))
    }

    fn downgrade(writer: Self::Write<'_>) -> Self::Read<'_> {
        let lock = writer.0;
        if lock.slip == LeavesAndComesBack {
            drop(writer);
            return lock.read();
        }
        let _stays = ManuallyDrop::new(writer);
        lock.writer_leaves(READER);
        Reads(lock)
    }
}

impl Deref for Reads<'_> {
    type Target = u32;

    fn deref(&self) -> &u32 {
        // SAFETY: none, as above.
        self.0.value.with(|value| unsafe { &*value })
    }
}

impl Deref for Writes<'_> {
    type Target = u32;

    fn deref(&self) -> &u32 {
        // SAFETY: none, as above.
        self.0.value.with(|value| unsafe { &*value })
    }
}

impl DerefMut for Writes<'_> {
    fn deref_mut(&mut self) -> &mut u32 {
        // SAFETY: none, as above.
        self.0.value.with_mut(|value| unsafe { &mut *value })
    }
}

impl Drop for Reads<'_> {
    fn drop(&mut self) {
        self.0.reader_leaves();
    }
}

impl Drop for Writes<'_> {
    fn drop(&mut self) {
        self.0.writer_leaves(0);
    }
}
