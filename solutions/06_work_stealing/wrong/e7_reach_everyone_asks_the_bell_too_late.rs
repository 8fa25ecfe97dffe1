//! the model must say: LOST WAKE-UP: thread 1 sleeps at e7_reach_everyone_asks_the_bell_too_late.rs:
//!
//! Looks, and then asks how often it has rung.

#[path = "../../../exercises/06_work_stealing/given/queues.rs"]
pub mod given;

// --- edit from here ---

use given::{Bell, Queue};

/// Workers without their threads: what they share.
#[derive(Debug)]
pub struct Pool<J> {
    /// One for each worker.
    queues: Vec<Queue<J>>,
    bell: Bell,
}

impl<J> Pool<J> {
    /// A pool of so many workers, without a job.
    pub fn of(workers: usize) -> Self {
        Self {
            queues: (0..workers).map(|_| Queue::new()).collect(),
            bell: Bell::new(),
        }
    }

    /// Adds jobs to the queue of worker `to`. Anybody may call this.
    pub fn push_all(&self, to: usize, jobs: Vec<J>) {
        self.queues[to].push_all(jobs);
        self.bell.ring_for_all();
    }

    /// A job for worker `me`: its own, else one of somebody else.
    pub fn find(&self, me: usize) -> Option<J> {
        let workers = self.queues.len();
        let mut peers = (1..workers).map(|step| (me + step) % workers);
        let own = self.queues[me].pop();
        own.or_else(|| peers.find_map(|peer| self.queues[peer].steal()))
    }

    /// The next job for worker `me`, which sleeps until there is one.
    pub fn next(&self, me: usize) -> J {
        loop {
            let rings = self.bell.rings();
            if let Some(job) = self.find(me) {
                return job;
            }
            self.bell.sleep(self.bell.rings());
        }
    }
}

// --- to here ---
