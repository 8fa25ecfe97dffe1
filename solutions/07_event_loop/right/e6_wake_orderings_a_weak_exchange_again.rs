//! The weak exchange, made again as long as it fails for no reason.

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use super::ground::os::WakeCell;

/// The loop runs, and will look at the word.
const AWAKE: u32 = 0;
/// It sleeps, or is about to.
const ASLEEP: u32 = 1;
/// Somebody has called.
const NOTIFIED: u32 = 2;

/// What a loop shares with those who wake it.
#[derive(Debug)]
pub struct Handshake {
    word: AtomicU32,
    cell: WakeCell,
}

impl Handshake {
    /// The loop is awake, and nobody has called.
    pub fn new() -> Self {
        Self {
            word: AtomicU32::new(AWAKE).named("word"),
            cell: WakeCell::new().named("cell"),
        }
    }

    /// Sees to it that the loop looks at what there is to do.
    pub fn wake(&self) {
        if self.word.swap(NOTIFIED, Release) == ASLEEP {
            self.cell.wake();
        }
    }

    /// Sleeps until somebody has called. Only the loop's thread calls this.
    pub fn wait(&self) {
        loop {
            match self
                .word
                .compare_exchange_weak(AWAKE, ASLEEP, Relaxed, Relaxed)
            {
                Ok(_) => {
                    self.cell.wait();
                    break;
                }
                Err(AWAKE) => {}
                Err(_) => break,
            }
        }
        self.word.swap(AWAKE, Acquire);
    }

    /// Whether somebody has called. For a loop that has other things to do, and so does not
    /// sleep. Only its thread calls this.
    pub fn heard(&self) -> bool {
        if self.word.load(Relaxed) != NOTIFIED {
            return false;
        }
        self.word.swap(AWAKE, Acquire);
        true
    }
}

// --- to here ---
