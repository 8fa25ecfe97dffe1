//! the model must say: 1 was pushed, nobody has closed anything, and take() returned None
//!
//! Who wakes up has a job: so it was for everybody who has never seen a wake-up for no
//! reason.

// --- edit from here ---

use std::collections::VecDeque;

use super::ground::Named as _;
use super::ground::sync::{Condvar, Mutex, MutexGuard, PoisonError};

#[derive(Debug)]
pub struct Dispatch<J> {
    most: usize,
    state: Mutex<State<J>>,
    came: Condvar,
}

#[derive(Debug)]
struct State<J> {
    waiting: VecDeque<J>,
    busy: usize,
    is_closed: bool,
}

impl<J> Dispatch<J> {
    pub fn new(cap: usize, threads: usize) -> Self {
        let state = State {
            waiting: VecDeque::new(),
            busy: 0,
            is_closed: false,
        };
        Self {
            most: cap.saturating_add(threads),
            state: Mutex::new(state).named("state"),
            came: Condvar::new().named("came"),
        }
    }

    fn state(&self) -> MutexGuard<'_, State<J>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn push(&self, batch: &mut Vec<J>) {
        let mut state = self.state();
        if state.is_closed {
            return;
        }
        let room = self.most - state.waiting.len() - state.busy;
        let count = room.min(batch.len());
        state.waiting.extend(batch.drain(..count));
        drop(state);
        if count > 0 {
            self.came.notify_one();
        }
    }

    pub fn take(&self) -> Option<J> {
        let mut state = self.state();
        if state.waiting.is_empty() && !state.is_closed {
            state = self
                .came
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        loop {
            if let Some(job) = state.waiting.pop_front() {
                state.busy += 1;
                let others_wait = !state.waiting.is_empty();
                drop(state);
                if others_wait {
                    self.came.notify_one();
                }
                return Some(job);
            }
            return None;
        }
    }

    pub fn done(&self) {
        self.state().busy -= 1;
    }

    pub fn close(&self) {
        self.state().is_closed = true;
        self.came.notify_all();
    }
}

// --- to here ---
