//! the model must say: nobody has come for them: the bell has rung 3 times, and it has to be 1
//!
//! Each message rings.

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
        let mut messages = self.messages.lock().unwrap();
        let is_first = messages.is_empty();
        messages.push(message);
        drop(messages);
        let _ = is_first;
        self.bell.ring();
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
