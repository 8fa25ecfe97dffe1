//! 07.6 (weakest ordering): a handshake that is right, and pays at each step.
//!
//! A loop and those who wake it share one word. All orderings are `SeqCst`, and there are
//! fences besides: that is right, and dearer than need be.
//!
//! Goal: it stays right, and no ordering in it is stronger than it has to be: whichever you
//! weaken by one step, the loop sleeps for ever, or does not see what somebody has written
//! before `wake`. There is more than one best answer, and any of them will do.
//!
//! - What was written before a `wake` is visible when the `wait` returns, or the `heard`
//!   returns true, that this call has brought about; also if it stands for several calls.
//! - What is done, and when, stays as it is, and so do the types (another operation of the
//!   same effect is fine). Orderings may be changed, fences taken out and put in. `wait`
//!   returns only if somebody has called.
//! - One step weaker is: for a load `SeqCst`, `Acquire`, `Relaxed`; for a store
//!   `SeqCst`, `Release`, `Relaxed`; for an exchange or a fence `SeqCst`, `AcqRel`, then
//!   `Acquire` or `Release`, then `Relaxed`, or no fence.
//! - One thread calls `wait` and `heard`, any number of others `wake`.
//!
//! Edit between the markers only. About 6 lines, 20 minutes.
//! Stuck? `cargo hint 07.6`, three levels.
//!
//! A failing run prints an interleaving that goes wrong, or for instance:
//! ```text
//! line 59, fence: SeqCst is stronger than it has to be, AcqRel would do
//! ```

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{AtomicU32, Ordering::SeqCst, fence};
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
        fence(SeqCst);
        if self.word.swap(NOTIFIED, SeqCst) == ASLEEP {
            self.cell.wake();
        }
    }

    /// Sleeps until somebody has called. Only the loop's thread calls this.
    pub fn wait(&self) {
        let announced = self.word.compare_exchange(AWAKE, ASLEEP, SeqCst, SeqCst);
        if announced.is_ok() {
            self.cell.wait();
        }
        self.word.swap(AWAKE, SeqCst);
        fence(SeqCst);
    }

    /// Whether somebody has called. For a loop that has other things to do, and so does not
    /// sleep. Only its thread calls this.
    pub fn heard(&self) -> bool {
        if self.word.load(SeqCst) != NOTIFIED {
            return false;
        }
        self.word.swap(AWAKE, SeqCst);
        fence(SeqCst);
        true
    }
}

// --- to here ---
