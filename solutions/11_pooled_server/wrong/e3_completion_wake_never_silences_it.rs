//! the model must say: the bell is still rung, so look() locks messages at e3_completion_wake_never_silences_it.rs
//!
//! Once it has rung, it rings for ever: each turn of the loop takes the lock for nothing.

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
        // Under one lock: whoever finds it empty is the first since the loop has emptied it,
        // and there is one of these.
        let mut messages = self.messages.lock().unwrap();
        let is_first = messages.is_empty();
        messages.push(message);
        drop(messages);
        // Behind the message, or the loop comes too early; and without the lock, or it comes
        // and waits for that.
        if is_first {
            self.bell.ring();
        }
    }

    /// Waits for messages, and appends all of them.
    pub fn take(&self, into: &mut Vec<M>) {
        // One round is enough. Between two emptyings one thread finds the inbox empty, so there
        // is one ring for each, and who has heard it finds what that thread has put in.
        self.bell.wait();
        self.look(into);
    }

    /// Appends all messages that are there.
    pub fn look(&self, into: &mut Vec<M>) {
        if self.bell.is_rung() {
            // All of them: who comes behind others does not ring.
            into.append(&mut self.messages.lock().unwrap());
        }
    }
}

// --- to here ---
