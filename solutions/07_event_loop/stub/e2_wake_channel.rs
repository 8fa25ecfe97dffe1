//! 07.2 (implement): a channel that wakes the loop, and loses nothing.
//!
//! Other threads have letters for a loop. The loop sleeps in the kernel when it has nothing
//! to do, and to wake it is a system call; here the kernel's part is a `WakeCell`, a counter
//! with a wait, as an `eventfd` is. So a sender calls only if the loop sleeps, or is about
//! to. One word says what the loop does.
//!
//! Goal:
//!
//! - `recv` returns all letters that are there. If there are none, it sleeps in
//!   `WakeCell::wait`, and does not ask again and again. It never returns without a letter.
//! - No letter lies there while the loop sleeps, whoever sends when.
//! - While the loop is awake, `send` does not call `WakeCell::wake`, and `recv` does not call
//!   `WakeCell::wait` if it finds letters. Of many that send while it sleeps, one calls.
//!
//! One thread calls `recv`, any number of others `send`. No lock. The box for the letters is
//! given, in `exercises/07_event_loop/given/post.rs`: `put` there publishes a letter by
//! `Release`, and orders nothing else. The names below are a suggestion.
//!
//! Edit between the markers only. About 20 lines, 25 minutes.
//! Stuck? `cargo hint 07.2`, three levels.
//!
//! A failing run prints the interleaving in columns, below for instance
//! ```text
//! DEADLOCK: main waits at e2_wake_channel.rs:72 in wait(cell); nobody is left who could
//! end this
//! ```

#[path = "../../../exercises/07_event_loop/given/post.rs"]
pub mod given;

pub use given::Post;

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::AtomicU32;
use super::ground::os::WakeCell;

/// The loop is awake, and nobody has sent since it looked.
const AWAKE: u32 = 0;

/// A loop, as its senders see it.
#[derive(Debug)]
pub struct Channel {
    post: Post,
    /// What the loop does: [`AWAKE`], or what you make of it.
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
        todo!("put {letter} into {:?}, look at {:?}", self.post, self.word)
    }

    /// Waits for letters, and takes all of them. Only the loop's thread calls this.
    pub fn recv(&self) -> u32 {
        todo!("take from {:?}, or sleep on {:?}", self.post, self.cell)
    }
}

// --- to here ---
