//! the model must say: push([1, 2, 3]) accepted [], and it has to be [1, 2]
//!
//! Free is who sleeps in `take`. Who is still on the way there is not counted.

// --- edit from here ---

use std::collections::VecDeque;

use super::ground::Named as _;
use super::ground::sync::{Condvar, Mutex, MutexGuard, PoisonError};

#[derive(Debug)]
pub struct Dispatch<J> {
    cap: usize,
    state: Mutex<State<J>>,
    came: Condvar,
}

#[derive(Debug)]
struct State<J> {
    waiting: VecDeque<J>,
    asleep: usize,
    is_closed: bool,
}

impl<J> Dispatch<J> {
    pub fn new(cap: usize, threads: usize) -> Self {
        let _ = threads;
        let state = State {
            waiting: VecDeque::new(),
            asleep: 0,
            is_closed: false,
        };
        Self {
            cap,
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
        let room = (self.cap + state.asleep).saturating_sub(state.waiting.len());
        let count = room.min(batch.len());
        state.waiting.extend(batch.drain(..count));
        drop(state);
        if count > 0 {
            self.came.notify_one();
        }
    }

    pub fn take(&self) -> Option<J> {
        let mut state = self.state();
        loop {
            if let Some(job) = state.waiting.pop_front() {
                let others_wait = !state.waiting.is_empty();
                drop(state);
                if others_wait {
                    self.came.notify_one();
                }
                return Some(job);
            }
            if state.is_closed {
                return None;
            }
            state.asleep += 1;
            state = self
                .came
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
            state.asleep -= 1;
        }
    }

    pub fn done(&self) {}

    pub fn close(&self) {
        self.state().is_closed = true;
        self.came.notify_all();
    }
}

// --- to here ---
