//! 11.3 (repair): an answer that lies there.
//!
//! Handler threads put their answers into an inbox, and the loop comes for them. When it has
//! nothing to do it sleeps, until its bell rings. The bell is given, in
//! `exercises/11_pooled_server/given/bell.rs`, and there is nothing wrong with it. The inbox was
//! written in an afternoon; and once in some weeks a client waits for its answer until
//! somebody else asks for something.
//!
//! Goal:
//!
//! - `push` puts a message in, and sees to it that the loop comes for it. Any number of threads
//!   call it.
//! - `take` waits for messages, and appends all that are there to `into`, those of one thread in
//!   the order in which it has pushed them. It never returns without one. What is in `into`
//!   already stays there.
//! - `look` does the same, and does not wait: it is for a loop that has other things to do. It
//!   is called again and again, so as long as nobody has rung it takes no lock.
//! - No message lies there for ever: whether the loop sleeps in `take`, or calls `look` when all
//!   those that push have returned.
//! - Of several that push before the loop has come, one rings: the word of the bell is shared by
//!   all threads, and to wake the loop is a system call.
//!
//! One thread, the loop, calls `take` and `look`.
//!
//! Edit between the markers only. About 15 lines change, 20 minutes.
//! Stuck? `cargo hint 11.3`, three levels.
//!
//! A failing run prints the interleaving in columns, below for instance
//! ```text
//! DEADLOCK: main waits at e3_completion_wake.rs:71 in wait(cell); nobody is left who could
//! end this
//! ```

#[path = "../../../exercises/11_pooled_server/given/bell.rs"]
pub mod given;

pub use given::Bell;

// --- edit from here ---

use super::ground::Named as _;
use super::ground::sync::{Arc, Mutex};

/// Where messages for a loop lie.
#[derive(Debug)]
pub struct Inbox<M> {
    messages: Mutex<Vec<M>>,
    bell: Arc<Bell>,
}

impl<M> Inbox<M> {
    /// An empty one, of the loop that hears this bell.
    pub fn new(bell: Arc<Bell>) -> Self {
        Self {
            messages: Mutex::new(Vec::new()).named("messages"),
            bell,
        }
    }

    /// Puts a message in.
    pub fn push(&self, message: M) {
        let is_first = self.messages.lock().unwrap().is_empty();
        if is_first {
            self.bell.ring();
        }
        self.messages.lock().unwrap().push(message);
    }

    /// Waits for messages, and appends all of them.
    pub fn take(&self, into: &mut Vec<M>) {
        self.bell.wait();
        self.look(into);
    }

    /// Appends all messages that are there.
    pub fn look(&self, into: &mut Vec<M>) {
        if self.bell.is_rung() {
            into.extend(self.messages.lock().unwrap().pop());
            self.bell.silence();
        }
    }
}

// --- to here ---
