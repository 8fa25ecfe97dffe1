//! the model must say: DEADLOCK: main waits at e3_completion_wake_a_flag_that_is_cleared_too_late.rs:
//!
//! A flag says that somebody has rung. It is cleared when the messages are taken, and
//! whoever comes in between believes that another one has rung for him.

#[path = "../../../exercises/11_pooled_server/given/bell.rs"]
pub mod given;

pub use given::Bell;

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{AtomicBool, Ordering::SeqCst};
use super::ground::sync::{Arc, Mutex};

#[derive(Debug)]
pub struct Inbox<M> {
    messages: Mutex<Vec<M>>,
    bell: Arc<Bell>,
    announced: AtomicBool,
}

impl<M> Inbox<M> {
    pub fn new(bell: Arc<Bell>) -> Self {
        Self {
            messages: Mutex::new(Vec::new()).named("messages"),
            bell,
            announced: AtomicBool::new(false).named("announced"),
        }
    }

    pub fn push(&self, message: M) {
        self.messages.lock().unwrap().push(message);
        if !self.announced.swap(true, SeqCst) {
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
            self.announced.store(false, SeqCst);
        }
    }
}

// --- to here ---
