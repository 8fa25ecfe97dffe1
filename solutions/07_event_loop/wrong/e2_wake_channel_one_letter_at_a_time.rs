//! must say: letters 0, 7, 31 are there, nobody else sends, and recv returned letter 0
//!
//! Nothing is lost, and each letter has a round of its own.

#[path = "../../../exercises/07_event_loop/given/post.rs"]
pub mod given;

pub use given::Post;

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use super::ground::os::WakeCell;

/// The loop is awake, and nobody has sent since it looked.
const AWAKE: u32 = 0;
/// It sleeps, or is about to: whoever sends has to call.
const ASLEEP: u32 = 1;
/// Somebody has sent. The loop looks once more before it sleeps, or has been called.
const NOTIFIED: u32 = 2;

/// A loop, as its senders see it.
#[derive(Debug)]
pub struct Channel {
    post: Post,
    /// What the loop does: [`AWAKE`], [`ASLEEP`] or [`NOTIFIED`].
    word: AtomicU32,
    /// What it sleeps on.
    cell: WakeCell,
}

impl Channel {
    /// A channel without letters.
    pub fn new() -> Self {
        Self {
            post: Post::new(),
            word: AtomicU32::new(AWAKE).named("word"),
            cell: WakeCell::new().named("cell"),
        }
    }

    /// Sends a letter, which is not on its way so far, and sees to it that the loop comes
    /// for it.
    pub fn send(&self, letter: u32) {
        self.post.put(letter);
        if self.word.swap(NOTIFIED, Release) == ASLEEP {
            self.cell.wake();
        }
    }

    /// Waits for letters, and takes all of them. Only the loop's thread calls this.
    pub fn recv(&self) -> u32 {
        loop {
            self.word.swap(AWAKE, Acquire);
            let letters = self.post.take();
            if letters != 0 {
                let mut others = letters & (letters - 1);
                while others != 0 {
                    self.post.put(others.trailing_zeros());
                    others &= others - 1;
                }
                return 1 << letters.trailing_zeros();
            }
            let announced =
                self.word.compare_exchange(AWAKE, ASLEEP, Relaxed, Relaxed);
            if announced.is_ok() {
                self.cell.wait();
            }
        }
    }
}

// --- to here ---
