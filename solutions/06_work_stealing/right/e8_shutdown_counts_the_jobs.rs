//! Counts the jobs that are accepted and that nobody has got.

#[path = "../../../exercises/06_work_stealing/given/queue.rs"]
pub mod given;

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{AtomicU32, Ordering::SeqCst};
use given::Queue;

const SHUT: u32 = 1;
const JOB: u32 = 2;

pub struct Pool<J> {
    queue: Queue<J>,
    state: AtomicU32,
}

impl<J> Pool<J> {
    pub fn new() -> Self {
        Self {
            queue: Queue::new(),
            state: AtomicU32::new(0).named("state"),
        }
    }

    pub fn spawn(&self, job: J) -> Result<(), J> {
        let accept = |state| (state & SHUT == 0).then_some(state + JOB);
        if self.state.fetch_update(SeqCst, SeqCst, accept).is_err() {
            return Err(job);
        }
        self.queue.push(job);
        self.queue.ring();
        Ok(())
    }

    pub fn next(&self) -> Option<J> {
        loop {
            let rings = self.queue.rings();
            if let Some(job) = self.queue.pop() {
                if self.state.fetch_sub(JOB, SeqCst) == JOB + SHUT {
                    self.queue.ring();
                }
                return Some(job);
            }
            if self.state.load(SeqCst) == SHUT {
                return None;
            }
            self.queue.sleep(rings);
        }
    }

    pub fn shutdown(&self) {
        self.state.fetch_or(SHUT, SeqCst);
        self.queue.ring();
    }

    pub fn shutdown_now(&self) -> Vec<J> {
        self.shutdown();
        let jobs = self.queue.take_all();
        self.state.fetch_sub(JOB * jobs.len() as u32, SeqCst);
        self.queue.ring();
        jobs
    }
}

// --- to here ---
