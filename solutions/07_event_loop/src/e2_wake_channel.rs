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
        // An exchange, also where the word is NOTIFIED already.
        //
        // Rejected: a load first, to save it. It publishes nothing: the loop may have taken
        // up the earlier NOTIFIED, and then look for letters without seeing this one.
        //
        // ORDERING: Release publishes that the letter is there; pairs with the Acquire swap
        // in `recv`.
        if self.word.swap(NOTIFIED, Release) == ASLEEP {
            self.cell.wake();
        }
    }

    /// Waits for letters, and takes all of them. Only the loop's thread calls this.
    pub fn recv(&self) -> u32 {
        loop {
            // Before the look: who sends from now on is told of by the word.
            // ORDERING: Acquire takes up what was sent before NOTIFIED; pairs with the
            // Release swap in `send`. A store would take up nothing.
            self.word.swap(AWAKE, Acquire);
            let letters = self.post.take();
            if letters != 0 {
                return letters;
            }
            // ORDERING: Relaxed, twice. Only one of the two comes first in this word, an
            // exchange here or one in `send`, and the loser sees it.
            let announced =
                self.word.compare_exchange(AWAKE, ASLEEP, Relaxed, Relaxed);
            if announced.is_ok() {
                self.cell.wait();
            }
        }
    }
}

// --- to here ---
