//! Right: announced first, looked once more, with a fence between the two on both sides.

#[path = "../../../exercises/07_event_loop/given/post.rs"]
pub mod given;

pub use given::Post;

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{
    AtomicBool,
    Ordering::{Relaxed, SeqCst},
    fence,
};
use super::ground::os::WakeCell;

#[derive(Debug)]
pub struct Channel {
    post: Post,
    sleeps: AtomicBool,
    cell: WakeCell,
}

impl Channel {
    pub fn new() -> Self {
        Self {
            post: Post::new(),
            sleeps: AtomicBool::new(false).named("sleeps"),
            cell: WakeCell::new().named("cell"),
        }
    }

    pub fn send(&self, letter: u32) {
        self.post.put(letter);
        fence(SeqCst);
        if self.sleeps.load(Relaxed) && self.sleeps.swap(false, Relaxed) {
            self.cell.wake();
        }
    }

    pub fn recv(&self) -> u32 {
        loop {
            let letters = self.post.take();
            if letters != 0 {
                return letters;
            }
            self.sleeps.store(true, Relaxed);
            fence(SeqCst);
            let letters = self.post.take();
            if letters == 0 {
                self.cell.wait();
                continue;
            }
            // Who has seen that it is about to sleep calls, or has called.
            if !self.sleeps.swap(false, Relaxed) {
                self.cell.wait();
            }
            return letters;
        }
    }
}

// --- to here ---
