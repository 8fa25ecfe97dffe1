//! the model must say: 1, 2 and 3 were pushed, and take() into [7] has made it [1, 2, 3]
//!
//! Puts its own list in the place of the other one.

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
        if is_first {
            self.bell.ring();
        }
    }

    pub fn take(&self, into: &mut Vec<M>) {
        let mut all = Vec::new();
        while all.is_empty() {
            self.bell.wait();
            self.look(&mut all);
        }
        *into = all;
    }

    pub fn look(&self, into: &mut Vec<M>) {
        if self.bell.is_rung() {
            self.bell.silence();
            *into = std::mem::take(&mut *self.messages.lock().unwrap());
        }
    }
}

// --- to here ---
