//! Rings if there is one now; takes until nothing is left, and waits again if nothing came.

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
        messages.push(message);
        if messages.len() == 1 {
            drop(messages);
            self.bell.ring();
        }
    }

    pub fn take(&self, into: &mut Vec<M>) {
        let before = into.len();
        while into.len() == before {
            self.bell.wait();
            self.look(into);
        }
    }

    pub fn look(&self, into: &mut Vec<M>) {
        if self.bell.is_rung() {
            self.bell.silence();
            into.extend(self.messages.lock().unwrap().drain(..));
        }
    }
}

// --- to here ---
