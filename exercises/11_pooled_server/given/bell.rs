//! Given for 11.3: what wakes a loop, as chapter 07 has built it. One word says whether the loop
//! sleeps, and whether somebody has rung; a [`WakeCell`] is what it sleeps on.

use std::sync::atomic::AtomicUsize;

use super::super::ground::Named as _;
use super::super::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use super::super::ground::os::WakeCell;

/// Nobody has rung since it was silenced.
const SILENT: u32 = 0;
/// The same, and the loop sleeps or is about to.
const ASLEEP: u32 = 1;
/// Somebody has rung.
const RUNG: u32 = 2;

/// Rung by any thread, heard by one loop.
#[derive(Debug)]
pub struct Bell {
    word: AtomicU32,
    cell: WakeCell,
    /// How often it has rung, for the graders: no part of the model.
    rings: AtomicUsize,
}

impl Bell {
    /// Silent.
    pub fn new() -> Self {
        Self {
            word: AtomicU32::new(SILENT).named("bell"),
            cell: WakeCell::new().named("cell"),
            rings: AtomicUsize::new(0),
        }
    }

    /// Rings. A loop that sleeps wakes up, which is a system call; one that is awake finds it
    /// rung when it looks. Once it is rung, to ring it again changes nothing.
    #[track_caller]
    pub fn ring(&self) {
        // ORDERING: Relaxed. A number.
        self.rings.fetch_add(1, Relaxed);
        // ORDERING: Release publishes what was done before; pairs with the swap in `silence`.
        if self.word.swap(RUNG, Release) == ASLEEP {
            self.cell.wake();
        }
    }

    /// Whether it is rung. Only a look, which takes up nothing of what the other threads did.
    #[track_caller]
    pub fn is_rung(&self) -> bool {
        // ORDERING: Relaxed. What was done before the ring is taken up by the swap in `silence`.
        self.word.load(Relaxed) == RUNG
    }

    /// Silences it, and says whether it was rung. What was done before the ring is visible from
    /// here on. Only the loop's thread calls this.
    #[track_caller]
    pub fn silence(&self) -> bool {
        // ORDERING: Acquire pairs with the Release swap in `ring`.
        self.word.swap(SILENT, Acquire) == RUNG
    }

    /// Sleeps until it is rung, unless it is already. It stays rung. Only the loop's thread
    /// calls this.
    #[track_caller]
    pub fn wait(&self) {
        loop {
            // ORDERING: Relaxed, twice. A ring and this exchange are steps of one word, and the
            // second one sees the first.
            let was = self.word.compare_exchange(SILENT, ASLEEP, Relaxed, Relaxed);
            if was == Err(RUNG) {
                return;
            }
            self.cell.wait();
        }
    }

    /// How often it has rung so far.
    pub fn rings(&self) -> usize {
        // ORDERING: Relaxed. A number.
        self.rings.load(Relaxed)
    }
}
