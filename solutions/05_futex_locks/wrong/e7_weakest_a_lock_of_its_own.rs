//! must say: line 7 uses Barrier: what is asked for here waits for no lock
//!
//! A mutex and a condition variable have no orderings to choose.

// --- edit from here ---

use super::ground::sync::Barrier;

#[derive(Debug)]
pub struct Meeting {
    barrier: Barrier,
}

impl Meeting {
    pub fn of(threads: u32) -> Self {
        Self {
            barrier: Barrier::new(threads as usize),
        }
    }

    pub fn meet(&self) -> bool {
        self.barrier.wait().is_leader()
    }
}

// --- to here ---
