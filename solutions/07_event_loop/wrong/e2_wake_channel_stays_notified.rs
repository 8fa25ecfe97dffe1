//! must say: a loop in recv that has all letters does not sleep
//!
//! The word never says again that the loop is awake, and so it never announces that it sleeps.

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
        //
        //
        if self.word.swap(NOTIFIED, Release) == ASLEEP {
            self.cell.wake();
        }
    }

    /// Waits for letters, and takes all of them. Only the loop's thread calls this.
    pub fn recv(&self) -> u32 {
        loop {
            self.word.fetch_or(0, Acquire);
            let letters = self.post.take();
            if letters != 0 {
                return letters;
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
