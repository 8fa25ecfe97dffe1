//! Job by job: is a thread free that nobody waits for, or is there room to wait?

// --- edit from here ---

use std::collections::VecDeque;

use super::ground::sync::{Condvar, Mutex};

#[derive(Debug)]
pub struct Dispatch<J> {
    cap: usize,
    state: Mutex<State<J>>,
    came: Condvar,
}

#[derive(Debug)]
struct State<J> {
    free: usize,
    waiting: VecDeque<J>,
    is_open: bool,
}

impl<J> Dispatch<J> {
    pub fn new(cap: usize, threads: usize) -> Self {
        let state = State {
            free: threads,
            waiting: VecDeque::new(),
            is_open: true,
        };
        Self {
            cap,
            state: Mutex::new(state),
            came: Condvar::new(),
        }
    }

    pub fn push(&self, batch: &mut Vec<J>) {
        let mut state = self.state.lock().unwrap();
        while state.is_open && !batch.is_empty() {
            let without_a_thread = state.waiting.len().saturating_sub(state.free);
            if state.waiting.len() >= state.free && without_a_thread >= self.cap {
                break;
            }
            state.waiting.push_back(batch.remove(0));
            self.came.notify_one();
        }
    }

    pub fn take(&self) -> Option<J> {
        let state = self.state.lock().unwrap();
        let mut state = self
            .came
            .wait_while(state, |state| state.waiting.is_empty() && state.is_open)
            .unwrap();
        let job = state.waiting.pop_front()?;
        state.free -= 1;
        Some(job)
    }

    pub fn done(&self) {
        self.state.lock().unwrap().free += 1;
    }

    pub fn close(&self) {
        self.state.lock().unwrap().is_open = false;
        self.came.notify_all();
    }
}
// --- to here ---
