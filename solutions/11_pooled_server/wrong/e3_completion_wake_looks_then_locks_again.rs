//! the model must say: DEADLOCK: main waits at e3_completion_wake_looks_then_locks_again.rs:
//!
//! Looks under one lock and puts it in under another: the loop may have emptied it in
//! between, and nobody rings.

#[path = "../../../exercises/11_pooled_server/given/bell.rs"]
pub mod given;

pub use given::Bell;

// --- edit from here ---

use super::ground::Named as _;
use super::ground::sync::{Arc, Mutex};

#[derive(Debug)]
pub struct Inbox<M> {
    messages: Mutex<Vec<M>>,
    bell: Arc<Bell>,
}

impl<M> Inbox<M> {
    pub fn new(bell: Arc<Bell>) -> Self {
        Self {
            messages: Mutex::new(Vec::new()).named("messages"),
            bell,
        }
    }

    pub fn push(&self, message: M) {
        let is_first = self.messages.lock().unwrap().is_empty();
        self.messages.lock().unwrap().push(message);
        if is_first {
            self.bell.ring();
        }
    }

    pub fn take(&self, into: &mut Vec<M>) {
        self.bell.wait();
        self.look(into);
    }

    pub fn look(&self, into: &mut Vec<M>) {
        if self.bell.is_rung() {
            self.bell.silence();
            into.append(&mut self.messages.lock().unwrap());
        }
    }
}

// --- to here ---
