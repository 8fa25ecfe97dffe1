//! Wakes only if somebody sleeps, and not more than that.

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
    asleep: usize,
    is_closed: bool,
}

impl<J> Dispatch<J> {
    pub fn new(cap: usize, threads: usize) -> Self {
        let state = State {
            waiting: VecDeque::new(),
            busy: 0,
            asleep: 0,
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
        let asleep = state.asleep;
        drop(state);
        for _ in 0..count.min(asleep) {
            self.came.notify_one();
        }
    }

    pub fn take(&self) -> Option<J> {
        let mut state = self.state();
        loop {
            if let Some(job) = state.waiting.pop_front() {
                state.busy += 1;
                drop(state);
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

    pub fn done(&self) {
        self.state().busy -= 1;
    }

    pub fn close(&self) {
        self.state().is_closed = true;
        self.came.notify_all();
    }
}

// --- to here ---
