//! the model must say: ASSERTION: spawn(1) was accepted, and nobody has got job 1: all workers have left
//!
//! Released and acquired: still one may read that it is open, and the other that nobody spawns.

#[path = "../../../exercises/06_work_stealing/given/queue.rs"]
pub mod given;

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{
    AtomicU32,
    Ordering::{AcqRel, Acquire, Release},
};
use given::Queue;

pub struct Pool<J> {
    queue: Queue<J>,
    shut: AtomicU32,
    spawning: AtomicU32,
}

impl<J> Pool<J> {
    pub fn new() -> Self {
        Self {
            queue: Queue::new(),
            shut: AtomicU32::new(0).named("shut"),
            spawning: AtomicU32::new(0).named("spawning"),
        }
    }

    pub fn spawn(&self, job: J) -> Result<(), J> {
        self.spawning.fetch_add(1, AcqRel);
        let open = self.shut.load(Acquire) == 0;
        let result = if open {
            self.queue.push(job);
            Ok(())
        } else {
            Err(job)
        };
        self.spawning.fetch_sub(1, AcqRel);
        self.queue.ring();
        result
    }

    pub fn next(&self) -> Option<J> {
        loop {
            let rings = self.queue.rings();
            let shut = self.shut.load(Acquire) == 1;
            let is_last_look = shut && self.spawning.load(Acquire) == 0;
            if let Some(job) = self.queue.pop() {
                return Some(job);
            }
            if is_last_look {
                return None;
            }
            self.queue.sleep(rings);
        }
    }

    pub fn shutdown(&self) {
        self.shut.store(1, Release);
        self.queue.ring();
    }

    pub fn shutdown_now(&self) -> Vec<J> {
        self.shutdown();
        self.queue.take_all()
    }
}

// --- to here ---
