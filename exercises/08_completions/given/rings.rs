//! Given for 08.4: the memory that a program and a kernel share, and the kernel's end of it.

#![allow(unsafe_code, reason = "an entry is plain memory, which is handed over")]

use super::super::ground::Named as _;
use super::super::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use super::super::ground::cell::UnsafeCell;

/// Two rings of the same size, a power of two. The four counts count on for ever, and begin
/// at 0 again behind `u32::MAX`. What has number n is in slot `n & mask`.
#[derive(Debug)]
pub struct Shared {
    /// How many entries the kernel has taken. Written by the kernel.
    pub sq_head: AtomicU32,
    /// How many entries the program has handed over. Written by the program.
    pub sq_tail: AtomicU32,
    /// How many completions the program has taken. Written by the program.
    pub cq_head: AtomicU32,
    /// How many completions the kernel has handed over. Written by the kernel.
    pub cq_tail: AtomicU32,
    entries: Box<[UnsafeCell<u32>]>,
    completions: Box<[UnsafeCell<u32>]>,
}

// SAFETY: a slot belongs to the one who reads as long as its number is between head and tail,
// and to the one who writes otherwise. So it is meant; whether the program keeps to it is
// what the explorer looks at.
unsafe impl Sync for Shared {}

impl Shared {
    /// Rings with so many slots each, whose counts begin at `start`.
    pub fn new(slots: u32, start: u32) -> Self {
        assert!(slots.is_power_of_two(), "{slots} is no power of two");
        let cells = |names: [&'static str; 2]| {
            let name = |slot: u32| names.get(slot as usize).copied();
            (0..slots)
                .map(|slot| UnsafeCell::new(0).named(name(slot).unwrap_or("a slot")))
                .collect()
        };
        Self {
            sq_head: AtomicU32::new(start).named("sq_head"),
            sq_tail: AtomicU32::new(start).named("sq_tail"),
            cq_head: AtomicU32::new(start).named("cq_head"),
            cq_tail: AtomicU32::new(start).named("cq_tail"),
            entries: cells(["entry 0", "entry 1"]),
            completions: cells(["completion 0", "completion 1"]),
        }
    }

    /// How many slots each ring has.
    pub fn slots(&self) -> u32 {
        self.entries.len() as u32
    }

    /// All bits of a slot's number.
    pub fn mask(&self) -> u32 {
        self.slots() - 1
    }

    /// Writes an entry, at the program's end.
    #[track_caller]
    pub fn write_entry(&self, slot: u32, word: u32) {
        let slots = self.slots();
        assert!(slot < slots, "there is no slot {slot}: there are {slots}");
        // SAFETY: the slot is the program's, or the explorer says so before it is written.
        self.entries[slot as usize].with_mut(|entry| unsafe { *entry = word });
    }

    /// Reads a completion, at the program's end.
    #[track_caller]
    pub fn read_completion(&self, slot: u32) -> u32 {
        let slots = self.slots();
        assert!(slot < slots, "there is no slot {slot}: there are {slots}");
        // SAFETY: the slot is the program's, or the explorer says so before it is read.
        self.completions[slot as usize].with(|completion| unsafe { *completion })
    }

    /// The kernel's turn: takes an entry and hands a completion over with the same word. False
    /// if there is no entry, or no room for a completion.
    pub fn kernel(&self) -> bool {
        // ORDERING: Relaxed, twice. Nobody but the kernel writes these two.
        let (taken, done) = (self.sq_head.load(Relaxed), self.cq_tail.load(Relaxed));
        // ORDERING: Acquire, so that a completion that the program has read is written over
        // only then; pairs with the Release store in `reap`.
        if done.wrapping_sub(self.cq_head.load(Acquire)) >= self.slots() {
            return false;
        }
        // ORDERING: Acquire takes the entry up; pairs with the Release store in `publish`.
        if self.sq_tail.load(Acquire) == taken {
            return false;
        }
        let slot = (taken & self.mask()) as usize;
        // SAFETY: the entry was handed over, or the explorer says so before it is read.
        let word = self.entries[slot].with(|entry| unsafe { *entry });
        // ORDERING: Release, so that the entry is written over only when it was read; pairs
        // with the Acquire load in `push`.
        self.sq_head.store(taken.wrapping_add(1), Release);
        let slot = (done & self.mask()) as usize;
        // SAFETY: there is room, or the explorer says so before it is written.
        self.completions[slot].with_mut(|completion| unsafe { *completion = word });
        // ORDERING: Release publishes the completion; pairs with the Acquire load in `reap`.
        self.cq_tail.store(done.wrapping_add(1), Release);
        true
    }
}
